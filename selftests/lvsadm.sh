#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# lvsadm on the module under test, both grammars, in one namespace:
#
#	lo	192.0.2.1/32 2001:db8::1/128	the VIPs
#
# (LVS_MODULE=stock runs the same on the kernel's own ip_vs.)

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

LVSADM=$LVS_TREE/tools/lvsadm/lvsadm
TMP=$(mktemp -d)
defer rm -rf "$TMP"
ln -s "$LVSADM" "$TMP/ipvsadm"
: "${TEST_SERVICES:=1000}"	# with ten servers each, for the large table

lvsadm()
{
	in_ns "${NS:?}" "$LVSADM" "$@"
}

ipvsadm()
{
	in_ns "$NS" "$TMP/ipvsadm" "$@"
}

# refused STATUS WORDS COMMAND...: it fails with STATUS and says WORDS
refused()
{
	local wanted=$1 words=$2 status=0 out
	shift 2

	out=$("$@" 2>&1) || status=$?
	check_equal "exit status of $*" "$status" "$wanted"
	case $out in
	*"$words"*) return 0 ;;
	esac
	fail "$*: said '$out', wanted '$words'"
}

native_table()
{
	lvsadm service flush
	check "add" lvsadm service add tcp 192.0.2.1:80 scheduler wrr persistent 300 netmask 24
	check "add IPv6" lvsadm service add udp '[2001:db8::1]:53' scheduler sh flags sh-port ops
	check "add mark" lvsadm service add fwmark 4000000000 family inet6 scheduler rr
	check "NAT" lvsadm dest add tcp 192.0.2.1:80 server 10.0.0.1:8080 nat weight 3 upper 100 lower 50
	check "DR" lvsadm dest add tcp 192.0.2.1:80 server 10.0.0.2
	check "TUN" lvsadm dest add tcp 192.0.2.1:80 server 10.0.0.3 tun
	check "other family" lvsadm dest add tcp 192.0.2.1:80 server 2001:db8::9 tun
	check "mark" lvsadm dest add fwmark 4000000000 family inet6 server 2001:db8::9 weight 2147483647
	check_equal "the table" "$(lvsadm dest show; lvsadm service show)" \
"tcp 192.0.2.1:80 server 10.0.0.1:8080 nat weight 3 upper 100 lower 50
tcp 192.0.2.1:80 server 10.0.0.2:80 dr weight 1
tcp 192.0.2.1:80 server 10.0.0.3:80 tun weight 1
tcp 192.0.2.1:80 server [2001:db8::9]:80 tun weight 1
fwmark 4000000000 family inet6 server [2001:db8::9]:0 dr weight 2147483647
tcp 192.0.2.1:80 scheduler wrr persistent 300 netmask 255.255.255.0
udp [2001:db8::1]:53 scheduler sh flags sh-port ops
fwmark 4000000000 family inet6 scheduler rr"
	check "ipvsadm's grammar shows the same" \
		grep -qF 'FWM  4000000000 IPv6 rr' <(ipvsadm -Ln)
}

set_changes_only_what_is_named()
{
	check "weight" lvsadm dest set tcp 192.0.2.1:80 server 10.0.0.1:8080 weight 0
	check "scheduler" lvsadm service set tcp 192.0.2.1:80 scheduler lc
	check "persistence" lvsadm service set tcp 192.0.2.1:80 persistent 60
	check_equal "the rest stays" "$(lvsadm dest show tcp 192.0.2.1:80 | head -n 1
		lvsadm service show tcp 192.0.2.1:80)" \
"tcp 192.0.2.1:80 server 10.0.0.1:8080 nat weight 0 upper 100 lower 50
tcp 192.0.2.1:80 scheduler lc persistent 60 netmask 255.255.255.0"
}

refusals_are_explained()
{
	refused 2 "192.0.2.1:80" lvsadm service add tcp 192.0.2.1:80
	refused 2 "nosuch" lvsadm service add tcp 192.0.2.1:81 scheduler nosuch
	refused 2 "192.0.2.9:80" lvsadm service del tcp 192.0.2.9:80
	refused 2 "192.0.2.9:80" lvsadm dest add tcp 192.0.2.9:80 server 10.0.0.1
	refused 2 "10.0.0.2:80" lvsadm dest add tcp 192.0.2.1:80 server 10.0.0.2
	refused 2 "10.0.0.77:80" lvsadm dest set tcp 192.0.2.1:80 server 10.0.0.77 weight 3
	refused 2 "10.0.0.77:80" lvsadm dest del tcp 192.0.2.1:80 server 10.0.0.77
	refused 2 "unicast" lvsadm dest add tcp 192.0.2.1:80 server 224.0.0.1
	refused 1 "persistent" lvsadm service add tcp 192.0.2.1:0
	refused 255 "Service already exists" ipvsadm -A -t 192.0.2.1:80
	refused 255 "Scheduler or persistence engine not found" ipvsadm -A -t 192.0.2.1:81 -s nosuch
	refused 255 "Service not defined" ipvsadm -a -t 192.0.2.9:80 -r 10.0.0.1
	refused 255 "Destination already exists" ipvsadm -a -t 192.0.2.1:80 -r 10.0.0.2
	refused 255 "No such destination" ipvsadm -d -t 192.0.2.1:80 -r 10.0.0.77
	refused 255 "Invalid operation." ipvsadm -a -t 192.0.2.1:80 -r 224.0.0.1
	refused 1 "No such service" ipvsadm -L -t 192.0.2.9:80
}

