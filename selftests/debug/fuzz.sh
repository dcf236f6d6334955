#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Fuzzing: what a user may tell and ask the module, and packets. For the debug kernel,
# where KCOV tells the fuzzers which inputs reach something new, and KASAN, lockdep and
# kmemleak what goes wrong; on other kernels they are blind. See fuzz/fuzz.c.
#
#	frames -> c0  02:00:00:00:0d:01  198.51.100.254   2001:db8:c::fe    (taps of
#	frames -> s0  02:00:00:00:0d:02  192.0.2.2        2001:db8:1::2    pktfuzz)
#	          lo  VIP 192.0.2.1 and 2001:db8:1::1
#
# environment: TEST_FUZZ_TIME=60	seconds of each fuzzer
#	TEST_FUZZ_SEED=	to repeat a run
#	TEST_FUZZ_WORKERS=2	of nlfuzz at the same time, for races; 1 repeats a seed better
#	TEST_FUZZ_KEEP=1	copy new inputs to $LVS_OUT/corpus-nl and corpus-pkt
# Blocks of the module's code that were passed are in $LVS_OUT/nlfuzz.blocks, for addr2line.
# After a crash the last inputs are in $LVS_OUT/nlfuzz.last.N and pktfuzz.last.0, one per
# worker N; nlfuzz -r runs what one of them has.

. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/../wires.sh"
. "$(dirname "$0")/debug.sh"

FUZZ=$SELFTESTS/fuzz
TIME=${TEST_FUZZ_TIME:-60}
SEED=${TEST_FUZZ_SEED:-$RANDOM}
RIP=([4]=192.0.2.11 [6]=2001:db8:1::b)
RIP2=([4]=192.0.2.12 [6]=2001:db8:1::c)
LOST=([4]=192.0.2.99 [6]=2001:db8:1::99)
VIP=([4]=192.0.2.1 [6]=2001:db8:1::1)
DIP=([4]=192.0.2.2 [6]=2001:db8:1::2)

director_set_up()
{
	local side

	modprobe -a tun dummy nf_defrag_ipv6
	setup_ns DIRECTOR NS
	for side in c0 s0; do
		ip -n "$DIRECTOR" tuntap add dev "$side" mode tap vnet_hdr ||
			bail "there are no taps"
	done
	wires_director "$DIRECTOR"
	ip -n "$DIRECTOR" -batch - <<-END || bail "the director cannot be set up"
		neighbour add 2001:db8:1::c lladdr 02:00:00:00:00:0b dev s0 nud permanent
		route add 192.0.2.12/32 dev s0 mtu 1000
		route add unreachable 192.0.2.99/32
		route add unreachable 2001:db8:1::99/128
	END
	services | lvs_ctl_at "$DIRECTOR" -R || bail "the services are refused"
}

# Every method, as pkt_build.c knows them.
declare -A SPECIAL=([t]='-p 60' [u]=-o)

services()
{
	local family other proto

	for family in 4 6; do
		other=$((10 - family))
		for proto in t u; do
			service 1000 -s rr
			server 2000 "${RIP[family]}" -m
			service 1001 -s wrr
			server 1001 "${RIP[family]}" -g
			service 1002 -s wlc
			server 1002 "${RIP[family]}" -i
			service 1003 -s dh
			server 1003 "${RIP[other]}" -i
			service 1004 -s rr
			server 2004 "${DIP[family]}" -m
			service 1005 -s rr
			server 1005 "${DIP[family]}" -g
			service 1006 -s sed "${SPECIAL[$proto]}"
			server 2006 "${RIP[family]}" -m
			service 1007 -s nq -p 60
			server 1007 "${RIP[family]}" -g
			service 1008 -s lc
			server 2008 "${RIP[family]}" -m -x 5 -y 2
			server 2008 "${DIP[family]}" -m -w 0
			server 2008 "${RIP2[family]}" -m
			service 1009 -s sh
			service 1010 -s rr
			server 2010 "${LOST[family]}" -m
		done
	done
	echo --set 10 10 10
}

