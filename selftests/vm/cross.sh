#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Compile the module and lvsadm for another architecture: a word from gcc at W=1, from
# sparse with its endian checks, or from the linker fails it. Then boot that
# architecture's kernel and balance there.
# usage: cross.sh

set -euo pipefail
. "$(dirname "$0")/common.sh"

# no_word OF CMD...: show what CMD prints, and fail when that is anything
no_word()
{
	local of=$1 out status=0
	shift

	out=$("$@" 2>&1) || status=$?
	printf '%s' "${out:+$out$'\n'}" >&2
	[ "$status$out" = 0 ] || die "$of does not compile cleanly"
}

# is_for FILE MACHINE: what came out is what was asked for
is_for()
{
	LC_ALL=C readelf -h "$1" | grep -q "Machine: *$2\$" || die "$1 is not for $2"
}

module()
{
	KDIR=$1 "$LVS_VM/build.sh" -o cross W=1 C=2 CF=-D__CHECK_ENDIAN__ >/dev/null
}

# tool FOLDER: in a copy; libmnl is in FOLDER, the rest is the compiler's own
tool()
{
	rsync -a --delete --include='*.c' --include='*.h' --include=Makefile --exclude='*' \
		"$LVS_TREE/tools/lvsadm/" "$work/lvsadm/"
	CPPFLAGS=-I$1/usr/include LDFLAGS="-L$1/usr/lib/aarch64-linux-gnu" \
		make -s -C "$work/lvsadm" CC=aarch64-linux-gnu-gcc lvsadm
}

kernel=$("$LVS_VM/fetch.sh" 6.12-arm64 bookworm-backports arm64)
release=$(cat "$kernel/release")
work=$LVS_CACHE/build/$release-cross/$TREE_ID
say "compiling for $release (a minute)"
# All of it, every time: a warning is printed only when a file is compiled.
rm -rf "$work"
mkdir -p "$work"
no_word "the module" module "$kernel/usr/src/linux-headers-$release"
no_word lvsadm tool "$kernel"
is_for "$work/kmod/lvs.ko" AArch64
is_for "$work/lvsadm/lvsadm" AArch64
echo "module and tool compile for $release without a warning"
"$LVS_VM/cross-boot.sh" "$kernel" "$work"
echo "module and tool balance on $release"
