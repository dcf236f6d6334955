#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# FTP behind NAT: a server that calls the client and one that is called, both
# families, by each of PORT, EPRT, PASV and EPSV.  The server is vsftpd, the clients
# are curl and Python's.  What is not translated does not work: the client has no way
# to the servers' own addresses.  The lab is that of lab.sh.
#
# usage: ftp.sh [PATTERN]	only the tests whose names match

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lab.sh"

FILES=/run/lvs/ftp
# one of the servers listens here, and calls from the port below
OTHER_PORT=2121
FTPD=()
TURN=0

vip()
{
	[ "$1" = 4 ] && echo "$VIP4" || echo "$VIP6"
}

# ftp_start I PORT: vsftpd in server I
ftp_start()
{
	local dir=/run/lvs/ftp-$1-$2

	mkdir -p "$dir/empty"
	cat > "$dir/vsftpd.conf" <<-END
		listen=NO
		listen_ipv6=YES
		listen_port=$2
		ftp_data_port=$(($2 - 1))
		connect_from_port_20=YES
		background=NO
		seccomp_sandbox=NO
		isolate=NO
		isolate_network=NO
		anonymous_enable=YES
		no_anon_password=YES
		anon_root=$FILES
		write_enable=YES
		anon_upload_enable=YES
		anon_umask=022
		secure_chroot_dir=$dir/empty
		ftpd_banner=server $1
	END
	cp "$dir/vsftpd.conf" "$dir/plain.conf"
	"$BIN/inns" "${SERVER[$1]}" vsftpd "$dir/vsftpd.conf" >"$dir/log" 2>&1 &
	[ "$2" != 21 ] || FTPD[$1]=$!
	busywait 5000 listens "${SERVER[$1]}" tcp "$2" || bail "vsftpd does not listen: $(cat "$dir/log")"
}

# greets NS TEXT: its server says so
greets()
{
	# shellcheck disable=SC2016 # the inner shell's
	in_ns "$1" bash -c 'read -r -t 5 line < /dev/tcp/127.0.0.1/21; [[ $line == *"$1"* ]]' - "$2"
}

# ftp_configure LINE...: more lines for the servers on port 21, in the place of earlier ones
ftp_configure()
{
	local i dir

	TURN=$((TURN + 1))
	for i in 1 2; do
		dir=/run/lvs/ftp-$i-21
		cat "$dir/plain.conf" - > "$dir/vsftpd.conf" <<< "$(printf '%s\n' "$@" "ftpd_banner=turn $TURN")"
		kill -HUP "${FTPD[i]}"
		busywait 10000 greets "${SERVER[i]}" "turn $TURN" || fail "vsftpd does not read its file"
	done
}

# service AF SERVERS [PORT [ARGS...]]
service()
{
	local i

	lvs_ctl_at "$director" -C
	lvs_ctl_at "$director" -A -t "$(endpoint "$(vip "$1")" 21)" -s rr "${@:4}"
	for ((i = 1; i <= $2; i++)); do
		lvs_ctl_at "$director" -a -t "$(endpoint "$(vip "$1")" 21)" \
			-r "$(endpoint "$("rip$1" "$i")" "${3:-21}")" -m
	done
}

# fetch AF ARGS...: curl with URLs of the VIP's files
fetch()
{
	local name urls=() options=()

	for name in "${@:2}"; do
		case $name in
		-*) options+=("$name") ;;
		*) urls+=("ftp://$(endpoint "$(vip "$1")" 21)/${name#/}") ;;
		esac
	done
	in_ns "$client" curl -gsS --no-ftp-skip-pasv-ip --max-time $((60 * TEST_SLOW)) "${options[@]}" "${urls[@]}"
}

# right AF ARGS...: a file comes as it is
right()
{
	local sum

	sum=$(fetch "$@" file | sha256sum | cut -d' ' -f1)
	[ "$sum" = "$(web_sum "$FILES" file)" ]
}

# conns PATTERN: how many lines of ip_vs_conn have it
conns()
{
	in_ns "$director" grep -c -E "$1" /proc/net/ip_vs_conn
}

each_way_of_a_data_connection()
{
	local af

	lab_mode nat
	for af in 4 6; do
		service "$af" 2
		check "EPSV over IPv$af" right "$af"
		check "EPRT over IPv$af" right "$af" -P-
	done
	service 4 2
	check "PASV" right 4 --disable-epsv
	check "PORT" right 4 -P- --disable-eprt
	drops_check "$director"
}

