#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Fetch a kernel from another suite of the Debian archive that this machine uses,
# without installing it: image, modules and headers are unpacked in the cache.
# Of another architecture only what it takes to compile is fetched: the headers,
# with this machine's own build of the kernel's tools, and libmnl for lvsadm.
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
if [ -e "$out/.complete" ]; then
	echo "$out"
	exit 0
fi

say "fetching $name from $suite (once, up to 150 MB, two minutes)"
rm -rf "$out"
apt_open "$out" "$suite" "$arch"
headers=$(apt_depends "linux-headers-$arch" '^linux-headers-' | head -n 1)
release=${headers#linux-headers-}
packages=("$headers" "$(apt_depends "$headers" '^linux-headers-.*-common$')"
	"$(apt_depends "$headers" '^linux-kbuild-'):amd64")
if [ "$arch" = amd64 ]; then
	# Newer images leave the modules and the bare image to packages of their own.
	image=linux-image-$release
	mapfile -t -O "${#packages[@]}" packages < <(echo "$image"
		apt_depends "$image" '^linux-(modules|base|binary)-' || true)
fi
apt_unpack "${packages[@]}"
apt_close
if [ "$arch" != amd64 ]; then
	apt_open "$out" "${suite%-backports}" "$arch"
	apt_unpack "libmnl-dev:$arch" "libmnl0:$arch"
	apt_close
fi

# The headers name each other by the paths at which they would be installed.
cd "$out"
grep -lE '/usr/(src|lib)/linux-' usr/src/linux-headers-*/Makefile usr/src/linux-headers-*/.kernelvariables 2>/dev/null |
	xargs -r sed -i -E "s#(^|[ =])(/usr/(src|lib)/linux-)#\1$out\2#g"
if [ "$arch" = amd64 ]; then
	[ -d lib/modules ] || ln -s usr/lib lib
	/sbin/depmod -b "$out" "$release"
fi
printf '%s\n' "$release" > release
touch .complete
echo "$out"
