#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# lvs.ko needs no other module, and exports the one name by which it and the
# stock ip_vs exclude each other.

. "$(dirname "$0")/common.sh"

ko=$(KERNEL=${KERNEL:-6.1} "$LVS_VM/build.sh") || exit 1
bad=0

depends=$(/sbin/modinfo -F depends "$ko")
if [ -n "$depends" ]; then
	echo "lvs.ko depends on $depends"
	bad=1
fi

exports=$(nm "$ko" | sed -n 's/.* __ksymtab_//p' | tr '\n' ' ')
if [ "$exports" != "ip_vs_proto_data_get " ]; then
	echo "lvs.ko exports: $exports"
	bad=1
fi

# A name that a module of the kernel imports would tie that module to lvs.
folder=/lib/modules/$(/sbin/modinfo -F vermagic "$ko" | cut -d' ' -f1)
for stock in "$folder"/kernel/net/netfilter/{ipvs/,xt_ipvs.ko}*; do
	if nm -u "$stock" 2>/dev/null | grep -q ' ip_vs_proto_data_get$'; then
		echo "$stock imports ip_vs_proto_data_get"
		bad=1
	fi
done
exit $bad
