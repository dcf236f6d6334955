#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Schedulers in the lab (lab.sh): exact turns with packets on four CPUs at
# once, connections held open for those that count them, stability of those
# that hash, thresholds, quiescing and removal under held connections.
#
# usage: sched.sh [PATTERN]	only the tests whose names match

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lab.sh"
. "$(dirname "$0")/traffic.sh"

PORT=$NAME_PORT

# counted FAMILY PROTO COUNT...: so many connections exist at server i, - for none.
counted()
{
	local family=$1 word target active inactive rest i want
	local -A have=()
	shift 2

	while read -r word target _ _ active inactive rest; do
		[ "$word" != '->' ] || have[$target]=$((${have[$target]:-0} + active + inactive))
	done < <(ctl -Ln | grep '^  -> .*[0-9] *$')
	i=0
	for want; do
		i=$((i + 1))
		target=$(endpoint "$(rip "$family" "$i")" "$PORT")
		[ "$want" = - ] || [ "${have[$target]:-0}" -eq "$want" ] ||
			{ echo "server $i: ${have[$target]:-0}"; return 1; }
	done
}

# burst COUNT [flood options]: COUNT flows of one UDP datagram each from all CPUs.
burst()
{
	local count=$1
	shift

	source_next 4
	in_ns "$client" "$BIN/flood" -i eth0 -m "$ROUTER_MAC" -b "$SOURCE" \
		-n "$count" -j 4 "$@" "$VIP4" "$PORT" >/dev/null
}

wrr_is_exact_on_four_CPUs()
{
	service_only dr 4 udp "$PORT" wrr 3 2 1 0
	burst 6000
	check "3:2:1 of 6000" busywait 2000 counted 4 udp 3000 2000 1000 0
	service_only dr 4 udp "$PORT" wrr 0 0 1 1000
	burst 3003
	check "1:1000 of 3003 more" busywait 2000 counted 4 udp 3000 2000 1003 3000
	drops_check "$director"
}

rr_is_exact_on_four_CPUs()
{
	service_only nat 6 udp "$PORT" rr 1 7 50 0
	source_next 6
	in_ns "$client" "$BIN/flood" -i eth0 -m "$ROUTER_MAC" -b "$SOURCE" \
		-n 6000 -j 4 "$VIP6" "$PORT" >/dev/null
	check "a third each" busywait 2000 counted 6 udp 2000 2000 2000 0
	drops_check "$director"
}

lc_fills_up_the_emptiest()
{
	service_only nat 4 tcp "$PORT" lc 1 5 9
	hold first 4 "$PORT" -n 60 -c 1
	names_equal s1=20 s2=20 s3=20
	must -a "$(virtual 4 tcp "$PORT")" "$(real 4 4 "$PORT")" -m -w 1
	hold second 4 "$PORT" -n 18 -c 1
	names_equal s4=18
	release second
	release first
	drops_check "$director"
}

wlc_counts_by_weight()
{
	service_only dr 6 tcp "$PORT" wlc 3 2 1
	hold first 6 "$PORT" -n 60 -c 1
	names_about s1=30 s2=20 s3=10
	must -a "$(virtual 6 tcp "$PORT")" "$(real 6 4 "$PORT")" -g -w 6
	hold second 6 "$PORT" -n 50 -c 1
	names_equal s4=50
	release second
	release first
	drops_check "$director"
}

sed_and_nq_count_active_ones()
{
	service_only nat 4 tcp "$PORT" sed 3 2 1
	hold first 4 "$PORT" -n 60 -c 1
	names_about s1=30 s2=20 s3=10
	service_only nat 4 tcp 9000 nq 100 1 1
	hold second 4 9000 -n 3 -c 1
	names_equal s1=1 s2=1 s3=1
	hold third 4 9000 -n 30 -c 1
	names_equal s1=30
	release third
	release second
	release first
	drops_check "$director"
}

fo_takes_the_heaviest()
{
	service_only tun 4 tcp "$PORT" fo 1 3 2
	ask 4 "$PORT" -n 10
	names_equal s2=10
	must -e "$(virtual 4 tcp "$PORT")" "$(real 4 2 "$PORT")" -i -w 0
	ask 4 "$PORT" -n 10
	names_equal s3=10
	drops_check "$director"
}

