#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Races met on purpose: the module is frozen at a latch (kmod/test/latch.h) on
# one CPU, the other party comes on another, then the latch is released.
#
#	client ---- director ---- (servers: a device that takes every packet)
#
# CPU 0 runs this script; packets come on CPU 1 and 2. Needs the module built with
# LVS_LATCH=1 at $LVS_LATCH_KO (`make test' sees to it).
#
# Whoever is held keeps its CPU, mostly, and ends grace periods for nobody: what
# waits for one waits for the release.
#
# usage: race.sh [PATTERN]	only the tests whose names match

. "$(dirname "$0")/lib.sh"

# set by setup_ns
client=
director=
LATCH=/sys/module/lvs/parameters/latch
VIP=192.0.2.1
VIP6=2001:db8:ff::1
MAC=02:00:00:00:00:d1

# What the tests are about, unless they choose otherwise: the service, its servers, how the
# client's packets are sent, and the latch behind the look-up that they come to.
SERVICE="$VIP:7000"
SERVERS=(10.2.0.11 10.2.0.12)
SENDTO="UDP4-SENDTO:$VIP:7000"
FOUND=found

# Latches hold for longer than any test takes on a slow machine, and watchdogs wait longer.
load()
{
	sysctl -q -w kernel.watchdog_thresh=60
	echo 300 > /sys/module/rcupdate/parameters/rcu_cpu_stall_timeout
	insmod "$LVS_LATCH_KO" latch_max=90
}

topology()
{
	setup_ns client director
	ip -n "$client" link add eth0 type veth peer name eth0 netns "$director"
	ip -n "$client" addr add 10.1.0.2/24 dev eth0
	ip -n "$director" addr add 10.1.0.1/24 dev eth0
	ip -n "$director" addr add "$VIP/32" dev lo
	ip -n "$client" link set eth0 up
	ip -n "$director" link set eth0 address "$MAC" up
	ip -n "$client" route add "$VIP/32" via 10.1.0.1
	ip -n "$director" link add servers type dummy
	ip -n "$director" link set servers up arp off
	ip -n "$director" addr add 10.2.0.1/24 dev servers
	in_ns "$director" sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	ip -n "$client" addr add 2001:db8:1::2/64 dev eth0 nodad
	ip -n "$director" addr add 2001:db8:1::1/64 dev eth0 nodad
	ip -n "$director" addr add "$VIP6/128" dev lo nodad
	ip -n "$director" addr add 2001:db8:2::1/64 dev servers nodad
	ip -n "$client" route add "$VIP6/128" via 2001:db8:1::1
	# neighbours are known before anything is frozen
	in_ns "$client" ping -q -c 1 -W 2 10.1.0.1 >/dev/null
	in_ns "$client" ping -q -c 1 -W 2 2001:db8:1::1 >/dev/null
}

ctl()
{
	lvs_ctl_at "$director" "$@"
}

# service [SCHEDULER]: two servers, and the timeouts of a new namespace
service()
{
	ctl -C
	ctl --set 900 120 300
	ctl -A -u "$SERVICE" -s "${1:-rr}"
	ctl -a -u "$SERVICE" -r "${SERVERS[0]}" -g
	ctl -a -u "$SERVICE" -r "${SERVERS[1]}" -g
}

# first_is_better: a service whose scheduler takes the first server as long as it may
first_is_better()
{
	service fo
	ctl -e -u "$SERVICE" -r "${SERVERS[0]}" -g -w 2
}

# fast_path MODE: until the test ends
fast_path()
{
	in_ns "$director" sysctl -q -w "net.ipv4.vs.fast_path=$1"
	defer in_ns "$director" sysctl -q -w net.ipv4.vs.fast_path=1
}

# send CPUS PORT: one datagram of the flow that begins at PORT
send()
{
	printf x | in_ns "$client" taskset -c "$1" \
		socat -u - "$SENDTO,sourceport=$2,reuseaddr"
}

