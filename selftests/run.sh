#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What `make test' does: static checks, unit tests, kselftests in the VM; one
# KTAP log, one line at the end.
# usage: run.sh [-k] [PATTERN]
#   PATTERN  only tests whose name contains it (a shell pattern)
#   -k       only kselftests
# environment: KERNEL, LVS_MODULE and the rest of selftests/vm/README.rst;
#   CI=1: a skipped test is a failure

set -uo pipefail
. "$(dirname "$0")/vm/common.sh"
cd "$LVS_TREE/selftests" || exit 1

only_kselftests=
if [ "${1:-}" = -k ]; then
	only_kselftests=1
	shift
fi
pattern=${1:-}
log=$LVS_CACHE/test.log

# wanted NAME: does the pattern choose it?
wanted()
{
	# shellcheck disable=SC2053 # a pattern on purpose
	[ -z "$pattern" ] || [[ $1 == *$pattern* ]]
}

section()
{
	printf '\n# ==== %s\n' "$*"
}

static()
{
	local check name number=0 out

	for check in static/*.sh; do
		name=$(basename "$check" .sh)
		if [ ! -x "$check" ] || ! wanted "static/$name"; then
			continue
		fi
		[ $number -gt 0 ] || section "static checks"
		number=$((number + 1))
		if out=$("$check" 2>&1); then
			echo "ok $number static: $name"
		else
			printf '%s\n' "$out" | head -n 60 | sed 's/^/# /'
			echo "not ok $number static: $name"
		fi
	done
}

# A folder of tests with `make check' and TAP on standard output.
unit()
{
	local status

	wanted "$1" || return
	section "$1"
	make -s -C "$1" check
	status=$?
	[ "$status" -eq 0 ] || echo "not ok $1: make check returned $status"
}

kselftests()
{
	local programs=() name

	for name in $(make -s -C "$LVS_TREE/selftests" emit_tests | sed 's/.*://'); do
		! wanted "$name" || programs+=("$name")
	done
	[ ${#programs[@]} -gt 0 ] || return
	section "kselftests on Linux ${KERNEL:-6.1}, ${LVS_MODULE:-lvs}"
	make -s -C "$LVS_TREE/selftests" all || { echo "not ok kselftests do not build"; return; }
	vm/ktest.sh "${programs[@]}"
}

everything()
{
	local begin=$SECONDS

	if [ -z "$only_kselftests" ]; then
		static
		unit unit
		unit ../tools/lvsadm
	fi
	kselftests
	printf '\n# %s s\n' $((SECONDS - begin))
}

everything 2>&1 | tee "$log"
awk -v strict="${CI:+1}" -f vm/sum.awk "$log" | tee "$LVS_CACHE/test.sum"
exit "${PIPESTATUS[0]}"
