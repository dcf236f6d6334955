#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module builds without a word from gcc at W=1 and from sparse, endianness
# included.

. "$(dirname "$0")/common.sh"

# All of it, every time: a warning is printed only when a file is compiled.
rm -rf "$LVS_CACHE"/build/*-check/"$TREE_ID"
out=$(KERNEL=${KERNEL:-6.1} "$LVS_VM/build.sh" -o check W=1 C=2 CF=-D__CHECK_ENDIAN__ 2>&1)
status=$?
printf '%s\n' "$out" | grep -v '/kmod/lvs.ko$'
[ "$status" -eq 0 ] && [ "$(printf '%s\n' "$out" | wc -l)" -eq 1 ]
