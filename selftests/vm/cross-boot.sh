#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Boot Debian's kernel for arm64 with what cross.sh compiled, and balance there.
# usage: cross-boot.sh KERNEL-FOLDER BUILD-FOLDER
# environment: TIMEOUT

set -euo pipefail
. "$(dirname "$0")/common.sh"

kernel=$1
build=$2
release=$(cat "$kernel/release")
lib=/usr/aarch64-linux-gnu/lib
job=$(mktemp -d)
trap 'rm -rf "$job"' EXIT

mkdir -p "$job"/root/{bin,dev,proc,sys,tmp,lib}
cp "$LVS_VM/cross-init" "$job/root/init"
chmod 755 "$job/root/init"
cp "$kernel/bin/busybox" "$build/lvsadm/lvsadm" "$job/root/bin/"
cp -L "$lib"/{ld-linux-aarch64.so.1,libc.so.6,libresolv.so.2} \
	"$kernel/usr/lib/aarch64-linux-gnu/libmnl.so.0" "$job/root/lib/"
aarch64-linux-gnu-objcopy --strip-debug "$build/kmod/lvs.ko" "$job/root/lvs.ko"
veth=$(find "$kernel/lib/modules/$release/" -name 'veth.ko*')
case $veth in
*.xz) xz -dc "$veth" ;;
*) cat "$veth" ;;
esac > "$job/root/veth.ko"
(cd "$job/root" && find . -print0 | busybox cpio -0 -o -H newc) 2>/dev/null > "$job/initrd"

say "booting $release (a minute or two)"
status=0
: > "$job/exit"
timeout -k 5 "${TIMEOUT:-300}" qemu-system-aarch64 -nodefaults -no-user-config -display none \
	-no-reboot -machine virt -cpu max,pauth=off -accel tcg,thread=multi -smp 2 -m 1G \
	-kernel "$kernel/boot/vmlinuz-$release" -initrd "$job/initrd" \
	-append "console=ttyAMA0 panic=-1 panic_on_warn=1 quiet mitigations=off random.trust_cpu=on" \
	-serial "file:$job/console" -device virtio-serial-pci \
	-chardev "file,id=exit,path=$job/exit" \
	-device "virtserialport,chardev=exit,name=lvs.exit" </dev/null >"$job/qemu" 2>&1 || status=$?
grep -v '^exit ' "$job/exit" || true
grep -qx 'exit 0' "$job/exit" && exit 0
cat "$job/qemu" >&2
tr -d '\r' < "$job/console" | tail -n 40 >&2
die "balancing on arm64 failed (qemu: $status)"
