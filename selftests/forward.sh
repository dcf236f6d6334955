#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Each forwarding method with each family and protocol, in the lab (lab.sh): a
# checksummed transfer of 100 MB each way, exact shares of many connections at
# once, hundreds of parallel HTTP connections.
#
# usage: forward.sh [PATTERN]	only the tests whose names match
# LVS_BULK=BYTES changes the size of the transfers.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lab.sh"
. "$(dirname "$0")/traffic.sh"

BYTES=${LVS_BULK:-104857600}

# Four ports for four services of one kind, so that all can be there together.
set_up_services()
{
	local method=$1 family=$2 proto=$3

	rule -C
	RPORT=$BULK_PORT rules_service "$method" "$family" "$proto" "$BULK_PORT" rr 1 1 1
	rules_service "$method" "$family" "$proto" "$NAME_PORT" wrr 3 2 1
	[ "$proto" != tcp ] || RPORT=80 rules_service "$method" "$family" tcp 80 rr 1 1 1
	[ "$method" != nat ] || rules_service nat "$family" "$proto" 9000 wrr 1 0 4
	rule -Z		# a server that comes back has its old counters
	apply
}

# transfer_counted PORT: one server has one connection and the bytes of a transfer.
transfer_counted()
{
	ctl -Ln --stats --exact | awk -v port=":$1" -v bytes="$BYTES" '
		$1 == "->" && substr($2, length($2) - length(port) + 1) == port {
			conns += $3
			# large segments stay whole: few packets for so many bytes
			if ($6 >= bytes && $6 < bytes * 1.25 && $4 < bytes / 4000)
				whole++
		}
		END { exit !(conns == 1 && whole == 1) }' && return
	ctl -Ln --stats --exact
	return 1
}

check_bulk()
{
	bulk "$1" "$2" "$BULK_PORT" "$BYTES" || return
	check "one connection with all the bytes" busywait 3000 transfer_counted "$BULK_PORT"
}

# Exact shares, whatever the order of arrival: 300 at once, weights 3 2 1.
check_shares()
{
	local method=$1 family=$2 options=()

	[ "$3" != udp ] || options=(-u)
	ask "$family" "$NAME_PORT" -n 300 -c 300 "${options[@]}"
	names_equal s1=150 s2=100 s3=50
	must -E "$(virtual "$family" "$3" "$NAME_PORT")" -s rr
	ask "$family" "$NAME_PORT" -n 300 -c 300 "${options[@]}"
	names_equal s1=100 s2=100 s3=100
	[ "$method" = nat ] || return
	ask "$family" 9000 -n 100 -c 100 "${options[@]}"
	names_equal s1=20 s3=80
}

# wrk opens one more connection, to try, than it was told to; on a slow machine
# its second is over before it has opened all of them.
http_counted()
{
	ctl -Ln --stats --exact | awk '$2 !~ /:80$/ { next }
		$1 == "->" { n++; sum += $3; if ($3 > most) most = $3; if (n == 1 || $3 < least) least = $3; next }
		{ all = $3 }
		END { exit !(n == 3 && sum == all && sum >= 200 && sum <= 301 && most <= least + 1) }' && return
	ctl -Ln --stats --exact
	return 1
}

# Hundreds of parallel HTTP connections, none of which fails.
check_http()
{
	local out i hits total=0

	web_forget
	out=$(in_ns "$client" wrk -t 2 -c 300 -d 1 --timeout 8 \
		"http://$(endpoint "$(vip "$1")" 80)/" 2>&1)
	! grep -q 'Socket errors\|Non-2xx' <<< "$out" ||
		fail "HTTP: $(grep 'Socket errors\|Non-2xx' <<< "$out")"
	for i in 1 2 3; do
		hits=$(web_hits "$i")
		total=$((total + hits))
		check_between "requests at server $i" "$hits" 1 1000000
	done
	check "a third of hundreds of connections at each server" busywait 3000 http_counted
	note "HTTP, IPv$1: $total requests in 300 connections"
}

forward()
{
	local method=$1 proto=$2 family=$3

	STOCK_SLACK=0
	[ "$proto" = tcp ] || STOCK_SLACK=4
	[ "$MODE" = "$method" ] || lab_mode "$method"
	MODE=$method
	set_up_services "$method" "$family" "$proto"
	check_bulk "$family" "$proto"
	check_shares "$method" "$family" "$proto"
	[ "$proto" != tcp ] || check_http "$family"
	drops_check "$director"
}

