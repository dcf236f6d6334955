# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0
#
# The lab: a client, a router, a director and N real servers, each a network
# namespace.  To be sourced after lib.sh.
#
#	                    client   198.51.100.1     2001:db8:c::1
#	                      |eth0  (and all of 198.18.0.0/16, 2001:db8:cc::/64)
#	                      |
#	                      |wan   198.51.100.254   2001:db8:c::fe
#	                    router
#	                      |lan   192.0.2.254      2001:db8:1::fe      (a bridge)
#	      +---------------+---------------+
#	      |eth0           |eth0           |eth0
#	   director          s1              sN
#	  192.0.2.2         192.0.2.11      192.0.2.(10+N)
#	  2001:db8:1::2     2001:db8:1::11  2001:db8:1::(10+N)
#	  VIP 192.0.2.1 and 2001:db8:1::1
#
# Server i is the namespace ${SERVER[i]} (i from 1), its addresses rip4 i and
# rip6 i, its port on the bridge lan-s$i in $router.  The other namespaces are
# $client, $router and $director.

VIP4=192.0.2.1
VIP6=2001:db8:1::1
DIP4=192.0.2.2
DIP6=2001:db8:1::2
CIP4=198.51.100.1
CIP6=2001:db8:c::1
ROUTER4=192.0.2.254
ROUTER6=2001:db8:1::fe
SERVER=()

rip4()
{
	echo "192.0.2.$((10 + $1))"
}

rip6()
{
	echo "2001:db8:1::$((10 + $1))"
}

# lab_setup N: build the lab with N servers; it goes when the test or script ends.
lab_setup()
{
	local i

	setup_ns client router director
	SERVER=()
	for ((i = 1; i <= $1; i++)); do
		setup_ns "s$i"
		local -n name=s$i
		SERVER[i]=$name
	done
	lab_router
	lab_client
	lab_attach "$director" director "$DIP4" "$DIP6"
	in_ns "$director" sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	lab_routes "$director" "$ROUTER4" "$ROUTER6"
	lab_vip "$director" eth0
	for ((i = 1; i <= $1; i++)); do
		lab_attach "${SERVER[i]}" "s$i" "$(rip4 "$i")" "$(rip6 "$i")"
		lab_routes "${SERVER[i]}" "$ROUTER4" "$ROUTER6"
	done
}

lab_router()
{
	in_ns "$router" sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	lab_ip "$router" <<-EOF
		link add lan type bridge mcast_snooping 0
		link set lan up
		address add $ROUTER4/24 dev lan
		address add $ROUTER6/64 dev lan nodad
		link add wan type veth peer name eth0 netns $client
		link set wan up
		address add 198.51.100.254/24 dev wan
		address add 2001:db8:c::fe/64 dev wan nodad
		route add 198.18.0.0/16 via $CIP4
		route add 2001:db8:cc::/64 via $CIP6
	EOF
}

# The client answers for two whole ranges: tests need more than one address.
lab_client()
{
	lab_ip "$client" <<-EOF
		link set eth0 up
		address add $CIP4/24 dev eth0
		address add $CIP6/64 dev eth0 nodad
		route add local 198.18.0.0/16 dev lo
		route add local 2001:db8:cc::/64 dev lo
	EOF
	lab_routes "$client" 198.51.100.254 2001:db8:c::fe
	in_ns "$client" sysctl -q -w net.ipv6.ip_nonlocal_bind=1 \
		net.ipv4.ip_local_port_range='1024 65535' net.ipv4.tcp_tw_reuse=1
}

# lab_attach NS NAME IPV4 IPV6: connect NS to the LAN; eth0 there, lan-NAME on the bridge.
lab_attach()
{
	lab_ip "$router" <<-EOF
		link add lan-$2 type veth peer name eth0 netns $1
		link set lan-$2 master lan up
	EOF
	lab_ip "$1" <<-EOF
		link set eth0 up
		address add $3/24 dev eth0
		address add $4/64 dev eth0 nodad
	EOF
}

# lab_routes NS GATEWAY4 GATEWAY6: default routes
lab_routes()
{
	lab_ip "$1" <<-EOF
		route replace default via $2
		route replace default via $3
	EOF
}

# lab_vip NS DEVICE: give the VIPs of both families to NS.  The IPv6 one is deprecated
# from the start: else the director takes it as the source of its tunnel packets, and
# a server that owns the same address refuses them.
lab_vip()
{
	lab_ip "$1" <<-EOF
		address add $VIP4/32 dev $2
		address add $VIP6/128 dev $2 nodad preferred_lft 0
	EOF
}

# lab_ip NS: a batch of ip commands in NS, from standard input.
lab_ip()
{
	ip -n "$1" -batch - || bail "the lab cannot be set up"
}

