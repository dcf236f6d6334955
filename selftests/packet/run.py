#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Packet in, packets out: run.py DIRECTOR WIRE [--fast] [SELECT], names of the
two namespaces that wires_up (wires.sh) has made. With --fast, the fast path's
tests."""

import importlib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
sys.dont_write_bytecode = True

import wire        # noqa: E402
import ktap        # noqa: E402

MODULES = ("methods", "icmp", "fragments", "tunnels", "tunnel_errors",
           "protocols", "strays", "hostile")
# fast_last leaves a namespace in which replies go the slow way for ever, as the
# kernel never forgets that there were routing rules.
FAST_MODULES = ("fast", "fast_offload", "fast_counters", "fast_devices",
                "fast_rules", "fast_first", "fast_doubt", "fast_routes",
                "fast_last")


def main():
    director, wire_ns, *rest = sys.argv[1:]
    fast = rest[:1] == ["--fast"]
    if fast:
        rest.pop(0)
    modules = FAST_MODULES if fast else MODULES
    for name in modules:
        importlib.import_module(name)
    wire.open_wires(director, wire_ns)
    ktap.run(rest[0] if rest else "", modules)


if __name__ == "__main__":
    main()
