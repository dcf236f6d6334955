#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The unit tests of selftests/unit, in the kernel: built as modules for KUnit
# (selftests/kunit), under the sanitizers and checkers of the debug kernel, with its own
# locks, lists, hash tables and packets. Their results become results of ours.
#
# LVS_WITH_KUNIT=1 has the modules built:
#	LVS_WITH_KUNIT=1 make vm KERNEL=debug CMD=selftests/debug/kunit.sh
# usage: kunit.sh [pools|conns]	only one of the two modules
# environment: TEST_KUNIT_SEED=	repeats a run

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/debug.sh"

RESULTS=/sys/kernel/debug/kunit

[ -n "${LVS_KUNIT:-}" ] || bail "to be started with LVS_WITH_KUNIT=1"
mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug
modprobe -q kunit
# who loads a module waits until its tests are through
sysctl -q -w kernel.hung_task_timeout_secs=0

# suite NAME: load it, which runs it; prints what its cases came to
suite()
{
	local module=lvs_kunit_$1

	insmod "$LVS_KUNIT/$1/$module.ko" ${TEST_KUNIT_SEED:+seed="$TEST_KUNIT_SEED"} ||
		echo "not ok 0 $module cannot be loaded"
	sed -n 's/^ *\(\(not \)*ok [0-9]* .*\)/\1/p' "$RESULTS/$module/results" |
		grep -v " $module\$"
	rmmod "$module" || echo "not ok 0 $module cannot be unloaded"
}

leaks_forget
modules=("$@")
[ $# -gt 0 ] || modules=(pools conns)
cases=$(for module in "${modules[@]}"; do suite "$module"; done)
dmesg | sed -n 's/^.*lvs-unit: /# /p'
leaks=$(leaks_none) || cases+=$'\nnot ok 0 memory is lost'
[ -z "$leaks" ] || note "$leaks"

echo "TAP version 13"
echo "1..$(wc -l <<< "$cases")"
awk '{ sub(/ok [0-9]+/, "ok " NR); print }' <<< "$cases"
# each has dozens
[ "$(wc -l <<< "$cases")" -ge $((30 * ${#modules[@]})) ] || { echo "Bail out! too few cases"; exit "$KSFT_FAIL"; }
! grep -q '^not ok' <<< "$cases"
