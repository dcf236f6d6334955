#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The kernel's own semantic checks (scripts/coccinelle) find nothing in the
# module; and they do find a fault. About a minute.

. "$(dirname "$0")/common.sh"

# unpacked once; not needed by anything else
scripts=$LVS_CACHE/coccinelle-6.1
tarball=/usr/src/linux-source-6.1.tar.xz
(
	cache_lock coccinelle
	key=$(stat -c '%Y %s' "$tarball")
	if [ "$(cat "$scripts/.complete" 2>/dev/null)" != "$key" ]; then
		rm -rf "$scripts"
		mkdir -p "$scripts"
		tar -C "$scripts" --strip-components=3 -xf "$tarball" linux-source-6.1/scripts/coccinelle &&
			printf '%s\n' "$key" > "$scripts/.complete"
	fi
) || exit 1

# spatch of Debian cannot run what is written in OCaml
mapfile -t rules < <(find "$scripts" -name '*.cocci' -exec \
	grep -L '^@ *\(script\|initialize\|finalize\):ocaml' {} + | sort)
if [ ${#rules[@]} -lt 50 ]; then
	echo "only ${#rules[@]} rules in $scripts"
	exit 1
fi

# check RULE FILE...: print what it finds, and how it failed
check()
{
	local options out status

	read -ra options < <(sed -n 's#^// Options:##p' "$1" | tr '\n' ' ')
	out=$(timeout 1500 prlimit --cpu=600 spatch -D report --very-quiet --no-show-diff "${options[@]}" --no-includes \
		--include-headers --cocci-file "$@" 2>&1)
	status=$?
	grep -v -e '^$' -e '^warning: line [0-9]*: should' <<< "$out"
	[ "$status" -eq 0 ] || echo "${1##*/}: spatch returned $status"
}
export -f check

fault=$(mktemp -d)
trap 'rm -rf "$fault"' EXIT
printf 'void f(int *p)\n{\n\tkfree(p);\n\t*p = 1;\n}\n' > "$fault/fault.c"
if ! check "$scripts/free/kfree.cocci" "$fault/fault.c" | grep -q 'fault\.c:4:.*ERROR'; then
	echo "no use after kfree() is seen when there is one"
	exit 1
fi

# some rules go deep into long functions
ulimit -s unlimited 2>/dev/null || ulimit -s "$(ulimit -H -s)"

mapfile -t files < <(sources kmod -- '\.[ch]$' | grep -v '^kmod/trace\.h$')
printf '%s\n' "${rules[@]}" |
	xargs -P "$(nproc)" -I '{}' bash -c 'check "$@"' check '{}' "${files[@]}" > "$fault/found" ||
	echo "not every rule was tried" >> "$fault/found"
cat "$fault/found"
[ ! -s "$fault/found" ]
