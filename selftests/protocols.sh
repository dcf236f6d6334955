#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# SCTP associations of the kernel's own SCTP through every method and both families, in
# the lab (lab.sh): all that is sent comes back, in shares by weight; with the
# checksums left to the devices and computed by the stack.
#
# usage: protocols.sh [PATTERN]	only the tests whose names match

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lab.sh"
. "$(dirname "$0")/traffic.sh"

PORT=7100
REAL_PORT=7200
ASSOC="/usr/bin/python3 $SELFTESTS/bin/assoc.py"

# sctp_servers: an SCTP echo server on each server, which tells its name.
sctp_servers()
{
	local i port

	for ((i = 1; i <= ${#SERVER[@]}; i++)); do
		for port in "$PORT" "$REAL_PORT"; do
			# shellcheck disable=SC2086 # words
			spawn "${SERVER[i]}" $ASSOC serve "s$i" "$port" \
				"$(rip4 "$i")" "$(rip6 "$i")" "$VIP4" "$VIP6"
		done
	done
	for ((i = 1; i <= ${#SERVER[@]}; i++)); do
		busywait 30000 sctp_listens "${SERVER[i]}" ||
			bail "server $i does not listen on all addresses"
	done
}

# The last of its sockets is there: four on each of two ports.
sctp_listens()
{
	[ "$(in_ns "$1" awk 'NR > 1' /proc/net/sctp/eps | wc -l)" -eq 8 ]
}

# associations METHOD FAMILY REAL-PORT [OPTIONS...]: 3 of 4 go to server 1, of weight 3.
associations()
{
	local address options=("${METHOD_OPTION[$1]}" "${@:4}")
	address=$(vip "$2")

	lvs_ctl_at "$director" -C
	lvs_ctl_at "$director" -A --sctp-service "$(endpoint "$address" "$PORT")" -s wrr
	lvs_ctl_at "$director" -a --sctp-service "$(endpoint "$address" "$PORT")" \
		-r "$(endpoint "$(rip "$2" 1)" "$3")" "${options[@]}" -w 3
	lvs_ctl_at "$director" -a --sctp-service "$(endpoint "$address" "$PORT")" \
		-r "$(endpoint "$(rip "$2" 2)" "$3")" "${options[@]}" -w 1
	# shellcheck disable=SC2086 # words
	check_equal "$1, IPv$2: who answers, and what comes back" \
		"$(in_ns "$client" $ASSOC ask "$address" "$PORT" 8 20000 2>&1)" "s1 6 s2 2"
	check "$1, IPv$2: listed" grep -q '^SCTP .* CLOSED \|^SCTP .* S-RECEIVED ' \
		<(in_ns "$director" cat /proc/net/ip_vs_conn)
}

sctp_nat()
{
	lab_mode nat
	associations nat 4 "$REAL_PORT"
	associations nat 6 "$REAL_PORT"
	associations nat 4 "$PORT"
	drops_check "$director"
}

# The stack fills the checksums in, and the director finds them there.
sctp_nat_without_offload()
{
	local ns

	for ns in "$client" "${SERVER[@]}"; do
		in_ns "$ns" ethtool -K eth0 tx-checksum-sctp off >/dev/null
		defer in_ns "$ns" ethtool -K eth0 tx-checksum-sctp on
	done
	sctp_nat
}

sctp_dr()
{
	lab_mode dr
	associations dr 4 "$PORT"
	associations dr 6 "$PORT"
	drops_check "$director"
}

sctp_tun()
{
	lab_mode tun
	associations tun 4 "$PORT"
	associations tun 6 "$PORT"
	drops_check "$director"
}

# A checksum of the outer header has nothing to do with that of SCTP, who ever fills that in.
sctp_gue_csum()
{
	local i family

	modprobe -a fou fou6 || bail "this kernel has no GUE"
	lab_mode tun
	for i in 1 2; do
		in_ns "${SERVER[i]}" ip fou add port 6080 gue
		in_ns "${SERVER[i]}" ip -6 fou add port 6080 gue
	done
	for family in 4 6; do
		associations tun "$family" "$PORT" --tun-type gue --tun-port 6080 --tun-csum
		associations tun "$family" "$PORT" --tun-type gue --tun-port 6080 --tun-remcsum
	done
	drops_check "$director"
}

TESTS=(sctp_nat sctp_nat_without_offload sctp_dr sctp_tun sctp_gue_csum)

lvs_load
modprobe sctp || bail "this kernel has no SCTP"
lab_setup 2
lab_mode tun
sctp_servers
mapfile -t TESTS < <(printf '%s\n' "${TESTS[@]}" | grep -e "${1:-.}")
tests_run "${TESTS[@]}"
