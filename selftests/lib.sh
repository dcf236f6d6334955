# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the test scripts share: results, waiting, cleaning up, the module and
# its tool.  The lab of namespaces is in lab.sh.  To be sourced, in the VM.
#
#	. "$(dirname "$0")/lib.sh"
#	. "$(dirname "$0")/lab.sh"
#	dr_http() { lab_mode dr; ...; check "body is right" test "$a" = "$b"; }
#	lab_setup 2
#	tests_run dr_http nat_http

SELFTESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
LVS_TREE=${LVS_TREE:-${SELFTESTS%/selftests}}
LVS_MODULE=${LVS_MODULE:-lvs}
BIN=${LVS_BIN:-$SELFTESTS/bin}
: "${TEST_SLOW:=1}"		# multiplies every time-out; a sanitizing kernel wants more

KSFT_PASS=0
KSFT_FAIL=1
KSFT_SKIP=4

# --- cleaning up -----------------------------------------------------------
# defer CMD ARGS...: run CMD when the running test ends, or the script when no
# test runs; the last one first.
DEFERRED=()
DEFER_BASE=0

defer()
{
	DEFERRED+=("$(printf '%q ' "$@")")
}

# defer_run BASE: run what was deferred since there were BASE commands.
defer_run()
{
	local base=$1 last

	while [ ${#DEFERRED[@]} -gt "$base" ]; do
		last=$((${#DEFERRED[@]} - 1))
		eval "${DEFERRED[last]}" >/dev/null 2>&1
		unset "DEFERRED[last]"
	done
}
trap 'defer_run 0' EXIT

# --- waiting -----------------------------------------------------------------
# busywait MILLISECONDS CMD ARGS...: repeat CMD until it succeeds; fails when time is up.
# Prints what CMD printed last.
busywait()
{
	local end=$(($(date +%s%3N) + $1 * TEST_SLOW)) out
	shift

	while :; do
		if out=$("$@" 2>&1); then
			[ -z "$out" ] || printf '%s\n' "$out"
			return 0
		fi
		if [ "$(date +%s%3N)" -ge "$end" ]; then
			[ -z "$out" ] || printf '%s\n' "$out"
			return 1
		fi
		sleep 0.02
	done
}

# --- results -----------------------------------------------------------------
# The running test's state: its first failure, or why it is skipped.
TEST_RESULT=pass
TEST_REASON=

# note TEXT...: something for the reader of the log.
note()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

# fail TEXT: the running test has failed; it goes on unless it returns.
fail()
{
	note "FAIL: $*"
	TEST_RESULT=fail
	return 1
}

# skip TEXT: the running test cannot be done here (return after it).
skip()
{
	[ "$TEST_RESULT" = fail ] || TEST_RESULT=skip
	TEST_REASON=$*
}

# check WHAT CMD ARGS...: CMD must succeed; shows its output when it does not.
check()
{
	local what=$1 out status=0
	shift

	out=$("$@" 2>&1) || status=$?
	[ "$status" -eq 0 ] && return 0
	fail "$what (\`$*' returned $status)"
	[ -z "$out" ] || note "$out"
	return 1
}

# check_fails WHAT CMD ARGS...: CMD must fail.
check_fails()
{
	local what=$1
	shift

	! "$@" >/dev/null 2>&1 && return 0
	fail "$what (\`$*' succeeded)"
}

# check_equal WHAT GOT WANTED
check_equal()
{
	[ "$2" = "$3" ] && return 0
	fail "$1: got '$2', wanted '$3'"
}

# check_between WHAT GOT LOW HIGH
check_between()
{
	[ "$2" -ge "$3" ] && [ "$2" -le "$4" ] && return 0
	fail "$1: got $2, wanted $3 to $4"
}

# tests_run FUNCTION...: run each as a test of its own and exit.
tests_run()
{
	local test number=0 status=$KSFT_SKIP

	echo "TAP version 13"
	echo "1..$#"
	for test in "$@"; do
		number=$((number + 1))
		TEST_RESULT=pass
		TEST_REASON=
		DEFER_BASE=${#DEFERRED[@]}
		"$test"
		defer_run "$DEFER_BASE"
		case $TEST_RESULT in
		pass)
			echo "ok $number ${test//_/ }"
			[ "$status" -eq "$KSFT_FAIL" ] || status=$KSFT_PASS
			;;
		skip)
			echo "ok $number ${test//_/ } # SKIP $TEST_REASON"
			;;
		*)
			echo "not ok $number ${test//_/ }"
			status=$KSFT_FAIL
			;;
		esac
	done
	exit "$status"
}

# bail TEXT: nothing can be tested.
bail()
{
	echo "Bail out! $*"
	exit "$KSFT_FAIL"
}

# --- namespaces --------------------------------------------------------------
# setup_ns NAME...: make a network namespace for each NAME and put what it is
# called into the variable NAME.  It is deleted when the test or script ends.
setup_ns()
{
	local name real

	for name in "$@"; do
		real=$name-$$-$RANDOM
		ip netns add "$real" || bail "cannot make the namespace $name"
		defer ns_delete "$real"
		printf -v "$name" '%s' "$real"
		ip -n "$real" link set lo up
		in_ns "$real" sysctl -q -w net.ipv4.conf.all.send_redirects=0 \
			net.ipv4.conf.default.send_redirects=0 \
			net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
			net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 \
			net.ipv6.conf.default.router_solicitations=0
	done
}

# ns_delete NS: end what runs there, then delete it.
ns_delete()
{
	local pids

	pids=$(ip netns pids "$1" 2>/dev/null)
	# shellcheck disable=SC2086 # a list of numbers
	[ -z "$pids" ] || kill -9 $pids 2>/dev/null
	ip netns delete "$1"
}

# without it a lab would be half set up
[ -x "$BIN/inns" ] || bail "the helpers are not built: make -C selftests"

# in_ns NS CMD ARGS...: a shorter way than `ip netns exec', see inns.c.
in_ns()
{
	"$BIN/inns" "$@"
}

# hooks_stay: netfilter's hooks stay in use until the script ends, whatever the
# module does. The first hook and the last patch the kernel's code; QEMU's
# translator may keep a stale breakpoint in it for a CPU that runs there at this
# moment, which then traps for ever. For tests that load or unload under traffic.
hooks_stay()
{
	local hook chains=

	for hook in prerouting input forward output postrouting; do
		chains+="chain $hook { type filter hook $hook priority 0; }; "
	done
	setup_ns HOOKS_NS
	# shellcheck disable=SC2153 # set by setup_ns
	in_ns "$HOOKS_NS" nft "table inet stay { $chains}" || bail "nft does not work"
}

# listens NS tcp|udp PORT
listens()
{
	in_ns "$1" ss -Hln "--$2" "sport = $3" | grep -q .
}

# --- the module and its tool -----------------------------------------------
# lvs_loaded: does this kernel balance already?
lvs_loaded()
{
	[ -e /proc/net/ip_vs ]
}

# lvs_load [PARAMETER=VALUE...]: load the module under test, if none is loaded.
lvs_load()
{
	[ -n "${LVS_IN_VM:-}" ] || bail "to be run in the virtual machine (make vm CMD=...)"
	# a companion that an earlier test has left behind keeps lvs from being unloaded
	companions_unload
	lvs_loaded && return
	case $LVS_MODULE in
	stock) modprobe ip_vs "$@" ;;
	*) insmod "${LVS_KO:?the module was not built}" "$@" ;;
	esac || bail "cannot load $LVS_MODULE: $(dmesg | tail -n 3)"
}

# helper_load: the helper for FTP.
helper_load()
{
	case $LVS_MODULE in
	stock) modprobe ip_vs_ftp ;;
	*) /run/lvs/job/modprobe ip_vs_ftp ;;
	esac
}

