#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Tests of lvsadm that need no kernel: golden transcripts, JSON against its
# schema, pages against the program, batches.
#
#	check.sh PROGRAM	lvsadm, linked with fake_kernel.c

PROGRAM=$1
cd "$(dirname "$0")" || exit 1
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1
export LC_ALL=C
status=0

python3 golden.py "$PROGRAM" golden/*.t || status=1
python3 checks.py "$PROGRAM" || status=1
exit $status
