#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Configuration changes under traffic, connections from birth to expiry, the
# end of namespaces and of the module under load, in the lab (lab.sh).
#
# usage: lifecycle.sh [PATTERN]	only the tests whose names match

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lab.sh"
. "$(dirname "$0")/traffic.sh"

PORT=$NAME_PORT
CLOSING=7003	# there the servers close first

# Changes that do not concern server 1 and 2: other services, a server that
# comes and goes, weights and schedulers.
edits()
{
	local service i sched

	service=$(virtual 4 "$1" "$PORT")
	for i in 1 2 3 4 5 6 7 8 9 10; do
		for sched in wrr mh sh lc; do
			echo "-E $service -s $sched"
			echo "-a $service $(real 4 3 "$PORT") -m -w $i"
			echo "-e $service $(real 4 1 "$PORT") -m -w $((i * 3))"
			echo "-A -t $VIP4:$((3000 + i)) -s $sched"
			echo "-a -t $VIP4:$((3000 + i)) -r $(rip4 2):$PORT -m"
			echo "-e $service $(real 4 3 "$PORT") -m -w 0"
			echo "-d $service $(real 4 3 "$PORT")"
			echo "-D -t $VIP4:$((3000 + i))"
		done
	done
	echo "-E $service -s rr"
}

# edit_under_traffic PROTO: while connections are held and a transfer runs.
edit_under_traffic()
{
	local proto=$1 options=() transfer status=0

	STOCK_SLACK=0
	[ "$proto" = tcp ] || { options=(-u); STOCK_SLACK=4; }
	rule -C
	rules_service nat 4 "$proto" "$PORT" rr 1 1
	RPORT=$BULK_PORT rules_service nat 4 "$proto" "$BULK_PORT" rr 1 1
	apply
	hold held 4 "$PORT" -e -n 200 "${options[@]}"
	names_equal s1=100 s2=100
	source_next 4
	in_ns "$client" "$BIN/xfer" "${options[@]}" -b "$SOURCE" -n 100000000 \
		"$VIP4" "$BULK_PORT" >/dev/null 2>&1 &
	transfer=$!
	RULES=$(edits "$proto")$'\n'
	apply
	wait "$transfer" || status=$?
	check_equal "end of the transfer" "$status" 0
	release held || undisturbed_but_for_stock "$proto"
	ask 4 "$PORT" "${options[@]}" -n 10
	check_equal "unanswered afterwards" "$(asked failed)" 0
	drops_check "$director"
}

# Stock gives one UDP flow two connections when its packets meet on two CPUs.
undisturbed_but_for_stock()
{
	if [ "$LVS_MODULE" != stock ] || [ "$1" != udp ] || [ "$(asked lost)" -gt 4 ]; then
		fail "connections were disturbed: $ASKED"
	fi
}

TCP_is_not_disturbed_by_edits()
{
	edit_under_traffic tcp
}

UDP_is_not_disturbed_by_edits()
{
	edit_under_traffic udp
}

deleted_services_do_not_disturb_others()
{
	local i

	rule -C
	rules_service dr 4 tcp "$PORT" rr 1 1 1
	apply
	hold held 4 "$PORT" -e -n 100
	for i in 1 2 3; do
		rules_service nat 4 tcp 9000 rr 1 1 1
		rules_service nat 4 udp 9000 rr 1 1 1
		apply
		ask 4 9000 -n 50
		ask 4 9000 -u -n 50
		rule -D "$(virtual 4 tcp 9000)"
		rule -D "$(virtual 4 udp 9000)"
		apply
	done
	release held || fail "connections were disturbed: $ASKED"
	drops_check "$director"
}

# lifetime PATTERN LIMIT: seconds from now until no connection matches, in ms;
# at most LIMIT seconds are waited. Also the last time one was seen.
lifetime()
{
	# shellcheck disable=SC2016 # for the inner shell
	in_ns "$director" bash -c '
		begin=${EPOCHREALTIME/./} seen=0
		while :; do
			now=$(((${EPOCHREALTIME/./} - begin) / 1000)) found=
			while read -r line; do
				[[ $line =~ $1 ]] && found=1
			done </proc/net/ip_vs_conn
			[ -n "$found" ] && seen=$now
			[ -z "$found" ] || [ "$now" -gt $(($2 * 1000)) ] && break
			read -rt 0.05 <> <(:) || :
		done
		echo "$seen $now ${found:-0}"' lifetime "$1" "$2"
}

# expires_in WHAT UNITS PATTERN: what matches is gone after so many UNITs, within one and a half as seen from here.
expires_in()
{
	local seen gone left seconds=$(($2 * UNIT)) late=$((1500 * UNIT))

	read -r seen gone left <<< "$(lifetime "$3" $((seconds + 6 * UNIT)))"
	check_equal "$1: left" "$left" 0
	check_between "$1, $seconds s: last seen (ms)" "$seen" $((seconds * 1000 - late)) $((seconds * 1000 + late))
	note "$1, $seconds s: last seen after $seen ms, gone after $gone ms"
}

