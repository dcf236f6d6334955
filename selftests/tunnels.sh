#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# GUE and GRE tunnels that the kernel's own devices take apart, in the lab (lab.sh):
# checksummed transfers through every kind of tunnel, with either family inside and
# outside, with large segments and without; and pages of a web server.
#
# usage: tunnels.sh [PATTERN]	only the tests whose names match
# LVS_BULK=BYTES changes the size of the transfers.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lab.sh"
. "$(dirname "$0")/traffic.sh"

BYTES=${LVS_BULK:-2097152}
GUE_PORT=6080

declare -A TUNNEL_OPTIONS=(
	[gue]="--tun-type gue --tun-port $GUE_PORT"
	[gue_csum]="--tun-type gue --tun-port $GUE_PORT --tun-csum"
	[gre]="--tun-type gre"
	[gre_csum]="--tun-type gre --tun-csum"
)

# All that a server needs but the GRE devices: GUE ends in the devices of plain tunnels, of
# which ip6tnl0 takes no IPv4.
receiver()
{
	local family

	modprobe -a fou fou6 ip_gre ip6_gre || return
	for family in 4 6; do
		in_ns "$1" ip "-$family" fou add port "$GUE_PORT" gue || return
	done
	lab_ip "$1" <<-END
		link add any6 type ip6tnl mode any remote $DIP6 local $(rip6 1)
		link set any6 up
	END
	in_ns "$1" sysctl -q -w net.ipv4.conf.any6.rp_filter=0
}

# gre_device on|off KIND: a GRE device of each family, which wants checksums or none.
gre_device()
{
	local csum=noicsum

	[ "$2" != gre_csum ] || csum=icsum
	ip -n "${SERVER[1]}" link del gre-v4 2>/dev/null
	ip -n "${SERVER[1]}" link del gre-v6 2>/dev/null
	[ "$1" = on ] || return 0
	lab_ip "${SERVER[1]}" <<-END
		link add gre-v4 type gre remote $DIP4 local $(rip4 1) $csum
		link add gre-v6 type ip6gre remote $DIP6 local $(rip6 1) $csum
		link set gre-v4 up
		link set gre-v6 up
	END
	in_ns "${SERVER[1]}" sysctl -q -w net.ipv4.conf.gre-v4.rp_filter=0
}

# tunnel_service KIND FAMILY OUTER PROTO PORT
tunnel_service()
{
	local service

	service=$(virtual "$2" "$4" "$5")
	rule "-A $service -s rr"
	# shellcheck disable=SC2086 # words
	rule "-a $service $(real "$3" 1 "$5") -i" ${TUNNEL_OPTIONS[$1]}
}

# through KIND: transfers of both protocols, with all four pairs of families.
through()
{
	local kind=$1 family outer proto

	gre_device on "$kind"
	for family in 4 6; do
		for outer in 4 6; do
			rule -C
			for proto in tcp udp; do
				tunnel_service "$kind" "$family" "$outer" "$proto" "$BULK_PORT"
			done
			apply
			bulk "$family" tcp "$BULK_PORT" "$BYTES" || return
			bulk "$family" udp "$BULK_PORT" $((BYTES / 4)) || return
		done
	done
	gre_device off "$kind"
	drops_check "$director"
}

offload()
{
	in_ns "$1" ethtool -K eth0 tx "$2" sg "$2" tso "$2" gso "$2" gro "$2" >/dev/null 2>&1
}

# The director cuts the client's large segments up, and fills in all checksums.
through_cut_up()
{
	offload "$director" off
	defer offload "$director" on
	through "$1"
}

pages()
{
	local kind family

	for kind in gue_csum gre; do
		gre_device on "$kind"
		rule -C
		for family in 4 6; do
			tunnel_service "$kind" "$family" "$family" tcp 80
		done
		apply
		for family in 4 6; do
			check_equal "$kind, pages over IPv$family" \
				"$(web_ask "http://$(endpoint "$(vip "$family")" 80)/" 20 | sort | uniq -c |
					tr -s ' ')" " 20 This is server 1."
		done
		gre_device off "$kind"
	done
	drops_check "$director"
}

# An edit changes the kind of tunnel of the next packet, also for conns that are there.
tunnel_edited()
{
	gre_device on gre
	rule -C
	tunnel_service gue 4 4 tcp "$BULK_PORT"
	apply
	bulk 4 tcp "$BULK_PORT" 100000
	# shellcheck disable=SC2086 # words
	must -e "$(virtual 4 tcp "$BULK_PORT")" "$(real 4 1 "$BULK_PORT") -i" ${TUNNEL_OPTIONS[gre]}
	bulk 4 tcp "$BULK_PORT" 100000
	must -e "$(virtual 4 tcp "$BULK_PORT")" "$(real 4 1 "$BULK_PORT") -i"
	bulk 4 tcp "$BULK_PORT" 100000
	gre_device off gre
	check "what is listed" grep -q ipip <(ctl -Ln --tun-info)
	drops_check "$director"
}

TESTS=()
for kind in gue gue_csum gre gre_csum; do
	eval "${kind}() { through $kind; }"
	TESTS+=("$kind")
	if [ "$kind" != gue ]; then
		eval "${kind}_cut_up() { through_cut_up $kind; }"
		TESTS+=("${kind}_cut_up")
	fi
done
TESTS+=(pages tunnel_edited)

lvs_load
lab_setup 1
traffic_servers
web_start 1
lab_mode tun
receiver "${SERVER[1]}" || bail "this kernel has no GUE or GRE"
mapfile -t TESTS < <(printf '%s\n' "${TESTS[@]}" | grep -e "${1:-.}")
tests_run "${TESTS[@]}"
