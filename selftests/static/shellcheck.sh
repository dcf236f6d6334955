#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Every shell script passes shellcheck.

. "$(dirname "$0")/common.sh"

mapfile -t scripts < <({ sources selftests tools -- '\.sh$'
	sources .ci selftests tools -- '.' | xargs grep -lE '^#!/bin/(ba)?sh|^# shellcheck shell=' ; } | sort -u)
[ ${#scripts[@]} -gt 0 ] || exit 1
shellcheck "${scripts[@]}"
