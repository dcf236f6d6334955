#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The same cases on the kernel's own ip_vs and on lvs, in one boot: answers of netlink, files
# in /proc, packets on both wires, states, timeouts and counters are compared step by step.
# The lab is drawn at the top of diff/lab.py, how a case is written at that of diff/case.py.
#
# usage: diff.sh [--smoke] [--part I/N] [TEXT...]	only cases whose name contains one of them;
#	of these every Nth from the Ith on: diff_1.sh and diff_2.sh are the halves that
#	`make test' runs side by side
# DIFF_KERNEL=any: also on another kernel than 6.1, whose own ip_vs differs here and there

. "$(dirname "$0")/lib.sh"

[ "$LVS_MODULE" != stock ] || { echo "1..0 # SKIP needs lvs"; exit "$KSFT_SKIP"; }
[ -n "${LVS_IN_VM:-}" ] || bail "to be run in the virtual machine (make vm CMD=...)"
case ${DIFF_KERNEL:-$LVS_KERNEL} in
any|6.1|debug|kcsan) ;;
*) echo "1..0 # SKIP cases are for Linux 6.1"; exit "$KSFT_SKIP" ;;
esac
hooks_stay
/usr/bin/python3 "$SELFTESTS/diff/run.py" "$@"
