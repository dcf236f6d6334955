# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0
#
# For the static checks: each is a program that prints what is wrong and fails.

. "$(dirname "${BASH_SOURCE[0]}")/../vm/common.sh"
cd "$LVS_TREE" || exit 1

# sources FOLDER... -- PATTERN...: the project's own files, generated ones left out
sources()
{
	local folders=()

	while [ "$1" != -- ]; do
		[ ! -e "$1" ] || folders+=("$1")
		shift
	done
	shift
	if git rev-parse --git-dir >/dev/null 2>&1; then
		git ls-files --cached --others --exclude-standard -- "${folders[@]}"
	else
		find "${folders[@]}" -type f
	fi | grep -E -- "$1" | sort -u | while read -r file; do
		[ ! -e "$file" ] || echo "$file"
	done
}
