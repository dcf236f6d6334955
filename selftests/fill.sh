#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The table filled to a million connections by packets through the director,
# and back to nothing:
#
#	SOURCE  eth0 --- c0  DIRECTOR  d0 (a dummy that swallows packets)
#	                 198.51.100.254        10.0.0.254/24
#	                 VIP 192.0.2.1         server 10.0.0.1
#
# FILL_CONNS=N	another number of connections; on a slow kernel it is a part of a million

. "$(dirname "$0")/lib.sh"

BIN=${LVS_BIN:-$SELFTESTS/bin}
CONNS=${FILL_CONNS:-$((1000000 / TEST_SLOW / TEST_SLOW))}

set_up()
{
	# a burst must not be lost before it reaches the director
	sysctl -q -w net.core.netdev_max_backlog=200000
	setup_ns SOURCE DIRECTOR
	ip link add eth0 netns "$SOURCE" type veth peer name c0 netns "$DIRECTOR"
	ip -n "$SOURCE" link set eth0 up
	ip -n "$DIRECTOR" -batch - <<-END || bail "the namespaces cannot be set up"
		link add d0 type dummy
		link set d0 up
		link set c0 address 02:00:00:00:0d:01 up
		address add 198.51.100.254/24 dev c0
		address add 192.0.2.1/32 dev lo
		address add 10.0.0.254/24 dev d0
		neighbour add 10.0.0.1 lladdr 02:00:00:00:00:0b dev d0 nud permanent
		route add default via 198.51.100.1
		neighbour add 198.51.100.1 lladdr 02:00:00:00:00:c1 dev c0 nud permanent
	END
	in_ns "$DIRECTOR" sysctl -q -w net.ipv4.ip_forward=1
	lvs_ctl_at "$DIRECTOR" -R <<-END
		-A -u 192.0.2.1:53 -s wlc
		-a -u 192.0.2.1:53 -r 10.0.0.1:53 -g
	END
}

# count_is N: are there so many? A flood may end before the director has seen all of it.
count_is()
{
	local now

	now=$(count)
	echo "$now"
	[ "$now" -eq "$1" ]
}

# flood COUNT FIRST-SOURCE: one packet of each of COUNT flows.
flood()
{
	in_ns "$SOURCE" "$BIN/flood" -i eth0 -m 02:00:00:00:0d:01 -j 4 -n "$1" -b "$2" \
		192.0.2.1 53
}

# count: connections, as the server's counters say.
count()
{
	lvs_ctl_at "$DIRECTOR" -Ln | awk '$1 == "->" && $2 == "10.0.0.1:53" { print $5 + $6 }'
}

is_empty()
{
	local left

	left=$(count)
	echo "$left connections left"
	[ "$left" -eq 0 ]
}

memory()
{
	awk '/^MemAvailable/ { print $2 }' /proc/meminfo
}

# The first fifth shows how long the rest will take: the first connections of
# the rest must live until the last ones are made, and these not much longer.
fills_to_a_million_and_empties_again()
{
	local first=$((CONNS / 5)) sent took timeout before filled after

	before=$(memory)
	read -r sent took <<< "$(flood "$first" 10.1.0.0)"
	check "connections of the first packets: $sent" busywait 3000 count_is "$sent"
	timeout=$((took * 8 / 1000 + 5))
	note "$((sent * 1000 / took)) new connections per second; time-out $timeout s"
	lvs_ctl_at "$DIRECTOR" --set 0 0 "$timeout"
	read -r sent took <<< "$(flood $((CONNS - first)) 10.2.0.0)"
	filled=$(busywait 3000 count_is "$CONNS")
	note "$sent more in $took ms, $(((before - $(memory)) / 1024)) MB more in use"
	check_equal "connections" "$filled" "$CONNS"
	# those of the first fifth have the default time-out of 300 s until then
	lvs_ctl_at "$DIRECTOR" --set 0 0 3
	read -r sent took <<< "$(flood "$first" 10.1.0.0)"
	note "$sent packets of known connections in $took ms"
	check_between "connections after them" "$(count)" 0 "$CONNS"
	check "all expire" busywait $(((timeout + 10) * 1000)) is_empty
	check_equal "rows of ip_vs_conn" \
		"$(in_ns "$DIRECTOR" tail -n +2 /proc/net/ip_vs_conn | wc -l)" 0
	after=$(busywait 5000 memory_is_back "$before") ||
		fail "$(((before - after) / 1024)) MB are not back"
	drops_check "$DIRECTOR"
}

# At most a tenth of a million connections' memory is still in use.
memory_is_back()
{
	memory
	[ "$(memory)" -ge $(($1 - 100 * 1024)) ]
}

if [ "$LVS_MODULE" = stock ]; then
	lvs_load conn_tab_bits=20
else
	lvs_load
fi
set_up
tests_run fills_to_a_million_and_empties_again