# Seconds. On a slow kernel making the connections alone takes some.
UNIT=$TEST_SLOW

connections_expire_on_time()
{
	rule -C
	rule --set $((5 * UNIT)) $((4 * UNIT)) $((3 * UNIT))
	rules_service nat 4 udp "$PORT" rr 1 1 1
	rules_service dr 4 tcp "$PORT" rr 1 1 1
	apply
	ask 4 "$PORT" -u -n 100 -c 100
	expires_in UDP 3 "^UDP $(hex4 "$SOURCE") .* UDP "
	# the director sees only the client's side of DR: FIN_WAIT
	ask 4 "$PORT" -n 100 -c 100
	expires_in FIN_WAIT 4 "^TCP $(hex4 "$SOURCE") .*FIN_WAIT"
	hold held 4 "$PORT" -n 50
	expires_in ESTABLISHED 5 "^TCP $(hex4 "$SOURCE") .*ESTABLISHED"
	release held
	# the tests that follow want connections that last
	must --set 900 120 300
	drops_check "$director"
}

all_counters_come_back_to_zero()
{
	rule -C
	rule --set 2 2 2
	rules_service nat 4 udp "$PORT" "rr -p 3" 1 1 1
	rules_service dr 6 tcp "$PORT" wlc 3 2 1
	rules_service tun 6 udp "$PORT" mh 1 1 1
	apply
	ask 4 "$PORT" -u -n 300 -c 300
	ask 6 "$PORT" -n 300 -c 300
	ask 6 "$PORT" -u -n 300 -c 300
	check "the end of all connections" busywait 12000 no_conns " 1B58 "
	check "counters at 0" busywait 2000 no_counts || note "$(ctl -Ln --persistent-conn)"
	must --set 900 120 300
	drops_check "$director"
}

# Each has the client port of the one before. A director that is in the way delays all of
# them by the second after which a SYN is sent again; a machine that stands still, one or two.
reused()
{
	check_equal "unanswered $1" "$(asked failed)" 0
	check_between "late $1" "$(asked late)" 0 2
	note "slowest $1: $(asked slowest) ms"
}

client_port_is_reused_at_once()
{
	local method family=4

	for method in nat dr; do
		rule -C
		RPORT=$CLOSING rules_service "$method" "$family" tcp "$CLOSING" rr 1 1 1
		apply
		ask "$family" "$CLOSING" -E -n 30 -c 1 -p 30000 -P
		reused "over $method"
		# The same, closed by a reset. On another CPU, the next SYN would overtake it.
		ASK_BY=(taskset -c 1)
		ask "$family" "$CLOSING" -R -n 30 -c 1 -p 30001 -P
		ASK_BY=()
		reused "after resets over $method"
		family=6
	done
	drops_check "$director"
}

# Every flow's first packets are sent by four CPUs at the same moment.
one_flow_gets_one_connection_and_one_server()
{
	local flows=1000 family

	for family in 4 6; do
		service_only dr "$family" udp 7009 rr 1 1 1
		ctl -Z
		source_next "$family"
		in_ns "$client" "$BIN/flood" -i eth0 -m "$ROUTER_MAC" -T -j 4 -n "$flows" \
			-b "$SOURCE" "$(vip "$family")" 7009 >/dev/null
		if [ "$LVS_MODULE" = stock ]; then
			note "stock: $(conns " 1B61 ") connections of $flows flows"
			continue
		fi
		check_equal "connections" "$(conns " 1B61 ")" $((family == 4 ? flows : 2 * flows))
		check "a third of the flows each" busywait 3000 thirds "$flows"
	done
	drops_check "$director"
}

# Of N flows, each server has a third, and four packets of each.
thirds()
{
	ctl -Ln --stats --exact | awk -v n="$1" '$1 == "->" && $3 ~ /^[0-9]+$/ {
			conns += $3; packets += $4; rows++
			if ($3 < int(n / 3) || $3 > int(n / 3) + 1) bad = 1
		}
		END { exit !(rows == 3 && conns == n && packets == 4 * n && !bad) }' && return
	ctl -Ln --stats --exact
	return 1
}

# --- ends under load ---------------------------------------------------------
module_goes_under_load_and_comes_back()
{
	[ "$LVS_MODULE" != stock ] || { skip "schedulers of stock hold it"; return; }
	load_on
	check "rmmod" lvs_unload
	# no tool asks here: the kernel would load ip_vs for it
	check_fails "the module is still there" lvs_loaded
	lvs_load
	must --set 900 120 300
	service_only dr 4 udp 7009 rr 1 1 1
	check "connections after loading it again" busywait 10000 many_conns "$director"
	flood_off
	check "rmmod, now quiet" lvs_unload
	lvs_load
	service_only nat 4 tcp "$PORT" rr 1 1 1
	ask 4 "$PORT" -n 30
	names_equal s1=10 s2=10 s3=10
	drops_check "$director"
}