ovf_flows_over()
{
	service_only nat 6 tcp "$PORT" ovf 5 3 1
	hold first 6 "$PORT" -n 12 -c 1
	names_equal s1=6 s2=4 s3=2
	ask 6 "$PORT" -n 1 -w 1500
	check_equal "refused when all overflow" "$(asked failed)" 1
	release first
	drops_check "$director"
}

# map FILE FAMILY: ask from 60 addresses; FILE gets "SOURCE NAME" lines.
map()
{
	local from=198.18.200.1

	[ "$2" = 4 ] || from=2001:db8:cc::c800
	ASKED=$(in_ns "$client" "$BIN/who" -l -b "$from" -k 1 -n 60 "${@:3}" \
		"$(vip "$2")" "$PORT")
	check_equal "unanswered" "$(asked failed)" 0
	grep '[.:].* s[0-9]' <<< "$ASKED" | sort > "$1"
	check_equal "answers" "$(wc -l < "$1")" 60
}

# moved_from A B [NAME]: sources that B sends elsewhere than A, of those at NAME.
moved_from()
{
	join "$1" "$2" | awk -v name="${3:-}" '(!name || $2 == name) && $2 != $3 { n++ }
		END { print n + 0 }'
}

# hash_is_stable SCHEDULER FLAG FAMILY SHARE: the same sources reach the same servers;
# a server that is quiesced gives its own away and takes them back; removing one
# and adding it again ends where it began. While it is away at most SHARE
# percent of the sources of other servers have moved.
hash_is_stable()
{
	local sched=$1 flag=$2 family=$3 share=$4 dir others
	local service

	service=$(virtual "$family" tcp "$PORT")
	dir=$(mktemp -d)
	service_only nat "$family" tcp "$PORT" "$sched $flag" 1 1 1 1
	map "$dir/a" "$family"
	check_between "servers in use" "$(awk '!seen[$2]++ { n++ } END { print n }' "$dir/a")" 3 4
	map "$dir/b" "$family"
	check_equal "moved by themselves" "$(moved_from "$dir/a" "$dir/b")" 0
	must -e "$service" "$(real "$family" 3 "$PORT")" -m -w 0
	map "$dir/quiet" "$family"
	check_equal "left at the quiesced server" "$(grep -c s3 "$dir/quiet")" 0
	check_equal "others moved" "$(moved_from "$dir/a" "$dir/quiet")" \
		"$(grep -c s3 "$dir/a")"
	must -e "$service" "$(real "$family" 3 "$PORT")" -m -w 1
	map "$dir/back" "$family"
	check_equal "moved for good" "$(moved_from "$dir/a" "$dir/back")" 0
	must -d "$service" "$(real "$family" 3 "$PORT")"
	map "$dir/gone" "$family"
	others=$(($(moved_from "$dir/a" "$dir/gone") - $(grep -c s3 "$dir/a")))
	check_between "others moved by a removal" "$others" 0 $((60 * share / 100))
	must -a "$service" "$(real "$family" 3 "$PORT")" -m -w 1
	map "$dir/again" "$family"
	check_between "moved by a server that left and came back" \
		"$(moved_from "$dir/a" "$dir/again")" 0 $((60 * share / 100))
	rm -rf "$dir"
	drops_check "$director"
}

sh_is_stable()
{
	hash_is_stable sh "-b sh-fallback" 4 100
}

mh_is_stable()
{
	hash_is_stable mh "-b mh-fallback" 6 20
}

sh_and_mh_hash_the_port_if_told()
{
	local sched

	for sched in sh mh; do
		service_only dr 4 tcp "$PORT" "$sched" 1 1 1 1
		ask 4 "$PORT" -n 40
		check_equal "$sched: servers of one address" "$(grep -c '^s' <<< "$ASKED")" 2
		service_only dr 4 tcp "$PORT" "$sched -b $sched-port" 1 1 1 1
		ask 4 "$PORT" -n 40
		check_between "$sched with port: servers" "$(grep -c '^s[0-9]' <<< "$ASKED")" 3 4
	done
	drops_check "$director"
}

