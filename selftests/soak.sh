#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Steady traffic of several kinds through every method, while the configuration changes, all
# is listed and connections expire, for minutes, in the lab (lab.sh). Each minute it says what
# is in use; at the end there must be no more of it than after the warm-up.
#
# usage: soak.sh [MINUTES]		2 by default; `make soak MINUTES=n' from outside
# environment: TEST_SOAK_ROUND=SECONDS	a line more often than once a minute

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lab.sh"
. "$(dirname "$0")/traffic.sh"

MINUTES=${1:-2}
ROUND=${TEST_SOAK_ROUND:-60}
WARM_UP=20
PORT=$NAME_PORT
FLOOD_PORT=7009

services()
{
	rule -C
	rule --set 5 4 3
	rules_service nat 4 tcp "$PORT" wrr 1 2 3
	rules_service dr 6 tcp "$PORT" "mh -b mh-port" 1 1 1
	rules_service tun 4 udp "$PORT" wlc 1 1 1
	rules_service nat 6 udp "$PORT" "rr -p 4" 1 1 1
	rules_service dr 4 tcp "$BULK_PORT" rr 1 1 1
	rules_service dr 4 udp "$FLOOD_PORT" sh 1 1 1
	rules_service nat 6 udp "$FLOOD_PORT" rr 1 1 1
	apply
}

# --- traffic -------------------------------------------------------------------
# Until $TMP/stop is there; what could not be done is written to $TMP/trouble.
# asking FAMILY SOURCE [who options]: questions, one batch after the other
asking()
{
	local family=$1 source=$2 out count=0
	shift 2

	while [ ! -e "$TMP/stop" ]; do
		out=$(in_ns "$client" "$BIN/who" -b "$source" -n 60 -c 8 "$@" \
			"$(vip "$family")" "$PORT" 2>&1) || echo "IPv$family $*: $out" >> "$TMP/trouble"
		count=$((count + 60))
		sleep 0.3
	done
	echo "$count" > "$TMP/asked.$BASHPID"
}

transfers()
{
	while [ ! -e "$TMP/stop" ]; do
		in_ns "$client" "$BIN/xfer" -b 198.18.9.1 -n 500000 "$VIP4" "$BULK_PORT" > /dev/null 2> "$TMP/xfer" ||
			sed 's/^/transfer: /' "$TMP/xfer" >> "$TMP/trouble"
		sleep 1
	done
}

# 300 flows per second and family, each of one packet, and some that go on
new_flows()
{
	local net=0

	while [ ! -e "$TMP/stop" ]; do
		net=$(((net + 1) % 100))
		in_ns "$client" "$BIN/flood" -i eth0 -m "$ROUTER_MAC" -n 600 -f 300 -r 600 \
			-b "198.18.$((100 + net)).1" "$VIP4" "$FLOOD_PORT"
		in_ns "$client" "$BIN/flood" -i eth0 -m "$ROUTER_MAC" -n 600 -f 300 -r 600 \
			-b "2001:db8:cc::$net:1" "$VIP6" "$FLOOD_PORT"
	done > /dev/null
}

# Changes that must disturb nobody.
changes()
{
	local i=0 rules

	while [ ! -e "$TMP/stop" ]; do
		i=$((i + 1))
		rules="-e $(virtual 4 tcp "$PORT") $(real 4 $((i % 3 + 1)) "$PORT") -m -w $((i % 7 + 1))
			-E $(virtual 4 udp "$PORT") -s $( ((i % 2)) && echo wlc || echo sed)
			-A -t $VIP4:$((3000 + i % 50)) -s wrr
			-a -t $VIP4:$((3000 + i % 50)) -r $(rip4 1):80 -m
			-a -t $VIP4:$((3000 + i % 50)) -r $(rip4 2):80 -m -w 3
			-d -t $VIP4:$((3000 + i % 50)) -r $(rip4 1):80
			-D -t $VIP4:$((3000 + i % 50))"
		ctl -R <<< "$rules" >> "$TMP/trouble" 2>&1
		sleep 0.5
	done
}

listings()
{
	while [ ! -e "$TMP/stop" ]; do
		in_ns "$director" cat /proc/net/ip_vs_conn /proc/net/ip_vs /proc/net/ip_vs_stats_percpu
		ctl -Ln --stats
		ctl -Ln --rate
		sleep 1
	done > /dev/null
}

WORKERS=()

