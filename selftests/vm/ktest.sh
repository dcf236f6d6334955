#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run the kselftests in VMs; prints KTAP.  A few VMs (TEST_JOBS; by default one more
# than there are processors, as tests wait a lot, and at most 4) take the programs
# from one list; when a program kills its machine, that program
# has failed and the rest go on in a fresh one.
# usage: ktest.sh PROGRAM...   (their names, as `make emit_tests' lists them)
# Returns 1 when one of them fails, 2 when none could be tried.  With CI=1, what fails is run a second time, alone: a
# machine that is shared by three VMs may be too slow for a time limit.  The second result
# counts then, and the closing lines name what needed it.  A machine that died, but of QEMU, or a
# kernel that complained, has no second try.

set -uo pipefail
. "$(dirname "$0")/common.sh"

programs=("$@")
limit=$(sed -n 's/^timeout=//p' "$LVS_TREE/selftests/settings")
jobs=${TEST_JOBS:-$(($(nproc) < 3 ? $(nproc) + 1 : 4))}
[ "$jobs" -le $# ] || jobs=$#
mkdir -p "$LVS_CACHE/run"
work=$(mktemp -d "$LVS_CACHE/run/ktest.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
trap 'kill $(jobs -p) 2>/dev/null; exit 143' INT TERM HUP

# race.sh wants the module with latches as well, and kunit.sh modules of its own.
case " $* " in *" race.sh "*) export LVS_WITH_LATCH=1 ;; esac
case " $* " in *" debug/kunit.sh "*) export LVS_WITH_KUNIT=1 ;; esac

# Seen by all VMs: claims/PROGRAM is made by the one that takes PROGRAM, with : for /.
mkdir "$work/claims" || exit 2
export QEMU_ARGS="${QEMU_ARGS:-} -fsdev local,id=claims,path=$work/claims,security_model=none
	-device virtio-9p-pci,fsdev=claims,mount_tag=claims"

# not_ok TEXT: a result of our own
not_ok()
{
	: > "$work/failed"
	echo "not ok $1"
}

# print_blocks: pass on what a VM prints, all of one program at a time.
print_blocks()
{
	local line name block=

	while IFS= read -r line; do
		block+=$line$'\n'
		case $line in
		'not ok'*' selftests: '*)
			if [ -n "$second_try" ] && [[ $line != *'# the kernel complained'* ]]; then
				block=$(printf '%s' "$block" | sed 's/^/# first try: /')$'\n'
				name=${line#*selftests: lvs: }
				echo "${name%% \#*}" >> "$work/again"
			else
				: > "$work/failed"
			fi
			;;&
		ok*' selftests: '*|'not ok'*' selftests: '*)
			{ flock 8; printf '%s' "$block"; } 8>"$work/lock"
			block=
			;;
		esac
	done
	[ -z "$block" ] || { flock 8; printf '%s' "$block" | sed 's/^/# /'; } 8>"$work/lock"
}

# running WORKER: the program that this worker's VM has claimed and not finished
running()
{
	local claim

	for claim in "$work"/claims/*/; do
		if [ "$(cat "$claim/worker" 2>/dev/null)" = "$1" ] && [ ! -e "$claim/done" ]; then
			: > "$claim/done"
			basename "$claim" | tr : /
		fi
	done
}

# unclaimed: is anything left to be done?
unclaimed()
{
	[ "$(find "$work/claims" -mindepth 1 -maxdepth 1 | wc -l)" -lt ${#programs[@]} ]
}

# stale_breakpoint LOG: did the machine die of QEMU? When the kernel patches its own code, QEMU's
# translator may keep the breakpoint that it uses meanwhile (hooks_stay in lib.sh).
stale_breakpoint()
{
	grep -q -E 'Oops: int3|int3: 0000' "$1"
}

# taken WORKER: how many programs it has begun
taken()
{
	grep -lx -e "$1" "$work"/claims/*/worker 2>/dev/null | wc -l
}

# worker N: boot VMs until the list is empty.
worker()
{
	local boot status dead before

	# One that dies at every program still comes to an end.
	for ((boot = 0; boot < ${#programs[@]} + 3; boot++)); do
		unclaimed || break
		before=$(taken "$1")
		# A bound for the whole VM: nothing may take longer than all its parts.
		TIMEOUT=$(((limit + 10) * ${TEST_SLOW:-1} * ${#programs[@]} + 60)) \
		LVS_OUT=$work/out.$1 TEST_WORKER=$1 \
			"$LVS_VM/run.sh" "selftests/vm/ktest-guest.sh ${programs[*]}" 2>&1 |
			tee "$work/log.$1" | print_blocks
		status=${PIPESTATUS[0]}
		case $status in
		0) ;;
		1)
			# what does not get as far as a program will not the next time
			if unclaimed && [ "$(taken "$1")" -eq "$before" ]; then
				not_ok "a machine that begins no program"
				break
			fi
			;;
		99) not_ok "the kernel log is clean" ;;
		*)
			dead=$(running "$1")
			if [ -n "$dead" ] && [ -n "$second_try" ] && stale_breakpoint "$work/log.$1"; then
				echo "# first try: not ok selftests: lvs: $dead # QEMU"
				echo "$dead" >> "$work/again"
			elif [ -n "$dead" ]; then
				not_ok "selftests: lvs: $dead # its VM died (status $status)"
			else
				not_ok "a machine died between programs (status $status)"
			fi
			;;
		esac
	done
}

# run_all: PROGRAMS in as many VMs as there are JOBS
run_all()
{
	local n program

	for ((n = 1; n <= jobs; n++)); do
		worker "$n" &
	done
	wait
	for program in "${programs[@]}"; do
		[ -e "$work/claims/${program//\//:}/done" ] ||
			not_ok "selftests: lvs: $program # not run"
	done
}

second_try=${CI:-}
run_all
if [ -e "$work/again" ]; then
	second_try=
	mapfile -t programs < "$work/again"
	jobs=1
	rm -rf "$work"/claims/*
	printf '# second try: %s\n' "${programs[@]}"
	run_all
fi
[ ! -e "$work/failed" ]