# service PORT WORDS... / server PORT ADDRESS WORDS...: lines for the tool
service()
{
	PORT=$1
	echo "-A -$proto $(endpoint "${VIP[family]}" "$PORT") ${*:2}"
}

server()
{
	echo "-a -$proto $(endpoint "${VIP[family]}" "$PORT") -r $(endpoint "$2" "$1") ${*:3}"
}

# A tenth of what two emulated processors do while others want them too, and half of what the
# corpus alone reaches.
OPERATIONS=10	# each second
EDGES=1800

# reached WHAT MINIMUM PROGRAM: of the last line of what PROGRAM said, kept in $kept.said
reached()
{
	local number

	number=$(sed -n "s/.* \([0-9]*\) $1[ ,].*/\1/p" "$kept.said" | tail -n 1)
	[ "${number:-0}" -ge "$2" ] || fail "$3: ${number:-no} $1, wanted $2"
}

# fuzz NS PROGRAM CORPUS ARGS...: run it; what it says is shown.
fuzz()
{
	local ns=$1 program=$2 corpus=$FUZZ/corpus/$3 kept=/run/fuzz-$3 arguments=()
	shift 3

	[ ! -d "$corpus" ] || arguments=(-c "$corpus")
	rm -rf "$kept"
	in_ns "$ns" "$FUZZ/$program" -t "$TIME" -s "$SEED" -o "$kept" -l "$LVS_OUT/$program.last" \
		-b "$LVS_OUT/$program.blocks" \
		"${arguments[@]}" "$@" | tee "$kept.said"
	check_equal "$program's end" "${PIPESTATUS[0]}" 0
	if [ "$LVS_KERNEL" = debug ]; then
		reached edges "$EDGES" "$program"
	fi
	reached operations $((TIME * OPERATIONS)) "$program"
	[ -z "${TEST_FUZZ_KEEP:-}" ] || cp -r "$kept" "$LVS_OUT/corpus-${kept##*-}"
}

packets()
{
	fuzz "$DIRECTOR" pktfuzz pkt
	drops_check "$DIRECTOR"
	note "$(drops_show "$DIRECTOR" | tr -s ' ' '=' | tr '\n' ' ')"
}

user_interfaces()
{
	ip -n "$NS" link add dummy0 type dummy
	ip -n "$NS" -batch - <<-END || bail "the namespace cannot be set up"
		link set dummy0 up
		address add 192.0.2.1/32 dev lo
		address add 192.0.2.2/32 dev lo
		address add 2001:db8::1/128 dev lo
		address add 10.0.0.254/16 dev dummy0
		address add fd00::ff/16 dev dummy0 nodad
	END
	fuzz "$NS" nlfuzz nl -j "${TEST_FUZZ_WORKERS:-2}"
	drops_check "$NS"
}

conns_gone()
{
	local left

	left=$(in_ns "$DIRECTOR" grep -c . /proc/net/ip_vs_conn)
	echo "$left lines"
	[ "$left" -le 1 ]
}

# The longest time-out of TCP is two minutes.
conns_end_and_are_counted_down()
{
	local counts

	check "all conns end" busywait 200000 conns_gone
	counts=$(lvs_ctl_at "$DIRECTOR" -Ln | awk '$1 == "->" && $5 + $6 > 0')
	check_equal "servers that still count conns" "$counts" ""
}

module_leaves_nothing()
{
	check "the configuration goes" lvs_ctl_at "$DIRECTOR" -C
	check "rmmod" lvs_unload
	check "no slab cache is left" slabs_gone
	leaks_none
}

lvs_load
hooks_stay
leaks_forget
director_set_up
# Each edit waits for a grace period: three times as many inputs are tried when those are short.
defer sh -c "echo $(cat /sys/kernel/rcu_expedited) > /sys/kernel/rcu_expedited"
echo 1 > /sys/kernel/rcu_expedited
# What is not there is not looked for at each request.
defer sysctl -q -w "kernel.modprobe=$(sysctl -n kernel.modprobe)"
sysctl -q -w kernel.modprobe=
tests_run packets user_interfaces conns_end_and_are_counted_down module_leaves_nothing