# The replies have another length than those that the server sent, and the client and
# the server count on.
several_transfers_on_one_control_connection()
{
	local af way sum

	lab_mode nat
	sum=$(cat "$FILES"/small{1,2,3,4,5,6} | sha256sum)
	for af in 4 6; do
		for way in --disable-epsv -P- --disable-eprt; do
			service "$af" 1
			check_equal "IPv$af, $way" "$(fetch "$af" "$way" small{1,2,3,4,5,6} | sha256sum)" "$sum"
			check_equal "control connections" \
				"$(dest_column "$director" 1 "$("rip$af" 1)" 21)" 1
		done
	done
	check "a list over IPv6" grep -q ' small1$' <(fetch 6 /)
	service 4 1
	check "a list" grep -q ' small1$' <(fetch 4 --disable-epsv /)
	check "a list, active" grep -q ' file$' <(fetch 4 -P- /)
	drops_check "$director"
}

uploads()
{
	local af n=0 way

	lab_mode nat
	for af in 4 6; do
		service "$af" 2
		for way in --disable-epsv -P-; do
			n=$((n + 1))
			check "IPv$af, $way" in_ns "$client" curl -gsS --no-ftp-skip-pasv-ip "$way" \
				--max-time $((60 * TEST_SLOW)) -T "$FILES/file" \
				"ftp://$(endpoint "$(vip "$af")" 21)/in/$n"
			check "what has come is right" cmp "$FILES/file" "$FILES/in/$n"
		done
	done
	drops_check "$director"
}

# The server's ports are others than the virtual ones, that of its calls, too.
ports_are_translated()
{
	local af

	lab_mode nat
	for af in 4 6; do
		service "$af" 1 "$OTHER_PORT"
		check "IPv$af, passive" right "$af"
		check "IPv$af, active" right "$af" -P-
		check_between "calls of the server from port $((OTHER_PORT - 1)), to which it calls from 20" \
			"$(conns " 0014 [^ ]+ 0848 ")" 1 9
	done
	drops_check "$director"
}

persistent_client_stays_with_its_server()
{
	lab_mode nat
	service 4 2 21 -p 300
	check "passive" right 4 --disable-epsv
	check "active" right 4 -P-
	check_equal "templates" "$(conns " 0000 C0000201 0000 ")" 1
	drops_check "$director"
}

# ask CODE LINE: send a line on the open control connection, wait for the reply CODE
ask()
{
	local line

	[ -z "$2" ] || printf '%s\r\n' "$2" >&"${FTP[1]}"
	while read -r -t $((20 * TEST_SLOW)) -u "${FTP[0]}" line; do
		line=${line%$'\r'}
		[[ $line == $1\ * ]] && { echo "$line"; return; }
	done
	return 1
}

# session AF: log in, on a control connection that stays open
session()
{
	coproc FTP { exec "$BIN/inns" "$client" socat - "tcp:$(endpoint "$(vip "$1")" 21)"; }
	# no password is wanted
	if ! ask 220 "" >/dev/null || ! ask 230 "USER anonymous" >/dev/null; then
		session_cut
		return 1
	fi
}

session_end()
{
	check "the end of the session" ask 221 QUIT
	session_cut
}

# session_cut: it ends without a word
session_cut()
{
	kill "$FTP_PID" 2>/dev/null
	wait "$FTP_PID" 2>/dev/null
}

# helped: how many conns the helper has
helped()
{
	# shellcheck disable=SC2016 # awk's
	in_ns "$director" awk 'NR > 1 { n += $3 } END { print n + 0 }' /proc/net/ip_vs_app
}

