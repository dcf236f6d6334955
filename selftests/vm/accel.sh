#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Print the accelerator that works: "kvm" or "tcg".  A /dev/kvm may exist and
# still hang or abort a stock kernel, so one is booted, under a short time-out,
# once; the answer is kept until this machine's kernel or QEMU changes.
# usage: accel.sh KERNEL-IMAGE

set -euo pipefail
. "$(dirname "$0")/common.sh"

memory=$LVS_CACHE/accel
key="$(uname -r) $(stat -c %Y "$(command -v qemu-system-x86_64)") $(cat /proc/sys/kernel/random/boot_id)"
cache_lock accel
if [ -s "$memory" ] && [ "$(sed -n 1p "$memory")" = "$key" ]; then
	sed -n 2p "$memory"
	exit 0
fi

# boots ACCELERATOR: does the kernel reach the end of its boot (it has no root,
# so it panics there and -no-reboot ends QEMU) within the time?
boots()
{
	local console
	console=$(mktemp)

	timeout -k 1 20 qemu-system-x86_64 -nodefaults -display none -no-reboot \
		-machine q35 -accel "$1" -cpu host -smp 2 -m 512M -kernel "$2" \
		-append "console=ttyS0 panic=-1 mitigations=off" \
		-serial "file:$console" </dev/null >/dev/null 2>&1 || true
	if grep -a -q 'Unable to mount root fs' "$console"; then
		rm -f "$console"
		return 0
	fi
	rm -f "$console"
	return 1
}

answer=tcg
if [ -w /dev/kvm ]; then
	say "finding out whether KVM works here (up to 20 s, once)"
	! boots kvm "$1" || answer=kvm
fi
printf '%s\n%s\n' "$key" "$answer" > "$memory"
say "accelerator: $answer (ACCEL= overrides it)"
echo "$answer"
