#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# cppcheck finds nothing in the module, the tool and the programs of the tests but
# what cppcheck.suppress gives a reason for; and it does find a fault.

. "$(dirname "$0")/common.sh"

options=(--quiet --std=c11 --platform=unix64 --error-exitcode=1 --inline-suppr
	"--enable=warning,performance,portability,style"
	"--template={file}:{line}: {severity}: {message} [{id}]"
	--include=selftests/static/cppcheck.h
	--suppressions-list=selftests/static/cppcheck.suppress)

fault=$(mktemp --suffix=.c)
trap 'rm -f "$fault"' EXIT
echo 'int f(int n) { int a[4]; list_for_each_entry(a, n, n) a[4] = n; return a[0]; }' > "$fault"
if cppcheck "${options[@]}" "$fault" 2>/dev/null; then
	echo "cppcheck does not see a fault when there is one"
	exit 1
fi

mapfile -t module < <(sources kmod -- '\.c$')
mapfile -t tool < <(sources tools/lvsadm selftests/bin selftests/fuzz -- '\.c$')
status=0
cppcheck "${options[@]}" "${module[@]}" || status=1
# what includes <err.h> may have a variable of the name err
cppcheck "${options[@]}" -DLVS_USER_SPACE "${tool[@]}" || status=1
exit $status
