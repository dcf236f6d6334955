#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Build the unit tests of selftests/unit as modules for KUnit, for the kernel that KERNEL=
# names (the debug kernel has KUnit; stock ones have not).
# Prints the folder that has pools/lvs_kunit_pools.ko and conns/lvs_kunit_conns.ko.

set -euo pipefail
. "$(dirname "$0")/../vm/common.sh"
. "$LVS_VM/kernel.sh"

kernel_find "${KERNEL:-debug}"
grep -q '^CONFIG_KUNIT=[ym]' "$K_BUILD/.config" || die "the kernel $K_NAME has no KUnit"
out=$LVS_CACHE/build/$K_RELEASE-kunit/$TREE_ID

# fill PROGRAM UNIT-FILE...: gather its sources in one folder: the module's, these of
# selftests/unit, and ours, which stand in for some of those
fill()
{
	local folder=$out/$1
	shift

	mkdir -p "$folder"
	rsync -a --delete --exclude='*.o' --exclude='.*' "$LVS_TREE/kmod" "$folder/"
	rsync -a "$@" ../kunit/*.[ch] "../kunit/${folder##*/}/Kbuild" "$folder/"
}

cache_lock "kunit-$K_RELEASE-$TREE_ID"
mkdir -p "$out"
cd "$LVS_TREE/selftests/unit"
rsync -a ../kunit/Kbuild "$out/"
fill pools dests.c pools.h {guide,hash,load,pool,turn}_test.c
fill conns sim.h sim_net.c conn_test.h packet_sample.[ch] packet_model.c sip_model.h \
	{conn,conn_hash,conn_template,conn_wheel,filter,packet,sctp,sip,stats,tcp,tick}_test.c
make -s -C "$K_BUILD" M="$out" -j"$(nproc)" modules 2>&1 | sed -u "s#$out/##g" >&2
echo "$out"
