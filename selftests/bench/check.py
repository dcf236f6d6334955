#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Compare lvs / plain forwarding of a CSV of the bench with the committed ratios."""

import argparse
import csv
import sys

LIMIT = 1.03


def measured(path):
    """The CSV's first line, and the ratio of each row."""
    with open(path, encoding="ascii") as f:
        about = f.readline()
        return about, {row["case"]: float(row["lvs"]) / float(row["plain"]) for row in csv.DictReader(f)}


def committed(path):
    with open(path, encoding="ascii") as f:
        lines = [line.rsplit(None, 1) for line in f if not line.startswith("#")]
    return {case: float(ratio) for case, ratio in lines}


def write(path, about, ratios):
    with open(path, "w", encoding="ascii") as f:
        f.write(f"{about}# Ratio to plain forwarding: see check.sh. A commit that changes one says why.\n")
        f.writelines(f"{case:40} {ratio:.4f}\n" for case, ratio in ratios.items())


def compare(now, before):
    """Print each row; return those that are too slow or that nothing is known of."""
    bad = [case for case in before if case not in now]
    print(f"\n{'lvs / plain forwarding':40}{'committed':>10}{'now':>10}{'change':>9}")
    for case, ratio in now.items():
        if case not in before:
            bad.append(case)
            print(f"{case:40}{'':10}{ratio:10.4f}")
            continue
        change = ratio / before[case]
        print(f"{case:40}{before[case]:10.4f}{ratio:10.4f}{(change - 1) * 100:+8.1f}%"
              f"{' too slow' if change > LIMIT else ''}")
        if change > LIMIT:
            bad.append(case)
    return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("csv")
    parser.add_argument("ratios")
    parser.add_argument("--rebase", action="store_true")
    args = parser.parse_args()
    about, now = measured(args.csv)
    if args.rebase:
        write(args.ratios, about, now)
        return
    bad = compare(now, committed(args.ratios))
    if bad:
        sys.exit(f"bench-check: more than {(LIMIT - 1) * 100:.0f} % slower than committed, or not in both: "
                 f"{'; '.join(bad)}")


main()
