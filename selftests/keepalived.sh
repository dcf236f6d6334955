#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# keepalived's checkers drive the module: servers that die are taken out (or
# quiesced), a sorry server stands in, servers that come back are put back; on
# stop nothing is left. In the lab (lab.sh), server 3 is the sorry server.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lab.sh"
. "$(dirname "$0")/traffic.sh"

DIR=/run/lvs/keepalived

# virtual_server ADDRESS PORT, with two checked servers and a sorry server.
write_conf()
{
	cat <<-EOF
		global_defs {
			router_id lab
			lvs_timeouts tcp 600 tcpfin 60 udp 120
		}
		virtual_server $VIP4 80 {
			delay_loop 1
			lvs_sched wrr
			lvs_method NAT
			protocol TCP
			quorum 1
			sorry_server $(rip4 3) 80
			real_server $(rip4 1) 80 {
				weight 2
				HTTP_GET {
					url {
						path /
						status_code 200
					}
					connect_timeout $TEST_SLOW
					retry 1
					delay_before_retry 1
				}
			}
			real_server $(rip4 2) 80 {
				weight 1
				inhibit_on_failure
				TCP_CHECK {
					connect_timeout $TEST_SLOW
					retry 1
					delay_before_retry 1
				}
			}
		}
		virtual_server $VIP6 $NAME_PORT {
			delay_loop 1
			lvs_sched sh
			sh-port
			persistence_timeout 120
			lvs_method DR
			protocol TCP
			real_server $(rip6 1) $NAME_PORT {
				weight 1
				TCP_CHECK {
					connect_timeout $TEST_SLOW
				}
			}
		}
	EOF
}

keepalived_start()
{
	mkdir -p "$DIR"
	write_conf > "$DIR/conf"
	spawn "$director" keepalived -n -l -D -C -f "$DIR/conf" -p "$DIR/pid" -c "$DIR/cpid"
	KEEPALIVED=$SPAWNED
}

# table_is LINE...: the servers of the IPv4 service, "address weight", in order.
table_is()
{
	local got want

	got=$(ctl -Ln -t "$VIP4:80" | awk '$1 == "->" && $2 ~ /:80$/ { print $2, $4 }' | sort)
	want=$(printf '%s\n' "$@" | sort)
	[ "$got" = "$want" ] && return
	printf 'have:\n%s\n' "$got"
	return 1
}

web_stop()
{
	kill "$(cat "/run/lvs/web-${SERVER[$1]}-80/pid")"
}

S1="$(rip4 1):80"
S2="$(rip4 2):80"
S3="$(rip4 3):80"

services_are_set_up()
{
	local line

	keepalived_start
	check "both servers" busywait 15000 table_is "$S1 2" "$S2 1"
	line=$(ctl -Ln | grep "$NAME_PORT sh" | tr -s ' ')
	check_equal "the IPv6 service" "$line" \
		"TCP [$VIP6]:$NAME_PORT sh (sh-port) persistent 120"
	check_equal "time-outs" "$(ctl -L --timeout | sed 's/.*: //')" "600 60 120"
	check_equal "answers" "$(answers 6)" "server 1 server 2"
}

# answers COUNT: which servers answered COUNT requests.
answers()
{
	local i

	for ((i = 0; i < $1; i++)); do
		in_ns "$client" curl -s -m $((3 * TEST_SLOW)) "http://$VIP4/"
	done | sed -n 's/.*\(server [0-9]\).*/\1/p' | sort -u | paste -s -d ' '
}

dead_servers_are_taken_out()
{
	web_stop 2
	check "server 2 quiesced" busywait 15000 table_is "$S1 2" "$S2 0"
	check_equal "answers" "$(answers 3)" "server 1"
	web_stop 1
	check "the sorry server" busywait 15000 table_is "$S2 0" "$S3 1"
	check_equal "answers" "$(answers 3)" "server 3"
}

servers_that_come_back_are_put_back()
{
	web_start 1
	check "server 1" busywait 15000 table_is "$S1 2" "$S2 0"
	web_start 2
	check "both servers" busywait 15000 table_is "$S1 2" "$S2 1"
	check_equal "answers" "$(answers 6)" "server 1 server 2"
	drops_check "$director"
}

nothing_is_left_on_stop()
{
	kill "$KEEPALIVED"
	check "an empty table" busywait 10000 table_is_empty
	check "the old time-outs" busywait 3000 timeouts_are_old
}

table_is_empty()
{
	[ "$(ctl -Ln | wc -l)" -eq 3 ]
}

timeouts_are_old()
{
	[ "$(ctl -L --timeout | sed 's/.*: //')" = "900 120 300" ]
}

lvs_load
lab_setup 3
any_method
traffic_servers
for i in 1 2 3; do
	web_start "$i"
done
tests_run services_are_set_up dead_servers_are_taken_out \
	servers_that_come_back_are_put_back nothing_is_left_on_stop
