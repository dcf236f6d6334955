#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Instructions per packet: stock ip_vs and lvs on the same work, in one boot of a
# stock kernel (KERNEL=, 6.1 by default).
# usage: bench.sh [COUNT]	packets per figure, 20000 by default

set -euo pipefail
. "$(dirname "$0")/../vm/common.sh"
. "$LVS_VM/kernel.sh"

count=${1:-20000}
kernel_find "${KERNEL:-6.1}"
out=$LVS_CACHE/build/bench-$K_RELEASE
mkdir -p "$out"
cp "$LVS_TREE"/selftests/bench/{lvsbench.c,Kbuild} "$out/"
if [ "$K_ROOT" = / ]; then
	make -s -C "$K_BUILD" M="$out" modules >"$out/log" 2>&1 ||
		{ cat "$out/log" >&2; die "the bench module does not build"; }
else
	inside=/tmp/lvsbench
	as_root rm -rf "$K_ROOT$inside"
	as_root cp -r "$out" "$K_ROOT$inside"
	as_root chroot "$K_ROOT" make -s -C "$K_BUILD" M="$inside" modules >"$out/log" 2>&1 ||
		{ cat "$out/log" >&2; die "the bench module does not build"; }
	as_root cp "$K_ROOT$inside/lvsbench.ko" "$out/"
fi
mkdir -p "$LVS_CACHE/out"
cp "$out/lvsbench.ko" "$LVS_CACHE/out/"

# One CPU whose clock counts instructions; nothing that runs by itself.
export SMP=1 ACCEL=tcg,thread=single QEMU_ARGS='-icount shift=0,sleep=off'
export APPEND="nokaslr tsc=reliable noreplace-smp ${APPEND:-}" TIMEOUT=${TIMEOUT:-600}
exec "$LVS_VM/run.sh" "BENCH_COUNT=$count python3 selftests/bench/measure.py \
	\$LVS_OUT/lvsbench.ko \$LVS_KO tools/lvsadm/lvsadm \$LVS_OUT/bench-\$LVS_KERNEL.csv"