# received: how many packets have come to the director
# shellcheck disable=SC2016 # for awk
received() { in_ns "$director" awk '$1 == "eth0:" { print $3 }' /proc/net/dev; }
has_received() { [ "$(received)" -ge "$1" ]; }
# meanwhile CPUS PORT: like send, in the background; returns when the director has the packet.
meanwhile()
{
	local before

	before=$(received)
	send "$@" &
	check "the packet arrives" busywait 5000 has_received $((before + 1))
}

# arm LATCH: for the next one who comes there; who is held there goes on
arm()
{
	defer all_off
	echo "$1" > "$LATCH"
}
all_off() { [ ! -e "$LATCH" ] || echo - > "$LATCH"; }
is_held() { grep -q "^$1 held" "$LATCH"; }
# release LATCH: a latch gives up after a while, and then nothing has been met
release()
{
	check "latch $1 has held" is_held "$1"
	[ ! -e "$LATCH" ] || echo "-$1" > "$LATCH"
}
held() { check "someone comes to latch $1" busywait 12000 is_held "$1"; }

# rows PORT: the flow's lines in the listing of conns
rows() { in_ns "$director" grep -E "^UDP +[0-9A-Fa-f:]+ $(printf %04X "$1") " /proc/net/ip_vs_conn; }
conns() { rows "$1" | wc -l; }
# shellcheck disable=SC2016 # for awk
server_of() { rows "$1" | awk '{ print $6 }'; }
forwarded() { in_ns "$director" grep '^forwarded ' /proc/net/lvs_drops | tr -dc 0-9; }
no_conns() { [ "$(conns "$1")" -eq 0 ]; }

# udp_timeout SECONDS: for conns with packets from now on
udp_timeout() { ctl --set 0 0 "$1"; }

# ends PORT: the flow's conn lives until its last packet's timeout is over
ends()
{
	udp_timeout 1
	send 1 "$1"
	check "it ends later" busywait 8000 no_conns "$1"
}

# Two CPUs with the first packets of one flow: the second waits for the first's choice.
first_packets_of_one_flow()
{
	local before

	service
	before=$(forwarded)
	arm reserve
	send 1 4001 &
	held reserve
	meanwhile 2 4001
	check_equal "conns while the first is chosen" "$(conns 4001)" 0
	release reserve
	wait
	check_equal "conns" "$(conns 4001)" 1
	check_equal "packets forwarded" $(($(forwarded) - before)) 2
	drops_check "$director"
}

# A server is removed between being picked and being bound.
server_removed_after_pick()
{
	local first

	service
	arm pick
	send 1 4002 &
	held pick
	ctl -d -u "$SERVICE" -r 10.2.0.11
	ctl -d -u "$SERVICE" -r 10.2.0.12
	ctl -a -u "$SERVICE" -r 10.2.0.13 -g
	release pick
	wait
	first=$(server_of 4002)
	send 1 4002
	check_equal "server of the next packet" "$(server_of 4002)" 0A02000D
	check_equal "conns" "$(conns 4002)" 1
	[ -n "$first" ] || fail "the packet in flight got no conn"
	drops_check "$director"
}

# The service gets another scheduler between a server being picked and being bound.
scheduler_changed_after_pick()
{
	first_is_better
	arm pick
	send 1 4015 &
	held pick
	ctl -E -u "$SERVICE" -s lc
	release pick
	wait
	check_equal "server of the packet in flight" "$(server_of 4015)" 0A02000B
	send 1 4015
	check_equal "server of the next packet" "$(server_of 4015)" 0A02000B
	# which has fewer conns
	send 1 4016
	check_equal "server of the next flow" "$(server_of 4016)" 0A02000C
	drops_check "$director"
}

