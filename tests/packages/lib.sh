# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Debian systems to install into: made by mmdebstrap, kept in the cache, and
# used under an overlay that goes when the test ends. Each holds a repository
# of its own in /srv/repo, so that apt works there without a network.
# To be sourced after tests/vm/apt.sh.

packages_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# headers SUITES - print the newest cloud headers, the ones before them in the
# same series, and the newest RT headers
headers()
{
	local newest series rt

	newest=$(apt_depends "$1" linux-headers-cloud-amd64 'linux-headers-.*')
	rt=$(apt_depends "$1" linux-headers-rt-amd64 'linux-headers-.*')
	series=$(grep -o '^linux-headers-[0-9]*\.[0-9]*\.' <<<"$newest")
	apt_run "$1" apt-cache pkgnames "$series" | grep -- '-cloud-amd64$' |
		grep -vx "$newest" | sort -V | tail -n 1
	printf '%s\n%s\n' "$newest" "$rt"
}

# system_wants SUITE - what the repository of a system holds, beside what that
# depends on
system_wants()
{
	headers "$1,$1-security"
	echo ccache dkms kmod libncursesw6 man-db openssl
	[ "$1" = bullseye ] || echo autodep8 autopkgtest systemd-standalone-sysusers
}

# system_get SUITE - have it in the cache; set system to its directory
system_get()
{
	system=$(apt_same apt_have "$1" system_from)
}

system_from()
{
	local key recipe wants hooks

	recipe=$(declare -f system_wants | md5sum | cut -c 1-8)
	wants=$(resolved "system-$1-$recipe" system_wants "$1")
	hooks=$(md5sum <"$packages_dir/system" | cut -c 1-8)
	# shellcheck disable=SC2086
	key=$(resolved "system-$1-$recipe-key" apt_tree_key "$1,$1-security" $wants)
	once "systems/$1-$key-$hooks" system_make "$1" "$wants"
	printf '%s\n' "$cache/systems/$1-$key-$hooks"
}

# bootstrap ARGS... - mmdebstrap. What it mounts, /proc and /sys of this machine
# among it, is mounted for itself alone, and is gone when it ends, killed or not.
bootstrap()
{
	local private=()

	need mmdebstrap
	[ "$(id -u)" != 0 ] || private=(unshare --mount --pid --fork --kill-child --mount-proc)
	"${private[@]}" mmdebstrap --quiet "$@"
}

system_make()
{
	local suite=$1 wants=$2 dir=$3 word=

	for word in $wants; do
		case $word in
		linux-headers-*)	printf '%s\n' "${word#linux-headers-}";;
		esac
	done >"$dir/kernels"
	apt_sources "$suite" "$suite-security" >"$dir/sources"
	fetching bootstrap --mode=root --variant=apt \
			--aptopt='Acquire::Check-Valid-Until "false"' \
			--aptopt='Acquire::Languages "none"' \
			--customize-hook="cp '$packages_dir/system' \"\$1/srv/\"" \
			--customize-hook="chroot \"\$1\" /srv/system ${wants//$'\n'/ }" \
			"$suite" "$dir/root" "$dir/sources"
	rm "$dir/sources"
}

# compiled_make DIR - where what is compiled is kept; ccache fills it
compiled_make()
{
	:
}

# in_system SUITE CMD... - run it in a fresh copy of the system, with no
# network; $share is /srv/share there, read-only. What has been compiled is kept
# for the next that compiles the same: the same compiler with the same arguments
# in the same folder, and all that it reads is equal. Errors are not kept.
in_system()
{
	local status=0 work compiled=compiled/$1

	system_get "$1"
	once "$compiled" compiled_make
	compiled=$cache/$compiled
	shift
	work=$(mktemp -d)
	export system work share compiled
	unshare --mount --pid --fork --net --kill-child \
		bash -euc "$(declare -f inside_system); inside_system \"\$@\"" bash "$@" \
		</dev/null || status=$?
	rmdir "$work"
	return "$status"
}

