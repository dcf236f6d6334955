#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Packet in, packets out: run.py DIRECTOR WIRE [SELECT], the names of the
two namespaces that packet.sh has made."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
sys.dont_write_bytecode = True

import wire        # noqa: E402
import methods     # noqa: E402,F401
import icmp        # noqa: E402,F401
import fragments   # noqa: E402,F401
import hostile     # noqa: E402,F401
import ktap        # noqa: E402

if __name__ == "__main__":
    wire.open_wires(sys.argv[1], sys.argv[2])
    ktap.run(sys.argv[3] if len(sys.argv) > 3 else "")
