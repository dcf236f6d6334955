# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0
#
# What every script of the VM harness shares: where things are kept, how a
# message is printed, how one step is locked against another.

LVS_TREE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
LVS_VM=$LVS_TREE/selftests/vm
LVS_CACHE=${LVS_CACHE:-${HOME:-/root}/.cache/lvs}
mkdir -p "$LVS_CACHE"
LVS_CACHE=$(cd "$LVS_CACHE" && pwd -P)
# Several checkouts may share one cache: what is built from a tree is kept by this id.
TREE_ID=$(printf '%s' "$LVS_TREE" | cksum | cut -d' ' -f1)
export LVS_TREE LVS_CACHE

say()
{
	printf '%s\n' "vm: $*" >&2
}

die()
{
	say "$*"
	exit 1
}

# as_root CMD...: run CMD as root, through sudo when we are not.
as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

# cache_lock NAME: hold the lock NAME of the cache until this shell ends.
cache_lock()
{
	exec 9>"$LVS_CACHE/.lock-$1"
	flock 9
}