inside_system()
{
	local root=$work/root

	mount -t tmpfs -o mode=755 tmp "$work"
	mkdir "$root" "$work/upper" "$work/work"
	mount -t overlay -o "lowerdir=$system/root,upperdir=$work/upper,workdir=$work/work" \
		netstate "$root"
	mkdir -p "$root/srv/share"
	mount --bind "$share" "$root/srv/share"
	mount -o remount,bind,ro "$root/srv/share"
	mkdir "$root/srv/compiled"
	mount --bind "$compiled" "$root/srv/compiled"
	mount -t proc proc "$root/proc"
	mount --rbind /dev "$root/dev"
	mount -t tmpfs tmp "$root/tmp"
	cp "$system/kernels" "$root/srv/kernels"
	exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
		DEBIAN_FRONTEND=noninteractive HOME=/root INITRD=No DEBIAN_KERNEL_USE_CCACHE=1 \
		CCACHE_DIR=/srv/compiled CCACHE_MAXSIZE=100M \
		CCACHE_SLOPPINESS=include_file_mtime,include_file_ctime \
		sh -ec 'apt-get -qq update; exec "$@"' sh "$@"
}

# builder_get - have a Debian 12 with the tools that build packages in the
# cache; set system to its directory. To be called once where set -e holds; later
# calls, from within a test, find what that has found.
builder=
builder_get()
{
	[ -n "$builder" ] || builder=$(apt_same apt_have bookworm builder_from)
	system=$builder
}

builder_from()
{
	local key recipe wants='debhelper dh-dkms dh-python dpkg-dev gcc libc6-dev libncurses-dev'

	wants+=' lintian make pkgconf rpm rpmlint'
	recipe=$(md5sum <<<"$wants" | cut -c 1-8)
	# shellcheck disable=SC2086
	key=$(resolved "builder-$recipe-key" apt_tree_key bookworm,bookworm-security $wants)
	# shellcheck disable=SC2086
	once "systems/builder-$key" builder_make $wants
	printf '%s\n' "$cache/systems/builder-$key"
}

# In a tar archive, nothing hangs on who owns what; so it need not be made by root.
builder_make()
{
	local dir=${*: -1} wants=${*:1:$#-1}

	mkdir "$dir/root"
	apt_sources bookworm bookworm-security >"$dir/sources"
	fetching bootstrap --variant=apt --include="${wants// /,}" --format=tar \
		--aptopt='Acquire::Check-Valid-Until "false"' \
		--aptopt='Acquire::Languages "none"' \
		--aptopt='APT::Install-Recommends "false"' \
		bookworm "$dir/tar" "$dir/sources"
	tar -x -C "$dir/root" --exclude='./dev/*' --no-same-owner <"$dir/tar"
	rm "$dir/tar" "$dir/sources"
}

# in_builder DIR CMD... - run it there, with DIR at /srv
in_builder()
{
	local status=0 work private=(unshare --mount --pid --fork --kill-child)

	[ "$(id -u)" = 0 ] || private+=(--map-root-user)
	builder_get
	srv=$1
	shift
	work=$(mktemp -d)
	export system work srv
	"${private[@]}" bash -euc "$(declare -f inside_builder); inside_builder \"\$@\"" bash "$@" \
		</dev/null || status=$?
	rmdir "$work"
	return "$status"
}

inside_builder()
{
	local root=$work/root

	mount -t tmpfs tmp "$work"
	mkdir "$root" "$work/upper" "$work/work"
	mount -t overlay -o "lowerdir=$system/root,upperdir=$work/upper,workdir=$work/work" \
		netstate "$root"
	mount --bind "$srv" "$root/srv"
	mount -t proc proc "$root/proc"
	mount --rbind /dev "$root/dev"
	mount -t tmpfs tmp "$root/tmp"
	exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin LC_ALL=C.UTF-8 HOME=/tmp \
		SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-}" sh -euc 'umask 022; exec "$@"' sh "$@"
}
