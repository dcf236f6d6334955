#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# One long session with ipvsadm's grammar, written down: for every command its
# words, output, errors and exit status. Run with ipvsadm and with lvsadm in two
# network namespaces, the two transcripts must be the same, except where a
# command is marked with "fixed": there lvsadm is right and ipvsadm is not.
#
#	session.sh PROGRAM >transcript

PROGRAM=$1
TMP=$(mktemp -d)
trap 'rm -rf "$TMP"' EXIT

# The programs show the name they were called by.
mkdir "$TMP/bin"
ln -s "$(readlink -f "$PROGRAM")" "$TMP/bin/ipvsadm"
PATH=$TMP/bin:$PATH

# No process but the program's own: emulated machines fork slowly.
lines()
{
	local line

	while IFS= read -r line || [ -n "$line" ]; do
		printf '  %s|%s\n' "$1" "$line"
	done <"$TMP/$1"
}

transcript()
{
	printf '%s %s\n' "$1" "$3"
	lines out
	lines err
	printf '  status %d\n' "$2"
}

# run WORDS...: a command that both must do alike
run()
{
	ipvsadm "$@" >"$TMP/out" 2>"$TMP/err" </dev/null
	transcript '$' $? "$*"
}

# fixed WORDS...: a command that lvsadm does better
fixed()
{
	ipvsadm "$@" >"$TMP/out" 2>"$TMP/err" </dev/null
	transcript '!' $? "$*"
}

# feed LINES: a table to restore, both alike
feed()
{
	printf '%b' "$1" >"$TMP/in"
	ipvsadm -R <"$TMP/in" >"$TMP/out" 2>"$TMP/err"
	transcript '$' $? "-R <<< $1"
}

both_families()
{
	local net

	for net in 192.0.2. '[2001:db8::'; do
		local end=${net:0:1}
		[ "$end" = '[' ] && end=']' || end=''
		local vip="${net}1$end" rip="${net}a$end"
		[ -n "$end" ] || rip=192.0.2.10
		local bare=$rip
		# ipvsadm wants a port behind brackets
		[ -z "$end" ] || bare=2001:db8::a

		run -A -t "$vip:80" -s rr
		run -A -t "$vip:80" -s rr
		run -A -u "$vip:53" -s wlc -o
		run -A -t "$vip:443" -p
		run -A -t "$vip:0" -s wrr -p 600
		run -A -t "$vip:81" -p 5 -s sh -b sh-port
		run -A -t "$vip:82" -s sh -b sh-port,sh-fallback
		run -A -t "$vip:83" -s mh -b mh-fallback,mh-port
		run -A -t "$vip:84" -s wlc -b flag-1,flag-3
		run -A -t "$vip:85" -s nosuch
		run -A --sctp-service "$vip:9" -s lc
		run -a -t "$vip:80" -r "$rip:80" -m
		run -a -t "$vip:80" -r "$rip:80" -m
		run -a -t "$vip:80" -r "$rip:8080" -m -w 5
		run -a -t "$vip:80" -r "$bare" -g
		run -a -t "$vip:82" -r "$rip:99" -g -w 0
		run -a -t "$vip:82" -r "${rip/a/b}:99" -m -w 70000
		run -a -t "$vip:443" -r "$bare" -i
		run -a -t "$vip:83" -r "$bare" -i --tun-type gue --tun-port 6080
		run -a -t "$vip:84" -r "$bare" -i --tun-type gre --tun-csum
		run -a -t "$vip:81" -r "$bare" -i --tun-type gue --tun-port 6080 --tun-remcsum
		run -a -t "$vip:99" -r "$bare"
		run -a -u "$vip:53" -r "$rip:53" -m -x 100 -y 50
		run -a -t "$vip:80" -r 224.0.0.1:80 -m
		run -a -t "$vip:80" -r "[ff02::1]:80" -m
		run -L -n
		run -L -n -t "$vip:80"
		run -L -n -u "$vip:53" --thresholds
		run -L -n -t "$vip:9999"
		run -e -t "$vip:80" -r "$rip:80" -m -w 7 -x 9 -y 3
		run -e -t "$vip:80" -r "$rip:80" -m
		run -e -t "$vip:80" -r "$rip:81" -m
		run -e -t "$vip:9999" -r "$rip:81" -m
		run -d -t "$vip:80" -r "$rip:81"
		run -d -t "$vip:80" -r "$rip:8080"
		run -d -t "$vip:9999" -r "$rip:8080"
		run -E -t "$vip:443" -s lc
		run -E -t "$vip:9999" -s lc
		run -E -t "$vip:443" -s nosuch
		run -D -t "$vip:9999"
		run -D -t "$vip:84"
		run -Z -t "$vip:80"
		run -Z -t "$vip:9999"
	done
}

listings()
{
	local option

	for option in '' --stats --rate --thresholds --persistent-conn \
		      --tun-info --exact '--stats --exact' '--rate -X' \
		      --sort --timeout --daemon -c '-c --persistent-conn' \
		      '--thresholds --stats' '--tun-info --rate'; do
		# shellcheck disable=SC2086 # words
		run -L -n $option
	done
	run -l -n
	run -ln
	run -Lnc
	run -L
	run
}

fwmarks()
{
	run -A -f 1 -s rr
	run -A -f 2 -6 -s wrr -p 100
	run -A -f 2 -s wrr -p 100 -M 255.255.0.0
	run -A -f 300 -o
	run -a -f 1 -r 192.0.2.10
	run -a -f 1 -r 192.0.2.10:80 -m
	run -a -f 2 -6 -r '[2001:db8::a]:0' -g -w 3
	run -a -f 2 -6 -r 192.0.2.10
	run -a -f 2 -6 -r 192.0.2.10 -i
	run -a -f 2 -r 192.0.2.10:80 -g
	run -L -n -f 1
	run -L -n -f 2
	run -L -n -f 2 -6
	run -L -n
	run -L -n --stats
	run -L
	run -S
	run -Z -f 1
	run -Z -f 77
	run -D -f 2
	run -D -f 2 -6
	run -D -f 2 -6
}

