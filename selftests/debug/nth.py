# SPDX-License-Identifier: GPL-2.0
"""Systematic faults: the n-th allocation (or copy from or to user space) of
the kernel on behalf of this thread fails, for n = 1, 2, 3 ...

    for fault in faults():
        with fault:
            sock.send(request)        # nothing but what is to meet the fault
        look_at_what_came_of_it()

ends after the first round in which nothing was left to fail. Only what the
kernel does in this thread's system calls is met, softirqs are not.
"""

import itertools
import os

LIMIT = 20000
DEBUGFS = "/sys/kernel/debug/"


def knob(path, value):
    """Write a setting of fault injection."""
    with open(DEBUGFS + path, "w", encoding="ascii") as file:
        file.write(str(value))


def prepare():
    """Let any allocation be one that may fail; without a word in the log."""
    knob("failslab/ignore-gfp-wait", "N")
    knob("failslab/cache-filter", "N")
    knob("fail_page_alloc/ignore-gfp-wait", "N")
    knob("fail_page_alloc/min-order", 0)
    for name in ("failslab", "fail_page_alloc", "fail_usercopy"):
        knob(name + "/verbose", 0)
        knob(name + "/probability", 0)
        knob(name + "/times", -1)


class Fault:
    """Fails the @n-th allocation within a with statement."""

    def __init__(self, n):
        self.n = n
        self.injected = False
        self.arm = b"%d" % n
        self.file = os.open("/proc/thread-self/fail-nth", os.O_RDWR)

    def __enter__(self):
        os.write(self.file, self.arm)

    def __exit__(self, *why):
        try:
            left = int(os.pread(self.file, 16, 0))
        except OSError:
            left = 1        # it was this copy to user space that failed
        try:
            os.write(self.file, b"0")
        except OSError:
            pass            # or this one
        self.injected = left == 0

    def close(self):
        os.close(self.file)


def faults(begin=1, end=LIMIT):
    """All faults, up to the first that finds nothing to fail."""
    for n in itertools.count(begin):
        fault = Fault(n)
        try:
            yield fault
        finally:
            fault.close()
        if not fault.injected:
            return
        if n >= end:
            raise AssertionError("no end after %d faults" % n)


class Tally:
    """How many faults were met, and what came of them."""
    total = 0       # faults of all tallies

    def __init__(self):
        self.faults = 0
        self.results = {}

    def count(self, fault, result):
        self.faults += fault.injected
        Tally.total += fault.injected
        self.results[result] = self.results.get(result, 0) + 1

    def __str__(self):
        return "%d faults: %s" % (self.faults, ", ".join(
            "%s %d" % (k, self.results[k]) for k in sorted(self.results)))
