#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""The same cases on the kernel's own ip_vs and on lvs, compared.

usage: run.py [--smoke] [--list] [--labs N] [--part I/N] [SELECT...]
       run.py --walks N [--seed N] [--steps N] [--shrink N]

Runs all cases on one module, then on the other, in one boot; a case is one
line of KTAP. SELECT: only cases whose name contains one of them. --part I/N:
of these every Nth from the Ith on. --stock: only
on ip_vs, nothing is compared. With --walks, N random walks (see walk.py)
instead, with seeds from --seed on; as many as --shrink says of those that fail
are made as short as they will go.
"""

import argparse
import heapq
import itertools
import os
import subprocess
import sys
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE), os.path.dirname(HERE) + "/abi"]
sys.dont_write_bytecode = True

import compare           # noqa: E402
import lab as lab_module  # noqa: E402
from case import CASES, T  # noqa: E402
import cases             # noqa: E402,F401
import walk              # noqa: E402

STOCK, LVS = "ip_vs", "lvs"
SCHEDULERS = "rr wrr lc wlc lblc lblcr dh sh mh sed nq fo ovf twos".split()


def command(*words):
    return subprocess.run(words, check=False).returncode


def load(module):
    """Load one of both modules."""
    noting = os.environ.get("TEST_DIFF_STOCK")      # see reach.sh
    if module == LVS:
        status = command("insmod", os.environ["LVS_KO"])
    elif noting:
        command("modprobe", "-a", "nf_conntrack", "nf_defrag_ipv6", "nf_nat")
        status = command("insmod", noting + "/ip_vs.ko")
        for name in SCHEDULERS:
            path = "%s/ip_vs_%s.ko" % (noting, name)
            if os.path.exists(path):            # as Debian has configured it
                command("insmod", path)
        command("modprobe", "nf_conntrack_sip")
        command("insmod", noting + "/ip_vs_pe_sip.ko")
    else:
        status = command("modprobe", "ip_vs")
        subprocess.run(["modprobe", "-aq"] + ["ip_vs_" + s for s in SCHEDULERS],
                       check=False, stderr=subprocess.DEVNULL)
    if status:
        raise SystemExit("Bail out! cannot load " + module)


def note_reached():
    """What has run, see reach.sh, with the names of modules that are loaded."""
    if os.path.exists("/proc/reach"):
        with open("/proc/reach", encoding="ascii") as proc, \
                open("/run/reach", "a", encoding="ascii") as out:
            out.write(proc.read())


def load_helper(module):
    """Load that for FTP."""
    noting = os.environ.get("TEST_DIFF_STOCK")
    words = ["modprobe" if module == STOCK else "/run/lvs/job/modprobe",
             "ip_vs_ftp"]
    if module == STOCK and noting:
        words = ["insmod", noting + "/ip_vs_ftp.ko"]
    if command(*words):
        raise SystemExit("Bail out! cannot load the helper of " + module)


def unload_helper():
    """Stock's is in use for as long as its conns: their namespace ends, but
    not at once."""
    note_reached()
    for _ in range(100):
        if not subprocess.run(["rmmod", "ip_vs_ftp"], check=False,
                              stderr=subprocess.DEVNULL).returncode:
            return
        time.sleep(0.2)


def unload(module):
    names = [module]
    note_reached()
    if module == STOCK:
        with open("/proc/modules", encoding="ascii") as proc:
            names = [line.split()[0] for line in proc
                     if line.startswith(("ip_vs_", "xt_ipvs"))] + names
    else:
        with open("/proc/modules", encoding="ascii") as proc:
            names = [line.split()[0] for line in proc
                     if line.startswith(("lvs_", "xt_lvs"))] + names
    # a namespace that a case made may still be on its way out, and so may templates
    for _ in range(100):
        left = [name for name in names if os.path.exists("/sys/module/" + name)]
        if not left or not command("rmmod", *left):
            return
        time.sleep(0.2)
    raise SystemExit("Bail out! cannot unload " + module)


def is_generator(value):
    return hasattr(value, "__next__")


class Turn:
    """A case that is under way in a lab."""

    def __init__(self, lab, number, one):
        self.t = T(lab, number, one.fam)
        self.one = one
        self.work = None

    def step(self):
        """Go on; the seconds to wait, or None at the end."""
        try:
            if self.work is None:
                self.work = self.one.function(self.t, **self.one.params)
            if is_generator(self.work):
                return next(self.work)
        except StopIteration:
            pass
        except Exception:                            # pylint: disable=W0718
            self.t.end = traceback.format_exc()
            self.t.see("exception", self.t.end.splitlines()[-1])
        self.t.clean()
        return None


def run_all(chosen, labs):
    """{name: T} of all cases on the module that is loaded. While one waits,
    the others' turn comes in other labs."""
    for one in labs:
        one.connect()
    waiting = iter(sorted(enumerate(chosen), key=lambda one: not one[1].long))
    order = itertools.count()
    due = [(0, next(order), lab, None) for lab in labs]
    out = {}
    while due:
        when, _, lab, turn = heapq.heappop(due)
        delay = when - time.monotonic()
        if delay > 0:
            time.sleep(delay)
        if turn is None:
            number, one = next(waiting, (0, None))
            if one is None:
                continue
            turn = Turn(lab, number + 1, one)
            out[one.name] = turn.t
        pause = turn.step()
        heapq.heappush(due, (time.monotonic() + (pause or 0), next(order),
                             lab, turn if pause is not None else None))
    for one in labs:
        one.disconnect()
    return out


