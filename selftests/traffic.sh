# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0
#
# Traffic for the lab: services, servers that tell their name, clients that
# count the names. To be sourced after lab.sh.
#
#	lab_setup 3; traffic_servers
#	service_only nat 4 tcp 8080 wrr 3 2 1
#	ask 4 8080 -n 60; names_equal s1=30 s2=20 s3=10
#
# Server i runs a name server (who.c) on NAME_PORT and a bulk server (xfer.c)
# on BULK_PORT, TCP and UDP, both families.

NAME_PORT=7000
BULK_PORT=7001

# traffic_servers: start the name servers on TRAFFIC_PORTS, and the bulk servers.
TRAFFIC_PORTS=$NAME_PORT

traffic_servers()
{
	local i

	# a burst must not be lost before it reaches the director
	sysctl -q -w net.core.netdev_max_backlog=200000
	for ((i = 1; i <= ${#SERVER[@]}; i++)); do
		# shellcheck disable=SC2086 # a list of ports
		spawn "${SERVER[i]}" "$BIN/who" -s "s$i" $TRAFFIC_PORTS
		spawn "${SERVER[i]}" "$BIN/xfer" -s "$BULK_PORT"
	done
	for ((i = 1; i <= ${#SERVER[@]}; i++)); do
		busywait 5000 listens "${SERVER[i]}" tcp "$NAME_PORT" ||
			bail "the name server of server $i does not start"
		busywait 5000 listens "${SERVER[i]}" udp "$BULK_PORT" ||
			bail "the bulk server of server $i does not start"
	done
}

# any_method: prepare all servers for every forwarding method at the same time.
# What they answer as the VIP goes to the router, the rest through the director.
any_method()
{
	local ns

	lab_mode tun
	for ns in "${SERVER[@]}"; do
		lab_ip "$ns" <<-EOF
			route replace default via $DIP4
			route replace default via $DIP6
			route replace default via $ROUTER4 table 100
			route replace default via $ROUTER6 table 100
			rule add from $VIP4 table 100
		EOF
		ip -6 -n "$ns" rule add from "$VIP6" table 100
	done
}

# spawn NS CMD ARGS...: run CMD in NS in the background; its pid is $SPAWNED.
spawn()
{
	local ns=$1
	shift
	# not in_ns: a function would leave a shell in between
	"$BIN/inns" "$ns" "$@" </dev/null >/dev/null 2>&1 &
	SPAWNED=$!
	disown "$SPAWNED"
}

# --- services ----------------------------------------------------------------
declare -A METHOD_OPTION=([nat]=-m [dr]=-g [tun]=-i)

# vip FAMILY / rip FAMILY I
vip()
{
	local -n address=VIP$1
	echo "$address"
}

rip()
{
	"rip$1" "$2"
}

# virtual FAMILY PROTO PORT: the words that name a service of the lab's VIP.
virtual()
{
	local -n address=VIP$1

	echo "-${2:0:1} $(endpoint "$address" "$3")"
}

# real FAMILY I PORT: the words that name server I.
real()
{
	echo "-r $(endpoint "$("rip$1" "$2")" "$3")"
}

# ctl WORDS...: the tool on the director; words may hold several.
ctl()
{
	# shellcheck disable=SC2068 # words on purpose
	lvs_ctl_at "$director" $@
}

# Commands are collected and given to the tool together: starting a program is
# what takes time here.
RULES=

# rule WORDS...: one command of the tool's grammar, for later.
rule()
{
	RULES+="$*"$'\n'
}

# apply [FIRST...]: carry out the collected commands; a refusal fails the test.
apply()
{
	local out status=0

	out=$(ctl -R <<< "$RULES" 2>&1) || status=$?
	RULES=
	[ "$status" -eq 0 ] && [ -z "$out" ] && return
	fail "refused: $out"
}

# must WORDS...: one command at once.
must()
{
	rule "$@"
	apply
}

# rules_service METHOD FAMILY PROTO PORT "SCHEDULER [OPTIONS]" WEIGHT...: a
# service with server i at the i-th weight (- leaves it out). With DR and TUN
# the port is the servers' own; with NAT it is mapped to NAME_PORT, or $RPORT.
rules_service()
{
	local method=$1 family=$2 proto=$3 port=$4 sched=$5 i=0 weight rport
	local service option
	shift 5

	rport=$port
	[ "$method" != nat ] || rport=${RPORT:-$NAME_PORT}
	service=$(virtual "$family" "$proto" "$port")
	option=${METHOD_OPTION[$method]}
	rule "-A $service -s $sched"
	for weight; do
		i=$((i + 1))
		[ "$weight" = - ] ||
			rule "-a $service $(real "$family" "$i" "$rport") $option -w $weight"
	done
}

# service_only ...: the same, at once, with nothing else configured.
service_only()
{
	rule -C
	rules_service "$@"
	apply
}

# --- asking ------------------------------------------------------------------
# Each client gets a source address that none before had: a UDP flow of an
# earlier test still has its connection.
SOURCES=0

# source_next FAMILY: sets SOURCE.
source_next()
{
	SOURCES=$((SOURCES + 1))
	case $1 in
	4) SOURCE=198.18.$((SOURCES / 250)).$((SOURCES % 250 + 1)) ;;
	6) SOURCE=2001:db8:cc::$(printf %x "$SOURCES") ;;
	esac
}

# ask FAMILY PORT [who options]: ask the VIP from the client; the answer is $ASKED.
# ASK_BY=(taskset -c 0) keeps the order of packets of different connections.
ASK_BY=()

ask()
{
	local family=$1 port=$2
	shift 2

	source_next "$family"
	ASKED=$(in_ns "$client" "${ASK_BY[@]}" "$BIN/who" -b "$SOURCE" "$@" \
		"$(vip "$family")" "$port" 2>&1)
}

# asked NAME: how often NAME answered, in ASKED; - if who has come to no end.
asked()
{
	local none=0

	[[ $ASKED == *'failed '[0-9]* ]] || none=-
	[[ $'\n'$ASKED$'\n' =~ $'\n'$1' '([0-9]+)$'\n' ]] && echo "${BASH_REMATCH[1]}" || echo "$none"
}

# names_equal NAME=COUNT...: exactly these answered, and all were answered.
names_equal()
{
	names_within 0 "$@"
}

# names_about NAME=COUNT...: the same, give or take one.
names_about()
{
	names_within 1 "$@"
}

# STOCK_SLACK is by how much the counts of stock ip_vs may be off, which gives one
# flow two connections when its first packets meet on two CPUs.
STOCK_SLACK=0

names_within()
{
	local slack=$1 want total=0 answered=0 name count
	local -A got=([failed]=-1)
	shift

	[ "$LVS_MODULE" != stock ] || slack=$((slack + STOCK_SLACK))
	while read -r name count; do
		[[ $count =~ ^[0-9]+$ ]] || continue
		got[$name]=$count
		[[ $name != s[0-9] ]] || answered=$((answered + count))
	done <<< "$ASKED"
	for want; do
		name=${want%=*}
		count=${want#*=}
		check_between "connections of $name" "${got[$name]:-0}" \
			$((count - slack)) $((count + slack))
		[[ $name != s[0-9] ]] || total=$((total + count))
	done
	check_equal "unanswered" "${got[failed]}" 0
	check_equal "answers of all servers" "$answered" "$total"
}

# --- holding -----------------------------------------------------------------
# hold NAME FAMILY PORT [who options]: like ask, but keep the connections until
# release NAME; its answers so far are then in ASKED. What is held last must be
# released first: the later one has inherited the end of the earlier one's input.
hold()
{
	local name=$1 family=$2 port=$3 dir
	shift 3

	dir=$(mktemp -d)
	mkfifo "$dir/in"
	printf -v "HOLD_$name" '%s' "$dir"
	source_next "$family"
	in_ns "$client" "$BIN/who" -H -b "$SOURCE" "$@" "$(vip "$family")" "$port" \
		<"$dir/in" >"$dir/out" 2>&1 &
	printf -v "HOLDER_$name" '%s' "$!"
	exec {HOLD_FD}>"$dir/in"
	printf -v "HOLDFD_$name" '%s' "$HOLD_FD"
	busywait 20000 grep -q slowest "$dir/out" ||
		fail "the connections of $name cannot be opened: $(cat "$dir/out")"
	ASKED=$(cat "$dir/out")
}

# release NAME: end them; ASKED is all that the client had to say. Fails as it did.
release()
{
	local -n hold_dir=HOLD_$1 hold_pid=HOLDER_$1 hold_fd=HOLDFD_$1
	local status=0

	exec {hold_fd}>&-
	wait "$hold_pid" || status=$?
	ASKED=$(cat "$hold_dir/out")
	rm -rf "$hold_dir"
	return "$status"
}

# --- bulk --------------------------------------------------------------------
# bulk FAMILY PROTO PORT BYTES: a transfer of BYTES there and back, with
# checksums; says how fast it was.
bulk()
{
	local family=$1 proto=$2 port=$3 bytes=$4 out options=()

	[ "$proto" != udp ] || options=(-u)
	source_next "$family"
	out=$(in_ns "$client" "$BIN/xfer" "${options[@]}" -b "$SOURCE" -n "$bytes" \
		"$(vip "$family")" "$port" 2>&1) ||
		fail "transfer of $bytes bytes: $out" || return 1
	note "$proto, IPv$family: ${out% *} bytes in ${out#* } ms"
}

# --- load --------------------------------------------------------------------
FLOOD_SECONDS=40
# what at_speed asks for
LOAD_RATE=10000
PACE=()

# A kernel that checks itself in an emulated machine makes what it can. More would leave no
# time for RCU's callbacks, of which kmemleak makes some for each packet: rmmod, which waits
# for them, would never end.
case ${LVS_KERNEL:-} in
debug)
	LOAD_RATE=100
	PACE=(-r 200)
	;;
kcsan)
	LOAD_RATE=100
	PACE=(-r 2000)
	;;
esac

# flood_on NS MAC [flood options]: UDP packets to port 7009 of the VIP, as many as go from
# two CPUs, until flood_off. Its pid is $FLOOD.
flood_on()
{
	local ns=$1 mac=$2
	shift 2

	spawn "$ns" "$BIN/flood" -i eth0 -m "$mac" -d $((FLOOD_SECONDS * 1000 * TEST_SLOW)) \
		-j 2 "${PACE[@]}" "$@" "$VIP4" 7009
	FLOOD=$SPAWNED
	[[ ${DEFERRED[*]} == *flood_off* ]] || defer flood_off
}

flood_off()
{
	kill "$FLOOD" 2>/dev/null
	while kill -0 "$FLOOD" 2>/dev/null; do
		read -rt 0.05 <> <(:) || :
	done
}

# load_on [METHOD]: a service for it, 2,000 connections. ROUTER_MAC is the router's address
# at the client.
load_on()
{
	service_only "${1:-dr}" 4 udp 7009 rr 1 1 1
	flood_on "$client" "$ROUTER_MAC" -b 198.18.220.1 -f 2000
	check "1,000 connections" busywait 10000 many_conns "$director"
	check "$LOAD_RATE packets in a second" busywait 15000 at_speed "$router" 'lan-s.' tx
}

# many_conns NS: NS balances more than a thousand of the flood's flows.
many_conns()
{
	[ "$(in_ns "$1" grep -c ' 1B61 ' /proc/net/ip_vs_conn)" -gt 1000 ]
}

# at_speed NS DEVICES rx|tx: at least LOAD_RATE packets in about a second.
at_speed()
{
	local before begin rate

	begin=${EPOCHREALTIME/./}
	before=$(device_packets "$@")
	read -rt 1 <> <(:) || :
	rate=$((($(device_packets "$@") - before) * 1000000 / (${EPOCHREALTIME/./} - begin)))
	echo "$rate packets per second"
	[ "$rate" -ge "$LOAD_RATE" ]
}

# --- what the director knows -------------------------------------------------
# conns [PATTERN]: how many connections, of those that match.
conns()
{
	in_ns "$director" grep -c -e "${1:-^[TUI]}" /proc/net/ip_vs_conn
}

no_conns()
{
	local left

	left=$(conns "$@")
	echo "$left connections left"
	[ "$left" = 0 ]
}

# All counters of connections of all servers are 0.
no_counts()
{
	ctl -Ln --persistent-conn | awk '$1 == "->" && $2 ~ /[0-9]:[0-9]+$/ {
			n += $4 + $5 + $6; seen++ }
		END { exit !(seen && !n) }'
}

# hex4 ADDRESS: an IPv4 address as /proc/net/ip_vs_conn has it.
hex4()
{
	# shellcheck disable=SC2086 # four words
	printf '%02X%02X%02X%02X' ${1//./ }
}

# device_mac NS DEVICE
device_mac()
{
	ip -n "$1" -o link show dev "$2" | sed -n 's/.*link.ether \([^ ]*\).*/\1/p'
}

# device_packets NS PATTERN rx|tx: packets of all devices whose names match.
device_packets()
{
	local column=2

	[ "$3" = rx ] || column=10
	# shellcheck disable=SC2016 # for awk
	in_ns "$1" awk -v device="^ *($2):" -v column="$column" '
		sub(device, "") { sum += $column } END { print sum + 0 }' /proc/net/dev
}
