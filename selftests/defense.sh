#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Strategies against floods, each on and automatic; half-open connections that give way at
# a limit; connections of removed servers. The network is drawn in floods.sh.
#
# usage: defense.sh [PATTERN]	only the tests whose names match
#        defense.sh idle	idle connections under drop_entry, which takes 80 seconds

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/wires.sh"
. "$(dirname "$0")/floods.sh"

# knob NAME [VALUE]: of the director
knob()
{
	if [ $# -eq 1 ]; then
		in_ns "$DIRECTOR" cat "/proc/sys/net/ipv4/vs/$1"
	else
		in_ns "$DIRECTOR" sysctl -q -w "net.ipv4.vs.$1=$2"
	fi
}

knob_is()
{
	[ "$(knob "$1")" = "$2" ]
}

conns_at_most()
{
	local now

	now=$(conns)
	echo "$now connections"
	[ "$now" -le "$1" ]
}

# entries NUMBER PATTERN: so many lines of ip_vs_conn match
entries()
{
	local now

	now=$(in_ns "$DIRECTOR" grep -cE "$2" /proc/net/ip_vs_conn)
	echo "$now entries"
	[ "$now" -eq "$1" ]
}

# --- drop_packet ---------------------------------------------------------------
# of_new FAMILY PORT ARGS...: conns that 300 new flows leave
of_new()
{
	local family=$1 port=$2 before
	shift 2

	before=$(conns)
	flood "$family" "${OTHER[$family]}" "$port" -n 300 "$@" > /dev/null
	check "new connections, not $(($(conns) - before))" busywait 3000 conns_are $((before + want))
}

drop_packet_drops_each_nth_new_connection()
{
	local want before

	flood_topology
	knob drop_packet 3
	want=270 of_new 4 53
	want=270 of_new 6 80 -t
	before=$(conns)
	# packets of connections that are there do not count
	flood 4 "${OTHER[4]}" 53 -n 600 -f 300 > /dev/null
	# of the 30 flows that try again 3 are dropped, and 1 of these once more
	check "connections" busywait 2000 conns_are $((before + 29))
	[ "$LVS_MODULE" = stock ] ||
		check_equal "packets dropped by turn" "$(drops_get "$DIRECTOR" drop_packet)" 64
	# the worker sees to another rate within a second
	knob am_droprate 1
	sleep $((1 + TEST_SLOW))
	# stock first counts to the old one's end
	flood 4 10.66.0.0 53 -n 20 > /dev/null
	before=$(conns)
	flood 4 "${NET[4]}" 53 -n 50 > /dev/null
	check "none is new" busywait 2000 conns_are "$before"
	knob drop_packet 0
	flood 4 "${NET[4]}" 53 -n 50 > /dev/null
	check "all are new" busywait 2000 conns_are $((before + 50))
	drops_check "$DIRECTOR"
}

# --- automatic modes -------------------------------------------------------------
automatic_modes_follow_memory()
{
	local name

	flood_topology
	for name in drop_entry drop_packet secure_tcp; do
		check "$name is on by hand" knob "$name" 3
		knob "$name" 0
		knob "$name" 2
		check_equal "$name, and there is memory" "$(knob "$name")" 1
	done
	knob amemthresh 2147483647
	for name in drop_entry drop_packet secure_tcp; do
		check "$name when memory is short" busywait 3000 knob_is "$name" 2
	done
	flood 4 "${NET[4]}" 53 -n 100 > /dev/null
	check "all are dropped" busywait 2000 conns_at_most 0
	if [ "$LVS_MODULE" != stock ]; then
		check_equal "drop_entry" "$(defense_get drop_entry_on)" 1
		check_equal "secure_tcp" "$(defense_get secure_tcp_on)" 1
		check_between "rate of drop_packet" "$(defense_get drop_packet_rate)" 1 2
	fi
	knob amemthresh -5
	for name in drop_entry drop_packet secure_tcp; do
		check "$name when there is memory" busywait 3000 knob_is "$name" 1
		knob "$name" 0
	done
	drops_check "$DIRECTOR"
}

# --- drop_entry ------------------------------------------------------------------
drop_entry_ends_half_open_connections()
{
	flood_topology
	flood 4 "${OTHER[4]}" 53 -n 500 > /dev/null
	flood 4 "${NET[4]}" 80 -n 4000 -t > /dev/null
	flood 6 "${NET[6]}" 80 -n 500 -t > /dev/null
	check "connections" busywait 3000 conns_are 5000
	knob drop_entry 3
	# a thirty-second of them each second
	check "fewer half-open ones" busywait 12000 conns_at_most 4300
	knob drop_entry 0
	check "as many with other state" entries 500 '^UDP'
	drops_check "$DIRECTOR"
	[ "$LVS_MODULE" = stock ] ||
		check_equal "each counted" "$(defense_get conns_dropped)" $((5000 - $(conns)))
}

# Those of one packet go, each at its turn; those that were used more go less often.
idle_connections_end_under_drop_entry()
{
	flood_topology
	flood 4 "${NET[4]}" 53 -n 4000 > /dev/null
	flood 6 "${NET[6]}" 53 -n 200 -f 20 -r 40 > /dev/null
	knob drop_entry 3
	sleep 40
	check "none goes before its time" entries 4000 '^UDP 0A'
	sleep 30
	check "idle ones go" busywait 10000 conns_at_most 3800
	note "$(defense_get conns_dropped) connections ended"
	knob drop_entry 0
}

# --- limits ------------------------------------------------------------------------
half_open_connections_give_way_at_the_limit()
{
	local way refused

	[ "$LVS_MODULE" != stock ] || { skip "stock refuses"; return; }
	flood_topology
	lvs_ctl_at "$DIRECTOR" -A -u "${VIP[4]}:54" -s rr -o
	lvs_ctl_at "$DIRECTOR" -a -u "${VIP[4]}:54" -r 192.0.2.11:54 -g
	knob conn_max 1000
	flood 4 "${OTHER[4]}" 53 -n 300 > /dev/null
	flood 4 "${NET[4]}" 80 -n 2000 -t > /dev/null
	check "the limit is kept" busywait 2000 conns_at_most 1000
	# a conn of one packet needs its place only for a moment
	flood 4 "${NET[4]}" 54 -n 100 > /dev/null
	check_between "refused of those of one packet" "$(drops_get "$DIRECTOR" conn_limit)" 0 20
	# each of these finds one to take the place of
	flood 4 "${NET[4]}" 53 -n 200 > /dev/null
	flood 6 "${NET[6]}" 53 -n 200 > /dev/null
	read -r way refused <<< "$(defense_get conns_gave_way) $(drops_get "$DIRECTOR" conn_limit)"
	note "$way gave way, $refused refused"
	check_between "gave way" "$way" 1400 1720
	check_between "gave way, or was refused" $((way + refused)) 1700 1760
	# now hardly any is left that is half open
	flood 4 10.77.0.0 53 -n 1500 > /dev/null
	check_between "all that gave way" "$(defense_get conns_gave_way)" 1800 2000
	check "the limit is kept" busywait 2000 conns_at_most 1000
	check "no other one has given way" entries 300 '^UDP 0A09'
	drops_check "$DIRECTOR"
}

# --- removed servers -----------------------------------------------------------------
# two servers of port 53, 200 connections at each
two_servers()
{
	flood_topology
	lvs_ctl_at "$DIRECTOR" -a -u "${VIP[4]}:53" -r 192.0.2.12:53 -g
	flood 4 "${NET[4]}" 53 -n 400 > /dev/null
	check "connections" busywait 2000 conns_are 400
}

connections_of_a_removed_server_end_if_told()
{
	two_servers
	lvs_ctl_at "$DIRECTOR" -d -u "${VIP[4]}:53" -r 192.0.2.12:53
	sleep 1
	check "they stay" entries 200 ' C000020C '
	lvs_ctl_at "$DIRECTOR" -a -u "${VIP[4]}:53" -r 192.0.2.12:53 -g
	check "it has them back" conns_are 400
	knob expire_nodest_conn 1
	lvs_ctl_at "$DIRECTOR" -d -u "${VIP[4]}:53" -r 192.0.2.12:53
	check "they end" busywait 3000 entries 0 ' C000020C '
	check "others stay" entries 200 ' C000020B '
	lvs_ctl_at "$DIRECTOR" -C
	check "those of all services end" busywait 3000 entries 0 '^(UDP|TCP)'
	[ "$LVS_MODULE" = stock ] ||
		check_equal "counted" "$(defense_get conns_of_removed_servers)" 400
}

templates_of_a_removed_server_end_if_told()
{
	flood_topology
	knob expire_nodest_conn 1
	lvs_ctl_at "$DIRECTOR" -E -u "${VIP[4]}:53" -s rr -p 300
	flood 4 "${NET[4]}" 53 -n 100 -k 10 > /dev/null
	check "connections and templates" busywait 2000 entries 110 '^UDP'
	lvs_ctl_at "$DIRECTOR" -d -u "${VIP[4]}:53" -r "${RIP[4]}:53"
	check "all end" busywait 3000 entries 0 '^UDP'
}

# --- thresholds ------------------------------------------------------------------------
template_wins_over_an_overloaded_server()
{
	flood_topology
	lvs_ctl_at "$DIRECTOR" -E -u "${VIP[4]}:53" -s rr -p 300
	lvs_ctl_at "$DIRECTOR" -e -u "${VIP[4]}:53" -r "${RIP[4]}:53" -g -x 5
	flood 4 "${NET[4]}" 53 -n 10 > /dev/null
	check "ten of one client, who has a template" busywait 2000 conns_are 10
	flood 4 "${OTHER[4]}" 53 -n 10 > /dev/null
	check "none of another client" busywait 2000 entries 11 '^UDP'
	lvs_ctl_at "$DIRECTOR" -e -u "${VIP[4]}:53" -r "${RIP[4]}:53" -g -x 50
	flood 4 "${OTHER[4]}" 53 -n 10 > /dev/null
	check "the threshold is edited" busywait 2000 conns_are 20
	drops_check "$DIRECTOR"
}

LONG=idle_connections_end_under_drop_entry
TESTS=(drop_packet_drops_each_nth_new_connection automatic_modes_follow_memory
	drop_entry_ends_half_open_connections half_open_connections_give_way_at_the_limit
	connections_of_a_removed_server_end_if_told templates_of_a_removed_server_end_if_told
	template_wins_over_an_overloaded_server)

lvs_load
case ${1:-} in
idle) TESTS=("$LONG") ;;
*) mapfile -t TESTS < <(printf '%s\n' "${TESTS[@]}" | grep -e "${1:-.}") ;;
esac
tests_run "${TESTS[@]}"