services_go_under_load()
{
	local i

	load_on
	for i in 1 2 3; do
		must -C
		service_only dr 4 udp 7009 wlc 1 1 1
	done
	check "connections" busywait 10000 many_conns "$director"
	flood_off
	drops_check "$director"
}

# second_lab: another director, client and server with the same addresses as the
# first lab's, server named "t".
second_lab()
{
	setup_ns client2 director2 server2
	# shellcheck disable=SC2154 # set by setup_ns
	ip link add eth0 netns "$client2" type veth peer name c0 netns "$director2"
	# shellcheck disable=SC2154
	ip link add eth0 netns "$server2" type veth peer name s0 netns "$director2"
	lab_ip "$director2" <<-EOF
		link set c0 up
		link set s0 up
		address add 198.51.100.254/24 dev c0
		address add 192.0.2.254/24 dev s0
		address add $VIP4/32 dev s0
		route add 198.18.0.0/16 via $CIP4
	EOF
	in_ns "$director2" sysctl -q -w net.ipv4.ip_forward=1
	lab_ip "$client2" <<-EOF
		link set eth0 up
		address add $CIP4/24 dev eth0
		route add local 198.18.0.0/16 dev lo
		route add default via 198.51.100.254
	EOF
	lab_ip "$server2" <<-EOF
		link set eth0 up
		address add 192.0.2.11/24 dev eth0
		route add default via 192.0.2.254
	EOF
	spawn "$server2" "$BIN/who" -s t "$PORT"
	busywait 5000 listens "$server2" tcp "$PORT" || fail "server of the second lab"
	lvs_ctl_at "$director2" -R <<-EOF
		-A -t $VIP4:$PORT -s rr
		-a -t $VIP4:$PORT -r 192.0.2.11:$PORT -m
		-A -u $VIP4:7009 -s rr
		-a -u $VIP4:7009 -r 192.0.2.11:7009 -m
	EOF
}

two_namespaces_with_one_address()
{
	local one two

	second_lab
	service_only nat 4 tcp "$PORT" rr 1 1 1
	# the same client address and ports in both
	for i in 1 2; do
		one=$(in_ns "$client" "$BIN/who" -b 198.18.230.1 -p 20000 -n 90 -R "$VIP4" "$PORT")
		two=$(in_ns "$client2" "$BIN/who" -b 198.18.230.1 -p 20000 -n 90 -R "$VIP4" "$PORT")
		ASKED=$one
		names_equal s1=30 s2=30 s3=30
		ASKED=$two
		check_equal "answers in the second" "$(asked t)" 90
	done
	hold held 4 "$PORT" -e -n 60
	lvs_ctl_at "$director2" -C
	check_equal "services left in the second" \
		"$(lvs_ctl_at "$director2" -Ln | grep -c "^[TU].*$VIP4:")" 0
	check_equal "services left in the first" "$(ctl -Ln | grep -c "^[TU].*$VIP4:")" 1
	release held || fail "connections were disturbed: $ASKED"
	drops_check "$director"
	drops_check "$director2"
}

namespace_goes_under_load()
{
	second_lab
	flood_on "$client2" "$(device_mac "$director2" c0)" -b 198.18.0.1 -f 2000
	check "1,000 connections" busywait 10000 many_conns "$director2"
	check "$LOAD_RATE packets in a second" busywait 15000 at_speed "$server2" eth0 rx
	service_only nat 4 tcp "$PORT" rr 1 1 1
	hold held 4 "$PORT" -e -n 60
	ip netns delete "$director2"
	flood_off
	release held || fail "connections of another namespace were disturbed: $ASKED"
	check "the namespace is gone" busywait 10000 no_such_namespace
	drops_check "$director"
}

# The kernel has taken the namespace's device away from its peer.
no_such_namespace()
{
	! ip -n "$client2" link show eth0
}

# The first two want an empty table.
TESTS=(all_counters_come_back_to_zero connections_expire_on_time
	TCP_is_not_disturbed_by_edits UDP_is_not_disturbed_by_edits
	deleted_services_do_not_disturb_others client_port_is_reused_at_once
	one_flow_gets_one_connection_and_one_server two_namespaces_with_one_address
	services_go_under_load namespace_goes_under_load
	module_goes_under_load_and_comes_back)

lvs_load
hooks_stay
lab_setup 3
any_method
traffic_servers
for i in 1 2 3; do
	spawn "${SERVER[i]}" "$BIN/who" -s "s$i" -x "$CLOSING"
done
busywait 5000 listens "${SERVER[3]}" tcp "$CLOSING" || bail "a server does not start"
ROUTER_MAC=$(device_mac "$router" wan)
# A burst must not wait for neighbours to be found.
in_ns "$client" ping -q -c 1 "$VIP4" >/dev/null
in_ns "$client" ping -q -c 1 "$VIP6" >/dev/null
mapfile -t TESTS < <(printf '%s\n' "${TESTS[@]}" | grep -e "${1:-.}")
tests_run "${TESTS[@]}"
