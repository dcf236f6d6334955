#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Files in /proc when what they show goes away under them: their namespace, or
# the module.  And the knobs of a namespace whose administrator is not root.
# One namespace at a time; its lo has 192.0.2.1, its dummy0 swallows 10.0.0.0/16.

. "$(dirname "$0")/lib.sh"

NET=/proc/net
VS=/proc/sys/net/ipv4/vs

# A service for all ports of UDP, and COUNT conns of it.
fill()
{
	local ns=$1 count=$2

	ip -n "$ns" addr add 192.0.2.1/32 dev lo
	ip -n "$ns" link add dummy0 type dummy
	ip -n "$ns" link set dummy0 up
	ip -n "$ns" addr add 10.0.0.254/16 dev dummy0
	lvs_ctl_at "$ns" -A -u 192.0.2.1:0 -s rr -p 300
	lvs_ctl_at "$ns" -a -u 192.0.2.1:0 -r 10.0.0.1:0 -m
	in_ns "$ns" /usr/bin/python3 - "$count" <<-'END'
		import socket
		import sys

		with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
		    for port in range(1, int(sys.argv[1]) + 1):
		        sock.sendto(b"x", ("192.0.2.1", port))
	END
}

# In namespace NS: open a file, read its beginning, tell, wait, read the rest.
# The reader lives in the namespace that it was started in no longer than that.
start_reader()
{
	local ns=$1 name=$2

	mkfifo "$TMP/go"
	in_ns "$ns" /usr/bin/python3 - "$NET/$name" "$TMP" <<-'END' &
		import os
		import sys

		fd = os.open(sys.argv[1], os.O_RDONLY)
		first = os.read(fd, 300)
		with open(sys.argv[2] + "/began", "w") as began:
		    began.write(str(len(first)))
		with open(sys.argv[2] + "/go") as go:
		    go.read()
		size = 0
		try:
		    while True:
		        got = os.read(fd, 4096)
		        if not got:
		            break
		        size += len(got)
		except OSError:
		    size = -1
		with open(sys.argv[2] + "/ended", "w") as ended:
		    ended.write(str(size))
	END
	READER=$!
	busywait 5000 test -s "$TMP/began" || fail "the reader of $name did not begin"
}

end_reader()
{
	: > "$TMP/go"
	wait "$READER"
	ENDED=$(cat "$TMP/ended")
	rm -f "$TMP/go" "$TMP/began" "$TMP/ended"
}

listing_goes_on_after_its_namespace_is_deleted()
{
	local name

	for name in ip_vs ip_vs_conn; do
		lvs_load
		setup_ns NS
		fill "$NS" 1000
		start_reader "$NS" "$name"
		ip netns delete "$NS"
		end_reader
		[ "$name" = ip_vs ] || check_between "bytes of $name read" "$ENDED" 50000 100000
		check "unload" busywait 10000 lvs_unload
	done
}

module_is_unloaded_under_an_open_listing()
{
	local name

	for name in ip_vs ip_vs_conn ip_vs_stats; do
		lvs_load
		setup_ns NS
		fill "$NS" 1000
		start_reader "$NS" "$name"
		check "unload while $name is open" lvs_unload
		end_reader
		check_equal "rest of $name" "$ENDED" -1
	done
}

module_is_unloaded_under_readers_that_do_not_stop()
{
	local pids=()

	lvs_load
	setup_ns NS
	fill "$NS" 500
	for _ in 1 2; do
		in_ns "$NS" sh -c "while [ ! -e $TMP/stop ]; do
			cat $NET/ip_vs* $NET/lvs_drops $VS/*; done" >/dev/null 2>&1 &
		pids+=($!)
	done
	for _ in 1 2 3; do
		check "unload" lvs_unload
		check "load" lvs_load
		fill "$NS" 50 2>/dev/null
	done
	: > "$TMP/stop"
	wait "${pids[@]}"
	check "unload at last" lvs_unload
}

knobs_of_a_user_namespace()
{
	[ "$LVS_MODULE" != stock ] || { skip "stock hides or lacks them"; return; }
	lvs_load
	defer lvs_unload
	echo 1000 > "$VS/conn_max"
	defer sh -c "echo 1073741824 > $VS/conn_max"
	check "in a user namespace" unshare --user --map-root-user --net sh -ec "
		test \$(cat $VS/conn_max) = 1000
		echo 1 > $VS/sloppy_tcp
		test \$(cat $VS/sloppy_tcp) = 1
		echo 900 > $VS/conn_max
		echo 1000 > $VS/conn_max
		for no in 1001:conn_max 1:run_estimation 1:conntrack; do
			if echo \${no%:*} > $VS/\${no#*:}; then exit 1; fi
		done
		test ! -e /sys/module/lvs_ct
		test \$(cat $VS/conn_max) = 1000
		cat $NET/ip_vs $NET/ip_vs_conn $NET/lvs_drops"
	check_equal "sloppy_tcp of the first namespace" "$(cat "$VS/sloppy_tcp")" 0
}

TMP=$(mktemp -d)
defer rm -rf "$TMP"
! lvs_loaded || lvs_unload
tests_run listing_goes_on_after_its_namespace_is_deleted module_is_unloaded_under_an_open_listing \
	module_is_unloaded_under_readers_that_do_not_stop knobs_of_a_user_namespace
