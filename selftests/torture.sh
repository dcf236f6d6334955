#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module, its namespaces and its configuration come and go, again and again, under as
# many packets as the machine makes and more than a thousand connections; then nothing must
# be left of them. The debug kernel sees every access to freed memory, every wrong order of
# locks and every lost object, and makes few packets; any other must make 10,000 a second.
#
#	client ---------------- director ---- servers 10.2.0.1/24, fd00::ff/64:
#	eth0 198.18.0.1/16      eth0 198.18.255.254/16     it takes every packet
#	                        VIP 192.0.2.1, 2001:db8:1::1
#
# usage: torture.sh [PATTERN]	the tests whose names match; by default those of the module
#				and namespaces. "configuration" changes everything else under load.
# environment: TEST_TORTURE=50	repetitions, of either end of the first; by default few
#	TEST_TORTURE_SECONDS=	for each test, times TEST_SLOW. Less than all repetitions
#				are a failure, but on the debug kernel, and six of
#				"configuration" will do

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lab.sh"
. "$(dirname "$0")/traffic.sh"
. "$(dirname "$0")/debug/debug.sh"

COUNT=${TEST_TORTURE:-6}
BOUND=${TEST_TORTURE_SECONDS:-60}
# also while the last repetition takes longer than it should
FLOOD_SECONDS=$((BOUND * 2 + 120))
# twice as much as is demanded, so that something is left for those who configure
[ ${#PACE[@]} -gt 0 ] || PACE=(-r 20000)
UDP_TIMEOUT=2
METHODS=(-g -m -i)
SCHEDS=(rr wlc "mh -b mh-port" sed "wrr -p 3" sh nq lc dh ovf)

# director_up NS: make NS the director of $client.
director_up()
{
	# shellcheck disable=SC2154 # set by setup_ns
	ip -n "$client" link add eth0 type veth peer name eth0 netns "$1"
	lab_ip "$client" <<-EOF
		link set eth0 up
		address add 198.18.0.1/16 dev eth0
		neighbour replace 198.18.255.254 lladdr 02:00:00:00:0d:01 dev eth0
	EOF
	lab_ip "$1" <<-EOF
		link set lo up
		link set eth0 address 02:00:00:00:0d:01 up
		address add 198.18.255.254/16 dev eth0
		link add servers type dummy
		link set servers up arp off
		address add 10.2.0.1/24 dev servers
		address add fd00::ff/64 dev servers nodad
	EOF
	lab_vip "$1" lo
	in_ns "$1" sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
}

# services NS NUMBER: of a kind that depends on NUMBER; UDP connections end soon.
services()
{
	local method=${METHODS[$2 % 3]} sched=${SCHEDS[$2 % ${#SCHEDS[@]}]}

	lvs_ctl_at "$1" -R <<-EOF || fail "refused"
		-C
		--set 0 0 $UDP_TIMEOUT
		-A -u $VIP4:7009 -s $sched
		-a -u $VIP4:7009 -r 10.2.0.11:7009 $method
		-a -u $VIP4:7009 -r 10.2.0.12:7009 $method -w 2
		-a -u $VIP4:7009 -r 10.2.0.13:7009 $method -w 3
		-A -u [$VIP6]:7009 -s rr -p 10
		-a -u [$VIP6]:7009 -r [fd00::11]:7009 -m
		-A -f 7 -s rr
	EOF
}

# flood: from the client, on every CPU
flood()
{
	flood_on "$client" 02:00:00:00:0d:01 -b 198.18.1.1 -f 2000 -j "$(nproc)"
}

# rate NS: at least LOAD_RATE packets are on their way in a second; adds it to RATES.
rate()
{
	local out

	out=$(busywait 15000 at_speed "$1" servers tx) || fail "less than $LOAD_RATE a second: $out"
	RATES+=" ${out%% *}"
}

# --- the module and namespaces -------------------------------------------------
# end_once NUMBER: the module goes, or the namespace of the director, while packets come
end_once()
{
	lvs_loaded || lvs_load
	setup_ns brief
	# shellcheck disable=SC2154 # set by setup_ns
	director_up "$brief"
	services "$brief" "$1"
	flood
	check "1,000 connections" busywait 10000 many_conns "$brief"
	rate "$brief"
	if [ $(($1 % 2)) -eq 1 ]; then
		check "rmmod" lvs_unload
		[ ! -e /proc/net/ip_vs ] || fail "the module is still there"
	fi
	ip netns delete "$brief"
	flood_off
	check "the namespace is gone" busywait 20000 alone
}

# The kernel has taken the director's device away from the client.
alone()
{
	! ip -n "$client" link show eth0
}

module_and_namespaces_go_under_load()
{
	RATES=
	repeat $((COUNT * 2)) "$BOUND" end_once
	note "packets per second:$RATES"
	lvs_loaded && check "rmmod" lvs_unload
	check "no slab cache is left" slabs_gone
	lvs_load
}

# --- configuration -------------------------------------------------------------
# The servers' addresses are known again: nobody is there to answer who asks for them.
neighbours_known()
{
	lab_ip "$director" <<-EOF
		neighbour replace 10.2.0.11 lladdr 02:00:00:00:00:11 dev servers
		neighbour replace 10.2.0.12 lladdr 02:00:00:00:00:12 dev servers
		neighbour replace 10.2.0.13 lladdr 02:00:00:00:00:13 dev servers
		neighbour replace fd00::11 lladdr 02:00:00:00:00:11 dev servers
	EOF
}

# One is asked for, one is another machine, one is doubted and asked for, and all are forgotten.
neighbours_once()
{
	lab_ip "$director" <<-EOF
		neighbour delete 10.2.0.11 dev servers
		neighbour replace 10.2.0.12 lladdr 02:00:00:00:00:02 dev servers
		neighbour replace 10.2.0.13 lladdr 02:00:00:00:00:13 dev servers nud stale
		neighbour delete fd00::11 dev servers
		neighbour flush dev servers nud all
	EOF
	neighbours_known
}

# What a device that goes down takes with it comes back.
device_once()
{
	ip -n "$director" link set "$1" down
	lab_ip "$director" <<-EOF
		link set $1 up
		address replace fd00::ff/64 dev servers nodad
	EOF
	neighbours_known
}

routes_once()
{
	lab_ip "$director" <<-EOF
		route replace unreachable 10.2.0.11/32
		route replace blackhole 10.2.0.12/32
		route delete unreachable 10.2.0.11/32
		route replace local 10.2.0.11/32 dev lo
		route delete blackhole 10.2.0.12/32
		route replace 10.2.0.12/32 dev servers mtu 1000
		route delete local 10.2.0.11/32
		route delete 10.2.0.12/32 dev servers
	EOF
	in_ns "$director" sysctl -q -w net.ipv4.route.flush=1 net.ipv6.route.flush=1
}

servers_once()
{
	local service="-u $VIP4:7009" method=${METHODS[$1 % 3]}

	lvs_ctl_at "$director" -R <<-EOF || fail "refused"
		-e $service -r 10.2.0.11:7009 $method -w 0
		-d $service -r 10.2.0.12:7009
		-e $service -r 10.2.0.13:7009 $method -w 5 -x 500 -y 100
		-a $service -r 10.2.0.12:7009 $method -w 7
		-E $service -s lc
		-Z
		-e $service -r 10.2.0.11:7009 -g -w 1
		-d $service -r 10.2.0.13:7009
		-D -u [$VIP6]:7009
	EOF
}

table_size()
{
	in_ns "$director" sed -n '1s/.*(size=\([0-9]*\)).*/\1/p' /proc/net/ip_vs
}

# table_is SIZE
table_is()
{
	local size

	size=$(table_size)
	echo "$size buckets"
	[ "$size" -eq "$1" ]
}

# table_look: has the table of conns grown or shrunk since it was last looked at?
table_look()
{
	local size

	size=$(table_size)
	[ "$size" -le "$TABLE" ] || GROWN=$((GROWN + 1))
	[ "$size" -ge "$TABLE" ] || SHRUNK=$((SHRUNK + 1))
	TABLE=$size
}

# Flows that were not there before: the table grows, and shrinks in the seconds to come.
growth_once()
{
	table_look
	in_ns "$client" "$BIN/flood" -i eth0 -m 02:00:00:00:0d:01 -n 4000 \
		-b "198.18.$((100 + $1 % 100)).1" "$VIP4" 7009 >/dev/null
	table_look
}

# Another namespace has a service for a moment.
namespace_once()
{
	setup_ns other
	# shellcheck disable=SC2154 # set by setup_ns
	services "$other" "$1"
	ip netns delete "$other"
}

# Once no packets come, what the module has counted since it was loaded adds up. It goes while
# they come, when no listing is under way.
reload_once()
{
	kill -STOP "$FLOOD"
	drops_check "$director"
	kill -CONT "$FLOOD"
	check "rmmod" busywait 10000 lvs_unload
	lvs_load
	TABLE=$(table_size)
}

configuration_once()
{
	services "$director" "$1"
	servers_once "$1"
	growth_once "$1"
	case $(($1 % 6)) in
	0) device_once servers ;;
	1) routes_once ;;
	2) device_once eth0 ;;
	3) namespace_once "$1" ;;
	4) reload_once ;;
	5) neighbours_once ;;
	esac
}

