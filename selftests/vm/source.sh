#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Unpack from Debian's kernel source what the tests use: the kselftest harness
# and the checking scripts.  Prints the folder; does nothing when it is there.

set -euo pipefail
. "$(dirname "$0")/common.sh"

tarball=/usr/src/linux-source-6.1.tar.xz
out=$LVS_CACHE/source-6.1
[ -r "$tarball" ] || die "$tarball is missing: run 'make deps'"
cache_lock source
if [ ! "$out/.complete" -nt "$tarball" ]; then
	say "unpacking the kselftest harness from the kernel source (once, half a minute)"
	rm -rf "$out"
	mkdir -p "$out"
	tar -C "$out" --strip-components=1 -xf "$tarball" --wildcards \
		'linux-source-6.1/tools/testing/selftests/lib.mk' \
		'linux-source-6.1/tools/testing/selftests/kselftest*' \
		'linux-source-6.1/scripts/checkpatch.pl' \
		'linux-source-6.1/scripts/spelling.txt' \
		'linux-source-6.1/scripts/const_structs.checkpatch' \
		'linux-source-6.1/scripts/kernel-doc'
	touch "$out/.complete"
fi
echo "$out"
