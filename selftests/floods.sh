# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Floods of made-up packets against a director. To be sourced after lib.sh and wires.sh.
#
#	SOURCE  eth0 --- c0  DIRECTOR  s0 (a dummy that swallows packets)
#	                 VIP 192.0.2.1 and 2001:db8:1::1, servers 192.0.2.11 and 2001:db8:1::b
#
# Services: UDP port 53 by DR, TCP port 80 by NAT, both families.

MAC=02:00:00:00:0d:01
declare -A VIP=([4]=192.0.2.1 [6]=2001:db8:1::1) RIP=([4]=192.0.2.11 [6]=2001:db8:1::b)
# shellcheck disable=SC2034 # by who sources it
declare -A NET=([4]=10.1.0.0 [6]=2001:db8:a::) OTHER=([4]=10.9.0.0 [6]=2001:db8:b::)

flood_topology()
{
	# a burst must not be lost before it reaches the director
	sysctl -q -w net.core.netdev_max_backlog=200000
	setup_ns SOURCE DIRECTOR
	# shellcheck disable=SC2153 # set by setup_ns
	ip link add eth0 netns "$SOURCE" type veth peer name c0 netns "$DIRECTOR"
	ip -n "$SOURCE" link set eth0 up
	ip -n "$DIRECTOR" link add s0 type dummy
	ip -n "$DIRECTOR" link set s0 arp off up
	wires_director "$DIRECTOR"
	for family in 4 6; do
		lvs_ctl_at "$DIRECTOR" -R <<-END || fail "the services are refused"
			-A -u $(endpoint "${VIP[$family]}" 53) -s rr
			-a -u $(endpoint "${VIP[$family]}" 53) -r $(endpoint "${RIP[$family]}" 53) -g
			-A -t $(endpoint "${VIP[$family]}" 80) -s rr
			-a -t $(endpoint "${VIP[$family]}" 80) -r $(endpoint "${RIP[$family]}" 80) -m
		END
	done
}

# flood FAMILY SOURCE PORT ARGS...: prints how many packets and milliseconds
flood()
{
	local family=$1 source=$2 port=$3
	shift 3

	in_ns "$SOURCE" "$BIN/flood" -i eth0 -m "$MAC" -b "$source" "$@" "${VIP[$family]}" "$port"
}

# conns: how many there are
conns()
{
	lvs_ctl_at "$DIRECTOR" -Ln | awk '$1 == "->" && NF == 6 { n += $5 + $6 } END { print n + 0 }'
}

conns_are()
{
	local now

	now=$(conns)
	echo "$now connections"
	[ "$now" -eq "$1" ]
}

# defense_get NAME: one line of /proc/net/lvs_defense
defense_get()
{
	# shellcheck disable=SC2016 # awk's variables
	in_ns "$DIRECTOR" awk -v name="$1" '$1 == name { print $2 }' /proc/net/lvs_defense
}