# Real packets instead of offloaded ones: checksums are computed on the
# director, segments are cut by it.
without_offload()
{
	local method=$1 family=$2 proto

	[ "$MODE" = "$method" ] || lab_mode "$method"
	MODE=$method
	offload off >/dev/null 2>&1
	defer offload on
	rule -C
	for proto in tcp udp; do
		RPORT=$BULK_PORT rules_service "$method" "$family" "$proto" "$BULK_PORT" rr 1 1 1
	done
	apply
	for proto in tcp udp; do
		bulk "$family" "$proto" "$BULK_PORT" $((BYTES / 16))
	done
	drops_check "$director"
}

# The director is one of the servers.
server_on_the_director()
{
	local family proto options

	[ "$MODE" = nat ] || lab_mode nat
	MODE=nat
	spawn "$director" "$BIN/who" -s d "$NAME_PORT"
	defer kill "$SPAWNED"
	busywait 5000 listens "$director" udp "$NAME_PORT" || fail "no server on the director"
	for family in 4 6; do
		for proto in tcp udp; do
			[ "$proto" = udp ] && options=(-u) || options=()
			rule -C
			rules_service nat "$family" "$proto" 9000 rr 1
			rule "-a $(virtual "$family" "$proto" 9000)" \
				"-r $(endpoint "$(dip "$family")" "$NAME_PORT") -m"
			rules_service dr "$family" "$proto" "$NAME_PORT" rr
			rule "-a $(virtual "$family" "$proto" "$NAME_PORT")" \
				"-r $(endpoint "$(dip "$family")" "$NAME_PORT") -g"
			apply
			ask "$family" 9000 -n 40 "${options[@]}"
			names_equal d=20 s1=20
			ask "$family" "$NAME_PORT" -n 20 "${options[@]}"
			names_equal d=20
		done
	done
	drops_check "$director"
}

# A client on the director itself is balanced, too.
client_on_the_director()
{
	local family proto options

	[ "$MODE" = nat ] || lab_mode nat
	MODE=nat
	for family in 4 6; do
		for proto in tcp udp; do
			[ "$proto" = udp ] && options=(-u) || options=()
			service_only nat "$family" "$proto" 9000 rr 1 1
			ASKED=$(in_ns "$director" "$BIN/who" -b "$(dip "$family")" -n 20 \
				"${options[@]}" "$(vip "$family")" 9000)
			names_equal s1=10 s2=10
		done
	done
	drops_check "$director"
}

# Its packets have no device yet when they are tunnelled. What the servers answer comes
# from an address of the director's own, so the director refuses it, as with stock.
client_on_the_director_of_a_tunnel()
{
	local family proto options i

	[ "$MODE" = tun ] || lab_mode tun
	MODE=tun
	for family in 4 6; do
		for proto in tcp udp; do
			[ "$proto" = udp ] && options=(-u) || options=()
			service_only tun "$family" "$proto" "$NAME_PORT" rr 1 1
			must -Z
			in_ns "$director" "$BIN/who" -b "$(dip "$family")" -n 4 -c 4 -r 0 -w 300 \
				"${options[@]}" "$(vip "$family")" "$NAME_PORT" >/dev/null 2>&1
			for i in 1 2; do
				check_equal "connections of server $i, $proto over IPv$family" \
					"$(dest_column "$director" 1 "$(rip "$family" "$i")" "$NAME_PORT")" 2
			done
		done
	done
	drops_check "$director"
}

dip()
{
	local -n address=DIP$1
	echo "$address"
}

offload()
{
	in_ns "$director" ethtool -K eth0 tx "$1" sg "$1" tso "$1" gso "$1" gro "$1"
}

MODE=
TESTS=()
for method in nat dr tun; do
	for family in 4 6; do
		for proto in tcp udp; do
			eval "${method}_${proto}_over_IPv$family() { forward $method $proto $family; }"
			TESTS+=("${method}_${proto}_over_IPv$family")
		done
		eval "${method}_over_IPv${family}_without_offload() { without_offload $method $family; }"
		TESTS+=("${method}_over_IPv${family}_without_offload")
	done
done

TESTS+=(server_on_the_director client_on_the_director client_on_the_director_of_a_tunnel)

lvs_load
lab_setup 3
traffic_servers
for i in 1 2 3; do
	web_start "$i"
done
mapfile -t TESTS < <(printf '%s\n' "${TESTS[@]}" | grep -e "${1:-.}")
tests_run "${TESTS[@]}"
