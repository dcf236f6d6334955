#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# lvs.ko needs no other module, and exports the one name by which it and the
# stock ip_vs exclude each other, and what its companions call.  Those export nothing,
# but for lvs_ct.ko what lvs_ftp.ko calls.

. "$(dirname "$0")/common.sh"

. "$LVS_VM/kernel.sh"

# unpacked FILE: a module as the kernel loads it
unpacked()
{
	case $1 in
	*.xz) xz -dc "$1" ;;
	*.zst) zstd -qdc "$1" ;;
	*) cat "$1" ;;
	esac
}

ko=$(KERNEL=${KERNEL:-6.1} "$LVS_VM/build.sh") || exit 1
bad=0
copy=$(mktemp)
trap 'rm -f "$copy"' EXIT

depends=$(/sbin/modinfo -F depends "$ko")
if [ -n "$depends" ]; then
	echo "lvs.ko depends on $depends"
	bad=1
fi

# exports FILE: names, each followed by a blank
exports()
{
	nm "$1" | sed -n 's/.* __ksymtab_//p' | sort | tr '\n' ' '
}

called=$(sed -n 's/^EXPORT_SYMBOL_GPL(\(lvs_.*\));$/\1/p' kmod/companion/*.c | sort | tr '\n' ' ')
if [ "$(exports "$ko")" != "ip_vs_proto_data_get $called" ]; then
	echo "lvs.ko exports: $(exports "$ko")"
	bad=1
fi
for companion in xt_lvs lvs_ct lvs_ftp; do
	[ -e "${ko%/*}/$companion.ko" ] || continue
	wanted=
	[ "$companion" != lvs_ct ] || wanted='lvs_track_expect '
	got=$(exports "${ko%/*}/$companion.ko")
	[ "$got" = "$wanted" ] || { echo "$companion.ko exports: $got"; bad=1; }
done

# A name that a module of the kernel imports would tie that module to lvs.
kernel_find "${KERNEL:-6.1}"
folder=$K_MODULES/lib/modules/$K_RELEASE
tied=$(sed -n 's/:.*ipvs\/ip_vs\.ko.*//p' "$folder/modules.dep")
[ -n "$tied" ] || { echo "no module of this kernel uses ip_vs: is $folder complete?"; bad=1; }
for stock in $tied; do
	unpacked "$folder/$stock" > "$copy"
	if nm -u "$copy" | grep -q ' ip_vs_proto_data_get$'; then
		echo "$stock imports ip_vs_proto_data_get"
		bad=1
	fi
done
exit $bad
