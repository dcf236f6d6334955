#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Everything on the stock 6.1 kernel, and the kselftests on every other kernel
# that is supported; one table at the end.  Fails unless all of them are there
# and pass.  usage: matrix.sh [KERNEL...]

set -uo pipefail
. "$(dirname "$0")/vm/common.sh"
cd "$LVS_TREE/selftests" || exit 1

kernels=("$@")
[ $# -gt 0 ] || kernels=(6.1 6.12 7.2 debug)
rows=()
bad=0

for kernel in "${kernels[@]}"; do
	options=(-k)
	slow=1
	[ "$kernel" != 6.1 ] || options=()
	# A kernel that checks itself takes about eight times as long.
	case $kernel in debug|kcsan) slow=8 ;; esac
	begin=$SECONDS
	KERNEL=$kernel TEST_SLOW=$slow CI=1 ./run.sh "${options[@]}" || bad=1
	rows+=("$(printf '%-8s %6d s   %s' "$kernel" $((SECONDS - begin)) \
		"$(tail -n 1 "$LVS_CACHE/test-$kernel.log")")")
done
printf '\n%-8s %8s   %s\n' kernel time results
printf '%s\n' "${rows[@]}"
exit $bad
