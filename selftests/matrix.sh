#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Everything on the stock 6.1 kernel, and the kselftests on every other kernel
# that is supported; module and tool compiled for arm64; what meets races on the kernel with KCSAN;
# 50 repetitions of torture, stress for ten minutes, 10,000 rules of a firewall under traffic and a
# soak of two minutes on 6.1, and torture on the debug kernel; one table at the end. Fails unless all of
# them are there and pass.
# usage: matrix.sh [KERNEL...]      (cross: the compilation for arm64; torture, stress, rules,
#	soak, torture-debug)
# environment: T=, only tests whose name contains one of these patterns; those of run.sh

set -uo pipefail
. "$(dirname "$0")/vm/common.sh"
cd "$LVS_TREE/selftests" || exit 1

kernels=("$@")
if [ $# -eq 0 ]; then
	kernels=(6.1 cross 6.12 7.2 debug)
	[ -n "${T:-}" ] || kernels+=(kcsan torture stress rules soak torture-debug)
fi
rows=()
bad=0

# long SECONDS PROGRAM [ARGUMENT...]: one program, in a virtual machine of its own
long()
{
	local seconds=$1 status
	shift

	TIMEOUT=$seconds vm/run.sh "selftests/$*" 2>&1 | tee "$log"
	status=${PIPESTATUS[0]}
	# a machine that died or a kernel that complained has no result line of its own
	[ "$status" -le 1 ] || echo "not ok $1 # status $status" >> "$log"
	awk -v strict=1 -f vm/sum.awk "$log" | tee -a "$log"
	return "$status"
}

# one KERNEL: run what is to be run there; the last line of its log sums it up
one()
{
	local log=$LVS_CACHE/test-$1.log options=(-k) slow=1 names=${T:-}

	# nothing of an earlier run may stand in for this one
	rm -f "$log"
	case $1 in
	cross)
		vm/deps.sh cross && vm/cross.sh 2>&1 | tee "$log"
		return
		;;
	torture)
		TEST_TORTURE=50 TEST_TORTURE_SECONDS=1000 KERNEL=6.1 long 2000 torture.sh
		return
		;;
	torture-debug)
		# as far as it comes in an hour
		TEST_TORTURE=50 TEST_TORTURE_SECONDS=450 TEST_SLOW=8 KERNEL=debug \
			long 5400 torture.sh
		return
		;;
	stress)
		TEST_TORTURE=100 TEST_TORTURE_SECONDS=600 KERNEL=6.1 \
			long 1200 torture.sh configuration
		return
		;;
	rules)
		# nft waits for grace periods all the time
		APPEND=rcupdate.rcu_expedited=1 TEST_RULES=10000 KERNEL=6.1 \
			long 3600 'fast.sh "come and go"'
		return
		;;
	soak)
		KERNEL=6.1 long 600 soak.sh 2
		return
		;;
	6.1) options=() ;;
	# A kernel that checks itself takes about eight times as long.
	debug) slow=8 ;;
	# where packets meet each other, edits and the end of everything
	kcsan) slow=8 names=${T:-race.sh fast.sh forward.sh lifecycle.sh fuzz.sh} ;;
	esac
	KERNEL=$1 TEST_SLOW=$slow CI=1 ./run.sh "${options[@]}" "$names"
}

for kernel in "${kernels[@]}"; do
	begin=$SECONDS
	result=ok
	one "$kernel" || { result=FAILED; bad=1; }
	rows+=("$(printf '%-13s %6d s   %-6s   %s' "$kernel" $((SECONDS - begin)) "$result" \
		"$(tail -n 1 "$LVS_CACHE/test-$kernel.log" 2>/dev/null || echo 'no result')")")
done
printf '\n%-13s %8s   %-6s   %s\n' kernel time '' results
printf '%s\n' "${rows[@]}"
exit $bad
