#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Build the module for one kernel, out of the source tree, in the cache.
# usage: build.sh [-o VARIANT] [NAME=VALUE for kbuild ...]
# The kernel: KDIR= (a kernel build folder), else KERNEL= (6.1 ...), else the
# running kernel's headers, else the newest installed ones.
# Prints the path of lvs.ko.  Only what changed since the last time is compiled.

set -euo pipefail
. "$(dirname "$0")/common.sh"
. "$LVS_VM/kernel.sh"

variant=
if [ "${1:-}" = -o ]; then
	variant=-$2
	shift 2
fi

find_build_dir()
{
	local running
	running=/lib/modules/$(uname -r)/build

	if [ -n "${KDIR:-}" ]; then
		K_BUILD=$KDIR
	elif [ -n "${KERNEL:-}" ] || [ ! -e "$running/Makefile" ]; then
		kernel_find "${KERNEL:-6.1}"
	else
		K_BUILD=$running
	fi
	K_RELEASE=$(sed -n 's/^#define UTS_RELEASE "\(.*\)"/\1/p' \
		"$K_BUILD/include/generated/utsrelease.h") ||
		die "$K_BUILD is no kernel build folder"
}

find_build_dir
out=$LVS_CACHE/build/$K_RELEASE$variant/$TREE_ID
mkdir -p "$out"
cache_lock "build-$K_RELEASE$variant-$TREE_ID"

# Copying keeps the times, so make sees what changed; its own products stay.
rsync -a --delete --exclude='*.o' --exclude='.*' --exclude='*.mod' \
	--exclude='*.mod.c' --exclude='*.ko' --exclude='Module.symvers' \
	--exclude='modules.order' \
	"$LVS_TREE/Kbuild" "$LVS_TREE/kmod" "$out/"

# gcc names files below $out: name them as they are called in the checkout.
make -s -C "$K_BUILD" M="$out" -j"$(nproc)" "$@" modules 2>&1 |
	sed -u -e "s#$out/##g" -e '/^warning: the compiler differs/d' \
		-e '/^  The kernel was built by:/d' -e '/^  You are using:/d' \
		-e '/^Skipping BTF generation/d' >&2
echo "$out/kmod/lvs.ko"
