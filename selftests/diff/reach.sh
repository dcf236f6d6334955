#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How much of the kernel's own ip_vs the cases reach, and what they do not. Builds it from the
# kernel's source so that it notes which of its code runs, has the cases run on it in the VM,
# and prints what part of the blocks and lines of each file has run, and all lines that no case touches.
#
# usage: reach.sh [SOURCE]	SOURCE: net/netfilter/ipvs of a kernel's source
#	Without it, the source package's of Debian's 6.1 is unpacked.

set -euo pipefail
. "$(dirname "$0")/../vm/common.sh"

HERE=$LVS_TREE/selftests/diff
TARBALL=/usr/src/linux-source-6.1.tar.xz
HEADERS=$(find /usr/src -maxdepth 1 -name 'linux-headers-6.1.*-amd64' | sort -V | tail -n 1)
build=$LVS_CACHE/build/reach
out=${LVS_OUT:=$LVS_CACHE/out}
export LVS_OUT

mkdir -p "$build" "$out"
if [ $# -gt 0 ]; then
	cp "$1"/* "$build/"
elif [ ! -e "$build/ip_vs_core.c" ]; then
	tar -C "$build" --strip-components=4 -xf "$TARBALL" linux-source-6.1/net/netfilter/ipvs
fi
cp "$HERE/reach.c" "$build/"

# The list of what has run is there as long as the module is.
if ! grep -q reach_init "$build/ip_vs_core.c"; then
	sed -i -e 's/^module_init(ip_vs_init);/int reach_init(void); void reach_exit(void);\
static int __init noted_init(void) { reach_init(); return ip_vs_init(); }\
module_init(noted_init);/' -e 's/^module_exit(ip_vs_cleanup);/static void __exit noted_exit(void) { reach_exit(); ip_vs_cleanup(); }\
module_exit(noted_exit);/' "$build/ip_vs_core.c"
	sed -i -e 's/^ip_vs-objs :=/ip_vs-objs := reach.o/' "$build/Makefile"
	cat >> "$build/Makefile" <<-'END'
		ccflags-y += -fsanitize-coverage=trace-pc -g
		CFLAGS_REMOVE_reach.o += -fsanitize-coverage=trace-pc
	END
fi
make -s -C "$HEADERS" M="$build" modules
rm -f "$out/reach"
TEST_DIFF_STOCK=$build KERNEL=6.1 TIMEOUT=${TIMEOUT:-1200} \
	"$LVS_VM/run.sh" "selftests/diff.sh --stock; cp /run/reach \$LVS_OUT/" || true
/usr/bin/python3 "$HERE/reach.py" "$build" "$out/reach"
