#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module and the tool pass the kernel's checkpatch, --strict.  Its limit on
# line length is raised to 130; trace.h is made of macros that it cannot read. It
# takes lists of X() for macros with values, does not know that kernel-doc
# comments on a lock, and reads __has_include(<a/b.h>) as arithmetic.

. "$(dirname "$0")/common.sh"

scripts=$("$LVS_VM/source.sh")/scripts
options=(--no-tree --strict --terse --show-types --quiet --no-summary --max-line-length=130)
mapfile -t module < <(sources kmod -- '\.[ch]$' | grep -vE '^kmod/(trace\.h$|compat/)')
mapfile -t compat < <(sources kmod/compat -- '\.[ch]$')
mapfile -t tool < <(sources tools -- '\.[ch]$')
status=0
"$scripts/checkpatch.pl" "${options[@]}" --ignore MACRO_ARG_REUSE,COMPLEX_MACRO,UNCOMMENTED_DEFINITION \
	-f "${module[@]}" || status=1
[ ${#compat[@]} -eq 0 ] || "$scripts/checkpatch.pl" "${options[@]}" \
	--ignore MACRO_ARG_REUSE,SPACING -f "${compat[@]}" || status=1
# What user space is made of is no matter for a kernel's checker.
[ ${#tool[@]} -eq 0 ] || "$scripts/checkpatch.pl" "${options[@]}" \
	--ignore MACRO_ARG_REUSE,PREFER_KERNEL_TYPES,PREFER_DEFINED_ATTRIBUTE_MACRO,CAMELCASE \
	-f "${tool[@]}" || status=1
exit $status
