#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Fetch a kernel from another suite of the Debian archive that this machine uses,
# without installing it: image, modules and headers are unpacked in the cache.
# Of another architecture, also what it takes to compile and try lvsadm: libmnl and
# busybox; the kernel's tools for building are this machine's own there.
# usage: fetch.sh NAME SUITE [ARCHITECTURE]
# Prints the folder; does nothing when it is complete.

set -euo pipefail
. "$(dirname "$0")/common.sh"
. "$LVS_VM/apt.sh"

name=$1
suite=$2
arch=${3:-amd64}
out=$LVS_CACHE/kernel/$name
cache_lock "kernel-$name"
if [ -e "$out/.complete" ] && { [ "$arch" = amd64 ] || [ -e "$out/bin/busybox" ]; }; then
	echo "$out"
	exit 0
fi

say "fetching $name from $suite (once, up to 150 MB, two minutes)"
rm -rf "$out"
apt_open "$out" "$suite" "$arch"
headers=$(apt_depends "linux-headers-$arch" '^linux-headers-' | head -n 1)
release=${headers#linux-headers-}
image=linux-image-$release
packages=("$image" "$headers" "$(apt_depends "$headers" '^linux-headers-.*-common$')"
	"$(apt_depends "$headers" '^linux-kbuild-'):amd64")
# Newer images leave the modules and the bare image to packages of their own.
mapfile -t -O "${#packages[@]}" packages < <(apt_depends "$image" '^linux-(modules|base|binary)-')
apt_unpack "${packages[@]}"
apt_close
if [ "$arch" != amd64 ]; then
	apt_open "$out" "${suite%-backports}" "$arch"
	apt_unpack "libmnl-dev:$arch" "libmnl0:$arch" "busybox:$arch"
	apt_close
fi

# The headers name each other by the paths at which they would be installed.
cd "$out"
grep -lE '/usr/(src|lib)/linux-' usr/src/linux-headers-*/Makefile usr/src/linux-headers-*/.kernelvariables 2>/dev/null |
	xargs -r sed -i -E "s#(^|[ =])(/usr/(src|lib)/linux-)#\1$out\2#g"
[ -d lib/modules ] || ln -s usr/lib lib
/sbin/depmod -b "$out" "$release"
printf '%s\n' "$release" > release
touch .complete
echo "$out"
