#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Who may do what; and what an attacker who knows the code can do with packets:
# collisions in the table, a flood of new connections, forged ICMP errors and RSTs.
#
#	SOURCE  eth0 --- c0  DIRECTOR  s0 (a dummy that swallows packets)
#	                 VIP 192.0.2.1 and 2001:db8:1::1, servers 192.0.2.11 and 2001:db8:1::b
#
# For forged packets both sides are wires, as in packet.sh.
#
# usage: security.sh [PATTERN]	only the tests whose names match

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/wires.sh"
. "$(dirname "$0")/floods.sh"

PYTHON=(/usr/bin/python3 "$SELFTESTS/security/run.py")

# python WHAT ARGS...: tests in Python, which are one test here
python()
{
	local out status=0

	out=$("${PYTHON[@]}" "$@" 2>&1) || status=$?
	note "$out"
	[ "$status" -eq 0 ] || fail "security/run.py $1 returned $status"
}

# --- permissions -------------------------------------------------------------
who_may_do_what()
{
	python permission
}

# --- hash flooding -----------------------------------------------------------
FLOWS=1000

# of_flows FAMILY SOURCE ARGS...: ms that 20 packets of each flow take
of_flows()
{
	local family=$1 source=$2 sent took
	shift 2

	read -r sent took <<< "$(flood "$family" "$source" 53 -f "$FLOWS" -n $((20 * FLOWS)) "$@")"
	[ "$sent" -eq $((20 * FLOWS)) ] || fail "only $sent packets sent"
	echo "$took"
}

# check_collisions FAMILY: flows that were chosen to share a bucket cost no more than others
check_collisions()
{
	local family=$1 best=999999 worst=999999 took round

	# each may be held up now and then on a busy machine, but not always
	for round in {1..12}; do
		took=$(of_flows "$family" "${OTHER[$family]}")
		[ "$took" -ge "$best" ] || best=$took
		took=$(of_flows "$family" "${NET[$family]}" -C 11)
		[ "$took" -ge "$worst" ] || worst=$took
		[ "$round" -ne 1 ] ||
			check "connections of IPv$family" busywait 3000 conns_are $((2 * FLOWS))
		[ "$worst" -gt $((best * 17 / 10 + 20)) ] || break
	done
	note "IPv$family: $((20 * FLOWS)) packets of any flows $best ms, of chosen flows $worst ms"
	# were they all in one bucket, each packet would pass 500 others there
	check_between "milliseconds with chosen flows, IPv$family" "$worst" 1 $((best * 17 / 10 + 20))
	check_equal "inserts refused" "$(drops_get "$DIRECTOR" table_busy)" 0
	lvs_ctl_at "$DIRECTOR" -D -u "$(endpoint "${VIP[$family]}" 53)"
}

hash_flooding_builds_no_chains()
{
	[ "$LVS_MODULE" != stock ] || { skip "the stock table has another hash"; return; }
	flood_topology
	check_collisions 4
	lvs_unload
	lvs_load
	lvs_ctl_at "$DIRECTOR" -A -u "$(endpoint "${VIP[6]}" 53)" -s rr
	lvs_ctl_at "$DIRECTOR" -a -u "$(endpoint "${VIP[6]}" 53)" -r "$(endpoint "${RIP[6]}" 53)" -g
	check_collisions 6
}

# The table is listed in the order of the hash.
order()
{
	flood_topology
	flood 4 "${NET[4]}" 53 -n 500 > /dev/null
	check "connections" busywait 3000 conns_are 500
	# shellcheck disable=SC2016 # awk's variables
	in_ns "$DIRECTOR" awk 'NR > 1 { print $2, $3 }' /proc/net/ip_vs_conn > "$TMP/$1"
	lvs_unload
	lvs_load
}

each_load_has_another_key()
{
	TMP=$(mktemp -d)
	defer rm -rf "$TMP"
	order one
	order two
	check "the same flows" cmp <(sort "$TMP/one") <(sort "$TMP/two")
	check_fails "the same order" cmp "$TMP/one" "$TMP/two"
}

# --- a flood of new connections ----------------------------------------------
LIMIT=5000

memory()
{
	awk '/^MemAvailable/ { print $2 }' /proc/meminfo
}

# at most 16 MB less than there were: other programs take some, too
memory_is_back()
{
	local now

	now=$(memory)
	echo "$((($1 - now) / 1024)) MB are missing"
	[ "$now" -ge $(($1 - 16384)) ]
}

# turned_away: new connections that were refused, and half-open ones that gave way to them
turned_away()
{
	echo $(($(drops_get "$DIRECTOR" conn_limit) + $(defense_get conns_gave_way)))
}

# conns_are_about LIMIT: at most so many, and hardly fewer
conns_are_about()
{
	local now

	now=$(conns)
	echo "$now connections"
	[ "$now" -le "$1" ] && [ "$now" -ge $(($1 * 98 / 100)) ]
}

