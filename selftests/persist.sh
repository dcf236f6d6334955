#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Persistence in the lab (lab.sh): templates and their timeout, netmask and
# prefix, services on port 0 and on a firewall mark, quiescing.
#
# usage: persist.sh [PATTERN]	only the tests whose names match

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lab.sh"
. "$(dirname "$0")/traffic.sh"

PORT=$NAME_PORT
SECOND=7002	# the name servers listen there, too

# servers_of FAMILY PORT SOURCE COUNT [who options]: sets SERVERS to the names that answered COUNT
# questions from SOURCE, and on from it with -k 1; on one line.
servers_of()
{
	local family=$1 port=$2 source=$3 count=$4
	shift 4

	ASKED=$(in_ns "$client" "$BIN/who" -b "$source" -n "$count" -c 1 "$@" \
		"$(vip "$family")" "$port")
	check_equal "unanswered" "$(asked failed)" 0
	SERVERS=$(awk '/^s[0-9]/ { print $1 }' <<< "$ASKED" | paste -s -d ' ')
}

# another_server THAN WHAT: one server has answered, and it is not that one.
another_server()
{
	check_equal "servers: $2" "$(wc -w <<< "$SERVERS")" 1
	[ "$SERVERS" != "$1" ] || fail "$2: the server is $1 still"
}

templates()
{
	conns "$1.* 0000 .*\(NONE\|ASSURED\)"
}

one_client_stays_at_one_server()
{
	local first

	service_only nat 4 tcp "$PORT" "rr -p 60" 1 1 1
	servers_of 4 "$PORT" 198.18.1.1 10
	check_equal "servers of a client" "$(wc -w <<< "$SERVERS")" 1
	first=$SERVERS
	servers_of 4 "$PORT" 198.18.1.2 10
	another_server "$first" "the next client takes the next turn"
	check_equal "templates" "$(templates C612010)" 2
	check_equal "templates at the servers" \
		"$(ctl -Ln --persistent-conn | awk '$1 == "->" { n += $4 } END { print n + 0 }')" 2
	drops_check "$director"
}

template_ends_on_time()
{
	local begin took seconds=$((4 * TEST_SLOW))

	rule -C
	rule --set 0 0 1
	rules_service nat 4 udp "$PORT" "rr -p $seconds" 1 1 1
	apply
	servers_of 4 "$PORT" 198.18.2.1 3 -u
	begin=$(date +%s%3N)
	check "a template" test "$(templates C6120201)" -eq 1
	check "its end" busywait 9000 no_conns C6120201
	took=$(($(date +%s%3N) - begin))
	check_between "milliseconds until the template ended" "$took" \
		$((seconds * 1000 - 1100 * TEST_SLOW)) $((seconds * 1000 + 2000 * TEST_SLOW))
	must --set 0 0 300
	drops_check "$director"
}

netmask_makes_one_client_of_many()
{
	local first

	service_only nat 4 tcp "$PORT" "rr -p 60 -M 255.255.255.0" 1 1 1
	servers_of 4 "$PORT" 198.18.3.1 20 -k 1
	check_equal "servers of a network" "$(wc -w <<< "$SERVERS")" 1
	first=$SERVERS
	check_equal "templates" "$(templates C6120300)" 1
	servers_of 4 "$PORT" 198.18.4.1 5 -k 1
	another_server "$first" "the next network takes the next turn"
	drops_check "$director"
}

prefix_makes_one_client_of_many()
{
	local first

	service_only dr 6 udp "$PORT" "rr -p 60 -M 120" 1 1 1
	servers_of 6 "$PORT" 2001:db8:cc::3001 20 -k 1 -u
	check_equal "servers of a prefix" "$(wc -w <<< "$SERVERS")" 1
	first=$SERVERS
	servers_of 6 "$PORT" 2001:db8:cc::3101 5 -k 1 -u
	another_server "$first" "the next prefix takes the next turn"
	drops_check "$director"
}

all_ports_are_one_service()
{
	local method family first source=1

	for method in nat dr; do
		for family in 4 6; do
			[ "$family" = 4 ] && from=198.18.5.$source || from=2001:db8:cc::50$source
			rule -C
			RPORT=0 rules_service "$method" "$family" tcp 0 "rr -p 60" 1 1 1
			apply
			servers_of "$family" "$PORT" "$from" 3
			check_equal "servers of one client" "$(wc -w <<< "$SERVERS")" 1
			first=$SERVERS
			servers_of "$family" "$SECOND" "$from" 3
			check_equal "the other port's" "$SERVERS" "$first"
			source=$((source + 1))
		done
	done
	drops_check "$director"
}