dh_depends_on_the_destination()
{
	local dir

	dir=$(mktemp -d)
	service_only nat 4 tcp "$PORT" dh 1 1 1 1
	map "$dir/a" 4
	check_equal "servers of one VIP" "$(awk '!seen[$2]++ { n++ } END { print n }' "$dir/a")" 1
	map "$dir/b" 4
	check_equal "moved" "$(moved_from "$dir/a" "$dir/b")" 0
	rm -rf "$dir"
	drops_check "$director"
}

thresholds_are_kept()
{
	local service

	service=$(virtual 4 udp "$PORT")
	rule -C
	rule --set 0 0 $((3 * TEST_SLOW))
	rules_service nat 4 udp "$PORT" rr 1 1
	rule -e "$service" "$(real 4 1 "$PORT")" -m -w 1 -x 5
	rule -e "$service" "$(real 4 2 "$PORT")" -m -w 1 -x 5 -y 2
	apply
	ask 4 "$PORT" -u -n 10 -c 1
	names_equal s1=5 s2=5
	ask 4 "$PORT" -u -n 1 -r 0 -w 500
	check_equal "refused above the thresholds" "$(asked failed)" 1
	must -e "$service" "$(real 4 1 "$PORT")" -m -w 1 -x 7
	ask 4 "$PORT" -u -n 2 -c 1
	names_equal s1=2
	check "expiry" busywait 6000 no_conns "UDP .* 1B58"
	ask 4 "$PORT" -u -n 4 -c 1
	names_equal s1=2 s2=2
	check "expiry" busywait 6000 no_conns "UDP .* 1B58"
	must --set 0 0 300
	drops_check "$director"
}

quiesced_server_keeps_its_connections()
{
	local service

	service=$(virtual 4 tcp "$PORT")
	service_only dr 4 tcp "$PORT" rr 1 1 1
	hold held 4 "$PORT" -e -n 60
	names_equal s1=20 s2=20 s3=20
	must -e "$service" "$(real 4 1 "$PORT")" -g -w 0
	ask 4 "$PORT" -n 40
	names_equal s2=20 s3=20
	release held || fail "connections were disturbed: $ASKED"
	drops_check "$director"
}

removed_server_loses_only_its_own()
{
	local service

	service=$(virtual 6 tcp "$PORT")
	service_only nat 6 tcp "$PORT" rr 1 1 1
	hold held 6 "$PORT" -e -n 60 -w 2000
	must -d "$service" "$(real 6 2 "$PORT")"
	ask 6 "$PORT" -n 20
	names_equal s1=10 s3=10
	release held
	check_equal "lost" "$(asked lost)" 20
	check_equal "moved" "$(asked moved)" 0
	drops_check "$director"
}

# Another service keeps the hooks: without any, packets of the meantime would reach the
# director's own TCP, which resets their connections.
server_and_service_come_back_to_their_connections()
{
	local i service

	service=$(virtual 4 tcp "$PORT")
	service_only nat 4 tcp "$PORT" rr 1 1 1
	must -A "$(virtual 4 udp "$PORT")" -s rr
	hold held 4 "$PORT" -e -n 60
	must -d "$service" "$(real 4 2 "$PORT")"
	must -a "$service" "$(real 4 2 "$PORT")" -m -w 5
	rule -D "$service"
	rules_service nat 4 tcp "$PORT" wlc 1 1 1
	apply
	release held || fail "connections were disturbed: $ASKED"
	for i in 1 2 3; do
		check_between "connections taken back by server $i" \
			"$(dest_line "$director" 3 "$(rip4 "$i")" "$PORT")" 0 20
	done
	drops_check "$director"
}

one_packet_scheduling_keeps_nothing()
{
	service_only dr 4 udp "$PORT" "rr -o" 1 1 1
	ask 4 "$PORT" -u -n 30 -c 1 -p 5000 -P
	names_equal s1=10 s2=10 s3=10
	check_equal "connections kept" "$(conns "UDP $(hex4 "$SOURCE") 1388 ")" 0
	drops_check "$director"
}