unprivileged_is_denied()
{
	local nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)

	refused 2 "CAP_NET_ADMIN" in_ns "$NS" "${nobody[@]}" "$LVSADM" show
	refused 2 "Permission denied (you must be root)" in_ns "$NS" "${nobody[@]}" "$LVSADM" -Ln
}

save_and_restore()
{
	ipvsadm -Sn >"$TMP/legacy"
	lvsadm save >"$TMP/native"
	check "ipvsadm's way" ipvsadm -C
	check "ipvsadm's way" ipvsadm -R <"$TMP/legacy"
	check "is lossless" diff -u "$TMP/native" <(lvsadm save)
	check "the native way" lvsadm restore flush file "$TMP/native"
	check "is lossless" diff -u "$TMP/legacy" <(ipvsadm -Sn)
	printf '%s\n' '-A -t 192.0.2.1:99' '-A -t bad' >"$TMP/bad"
	refused 2 "line 2: illegal virtual server address" ipvsadm -R <"$TMP/bad"
	check "a bad file changes nothing" diff -u "$TMP/legacy" <(ipvsadm -Sn)
}

timeouts_and_zero()
{
	check "set" lvsadm config set udp 77 tcp-fin 66
	check_equal "timeouts" "$(ipvsadm -L --timeout)" \
		"Timeout (tcp tcpfin udp): 900 66 77"
	check "set" ipvsadm --set 0 120 300
	check_equal "timeouts" "$(lvsadm config show | head -n 1)" \
		"tcp 900 tcp-fin 120 udp 300"
	check "zero" lvsadm service zero
	check "zero one" lvsadm service zero tcp 192.0.2.1:80
	check "zero one" ipvsadm -Z -f 4000000000 -6
}

json_fits_its_schema()
{
	local what

	for what in show service 'dest show' 'stats show' 'config show' \
		    'daemon show' 'conn show' version; do
		# shellcheck disable=SC2086 # words
		lvsadm -j $what >"$TMP/json" ||
			fail "-j $what failed"
		check "-j $what" python3 "$SELFTESTS/lvsadm/schema.py" \
			"$LVS_TREE/tools/lvsadm/schema.json" "$TMP/json"
	done
}

large_rules()
{
	awk -v n="$1" 'BEGIN {
		for (i = 0; i < n; i++) {
			s = sprintf("10.1.%d.%d:80", i / 250, i % 250 + 1)
			print "-A -t " s " -s rr"
			for (j = 1; j <= 10; j++)
				print "-a -t " s " -r 10.2.0." j ":80 -m -w 1"
		}
	}'
}

# Bound by the kernel: about one system call for a hundred requests, and three
# for each service that is listed.
large_table()
{
	local calls lines=$((TEST_SERVICES * 11))

	large_rules "$TEST_SERVICES" >"$TMP/large"
	ipvsadm -C
	calls=$(in_ns "$NS" strace -f -c -o "$TMP/strace" \
		"$TMP/ipvsadm" -R <"$TMP/large" && calls_of "$TMP/strace")
	check_between "system calls to restore $lines lines" "$calls" 1 $((lines / 25))
	calls=$(in_ns "$NS" strace -f -c -o "$TMP/strace" \
		"$TMP/ipvsadm" -Sn >"$TMP/saved" && calls_of "$TMP/strace")
	check_between "system calls to save them" "$calls" 1 $((TEST_SERVICES * 3))
	check_equal "lines" "$(wc -l <"$TMP/saved")" "$lines"
	check_equal "servers" "$(ipvsadm -Ln | grep -c Masq)" $((TEST_SERVICES * 10))
	check "the same table" diff <(sort "$TMP/large") <(sort "$TMP/saved")
	check "flush" lvsadm service flush
}

# calls_of FILE: calls on sockets that strace -c counted
calls_of()
{
	awk '$NF ~ /^(send|recv|socket)/ { n += $4 } END { print n + 0 }' "$1"
}

conns_are_listed()
{
	check_equal "title" "$(ipvsadm -Lnc | head -n 1)" "IPVS connection entries"
	check "none" lvsadm conn show
}

[ -x "$LVSADM" ] || bail "lvsadm is not built"
lvs_load
setup_ns NS
ip -n "$NS" addr add 192.0.2.1/32 dev lo
ip -n "$NS" addr add 2001:db8::1/128 dev lo nodad
tests_run native_table set_changes_only_what_is_named refusals_are_explained \
	unprivileged_is_denied save_and_restore timeouts_and_zero \
	json_fits_its_schema conns_are_listed large_table
