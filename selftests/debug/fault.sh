#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# No memory: every allocation fails in turn (nth.py) while services and servers are configured
# and listed (fault_config.py) and packets balanced (fault_packet.py). Either all of a request
# is done or nothing of it, each packet has one outcome, and nothing is lost. For the debug
# kernel.
#
#	tun0 ---- lo (VIPs), director ---- servers, a device that takes every packet
#
# usage: fault.sh [PATTERN]	only the tests whose names match
# environment: TEST_CASE=TITLE	only packets whose title contains it
#	TEST_VERBOSE=1	say in order what came of each packet

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/debug.sh"
. "$(dirname "$0")/../vm/klog.sh"

PYTHON=(/usr/bin/python3 "$SELFTESTS/debug/fault.py")

# faults FILE: run the tests of one Python file in the director; they are one test here.
faults()
{
	local status

	# shellcheck disable=SC2154 # set by setup_ns
	in_ns "$director" "${PYTHON[@]}" "$1" 2>&1 | sed -u 's/^/# /'
	status=${PIPESTATUS[0]}
	[ "$status" -eq 0 ] || fail "fault.py $1 returned $status"
	log_is_clean
}

topology()
{
	modprobe tun
	setup_ns director
	ip -n "$director" tuntap add tun0 mode tun
	ip -n "$director" -batch - <<-EOF2
		link set tun0 up
		address add 198.51.100.254/24 dev tun0
		address add 2001:db8:c::fe/64 dev tun0 nodad
		address add 192.0.2.1/32 dev lo
		address add 2001:db8::1/128 dev lo nodad
		link add servers type dummy
		link set servers up arp off
		address add 10.2.0.1/24 dev servers
		address add fd00::ff/64 dev servers nodad
	EOF2
	in_ns "$director" sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
}

configuration()
{
	faults config
}

packets()
{
	faults packet
}

# The slab caches of conns are marked on the kernel's command line (vm/kernel.sh).
conns_without_memory()
{
	local dir=/sys/kernel/debug/failslab mac=02:00:00:00:0d:01 before after

	[ "$(cat /sys/kernel/slab/lvs_conn4/failslab)" = 1 ] ||
		{ fail "the kernel was started without slub_debug=A,lvs_conn*"; return; }
	setup_ns client
	# shellcheck disable=SC2154
	ip -n "$client" link add eth0 type veth peer name eth0 netns "$director"
	ip -n "$client" link set eth0 up
	ip -n "$director" link set eth0 address "$mac" up
	ip -n "$director" address add 198.18.255.254/16 dev eth0
	lvs_ctl_at "$director" -R <<-EOF2
		-A -u 192.0.2.1:80 -s rr
		-a -u 192.0.2.1:80 -r 10.2.0.11 -g
		-a -u 192.0.2.1:80 -r 10.2.0.12 -g
	EOF2
	echo Y > "$dir/cache-filter"
	echo 50 > "$dir/probability"
	before=$(drops_get "$director" no_memory)
	in_ns "$client" "$BIN/flood" -i eth0 -m "$mac" -j 2 -n 4000 -f 4000 -b 198.18.0.1 \
		192.0.2.1 80 >/dev/null
	echo 0 > "$dir/probability"
	echo N > "$dir/cache-filter"
	after=$(drops_get "$director" no_memory)
	check_between "conns refused" $((after - before)) 1000 3000
	check_equal "conns made" "$(in_ns "$director" grep -c '^UDP C612' /proc/net/ip_vs_conn)" \
		$((4000 - after + before))
	drops_check "$director"
	log_is_clean
}

nothing_is_left()
{
	ip netns delete "$director"
	check "rmmod" lvs_unload
	check "no slab cache is left" slabs_gone
	leaks_none
	log_is_clean
}

# A failed allocation is no complaint, and what the kernel says of it is left out; the rest is
# judged as ever.
log_is_clean()
{
	local out

	out=$(klog last | awk -f "$SELFTESTS/debug/nomemory.awk" | klog_complaints)
	[ -z "$out" ] || { fail "the kernel complained"; note "$out"; return; }
	klog_judged
	klog_begin "faults of memory"
}

klog_begin "faults of memory"
lvs_load
leaks_forget
topology
mapfile -t TESTS < <(printf '%s\n' configuration packets conns_without_memory |
	grep -e "${1:-.}")
tests_run "${TESTS[@]}" nothing_is_left