# --- how real servers are prepared for a forwarding method -------------------
# lab_mode dr|tun|nat: prepare all servers for it (again and again, in any order).
lab_mode()
{
	local i

	for ((i = 1; i <= ${#SERVER[@]}; i++)); do
		"server_for_$1" "${SERVER[i]}"
	done
}

# A server that answers for the VIP must not claim it on the LAN.
server_has_vip()
{
	in_ns "$1" sysctl -q -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
	ip -n "$1" -4 address show dev lo | grep -q -w "$VIP4" || lab_vip "$1" lo
	lab_routes "$1" "$ROUTER4" "$ROUTER6"
}

server_for_dr()
{
	server_has_vip "$1"
}

# All tunnel kinds at once: IPv4 and IPv6 packets within both.
server_for_tun()
{
	modprobe -a ipip ip6_tunnel sit
	server_has_vip "$1"
	in_ns "$1" sysctl -q -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.tunl0.rp_filter=0
	lab_ip "$1" <<-EOF
		link set tunl0 up
		link set sit0 up
		link set ip6tnl0 up
	EOF
}

# With NAT the answer must come back through the director.
server_for_nat()
{
	ip -n "$1" address del "$VIP4/32" dev lo 2>/dev/null
	ip -n "$1" address del "$VIP6/128" dev lo 2>/dev/null
	lab_routes "$1" "$DIP4" "$DIP6"
}

# --- web servers -------------------------------------------------------------
# web_start I [PORT [FOLDER]]: nginx in server I on PORT (80), both families.  It serves
# FOLDER's files, and / tells which server it is.
web_start()
{
	local i=$1 port=${2:-80} files=${3:-/nonexistent}
	local dir=/run/lvs/web-${SERVER[i]}-$port

	mkdir -p "$dir"
	web_config "$i" "$port" "$files" "$dir" > "$dir/nginx.conf"
	in_ns "${SERVER[i]}" nginx -p "$dir/" -e "$dir/error.log" -c "$dir/nginx.conf" ||
		bail "nginx does not start in server $i"
	busywait 5000 listens "${SERVER[i]}" tcp "$port" || bail "nginx does not listen"
}

# web_config I PORT FILES DIR
web_config()
{
	cat <<-EOF
		worker_processes 1;
		pid $4/pid;
		events { worker_connections 8192; }
		http {
			access_log $4/access.log;
			client_body_temp_path $4/body;
			proxy_temp_path $4/proxy;
			fastcgi_temp_path $4/fastcgi;
			uwsgi_temp_path $4/uwsgi;
			scgi_temp_path $4/scgi;
			default_type text/plain;
			keepalive_requests 1000000;
			server {
				listen $2 reuseport backlog=8192;
				listen [::]:$2 reuseport backlog=8192;
				root $3;
				add_header X-Server s$1;
				location = / { return 200 "This is server $1.\n"; }
			}
		}
	EOF
}

# web_hits I [PORT]: how many requests server I has answered.
web_hits()
{
	local log=/run/lvs/web-${SERVER[$1]}-${2:-80}/access.log

	wc -l < "$log"
}

# web_answered PORT COUNT...: have servers 1, 2 ... answered so many requests? A client may have its
# answer before the server's log does: busywait.
web_answered()
{
	local port=$1 i got=()
	shift

	for ((i = 1; i <= $#; i++)); do
		got+=("$(web_hits "$i" "$port")")
	done
	echo "requests: ${got[*]}"
	[ "${got[*]}" = "$*" ]
}

# web_forget [PORT]: count from 0 again, on all servers.
web_forget()
{
	local i

	for ((i = 1; i <= ${#SERVER[@]}; i++)); do
		: > "/run/lvs/web-${SERVER[i]}-${1:-80}/access.log"
	done
}

# web_ask URL N: N requests from the client, each on a connection of its own; prints the
# bodies.  No port of the client is used twice: the kernel's own choice jumps about,
# and a connection on a port that the director still remembers is not a new one.
web_ask()
{
	local counter=/run/lvs/client-port port n

	port=$(cat "$counter" 2>/dev/null || echo 10000)
	echo $((port + $2)) > "$counter"
	for ((n = 0; n < $2; n++)); do
		[ "$n" -eq 0 ] || echo next
		printf '%s\n' "url = \"$1\"" "local-port = $((port + n))" \
			'header = "Connection: close"' 'max-time = 20' globoff \
			silent show-error no-buffer fail-early
	done | in_ns "$client" curl -K -
}

# web_files FOLDER NAME:SIZE...: make files of random content and FOLDER/SHA256SUMS.
web_files()
{
	local dir=$1 file
	shift

	mkdir -p "$dir"
	for file in "$@"; do
		head -c "${file#*:}" /dev/urandom > "$dir/${file%%:*}"
	done
	(cd "$dir" && sha256sum -- "${@%%:*}" > SHA256SUMS)
}

# web_sum FOLDER NAME: the checksum that NAME must have.
web_sum()
{
	awk -v name="$2" '$2 == name { print $1 }' "$1/SHA256SUMS"
}
