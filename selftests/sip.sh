#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The persistence engine sip in the lab (lab.sh), with calls of SIPp (package
# sip-tester): 7 messages each, which must all come to the server that has the call.
#
# usage: sip.sh [PATTERN]	only the tests whose names match

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lab.sh"
. "$(dirname "$0")/traffic.sh"

PORT=5060
CALLS=30
export TERM=vt100	# SIPp draws on a screen

# sip_service METHOD FAMILY "OPTIONS": all servers, one weight each; and nothing left of the
# test before.
sip_service()
{
	ctl -C
	check "the end of all connections" busywait 5000 no_conns
	RPORT=$PORT service_only "$1" "$2" udp "$PORT" "$3" 1 1 1
}

# sip_servers ADDRESS-FUNCTION: what answers calls on each server, at this address
sip_servers()
{
	local i

	for ((i = 1; i <= 3; i++)); do
		spawn "${SERVER[i]}" sipp -sn uas -i "$("$1" "$i")" -p "$PORT" -nostdin
		# a gentle signal has SIPp wait for calls
		defer kill -9 "$SPAWNED"
	done
	for ((i = 1; i <= 3; i++)); do
		busywait 10000 listens "${SERVER[i]}" udp "$PORT" || fail "SIPp does not start"
	done
}

# as sip_servers calls it
vip4()
{
	echo "$VIP4"
}

# calls FAMILY [OPTIONS]: succeed if every one does
calls()
{
	local family=$1 source=$CIP4
	shift

	[ "$family" = 4 ] || source=$CIP6
	in_ns "$client" timeout $((60 * TEST_SLOW)) sipp -sn uac "$(endpoint "$(vip "$family")" "$PORT")" \
		-i "$source" -p 6060 -m "$CALLS" -r "$CALLS" -d 200 -nostdin \
		-timeout $((40 * TEST_SLOW)) -timeout_error "$@" < /dev/null
}

# templates: how many there are; with their Call-IDs
templates()
{
	conns '0000 .* sip '
}

# templates_at ADDRESS: how many a server has
templates_at()
{
	# shellcheck disable=SC2016 # awk's variables
	ctl -Ln --persistent-conn | awk -v key="$(endpoint "$1" "$PORT")" '$2 == key { print $4 }'
}

# All calls share the client's port, and each packet is scheduled by itself: nothing but the
# Call-ID keeps a call together.
one_port_has_many_calls()
{
	local family i out

	for family in 4 6; do
		sip_service nat "$family" "rr -p 60 -o --pe sip"
		sip_servers "rip$family"
		out=$(calls "$family" 2>&1) || { fail "calls over IPv$family"; note "$(tail -n 30 <<< "$out")"; }
		check_equal "templates" "$(templates)" "$CALLS"
		for i in 1 2 3; do
			check_equal "templates of server $i" "$(templates_at "$(rip "$family" "$i")")" $((CALLS / 3))
		done
		check_equal "connections left" "$(conns "UDP.* UDP ")" 0
		defer_run "$DEFER_BASE"
	done
	drops_check "$director"
}

# A port for each call, by every method: a call's packets are a flow.
each_call_has_a_port()
{
	local method

	for method in nat dr tun; do
		sip_service "$method" 4 "rr -p 60 --pe sip"
		if [ "$method" = nat ]; then
			sip_servers rip4
		else
			sip_servers vip4
		fi
		check "calls by $method" calls 4 -t un
		check_equal "templates" "$(templates)" "$CALLS"
		defer_run "$DEFER_BASE"
	done
	drops_check "$director"
}

sip_py()
{
	local ns=$1
	shift

	in_ns "$ns" /usr/bin/python3 "$SELFTESTS/bin/sip.py" "$@"
}

