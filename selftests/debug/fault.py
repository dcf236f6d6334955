#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Faults in every allocation: fault.py FILE [SELECT], where FILE is config or
packet; fault.sh prepares the namespace that it needs."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE), os.path.dirname(HERE) + "/abi"]
sys.dont_write_bytecode = True

import ktap      # noqa: E402
import nth       # noqa: E402


def faults_met():
    """A kernel that injects none has proved nothing."""
    ktap.check(nth.Tally.total > 100, "%d faults" % nth.Tally.total)


if __name__ == "__main__":
    for part in sys.argv[1].split(","):
        __import__("fault_" + part)
    # after all others
    ktap.test("faults: there were some")(faults_met)
    nth.prepare()
    ktap.run(sys.argv[2] if len(sys.argv) > 2 else "")
