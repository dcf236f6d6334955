#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Build a kernel that checks itself, from Debian's kernel source: tinyconfig
# and the fragments of kernel-config/.
# usage: debug.sh NAME FRAGMENT...
# Prints the folder; built again when a fragment or the source has changed.

set -euo pipefail
. "$(dirname "$0")/common.sh"

name=$1
shift
fragments=("${@/#/$LVS_VM/kernel-config/}")
tarball=/usr/src/linux-source-6.1.tar.xz
"$LVS_VM/deps.sh" kernel
[ -r "$tarball" ] || die "$tarball is missing: run 'make deps'"
out=$LVS_CACHE/kernel/$name
key=$(cat "${fragments[@]}" "$0" | cksum)-$(stat -c %Y "$tarball")
cache_lock "kernel-$name"
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
	make -s -C "$source" O="$out/build" "$@" >>"$log" 2>&1 ||
		{ tail -n 30 "$log" >&2; die "the kernel $name does not build, see $log"; }
}

# What was asked for and is not in .config is an error: options vanish silently.
# A later fragment may overrule an earlier one, so the last word on each counts.
config_is_honoured()
{
	cat "${fragments[@]}" | awk '
		FNR == NR { has[$0] = 1; next }
		/^CONFIG_/ { split($0, part, "="); want[part[1]] = $0 }
		/^# CONFIG_.* is not set/ { want[$2] = "" }
		END {
			for (option in want)
				if (want[option] != "" && !(want[option] in has)) {
					print "not in .config: " want[option]
					bad = 1
				}
			exit bad
		}' "$out/build/.config" - >&2
}

say "building the $name kernel (once, about 15 minutes on two processors)"
build tinyconfig
(cd "$out/build" && "$source/scripts/kconfig/merge_config.sh" -m -O . .config \
	"${fragments[@]}" >>"$log" 2>&1)
build olddefconfig
config_is_honoured || die "the kernel $name lacks what the tests need"
build -j"$(nproc)" bzImage modules
release=$(make -s -C "$source" O="$out/build" kernelrelease)
build modules_install INSTALL_MOD_PATH="$out"
mkdir -p "$out/boot"
cp "$out/build/arch/x86/boot/bzImage" "$out/boot/vmlinuz-$release"
rm -f "$out/lib/modules/$release"/{build,source}
printf '%s\n' "$release" > "$out/release"
printf '%s\n' "$key" > "$out/.complete"
echo "$out"
