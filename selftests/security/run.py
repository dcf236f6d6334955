#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Security: run.py permission, or run.py forged DIRECTOR WIRE."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ABOVE = os.path.dirname(HERE)
sys.path[:0] = [HERE, ABOVE, ABOVE + "/abi", ABOVE + "/packet"]
sys.dont_write_bytecode = True

import ktap  # noqa: E402

if __name__ == "__main__":
    if sys.argv[1] == "permission":
        import permission  # noqa: F401
    else:
        import forged      # noqa: F401
        import wire
        wire.open_wires(sys.argv[2], sys.argv[3])
    ktap.run()