# Two services on the same server, and one client port: the server could not tell
# the connections apart, so the second one goes elsewhere or nowhere.
one_reply_tuple_belongs_to_one_connection()
{
	local before

	[ "$LVS_MODULE" != stock ] || { skip "stock mixes the connections up"; return; }
	rule -C
	rules_service nat 4 udp 9001 rr 1
	rules_service nat 4 udp 9002 rr 1 1
	rules_service nat 4 udp 9003 rr 1
	apply
	ask 4 9001 -u -b 198.18.250.1 -p 5555
	names_equal s1=1
	ask 4 9002 -u -b 198.18.250.1 -p 5555
	names_equal s2=1
	before=$(drops_get "$director" tuple_in_use)
	ask 4 9003 -u -b 198.18.250.1 -p 5555 -r 0 -w 500
	check_equal "refused" "$(asked failed)" 1
	check_equal "counted as tuple_in_use" "$(drops_get "$director" tuple_in_use)" \
		$((before + 1))
	ask 4 9003 -u -b 198.18.250.1 -p 5556
	names_equal s1=1
	drops_check "$director"
}

# twos: of two servers drawn, the one with less to do, so all of a size stay close together.
twos_evens_out()
{
	local i

	service_only nat 4 tcp "$PORT" twos 1 1 1
	hold first 4 "$PORT" -n 60 -c 1
	for ((i = 1; i <= 3; i++)); do
		check "server $i: 15 to 25 of 60, not $(asked "s$i")" \
			test "$(asked "s$i")" -ge 15 -a "$(asked "s$i")" -le 25
	done
	release first
	service_only dr 6 tcp "$PORT" twos 1 0 0
	ask 6 "$PORT" -n 10
	names_equal s1=10
	drops_check "$director"
}

# An address has one server, or several, until they are overloaded; the newest is asked first. The
# ports are of no other test, so that no server comes back with conns.
lblc_and_lblcr_keep_an_address_together()
{
	local sched family port=9010

	for sched in lblc lblcr; do
		[ "$sched" = lblc ] && family=4 || family=6
		port=$((port + 1))
		service_only nat "$family" tcp "$port" "$sched" 10 10 10
		hold first "$family" "$port" -n 11 -c 1
		names_equal s3=11
		hold second "$family" "$port" -n 11 -c 1
		names_equal s2=11
		hold third "$family" "$port" -n 4 -c 1
		names_equal s1=4
		# an edit of the servers does not make it forget
		must -e "$(virtual "$family" tcp "$port")" "$(real "$family" 2 "$PORT")" -m -w 11
		must -e "$(virtual "$family" tcp "$port")" "$(real "$family" 1 "$PORT")" -m -w 0
		ask "$family" "$port" -n 1
		names_equal s2=1
		release third
		release second
		release first
	done
	drops_check "$director"
}

# The first wants an empty table.
TESTS=(thresholds_are_kept wrr_is_exact_on_four_CPUs rr_is_exact_on_four_CPUs lc_fills_up_the_emptiest
	wlc_counts_by_weight sed_and_nq_count_active_ones fo_takes_the_heaviest
	ovf_flows_over sh_is_stable mh_is_stable sh_and_mh_hash_the_port_if_told
	dh_depends_on_the_destination twos_evens_out lblc_and_lblcr_keep_an_address_together
	quiesced_server_keeps_its_connections removed_server_loses_only_its_own
	server_and_service_come_back_to_their_connections
	one_packet_scheduling_keeps_nothing one_reply_tuple_belongs_to_one_connection)

lvs_load
lab_setup 4
any_method
traffic_servers
ROUTER_MAC=$(device_mac "$router" wan)
# A burst must not wait for neighbours to be found.
in_ns "$client" ping -q -c 1 "$VIP4" >/dev/null
in_ns "$client" ping -q -c 1 "$VIP6" >/dev/null
mapfile -t TESTS < <(printf '%s\n' "${TESTS[@]}" | grep -e "${1:-.}")
tests_run "${TESTS[@]}"
