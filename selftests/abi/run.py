#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Runs all tests of the "IPVS" family: run.py [SELECT]. Needs root, the
module under test and a namespace of its own; lists of what each file tests
are at the top of each file."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
sys.dont_write_bytecode = True

import contract  # noqa: E402,F401
import errors    # noqa: E402,F401
import garbage   # noqa: E402,F401
import procfs    # noqa: E402,F401
import sockopt   # noqa: E402,F401
import knobs     # noqa: E402,F401
import ktap      # noqa: E402

if __name__ == "__main__":
    ktap.run(sys.argv[1] if len(sys.argv) > 1 else "")