# What is agreed on is listed at once: a client without a port, and one that is called.
agreed_connections_are_listed()
{
	local reply port

	lab_mode nat
	service 4 1
	session 4 || { fail "no session"; return; }
	reply=$(ask 227 PASV)
	check "an address of the VIP ($reply)" grep -q '(192,0,2,1,[0-9]*,[0-9]*)' <<< "$reply"
	check_equal "clients without a port" "$(conns "^TCP C6336401 0000 C0000201 .* C000020B .* LISTEN ")" 1
	check "PORT" ask 200 "PORT 198,51,100,1,78,32"
	check_equal "calls of the server" "$(conns "^TCP C6336401 4E20 C0000201 0014 C000020B 0014 LISTEN ")" 1
	# the last: the server does not listen for any other
	reply=$(ask 229 EPSV)
	check "a port ($reply)" grep -q '(|||[0-9]*|)' <<< "$reply"
	check_equal "clients without a port" "$(conns "^TCP C6336401 0000 C0000201 .* LISTEN ")" 2
	check "the helper's line" grep -qx 'TCP  21      [0-9 ]\{6\} ftp              ' \
		<(in_ns "$director" cat /proc/net/ip_vs_app)
	# those of earlier tests are there, too
	check_between "conns of the helper" "$(helped)" 1 100

	# nobody else is let in
	port=$(sed -n 's/.*|||\([0-9]*\)|.*/\1/p' <<< "$reply")
	check_fails "another client calls" in_ns "$client" socat -u /dev/null \
		"tcp:$VIP4:$port,bind=198.18.0.9,connect-timeout=2"
	check "the client calls" in_ns "$client" socat -u /dev/null "tcp:$VIP4:$port,connect-timeout=20"
	check_equal "clients without a port" "$(conns "^TCP C6336401 0000 C0000201 .* LISTEN ")" 1
	session_end
	drops_check "$director"
}

# Two servers may tell one client the same port: it learns two.
one_port_of_two_servers()
{
	local first

	[ "$LVS_MODULE" != stock ] || { skip "the kernel's own mixes them up"; return; }
	lab_mode nat
	service 4 2
	ftp_configure pasv_min_port=50000 pasv_max_port=50000
	defer ftp_configure
	session 4 || { fail "no session"; return; }
	first=$(ask 229 EPSV)
	check "another" in_ns "$client" python3 - "$VIP4" <<-'END'
		import ftplib, sys
		ftp = ftplib.FTP(sys.argv[1], timeout=60)
		ftp.login()
		reply = ftp.sendcmd("EPSV")
		assert "|50001|" in reply, reply
		ftp.sendcmd("TYPE I")
		ftp.quit()
	END
	check "the first has the server's own ($first)" grep -q '|||50000|' <<< "$first"
	session_end
	drops_check "$director"
}

# Servers tell what their clients should call: here the address of the director, which they may know.
server_tells_the_virtual_address()
{
	[ "$LVS_MODULE" != stock ] || { skip "the kernel's own sends the client's call there"; return; }
	lab_mode nat
	service 4 2
	ftp_configure "pasv_address=$VIP4"
	defer ftp_configure
	check "PASV" right 4 --disable-epsv
	drops_check "$director"
}

# tables AF ARGS...: iptables in the director
tables()
{
	local tool=iptables
	[ "$1" = 4 ] || tool=ip6tables
	shift
	in_ns "$director" "$tool" -w "$@"
}

# The servers answer the director, which is not their router.
masquerade_works_behind_it()
{
	local af

	command -v iptables >/dev/null || { skip "needs iptables"; return; }
	lab_mode dr
	for af in 4 6; do
		tables "$af" -t nat -A POSTROUTING -m ipvs --vaddr "$(vip "$af")" -j MASQUERADE
		defer tables "$af" -t nat -F
		service "$af" 2
		check "IPv$af" right "$af"
		check "a transfer more" right "$af"
	done
	service 4 1
	check "PASV" right 4 --disable-epsv
	drops_check "$director"
}

# Who has conntrack's own helper read control connections has data connections that are related.
data_connections_are_related()
{
	local state

	modprobe -q nf_conntrack_ftp || { skip "needs nf_conntrack_ftp"; return; }
	lab_mode nat
	tables 4 -t raw -A PREROUTING -p tcp --dport 21 -j CT --helper ftp || { skip "needs the target CT"; return; }
	defer tables 4 -t raw -F
	for state in RELATED NEW; do
		tables 4 -A INPUT -d "$VIP4" -p tcp ! --dport 21 -m conntrack --ctstate "$state"
	done
	defer tables 4 -F
	service 4 1
	check "PASV" right 4 --disable-epsv
	check_equal "packets: related, new" "$(tables 4 -nvxL INPUT | awk 'NR > 2 { printf " %d", $1 }')" " 1 0"
	drops_check "$director"
}

