#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tools/packaging: once lvs is installed, whoever asks for IPVS gets lvs, the
# kernel's own modules keep their dependencies, and nothing is left behind.
# The folder of the kernel's modules is replaced by one with those that matter
# here only: depmod takes minutes for all of them in the virtual machine.

. "$(dirname "$0")/lib.sh"

PACKAGING=$LVS_TREE/tools/packaging
CONF=/etc/modprobe.d/lvs.conf
RELEASE=$(uname -r)
MODULES=/lib/modules/$RELEASE
STOCK=$MODULES/kernel/net/netfilter/ipvs

# A loaded module, by its name.
loaded()
{
	[ -d "/sys/module/$1" ]
}

only_lvs_is_loaded()
{
	loaded lvs && ! loaded ip_vs
}

nothing_is_loaded()
{
	! loaded lvs && ! loaded ip_vs
}

unload()
{
	companions_unload
	! loaded lvs || rmmod lvs
	! loaded ip_vs || LVS_MODULE=stock lvs_unload
}

lvsadm()
{
	"$LVS_TREE/tools/lvsadm/lvsadm" "$@"
}

# The schedulers that the kernel's own IPVS has as modules.
stock_schedulers()
{
	local file

	for file in "$STOCK"/ip_vs_*.ko*; do
		file=${file##*/ip_vs_}
		case ${file%%.ko*} in ftp|pe_*) ;; *) echo "${file%%.ko*}" ;; esac
	done
}

# modules.dep, modules.symbols and the like, without the lines that lvs has of its
# own, and without the name that both export and nobody imports.
foreign_lines()
{
	grep -h -v -e 'updates/[a-z_]*\.ko' -e ' lvs$' -e ' xt_lvs$' -e ' lvs_ct$' -e ' lvs_ftp$' -e 'symbol:ip_vs_proto_data_get ' \
		"$MODULES/modules.$1" | sort
}

small_module_folder()
{
	local copy=/run/lvs/modules part

	for part in net/netfilter net/ipv4 net/ipv6 lib crypto; do
		mkdir -p "$copy/kernel/$part"
		cp -a "$MODULES/kernel/$part/." "$copy/kernel/$part/"
	done
	cp "$MODULES"/modules.{order,builtin,builtin.modinfo} "$copy/"
	mount --bind "$copy" "$MODULES" || bail "cannot lay modules over $MODULES"
	defer umount "$MODULES"
	depmod "$RELEASE"
}

lvs_install()
{
	LVS_KO=$LVS_KO IPVSADM=1 "$PACKAGING/install.sh" "$@"
}

the_kernels_modules_keep_their_dependencies()
{
	local kind

	for kind in dep symbols alias softdep; do
		foreign_lines "$kind" > "/run/lvs/$kind.before"
	done
	check "it installs" lvs_install || return
	for kind in dep symbols alias softdep; do
		foreign_lines "$kind" > "/run/lvs/$kind.after"
		check "modules.$kind is the same but for lvs" \
			cmp "/run/lvs/$kind.before" "/run/lvs/$kind.after"
	done
	check "stock modules are in modules.dep" grep -q '/ip_vs_rr\.ko' /run/lvs/dep.after
	check_equal "what lvs depends on" "$(sed -n 's/^updates\/lvs\.ko: *//p' "$MODULES/modules.dep")" ""
	check "lvs is in modules.dep" grep -q '^updates/lvs\.ko:' "$MODULES/modules.dep"
}

# Each name by itself, from a kernel that has neither module.
every_name_loads_lvs()
{
	local name names

	names=$(sed -n 's/^alias \([^ ]*\) lvs$/\1/p' "$CONF")
	check_between "number of names" "$(wc -w <<< "$names")" 14 50
	for name in $names; do
		unload
		check "$name loads" modprobe "$name"
		check "$name loads lvs" only_lvs_is_loaded
	done
	check "modprobe -va ip_vs" modprobe -va ip_vs
	check "modprobe -a of many" modprobe -a ip_vs ip_vs_rr ip_vs_wrr ip_vs_sh
	check "lvs is loaded" only_lvs_is_loaded
}

# Those of a companion load it, and lvs with it.
companions_have_their_names()
{
	local name

	for name in xt_ipvs ipt_ipvs ip6t_ipvs; do
		unload
		check "$name loads" modprobe "$name"
		check "$name loads xt_lvs" loaded xt_lvs
		check "$name loads lvs" only_lvs_is_loaded
	done
	unload
	check "ip_vs_ftp loads" modprobe ip_vs_ftp ports=21,2121
	check "ip_vs_ftp loads lvs_ftp" loaded lvs_ftp
	check "ip_vs_ftp loads lvs" only_lvs_is_loaded
	check_equal "its ports" "$(awk 'NR > 1 { print $2 }' /proc/net/ip_vs_app | tr '\n' ' ')" "2121 21 "
	unload
	check "a rule of iptables" iptables -I OUTPUT -m ipvs --ipvs -j ACCEPT
	check "it loads xt_lvs" loaded xt_lvs
	check_fails "lvs does not go before it" rmmod lvs
	iptables -D OUTPUT -m ipvs --ipvs -j ACCEPT
	companions_unload
}

# What lvs has of stock's schedulers has a name there, what it does not have has none.
names_are_those_of_the_schedulers()
{
	local name

	check "lvs loads" modprobe lvs
	defer lvsadm -C
	for name in $(stock_schedulers); do
		if lvsadm -A -f 1 -s "$name" 2>/dev/null; then
			lvsadm -D -f 1
			check "$name has an alias" grep -q "^alias ip_vs_$name lvs$" "$CONF"
		else
			check_fails "$name has no alias" grep -q "ip_vs_$name " "$CONF"
			check_fails "ip_vs_$name is refused" modprobe "ip_vs_$name"
			check "lvs stays" only_lvs_is_loaded
		fi
	done
}