# A server's weight becomes 0 between being picked and being bound: it was picked before.
weight_0_after_pick()
{
	first_is_better
	arm pick
	send 1 4017 &
	held pick
	ctl -e -u "$SERVICE" -r 10.2.0.11 -g -w 0
	release pick
	wait
	check_equal "server of the packet in flight" "$(server_of 4017)" 0A02000B
	send 1 4017
	check_equal "server of the next packet" "$(server_of 4017)" 0A02000B
	check_equal "conns" "$(conns 4017)" 1
	send 1 4018
	check_equal "server of the next flow" "$(server_of 4018)" 0A02000C
	drops_check "$director"
}

# The service becomes persistent between a server being picked and being bound: the flow has no template, the next one has.
persistent_after_pick()
{
	first_is_better
	arm pick
	send 1 4019 &
	held pick
	ctl -E -u "$SERVICE" -s fo -p 60
	release pick
	wait
	send 1 4019
	check_equal "server of the packet in flight" "$(server_of 4019)" 0A02000B
	check_equal "conns" "$(conns 4019)" 1
	check_equal "templates" "$(conns 0)" 0
	send 1 4020
	check_equal "templates after the next flow" "$(conns 0)" 1
	# the scheduler would choose the other one from now on
	ctl -e -u "$SERVICE" -r 10.2.0.12 -g -w 3
	send 1 4021
	check_equal "server of a flow by the template" "$(server_of 4021)" 0A02000B
	drops_check "$director"
}

# The service goes while a packet has found its conn.
service_removed_under_a_packet()
{
	service
	send 1 4003
	arm "$FOUND"
	send 1 4003 &
	held "$FOUND"
	ctl -D -u "$SERVICE"
	release "$FOUND"
	wait
	check_equal "services" "$(ctl -Ln | grep -c UDP)" 0
	drops_check "$director"
}

# The wheel is about to end a conn when a packet comes: the conn lives on.
expiry_meets_a_packet()
{
	local server

	service
	send 1 4004
	server=$(server_of 4004)
	udp_timeout 3
	send 1 4004
	arm second_visit
	held second_visit
	udp_timeout 300
	send 1 4004
	release second_visit
	check_equal "conns" "$(conns 4004)" 1
	check_equal "server" "$(server_of 4004)" "$server"
	ends 4004
	drops_check "$director"
}

# A packet has found its conn, and the conn's time is up before it goes on.
packet_meets_expiry()
{
	local server seconds=3

	# a slow machine needs time to send
	[ "$TEST_SLOW" -le 1 ] || seconds=9
	service
	send 1 4005
	server=$(server_of 4005)
	udp_timeout "$seconds"
	send 1 4005
	arm "$FOUND"
	send 1 4005 &
	held "$FOUND"
	sleep $((seconds + 1))
	check_equal "conns while the packet waits" "$(conns 4005)" 1
	udp_timeout 300
	release "$FOUND"
	wait
	check_equal "server" "$(server_of 4005)" "$server"
	ends 4005
	drops_check "$director"
}

# A conn is being ended, still in the table: the flow's next packet gets a new one.
end_meets_a_packet()
{
	local before

	service
	before=$(forwarded)
	udp_timeout 3
	send 1 4006
	arm end
	held end
	udp_timeout 300
	# the wheel's worker may be on any of them
	meanwhile 1-3 4006
	release end
	wait
	check_equal "packets forwarded" $(($(forwarded) - before)) 2
	check_equal "conns" "$(conns 4006)" 1
	ends 4006
	drops_check "$director"
}

# A new snapshot is in force, the edit not yet over: packets use it, another edit waits.
edit_meets_packets_and_edits()
{
	local first second

	service
	arm publish
	ctl -d -u "$SERVICE" -r 10.2.0.11 &
	first=$!
	held publish
	ctl -a -u "$SERVICE" -r 10.2.0.14 -g &
	second=$!
	send 1 4007
	send 2 4008
	check_equal "server of a conn" "$(server_of 4007)" 0A02000C
	check_equal "server of another" "$(server_of 4008)" 0A02000C
	check "the second edit waits" kill -0 "$second"
	release publish
	wait "$first" "$second"
	check_equal "servers" "$(ctl -Ln | grep -c Route)" 2
	drops_check "$director"
}

