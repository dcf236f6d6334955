#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run a command as root inside another Debian tree, where compilers and package
# scripts find /proc.  It is mounted for this command alone, so nothing is left
# behind in the tree when it ends, however it ends.
# usage: enter.sh TREE COMMAND [ARGUMENT...]      (as root)

set -euo pipefail
tree=$1
shift
# shellcheck disable=SC2016 # the inner shell's words
exec unshare --mount /bin/sh -c '
	mount -t proc proc "$0/proc" || mount --rbind /proc "$0/proc" || exit 1
	exec chroot "$0" "$@"' "$tree" "$@"
