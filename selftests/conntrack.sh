#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# net.ipv4.vs.conntrack=1 (lvs_ct): flows are followed by connection tracking, what
# it has of them, and MASQUERADE behind a balanced connection, as kube-proxy does it.
# The same on the kernel's own IPVS, but for what that drops or delays.
# The lab is that of lab.sh.
#
# usage: conntrack.sh [PATTERN]	only the tests whose names match

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lab.sh"

vip()
{
	[ "$1" = 4 ] && echo "$VIP4" || echo "$VIP6"
}

# tables AF ARGS...: iptables in the director
tables()
{
	local tool=iptables
	[ "$1" = 4 ] || tool=ip6tables
	shift
	in_ns "$director" "$tool" -w "$@"
}

knob()
{
	in_ns "$director" sysctl -q -w "net.ipv4.vs.$1"
}

# service AF METHOD SERVERS [ARGS...]: NAT to port 8080, other methods to port 80
service()
{
	local i port=80
	[ "$2" != -m ] || port=8080

	lvs_ctl_at "$director" -C
	lvs_ctl_at "$director" -A -t "$(endpoint "$(vip "$1")" 80)" -s rr "${@:4}"
	for ((i = 1; i <= $3; i++)); do
		lvs_ctl_at "$director" -a -t "$(endpoint "$(vip "$1")" 80)" \
			-r "$(endpoint "$("rip$1" "$i")" "$port")" "$2"
	done
}

ask()
{
	in_ns "$client" curl -gsf --max-time $((30 * TEST_SLOW)) \
		"http://$(endpoint "$(vip "$1")" 80)/" "${@:2}"
}

# flows PATTERN: the tuples of each flow that connection tracking has to port 80 or 53 of
# the VIP, addresses by name, without the client's port
flows()
{
	# shellcheck disable=SC2016 # awk's
	in_ns "$director" cat /proc/net/nf_conntrack | grep -E ' dport=(80|53) ' | awk '
		function plain(a) { gsub(/:0000/, ":0", a); gsub(/:0+/, ":", a); gsub(/:::+/, "::", a); return a }
		{
			line = $3
			for (i = 4; i <= NF; i++)
				if ($i ~ /^(src|dst)=/)
					line = line " " plain($i)
				else if ($i ~ /^.port=(80|8080|53|5353)$/ || $i ~ /^\[/)
					line = line " " $i
			print line
		}' | sort | uniq
}

has_flows()
{
	[ -r /proc/net/nf_conntrack ]
}

# Tracking begins in a namespace with the first rule that needs it.
tracked_namespace()
{
	tables 4 -t mangle -A PREROUTING -m conntrack --ctstate INVALID
	tables 6 -t mangle -A PREROUTING -m conntrack --ctstate INVALID
	check "conntrack=1 is taken" knob conntrack=1
	defer knob conntrack=0
	defer tables 4 -t mangle -F
	defer tables 6 -t mangle -F
}

# expect_flow WHAT PATTERN LINE: connection tracking has the flow as LINE
expect_flow()
{
	has_flows || return 0
	check_equal "$1" "$(flows | grep -F "$2" | head -n 1)" "$3"
}


nat_is_one_flow()
{
	tracked_namespace
	lab_mode nat
	service 4 -m 1
	check "an answer" ask 4
	expect_flow "flow of NAT" "src=$CIP4 dst=$VIP4" \
		"tcp src=$CIP4 dst=$VIP4 dport=80 src=$(rip4 1) dst=$CIP4 sport=8080 [ASSURED]"
	service 6 -m 1
	check "an answer over IPv6" ask 6
	drops_check "$director"
}

# The servers answer the director, which is not their router.
masquerade_works_behind_nat()
{
	local af

	tracked_namespace
	# not the way to the client: its replies would not need connection tracking
	lab_mode dr
	for af in 4 6; do
		tables "$af" -t nat -A POSTROUTING -m ipvs --vaddr "$(vip "$af")" --vport 80 \
			-j MASQUERADE
		service "$af" -m 2
		web_forget 8080
		check "an answer over IPv$af" ask "$af"
		check "another" ask "$af"
		check "answers of each server" busywait 2000 web_answered 8080 1 1
		check_equal "whom the server has seen" \
			"$(cut -d' ' -f1 "/run/lvs/web-${SERVER[1]}-8080/access.log")" \
			"$([ "$af" = 4 ] && echo "$DIP4" || echo "$DIP6")"
		check "the file over IPv$af" large_file "$af"
		tables "$af" -t nat -F
	done
	expect_flow "masqueraded flow" "dst=$DIP4" \
		"tcp src=$CIP4 dst=$VIP4 dport=80 src=$(rip4 1) dst=$DIP4 sport=8080 [ASSURED]"
	drops_check "$director"
}

large_file()
{
	local sum
	sum=$(in_ns "$client" curl -gsf --max-time $((60 * TEST_SLOW)) "http://$(endpoint "$(vip "$1")" 80)/file" |
		sha256sum | cut -d' ' -f1)
	[ "$sum" = "$(web_sum "$files" file)" ]
}

# As kube-proxy has it: what comes in is marked, what is marked is masqueraded, on the
# director, too.
masquerade_by_mark()
{
	local af chain

	tracked_namespace
	lab_mode dr
	for af in 4 6; do
		for chain in PREROUTING OUTPUT; do
			tables "$af" -t nat -A "$chain" -d "$(vip "$af")" -p tcp --dport 80 \
				-j MARK --or-mark 0x4000
		done
		tables "$af" -t nat -A POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE
		service "$af" -m 2
		web_forget 8080
		check "an answer over IPv$af" ask "$af"
		check "another, to the director" in_ns "$director" \
			curl -gsf --max-time $((30 * TEST_SLOW)) "http://$(endpoint "$(vip "$af")" 80)/"
		check "answers of each server" busywait 2000 web_answered 8080 1 1
		tables "$af" -t nat -F
	done
	drops_check "$director"
}

other_methods_are_tracked_as_they_are()
{
	local af method

	tracked_namespace
	for method in -g -i; do
		case $method in -g) lab_mode dr ;; -i) lab_mode tun ;; esac
		for af in 4 6; do
			service "$af" "$method" 1
			check "an answer by $method over IPv$af" ask "$af"
		done
		expect_flow "flow of $method" "src=$CIP4 dst=$VIP4 dport=80 [UNREPLIED]" \
			"tcp src=$CIP4 dst=$VIP4 dport=80 [UNREPLIED] src=$VIP4 dst=$CIP4 sport=80"
	done
	drops_check "$director"
}

