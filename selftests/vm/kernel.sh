# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0
#
# Find the kernel that KERNEL= names.  kernel_find sets
#   K_NAME     the name it was asked for
#   K_RELEASE  uname -r of that kernel
#   K_IMAGE    its bzImage
#   K_MODULES  the folder that holds lib/modules/$K_RELEASE ("" when it is /)
#   K_BUILD    the folder to build modules against
#   K_ROOT     the root file system of the VM; when it is not /, K_BUILD is within it
#   K_APPEND   more words for its command line

# newest_release PATTERN: the newest installed kernel that has image, modules and headers.
newest_release()
{
	local image release best=

	# shellcheck disable=SC2086 # a pattern
	for image in $(printf '%s\n' /boot/vmlinuz-$1 | sort -V); do
		release=${image#/boot/vmlinuz-}
		case $release in *-rt-*|*-cloud-*) continue ;; esac
		if [ -r "$image" ] && [ -e "/lib/modules/$release/build/Makefile" ]; then
			best=$release
		fi
	done
	[ -n "$best" ] && echo "$best"
}

kernel_find_installed()
{
	K_RELEASE=$(newest_release "$1") ||
		die "no kernel $1 with image and headers is installed: run 'make deps'"
	K_IMAGE=/boot/vmlinuz-$K_RELEASE
	K_MODULES=
	K_BUILD=/lib/modules/$K_RELEASE/build
}

# A kernel of another suite, unpacked in the cache.
kernel_find_fetched()
{
	K_MODULES=$("$LVS_VM/fetch.sh" "$1" "$2") || exit 1
	K_RELEASE=$(cat "$K_MODULES/release")
	K_IMAGE=$K_MODULES/boot/vmlinuz-$K_RELEASE
	K_BUILD=$K_MODULES/usr/src/linux-headers-$K_RELEASE
}

# A kernel whose headers want the compiler of its own suite: a tree of that suite.
kernel_find_tree()
{
	local dir

	dir=$("$LVS_VM/tree.sh" "$1" "$2") || exit 1
	K_RELEASE=$(cat "$dir/release")
	K_ROOT=$dir/root
	K_MODULES=$K_ROOT
	K_IMAGE=$K_ROOT/boot/vmlinuz-$K_RELEASE
	K_BUILD=/usr/src/linux-headers-$K_RELEASE
}

# A kernel that was built here.
kernel_find_built()
{
	K_MODULES=$("$LVS_VM/debug.sh" "$@") || exit 1
	K_RELEASE=$(cat "$K_MODULES/release")
	K_IMAGE=$K_MODULES/boot/vmlinuz-$K_RELEASE
	K_BUILD=$K_MODULES/build
	# QEMU's PCI routing by ACPI takes a minute under sanitizers. The caches of conns are
	# those in which failslab/cache-filter lets allocations fail. With kmemleak each object
	# that is freed takes an RCU callback, so that under load ten at a time are too few.
	K_APPEND='acpi=noirq slub_debug=A,lvs_conn* rcutree.blimit=1000'
}

# kernel_find [NAME]
kernel_find()
{
	K_NAME=${1:-6.1}
	K_ROOT=/
	K_APPEND=
	case $K_NAME in
	6.1) kernel_find_installed '6.1.*-amd64' ;;
	6.12) kernel_find_fetched 6.12 bookworm-backports ;;
	7.2) kernel_find_tree 7.2 sid ;;
	debug) kernel_find_built debug base.config net.config debug.config ;;
	kcsan)
		kernel_find_built kcsan base.config net.config kcsan.config
		# It finds races all over the kernel: not each may end the VM (stage2).
		K_APPEND+=' panic_on_warn=0 log_buf_len=4M'
		;;
	*) die "KERNEL=$K_NAME is not known; there are: 6.1, 6.12, 7.2, debug, kcsan" ;;
	esac
}
