#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# lvsadm beside ipvsadm on the kernel's own IPVS, whatever LVS_MODULE says: the
# same long session with each, in a namespace of its own, byte for byte; and
# what each saves, restored by the other.
#
#	a: ipvsadm		b: lvsadm, called ipvsadm
#	veth0 192.0.2.77/24	veth0 192.0.2.77/24	(for sync daemons and as VIP)

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

LVSADM=$LVS_TREE/tools/lvsadm/lvsadm
OLD=/usr/sbin/ipvsadm
TMP=$(mktemp -d)
defer rm -rf "$TMP"

# Names come from files only: the sessions must not wait for servers.
names_from_files()
{
	sed 's/^hosts:.*/hosts: files/' /etc/nsswitch.conf >"$TMP/nsswitch.conf"
	mount --bind "$TMP/nsswitch.conf" /etc/nsswitch.conf
	defer umount /etc/nsswitch.conf
}

namespaces()
{
	local ns

	setup_ns a b
	for ns in "${a:?}" "${b:?}"; do
		ip -n "$ns" link add veth0 type veth peer name veth1
		ip -n "$ns" link set veth0 up
		ip -n "$ns" link set veth1 up
		ip -n "$ns" addr add 192.0.2.77/24 dev veth0
		ip -n "$ns" addr add 2001:db8::77/64 dev veth0 nodad
	done
}

# What is marked "!" is meant to differ; the rest must not.
compared()
{
	# ipvsadm does not save thresholds; Debian's newer ones put one error in other words
	awk '/^[$!] /{ on = /^\$/; saves = / -S/ }
	     { sub(/-6 must follow -f/, "-6 used before -f") }
	     saves { sub(/ -x [0-9]+ -y [0-9]+$/, "") }
	     on' "$1"
}

same_session()
{
	in_ns "$a" "$SELFTESTS/lvsadm/session.sh" "$OLD" >"$TMP/old" 2>/dev/null &
	in_ns "$b" "$SELFTESTS/lvsadm/session.sh" "$LVSADM" >"$TMP/new"
	wait
	compared "$TMP/old" >"$TMP/old.same"
	compared "$TMP/new" >"$TMP/new.same"
	check "the sessions are the same" diff -u "$TMP/old.same" "$TMP/new.same"
	check_between "commands compared" "$(grep -c '^\$ ' "$TMP/old.same")" \
		250 1000
}

# What ipvsadm gets wrong and lvsadm right.
fixed_bugs()
{
	local wanted got

	got=$(awk '/^! -L -n/{ on = 1 } /^! -S -n/{ exit } on' "$TMP/new" |
		sed -n -E 's/^  out\|(FWM|TCP) +//p' | tr '\n' ',')
	wanted='10.0.0.1:80 rr,200.0.0.1:80 rr,7 rr,4000000000 rr,'
	check_equal "the order, and unsigned marks" "$got" "$wanted"
	check "thresholds are saved" \
		grep -qF -- '-a -f 4000000000 -r 192.0.2.10:0 -g -w 1 -x 5 -y 2' "$TMP/new"
}

# a table that both can express
feed_table()
{
	local i

	for i in 1 2 3; do
		echo "-A -t 192.0.2.$i:80 -s wrr -p 300 -M 255.255.255.0"
		echo "-a -t 192.0.2.$i:80 -r 10.0.0.$i:8080 -m -w $i"
		echo "-a -t 192.0.2.$i:80 -r 10.0.0.9:80 -i -w $i --tun-type gue --tun-port 6080 --tun-csum"
		echo "-A -f $i -6 -s sh -b sh-fallback,sh-port"
		echo "-a -f $i -6 -r [2001:db8::$i]:0 -g -w 1"
	done
}

