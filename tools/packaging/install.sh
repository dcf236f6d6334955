#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Install what `make' has built, or take it away again.
# usage: install.sh [install|uninstall|dkms]
#	install		the module, the tool, and what belongs to them
#	uninstall	all of that; saved rules stay
#	dkms		the module's source, for `dkms install'
# environment:
#   LVS_KO=    the module (default: kmod/lvs.ko in the checkout); its companions are beside it
#   KVER=      the kernel to install it for; default: the one that it was built for
#   PREFIX=    where the tool goes (/usr/local)
#   IPVSADM=1  the tool is also installed as ipvsadm, ipvsadm-save and -restore
#   DESTDIR=   install below this folder, and leave depmod to who unpacks it

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
tree=$(cd "$here/../.." && pwd -P)
LVS_KO=${LVS_KO:-$tree/kmod/lvs.ko}
DESTDIR=${DESTDIR:-}
PREFIX=${PREFIX:-/usr/local}
sbin=$PREFIX/sbin
share=$PREFIX/share
version=$(sed -n 's/^#define LVSADM_VERSION\s*"\(.*\)"/\1/p' "$tree/tools/lvsadm/version.h")
names=(ipvsadm ipvsadm-save ipvsadm-restore)
PATH=$PATH:/usr/sbin:/sbin

die()
{
	printf 'install.sh: %s\n' "$*" >&2
	exit 1
}

# modules: lvs, and its companions as far as they were built for this kernel.
modules()
{
	local name

	echo lvs
	for name in xt_lvs lvs_ct lvs_ftp; do
		[ ! -e "${LVS_KO%/*}/$name.ko" ] || echo "$name"
	done
}

# built_for KO: the kernel release that a module was built for
built_for()
{
	[ -r "$1" ] || die "$1 is not there: run make first"
	modinfo -F vermagic "$1" | cut -d' ' -f1
}

# What is installed apart from the module: mode, source, destination.
files()
{
	cat <<-LIST
		755 $tree/tools/lvsadm/lvsadm $sbin/lvsadm
		644 $tree/tools/man/lvsadm.8 $share/man/man8/lvsadm.8
		644 $tree/tools/completion/lvsadm $share/bash-completion/completions/lvsadm
		644 $here/modprobe.d/lvs.conf /etc/modprobe.d/lvs.conf
		644 $here/lvs.service /etc/systemd/system/lvs.service
	LIST
}

# put MODE FROM TO: a file, with its @WORDS@ filled in
put()
{
	install -D -m "$1" "$2" "$DESTDIR$3"
	case $3 in
	*.service|*/dkms.conf)
		sed -i -e "s#@SBIN@#$sbin#" -e "s#@VERSION@#$version#" "$DESTDIR$3"
		;;
	esac
}

update_modules()
{
	[ -n "$DESTDIR" ] || depmod "$1"
}

install_all()
{
	local release name mode from to

	release=$(built_for "$LVS_KO")
	if [ "${KVER:-$release}" != "$release" ]; then
		die "$LVS_KO is built for $release, not for $KVER"
	fi
	while read -r mode from to; do
		[ -e "$from" ] || die "$from is not there: run make first"
	done < <(files)

	for name in $(modules); do
		put 644 "${LVS_KO%/*}/$name.ko" "/lib/modules/$release/updates/$name.ko"
		objcopy --strip-debug "$DESTDIR/lib/modules/$release/updates/$name.ko"
	done
	while read -r mode from to; do
		put "$mode" "$from" "$to"
	done < <(files)
	if [ -n "${IPVSADM:-}" ]; then
		for name in "${names[@]}"; do
			ln -sf lvsadm "$DESTDIR$sbin/$name"
		done
	fi
	update_modules "$release"
}

# Only what is ours: an ipvsadm that is not our link stays.
uninstall_all()
{
	local release=${KVER:-} name from to

	if [ -z "$release" ] && [ -r "$LVS_KO" ]; then
		release=$(built_for "$LVS_KO")
	fi
	release=${release:-$(uname -r)}
	for name in "${names[@]}"; do
		if [ "$(readlink "$DESTDIR$sbin/$name")" = lvsadm ]; then
			rm "$DESTDIR$sbin/$name"
		fi
	done
	while read -r _ from to; do
		rm -f "$DESTDIR$to"
	done < <(files)
	for name in lvs xt_lvs lvs_ct lvs_ftp; do
		rm -f "$DESTDIR/lib/modules/$release/updates/$name.ko"
	done
	update_modules "$release"
}

install_dkms()
{
	local source=/usr/src/lvs-$version

	mkdir -p "$DESTDIR$source"
	cp "$tree/Kbuild" "$tree/LICENSE" "$DESTDIR$source/"
	(cd "$tree" && find kmod -name '*.[ch]' -o -name Kbuild) | while read -r file; do
		install -D -m 644 "$tree/$file" "$DESTDIR$source/$file"
	done
	put 644 "$here/dkms.conf" "$source/dkms.conf"
	echo "Now run: dkms install lvs/$version"
}

case ${1:-install} in
install) install_all ;;
uninstall) uninstall_all ;;
dkms) install_dkms ;;
*) die "usage: install.sh [install|uninstall|dkms]" ;;
esac
