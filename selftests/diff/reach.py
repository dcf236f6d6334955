#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""What of ip_vs has run: reach.py BUILD LIST, see reach.sh."""

import collections
import glob
import os
import re
import subprocess
import sys


def output(*words):
    return subprocess.run(words, check=True, capture_output=True,
                          text=True).stdout


def blocks(module):
    """{(function, offset of the return address): place in .text} of all
    blocks of a module's code that runs more than once."""
    out = {}
    function = base = None
    pending = False
    for line in output("objdump", "-dr", "-j", ".text", module).splitlines():
        head = re.match(r"([0-9a-f]+) <(.*)>:$", line)
        if head:
            base, function = int(head[1], 16), head[2]
            continue
        code = re.match(r" +([0-9a-f]+):\t", line)
        if pending and code:
            at = int(code[1], 16)
            if "R_X86_64" not in line:
                out[(function, at - base)] = at
                pending = False
        if "__sanitizer_cov_trace_pc" in line and "R_X86_64" in line:
            pending = True
    return out


def lines_of(module, places):
    """{place: (file, line)}"""
    text = subprocess.run(["addr2line", "-e", module, "-j", ".text"],
                          input="".join("%x\n" % (p - 1) for p in places),
                          check=True, capture_output=True, text=True).stdout
    out = {}
    for place, line in zip(places, text.splitlines()):
        name, _, number = line.split(" ")[0].rpartition(":")
        out[place] = (os.path.basename(name), number)
    return out


def main():
    build, listing = sys.argv[1:]
    seen = collections.defaultdict(set)
    with open(listing, encoding="ascii") as names:
        for line in names:
            found = re.match(r"(\S+)\+0x([0-9a-f]+)/0x[0-9a-f]+ \[(\w+)\]",
                             line)
            if found:
                seen[found[3]].add((found[1], int(found[2], 16)))
    total, reached = collections.Counter(), collections.Counter()
    asleep = []
    for module in sorted(glob.glob(build + "/ip_vs*.ko")):
        name = os.path.basename(module)[:-3]
        if name not in seen:
            continue
        every = blocks(module)
        where = lines_of(module, list(every.values()))
        for key, place in every.items():
            # counted where the function is, also what is inlined from headers
            file = where[place][0]
            total[file] += 1
            reached[file] += key in seen[name]
        entered = {function for function, _ in seen[name]}
        asleep += ["%s (%s)" % (f, name)
                   for f in sorted({f for f, _ in every} - entered)]
    for file in sorted(total):
        if file.endswith(".c"):
            print("%-28s %5d of %5d blocks" % (file, reached[file],
                                               total[file]))
    files = [f for f in total if f.endswith(".c")]
    print("%-28s %5d of %5d blocks" % ("all", sum(reached[f] for f in files),
                                       sum(total[f] for f in files)))
    print("never entered: " + ", ".join(asleep))


if __name__ == "__main__":
    main()
