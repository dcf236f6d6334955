#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Boot a kernel in QEMU, with this machine's root file system (writes are
# thrown away), run a command there as root, return its exit status.
# usage: run.sh [-i] COMMAND        (-i: on a terminal)
# environment: KERNEL SMP MEM TIMEOUT ACCEL LVS_OUT LVS_MODULE APPEND QEMU_ARGS
#   exit status: the command's; 99 the kernel complained, whatever that was; 124 time is up;
#   125 the VM died (its last messages are shown)

set -euo pipefail
. "$(dirname "$0")/common.sh"
. "$LVS_VM/kernel.sh"

clean_up()
{
	[ -z "${qemu:-}" ] || kill "$qemu" 2>/dev/null || true
	rm -rf "$job"
}

# module FILE [SUFFIX]: what the VM sees of it: without debug information, which takes an
# emulated machine longer to read than all the rest.
module()
{
	[ -n "$1" ] || return 0
	objcopy --strip-debug "$1" "$job/lvs${2:-}.ko"
	echo "/run/lvs/job/lvs${2:-}.ko"
}

# companions FILE: those of lvs.ko, where selftests/vm/modprobe finds them
companions()
{
	local name

	for name in xt_lvs lvs_ct lvs_ftp; do
		[ ! -e "${1%/*}/$name.ko" ] || objcopy --strip-debug "${1%/*}/$name.ko" "$job/$name.ko"
	done
}

# What the VM is to know, as files that it sees in /run/lvs/job.
write_job()
{
	local name

	cp "$LVS_VM/stage2" "$LVS_VM/klog.sh" "$LVS_VM/modprobe" "$job/"
	[ -z "$ko" ] || companions "$ko"
	printf '%s\n' "$command" > "$job/cmd"
	[ -z "$interactive" ] || : > "$job/interactive"
	{
		printf '%s=%q\n' LVS_TREE "$LVS_TREE" LVS_CACHE "$LVS_CACHE" \
			K_MODULES "$K_MODULES" K_RELEASE "$K_RELEASE" K_ROOT "$K_ROOT"
	} > "$job/paths"
	{
		printf 'export %s=%q\n' LVS_TREE "$LVS_TREE" LVS_CACHE "$LVS_CACHE" \
			LVS_KO "$(module "$ko")" LVS_LATCH_KO "$(module "$latch_ko" -latch)" LVS_KUNIT "$kunit" LVS_OUT /run/lvs/out LVS_KERNEL "$K_NAME" \
			LVS_MODULE "${LVS_MODULE:-lvs}" LVS_IN_VM 1 TERM "${TERM:-dumb}"
		for name in ${!KSFT_@} ${!TEST_@}; do
			printf 'export %s=%q\n' "$name" "${!name}"
		done
	} > "$job/env"
}

qemu_arguments()
{
	arguments=(-nodefaults -no-user-config -display none -no-reboot
		-machine q35 -smp "$SMP" -m "$MEM"
		-kernel "$K_IMAGE" -initrd "$initrd"
		-append "console=ttyS0 panic=-1 oops=panic panic_on_warn=1 softlockup_panic=1 watchdog_thresh=30 quiet loglevel=5 mitigations=off random.trust_cpu=on no_timer_check $K_APPEND ${APPEND:-}"
		-serial "file:$job/console"
		-device virtio-serial-pci
		-chardev "file,id=exit,path=$job/exit"
		-device "virtserialport,chardev=exit,name=lvs.exit"
		-fsdev "local,id=root,path=$K_ROOT,security_model=none,readonly=on,multidevs=remap"
		-device "virtio-9p-pci,fsdev=root,mount_tag=root"
		-fsdev "local,id=job,path=$job,security_model=none,readonly=on"
		-device "virtio-9p-pci,fsdev=job,mount_tag=job"
		-fsdev "local,id=out,path=$LVS_OUT,security_model=none"
		-device "virtio-9p-pci,fsdev=out,mount_tag=out")
	case $accel in
	kvm) arguments+=(-accel kvm -cpu host) ;;
	# AVX, XSAVE, SMAP and their like cost an emulated processor a fifth of its speed.
	tcg) arguments+=(-accel "tcg,thread=multi" -cpu Nehalem) ;;
	*) arguments+=(-accel "$accel" -cpu max) ;;
	esac
	if [ -n "$interactive" ]; then
		arguments+=(-chardev "stdio,id=out,signal=off" -device "virtconsole,chardev=out")
	else
		mkfifo "$job/out"
		arguments+=(-chardev "file,id=out,path=$job/out"
			-device "virtserialport,chardev=out,name=lvs.out")
	fi
	if [ "$K_ROOT" != / ]; then
		arguments+=(-fsdev "local,id=tree,path=$LVS_TREE,security_model=none,readonly=on"
			-device "virtio-9p-pci,fsdev=tree,mount_tag=tree"
			-fsdev "local,id=build,path=$LVS_CACHE/build,security_model=none,readonly=on"
			-device "virtio-9p-pci,fsdev=build,mount_tag=build")
	fi
	# shellcheck disable=SC2206 # words on purpose
	arguments+=(${QEMU_ARGS:-})
}

