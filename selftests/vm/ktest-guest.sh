#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Inside the VM: run test programs one after the other, each under the time-out
# of `settings', and print KTAP the way the kernel's own runner does.  Programs
# that another VM has claimed are left to it.
# usage: ktest-guest.sh PROGRAM...

cd "$LVS_TREE/selftests" || exit 1
timeout=$(sed -n 's/^timeout=//p' settings)
timeout=$((${timeout:-45} * ${TEST_SLOW:-1}))
claims=/run/lvs/claims

# claim PROGRAM: making a folder succeeds for one of all VMs. Its name has no slashes.
claim()
{
	CLAIM=$claims/${1//\//:}
	mkdir "$CLAIM" 2>/dev/null && echo "$TEST_WORKER" > "$CLAIM/worker"
}

# The next test finds a machine without namespaces and without our module. Fails if that cannot be
# unloaded: somebody has lost a reference to it.
tidy()
{
	local ns module

	for ns in $(ip netns list | cut -d' ' -f1); do
		ip netns pids "$ns" | xargs -r kill -9
		ip netns delete "$ns"
	done
	for module in lvs ip_vs; do
		[ -e "/sys/module/$module" ] || continue
		# what a namespace held is given back a while after it is deleted
		# shellcheck source=selftests/lib.sh
		(. ./lib.sh; LVS_MODULE=${module/ip_vs/stock} busywait 10000 lvs_unload) || return
	done
} >/dev/null 2>&1

# loaded: has the module stayed?
loaded()
{
	[ -e /sys/module/lvs ] || [ -e /sys/module/ip_vs ]
}

# shellcheck source=selftests/vm/klog.sh
. vm/klog.sh
mkdir -p "$claims"
mount -t 9p -o trans=virtio,version=9p2000.L,cache=none claims "$claims" || exit 1
number=0
failed=0
for program in "$@"; do
	claim "$program" || continue
	number=$((number + 1))
	begin=$SECONDS
	title="selftests: lvs: $program"
	echo "# $title"
	klog_begin "$program"
	# not a pipe: a program that is killed may leave children that hold it open
	timeout -k 5 "$timeout" "./$program" > >(sed -u 's/^/# /') 2>&1 </dev/null
	status=$?
	# shellcheck disable=SC2031 # of the process substitution
	show=$!
	why=
	tidy || why="the module cannot be unloaded"
	complaints=$(klog last | klog_complaints)
	if [ $? -ne 1 ]; then
		why="the kernel complained"
		printf '%s\n' "$complaints" | sed 's/^/# /'
	fi
	for _ in {1..50}; do
		kill -0 "$show" 2>/dev/null || break
		sleep 0.1
	done
	case $status${why:+ bad} in
	*bad) echo "not ok $number $title # $why, exit=$status" ;;
	0) echo "ok $number $title # $((SECONDS - begin)) s" ;;
	4) echo "ok $number $title # SKIP" ;;
	124|137) echo "not ok $number $title # TIMEOUT $timeout seconds" ;;
	*) echo "not ok $number $title # exit=$status, $((SECONDS - begin)) s" ;;
	esac
	: > "$CLAIM/done"
	case $status$why in 0|4) ;; *) failed=1 ;; esac
	# the others want a machine without it
	! loaded || exit 1
done
exit $failed
