#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Build the packet source for one kernel, in the cache.
# usage: build.sh TREE BUILD OUT [NAME=VALUE for kbuild ...]
#   TREE   the root file system that the kernel's BUILD folder is in
# Prints the path of lvsbench.ko.

set -euo pipefail
. "$(dirname "$0")/../vm/common.sh"

root=$1 build=$2 out=$3
shift 3
inside=$out
mkdir -p "$out"
cp "$LVS_TREE"/selftests/bench/{lvsbench.c,Kbuild} "$out/"
command=(make -s -C "$build")
if [ "$root" != / ]; then
	inside=/tmp/lvsbench-$TREE_ID
	as_root rm -rf "$root$inside"
	as_root cp -r "$out" "$root$inside"
	command=(as_root "$LVS_VM/enter.sh" "$root" "${command[@]}")
fi
"${command[@]}" M="$inside" "$@" modules >"$out/log" 2>&1 ||
	{ cat "$out/log" >&2; die "the bench module does not build"; }
[ "$root" = / ] || as_root cp "$root$inside/lvsbench.ko" "$out/"
echo "$out/lvsbench.ko"
