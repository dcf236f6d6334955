#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Build the module for one kernel, out of the source tree, in the cache.
# usage: build.sh [-o VARIANT] [NAME=VALUE for kbuild ...]
# The kernel: KDIR= (a kernel build folder), else KERNEL= (6.1 ...), else the
# running kernel's headers, else the newest installed ones.
# For one of KERNEL='s, a warning is a failure, at W=1 too, unless LVS_MAY_WARN=1.
# Prints the path of lvs.ko, whose companions are beside it.  Only what changed since the last time is compiled.

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

	K_ROOT=/
	K_NAME=
	if [ -n "${KDIR:-}" ]; then
		K_BUILD=$KDIR
	elif [ -n "${KERNEL:-}" ] || [ ! -e "$running/Makefile" ]; then
		kernel_find "${KERNEL:-6.1}"
	else
		K_BUILD=$running
	fi
	K_RELEASE=$(sed -n 's/^#define UTS_RELEASE "\(.*\)"/\1/p' \
		"${K_ROOT%/}$K_BUILD/include/generated/utsrelease.h") ||
		die "$K_BUILD is no kernel build folder"
}

# copy_sources FOLDER: copying keeps the times, so make sees what has changed; its own
# products there stay.
copy_sources()
{
	rsync -a --delete --exclude='*.o' --exclude='.*' --exclude='*.mod' \
		--exclude='*.mod.c' --exclude='*.ko' --exclude='Module.symvers' \
		--exclude='modules.order' \
		"$LVS_TREE/Kbuild" "$LVS_TREE/kmod" "$1/"
}

# compile TREE FOLDER ARGS...: gcc names files below FOLDER; name them as they are
# called in the checkout.
compile()
{
	local command=(make -s -C "$K_BUILD" M="$2" -j"$(nproc)" "${@:3}" modules)

	[ "$1" = / ] || command=("$LVS_VM/enter.sh" "$1" "${command[@]}")
	as_owner "$1" "${command[@]}" 2>&1 |
		sed -u -e "s#$2/##g" -e '/^warning: the compiler differs/d' \
			-e '/^  The kernel was built by:/d' -e '/^  You are using:/d' \
			-e '/^Skipping BTF generation/d' >&2
}

# as_owner TREE CMD...: only root may enter another tree.
as_owner()
{
	local tree=$1
	shift

	if [ "$tree" = / ]; then
		"$@"
	else
		as_root "$@"
	fi
}

find_build_dir
# On the kernels that it is tested on, it builds without a word. Others may have other compilers.
if [ -n "$K_NAME" ] && [ -z "${LVS_MAY_WARN:-}" ]; then
	set -- W=1 KCFLAGS=-Werror "$@"
fi
out=$LVS_CACHE/build/$K_RELEASE$variant/$TREE_ID
mkdir -p "$out"
cache_lock "build-$K_RELEASE$variant-$TREE_ID"
if [ "$K_ROOT" = / ]; then
	copy_sources "$out"
	compile / "$out" "$@"
else
	inside=/build/$TREE_ID$variant
	as_owner "$K_ROOT" mkdir -p "$K_ROOT$inside" "$out/kmod"
	as_owner "$K_ROOT" chown "$(id -u)" "$K_ROOT$inside"
	copy_sources "$K_ROOT$inside"
	compile "$K_ROOT" "$inside" "$@"
	cp "$K_ROOT$inside"/kmod/*.ko "$out/kmod/"
fi
echo "$out/kmod/lvs.ko"
