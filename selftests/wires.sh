# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# A director for made-up packets: it has the devices c0, to the client, and s0, to the
# servers, and knows the link layer addresses of all who are only played. The wires
# are drawn at the top of packet/wire.py. To be sourced after lib.sh.

# wires_director NS: set it up; c0 and s0 are there.
wires_director()
{
	ip -n "$1" -batch - <<-END || bail "the director cannot be set up"
		link set c0 address 02:00:00:00:0d:01 up
		link set s0 address 02:00:00:00:0d:02 up
		address add 198.51.100.254/24 dev c0
		address add 2001:db8:c::fe/64 dev c0 nodad
		address add 192.0.2.2/24 dev s0
		address add 2001:db8:1::2/64 dev s0 nodad
		address add 192.0.2.1/32 dev lo
		address add 2001:db8:1::1/128 dev lo nodad preferred_lft 0
		neighbour add 198.51.100.1 lladdr 02:00:00:00:00:c1 dev c0 nud permanent
		neighbour add 2001:db8:c::1 lladdr 02:00:00:00:00:c1 dev c0 nud permanent
		neighbour add 192.0.2.11 lladdr 02:00:00:00:00:0b dev s0 nud permanent
		neighbour add 192.0.2.12 lladdr 02:00:00:00:00:0b dev s0 nud permanent
		neighbour add 2001:db8:1::b lladdr 02:00:00:00:00:0b dev s0 nud permanent
		route add default via 198.51.100.1
		route add default via 2001:db8:c::1
	END
	# A burst of ICMP errors is what is tested: no limits on them.
	in_ns "$1" sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
		net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0 2>/dev/null
	sysctl -q -w net.ipv4.icmp_msgs_per_sec=100000 net.ipv4.icmp_msgs_burst=100000 2>/dev/null
}

# wires_up: the director between two wires; sets DIRECTOR and WIRE, the names of the
# two namespaces.
wires_up()
{
	local side

	setup_ns DIRECTOR WIRE
	for side in c s; do
		ip link add "${side}0" netns "$DIRECTOR" type veth peer name "w$side" netns "$WIRE"
		in_ns "$WIRE" sysctl -q -w "net.ipv6.conf.w$side.disable_ipv6=1"
		ip -n "$WIRE" link set "w$side" arp off up
	done
	wires_director "$DIRECTOR"
}
