#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Listings of the configuration and of conns that change while they are read;
# counters, rates; in the namespace of abi.sh.  Then files of /proc that
# are still open when their namespace or the module goes.

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
in_ns "$NS" /usr/bin/python3 "$SELFTESTS/abi/listing.py" "$@"
