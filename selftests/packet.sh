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
. "$(dirname "$0")/wires.sh"

lvs_load
wires_up
ip netns exec "$WIRE" /usr/bin/python3 "$SELFTESTS/packet/run.py" "$DIRECTOR" "$WIRE" "$@"
