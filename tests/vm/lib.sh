# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the scripts in this folder share: messages, the cache, its lock, and
# the table of kernels. To be sourced.

set -euo pipefail
shopt -s inherit_errexit

vm_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$vm_dir/../.." && pwd)
out=$repo/build/vm
cache=${NETSTATE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/netstate}

# The exit code of what cannot be tried, because a package that it needs is not
# to be had at the moment: a skip, and no failure. Who exits so has named it.
absent=77

note()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die()
{
	note "$*"
	exit 2
}

# usage - print the head comment of the script, and leave
usage()
{
	sed -n '/^# SPDX/d; 2,/^[^#]/ s/^# \{0,1\}//p' "$0" >&2
	exit 2
}

need()
{
	local tool

	for tool; do
		command -v "$tool" >/dev/null || PATH=$PATH:/sbin:/usr/sbin \
			command -v "$tool" >/dev/null ||
			die "$tool is missing; run tests/vm/setup"
	done
}

# strictly CMD... - run CMD, a function, in a subshell in which set -e holds.
# Bash ignores set -e in all that is called from an if, or from before || or &&,
# subshells included. A process substitution starts anew, unless it is in a
# command substitution that stands there, as in x=$(CMD) || ...: that is refused.
strictly()
{
	local status=0 ignored

	{
		: < <(
			set -e
			printf -v ignored '%s' "$(false; echo ignored)"
			[ -z "$ignored" ] || die "$1: set -e is ignored here"
			exec 1>&3 3>&-
			"$@"
		)
	} 3>&1
	wait $! || status=$?
	return "$status"
}

# discard FOLDER - remove it, unless something is mounted in it, which is not ours to
# empty: a mount of the same file system looks like a folder, to rm too
discard()
{
	local at mount

	at=$(realpath -m "$1")
	while read -r mount; do
		if [[ "$mount/" == "$at"/* ]]; then
			note "$1 stays: $mount is mounted"
			return
		fi
	done < <(findmnt -ln -o TARGET)
	rm -rf --one-file-system "$at"
}

# locked CMD... - run CMD while no other run changes the cache. CMD may call
# locked itself.
locked()
{
	local left

	if [ -n "${NETSTATE_LOCKED:-}" ]; then
		"$@"
		return
	fi
	mkdir -p "$cache"
	(
		if ! flock -n 9; then
			note "waiting for another run to fill the cache"
			flock 9
		fi
		export NETSTATE_LOCKED=1
		# Only the lock's holder makes these: they were left behind.
		for left in "$cache"/tmp.*; do
			discard "$left"
		done
		"$@" 9>&-
	) 9>"$cache/lock"
}

# once ENTRY CMD... - make the cache's folder ENTRY, unless it is there: CMD
# gets an empty folder as its last argument, which becomes ENTRY when CMD has
# succeeded, and only then. CMD is a function; set -e holds inside it.
once()
{
	touch -c "$cache/$1"
	[ -e "$cache/$1" ] || locked once_locked "$@"
}

once_locked()
{
	local entry=$1 tmp=$cache/tmp.$BASHPID old

	shift
	[ ! -e "$cache/$entry" ] || return 0
	note "making $entry"
	mkdir -p "$tmp" "$(dirname "$cache/$entry")"
	strictly "$@" "$tmp" || return
	touch "$tmp"
	mv -T "$tmp" "$cache/$entry"
	# What an update has replaced goes when nobody used it for two weeks.
	find "$cache"/*/ -maxdepth 1 -mindepth 1 -type d -mtime +14 -not -path "$cache/apt/*" -print0 |
		while IFS= read -r -d '' old; do
			discard "$old"
		done
}

# triplet ARCH - what GNU calls Debian's architecture
triplet()
{
	case $1 in
	arm64)	echo aarch64-linux-gnu;;
	armhf)	echo arm-linux-gnueabihf;;
	i386)	echo i686-linux-gnu;;
	s390x)	echo s390x-linux-gnu;;
	*)	die "no compiler for '$1'";;
	esac
}

# all_series - the names in the table of Debian's kernels
all_series()
{
	awk '!/^#/ && NF == 4 { print $1 }' "$vm_dir/kernels"
}

# read_series NAME - set suites, flavour (or source), tools and arch from the
# tables, and deb, Debian's name of arch
read_series()
{
	local name

	while read -r name suites flavour tools arch; do
		[ "$name" = "$1" ] || continue
		arch=${arch:-x86}
		case $arch in
		x86 | um)	deb=amd64;;
		arm)		deb=armhf;;
		*)		deb=$arch;;
		esac
		return
	done < <(cat "$vm_dir/kernels" "$vm_dir/debug-kernels" "$vm_dir/foreign-kernels")
	die "no kernel series '$1'; see the tables tests/vm/*kernels"
}
