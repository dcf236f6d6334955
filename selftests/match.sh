#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The match "ipvs" of iptables (xt_lvs): what each of its options matches, in
# both families, with iptables' own tables and through nft's compat layer; and
# that the fast path goes past no such rule.  The same on the kernel's own IPVS.
# The lab is that of lab.sh.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lab.sh"

# tables AF: the tool, which is of nft for IPv4 and the old one for IPv6 and back,
# so that both are met.
tables()
{
	case $1 in
	4) echo iptables-nft ;;
	6) echo ip6tables-legacy ;;
	*) echo "$1" ;;
	esac
}

# rule AF CHAIN ARGS...: a rule that counts, in the director
rule()
{
	local tool chain=$2
	tool=$(tables "$1")
	shift 2

	check "$tool takes $*" in_ns "$director" "$tool" -w -t mangle -A "$chain" -m ipvs "$@"
}

# hits AF CHAIN: how many packets each rule has matched, in order
hits()
{
	in_ns "$director" "$(tables "$1")" -w -t mangle -nvxL "$2" | sed 1,2d | awk '{ print $1 }'
}

rules_end()
{
	drops_check "$director"
	in_ns "$director" "$(tables "$1")" -w -t mangle -F
	if [ "$(tables "$1")" = ip6tables-legacy ]; then
		in_ns "$director" ip6tables-legacy -w -t nat -F
	fi
}

# verdicts: lines "wanted options...": yes if packets are to match
# rules_match AF CHAIN URL < verdicts
rules_match()
{
	local af=$1 chain=$2 wanted options lines=() i hit

	while read -r wanted options; do
		lines+=("$wanted $options")
		# neighbour discovery is not what is to be counted
		[ "$af" = 4 ] || options="$options -p tcp"
		# shellcheck disable=SC2086 # words
		rule "$af" "$chain" $options
	done
	check "an answer" in_ns "$client" curl -gsf --max-time $((10 * TEST_SLOW)) "$3"
	i=0
	for hit in $(hits "$af" "$chain"); do
		wanted=${lines[i]%% *}
		[ "$((hit > 0))" = "$([ "$wanted" = yes ] && echo 1 || echo 0)" ] ||
			fail "IPv$af $chain ${lines[i]#* }: $hit packets, wanted $wanted"
		i=$((i + 1))
	done
	check_equal "rules" "$i" "${#lines[@]}"
	rules_end "$af"
}

# service AF METHOD [ARGS...]: one server on port 8080 behind VIP:80, or on 80
service()
{
	local vip=$VIP4 rip port=80
	[ "$1" = 4 ] || vip=$VIP6
	rip=$("rip$1" 1)
	[ "$2" != -m ] || port=8080

	lvs_ctl_at "$director" -C
	lvs_ctl_at "$director" -A -t "$(endpoint "$vip" 80)" -s rr "${@:3}"
	lvs_ctl_at "$director" -a -t "$(endpoint "$vip" 80)" -r "$(endpoint "$rip" "$port")" "$2"
	case $2 in -m) lab_mode nat ;; -g) lab_mode dr ;; -i) lab_mode tun ;; esac
}

url()
{
	echo "http://$(endpoint "$([ "$1" = 4 ] && echo "$VIP4" || echo "$VIP6")" 80)/"
}

# Requests, translated already: the one place where a conn can be told by its packets.
options_match_nat()
{
	local af vip other

	for af in 4 6; do
		service "$af" -m
		vip=$VIP4/32 other=$DIP4/32
		[ "$af" = 4 ] || { vip=$VIP6/128; other=$DIP6/128; }
		rules_match "$af" POSTROUTING "$(url "$af")" <<-EOR
			yes --ipvs
			no ! --ipvs
			yes --vproto tcp
			no --vproto udp
			yes ! --vproto udp
			no ! --vproto tcp
			yes --vaddr $vip
			no --vaddr $other
			yes ! --vaddr $other
			no ! --vaddr $vip
			yes --vport 80
			no --vport 8080
			yes ! --vport 8080
			yes --vmethod MASQ
			no --vmethod GATE
			yes ! --vmethod IPIP
			no --vportctl 80
			yes ! --vportctl 80
			no --vdir ORIGINAL
			yes --vaddr $vip --vport 80 --vproto tcp --vmethod MASQ
			no --vaddr $vip --vport 81
		EOR
	done
}

