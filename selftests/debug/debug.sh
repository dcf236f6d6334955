# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the programs for the debug kernel share: repetitions, and what the kernel finds out
# about memory that nobody points to any more. To be sourced after lib.sh.

KMEMLEAK=/sys/kernel/debug/kmemleak

# Nothing that was lost before the test began is ours.
leaks_forget()
{
	[ ! -e "$KMEMLEAK" ] || echo clear > "$KMEMLEAK"
}

# leaks_none: no memory has been lost. Objects younger than five seconds are not looked at,
# and a pointer that was just being moved can hide from one scan.
leaks_none()
{
	local out

	[ -e "$KMEMLEAK" ] || { note "this kernel has no kmemleak"; return 0; }
	sleep 6
	echo scan > "$KMEMLEAK" || { fail "kmemleak does not work any more"; return; }
	sleep 2
	echo scan > "$KMEMLEAK"
	out=$(cat "$KMEMLEAK")
	[ -z "$out" ] && return 0
	fail "memory is lost"
	note "$(head -n 100 <<< "$out")"
	return 1
}

# slabs_gone: the module has left no cache of objects behind.
slabs_gone()
{
	! grep '^lvs' /proc/slabinfo
}

# repeat COUNT SECONDS CMD ARGS...: CMD once for every number from 1 to COUNT, which it gets
# as its last argument, until one fails. When SECONDS have gone by the rest is given up,
# which is a failure too, unless there were REPEAT_LEAST.
REPEAT_LEAST=

repeat()
{
	local count=$1 seconds=$2 begin=$SECONDS i
	shift 2

	for ((i = 1; i <= count; i++)); do
		if [ $((SECONDS - begin)) -ge $((seconds * TEST_SLOW)) ]; then
			note "$((i - 1)) of $count repetitions in $((SECONDS - begin)) s"
			[ "$i" -gt "${REPEAT_LEAST:-$count}" ] && return
			fail "too few"
			return 1
		fi
		"$@" "$i"
		[ "$TEST_RESULT" = pass ] || { note "in repetition $i"; return 1; }
	done
	note "$count repetitions in $((SECONDS - begin)) s"
}
