#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Measure groups of rows (rows.py), each with all its contenders in one boot.

Runs as root in a VM with one CPU under QEMU's -icount shift=0: bench.sh sees to that; or, with
--serve, in User Mode Linux, where native.py on the host asks for one slice after the other.
"""

import argparse
import os
import sys
import time

import functions
import report
from lab import Flowtable, Lab, Lvs, Plain, Stock, set_up_network, sh
from rows import GROUPS
from source import Gross, Lost


def contenders(args):
    return {c.name: c for c in (Plain(), Flowtable(), Stock(), Stock(20), Lvs(args.lvs, args.control))}


def profile_group(name, count, who):
    """Tell for each row which functions take the instructions."""
    group = GROUPS[name]
    for contender in group.contenders:
        lab = Lab(who[contender])
        lab.meter = Gross(repeats=True)
        for row, figure in group.rows(lab):
            figure(count)
            functions.show(f"{row}: {contender}", lab.meter.sent)
        lab.done()


def measure_group(name, count, about, who):
    """One contender after the other: ip_vs and lvs keep each other out."""
    group = GROUPS[name]
    figures = report.Figures(name, group.title, group.unit, group.contenders, about)
    for contender in group.contenders:
        begin = time.time()
        lab = Lab(who[contender])
        try:
            for row, figure in group.rows(lab):
                figures.note(row, contender, figure(count))
        except Lost as lost:
            # of packets of 63,000 bytes, Linux 7.2's lets none through
            if contender != "flowtable":
                raise
            print(f"# {name}: {contender}: {lost}", flush=True)
        lab.done()
        print(f"# {name}: {contender}, {time.time() - begin:.1f} s of the guest", flush=True)
    return figures


def say(*words):
    """To native.py, among whatever else comes to the console."""
    print("@", *words, flush=True)


def serve(contender):
    """Answer "group NAME", "next" (the group's next row, set up) and "slice COUNT" (its figure)."""
    lab, rows, figure = None, None, None
    say("ready")
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        if command == "group":
            if lab:
                lab.done()
            lab = Lab(contender, repeats=False)
            rows = GROUPS[argument].rows(lab)
            say("ok")
        elif command == "next":
            name, figure = next(rows, ("", None))
            say("row", name)
        elif command == "slice":
            say("figure", figure(int(argument)))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", required=True, help="lvsbench.ko")
    parser.add_argument("--lvs", required=True, help="lvs.ko")
    parser.add_argument("--control", required=True, help="lvsadm")
    parser.add_argument("--version", help="what lvs.ko was built from")
    parser.add_argument("--out", help="folder for CSV and SVG")
    parser.add_argument("--serve", metavar="CONTENDER")
    parser.add_argument("--profile", action="store_true", help="functions, not figures")
    parser.add_argument("--count", type=int, default=20000, help="packets a figure")
    parser.add_argument("groups", nargs="*", help=" ".join(GROUPS))
    args = parser.parse_args()

    sh(f"insmod {args.source}")
    set_up_network()
    if args.serve:
        serve(contenders(args)[args.serve])
        return
    about = f"Linux {os.uname().release}, lvs {args.version}"
    print(about, flush=True)
    for name in args.groups:
        if args.profile:
            profile_group(name, args.count, contenders(args))
            continue
        figures = measure_group(name, args.count, about, contenders(args))
        report.print_table(figures)
        report.write(figures, args.out)


main()
