#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Unpack from Debian's kernel source what the tests use: the kselftest harness
# and the checking scripts; or all of it, to build kernels.
# usage: source.sh [whole]
# Prints the folder; does nothing when it is there and of the package that is installed.

set -euo pipefail
. "$(dirname "$0")/common.sh"

tarball=/usr/src/linux-source-6.1.tar.xz
[ -r "$tarball" ] || die "$tarball is missing: run 'make deps'"
if [ "${1:-}" = whole ]; then
	out=$LVS_CACHE/linux-source-6.1
	what="the kernel source (once, 1.3 GB, a minute)"
	members=()
else
	out=$LVS_CACHE/source-6.1
	what="the kselftest harness from the kernel source (once, half a minute)"
	members=(--wildcards
		'linux-source-6.1/tools/testing/selftests/lib.mk'
		'linux-source-6.1/tools/testing/selftests/kselftest*'
		'linux-source-6.1/scripts/checkpatch.pl'
		'linux-source-6.1/scripts/spelling.txt'
		'linux-source-6.1/scripts/const_structs.checkpatch'
		'linux-source-6.1/scripts/kernel-doc')
fi
# Files of a package are as old as the package, so that their times do not tell which came first.
key=$(stat -c '%Y %s' "$tarball")
cache_lock "${out##*/}"
if [ "$(cat "$out/.complete" 2>/dev/null)" != "$key" ]; then
	say "unpacking $what"
	rm -rf "$out"
	mkdir -p "$out"
	tar -C "$out" --strip-components=1 -xf "$tarball" "${members[@]}"
	printf '%s\n' "$key" > "$out/.complete"
fi
echo "$out"
