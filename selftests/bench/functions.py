# SPDX-License-Identifier: GPL-2.0
"""Where instructions go: counts of profile.c and longest.c by function."""

import bisect
import collections
import os

LINES = 40


def symbols():
    """Addresses and names of the kernel's functions, by address."""
    found = []
    with open("/proc/kallsyms", encoding="ascii") as f:
        for line in f:
            addr, kind, name, *module = line.split()
            if kind in "tTwW":
                found.append((int(addr, 16), name + "".join(module)))
    found.sort()
    return [addr for addr, _ in found], [name for _, name in found]


def show(what, packets):
    """The functions that took most in the last run, by packet."""
    addrs, names = symbols()
    by_name = collections.Counter()
    profile = f"{os.environ['LVS_OUT']}/profile"
    with open(profile, encoding="ascii") as f:
        for line in f:
            addr, count = line.split()
            at = bisect.bisect_right(addrs, int(addr, 16)) - 1
            by_name[names[at] if at >= 0 else "?"] += int(count)
    os.unlink(profile)
    total = sum(by_name.values())
    print(f"\n{what}: {total / packets:.0f} instructions a packet with source and sink", flush=True)
    for name, count in by_name.most_common(LINES):
        print(f"  {count / packets:8.1f}  {name}")
