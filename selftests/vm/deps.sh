#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Install the Debian packages listed in `packages' that are missing.
# usage: deps.sh build|test|cross|kernel

set -euo pipefail
. "$(dirname "$0")/common.sh"

# missing LINE: print the package to install for "a|b" unless one of them is there.
missing()
{
	local name

	for name in ${1//|/ }; do
		[[ $installed == *" $name "* ]] && return
	done
	echo "${1%%|*}"
}

want=${1:-test}
installed=" $(dpkg-query -W -f='${db:Status-Status} ${Package}\n' 2>/dev/null |
	sed -n 's/^installed //p' | tr '\n' ' ') " || true
list=()
while read -r set line; do
	case $set in
	''|'#'*) continue ;;
	build) ;;
	*) [ "$want" = "$set" ] || continue ;;
	esac
	# The running kernel's own headers serve as well as the newest ones.
	if [ "$line" = linux-headers-amd64 ] && [ "$want" = build ] &&
	   [ -e "${KDIR:-/lib/modules/$(uname -r)/build}/Makefile" ]; then
		continue
	fi
	mapfile -t -O "${#list[@]}" list < <(missing "$line")
done < "$LVS_VM/packages"
[ ${#list[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
	say "not a Debian system; please install what stands for: ${list[*]}"
	exit 0
fi
say "installing ${#list[@]} packages (once, a few minutes): ${list[*]}"
cache_lock apt
log=$LVS_CACHE/apt.log
export DEBIAN_FRONTEND=noninteractive
if ! { as_root apt-get -q update &&
       as_root apt-get -q install -y --no-install-recommends \
		-o DPkg::Lock::Timeout=300 "${list[@]}"; } >"$log" 2>&1; then
	tail -n 30 "$log" >&2
	die "apt-get failed, see $log"
fi