# boot: sets $status to that of QEMU, or 124 when it had to be stopped.
boot()
{
	local reader=

	status=0
	if [ -n "$interactive" ]; then
		timeout --foreground -k 5 "$TIMEOUT" \
			qemu-system-x86_64 "${arguments[@]}" || status=$?
		return
	fi
	cat "$job/out" &
	reader=$!
	setpriv --pdeathsig TERM timeout -k 5 "$TIMEOUT" \
		qemu-system-x86_64 "${arguments[@]}" </dev/null >"$job/qemu" 2>&1 &
	qemu=$!
	wait "$qemu" || status=$?
	qemu=
	# Had QEMU failed before it opened the pipe, the reader would wait for ever.
	: <>"$job/out"
	wait "$reader" || true
}

# The end of what the kernel said, cut down to what a reader wants.
console_tail()
{
	say "last messages of the kernel:"
	tr -d '\r' < "$job/console" 2>/dev/null | grep -a -v '^$' | tail -n 60 |
		sed 's/^/    /' >&2
}

verdict()
{
	local token=

	[ ! -e "$job/exit" ] || token=$(sed -n 's/^exit \([0-9]*\)$/\1/p' "$job/exit")
	if [ -n "$token" ]; then
		if [ "$token" -eq 99 ]; then
			say "the kernel complained:"
			grep -E -A 30 'BUG: |WARNING: |SAN|waiting for|blocked for|Call Trace|leak' \
				"$LVS_OUT/klog" "$LVS_OUT/kmemleak" 2>/dev/null | head -n 80 >&2 || true
		fi
		return "$token"
	fi
	[ ! -s "$job/qemu" ] || sed 's/^/vm: qemu: /' "$job/qemu" >&2
	console_tail
	if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
		say "stopped after $TIMEOUT s (TIMEOUT=)"
		return 124
	fi
	say "the VM ended without a result (kernel panic?)"
	return 125
}

main()
{
	interactive=
	if [ "${1:-}" = -i ]; then
		interactive=1
		shift
	fi
	command=${1:?usage: run.sh [-i] COMMAND}
	LVS_OUT=${LVS_OUT:-$LVS_CACHE/out}
	TIMEOUT=${TIMEOUT:-300}
	SMP=${SMP:-4}
	MEM=${MEM:-2G}
	kernel_find "${KERNEL:-6.1}"
	initrd=$("$LVS_VM/initramfs.sh" "$K_RELEASE" "$K_MODULES")
	accel=${ACCEL:-$("$LVS_VM/accel.sh" "$K_IMAGE")}
	ko=
	latch_ko=
	if [ "${LVS_MODULE:-lvs}" != stock ]; then
		ko=$(KDIR='' KERNEL=$K_NAME "$LVS_VM/build.sh") || die "the module does not build"
		[ -z "${LVS_WITH_LATCH:-}" ] || latch_ko=$(KDIR='' KERNEL=$K_NAME \
			"$LVS_VM/build.sh" -o latch LVS_LATCH=1) || die "the module does not build with latches"
	fi
	kunit=
	[ -z "${LVS_WITH_KUNIT:-}" ] || kunit=$(KERNEL=$K_NAME "$LVS_TREE/selftests/kunit/build.sh") ||
		die "the modules for KUnit do not build"
	mkdir -p "$LVS_OUT" "$LVS_CACHE/run" "$LVS_CACHE/build"
	LVS_OUT=$(cd "$LVS_OUT" && pwd -P)
	job=$(mktemp -d "$LVS_CACHE/run/job.XXXXXX")
	trap clean_up EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	write_job
	qemu_arguments
	boot
	verdict
}

# On one line: bash reads no further, so this file may be edited while it runs.
main "$@"; exit