# check_flood FAMILY PORT OLD-CONNS FLOOD-ARGS...: what comes after the limit is counted
check_flood()
{
	local family=$1 port=$2 old=$3 refused forwarded sent
	shift 3

	refused=$(turned_away)
	read -r sent _ <<< "$(flood "$family" "${NET[$family]}" "$port" -n $((3 * LIMIT)) "$@")"
	check "connections" busywait 3000 conns_are_about "$LIMIT"
	refused=$(($(turned_away) - refused))
	# one that gives way may still be in use, and then the new one is refused, too
	check_between "refused or taken for others, and counted" "$refused" \
		$((sent - LIMIT + old)) $((sent - LIMIT + old + sent / 50))
	forwarded=$(drops_get "$DIRECTOR" forwarded)
	flood 4 "${OTHER[4]}" 53 -n 100 > /dev/null
	check "packets of old connections" busywait 3000 \
		forwarded_are $((forwarded + 100))
	drops_check "$DIRECTOR"
}

forwarded_are()
{
	[ "$(drops_get "$DIRECTOR" forwarded)" -eq "$1" ]
}

flood_of_connections_ends_at_conn_max()
{
	local before

	[ "$LVS_MODULE" != stock ] || { skip "the stock module of 6.1 has no limit"; return; }
	flood_topology
	before=$(memory)
	in_ns "$DIRECTOR" sysctl -q -w net.ipv4.vs.conn_max="$LIMIT"
	lvs_ctl_at "$DIRECTOR" --set 0 0 4
	flood 4 "${OTHER[4]}" 53 -n 100 > /dev/null
	check_flood 4 53 100
	check "the end of all" busywait 15000 conns_are 0
	lvs_ctl_at "$DIRECTOR" --set 0 0 30
	flood 4 "${OTHER[4]}" 53 -n 100 > /dev/null
	check_flood 6 80 100 -t
	lvs_ctl_at "$DIRECTOR" -C
	lvs_unload
	check "memory" busywait 8000 memory_is_back "$before"
	lvs_load
}

# --- forged packets ----------------------------------------------------------
forged_errors_and_resets()
{
	wires_up
	python forged "$DIRECTOR" "$WIRE"
}

# --- neighbours ----------------------------------------------------------------
# more_servers_than_neighbours: what a namespace does that has 100 servers on one link, each of
# which gets a packet. To be run in it; by socket options, as a guest has no other way.
more_servers_than_neighbours()
{
	ip link set lo up
	ip link add dummy0 type dummy
	ip link set dummy0 up
	ip addr add 10.0.0.254/16 dev dummy0
	ip addr add 192.0.2.1/32 dev lo
	/usr/bin/python3 - <<-'END' || return
		import socket
		import struct

		ADD, ADD_SERVER = 1154, 1159     # linux/ip_vs.h
		service = struct.pack("=H2x4s2sxxI16sIII", 17, socket.inet_aton("192.0.2.1"),
		                      b"\0\65", 0, b"rr", 0, 0, 0xffffffff)
		with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
		    sock.setsockopt(0, ADD, service)
		    for i in range(1, 101):
		        sock.setsockopt(0, ADD_SERVER, service + struct.pack(
		            "=4s2sxxIiII", bytes((10, 0, 0, i)), b"\0\65", 0, 1, 0, 0))
		for port in range(100):
		    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
		        sock.bind(("192.0.2.1", 2000 + port))
		        sock.sendto(b"x", ("192.0.2.1", 53))
	END
	[ "$LVS_MODULE" = stock ] || grep '^forwarded *100$' /proc/net/lvs_drops || return
	[ -z "${1:-}" ] || { echo ready > "$1"; exec sleep 1000; }
}

# others_get_neighbours: two hosts that have not met
others_get_neighbours()
{
	setup_ns HERE THERE
	ip -n "$HERE" link add eth0 type veth peer name eth0 netns "$THERE"
	ip -n "$HERE" addr add 198.18.0.1/24 dev eth0
	ip -n "$THERE" addr add 198.18.0.2/24 dev eth0
	ip -n "$HERE" link set eth0 up
	ip -n "$THERE" link set eth0 up
	check "$1" in_ns "$HERE" ping -q -c 1 -W $((3 * TEST_SLOW)) 198.18.0.2
}

# The table of neighbours is one for all namespaces.
servers_of_one_leave_others_neighbours()
{
	local knob ready=/run/lvs/guest-is-ready guest

	for knob in 1=16 2=32 3=64; do
		defer sysctl -q -w "net.ipv4.neigh.default.gc_thresh${knob%=*}=$(sysctl -n "net.ipv4.neigh.default.gc_thresh${knob%=*}")"
		sysctl -q -w "net.ipv4.neigh.default.gc_thresh$knob"
	done
	export -f more_servers_than_neighbours
	export LVS_MODULE
	rm -f "$ready"
	unshare --user --map-root-user --net bash -c "more_servers_than_neighbours $ready" > /dev/null &
	guest=$!
	defer kill "$guest"
	check "a guest's servers" busywait 10000 test -s "$ready"
	others_get_neighbours "a neighbour beside a guest's servers"
	setup_ns DIRECTOR
	check "the host's servers" in_ns "$DIRECTOR" bash -c more_servers_than_neighbours
	others_get_neighbours "a neighbour beside the host's servers"
	drops_check "$DIRECTOR"
}

TESTS=(who_may_do_what servers_of_one_leave_others_neighbours hash_flooding_builds_no_chains each_load_has_another_key
	flood_of_connections_ends_at_conn_max forged_errors_and_resets)

lvs_load
hooks_stay
mapfile -t TESTS < <(printf '%s\n' "${TESTS[@]}" | grep -e "${1:-.}")
tests_run "${TESTS[@]}"
