#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Who tests the tests: each patch here seeds one defect into the module and names
# the test that must notice. A mutant that survives is a failure.
#
# usage: run.sh [-k KIND] [PATTERN]	mutants whose name matches (a shell pattern)
#	KIND: unit (built and run here, a few seconds each), vm, debug, or all
#	(the default); a list of them is joined by +
#
# In a patch, "Killed-by: KIND TEST..." is one of
#	unit PROGRAM NAME...	unit tests of selftests/unit, of the program pools or
#				conns, whose names contain a NAME
#	vm SCRIPT [ARGUMENT...]	a program of selftests/ on the stock kernel, told to run
#				only what is to fail; the shell reads this line
#	debug SCRIPT ...	the same on the debug kernel
#
# Every named test must pass without the mutant, first: those for one kernel are tried in
# one boot. Then each mutant has a boot of its own, which must end within VM_TIME seconds,
# or DEBUG_TIME on the debug kernel.

set -uo pipefail
. "$(dirname "$0")/../vm/common.sh"

kinds=all
VM_TIME=${VM_TIME:-60}
DEBUG_TIME=${DEBUG_TIME:-150}
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
# what a defect leaves unused is not what is to be noticed
export LVS_MAY_WARN=1

fresh_copy()
{
	# what differs gets the present time, so that no object of an earlier mutant passes for new
	rsync -rlpgoD --checksum --delete --exclude=/.git --exclude='/selftests/unit/build' \
		--exclude='*.o' --exclude='*.ko' "$LVS_TREE/" "$copy/"
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

# run_vm KERNEL SECONDS COMMAND: what run.sh of the VM returns; 2 if the module does not build
run_vm()
{
	KERNEL=$1 "$copy/selftests/vm/build.sh" > "$log" 2>&1 || return 2
	KERNEL=$1 TIMEOUT=$2 "$copy/selftests/vm/run.sh" "cd selftests; $3" > "$log" 2>&1
}

# run_test KIND TEST...
run_test()
{
	local kind=$1

	shift
	case $kind in
	unit) run_unit "$@" ;;
	vm) run_vm 6.1 "$VM_TIME" "./$*" ;;
	debug) run_vm debug "$DEBUG_TIME" "./$*" ;;
	*) return 2 ;;
	esac
}

declare -A good	# by test: 1 if it passes without a mutant, 0 if not

# try_vm KIND KERNEL: all tests of this kind that the chosen mutants name
try_vm()
{
	local tests test command='' number status=0

	mapfile -t tests < <(for file in "${chosen[@]}"; do header "$file" Killed-by; done |
		sed -n "s/^$1 //p" | sort -u)
	[ ${#tests[@]} -gt 0 ] || return
	echo "# without mutants: ${#tests[@]} test(s) on the kernel $2"
	for number in "${!tests[@]}"; do
		command+="./${tests[number]} && echo 'mutants: passes $number'; "
	done
	run_vm "$2" $((DEBUG_TIME * 4)) "$command true" || status=$?
	for number in "${!tests[@]}"; do
		test=${tests[number]}
		# what fails may do so because of what ran before it: then it is tried alone
		[ "$status" -ne 0 ] || ! grep -qx "mutants: passes $number" "$log" ||
			good[$1 $test]=1
	done
	cp "$log" "$copy.without-$1.log"
}

# passes TEST...: without a mutant
passes()
{
	if [ -z "${good[$*]:-}" ]; then
		good[$*]=0
		! run_test "$@" || good[$*]=1
	fi
	[ "${good[$*]}" = 1 ]
}

# report OK NAME TEXT: of the mutant at hand; mutant() knows its test and when it began
report()
{
	number=$((number + 1))
	echo "$1 $number - $2: $3"
	rows+=("$(printf '%-32s %-31s %4d s  %s' "$2" "$3" $((SECONDS - began)) "${test[*]}")")
	[ "$1" = ok ] || { failed=$((failed + 1)); tail -n 20 "$log" | sed 's/^/# /'; }
}

# put_back PATCH: make sees that the files have changed once more
put_back()
{
	sed -n 's#^+++ b/##p' "$1" | while read -r file; do
		cp "$LVS_TREE/$file" "$copy/$file"
	done
}

# noticed KIND STATUS: does the log tell of a test that failed, or of how its program died?
# A machine or a build that fails returns 1 as well.
noticed()
{
	grep -q -E '^(# )*(not ok|Bail out!)' "$log" && return
	[ "$1" = unit ] || return
	[ "$2" -gt 128 ] ||
		grep -q -E 'ERROR: [A-Za-z]+Sanitizer|WARNING: ThreadSanitizer|runtime error: ' "$log"
}

# mutant PATCH
mutant()
{
	local name test status began=$SECONDS

	name=$(basename "$1" .patch)
	read -ra test < <(header "$1" Killed-by)
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
	0) report "not ok" "$name" "survived" ;;
	2) report "not ok" "$name" "does not build" ;;
	99) report ok "$name" "killed, the kernel complained" ;;
	124) report "not ok" "$name" "no result in time" ;;
	125)
		# a machine that did not start says nothing of the mutant
		if grep -q -E 'Kernel panic|BUG: |WARNING: ' "$log"; then
			report ok "$name" "killed, the kernel died"
		else
			report "not ok" "$name" "the machine ended without a reason"
		fi
		;;
	*)
		if noticed "${test[0]}" "$status"; then
			report ok "$name" "killed, the test failed"
		else
			report "not ok" "$name" "status $status without a reason"
		fi
		;;
	esac
}

number=0
failed=0
rows=()
chosen=()
begin=$SECONDS
fresh_copy
for file in "$LVS_TREE"/selftests/mutants/*.patch; do
	kind=$(header "$file" Killed-by)
	# shellcheck disable=SC2053 # a pattern on purpose
	if [[ $(basename "$file" .patch) == $pattern && +$kinds+ == *+"${kind%% *}"+* ]]; then
		chosen+=("$file")
	fi
done
try_vm vm 6.1
try_vm debug debug
for file in "${chosen[@]}"; do
	mutant "$file"
done
echo "1..$number"
printf '# %-32s %-31s %6s  %s\n' mutant result time test
printf '# %s\n' "${rows[@]}"
echo "# $((number - failed)) of $number mutants killed in $((SECONDS - begin)) s"
[ $number -gt 0 ] && [ $failed -eq 0 ]