mixed()
{
	run -A -t 192.0.2.1:80 -s rr
	run -a -t 192.0.2.1:80 -r '[2001:db8::a]:80' -i
	run -a -t 192.0.2.1:80 -r '[2001:db8::a]:80' -m
	run -A -t '[2001:db8::1]:80' -s rr -p 30 -M 64
	run -a -t '[2001:db8::1]:80' -r 192.0.2.10 -i
	run -A -u 192.0.2.1:80 -p 30 -M 255.255.255.0
	run -A -t 127.0.0.1:25 -s wlc
	run -a -t 127.0.0.1:25 -r 127.0.0.1 -m
	run -A -t localhost:http
	run -a -t localhost:http -r localhost:https -m
	run -L
	run -L -n
	run -L -t localhost:http
	run -S
	run -S -n
}

restoring()
{
	run -C
	feed '-A -t 192.0.2.1:80 -s rr\n-a -t 192.0.2.1:80 -r 192.0.2.9:80 -m\n'
	feed 'ipvsadm -A -t 192.0.2.1:81 -s rr\n\n  \nipvsadm\n-L -n\n'
	feed '-S -n\n-Z\n--set 800 0 0\n-L --timeout\n-D -t 192.0.2.1:81'
	feed '-A\t-t 192.0.2.7:80   \r\n'
	run -S -n
	feed '-C\n'
	run -S -n
}

engines_and_tunnels()
{
	local tunnel port=100

	run -C
	run -A -u 192.0.2.1:5060 -s rr -p 60 --pe sip
	run -A -u 192.0.2.1:5061 -s rr --pe sip
	run -A -u 192.0.2.1:5062 -s rr -p 60 --pe nosuch
	run -A -t 192.0.2.1:5060 -s rr -p 60 --pe sip
	run -A -u '[2001:db8::1]:5060' -s wlc -p 60 -M 64 --pe sip
	run -A -f 50 -s rr -p 60 --pe sip
	run -L -n
	run -S -n
	run -E -u 192.0.2.1:5060 -s lc -p 60
	run -L -n -u 192.0.2.1:5060
	run -E -u 192.0.2.1:5060 -s lc -p 60 --pe sip
	run -E -u 192.0.2.1:5060 -s lc -p 60 --pe nosuch
	run -E -u 192.0.2.1:5061 -s lc -o -p 60
	run -L -n
	run -A -u 192.0.2.1:9 -s wlc
	for tunnel in ipip gre 'gre --tun-nocsum' 'gre --tun-csum' 'gue --tun-port 1' \
		      'gue --tun-port 65535 --tun-nocsum' 'gue --tun-port 9 --tun-csum' \
		      'gue --tun-port 9 --tun-remcsum'; do
		port=$((port + 1))
		# shellcheck disable=SC2086 # words
		run -a -u 192.0.2.1:9 -r 192.0.2.$port -i --tun-type $tunnel
	done
	run -L -n --tun-info
	run -L -n -u 192.0.2.1:9 --tun-info
	run -S -n
	run -e -u 192.0.2.1:9 -r 192.0.2.101 -i --tun-type gue --tun-port 7
	run -e -u 192.0.2.1:9 -r 192.0.2.105 -i
	run -e -u 192.0.2.1:9 -r 192.0.2.106 -m
	run -L -n --tun-info
	run -L -n --thresholds
	run -L -n --persistent-conn
	run -C
}

daemons()
{
	run --set 700 0 0
	run -L --timeout
	run --set 0 60 50
	run -L --timeout
	run --set 900 120 300
	run --start-daemon master --mcast-interface lo
	run --start-daemon master --mcast-interface nosuchif
	run --start-daemon master --mcast-interface veth0 --syncid 51
	run --start-daemon master --mcast-interface veth0
	run --start-daemon backup --mcast-interface veth0 --syncid 52 \
		--sync-maxlen 1400 --mcast-group 224.0.0.82 --mcast-port 8849 \
		--mcast-ttl 3
	run -L --daemon
	run --stop-daemon master
	run --stop-daemon master
	run -L --daemon
	run --stop-daemon backup --syncid 52
	run --start-daemon backup --mcast-interface veth0 --mcast-group ff02::5
	run -L --daemon
	run --stop-daemon backup
	run -L --daemon
}

usage_errors()
{
	local line

	while IFS= read -r line; do
		# shellcheck disable=SC2086 # words
		run $line
	done <"$(dirname "$0")/usage_errors"
}

bugs()
{
	run -C
	fixed -A -f 4000000000 -s rr
	fixed -a -f 4000000000 -r 192.0.2.10 -x 5 -y 2
	fixed -A -f 7 -s rr
	fixed -A -t 10.0.0.1:80 -s rr
	fixed -A -t 200.0.0.1:80 -s rr
	fixed -L -n
	fixed -S -n
	fixed -A -t '[2001:db8::2]' -p
	fixed -A -6 -f 9 -s rr
	fixed -a -r 192.0.2.3 -t 200.0.0.1:80
	fixed -A -t 1.2.3.4:80 -b ,
	fixed -v
	fixed -h
}

both_families
listings
run -S -n
run -S
run -Z
run -C
run -L -n
fwmarks
run -C
mixed
restoring
engines_and_tunnels
daemons
usage_errors
bugs
