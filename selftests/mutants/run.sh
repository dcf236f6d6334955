#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Who tests the tests: each patch here seeds one defect into the module and names
# the test that must notice. A mutant that survives is a failure.
#
# usage: run.sh [-k KIND] [PATTERN]	mutants whose name matches (a shell pattern)
#	KIND: unit (the default: built and run here, a few seconds each), vm, debug,
#	vm+debug or all; a list of them is joined by +
#
# In a patch, "Killed-by: KIND TEST..." is one of
#	unit PROGRAM NAME...	unit tests of selftests/unit, of the program pools or
#				conns, whose names contain a NAME
#	vm SCRIPT [ARGUMENT...]	a program of selftests/ on the stock kernel
#	debug SCRIPT ...	the same on the debug kernel
#
# Every named test must pass without the mutant, first.

set -uo pipefail
. "$(dirname "$0")/../vm/common.sh"

kinds=unit
if [ "${1:-}" = -k ]; then
	kinds=$2
	shift 2
fi
[ "$kinds" != all ] || kinds=unit+vm+debug
pattern=${1:-*}

# A copy that keeps its place, so that only what a mutant changes is compiled.
copy=$LVS_CACHE/mutants/$TREE_ID
mkdir -p "$copy"
cache_lock "mutants-$TREE_ID"
log=$copy.log

fresh_copy()
{
	rsync -a --delete --exclude=/.git --exclude='/selftests/unit/build' --exclude='*.o' --exclude='*.ko' \
		"$LVS_TREE/" "$copy/"
}

header()
{
	sed -n "/^---$/q; s/^$2: *//p" "$1"
}

# run_unit PROGRAM NAME...; returns 2 if it does not build
run_unit()
{
	local program=$1

	shift
	make -s -C "$copy/selftests/unit" "build/$program/unit" > "$log" 2>&1 || return 2
	timeout 120 "$copy/selftests/unit/build/$program/unit" "$@" > "$log" 2>&1
}

# run_vm KERNEL SCRIPT ...; returns 2 if the module does not build
run_vm()
{
	local kernel=$1

	shift
	KERNEL=$kernel "$copy/selftests/vm/build.sh" > "$log" 2>&1 || return 2
	KERNEL=$kernel timeout 1200 make -s -C "$copy" vm CMD="cd selftests && ./$*" > "$log" 2>&1
}

# run_test KIND TEST...
run_test()
{
	local kind=$1

	shift
	case $kind in
	unit) run_unit "$@" ;;
	vm) run_vm 6.1 "$@" ;;
	debug) run_vm debug "$@" ;;
	*) return 2 ;;
	esac
}

declare -A good	# by test: 1 if it passes without a mutant

# passes TEST...: without a mutant
passes()
{
	if [ -z "${good[$*]:-}" ]; then
		good[$*]=0
		! run_test "$@" || good[$*]=1
	fi
	[ "${good[$*]}" = 1 ]
}

report()
{
	number=$((number + 1))
	echo "$1 $number - $2: $3"
	[ "$1" = ok ] || { failed=$((failed + 1)); tail -n 20 "$log" | sed 's/^/# /'; }
}

# put_back PATCH: make sees that the files have changed once more
put_back()
{
	sed -n 's#^+++ b/##p' "$1" | while read -r file; do
		cp "$LVS_TREE/$file" "$copy/$file"
	done
}

# mutant PATCH
mutant()
{
	local name test status

	name=$(basename "$1" .patch)
	read -ra test < <(header "$1" Killed-by)
	[[ +$kinds+ == *+"${test[0]:-none}"+* ]] || return
	if ! passes "${test[@]}"; then
		report "not ok" "$name" "${test[*]} fails without the mutant"
		return
	fi
	if ! patch -p1 -s -f --no-backup-if-mismatch -r - -d "$copy" < "$1" > "$log" 2>&1; then
		put_back "$1"
		report "not ok" "$name" "the patch does not apply"
		return
	fi
	run_test "${test[@]}" 2>/dev/null	# or the shell tells of each that aborted
	status=$?
	put_back "$1"
	case $status in
	0) report "not ok" "$name" "survived ${test[*]}" ;;
	2) report "not ok" "$name" "does not build" ;;
	*) report ok "$name" "killed by ${test[*]}" ;;
	esac
}

number=0
failed=0
begin=$SECONDS
fresh_copy
for file in "$LVS_TREE"/selftests/mutants/*.patch; do
	# shellcheck disable=SC2053 # a pattern on purpose
	if [[ $(basename "$file" .patch) == $pattern ]]; then
		mutant "$file"
	fi
done
echo "1..$number"
echo "# $((number - failed)) of $number mutants killed in $((SECONDS - begin)) s"
[ $number -gt 0 ] && [ $failed -eq 0 ]
