#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Make the initramfs of a kernel: a static busybox, `init', and the modules
# that reach the root file system.  Prints its path; made again when one of its
# parts is newer.
# usage: initramfs.sh RELEASE MODULES-ROOT

set -euo pipefail
. "$(dirname "$0")/common.sh"

release=$1
modroot=${2:-}
image=$LVS_CACHE/initramfs/$release.cpio
busybox=$(command -v busybox) || die "busybox is missing: run 'make deps'"
moddir=$modroot/lib/modules/$release

mkdir -p "${image%/*}"
cache_lock initramfs
if [ -s "$image" ] && [ "$image" -nt "$LVS_VM/init" ] && [ "$image" -nt "$0" ] &&
   [ "$image" -nt "$busybox" ] && { [ ! -e "$moddir/modules.dep" ] ||
   [ "$image" -nt "$moddir/modules.dep" ]; }; then
	echo "$image"
	exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{bin,dev,proc,sys,ro,rw,new,modules}
cp "$busybox" "$work/bin/busybox"
cp "$LVS_VM/init" "$work/init"
chmod 755 "$work/init"

# add_module FILE: copy it unpacked, once, behind those that it needs.
add_module()
{
	local name
	name=$(basename "$1")
	name=${name%.xz}
	name=${name%.zst}

	[ -e "$work/modules/$name" ] && return
	case $1 in
	*.xz) xz -dc "$1" > "$work/modules/$name" ;;
	*.zst) zstd -qdc "$1" > "$work/modules/$name" ;;
	*) cp "$1" "$work/modules/$name" ;;
	esac
	echo "$name" >> "$work/modules/order"
}

: > "$work/modules/order"
if [ -e "$moddir/modules.dep" ]; then
	for module in virtio_pci virtio_console 9pnet_virtio 9p overlay; do
		while read -r verb file _; do
			[ "$verb" = insmod ] && add_module "$file"
		done < <(/sbin/modprobe -d "$modroot/" -S "$release" --show-depends "$module")
	done
fi
(cd "$work" && find . -print0 | busybox cpio -0 -o -H newc) 2>/dev/null > "$image.new"
mv "$image.new" "$image"
echo "$image"
