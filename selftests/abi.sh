#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The "IPVS" netlink family, driven by raw sockets, the socket options, and /proc/net/ip_vs*:
#
#	one namespace:  lo      192.0.2.1 192.0.2.2 2001:db8::1
#	                dummy0  10.0.0.254/16 fd00::ff/16   (swallows packets)
#
# SEED and FUZZ_MESSAGES change the random messages.

. "$(dirname "$0")/lib.sh"

lvs_load
setup_ns NS
for address in 192.0.2.1/32 192.0.2.2/32 2001:db8::1/128; do
	ip -n "$NS" addr add "$address" dev lo
done
ip -n "$NS" link add dummy0 type dummy
ip -n "$NS" link set dummy0 up
ip -n "$NS" addr add 10.0.0.254/16 dev dummy0
ip -n "$NS" addr add fd00::ff/16 dev dummy0 nodad
in_ns "$NS" /usr/bin/python3 "$SELFTESTS/abi/run.py" "$@"
