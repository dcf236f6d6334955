#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Nanoseconds per packet, in User Mode Linux: what caches decide.

Each contender has a kernel of its own, a process pinned to the same CPU as the others, and
they take turns in slices.  Others on the host slow all of them, so lvs is compared with stock
slice by slice, and the median of these ratios counts.  native.sh prepares what this needs.
"""

import argparse
import os
import select
import signal
import statistics
import subprocess
import sys

import report
from rows import GROUPS

BOOT_TIME, ANSWER_TIME = 40, 300


class Guest:
    """One User Mode Linux; a boot in 45 hangs, so it is tried again."""

    def __init__(self, args, contender):
        words = ["--source", args.source, "--lvs", args.lvs, "--control", args.control, "--serve", contender]
        self.command = ["taskset", "-c", str(args.cpu), "timeout", "-k", "5", str(args.timeout), f"{args.uml}/linux",
                        f"mem={args.mem}", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", "quiet",
                        "con0=fd:0,fd:1", "con=null", f"init={args.tree}/selftests/bench/uml-init",
                        f"BENCH_TREE={args.tree}", f"BENCH_MODULES={args.uml}", f"BENCH_ARGS={'+'.join(words)}"]
        self.process, self.seen, self.rest = None, [], b""
        for _ in range(4):
            self.start()
            if self.answer(BOOT_TIME) == "ready":
                return
            self.stop()
        sys.exit("User Mode Linux does not boot:\n" + "\n".join(self.seen[-30:]))

    def start(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, start_new_session=True)

    def stop(self):
        """With its children: each process of the guest is one of the host."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.rest = b""

    def answer(self, limit):
        """The next line that is meant for us; None when none comes."""
        while True:
            line, found, rest = self.rest.partition(b"\n")
            if found:
                self.rest = rest
                text = line.decode(errors="replace").strip()
                if text.startswith("@ "):
                    return text[2:]
                self.seen.append(text)
                continue
            if not select.select([self.process.stdout], [], [], limit)[0]:
                return None
            data = os.read(self.process.stdout.fileno(), 4096)
            if not data:
                return None
            self.rest += data

    def ask(self, text):
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()
        answer = self.answer(ANSWER_TIME)
        if answer is None:
            sys.exit(f"no answer to {text}:\n" + "\n".join(self.seen[-30:]))
        return answer.partition(" ")[2]


class NativeFigures(report.Figures):
    """Medians; the ratio is that of slices of the same round."""

    def __init__(self, *args):
        super().__init__(*args)
        self.ratios = {}

    def take_rounds(self, row, guests, rounds, count):
        taken = {contender: [] for contender in guests}
        names = list(guests)
        for i in range(rounds):
            for contender in names[i % len(names):] + names[:i % len(names)]:
                taken[contender].append(float(guests[contender].ask(f"slice {count}")))
        for contender, figures in taken.items():
            self.note(row, contender, statistics.median(figures))
        stock = taken.get("stock") or taken["stock20"]
        self.ratios[row] = statistics.median(ours / theirs for ours, theirs in zip(taken["lvs"], stock))

    def ratio(self, row):
        return self.ratios[row]


def measure_group(name, args, guests):
    group = GROUPS[name]
    about = f"User Mode Linux {args.release}, lvs {args.version}"
    figures = NativeFigures(f"native-{name}", group.title, "nanoseconds per packet", group.contenders, about)
    guests = {contender: guests[contender] for contender in group.contenders}
    for guest in guests.values():
        guest.ask(f"group {name}")
    while True:
        row = {guest.ask("next") for guest in guests.values()}.pop()
        if not row:
            return figures
        # with a million conns a slice is a million packets
        figures.take_rounds(row, guests, min(args.rounds, 5) if name == "million" else args.rounds, args.count)
        print(f"# {row}: {figures.ratio(row):.3f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("uml", "release", "tree", "source", "lvs", "control", "version", "out"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--cpu", type=int, default=os.cpu_count() - 1)
    parser.add_argument("--mem", default="2G")
    parser.add_argument("--timeout", type=int, default=1800, help="seconds that a guest may live")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--count", type=int, default=20000, help="packets a slice")
    parser.add_argument("groups", nargs="+", choices=list(GROUPS))
    args = parser.parse_args()

    wanted = {contender for name in args.groups for contender in GROUPS[name].contenders}
    guests = {}
    try:
        for contender in sorted(wanted):
            guests[contender] = Guest(args, contender)
        for name in args.groups:
            figures = measure_group(name, args, guests)
            report.print_table(figures)
            report.write(figures, args.out)
    finally:
        for guest in guests.values():
            guest.stop()


main()
