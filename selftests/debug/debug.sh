# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the programs for the debug kernel share: what the kernel finds out
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
