#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a packet costs: instructions of stock ip_vs and lvs on the same work, in one
# boot of a stock kernel (KERNEL=, 6.1 by default).
# usage: bench.sh [-p] [-c COUNT] [-o FOLDER] [ROWS...]
#   -p   show which functions take the instructions, and write no figures; of the group
#        longest, given alone, those of the longest packet
#   -c   packets a figure, 20000 by default
#   -o   where CSV and SVG go: Documentation/bench/KERNEL by default
#   ROWS groups of rows, "path new lists" by default, which take two minutes; "all" takes
#        about an hour, most of it million, memory, longest and listing:
#          path      established flows by method, family and protocol
#          new       first packets of flows
#          lists     received as lists of 64, as NAPI does
#          gso       packets of 63,000 bytes, as GRO makes them
#          conns     1, 1000 and 100,000 conns
#          million   a million conns
#          services  1, 1000 and 10,000 services
#          servers   every scheduler with 1, 100 and 1000 servers
#          slow      fast_path=0
#          foreign   packets that are merely routed
#          walls     firewalls, with fast_path 1 and 2
#          locked    locked instructions
#          longest   the longest single packet, with a million conns
#          memory    of conns, services and servers
#          control   the tools: load, change, list, find, delete
#          listing   lvsadm, with a million conns; ipvsadm on stock takes more than an hour

set -euo pipefail
. "$(dirname "$0")/../vm/common.sh"
. "$LVS_VM/kernel.sh"

usage()
{
	sed -n '/^# usage/,/^$/s/^# \{0,1\}//p' "$0"
	exit "$1"
}

count=20000
into=
plugin=
profile=
while getopts pc:o:h option; do
	case $option in
	p) profile=--profile ;;
	c) count=$OPTARG ;;
	o) into=$OPTARG ;;
	h) usage 0 ;;
	*) usage 2 >&2 ;;
	esac
done
shift $((OPTIND - 1))
read -ra rows <<< "${*:-path new lists}"
[ "${rows[*]}" != all ] || rows=(path new lists gso conns services servers slow foreign walls control
	locked
	longest memory million listing)

kernel_find "${KERNEL:-6.1}"
: "${into:=$LVS_TREE/Documentation/bench/$K_NAME}"
source_ko=$("$LVS_TREE/selftests/bench/build.sh" "$K_ROOT" "$K_BUILD" "$LVS_CACHE/build/bench-$K_RELEASE-$TREE_ID")
version=$(git -C "$LVS_TREE" describe --always --dirty --exclude='*' 2>/dev/null) || version="of this tree"
mkdir -p "$LVS_CACHE/run"
LVS_OUT=$(mktemp -d "$LVS_CACHE/run/bench.XXXXXX")
trap 'rm -rf "$LVS_OUT"' EXIT
cp "$source_ko" "$LVS_OUT/"

# counter NAME [FILE]: have QEMU count by the plugin NAME.c
counter()
{
	gcc -O2 -Wall -shared -fPIC -o "$LVS_OUT/$1.so" "$LVS_TREE/selftests/bench/$1.c"
	plugin="-plugin $LVS_OUT/$1.so,out=$LVS_OUT/${2:-$1}"
}

if [ "$profile ${rows[*]}" = "--profile longest" ]; then
	counter longest profile
elif [ -n "$profile" ]; then
	counter profile
elif [[ " ${rows[*]} " = *" locked "* ]]; then
	counter locked
fi

# One CPU whose clock counts instructions; nothing that runs by itself.
export LVS_OUT SMP=1 MEM=${MEM:-4G} TIMEOUT=${TIMEOUT:-5400} ACCEL=tcg,thread=single
export QEMU_ARGS="-icount shift=0,sleep=off $plugin" APPEND="nokaslr tsc=reliable noreplace-smp ${APPEND:-}"
"$LVS_VM/run.sh" "python3 selftests/bench/measure.py --source \$LVS_OUT/lvsbench.ko --lvs \$LVS_KO \
	--control tools/lvsadm/lvsadm --version '$version' --out \$LVS_OUT --count $count $profile ${rows[*]}"
[ -z "$profile" ] || exit 0
mkdir -p "$into"
cp "$LVS_OUT"/*.csv "$LVS_OUT"/*.svg "$into/"