# Other methods are left alone: the server's own words reach the client.
others_are_not_helped()
{
	local reply before n waiting="^TCP C6336401 0000 .* LISTEN "

	lab_mode dr
	before=$(helped)
	n=$(conns "$waiting")
	lvs_ctl_at "$director" -C
	lvs_ctl_at "$director" -A -t "$VIP4:21" -s rr
	lvs_ctl_at "$director" -a -t "$VIP4:21" -r "$(rip4 1):21" -g
	session 4 || { fail "no session"; return; }
	check_between "conns of the helper" "$(helped)" 0 "$before"
	reply=$(ask 227 PASV)
	check "the VIP, at which the server was called ($reply)" grep -q '(192,0,2,1,' <<< "$reply"
	check_between "clients without a port" "$(conns "$waiting")" 0 "$n"
	session_end
	drops_check "$director"
}

# What is read and changed may go at any time: services, servers, namespaces, the module.
nothing_hangs_on_a_session()
{
	lab_mode nat
	service 4 1
	session 4 || { fail "no session"; return; }
	check "PASV" ask 227 PASV
	check "PORT" ask 200 "PORT 198,51,100,1,78,33"
	lvs_ctl_at "$director" -e -t "$VIP4:21" -r "$(rip4 1):21" -m -w 0
	check "PASV to a server of weight 0" ask 227 PASV
	lvs_ctl_at "$director" -e -t "$VIP4:21" -r "$(rip4 1):21" -g
	check "NOOP to a server of another method" ask 200 NOOP
	lvs_ctl_at "$director" -C
	session_cut
	drops_check "$director"
}

module_goes_with_sessions_open()
{
	local n

	[ "$LVS_MODULE" != stock ] || { skip "the kernel's own stays as long as they do"; return; }
	lab_mode nat
	for n in 1 2 3; do
		service 4 2
		session 4 || { fail "no session"; return; }
		# of the length that the server has counted
		check "EPSV" ask 229 EPSV
		check_fails "lvs_ct goes before lvs_ftp" rmmod lvs_ct
		check "lvs_ftp goes" rmmod lvs_ftp
		check "lvs_ct goes" rmmod lvs_ct
		check_equal "what is helped" "$(in_ns "$director" wc -l < /proc/net/ip_vs_app)" 1
		check "the session goes on" ask 200 NOOP
		session_cut
		check "lvs_ftp comes" helper_load
		check "PASV" right 4 --disable-epsv
	done
	drops_check "$director"
}

# A namespace ends with all that is under way there.
namespace_goes_with_sessions_open()
{
	local space

	lab_mode nat
	service 4 1 21 -p 300
	session 4 || { fail "no session"; return; }
	check "PASV" ask 227 PASV
	check "PORT" ask 200 "PORT 198,51,100,1,78,34"
	# the last test: the lab goes here
	for space in "$director" "$client"; do
		ns_delete "$space"
	done
	wait "$FTP_PID" 2>/dev/null
	check "the module goes" busywait 20000 lvs_unload
}

for need in vsftpd curl socat; do
	command -v "$need" >/dev/null || { echo "1..0 # SKIP needs $need"; exit $KSFT_SKIP; }
done
modprobe -q nf_conntrack
lvs_load
hooks_stay
helper_load || bail "the helper does not load"
lab_setup 2
# untranslated calls of a server are answered by nobody
for i in 1 2; do
	ip -n "$client" route add unreachable "$(rip4 $i)"
	ip -n "$client" route add unreachable "$(rip6 $i)"
done
web_files "$FILES" file:700000 small1:10 small2:2000 small3:1 small4:70000 small5:300 small6:9
mkdir -p "$FILES/in"
chmod 777 "$FILES/in"
for i in 1 2; do
	ftp_start $i 21
done
ftp_start 1 "$OTHER_PORT"
TESTS=(each_way_of_a_data_connection several_transfers_on_one_control_connection
	uploads ports_are_translated persistent_client_stays_with_its_server
	agreed_connections_are_listed one_port_of_two_servers
	server_tells_the_virtual_address masquerade_works_behind_it
	data_connections_are_related others_are_not_helped nothing_hangs_on_a_session
	module_goes_with_sessions_open namespace_goes_with_sessions_open)
mapfile -t TESTS < <(printf '%s\n' "${TESTS[@]}" | grep -e "${1:-.}")
tests_run "${TESTS[@]}"