# The last service is gone, its hooks are not: packets pass, the next service waits.
unhook_meets_packets()
{
	local add

	service
	send 1 4010
	arm unhook
	ctl -C &
	held unhook
	send 1 4011
	ctl -A -u "$SERVICE" -s rr &
	add=$!
	send 2 4012
	check "the new service waits" kill -0 "$add"
	release unhook
	wait
	check_equal "services" "$(ctl -Ln | grep -c UDP)" 1
	drops_check "$director"
}

# ---- the other ways on which a packet is found ----

# at_local_in TEST: with packets that the fast path does not take
at_local_in()
{
	local FOUND=found_steady

	fast_path 0
	"$1"
}

# unusual TEST: with packets that only the slow path takes: they have IP options
unusual()
{
	local FOUND=found_slow SENDTO="$SENDTO,ipoptions=x01010101"

	"$1"
}

service_removed_under_a_steady_packet() { at_local_in service_removed_under_a_packet; }
service_removed_under_a_slow_packet() { unusual service_removed_under_a_packet; }
steady_packet_meets_expiry() { at_local_in packet_meets_expiry; }
slow_packet_meets_expiry() { unusual packet_meets_expiry; }
unload_waits_for_a_steady_packet() { at_local_in unload_waits_for_a_packet; }
unload_waits_for_a_slow_packet() { unusual unload_waits_for_a_packet; }

IPv6_packet_meets_expiry()
{
	local SERVICE="[$VIP6]:7000" SERVERS=(2001:db8:2::11 2001:db8:2::12) SENDTO="UDP6-SENDTO:[$VIP6]:7000"

	packet_meets_expiry
}

# nat_topology: a director of its own, with a server behind NAT and a client's conn to it, on which nobody says a word
nat_topology()
{
	topology
	setup_ns server
	ip -n "$server" link add eth0 type veth peer name lan netns "$director"
	ip -n "$server" addr add 10.3.0.11/24 dev eth0
	ip -n "$director" addr add 10.3.0.1/24 dev lan
	ip -n "$server" link set eth0 up
	ip -n "$director" link set lan address "$MAC" up
	ip -n "$server" route add default via 10.3.0.1
	ctl -A -t "$SERVICE" -s rr
	ctl -a -t "$SERVICE" -r 10.3.0.11:80 -m
	in_ns "$server" socat -u EXEC:"sleep 600" TCP4-LISTEN:80 &
	check "the server listens" busywait 5000 listens "$server" tcp 80
	in_ns "$client" socat -u "TCP4:$VIP:7000,sourceport=4030" OPEN:/dev/null &
	check "the conn is established" busywait 5000 in_ns "$director" \
		grep -q '^TCP 0A010002 0FBE .* ESTABLISHED' /proc/net/ip_vs_conn
}

# reply CPU: the server's packet without data, which nobody sends again
reply()
{
	in_ns "$server" taskset -c "$1" "$BIN/flood" -u -i eth0 -m "$MAC" -t -A -n 1 \
		-b 10.3.0.11 -p 80 10.1.0.2 4030 >/dev/null
}

# segments: of TCP that have come to the client
# shellcheck disable=SC2016 # for awk
segments() { in_ns "$client" awk '$1 == "Tcp:" && $2 ~ /^[0-9]/ { print $11 }' /proc/net/snmp; }
has_segments() { [ "$(segments)" -ge "$1" ]; }

# A server is removed while a reply has found its conn: that and the next ones go to the client all the same.
server_removed_under_a_reply()
{
	local client director server before reply

	nat_topology
	[ "$FOUND" = found ] || fast_path 0
	before=$(segments)
	arm "$FOUND"
	reply 1 &
	reply=$!
	held "$FOUND"
	ctl -d -t "$SERVICE" -r 10.3.0.11:80
	check_equal "replies while one is held" $(($(segments) - before)) 0
	release "$FOUND"
	wait "$reply"
	check "the reply comes to the client" busywait 2000 has_segments $((before + 1))
	reply 1
	check "so does the next one" busywait 2000 has_segments $((before + 2))
	check_equal "segments of the client's" "$(segments)" $((before + 2))
	# it answers, as these were out of sequence
	check "its answers are dropped" test "$(drops_get "$director" dest_gone)" -gt 0
	drops_check "$director"
}