def run_helped(module, chosen):
    """The same, with the helper; {} if no case wants it."""
    if not chosen:
        return {}
    load_helper(module)
    labs = lab_module.build(min(4, len(chosen)), 100)
    try:
        return run_all(chosen, labs)
    finally:
        lab_module.remove(labs)
        if module == STOCK:
            unload_helper()


def both(chosen, labs, quiet=False, modules=(STOCK, LVS)):
    """({name: T} on stock, the same on lvs)"""
    out = []
    for module in modules:
        begin = time.monotonic()
        load(module)
        try:
            out.append(run_all([c for c in chosen if not c.helper], labs))
            out[-1].update(run_helped(module, [c for c in chosen if c.helper]))
        finally:
            unload(module)
        if quiet:
            continue
        print("# %s: %d cases, %d records, %.1f s" % (
            module, len(chosen), sum(len(t.records) for t in out[-1].values()),
            time.monotonic() - begin), flush=True)
    return out


def in_time(one, stock, lvs):
    """The records of both, as long as no conn has ended by itself."""
    end = len(stock.records)
    for records in (stock.records, lvs.records):
        if one.limit:
            end = min(end, sum(r.when < one.limit for r in records))
    if one.limit and end < max(len(stock.records), len(lvs.records)):
        return stock.records[:end], lvs.records[:end]
    return stock.records, lvs.records


def verdict(one, stock, lvs):
    """None, or why the case has failed."""
    why = compare.first_difference(*in_time(one, stock, lvs))
    ends = ["on %s: %s" % (name, t.end)
            for name, t in ((STOCK, stock), (LVS, lvs)) if t.end]
    if len(ends) == 2 and stock.end == lvs.end:
        ends = ["on both: " + stock.end]
    if why is None and not ends:
        return None
    return "\n".join([why or "the same on both"] + ends)


def again(chosen, stock, lvs, labs):
    """Give cases that failed a second chance, when less is going on: a slow
    machine can be seen in times. What is wrong fails twice."""
    bad = [c for c in chosen if verdict(c, stock[c.name], lvs[c.name])]
    if bad:
        for one in bad:
            print("# once more: %s\n#   %s" % (one.name, verdict(
                one, stock[one.name], lvs[one.name]).replace("\n", "\n#   ")), flush=True)
        for old, new in zip((stock, lvs), both(bad, labs)):
            old.update(new)
    return stock, lvs


