#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Make a Debian tree of another suite, which serves two ends: the newest kernel's
# module is built in it (its headers want that suite's compiler), and it is the
# root file system of the VM that runs that kernel.
# usage: tree.sh NAME SUITE
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
say "making a tree of $suite (once, about 1.3 GB, five to ten minutes)"
log=$LVS_CACHE/tree-$name.log
as_root rm -rf "$out"
mkdir -p "$out"

# What the tests use in the VM, as far as that suite has it under this name.
mapfile -t packages < <(sed -n 's/^[a-z]* \([^|]*\).*/\1/p' "$LVS_VM/packages" |
	grep -vE '^(linux-source|qemu|clang|debootstrap|shellcheck|busybox|libasan|sparse|bpftool)')

if ! as_root debootstrap --variant=minbase "$suite" "$out/root" "$mirror" >"$log" 2>&1 ||
   ! as_root chroot "$out/root" /bin/sh -e >>"$log" 2>&1 <<-EOF
	export DEBIAN_FRONTEND=noninteractive LC_ALL=C
	# Nothing is to be started, no boot loader to be written.
	printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
	chmod 755 /usr/sbin/policy-rc.d
	# A mirror may be kept at a day gone by.
	apt-get -q -o Acquire::Check-Valid-Until=false update
	apt-get -q install -y --no-install-recommends ${packages[*]}
	apt-get clean
	EOF
then
	tail -n 30 "$log" >&2
	die "cannot make the tree of $suite, see $log"
fi
basename "$(find "$out/root/boot" -name 'vmlinuz-*-amd64' | sort -V | tail -n 1)" |
	sed 's/^vmlinuz-//' > "$out/release"
touch "$out/.complete"
echo "$out"