server_removed_under_a_steady_reply()
{
	local FOUND=found_steady

	server_removed_under_a_reply
}

# ---- the conn table's size ----

# table_of_its_own: for a test with a director of its own, whose table is as small as any. All packets are counted that come to
# LOCAL_IN; those of known conns do not, if they are found at PRE_ROUTING.
table_of_its_own()
{
	topology
	in_ns "$director" nft "table inet seen { counter came { }; chain input {
		type filter hook input priority -400; udp dport 7000 counter name came; }; }" ||
		fail "nft does not work"
	service
	in_ns "$director" sysctl -q -w net.ipv4.vs.fast_path=2
	check_equal "buckets at first" "$(buckets)" 512
}

# shellcheck disable=SC2016 # for awk
came() { in_ns "$director" nft list counter inet seen came | awk '$1 == "packets" { print $2 }'; }
# shellcheck disable=SC2016 # for awk
fast() { in_ns "$director" awk '$1 == "packets" { print $2 }' /proc/net/lvs_fast_path; }
buckets() { in_ns "$director" sed -n 's/.*(size=\([0-9]*\))$/\1/p' /proc/net/ip_vs; }
buckets_are() { [ "$(buckets)" -eq "$1" ]; }

# ports ADDRESS: of all conns of this client
ports()
{
	local bytes

	IFS=. read -ra bytes <<< "$1"
	in_ns "$director" grep "^UDP $(printf %02X "${bytes[@]}") " /proc/net/ip_vs_conn | cut -d ' ' -f 3
}

# flows CPUS ADDRESS COUNT: a packet of each flow of this client
flows()
{
	in_ns "$client" taskset -c "$1" "$BIN/flood" -u -i eth0 -m "$MAC" -b "$2" -n "$3" \
		"$VIP" 7000 >/dev/null
}

# sender NAME CPUS ADDRESS FLOWS COUNT: for COUNT packets each time that it is told, while grace periods do not end
declare -A GO=() SENT=()
sender()
{
	local dir go sent

	dir=$(mktemp -d)
	mkfifo "$dir/go" "$dir/sent"
	in_ns "$client" taskset -c "$2" "$BIN/flood" -w -u -i eth0 -m "$MAC" -b "$3" -f "$4" -n "$5" \
		"$VIP" 7000 <"$dir/go" >"$dir/sent" &
	exec {go}>"$dir/go" {sent}<"$dir/sent"
	rm -r "$dir"
	defer eval "exec $go>&- $sent<&-"
	GO[$1]=$go
	SENT[$1]=$sent
}
send_starts() { echo >&"${GO[$1]}"; }
send_ends() { read -r -t 120 -u "${SENT[$1]}" || fail "$1 do not send"; }
sends()
{
	send_starts "$1"
	send_ends "$1"
}

# known_flows CPUS ADDRESS COUNT: conns whose next packets are found at PRE_ROUTING; these the sender "known" sends
known_flows()
{
	KNOWN=("$2" "$3")
	flows 1-3 "$2" "$3"
	flows 1-3 "$2" "$3"
	sender known "$1" "$2" "$3" "$3"
	are_found
}

# are_found: a packet of each known flow is found at once, and each has one conn.
are_found()
{
	local came fast

	came=$(came)
	fast=$(fast)
	sends known
	check "all known flows on the fast path" busywait 2000 fast_is $((fast + KNOWN[1]))
	check_equal "packets that were not found at PRE_ROUTING" $(($(came) - came)) 0
	check_equal "flows with one conn" "$(ports "${KNOWN[0]}" | sort | uniq -u | wc -l)" "${KNOWN[1]}"
}
fast_is() { [ "$(fast)" -eq "$1" ]; }

