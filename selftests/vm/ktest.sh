#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run the kselftests in a VM; prints KTAP.  One VM serves them all; when a test
# kills it, that test has failed and the rest go on in a fresh one.
# usage: ktest.sh PROGRAM...   (their names, as `make emit_tests' lists them)

set -uo pipefail
. "$(dirname "$0")/common.sh"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
limit=$(sed -n 's/^timeout=//p' "$LVS_TREE/selftests/settings")
failed=0

# finished: the programs that the last VM got through
finished()
{
	sed -n 's/^\(not \)\?ok [0-9]* selftests: lvs: \([^ ]*\).*/\2/p' "$log"
}

# race.sh wants the module with latches as well.
case " $* " in *" race.sh "*) export LVS_WITH_LATCH=1 ;; esac

rest=("$@")
while [ ${#rest[@]} -gt 0 ]; do
	# A bound for the whole VM: nothing may take longer than all its parts.
	TIMEOUT=$(((limit + 10) * ${TEST_SLOW:-1} * ${#rest[@]} + 60)) \
		"$LVS_VM/run.sh" "selftests/vm/ktest-guest.sh ${rest[*]}" | tee "$log"
	status=${PIPESTATUS[0]}
	[ "$status" -eq 0 ] || failed=1
	done=$(finished | wc -l)
	[ "$done" -eq ${#rest[@]} ] && break
	echo "not ok $((done + 1)) selftests: lvs: ${rest[done]} # the VM died (status $status)"
	rest=("${rest[@]:done + 1}")
done
if [ "$status" -eq 99 ]; then
	echo "not ok kernel log is clean"
fi
exit $failed
