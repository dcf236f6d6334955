#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The fast path: its packets are those of the slow path, byte for byte; it is
# taken when it should be and left when anything speaks against it.
#
# Packets go in volleys, and what changes the director in batches: this takes about two
# minutes of a free machine.
#
# usage: fast.sh [TEXT]	only tests whose title contains TEXT, or those of packet/TEXT.py

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/wires.sh"

[ "$LVS_MODULE" = stock ] && { echo "1..0 # SKIP stock has no fast path"; exit "$KSFT_SKIP"; }
lvs_load
wires_up
ip netns exec "$WIRE" /usr/bin/python3 "$SELFTESTS/packet/run.py" "$DIRECTOR" "$WIRE" \
	--fast "$@"