nothing_is_tracked_without_it()
{
	tracked_namespace
	knob conntrack=0
	lab_mode nat
	service 4 -m 1
	check "an answer" ask 4 --local-port 9999
	has_flows || return
	check_equal "flows" "$(in_ns "$director" grep -c 'sport=9999 dport=80 ' /proc/net/nf_conntrack)" 0
}

no_flow()
{
	! in_ns "$director" grep -q "sport=$1 dport=53 " /proc/net/nf_conntrack
}

# A flow goes from connection tracking with its conn.
flow_ends_with_its_conn()
{
	has_flows || { skip "no /proc/net/nf_conntrack"; return; }
	tracked_namespace
	in_ns "$director" sysctl -q -w net.netfilter.nf_conntrack_udp_timeout=600
	lab_mode nat
	lvs_ctl_at "$director" -C
	lvs_ctl_at "$director" -A -u "$VIP4:53" -s rr
	lvs_ctl_at "$director" -a -u "$VIP4:53" -r "$(rip4 1):5353" -m
	lvs_ctl_at "$director" --set 0 0 3
	echo question | in_ns "$client" socat - "udp:$VIP4:53,sourceport=7777" &
	check "the flow" busywait 10000 eval '! no_flow 7777'
	wait $!
	check "its end" busywait 30000 no_flow 7777
	lvs_ctl_at "$director" --set 0 0 300
}

# syns CHAIN: how many SYNs have passed it
syns()
{
	# shellcheck disable=SC2016 # awk's
	tables 4 -t mangle -nvxL "$1" | awk '/tcp/ { print $1 }'
}

# ask_from PORT: a page by IPv4, from that port. The server ends the connection: the client keeps nothing of it,
# but for the moment until its own FIN is acknowledged.
ask_from()
{
	in_ns "$client" python3 - "$(vip 4)" "$1" $((30 * TEST_SLOW)) <<-'END'
		import socket, sys, time
		vip, port, seconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
		end = time.monotonic() + seconds
		while True:
		    sock = socket.socket()
		    sock.settimeout(seconds)
		    try:
		        sock.bind(("", port))
		        sock.connect((vip, 80))
		        break
		    except OSError:
		        sock.close()
		        if time.monotonic() > end:
		            raise
		        time.sleep(0.01)
		sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
		answer = b""
		while data := sock.recv(65536):
		    answer += data
		sys.exit(b" 200 " not in answer)
	END
}

# A client's port is used again as soon as the client may: to another server, at once.
port_is_used_again_without_delay()
{
	local n chain

	[ "$LVS_MODULE" != stock ] || { skip "the kernel's own drops these SYNs"; return; }
	tracked_namespace
	lab_mode dr
	tables 4 -t nat -A POSTROUTING -m ipvs --vaddr "$VIP4" --vport 80 -j MASQUERADE
	service 4 -m 2
	web_forget 8080
	for chain in PREROUTING POSTROUTING; do
		tables 4 -t mangle -A "$chain" -p tcp --syn
	done
	for ((n = 0; n < 10; n++)); do
		check "answer $n" ask_from 6666
	done
	# a SYN that is dropped comes again a second later
	check_equal "SYNs that came in and did not go out" \
		"$(($(syns PREROUTING) - $(syns POSTROUTING)))" 0
	check "answers of each server" busywait 2000 web_answered 8080 5 5
	tables 4 -t nat -F
	drops_check "$director"
}

