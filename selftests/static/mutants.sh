#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every mutant in selftests/mutants still applies to the module, and names a test
# that is there. Whether the tests notice them is seen by selftests/mutants/run.sh.

. "$(dirname "$0")/common.sh"

bad=0
count=0
for file in selftests/mutants/*.patch; do
	count=$((count + 1))
	if ! patch -p1 -s -f --dry-run -r - < "$file" > /dev/null; then
		echo "$file does not apply"
		bad=1
	fi
	read -r kind program name _ < <(sed -n 's/^Killed-by: *//p' "$file")
	case $kind in
	unit)
		if ! grep -qE "^UNIT_TEST\($name|^TICK_TEST\($name" selftests/unit/*_test.c; then
			echo "$file: no unit test begins with $name"
			bad=1
		fi ;;
	vm|debug)
		if [ ! -x "selftests/$program" ]; then
			echo "$file: no selftests/$program"
			bad=1
		fi ;;
	*)
		echo "$file: \"Killed-by: $kind\" is nothing that run.sh knows"
		bad=1 ;;
	esac
done
[ $count -ge 15 ] || { echo "only $count mutants"; bad=1; }
exit $bad
