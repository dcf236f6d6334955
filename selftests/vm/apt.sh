# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Packages of another suite or architecture, unpacked without being installed: an apt of
# our own, neither whose sources nor whose lists are this machine's.  To be sourced.

# debian_mirror: the archive that this machine uses
debian_mirror()
{
	local mirror

	mirror=$(apt-get indextargets --format "\$(REPO_URI) \$(ORIGIN) \$(LABEL)" \
		'Created-By: Packages' | sed -n 's/ Debian Debian$//p' | head -n 1)
	[ -n "$mirror" ] || die "this machine's sources of packages name no Debian archive"
	echo "$mirror"
}

# apt_open FOLDER SUITE [ARCHITECTURE]: unpack packages in FOLDER from now on; of
# ARCHITECTURE, unless a name says otherwise.
apt_open()
{
	local mirror arch=${3:-amd64}

	APT_OUT=$1
	APT_LOG=$1/log
	mirror=$(debian_mirror) || exit 1
	mkdir -p "$1/apt/lists/partial" "$1/apt/archives/partial"
	: > "$1/apt/status"
	printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' \
		"$mirror" "$2" > "$1/apt/sources.list"
	APT_OPTIONS=(-q -o "Dir::Etc::sourcelist=$1/apt/sources.list"
		-o Dir::Etc::sourceparts=/dev/null
		-o "Dir::State::lists=$1/apt/lists" -o "Dir::Cache=$1/apt"
		-o "Dir::State::status=$1/apt/status" -o APT::Sandbox::User=root
		-o "APT::Architecture=$arch"
		-o APT::Architectures::="$arch" -o APT::Architectures::=amd64
		-o Acquire::Languages=none -o Acquire::Check-Valid-Until=false)
	apt-get "${APT_OPTIONS[@]}" update >"$APT_LOG" 2>&1 ||
		{ tail "$APT_LOG" >&2; die "no list of $2"; }
}

# apt_depends PACKAGE PATTERN: the packages of this name that it depends on
apt_depends()
{
	apt-cache "${APT_OPTIONS[@]}" show "$1" | sed -n 's/^Depends: //p' | tr ',|' '[\n*]' |
		sed 's/^ *//; s/ .*//' | grep -E "$2"
}

# apt_unpack PACKAGE...
apt_unpack()
{
	local package

	(cd "$APT_OUT/apt/archives" && apt-get "${APT_OPTIONS[@]}" download "$@") >>"$APT_LOG" 2>&1 ||
		{ tail "$APT_LOG" >&2; die "cannot download $*"; }
	for package in "$APT_OUT"/apt/archives/*.deb; do
		dpkg-deb -x "$package" "$APT_OUT"
	done
	rm -f "$APT_OUT"/apt/archives/*.deb
}

apt_close()
{
	rm -rf "$APT_OUT/apt"
}