knob_needs_the_module()
{
	[ "$LVS_MODULE" != stock ] || { skip "has no companion"; return; }
	lvs_ctl_at "$director" -C
	check "lvs_ct goes when nobody wants it" rmmod lvs_ct
	modprobe=$(cat /proc/sys/kernel/modprobe)
	echo /bin/false > /proc/sys/kernel/modprobe
	check_fails "conntrack=1 without lvs_ct is refused" knob conntrack=1
	check_equal "conntrack" "$(in_ns "$director" cat /proc/sys/net/ipv4/vs/conntrack)" 0
	echo "$modprobe" > /proc/sys/kernel/modprobe
	check "conntrack=1 loads it" knob conntrack=1
	check_fails "lvs_ct goes while it is wanted" rmmod lvs_ct
	check_fails "lvs goes before it" rmmod lvs
	check "conntrack=0" knob conntrack=0
	check "lvs_ct goes again" rmmod lvs_ct
}

# A module that is being loaded waits for namespaces that end, and they for who writes to their knobs.
namespace_goes_while_the_module_comes()
{
	local slowly=/run/lvs-modprobe begun=/run/lvs-modprobe.begun modprobe

	[ "$LVS_MODULE" != stock ] || { skip "has no companion"; return; }
	modprobe=$(cat /proc/sys/kernel/modprobe)
	rm -f "$begun"
	printf '#!/bin/sh\n: > %s\nsleep 3\nexec %s "$@"\n' "$begun" "$modprobe" > "$slowly"
	chmod +x "$slowly"
	setup_ns GOING
	echo "$slowly" > /proc/sys/kernel/modprobe
	# shellcheck disable=SC2016 # for the shell there; an open file keeps no namespace
	in_ns "$GOING" bash -c 'exec 9> /proc/sys/net/ipv4/vs/conntrack
		exec nsenter --net=/proc/1/ns/net bash -c "echo 1 >&9"' &
	check "lvs_ct is on its way" busywait 20000 test -e "$begun"
	ip netns delete "$GOING"
	check "lvs_ct comes" busywait 20000 test -d /sys/module/lvs_ct
	echo "$modprobe" > /proc/sys/kernel/modprobe
	check "the writer ends" timeout $((20 * TEST_SLOW)) tail --pid=$! -f /dev/null
	check "a namespace comes" timeout $((20 * TEST_SLOW)) ip netns add lvs-after
	check "a namespace goes" timeout $((20 * TEST_SLOW)) ip netns delete lvs-after
	check "lvs_ct goes" busywait 5000 rmmod lvs_ct
}

ask_on()
{
	while :; do ask 4 -o /dev/null --max-time 2; done
}

module_goes_under_traffic()
{
	local n asking

	[ "$LVS_MODULE" != stock ] || { skip "has no companion"; return; }
	tracked_namespace
	lab_mode nat
	service 4 -m 2
	ask_on 2>/dev/null &
	asking=$!
	for n in 1 2 3; do
		check "conntrack=1" knob conntrack=1
		sleep 0.3
		check "conntrack=0" knob conntrack=0
		check "lvs_ct goes" rmmod lvs_ct
	done
	knob conntrack=1
	setup_ns OTHER
	in_ns "$OTHER" sysctl -q -w net.ipv4.vs.conntrack=1
	ip netns delete "$OTHER"
	kill "$asking"
	wait "$asking" 2>/dev/null
	check "an answer" ask 4
	drops_check "$director"
}

command -v iptables >/dev/null || { echo "1..0 # SKIP needs iptables"; exit $KSFT_SKIP; }
modprobe -q nf_conntrack
lvs_load
hooks_stay
lab_setup 2
files=/run/lvs/conntrack
web_files "$files" file:3000000
for i in 1 2; do
	web_start $i 80
	web_start $i 8080 "$files"
	in_ns "${SERVER[i]}" socat -T 5 udp-recvfrom:5353,fork exec:cat 2>/dev/null &
done
TESTS=(nat_is_one_flow masquerade_works_behind_nat masquerade_by_mark other_methods_are_tracked_as_they_are
	nothing_is_tracked_without_it flow_ends_with_its_conn port_is_used_again_without_delay
	knob_needs_the_module namespace_goes_while_the_module_comes module_goes_under_traffic)
mapfile -t TESTS < <(printf '%s\n' "${TESTS[@]}" | grep -e "${1:-.}")
tests_run "${TESTS[@]}"
