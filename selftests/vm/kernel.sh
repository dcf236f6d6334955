# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-2.0
#
# Find the kernel that KERNEL= names.  kernel_find sets
#   K_NAME     the name it was asked for
#   K_RELEASE  uname -r of that kernel
#   K_IMAGE    its bzImage
#   K_MODULES  the folder that holds lib/modules/$K_RELEASE ("" when it is /)
#   K_BUILD    the folder to build modules against
#   K_ROOT     the root file system of the VM
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

# kernel_find [NAME]
kernel_find()
{
	K_NAME=${1:-6.1}
	K_ROOT=/
	K_APPEND=
	case $K_NAME in
	6.1) kernel_find_installed '6.1.*-amd64' ;;
	6.12) kernel_find_fetched 6.12 bookworm-backports ;;
	*) die "KERNEL=$K_NAME is not known; there are: 6.1, 6.12" ;;
	esac
}
