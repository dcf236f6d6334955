#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Fetch a kernel from another suite of the Debian archive that this machine uses,
# without installing it: image, modules and headers are unpacked in the cache.
# usage: fetch.sh NAME SUITE
# Prints the folder; does nothing when it is complete.

set -euo pipefail
. "$(dirname "$0")/common.sh"

name=$1
suite=$2
out=$LVS_CACHE/kernel/$name
cache_lock "kernel-$name"
if [ -e "$out/.complete" ]; then
	echo "$out"
	exit 0
fi

mirror=$(apt-get indextargets --format "\$(REPO_URI) \$(ORIGIN) \$(LABEL)" \
	'Created-By: Packages' | sed -n 's/ Debian Debian$//p' | head -n 1)
[ -n "$mirror" ] || die "this machine's sources of packages name no Debian archive"
say "fetching the kernel of $suite (once, about 150 MB, two minutes)"

# An apt of our own: neither its sources nor its lists are this machine's.
apt=$out/apt
rm -rf "$out"
mkdir -p "$apt/lists/partial" "$apt/archives/partial"
: > "$apt/status"
printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' \
	"$mirror" "$suite" > "$apt/sources.list"
options=(-q -o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
	-o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt"
	-o "Dir::State::status=$apt/status" -o APT::Sandbox::User=root
	-o Acquire::Languages=none -o Acquire::Check-Valid-Until=false)
log=$out/log
apt-get "${options[@]}" update >"$log" 2>&1 || { tail "$log" >&2; die "no list of $suite"; }

# needs PACKAGE PATTERN: the first package that it depends on, of this name
needs()
{
	apt-cache "${options[@]}" show "$1" | sed -n 's/^Depends: //p' | tr ',|' '[\n*]' |
		sed 's/^ *//; s/ .*//' | grep -E -m 1 "$2"
}

image=$(needs linux-image-amd64 '^linux-image-')
headers=$(needs linux-headers-amd64 '^linux-headers-')
release=${image#linux-image-}
packages=("$image" "$headers" "$(needs "$headers" '^linux-headers-.*-common$')"
	"$(needs "$headers" '^linux-kbuild-')")
# Newer images leave the modules and the bare image to packages of their own.
for package in $(apt-cache "${options[@]}" show "$image" | sed -n 's/^Depends: //p' |
		tr ',' '\n' | grep -oE 'linux-(modules|base|binary)-[^ ]*' || true); do
	packages+=("$package")
done
cd "$out"
apt-get "${options[@]}" download "${packages[@]}" >>"$log" 2>&1 ||
	{ tail "$log" >&2; die "cannot download ${packages[*]}"; }
for package in ./*.deb; do
	dpkg-deb -x "$package" "$out"
done
rm -rf ./*.deb "$apt"

# The headers name each other by the paths at which they would be installed.
grep -lE '/usr/(src|lib)/linux-' usr/src/linux-headers-*/Makefile usr/src/linux-headers-*/.kernelvariables 2>/dev/null |
	xargs -r sed -i -E "s#(^|[ =])(/usr/(src|lib)/linux-)#\1$out\2#g"
[ -d lib/modules ] || ln -s usr/lib lib
/sbin/depmod -b "$out" "$release"
printf '%s\n' "$release" > release
touch .complete
echo "$out"
