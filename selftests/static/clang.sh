#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# clang compiles the module at W=1 without a word, and does see a fault. The
# kernel was built by gcc, so each source is compiled with gcc's command but for
# the options that clang does not know, and nothing is linked. About two minutes.

. "$(dirname "$0")/common.sh"

ko=$(KERNEL=${KERNEL:-6.1} "$LVS_VM/build.sh") || exit 1
build=$(dirname "$ko")

# those of the kernel's scripts/Makefile.extrawarn for clang
warnings=(-Wall -Wextra -Wunused -Wmissing-declarations -Wmissing-prototypes
	-Wold-style-definition -Wunused-but-set-variable -Wunused-const-variable
	-Wno-unused-parameter -Wno-missing-field-initializers -Wno-type-limits
	-Wno-shift-negative-value -Wno-sign-compare -Wno-initializer-overrides
	-Wno-gnu -Wno-address-of-packed-member -Wno-pointer-sign)

# arguments FILE.cmd: gcc's arguments without its own options, one a line
arguments()
{
	sed -n '1s/^cmd_[^ ]* := *[^ ]* //p' "$1" | sed 's/ ; .*//' | tr ' ' '\n' | awk '
		skip { skip = 0; next }
		$0 == "-c" || $0 == "" { next }
		$0 == "-o" { skip = 1; next }
		/^-Wp,-MMD/ || /^-W/ { next }
		/^-(mpreferred-stack|mindirect-branch|mfunction-return|mharden-sls|mskip-rax)/ { next }
		/^-(mrecord-mcount|mfentry|fconserve-stack|falign-|ftrivial-auto|mno-fp-ret)/ { next }
		/^-(fno-allow-store|fno-var-tracking|fno-inline-functions-called|fzero-call)/ { next }
		/^-(fno-stack-clash|fplugin|fsanitize|femit-struct|fno-tree|fno-ipa|fmin-function)/ { next }
		{ gsub(/\047/, ""); print }'
}

# build_with_clang FILE.cmd [ARGUMENT...]
build_with_clang()
{
	local gcc

	mapfile -t gcc < <(arguments "$1")
	if [ ${#gcc[@]} -lt 20 ]; then
		echo "$1: no command of gcc"
		return
	fi
	(cd "$K_BUILD" && clang "${gcc[@]}" "${warnings[@]}" "${@:2}" -c -o /dev/null) 2>&1
}

. "$LVS_VM/kernel.sh"
kernel_find "${KERNEL:-6.1}"

found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT
printf 'int unseen(int n);\nint unseen(int n) { int m = n; return 0; }\n' > "$found/fault.h"
if [ -z "$(build_with_clang "$build/.packet.o.cmd" -include "$found/fault.h")" ]; then
	echo "clang does not see a fault when there is one"
	exit 1
fi

mapfile -t commands < <(find "$build" -name '.*.o.cmd' ! -name '.lvs*.o.cmd' ! -name '.xt_lvs*.o.cmd' | sort)
if [ ${#commands[@]} -lt 40 ]; then
	echo "only ${#commands[@]} objects in $build"
	exit 1
fi
half=$(((${#commands[@]} + 1) / 2))
{ for command in "${commands[@]:0:half}"; do build_with_clang "$command"; done > "$found/1"; } &
for command in "${commands[@]:half}"; do build_with_clang "$command"; done > "$found/2"
wait
sed "s#$build/#kmod/#g" "$found/1" "$found/2"
[ ! -s "$found/1" ] && [ ! -s "$found/2" ]