# grow: new flows of the sender "crowd" until the table has twice as many buckets as at first
CROWD=10.1.0.120
grow()
{
	for ((CROWDED = 500; CROWDED <= 15000; CROWDED += 500)); do
		sends crowd
		[ "$(buckets)" -lt 1024 ] || return 0
	done
	fail "the table does not grow: $(buckets) buckets"
}

# thin_out: these end soon
thin_out()
{
	udp_timeout 1
	flows 1-3 "$CROWD" "$CROWDED"
	udp_timeout 300
}

# steps TIMES LATCH: what comes to the latch is held there so often, and known flows are found each time
steps()
{
	local step

	for ((step = 1; step <= $1; step++)); do
		held "$2"
		are_found
		if [ "$step" -lt "$1" ]; then
			check "latch $2 has held" is_held "$2"
			arm "$2"
		fi
	done
	release "$2"
}

# Buckets are split, one after the other; the flows of each are on their way from one to another.
split_meets_packets()
{
	local client director KNOWN latch=${1:-split}

	table_of_its_own
	known_flows 2-3 10.1.0.100 2700
	sender others 1 10.1.0.101 2000 2000
	arm "$latch"
	send_starts others
	steps 3 "$latch"
	send_ends others
	are_found
	check_equal "conns of the others" "$(ports 10.1.0.101 | sort | uniq -u | wc -l)" 2000
	drops_check "$director"
}

known_split_meets_packets() { split_meets_packets split_known; }

# As few flows as make the table shrink are in most, but not in all of the buckets that are merged.
merge_meets_packets()
{
	local client director KNOWN CROWDED latch=${1:-merge}

	table_of_its_own
	known_flows 1-3 10.1.0.100 900
	sender crowd 1-3 "$CROWD" 20000 500
	grow
	thin_out
	arm "$latch"
	steps 6 "$latch"
	check "the table has its first size" busywait 8000 buckets_are 512
	are_found
	drops_check "$director"
}

known_merge_meets_packets() { merge_meets_packets merge_known; }

forwarded_is() { is_held lookup || [ "$(forwarded)" -ge "$1" ]; }
# hold_look_up CPUS: a known flow's packet knows its bucket. Every second flow comes to the latch. Sets HELD_FLOW, HELD_SENDER.
hold_look_up()
{
	local before

	arm lookup
	for ((HELD_FLOW = 1024; HELD_FLOW < 1040; HELD_FLOW++)); do
		before=$(forwarded)
		send "$1" "$HELD_FLOW" &
		HELD_SENDER=$!
		check "the packet arrives" busywait 8000 forwarded_is $((before + 1))
		! is_held lookup || return 0
	done
	fail "no packet has come to latch lookup"
}

# let_look_up: it goes on, and finds its conn where that is now
let_look_up()
{
	local came fast

	came=$(came)
	fast=$(fast)
	release lookup
	wait "$HELD_SENDER"
	check "the packet is forwarded" busywait 2000 fast_is $((fast + 1))
	check_equal "packets that were not found at PRE_ROUTING" $(($(came) - came)) 0
	are_found
	drops_check "$director"
}

# A packet knows its bucket, and what it looks for is moved to another one.
packet_meets_a_split()
{
	local client director KNOWN CROWDED HELD_FLOW HELD_SENDER

	table_of_its_own
	known_flows 2-3 10.1.0.2 16
	sender crowd 2-3 "$CROWD" 20000 500
	hold_look_up 1
	grow
	let_look_up
}

# A packet knows its bucket, and that is merged into another one.
packet_meets_a_merge()
{
	local client director KNOWN CROWDED HELD_FLOW HELD_SENDER

	table_of_its_own
	known_flows 1-3 10.1.0.2 16
	sender crowd 1-3 "$CROWD" 20000 500
	grow
	thin_out
	arm merge
	held merge
	hold_look_up 1-3
	release merge
	check "the table has its first size" busywait 8000 buckets_are 512
	let_look_up
}

