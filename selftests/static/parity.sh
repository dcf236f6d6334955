#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every row of Documentation/parity.rst has one of the states told there, and names a test that
# is there: FILE or FILE: TEXT, where TEXT occurs in selftests/FILE, or diff: CASE, where CASE
# is part of the name of a case of selftests/diff. "differs: TEXT" is found in differences.rst.

. "$(dirname "$0")/common.sh"

bad=0
rows=0
cases=$(if [ -e selftests/diff/run.py ]; then /usr/bin/python3 selftests/diff/run.py --list; fi)

# wrong TEXT: about the current row
wrong()
{
	echo "parity.rst: $feature: $1"
	bad=1
}

# flat FILE: its words, so that a line break does not hide a title
flat()
{
	tr -s ' \n' '  ' < "$1"
}

# test_exists FILE TEXT
test_exists()
{
	if [ "$1" = diff ]; then
		grep -qF -- "$2" <<< "$cases"
	else
		[ -f "selftests/$1" ] && grep -qF -- "$2" "selftests/$1"
	fi
}

state_is_known()
{
	case $1 in
	same|"not yet"|later) return 0 ;;
	"differs: "*) flat Documentation/differences.rst | grep -qF -- "${1#differs: }" ;;
	*) return 1 ;;
	esac
}

while IFS='|' read -r feature state tests; do
	read -r feature <<< "$feature"
	read -r state <<< "$state"
	rows=$((rows + 1))
	# classes of bugs are A to K, and tell a reason
	[[ $feature == [A-K]:* ]] || state_is_known "$state" || wrong "state \"$state\" is unknown"
	IFS=';' read -ra tests <<< "$tests"
	for one in "${tests[@]}"; do
		read -r one <<< "$one"
		case "$state $one" in
		"not yet -"|"later -") continue ;;
		esac
		text=
		[ "${one#*: }" = "$one" ] || text=${one#*: }
		test_exists "${one%%: *}" "$text" || wrong "no test \"$one\""
	done
done < <(grep -E '^   [^:].*\|.*\|' Documentation/parity.rst)
# What a case declares as different has its entry, too.
while read -r entry; do
	flat Documentation/differences.rst | grep -qF -- "$entry" ||
		{ echo "selftests/diff: no entry \"$entry\" in differences.rst"; bad=1; }
done < <(sed -n 's/.*differs("\([^"]*\)").*/\1/p' selftests/diff/*.py | sort -u)
[ "$rows" -ge 100 ] || { echo "only $rows rows in parity.rst"; bad=1; }
exit $bad