# One call from two addresses is one if the netmask says so.
netmask_makes_one_client_of_all()
{
	sip_service dr 4 "rr -p 60 -M 0.0.0.0 --pe sip"
	sip_py "$client" say 198.18.9.1 7001 "$VIP4" one@example.com
	sip_py "$client" say 198.18.9.2 7001 "$VIP4" two@example.com
	sip_py "$client" say 198.18.9.3 7001 "$VIP4" one@example.com
	check_equal "templates" "$(templates)" 2
	check_equal "server of the call" "$(server_of C6120901)" "$(server_of C6120903)"
	[ "$(server_of C6120901)" != "$(server_of C6120902)" ] ||
		fail "another call did not take the next turn"
	check_equal "a template in the listing" \
		"$(ctl -Lnc --persistent-conn | grep -c 'sip *one@example.com')" 1
	drops_check "$director"
}

# server_of CLIENT: of its flow
server_of()
{
	# shellcheck disable=SC2016 # awk's variables
	in_ns "$director" awk -v client="$1" '$2 == client { print $6 }' /proc/net/ip_vs_conn
}

no_call_id_no_connection()
{
	local before

	sip_service nat 4 "rr -p 60 --pe sip"
	before=$(drops_get "$director" no_call_id)
	sip_py "$client" say "$CIP4" 7002 "$VIP4" "" "not one" "a,b"
	check "their drop reason" busywait 2000 dropped "$((before + 3))"
	check_equal "connections" "$(conns UDP)" 0
	drops_check "$director"
}

dropped()
{
	[ "$(drops_get "$director" no_call_id)" -eq "$1" ]
}

# A server calls a client: the client sees the service, and its answers come to that server.
server_calls_a_client()
{
	local family to i

	for family in 4 6; do
		[ "$family" = 4 ] && to=$CIP4 || to=$CIP6
		sip_service nat "$family" "rr -p 60 --pe sip"
		sip_py "$client" answer "$to" 3 "$(vip "$family")" > /run/lvs/heard &
		busywait 10000 listens "$client" udp "$PORT" || fail "the client does not listen"
		for i in 1 2 3; do
			check_equal "the answer to server $i" \
				"$(sip_py "${SERVER[i]}" call "$("rip$family" "$i")" "$to" 2>&1)" True
		done
		wait $!
		check_equal "whether the client saw the service" "$(sort /run/lvs/heard | uniq -c | xargs)" "3 True"
		check_equal "templates" "$(templates)" 3
	done
	drops_check "$director"
}

# Many first packets of each call at once, on all CPUs: one template for each call, and one server.
one_call_gets_one_template()
{
	local calls=40

	sip_service dr 4 "rr -p 60 --pe sip"
	check "many calls at once" sip_py "$client" race "$CIP4" "$VIP4" "$calls"
	check "connections" busywait 3000 has_conns $((calls * 12))
	check_equal "templates" "$(templates)" "$calls"
	check_equal "calls with two servers" "$(sip_py "$director" split)" 0
	drops_check "$director"
}

has_conns()
{
	[ "$(conns ' UDP ')" -eq "$1" ]
}

# Nothing is left of it when its time is over.
templates_end()
{
	rule -C
	rule --set 0 0 1
	rules_service dr 4 udp "$PORT" "rr -p 2 --pe sip" 1 1 1
	apply
	sip_py "$client" say "$CIP4" 7003 "$VIP4" one@example.com
	check_equal "templates" "$(templates)" 1
	check "their end" busywait 12000 no_conns UDP
	check "counters" busywait 3000 no_counts
	must --set 0 0 300
	drops_check "$director"
}

command -v sipp >/dev/null || { echo "1..0 # SKIP needs SIPp (package sip-tester)"; exit "$KSFT_SKIP"; }
TESTS=(one_port_has_many_calls each_call_has_a_port netmask_makes_one_client_of_all no_call_id_no_connection
	server_calls_a_client one_call_gets_one_template templates_end)

lvs_load
lab_setup 3
any_method
in_ns "$director" sysctl -q -w net.ipv4.vs.expire_nodest_conn=1
mapfile -t TESTS < <(printf '%s\n' "${TESTS[@]}" | grep -e "${1:-.}")
tests_run "${TESTS[@]}"