# mark PROTO...: the director marks what goes to both ports of the VIPs with 7.
marked()
{
	in_ns "$director" nft -f - <<-EOF || fail "nft"
		table inet marks {
			chain prerouting {
				type filter hook prerouting priority mangle
				meta l4proto { tcp, udp } th dport { $PORT, $SECOND } meta mark set 7
			}
		}
	EOF
	defer in_ns "$director" nft delete table inet marks
}

# rules_mark METHOD FAMILY "SCHEDULER [OPTIONS]": a service of mark 7 with all servers.
rules_mark()
{
	local i six=

	[ "$2" = 4 ] || six=-6
	rule "-A -f 7 $six -s $3"
	for i in 1 2 3; do
		rule "-a -f 7 $six $(real "$2" "$i" 0) ${METHOD_OPTION[$1]}"
	done
}

mark_service_takes_any_port_and_protocol()
{
	local family method=dr

	marked
	for family in 4 6; do
		rule -C
		rules_mark "$method" "$family" rr
		apply
		ask "$family" "$PORT" -n 30
		names_equal s1=10 s2=10 s3=10
		ask "$family" "$SECOND" -n 30
		names_equal s1=10 s2=10 s3=10
		ask "$family" "$PORT" -u -n 30
		names_equal s1=10 s2=10 s3=10
		method=nat
	done
	drops_check "$director"
}

mark_service_is_persistent_over_ports()
{
	local first

	marked
	rule -C
	rules_mark nat 4 "rr -p 60"
	apply
	servers_of 4 "$PORT" 198.18.6.1 3
	check_equal "servers of one client" "$(wc -w <<< "$SERVERS")" 1
	first=$SERVERS
	servers_of 4 "$SECOND" 198.18.6.1 3
	check_equal "the other port's" "$SERVERS" "$first"
	servers_of 4 "$PORT" 198.18.6.1 3 -u
	check_equal "the other protocol's" "$SERVERS" "$first"
	check_equal "templates" "$(templates "IP *C6120601")" 1
	drops_check "$director"
}

quiesced_server_keeps_its_clients_unless_told()
{
	local first

	service_only nat 4 tcp "$PORT" "rr -p 60" 1 1 1
	servers_of 4 "$PORT" 198.18.7.1 2
	first=$SERVERS
	must -e "$(virtual 4 tcp "$PORT")" "$(real 4 "${first#s}" "$PORT")" -m -w 0
	servers_of 4 "$PORT" 198.18.7.1 3
	check_equal "server of a known client" "$SERVERS" "$first"
	in_ns "$director" sysctl -q -w net.ipv4.vs.expire_quiescent_template=1
	servers_of 4 "$PORT" 198.18.7.1 3
	another_server "$first" "expire_quiescent_template is honoured"
	in_ns "$director" sysctl -q -w net.ipv4.vs.expire_quiescent_template=0
	drops_check "$director"
}

removed_server_gives_its_clients_up()
{
	local first

	service_only dr 6 tcp "$PORT" "rr -p 60" 1 1 1
	servers_of 6 "$PORT" 2001:db8:cc::7001 2
	first=$SERVERS
	must -d "$(virtual 6 tcp "$PORT")" "$(real 6 "${first#s}" "$PORT")"
	servers_of 6 "$PORT" 2001:db8:cc::7001 3
	another_server "$first" "a removed server gives its clients up"
	drops_check "$director"
}

TESTS=(one_client_stays_at_one_server template_ends_on_time
	netmask_makes_one_client_of_many prefix_makes_one_client_of_many
	all_ports_are_one_service mark_service_takes_any_port_and_protocol
	mark_service_is_persistent_over_ports
	quiesced_server_keeps_its_clients_unless_told
	removed_server_gives_its_clients_up)

lvs_load
lab_setup 3
any_method
TRAFFIC_PORTS="$PORT $SECOND" traffic_servers
mapfile -t TESTS < <(printf '%s\n' "${TESTS[@]}" | grep -e "${1:-.}")
tests_run "${TESTS[@]}"