restored_by_each_other()
{
	in_ns "$a" "$OLD" -C
	in_ns "$b" "$LVSADM" -C
	check "ipvsadm restores" in_ns "$a" "$OLD" -R < <(feed_table)
	in_ns "$a" "$OLD" -Sn >"$TMP/a"
	check_equal "lines that ipvsadm saves" "$(wc -l < "$TMP/a")" "$(feed_table | wc -l)"
	check "lvsadm restores" in_ns "$b" "$LVSADM" -R <"$TMP/a"
	in_ns "$b" "$LVSADM" -Sn >"$TMP/b"
	check "what lvsadm saved is the same" diff -u "$TMP/a" "$TMP/b"
	in_ns "$a" "$OLD" -C
	check "ipvsadm restores what lvsadm saved" in_ns "$a" "$OLD" -R <"$TMP/b"
	check "the tables are the same" \
		diff -u <(in_ns "$a" "$OLD" -Ln) <(in_ns "$b" "$LVSADM" -Ln)
}

conn_rules()
{
	cat <<-'EOF'
	-C
	-A -u 192.0.2.77:53 -s rr
	-a -u 192.0.2.77:53 -r 192.0.2.90:5353 -m
	-A -u 192.0.2.77:123 -s wrr -p 5000
	-a -u 192.0.2.77:123 -r 192.0.2.91 -g
	-A -t 192.0.2.77:80 -s lc -p 360 -M 255.255.255.0
	-a -t 192.0.2.77:80 -r 192.0.2.92:8080 -m
	-A -u [2001:db8::77]:53 -s rr -p 60 -M 64
	-a -u [2001:db8::77]:53 -r [2001:db8::93]:53 -g
	-A -f 7 -s rr -p 9000
	-a -f 7 -r 192.0.2.94 -g
	-A -f 7 -6 -s rr -p 60
	-a -f 7 -6 -r [2001:db8::95]:0 -m
	EOF
}

# One packet of each kind, from the director itself.
send_packets()
{
	in_ns "$a" python3 - <<-'EOF'
	import socket
	MARK = 36
	for family, kind, address, port, mark in (
	        (socket.AF_INET, socket.SOCK_DGRAM, "192.0.2.77", 53, 0),
	        (socket.AF_INET, socket.SOCK_DGRAM, "192.0.2.77", 123, 0),
	        (socket.AF_INET, socket.SOCK_STREAM, "192.0.2.77", 80, 0),
	        (socket.AF_INET6, socket.SOCK_DGRAM, "2001:db8::77", 53, 0),
	        (socket.AF_INET, socket.SOCK_DGRAM, "192.0.2.77", 514, 7),
	        (socket.AF_INET6, socket.SOCK_DGRAM, "2001:db8::77", 514, 7)):
	    with socket.socket(family, kind) as client:
	        client.setblocking(False)
	        client.setsockopt(socket.SOL_SOCKET, socket.SO_MARK
	                          if hasattr(socket, "SO_MARK") else MARK, mark)
	        if client.connect_ex((address, port)) == 0:
	            client.send(b"x")
	EOF
}

# Seconds and rates go on between the two: there is a moment when they agree.
same_listing()
{
	diff -u <(in_ns "$a" "$OLD" "$@" 2>&1) <(in_ns "$a" "$LVSADM" "$@" 2>&1)
}

connections()
{
	local words

	check "rules" in_ns "$a" "$OLD" -R < <(conn_rules)
	send_packets
	check_between "connections and templates" \
		"$(in_ns "$a" "$OLD" -Lnc | tail -n +3 | wc -l)" 8 20
	while read -ra words; do
		check "${words[*]}" busywait 10000 same_listing "${words[@]}"
	done <<-'EOF'
	-Lnc
	-Lc
	-Lnc --persistent-conn
	-Ln
	-Ln --stats
	-Ln --stats --exact
	-Ln --rate
	-Ln --rate --exact
	-Ln --persistent-conn
	-Ln --thresholds
	-L --stats
	EOF
}

# Only one of the two modules can be there. The next test finds none.
stock_load()
{
	! lvs_loaded || lvs_unload || bail "cannot unload $LVS_MODULE"
	LVS_MODULE=stock
	lvs_load
	defer lvs_unload
}

[ -x "$LVSADM" ] || bail "lvsadm is not built"
stock_load
names_from_files
namespaces
tests_run same_session fixed_bugs restored_by_each_other connections
