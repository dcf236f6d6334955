#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The kernel's own ip_vs and lvs exclude each other in both orders, without a
# word of complaint; with the installed modprobe.d file `modprobe ip_vs' is lvs.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/vm/klog.sh"

[ "$LVS_MODULE" != stock ] || { echo "1..0 # SKIP needs lvs"; exit "$KSFT_SKIP"; }
[ -n "${LVS_IN_VM:-}" ] || bail "to be run in the virtual machine"
KO=${LVS_KO:?the module was not built}
MODPROBE_CONF=$LVS_TREE/tools/packaging/modprobe.d/lvs.conf

unload_all()
{
	local module

	companions_unload
	for module in $(lsmod | sed -n 's/^\(ip_vs_[a-z_]*\|xt_ipvs\) .*/\1/p') ip_vs lvs; do
		! loaded "$module" || rmmod "$module"
	done
}

loaded()
{
	[ -e "/sys/module/$1" ]
}

# Not one line of the kernel's log may be a complaint.
kernel_is_silent()
{
	! klog last | grep -E 'WARNING|BUG:|Call Trace|cannot register|proc_dir_entry'
}

stock_is_refused_after_lvs()
{
	local module

	unload_all
	check "insmod lvs" insmod "$KO"
	for module in ip_vs ip_vs_rr ip_vs_wrr ip_vs_ftp ip_vs_pe_sip xt_ipvs; do
		check_fails "modprobe $module" modprobe "$module"
		loaded ip_vs && fail "ip_vs is loaded beside lvs"
	done
	check "the kernel's silence" kernel_is_silent
	check "a service of lvs" ipvsadm -A -t 192.0.2.1:80
	check "its listing" sh -c 'ipvsadm -Ln | grep -q 192.0.2.1:80'
	check "rmmod lvs" rmmod lvs
}

lvs_is_refused_after_stock()
{
	unload_all
	check "modprobe ip_vs" modprobe ip_vs
	check_fails "insmod lvs" insmod "$KO"
	loaded lvs && fail "lvs is loaded beside ip_vs"
	check "the kernel's silence" kernel_is_silent
	check "a service of stock" ipvsadm -A -t 192.0.2.1:80 -s rr
	check "clearing" ipvsadm -C
	unload_all
	check "insmod lvs, now alone" insmod "$KO"
	check "rmmod lvs" rmmod lvs
}

# "options ip_vs conn_tab_bits=20" may still be in a host's modprobe.d.
parameters_of_stock_do_no_harm()
{
	unload_all
	check "insmod lvs conn_tab_bits=20" insmod "$KO" conn_tab_bits=20
	check "the kernel's silence" kernel_is_silent
	check "rmmod lvs" rmmod lvs
}

lvs_needs_no_other_module()
{
	check_equal "modules that lvs depends on" "$(modinfo -F depends "$KO")" ""
}

# small_tree: put a module tree in place of the kernel's for this test that has
# little else than IPVS: depmod reads every module.
small_tree()
{
	local dir

	dir=/lib/modules/$(uname -r)
	tree=$(mktemp -d)
	(cd "$dir" && cp -r --parents modules.builtin modules.builtin.modinfo modules.order \
		kernel/net/netfilter kernel/net/ipv4/netfilter kernel/net/ipv6/netfilter \
		kernel/lib "$tree")
	mount --bind "$tree" "$dir"
	defer umount "$dir"
	depmod
}

stock_dependencies()
{
	grep '/ipvs/\|xt_ipvs' "/lib/modules/$(uname -r)/modules.dep" | sort
}

# Installed where depmod looks, with the file of aliases.
modprobe_of_stock_names_loads_lvs()
{
	local tree module before

	unload_all
	small_tree
	before=$(stock_dependencies)
	mkdir "$tree/updates"
	cp "$KO" "$tree/updates/lvs.ko"
	cp "$MODPROBE_CONF" /etc/modprobe.d/
	defer rm -f "/etc/modprobe.d/${MODPROBE_CONF##*/}"
	depmod
	check_between "stock modules with dependencies" "$(wc -l <<< "$before")" 10 40
	check_equal "dependencies of stock's modules" "$(stock_dependencies)" "$before"
	for module in ip_vs ip_vs_rr ip_vs_mh ip_vs_pe_sip net-pf-16-proto-16-family-IPVS; do
		check "modprobe $module" modprobe "$module"
		loaded lvs || fail "$module did not load lvs"
		loaded ip_vs && fail "$module loaded ip_vs"
		check "modprobe -va ip_vs" modprobe -va ip_vs
		rmmod lvs
	done
	# the first client after boot makes the kernel load it
	check "ipvsadm -Ln" ipvsadm -Ln
	loaded lvs || fail "a client's request did not load lvs"
	check "the kernel's silence" kernel_is_silent
	unload_all
}

klog_begin "lvs and ip_vs"
tests_run lvs_needs_no_other_module parameters_of_stock_do_no_harm stock_is_refused_after_lvs \
	lvs_is_refused_after_stock modprobe_of_stock_names_loads_lvs
