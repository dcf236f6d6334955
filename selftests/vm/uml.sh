#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Build User Mode Linux, a kernel that is a process of this machine, from Debian's kernel
# source: tinyconfig and kernel-config/um.config.
# Prints the folder: linux, lib/modules/RELEASE, build (to build modules against with
# ARCH=um), release.  Built again when the fragment or the source has changed.

set -euo pipefail
. "$(dirname "$0")/common.sh"

fragment=$LVS_VM/kernel-config/um.config
tarball=/usr/src/linux-source-6.1.tar.xz
"$LVS_VM/deps.sh" kernel
[ -r "$tarball" ] || die "$tarball is missing: run 'make deps'"
out=$LVS_CACHE/kernel/um
key=$(cat "$fragment" "$0" | cksum)-$(stat -c %Y "$tarball")
cache_lock kernel-um
if [ "$(cat "$out/.complete" 2>/dev/null)" = "$key" ]; then
	echo "$out"
	exit 0
fi

log=$out/log
rm -rf "$out"
mkdir -p "$out/build"
source=$("$LVS_VM/source.sh" whole)

build()
{
	make -s -C "$source" O="$out/build" ARCH=um "$@" >>"$log" 2>&1 ||
		{ tail -n 30 "$log" >&2; die "User Mode Linux does not build, see $log"; }
}

say "building User Mode Linux (once, about 15 minutes on two processors)"
build tinyconfig
(cd "$out/build" && "$source/scripts/kconfig/merge_config.sh" -m -O . .config "$fragment" >>"$log" 2>&1)
build olddefconfig
# Options vanish silently.
missing=$(grep '^CONFIG_' "$fragment" | grep -vxF -f "$out/build/.config" || true)
[ -z "$missing" ] || die "User Mode Linux lacks what the bench needs:" "$missing"
build -j"$(nproc)" linux modules
release=$(make -s -C "$source" O="$out/build" ARCH=um kernelrelease)
build modules_install INSTALL_MOD_PATH="$out"
cp "$out/build/linux" "$out/"
rm -f "$out/lib/modules/$release"/{build,source}
printf '%s\n' "$release" > "$out/release"
printf '%s\n' "$key" > "$out/.complete"
echo "$out"
