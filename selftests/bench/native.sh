#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a packet costs in time, in User Mode Linux 6.1 (built once, selftests/vm/uml.sh).
# usage: native.sh [-r ROUNDS] [-o FOLDER] [ROWS...]
#   -r   slices of each contender a row, 15 by default
#   -o   where CSV and SVG go: Documentation/bench/6.1 by default
#   ROWS groups of rows as in bench.sh, "path million" by default, which take three minutes; not "new",
#        which would fill stock's table, and nothing that counts instructions

set -euo pipefail
. "$(dirname "$0")/../vm/common.sh"

usage()
{
	sed -n '/^# usage/,/^$/s/^# \{0,1\}//p' "$0"
	exit "$1"
}

rounds=15
into=$LVS_TREE/Documentation/bench/6.1
while getopts r:o:h option; do
	case $option in
	r) rounds=$OPTARG ;;
	o) into=$OPTARG ;;
	h) usage 0 ;;
	*) usage 2 >&2 ;;
	esac
done
shift $((OPTIND - 1))
read -ra rows <<< "${*:-path million}"

uml=$("$LVS_VM/uml.sh")
release=$(cat "$uml/release")
source_ko=$("$LVS_TREE/selftests/bench/build.sh" / "$uml/build" "$LVS_CACHE/build/bench-$release-$TREE_ID" ARCH=um)
lvs_ko=$(KDIR=$uml/build "$LVS_VM/build.sh" -o um ARCH=um)
version=$(git -C "$LVS_TREE" describe --always --dirty --exclude='*' 2>/dev/null) || version="of this tree"
export TMPDIR=$LVS_CACHE/run/memory
mkdir -p "$into" "$TMPDIR"

# The guests' memory: in a mount that only they see, in huge pages, as a machine has it.
# shellcheck disable=SC2016 # for the inner shell
as_root unshare -m bash -c 'mount -t tmpfs -o size=12G,huge=always tmpfs "$TMPDIR" ||
	mount -t tmpfs -o size=12G tmpfs "$TMPDIR"; exec "$@"' bash \
	env TMPDIR="$TMPDIR" PYTHONDONTWRITEBYTECODE=1 python3 "$LVS_TREE/selftests/bench/native.py" \
	--uml "$uml" --release "$release" --tree "$LVS_TREE" --source "$source_ko" --lvs "$lvs_ko" \
	--control "$LVS_TREE/tools/lvsadm/lvsadm" --version "$version" --out "$into" --rounds "$rounds" "${rows[@]}"
