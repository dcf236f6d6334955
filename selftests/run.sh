#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What `make test' does: static checks, unit tests, kselftests in the VM; one
# KTAP log, one line at the end.
# usage: run.sh [-k] [PATTERNS]
#   PATTERNS only tests whose name contains one of them (shell patterns, in one word)
#   -k       only kselftests
# environment: KERNEL, LVS_MODULE and the rest of selftests/vm/README.rst;
#   CI=1: nothing is left out, and a skipped test is a failure
#   TEST_LONG=no|only: whatever else is said, no programs that take long, or only these

set -uo pipefail
. "$(dirname "$0")/vm/common.sh"
cd "$LVS_TREE/selftests" || exit 1

only_kselftests=
if [ "${1:-}" = -k ]; then
	only_kselftests=1
	shift
fi
read -ra patterns <<< "${1:-}"
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

# wanted NAME: does a pattern choose it?
wanted()
{
	local pattern

	[ ${#patterns[@]} -gt 0 ] || return 0
	for pattern in "${patterns[@]}"; do
		# shellcheck disable=SC2053 # a pattern on purpose
		[[ $1 != *$pattern* ]] || return 0
	done
	return 1
}

# none_chosen WHAT NUMBER: is there nothing to be run? That is a failure when no pattern says so.
none_chosen()
{
	[ "$2" -eq 0 ] || return
	[ ${#patterns[@]} -gt 0 ] || echo "not ok $1: there are none"
}

section()
{
	printf '\n# ==== %s\n' "$*"
}

# static_check CHECK FILE: run one check; FILE gets its result.
static_check()
{
	local name out
	name=$(basename "$1" .sh)

	if out=$("$1" 2>&1); then
		echo "ok static: $name"
	else
		printf '%s\n' "$out" | head -n 60 | sed 's/^/# /'
		echo "not ok static: $name"
	fi > "$2"
}

# As many checks at once as there are processors.
static()
{
	local check checks=() results

	for check in static/*.sh; do
		if [ -x "$check" ] && wanted "static/$(basename "$check" .sh)"; then
			checks+=("$check")
		fi
	done
	none_chosen "static checks" ${#checks[@]} && return
	section "static checks"
	results=$(mktemp -d) || { echo "not ok static checks: no folder for results"; return; }
	for check in "${checks[@]}"; do
		[ "$(jobs -rp | wc -l)" -lt "$(nproc)" ] || wait -n
		static_check "$check" "$results/${check##*/}" &
	done
	wait
	cat "$results"/*
	rm -rf "$results"
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

# What only a kernel that checks itself can run. That with KCSAN has neither KUnit nor faults of
# memory.
debug_programs()
{
	case ${KERNEL:-6.1} in
	debug) grep -l '^#!' debug/*.sh ;;
	kcsan) echo debug/fuzz.sh ;;
	esac
}

# What takes minutes.
takes_long()
{
	case $1 in
	conntrack.sh|defense.sh|diff_[12].sh|diff_walk.sh|fast.sh|match.sh|protocols.sh|security.sh|tunnels.sh) ;;
	*) return 1 ;;
	esac
}

# A run for one's own eyes leaves out what takes long unless it is asked for, so that it stays
# below ten minutes without KVM. Continuous integration and matrix.sh leave out nothing but
# comparisons with the ip_vs of another kernel than that which they are written for, and most of
# them where they take hours.
left_out()
{
	case ${KERNEL:-6.1}/$1 in
	6.1/*|debug/diff_smoke.sh|kcsan/diff_smoke.sh) ;;
	debug/diff*.sh|kcsan/diff*.sh)
		echo "# left out: $1, which takes hours on this kernel"
		return
		;;
	*/diff*.sh)
		echo "# left out: $1, whose cases are for Linux 6.1"
		return
		;;
	esac
	case ${TEST_LONG:-} in
	no) takes_long "$1"; return ;;
	only) ! takes_long "$1"; return ;;
	esac
	[ -z "${CI:-}" ] && [ ${#patterns[@]} -eq 0 ] && takes_long "$1" || return
	echo "# left out: $1, see CI=1 and T="
}

kselftests()
{
	local programs=() listed name status

	if ! listed=$(make -s -C "$LVS_TREE/selftests" emit_tests | sed 's/.*://') || [ -z "$listed" ]; then
		echo "not ok kselftests: they cannot be listed"
		return
	fi
	for name in $listed $(debug_programs); do
		wanted "$name" && ! left_out "$name" && programs+=("$name")
	done
	none_chosen kselftests ${#programs[@]} && return
	section "kselftests on Linux ${KERNEL:-6.1}, ${LVS_MODULE:-lvs}"
	make -s -C "$LVS_TREE/selftests" all || { echo "not ok kselftests do not build"; return; }
	vm/ktest.sh "${programs[@]}"
	status=$?
	# 1: one failed, which has a line of its own
	[ "$status" -le 1 ] || echo "not ok kselftests: ktest.sh returned $status"
}

# Static checks and unit tests at the same time, so that no processor waits for the other.
without_a_machine()
{
	local out

	out=$(mktemp) || { echo "not ok unit tests: no file for results"; return; }
	{ unit unit; unit ../tools/lvsadm; } > "$out" 2>&1 &
	static
	wait
	cat "$out"
	rm -f "$out"
}

everything()
{
	local begin=$SECONDS

	[ -n "$only_kselftests" ] || [ "${TEST_LONG:-}" = only ] || without_a_machine
	kselftests
	printf '\n# %s s\n' $((SECONDS - begin))
}

everything 2>&1 | tee "$log"
awk -v strict="${CI:+1}" -f vm/sum.awk "$log" | tee -a "$log"
status=${PIPESTATUS[0]}
cp "$log" "$LVS_CACHE/test-${KERNEL:-6.1}.log"
exit "$status"