# ---- the end ----

# unload_waits LATCH: the module is unloaded while somebody is there.
unload_waits()
{
	local unload

	held "$1"
	rmmod lvs &
	unload=$!
	check "it begins" busywait 5000 grep -q going /sys/module/lvs/initstate
	sleep 1
	check "the module is still there" kill -0 "$unload"
	release "$1"
	wait "$unload" || fail "the module is not unloaded"
	wait
	check_fails "the module is gone" grep -q '^lvs ' /proc/modules
	load || bail "the module cannot be loaded again"
}

unload_waits_for_a_packet()
{
	service
	send 1 4013
	arm "$FOUND"
	send 1 4013 &
	unload_waits "$FOUND"
}

unload_waits_for_a_first_packet()
{
	service
	arm pick
	send 1 4022 &
	unload_waits pick
}

unload_waits_for_the_wheel()
{
	service
	udp_timeout 1
	send 1 4023
	arm second_visit
	unload_waits second_visit
}

unload_waits_for_an_edit()
{
	service
	arm publish
	ctl -d -u "$SERVICE" -r 10.2.0.11 &
	unload_waits publish
}

unload_waits_for_a_split()
{
	service
	arm split
	flows 1 10.1.0.100 10000 &
	unload_waits split
}

# A namespace ends while a packet is in its hook: it waits for the packet. Its name goes before, as that takes a grace period.
namespace_ends_under_a_packet()
{
	local last

	service
	send 1 4014
	"$BIN/inns" "$director" sleep 600 &
	last=$!
	check "a process is in the namespace" busywait 2000 grep -q sleep "/proc/$last/comm"
	ip netns del "$director"
	arm "$FOUND"
	send 1 4014 &
	held "$FOUND"
	kill "$last"
	sleep 1
	check "the client's device is still there" has_device
	release "$FOUND"
	check "it goes with the namespace" busywait 8000 has_no_device
	wait
	rmmod lvs || fail "the module does not unload"
}
# (ip -n would mount, which takes a grace period)
has_device() { in_ns "$client" grep -q eth0: /proc/net/dev; }
has_no_device() { ! has_device; }

# The last one leaves neither module nor namespace behind.
TESTS=(first_packets_of_one_flow
	server_removed_after_pick scheduler_changed_after_pick weight_0_after_pick persistent_after_pick
	service_removed_under_a_packet service_removed_under_a_steady_packet service_removed_under_a_slow_packet
	expiry_meets_a_packet end_meets_a_packet
	packet_meets_expiry steady_packet_meets_expiry slow_packet_meets_expiry IPv6_packet_meets_expiry
	server_removed_under_a_reply server_removed_under_a_steady_reply
	edit_meets_packets_and_edits unhook_meets_packets
	split_meets_packets known_split_meets_packets packet_meets_a_split
	merge_meets_packets known_merge_meets_packets packet_meets_a_merge
	unload_waits_for_a_packet unload_waits_for_a_steady_packet unload_waits_for_a_slow_packet
	unload_waits_for_a_first_packet unload_waits_for_the_wheel unload_waits_for_an_edit
	unload_waits_for_a_split
	namespace_ends_under_a_packet)

if [ "$LVS_MODULE" = stock ] || [ -z "${LVS_LATCH_KO:-}" ] || [ "$(nproc)" -lt 3 ]; then
	echo "1..0 # SKIP needs a module with latches and three CPUs"
	exit 4
fi
! lvs_loaded || lvs_unload
load || bail "cannot load $LVS_LATCH_KO"
hooks_stay
# a burst must not be lost before it reaches the director
sysctl -q -w net.core.netdev_max_backlog=200000
topology
mapfile -t TESTS < <(printf '%s\n' "${TESTS[@]}" | grep -e "${1:-.}")
tests_run "${TESTS[@]}"