persistent_conns_have_a_controller()
{
	service 4 -m -p 100
	rules_match 4 POSTROUTING "$(url 4)" <<-EOR
		yes --vportctl 80
		no --vportctl 81
		no ! --vportctl 80
		yes ! --vportctl 81
	EOR
}

options_match_dr()
{
	service 4 -g
	rules_match 4 POSTROUTING "$(url 4)" <<-EOR
		yes --ipvs
		yes --vport 80
		no --vport 81
		yes --vmethod GATE
		no --vmethod MASQ
		yes --vaddr $VIP4/32
	EOR
}

# What leaves is no packet of the client's, though it is one of IPVS.
tunnel_matches_by_property_only()
{
	service 4 -i
	rules_match 4 POSTROUTING "$(url 4)" <<-EOR
		yes --ipvs
		no --vport 80
		no --vmethod IPIP
	EOR
}

# A reply carries the virtual address when it passes: no options but --ipvs match.
replies_match_by_property_only()
{
	service 4 -m
	rule 4 POSTROUTING -s "$VIP4" --ipvs
	rule 4 POSTROUTING -s "$VIP4" --vport 80
	check "an answer" in_ns "$client" curl -sf "$(url 4)"
	check_equal "rules that match" "$(hits 4 POSTROUTING | awk '{ printf "%d", ($1 > 0) }')" 10
	rules_end 4
	rules_match 4 FORWARD "$(url 4)" <<-EOR
		no --ipvs
		no --vport 80
	EOR
}

nothing_of_others_matches()
{
	service 4 -m
	rule 4 POSTROUTING --ipvs
	rule 4 INPUT --ipvs
	check "a ping" in_ns "$client" ping -q -c 2 -i 0.1 "$VIP4"
	check_equal "matches" "$(hits 4 POSTROUTING; hits 4 INPUT)" $'0\n0'
	rules_end 4
}

# A transfer of many packets, all of which the rule must see.
fast_path_goes_past_no_rule()
{
	local sent

	[ "$LVS_MODULE" != stock ] || { skip "has no fast path"; return; }
	service 4 -m
	in_ns "$director" sysctl -q -w net.ipv4.vs.fast_path=1
	rule 4 POSTROUTING --vport 80 -d "$(rip4 1)"
	check_equal "the file" "$(in_ns "$client" curl -sf "http://$VIP4/file" | sha256sum | cut -d' ' -f1)" \
		"$(web_sum /run/lvs/match file)"
	sent=$(dest_column "$director" 2 "$(rip4 1)" 8080)
	check_between "packets to the server" "$sent" 8 100000
	check_equal "packets that the rule has seen" "$(hits 4 POSTROUTING)" "$sent"
	# shellcheck disable=SC2016 # awk's
	check_equal "packets on the fast path" \
		"$(in_ns "$director" awk '$1 == "packets" { print $2 }' /proc/net/lvs_fast_path)" 0
	rules_end 4
}

# The module goes neither before a rule nor before its companion.
modules_are_held_by_rules()
{
	local match=xt_lvs main=lvs

	[ "$LVS_MODULE" != stock ] || { match=xt_ipvs main=ip_vs; }
	rule 4 OUTPUT --ipvs
	check_fails "$match goes while there is a rule" rmmod "$match"
	check_fails "$main goes while $match is there" rmmod "$main"
	rules_end 4
	check "$match goes without rules" busywait 5000 rmmod "$match"
}

if ! command -v iptables-nft >/dev/null || ! command -v ip6tables-legacy >/dev/null; then
	echo "1..0 # SKIP needs iptables"
	exit $KSFT_SKIP
fi
lvs_load
lab_setup 1
web_start 1 80
files=/run/lvs/match
web_files $files file:300000
web_start 1 8080 $files
tests_run options_match_nat persistent_conns_have_a_controller \
	options_match_dr tunnel_matches_by_property_only replies_match_by_property_only \
	nothing_of_others_matches fast_path_goes_past_no_rule modules_are_held_by_rules