# All that can be read, over and over.
listings()
{
	while :; do
		cat /proc/net/ip_vs_conn /proc/net/ip_vs /proc/net/ip_vs_stats \
			/proc/net/ip_vs_stats_percpu /proc/net/lvs_drops
		"$LVS_TREE/tools/lvsadm/lvsadm" -Ln --stats
	done >/dev/null 2>&1
}

configuration_changes_under_load()
{
	local reader least

	setup_ns director
	# shellcheck disable=SC2154 # set by setup_ns
	director_up "$director"
	ip -n "$director" link set servers arp on
	neighbours_known
	services "$director" 0
	TABLE=$(table_size)
	GROWN=0
	SHRUNK=0
	least=$TABLE
	# who lists when the module is not there must not get the kernel's own
	defer sysctl -q -w "kernel.modprobe=$(sysctl -n kernel.modprobe)"
	sysctl -q -w kernel.modprobe=/bin/false
	flood
	check "1,000 connections" busywait 10000 many_conns "$director"
	RATES=
	rate "$director"
	note "packets per second:$RATES"
	export LVS_TREE
	export -f listings
	spawn "$director" bash -c listings
	reader=$SPAWNED
	defer kill "$reader"
	# each change at least once
	REPEAT_LEAST=6
	repeat "$COUNT" "$BOUND" configuration_once
	services "$director" 0
	check "connections, after all" busywait 20000 many_conns "$director"
	flood_off
	check "the end of all connections" busywait 20000 no_conns
	note "the table was seen grown $GROWN times, shrunk $SHRUNK times"
	[ "$GROWN" -gt 0 ] || fail "the table has not grown"
	[ "$SHRUNK" -gt 0 ] || fail "the table has not shrunk under load"
	check "the table, as small as it was" busywait 20000 table_is "$least"
	check "counters at 0" busywait 2000 no_counts || note "$(ctl -Ln --persistent-conn)"
	drops_check "$director"
	note "$(drops_show "$director")"
	kill "$reader"
	ip netns delete "$director"
}

nothing_is_left()
{
	check "rmmod" lvs_unload
	check "no slab cache is left" slabs_gone
	leaks_none
}

case ${LVS_KERNEL:-} in
debug|kcsan)
	UDP_TIMEOUT=60
	REPEAT_LEAST=3
	;;
esac

lvs_load
leaks_forget
hooks_stay
setup_ns client
mapfile -t TESTS < <(printf '%s\n' module_and_namespaces_go_under_load \
	configuration_changes_under_load | grep -e "${1:-module}")
tests_run "${TESTS[@]}" nothing_is_left
