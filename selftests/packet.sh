#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Packets compared field by field, on the client's and the servers' side of a
# director, for every forwarding method and family; ICMP, MTU, fragments, and
# packets that lie. The wires are drawn at the top of packet/wire.py.
#
# usage: packet.sh [TEXT]	only tests whose title contains TEXT
# SEED and FUZZ_PACKETS change the corrupted packets.

. "$(dirname "$0")/lib.sh"

lvs_load
setup_ns DIRECTOR WIRE
for side in c s; do
	ip link add "${side}0" netns "$DIRECTOR" type veth peer name "w$side" netns "$WIRE"
	in_ns "$WIRE" sysctl -q -w "net.ipv6.conf.w$side.disable_ipv6=1"
	ip -n "$WIRE" link set "w$side" arp off up
done
ip -n "$DIRECTOR" link set c0 address 02:00:00:00:0d:01 up
ip -n "$DIRECTOR" link set s0 address 02:00:00:00:0d:02 up
ip -n "$DIRECTOR" -batch - <<-END || bail "the wires cannot be set up"
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
in_ns "$DIRECTOR" sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
	net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0 2>/dev/null
sysctl -q -w net.ipv4.icmp_msgs_per_sec=100000 net.ipv4.icmp_msgs_burst=100000 2>/dev/null
ip netns exec "$WIRE" /usr/bin/python3 "$SELFTESTS/packet/run.py" "$DIRECTOR" "$WIRE" "$@"
