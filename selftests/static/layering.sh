#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The includes of kmod/ go downwards only, as the file `layers' says.  Each
# exception there is used, so that the list does not outlive its reasons.

. "$(dirname "$0")/common.sh"

# part FILE: the folder below kmod/, or a file's name without its suffix.
includes()
{
	local file header

	sources kmod -- '\.[ch]$' | while read -r file; do
		sed -n 's/^#include "\(.*\)"/\1/p' "$file" | while read -r header; do
			printf '%s %s\n' "${file#kmod/}" \
				"$(realpath -m --relative-to=kmod "$(dirname "$file")/$header")"
		done
	done
}

includes | awk '
	function part(file)
	{
		sub(/[\/.].*/, "", file)
		return file
	}
	FNR == NR && $1 == "layer" {
		height++
		for (i = 2; i <= NF; i++)
			rank[$i] = height
	}
	FNR == NR && $1 == "allow" { allowed[$2 " " $3] = 1 }
	FNR == NR { next }
	{
		from = part($1)
		to = part($2)
		seen++
		if (!(from in rank) || !(to in rank)) {
			printf "%s includes %s: no layer is known for one of them\n", $1, $2
			bad = 1
		} else if (from != to && rank[to] > rank[from]) {
			if ((from " " $2) in allowed) {
				used[from " " $2] = 1
			} else {
				printf "%s includes %s, from a layer above it\n", $1, $2
				bad = 1
			}
		}
	}
	END {
		for (exception in allowed) {
			if (!(exception in used)) {
				printf "layers: the exception \"%s\" is not needed\n", exception
				bad = 1
			}
		}
		exit bad || !seen
	}' selftests/static/layers -