first_use_loads_lvs()
{
	unload
	check "ipvsadm -ln" /sbin/ipvsadm -ln
	check "ipvsadm has lvs loaded" only_lvs_is_loaded
	unload
	check "lvsadm show" lvsadm show
	check "lvsadm has lvs loaded" only_lvs_is_loaded
}

# With lvs and before it: ip_vs does not come in as what another module depends on.
ip_vs_does_not_come_by_a_back_door()
{
	local out conf=/run/lvs/conf

	unload
	mkdir -p "$conf"
	grep -v '^alias ip_vs_ftp' "$CONF" > "$conf/lvs.conf"
	check_fails "a module that needs ip_vs is refused" modprobe -C "$conf" ip_vs_ftp
	check "ip_vs was not loaded for it" nothing_is_loaded
	out=$(modprobe -C "$conf" ip_vs_ftp 2>&1)
	case $out in
	*"refused, lvs is in its place"*) ;;
	*) fail "the reason is not told: $out" ;;
	esac
}

rules_come_back()
{
	local unit=/etc/systemd/system/lvs.service start

	check "lvs loads" modprobe lvs
	defer rm -f /etc/lvs.rules
	lvsadm service add tcp 192.0.2.1:80 scheduler wrr
	lvsadm dest add tcp 192.0.2.1:80 server 192.0.2.11 nat weight 3
	lvsadm service add udp '[2001:db8::1]:53' scheduler rr persistent 60
	lvsadm config set tcp 1000
	lvsadm save > /etc/lvs.rules
	check_between "lines saved" "$(wc -l < /etc/lvs.rules)" 4 100

	[ ! -x /usr/bin/systemd-analyze ] || check "systemd understands the unit" \
		systemd-analyze --man=no verify "$unit"
	start=$(sed -n 's/^ExecStart=//p' "$unit")
	unload
	check "the unit's command succeeds" bash -c "$start"
	check "the rules are back" cmp /etc/lvs.rules <(lvsadm save)
	check "a reload is one too" bash -c "$(sed -n 's/^ExecReload=//p' "$unit")"
	check "the rules are the same" cmp /etc/lvs.rules <(lvsadm save)
	check "the unit's stop command succeeds" bash -c "$(sed -n 's/^ExecStop=//p' "$unit")"
	check_equal "services after it" "$(lvsadm save | grep -c '^service')" 0
}

# Below DESTDIR, nothing outside of it is touched.
a_package_can_be_staged()
{
	local stage=/run/lvs/stage before

	before=$(stat -c %Y "$MODULES/modules.dep" "$CONF")
	DESTDIR=$stage PREFIX=/usr check "it installs below DESTDIR" lvs_install
	DESTDIR=$stage check "its source does" lvs_install dkms
	for file in "lib/modules/$RELEASE/updates/lvs.ko" etc/modprobe.d/lvs.conf \
		usr/sbin/lvsadm usr/sbin/ipvsadm-save usr/share/man/man8/lvsadm.8; do
		check "$file is there" test -e "$stage/$file"
	done
	check "the unit names the tool" grep -q '^ExecStart=/usr/sbin/lvsadm ' \
		"$stage/etc/systemd/system/lvs.service"
	check "all source files are there" diff -r -x '*.ko' "$LVS_TREE/kmod" "$stage"/usr/src/lvs-*/kmod
	check_equal "what is outside" "$(stat -c %Y "$MODULES/modules.dep" "$CONF")" "$before"
	DESTDIR=$stage PREFIX=/usr KVER=$RELEASE check "it goes again" lvs_install uninstall
	check_equal "files left" "$(find "$stage" -not -type d -not -path '*/usr/src/*')" ""
	KVER=0.0.0 check_fails "a module of another kernel is refused" lvs_install
}

uninstalling_leaves_nothing()
{
	local kind

	unload
	check "it uninstalls" lvs_install uninstall
	check_fails "the names are gone" test -e "$CONF"
	check_fails "lvs is in no list" grep -q lvs "$MODULES"/modules.{dep,symbols,alias}
	check_equal "files of lvs" "$(find /usr/local /etc "$MODULES" -name '*lvs*' -not -path '*/cache/*')" ""
	for kind in dep symbols alias softdep; do
		check "modules.$kind is as before" \
			cmp "/run/lvs/$kind.before" <(foreign_lines "$kind")
	done
	check "modprobe ip_vs" modprobe ip_vs
	check "it is the kernel's own again" loaded ip_vs
	unload
}

[ -n "${LVS_IN_VM:-}" ] || bail "to be run in the virtual machine (make vm CMD=...)"
[ "$LVS_MODULE" != stock ] || LVS_KO=
if [ -z "$LVS_KO" ] || ! ls "$STOCK"/ip_vs.ko* >/dev/null 2>&1; then
	echo "1..0 # SKIP needs lvs.ko and the kernel's own ip_vs as a module"
	exit $KSFT_SKIP
fi
unload
defer sysctl -q -w "kernel.modprobe=$(cat /proc/sys/kernel/modprobe)"
echo /sbin/modprobe > /proc/sys/kernel/modprobe
small_module_folder
defer lvs_install uninstall
defer unload
tests_run the_kernels_modules_keep_their_dependencies every_name_loads_lvs companions_have_their_names \
	names_are_those_of_the_schedulers first_use_loads_lvs \
	ip_vs_does_not_come_by_a_back_door rules_come_back \
	a_package_can_be_staged uninstalling_leaves_nothing
