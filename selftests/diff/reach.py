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
    """{place: (file, function, line)}; of inlined code the innermost."""
    text = subprocess.run(["addr2line", "-f", "-e", module, "-j", ".text"],
                          input="".join("%x\n" % (p - 1) for p in places),
                          check=True, capture_output=True, text=True).stdout
    words = text.splitlines()
    out = {}
    for place, function, line in zip(places, words[::2], words[1::2]):
        name, _, number = line.split(" ")[0].rpartition(":")
        out[place] = (os.path.basename(name), function,
                      int(number) if number.isdigit() else 0)
    return out


def ranges(numbers):
    """[1, 2, 3, 7] as "1-3 7"."""
    out = []
    for number in sorted(numbers):
        if out and out[-1][1] == number - 1:
            out[-1][1] = number
        else:
            out.append([number, number])
    return " ".join("%d" % a if a == b else "%d-%d" % (a, b) for a, b in out)


def read_seen(listing):
    """{module: {(function, offset)}} of the blocks that have run."""
    seen = collections.defaultdict(set)
    with open(listing, encoding="ascii") as names:
        for line in names:
            found = re.match(r"(\S+)\+0x([0-9a-f]+)/0x[0-9a-f]+ \[(\w+)\]",
                             line)
            if found:
                seen[found[3]].add((found[1], int(found[2], 16)))
    return seen


def percent(part, whole):
    return "%5d of %5d %4.1f %%" % (part, whole, 100 * part / max(whole, 1))


def report(blocks_of, reached_of, lines, reached_lines):
    """The table by file; then of each function the lines that nothing touches."""
    print("%-22s %24s   %s" % ("file", "blocks", "lines"))
    for file in sorted(blocks_of):
        print("%-22s %24s   %s" % (
            file, percent(reached_of[file], blocks_of[file]),
            percent(len(reached_lines[file]), len(lines[file]))))
    print("%-22s %24s   %s" % (
        "all", percent(sum(reached_of.values()), sum(blocks_of.values())),
        percent(sum(map(len, reached_lines.values())),
                sum(map(len, lines.values())))))
    print("\nlines that no case touches:")
    for file in sorted(lines):
        left = collections.defaultdict(set)
        functions = collections.defaultdict(bool)
        for line, function in lines[file].items():
            functions[function] |= line in reached_lines[file]
            if line not in reached_lines[file]:
                left[function].add(line)
        for function in sorted(left, key=lambda f: min(left[f])):
            print("%s: %s: %s%s" % (file, function, ranges(left[function]),
                                    "" if functions[function] else " (all)"))


def main():
    build, listing = sys.argv[1:]
    seen = read_seen(listing)
    total, reached = collections.Counter(), collections.Counter()
    lines = collections.defaultdict(dict)
    reached_lines = collections.defaultdict(set)
    for module in sorted(glob.glob(build + "/ip_vs*.ko")):
        name = os.path.basename(module)[:-3]
        every = blocks(module)
        where = lines_of(module, list(every.values()))
        for key, place in every.items():
            file, function, line = where[place]
            if not file.startswith("ip_vs") or not file.endswith(".c"):
                continue        # inlined from a header
            total[file] += 1
            lines[file].setdefault(line, function)
            if key in seen[name]:
                reached[file] += 1
                reached_lines[file].add(line)
    report(total, reached, lines, reached_lines)


if __name__ == "__main__":
    main()