# companions_unload: those modules that use lvs, if they are loaded.
companions_unload()
{
	local name

	for name in xt_lvs lvs_ftp lvs_ct; do
		[ ! -d "/sys/module/$name" ] || rmmod "$name"
	done
}

# lvs_unload: unload it, schedulers and helpers of the stock module included.
lvs_unload()
{
	local modules

	case $LVS_MODULE in
	stock)
		modules=$(lsmod | sed -n 's/^\(ip_vs_[a-z_]*\|xt_ipvs\) .*/\1/p')
		# shellcheck disable=SC2086 # a list of names
		[ -z "$modules" ] || rmmod $modules
		rmmod ip_vs
		;;
	*)
		companions_unload
		rmmod lvs
		;;
	esac
}

# lvs_ctl_at NS ARGS...: ipvsadm's grammar, in NS, by the tool under test.
# LVS_CTL=ipvsadm takes Debian's own tool instead.
lvs_ctl_at()
{
	local ns=$1 tool=${LVS_CTL:-$LVS_TREE/tools/lvsadm/lvsadm}
	shift

	[ -x "$tool" ] || tool=ipvsadm
	in_ns "$ns" "$tool" "$@"
}

# endpoint ADDRESS PORT: as the tool wants it.
endpoint()
{
	case $1 in
	*:*) echo "[$1]:$2" ;;
	*) echo "$1:$2" ;;
	esac
}

# dest_column NS COLUMN SERVER PORT: one figure of a server's line in -Ln --stats --exact:
# 1 connections, 2 packets in, 3 packets out, 4 bytes in, 5 bytes out.
dest_column()
{
	lvs_ctl_at "$1" -Ln --stats --exact |
		awk -v key="$(endpoint "$3" "$4")" -v column="$2" \
			'$1 == "->" && $2 == key { sum += $(2 + column) } END { print sum + 0 }'
}

# dest_line NS COLUMN SERVER PORT: one word of a server's line in -Ln:
# 1 method, 2 weight, 3 active, 4 inactive connections.
dest_line()
{
	lvs_ctl_at "$1" -Ln | awk -v key="$(endpoint "$3" "$4")" -v column="$2" \
		'$1 == "->" && $2 == key { print $(2 + column); exit }'
}

# --- outcome of packets ------------------------------------------------------
# drops_get NS NAME: one counter of /proc/net/lvs_drops.
drops_get()
{
	# shellcheck disable=SC2016 # awk's variables
	in_ns "$1" awk -v name="$2" '$1 == name { print $2; found = 1 }
		END { exit !found }' /proc/net/lvs_drops
}

# Every packet that came in has exactly one outcome.
drops_balance()
{
	# shellcheck disable=SC2016 # awk's variables
	in_ns "$1" awk '$1 == "packets_in" { wanted = $2; next } { got += $2; n++ }
		END {
			if (n >= 3 && got == wanted)
				exit 0
			printf "packets_in %d, outcomes %d\n", wanted, got
			exit 1
		}' /proc/net/lvs_drops
}

# drops_check NS: assert it, at the first quiet moment within two seconds.
drops_check()
{
	local out

	[ "$LVS_MODULE" = stock ] && return 0
	out=$(busywait 2000 drops_balance "$1") && return 0
	fail "outcomes do not add up: $out"
	note "$(in_ns "$1" grep -v ' 0$' /proc/net/lvs_drops)"
	return 1
}

# drops_show NS: the counters that are not 0.
drops_show()
{
	[ "$LVS_MODULE" = stock ] || in_ns "$1" grep -v ' 0$' /proc/net/lvs_drops
}
