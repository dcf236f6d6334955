#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Make a Debian tree of another suite, which serves two ends: the newest kernel's
# module is built in it (its headers want that suite's compiler), and it is the
# root file system of the VM that runs that kernel.
# usage: tree.sh NAME SUITE
# Prints the folder; does nothing when it is complete.  When the list of packages has
# grown, those that are new are installed.

set -euo pipefail
. "$(dirname "$0")/common.sh"
. "$LVS_VM/apt.sh"

name=$1
suite=$2
out=$LVS_CACHE/kernel/$name
cache_lock "kernel-$name"
# What the tests use in the VM, as far as that suite has it under this name.
mapfile -t packages < <(sed -nE 's/^(build|test) ([^|]*).*/\2/p' "$LVS_VM/packages" |
	grep -vE '^(linux-source|qemu|clang|debootstrap|shellcheck|busybox|libasan|sparse|bpftool)')
if [ "$(cat "$out/.complete" 2>/dev/null)" = "${packages[*]}" ]; then
	echo "$out"
	exit 0
fi

log=$LVS_CACHE/tree-$name.log
: > "$log"

bootstrap()
{
	local mirror

	mirror=$(debian_mirror) || return
	say "making a tree of $suite (once, about 1.3 GB, five to ten minutes)"
	as_root rm -rf "$out"
	mkdir -p "$out"
	as_root debootstrap --variant=minbase "$suite" "$out/root" "$mirror" >>"$log" 2>&1
}

# Nothing is to be started, no boot loader to be written; a mirror may be kept at a day gone by.
install_packages()
{
	as_root "$LVS_VM/enter.sh" "$out/root" /bin/sh -e >>"$log" 2>&1 <<-EOF
	export DEBIAN_FRONTEND=noninteractive LC_ALL=C
	printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
	chmod 755 /usr/sbin/policy-rc.d
	apt-get -q -o Acquire::Check-Valid-Until=false update
	apt-get -q install -y --no-install-recommends ${packages[*]}
	apt-get clean
	EOF
}

failed()
{
	tail -n 30 "$log" >&2
	die "cannot make the tree of $suite, see $log"
}

[ -e "$out/.complete" ] || bootstrap || failed
say "installing packages in the tree of $suite"
install_packages || failed
basename "$(find "$out/root/boot" -name 'vmlinuz-*-amd64' | sort -V | tail -n 1)" |
	sed 's/^vmlinuz-//' > "$out/release"
printf '%s\n' "${packages[*]}" > "$out/.complete"
echo "$out"
