#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The shape of the code: no function over 80 lines and nine of ten at most 45,
# no .c file over 800 lines, no header over 200, a licence in the first two lines
# of every file, a kernel-doc comment at every function that others may call, and
# nothing left for later.

. "$(dirname "$0")/common.sh"

mapfile -t code < <(sources kmod tools -- '\.[ch]$')
mapfile -t module < <(sources kmod -- '\.c$')
mapfile -t all < <(sources kmod tools selftests .ci -- '(\.([ch]|sh|py|awk)|Makefile|Kbuild|run)$')

# A function's body begins with { and ends with } in the first column.
awk '
	FNR == 1 { begin = 0 }
	/^\{/ { begin = FNR }
	/^\}/ && begin {
		size = FNR - begin - 1
		total++
		long += size > 45
		if (size > 80) {
			printf "%s:%d: a function of %d lines\n", FILENAME, begin, size
			bad = 1
		}
		begin = 0
	}
	END {
		if (long * 10 > total) {
			printf "%d of %d functions are longer than 45 lines\n", long, total
			bad = 1
		}
		exit bad || !total
	}' "${code[@]}" || bad=1

for file in "${code[@]}"; do
	limit=800
	[ "${file%.h}" = "$file" ] || limit=200
	lines=$(wc -l < "$file")
	if [ "$lines" -gt $limit ]; then
		echo "$file: $lines lines, more than $limit"
		bad=1
	fi
done

for file in "${all[@]}"; do
	if ! head -n 2 "$file" | grep -q 'SPDX-License-Identifier: '; then
		echo "$file: no SPDX line"
		bad=1
	fi
done

# The line before { opens a definition that spans the lines back to column 0.
awk '
	FNR == 1 { documented = 0; head = "" }
	/^\/\*\*/ { documented = 1 }
	/^[a-z].*\(/ && !/;$/ && !/^(static|typedef|if|for|while|switch|return)/ { head = $0; line = FNR }
	/^\{/ && head != "" {
		if (!documented) {
			printf "%s:%d: no kernel-doc: %s\n", FILENAME, line, head
			bad = 1
		}
	}
	/^\{/ { head = "" }
	/^\}/ { documented = 0; head = "" }
	/^static.*[^;]$/ { head = "" }
	END { exit bad }' "${module[@]}" || bad=1

words='TO''DO|FIX''ME|X''XX|HA''CK'
if grep -nE "\b($words)\b" "${all[@]}"; then
	bad=1
fi
exit "${bad:-0}"
