#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The demonstration: a director balances HTTP between two nginx servers, by
# direct routing, by NAT and through tunnels, and a server is taken out and
# put back meanwhile.  Says what it does; fails unless each server got exactly
# its share and each body is what it must be.  To be run in the VM: make demo
#
# usage: demo.sh [shell]    (shell: build the lab and give a prompt in it)

cd "$(dirname "$0")" || exit 1
. ./lib.sh
. ./lab.sh

FILES=/run/lvs/files
WEIGHTS=([1]=1 [2]=3)
TURN=4			# sum of the weights
URL4=http://$VIP4
URL6=http://[$VIP6]
FAILED=0

title()
{
	printf '\n== %s\n' "$*"
}

# shown CMD ARGS...: run the director's tool and show it as one would type it.
shown()
{
	printf '\n  director# lvsadm %s\n' "$*"
	lvs_ctl_at "$director" "$@" | sed 's/^/  /'
	[ "${PIPESTATUS[0]}" -eq 0 ] || wrong "lvsadm $* failed"
}

wrong()
{
	printf '  WRONG: %s\n' "$*"
	FAILED=$((FAILED + 1))
}

# expect WHAT GOT WANTED
expect()
{
	if [ "$2" = "$3" ]; then
		printf '  %-52s %8s   as it must be\n' "$1" "$2"
	else
		wrong "$1: $2, wanted $3"
	fi
}

# share_check URL TURNS: whole turns of requests are shared exactly by weight.
share_check()
{
	local n=$(($2 * TURN)) i bodies

	web_forget
	bodies=$(web_ask "$1/" "$n") || wrong "a request failed"
	for i in 1 2; do
		expect "$n requests, server $i with weight ${WEIGHTS[i]} answered" \
			"$(grep -c "^This is server $i\.$" <<<"$bodies")" \
			$(($2 * WEIGHTS[i]))
	done
	bodies=$(busywait 2000 web_answered 80 $(($2 * WEIGHTS[1])) $(($2 * WEIGHTS[2]))) ||
		wrong "the servers' own logs count other $bodies"
}

# body_check URL: large bodies arrive whole, whichever server sends them.
body_check()
{
	local n sum good=0

	for ((n = 0; n < TURN; n++)); do
		sum=$(web_ask "$1/big" 1 | sha256sum)
		[ "${sum%% *}" != "$(web_sum "$FILES" big)" ] || good=$((good + 1))
	done
	expect "of $TURN downloads of 5 MB, checksum right" "$good" "$TURN"
}

service_add()
{
	local family i vip rip

	for family in 4 6; do
		vip=$VIP4
		[ $family = 4 ] || vip=[$VIP6]
		shown -A -t "$vip:80" -s wrr
		for i in 1 2; do
			rip=$(rip4 $i)
			[ $family = 4 ] || rip=[$(rip6 $i)]
			shown -a -t "$vip:80" -r "$rip:80" "$1" -w "${WEIGHTS[i]}"
		done
	done
}

# drained: has server 2 no open connection left?
drained()
{
	[ "$(dest_line "$director" 3 "$(rip4 2)" 80)" = 0 ]
}

# take_out_and_back OPTION: change the pool while requests run; none may fail.
take_out_and_back()
{
	local bodies=/run/lvs/bodies server

	server=$(rip4 2):80
	title "Server 2 is taken out and put back, while the client goes on"
	web_ask "$URL4/" 400 >"$bodies" 2>"$bodies.errors" &
	busywait 10000 grep -q 'server 2' "$bodies" || wrong "no request reached server 2"
	shown -e -t "$VIP4:80" -r "$server" "$1" -w 0
	busywait 10000 drained || wrong "server 2 keeps open connections"
	shown -d -t "$VIP4:80" -r "$server"
	web_forget
	web_ask "$URL4/" $TURN >/dev/null || wrong "a request failed without server 2"
	expect "new requests to server 2 now" "$(web_hits 2)" 0
	shown -a -t "$VIP4:80" -r "$server" "$1" -w "${WEIGHTS[2]}"
	wait $! || wrong "a request failed: $(head -n 1 "$bodies.errors")"
	expect "answers the client got meanwhile" \
		"$(grep -c '^This is server [12]\.$' "$bodies")" 400
	share_check "$URL4" 10
}

demonstrate()
{
	local option

	case $1 in
	dr)
		option=-g
		title "Direct routing: the servers have the VIP on lo, do not answer ARP for it
   (arp_ignore=1, arp_announce=2), and answer the client past the director"
		;;
	nat)
		option=-m
		title "NAT: the director rewrites addresses; it is the servers' default gateway"
		;;
	tun)
		option=-i
		title "Tunnel: the director wraps packets (ipip, ip6ip6); the servers unwrap them,
   have the VIP on lo, and answer the client past the director"
		;;
	esac
	lab_mode "$1"
	lvs_ctl_at "$director" -C
	service_add "$option"
	title "The client asks, over IPv4 and over IPv6"
	share_check "$URL4" 10
	share_check "$URL6" 10
	body_check "$URL4"
	body_check "$URL6"
	shown -Ln
	take_out_and_back "$option"
	shown -Ln --stats
}

lab_describe()
{
	cat <<-EOF
		  client    $CIP4 and $CIP6
		     |
		  router    $ROUTER4 and $ROUTER6
		     |
		     +----- director  $DIP4 and $DIP6
		     |                with the virtual address $VIP4 and $VIP6
		     +----- server 1  $(rip4 1) and $(rip6 1), nginx
		     +----- server 2  $(rip4 2) and $(rip6 2), nginx
	EOF
}

prompt()
{
	export client router director s1=${SERVER[1]} s2=${SERVER[2]}
	export VIP4 VIP6 LVS_TREE
	PATH=$LVS_TREE/tools/lvsadm:$PATH
	lab_mode dr
	service_add -g
	cat > /run/lvs/bashrc <<-'EOF'
		client() { ip netns exec "$client" "$@"; }
		router() { ip netns exec "$router" "$@"; }
		director() { ip netns exec "$director" "$@"; }
		s1() { ip netns exec "$s1" "$@"; }
		s2() { ip netns exec "$s2" "$@"; }
		PS1='lab# '
	EOF
	cat <<-EOF

		Direct routing is set up.  A command is run on a host by putting the host's
		name (client, router, director, s1, s2) before it:

		  client curl http://\$VIP4/
		  director lvsadm -Ln --stats
		  s1 tcpdump -lni eth0

		exit leaves the lab and ends the virtual machine.
	EOF
	bash --rcfile /run/lvs/bashrc -i
}

lvs_load
title "A lab of network namespaces, on Linux $(uname -r), balanced by ${LVS_MODULE/#lvs/lvs.ko}"
lab_setup 2
lab_describe
web_files "$FILES" big:5000000
web_start 1 80 "$FILES"
web_start 2 80 "$FILES"
if [ "${1:-}" = shell ]; then
	prompt
	exit 0
fi
for method in dr nat tun; do
	demonstrate "$method"
done
lvs_ctl_at "$director" -C
drops_check "$director" || FAILED=$((FAILED + 1))
if [ "$LVS_MODULE" != stock ]; then
	title "What became of every packet that the director saw (/proc/net/lvs_drops)"
	drops_show "$director" | sed 's/^/  /'
fi
defer_run 0
lvs_unload || wrong "the module cannot be unloaded"
if [ "$FAILED" -gt 0 ]; then
	title "$FAILED things went wrong"
	exit 1
fi
title "Everything was shared by weight, every body was right, no request failed"