def show(t):
    for record in t.records:
        print("#   " + record.label + "\n#     " +
              "\n#     ".join(compare.show(record.value)))


def report(chosen, stock, lvs, verbose):
    """KTAP; the number of failures."""
    failed = 0
    print("TAP version 13\n1..%d" % len(chosen))
    for number, one in enumerate(chosen, 1):
        if verbose:
            show(stock[one.name])
        why = verdict(one, stock[one.name], lvs[one.name])
        if why:
            failed += 1
            print("# " + why.replace("\n", "\n# "))
        print("%sok %d %s" % ("not " if why else "", number, one.name))
    print("# Totals: pass:%d fail:%d xfail:0 xpass:0 skip:0 error:0" % (
        len(chosen) - failed, failed), flush=True)
    return failed


def walks(options, labs):
    """Random walks, each of which is a case; one that fails is made short."""
    chosen, made = [], {}
    for number in range(options.walks):
        seed = options.seed + number
        fam = 6 if seed % 3 == 0 else 4
        one = walk.make(seed, fam, walk.steps(seed, options.steps))
        made[one.name] = (fam, walk.steps(seed, options.steps))
        chosen.append(one)
    print("# seed %d, %d walks of %d steps" % (options.seed, options.walks,
                                               options.steps), flush=True)
    stock, lvs = again(chosen, *both(chosen, labs), labs)
    print("# %d of %d records were made in time to be compared" % (
        sum(len(in_time(c, stock[c.name], lvs[c.name])[0]) for c in chosen),
        sum(len(stock[c.name].records) for c in chosen)))
    failed = report(chosen, stock, lvs, False)
    bad = [c for c in chosen if verdict(c, stock[c.name], lvs[c.name])]
    for one in bad[:options.shrink]:
        fam, found = made[one.name]
        found = walk.shrink(found, fam, lambda some: failing(some, labs))
        last = walk.make("short", fam, found)
        stock, lvs = both([last], labs, True)
        print("# %s, IPv%d, in short:\n#   %s\n# %s" % (
            one.name, fam, "\n#   ".join(str(s) for s in found),
            str(verdict(last, stock[last.name],
                        lvs[last.name])).replace("\n", "\n# ")), flush=True)
    return failed


def failing(some, labs):
    """The names of those that fail."""
    stock, lvs = both(some, labs, True)
    return {c.name for c in some if verdict(c, stock[c.name], lvs[c.name])}


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--stock", action="store_true")
    parser.add_argument("--pending", action="store_true")
    parser.add_argument("--walks", type=int, default=0)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--shrink", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", default="1/1")
    parser.add_argument("--labs", type=int, default=12)
    parser.add_argument("select", nargs="*", default=[""])
    return parser.parse_args()


def main():
    options = arguments()
    kernel = os.environ.get("LVS_KERNEL", "6.1")
    chosen = [c for c in CASES if
              any(text in c.name for text in options.select) and
              (c.smoke or not options.smoke) and
              bool(c.pending) == options.pending and
              (not c.kernels or kernel in c.kernels or options.list)]
    part, parts = map(int, options.part.split("/"))
    chosen = chosen[part - 1::parts]
    if options.list:
        print("\n".join(c.name for c in chosen))
        return 0
    os.sched_setaffinity(0, {0})
    begin = time.monotonic()
    # a walk does not wait, and is not to take longer because of others
    labs = lab_module.build(min(2 if options.walks else options.labs,
                                options.walks or len(chosen)))
    print("# %d labs, %.1f s" % (len(labs), time.monotonic() - begin))
    try:
        if options.stock:
            both(chosen, labs, modules=(STOCK,))
            failed = 0
        elif options.walks:
            failed = walks(options, labs)
        else:
            stock, lvs = again(chosen, *both(chosen, labs), labs)
            failed = report(chosen, stock, lvs, options.show)
    finally:
        lab_module.remove(labs)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