traffic_on()
{
	rm -f "$TMP/stop"
	# a conn that both sides have closed stays for two minutes, one that was reset for ten seconds
	asking 4 198.18.1.1 -R & WORKERS=($!)
	asking 6 2001:db8:cc::1001 & WORKERS+=($!)
	asking 4 198.18.2.1 -u & WORKERS+=($!)
	asking 6 2001:db8:cc::2001 -u & WORKERS+=($!)
	transfers & WORKERS+=($!)
	new_flows & WORKERS+=($!)
	changes & WORKERS+=($!)
	listings & WORKERS+=($!)
}

# traffic_off: stop it, and wait until the last connection has ended
traffic_off()
{
	: > "$TMP/stop"
	wait "${WORKERS[@]}"
	check "the end of all connections" busywait 40000 no_conns
}

# --- what is in use ----------------------------------------------------------
# objects: connections, services, dests, objects in the caches of lvs, packets, drops
objects()
{
	local conns services dests slab packets drops

	conns=$(conns)
	read -r services dests <<< "$(in_ns "$director" awk '
		/^(TCP|UDP|FWM)/ { s++ } /^  ->/ && !/RemoteAddress/ { d++ }
		END { print s + 0, d + 0 }' /proc/net/ip_vs)"
	slab=$(awk '/^lvs/ { n += $2 } END { print n + 0 }' /proc/slabinfo)
	# shellcheck disable=SC2016 # awk's variables
	read -r packets drops <<< "$(in_ns "$director" awk '
		$1 == "packets_in" { in_ = $2; next } NR > 4 { n += $2 }
		END { print in_, n + 0 }' /proc/net/lvs_drops)"
	echo "$conns $services $dests $slab $packets $drops"
}

memory()
{
	awk '/^MemAvailable/ { print $2 }' /proc/meminfo
}

# line TITLE: what is in use now
line()
{
	local conns services dests slab packets drops

	read -r conns services dests slab packets drops <<< "$(objects)"
	note "$(printf '%-10s %7d KB available, %6d conns, %3d services, %3d dests, %6d objects, %9d packets, %5d drops' \
		"$1" "$(memory)" "$conns" "$services" "$dests" "$slab" "$packets" "$drops")"
}

# The least of a few looks: what is on its way to be freed is not what was lost.
memory_is_back()
{
	echo 3 > /proc/sys/vm/drop_caches
	[ "$(memory)" -ge $(($1 - 8192)) ]
}

slab_objects()
{
	awk '/^lvs/ { n += $2 } END { print n + 0 }' /proc/slabinfo
}

few_objects()
{
	echo "$(slab_objects) objects, $1 after the warm-up"
	# those that each CPU keeps for the next ones count
	[ "$(slab_objects)" -le $(($1 + 1000)) ]
}

traffic_leaves_nothing_behind()
{
	local before slab config begin end

	services
	traffic_on
	busywait $((WARM_UP * 1000)) false
	traffic_off
	echo 3 > /proc/sys/vm/drop_caches
	before=$(memory)
	slab=$(slab_objects)
	config=$(objects | cut -d' ' -f1-3)
	line "warmed up"

	traffic_on
	begin=$SECONDS
	end=$((begin + MINUTES * 60))
	while [ "$SECONDS" -lt "$end" ]; do
		sleep $((end - SECONDS < ROUND ? end - SECONDS : ROUND))
		line "$(((SECONDS - begin) / 60)) min $(((SECONDS - begin) % 60)) s"
	done
	traffic_off
	check "memory" busywait 20000 memory_is_back "$before" ||
		note "$((before - $(memory))) KB less than after the warm-up"
	check "objects" busywait 10000 few_objects "$slab"
	line "quiet"
	check_equal "conns, services and dests" "$(objects | cut -d' ' -f1-3)" "$config"
	check "counters at 0" busywait 2000 no_counts
	drops_check "$director"
	note "$(drops_show "$director")"
	note "$(cat "$TMP"/asked.* | awk '{ n += $1 } END { print n + 0 }') questions"
	[ ! -s "$TMP/trouble" ] || fail "$(sort "$TMP/trouble" | uniq -c | sort -rn | head -n 20)"
}

TMP=$(mktemp -d)
defer rm -rf "$TMP"
: > "$TMP/trouble"
lvs_load
hooks_stay
lab_setup 3
any_method
traffic_servers
# shellcheck disable=SC2034 # used above
ROUTER_MAC=$(device_mac "$router" wan)
# A burst must not wait for neighbours to be found.
in_ns "$client" ping -q -c 1 "$VIP4" > /dev/null
in_ns "$client" ping -q -c 1 "$VIP6" > /dev/null
tests_run traffic_leaves_nothing_behind
