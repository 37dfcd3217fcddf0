# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Kernels built here, from Debian's source and the configuration in config/.
# To be sourced after kernel.sh.

# source_resolve - print "version compiler"
source_resolve()
{
	local version compiler

	version=$(apt_version "$suites" "$flavour")
	[ -n "$version" ] || { note "no $flavour in $suites"; return "$unfetched"; }
	compiler=$(apt_depends "$tools" gcc 'gcc-[0-9]+')
	printf '%s %s\n' "$version" "$compiler-$(apt_version "$tools" "$compiler")"
}

# source_from SUITES SERIES - have the kernel in the cache; print its abi and its
# folder. What it is made of names it: a new source, compiler or configuration
# makes a new one, in 6 minutes on two cores.
source_from()
{
	local suites=$1 found version compiler entry kernel

	found=$(resolved "linux-$2-$1" source_resolve)
	read -r version compiler <<<"$found"
	entry=kernels/$2-$version-$({
		source_config "$2"
		printf '%s\n' "$compiler"
	} | md5sum | cut -c 1-8)
	kernel=$cache/$entry
	touch -c "$kernel"
	[ -e "$kernel" ] || source_locked "$2"
	printf '%s %s\n' "$(cat "$kernel/abi")" "$kernel"
}

# source_config SERIES - print its configuration: what a later file says of an option holds
source_config()
{
	awk 'FNR == NR { if (match($0, /CONFIG_[A-Z0-9_]+/)) last[substr($0, RSTART, RLENGTH)] = $0; next }
		!match($0, /CONFIG_[A-Z0-9_]+/) || !((option = substr($0, RSTART, RLENGTH)) in last) ||
			last[option] == $0' \
		"$vm_dir/config/$1" "$vm_dir/config/$arch" "$vm_dir/config/base" "$vm_dir/config/$1"
}

# The cache's own lock is not held while a kernel is built.
source_locked()
(
	flock 8
	[ ! -e "$kernel" ] || exit 0
	note "building $entry; this takes a while"
	dir=$cache/building/$1
	rm -rf "$dir"
	mkdir -p "$dir"
	trap 'rm -rf "$dir"' EXIT
	source_make "$1" "$dir"
	once "$entry" source_keep "$dir"
) 8>"$cache/building.lock"

source_keep()
{
	mv "$1/kernel"/* "$2/"
}

source_make()
{
	local lib

	need unshare depmod
	tree=$(toolchain bison flex gzip kmod libelf-dev tar)
	src=$2/src
	mkdir -p "$src" "$2/deb" "$2/kernel"
	locked apt_download "$suites" "$2/deb" "$flavour"
	dpkg-deb --fsys-tarfile "$2"/deb/*.deb | tar -xO --wildcards '*.tar.xz' |
		xz -T0 -dc | tar -x -C "$src" --strip-components=1 --no-same-owner
	rm -r "$2/deb"
	source_config "$1" >"$src/wanted"

	export arch tree src
	export -f source_inside source_um_headers source_check
	private=(unshare --mount)
	[ "$(id -u)" = 0 ] || private+=(--map-root-user)
	"${private[@]}" nice bash -euc source_inside </dev/null >&2

	cd "$2/kernel" || exit
	abi=$(cat "$src/include/config/kernel.release")
	printf '%s\n' "$abi" >abi
	cp "$src/.config" config
	case $arch in
	um)	mv "$src/linux" .;;
	*)	mv "$src/arch/x86/boot/bzImage" vmlinuz;;
	esac
	lib=root/usr/lib/modules/$abi
	mkdir -p "$lib"
	ln -s usr/lib root/lib
	mv "$src/devel" "$lib/build"
	cp "$src"/modules.{order,builtin,builtin.modinfo} "$lib/"
	PATH=$PATH:/sbin:/usr/sbin depmod -b root "$abi"
}

# In a mount namespace of its own, where the compiler's tree is the root and
# the source is at /srv
source_inside()
{
	mount --bind "$src" "$tree/srv"
	mount --rbind /dev "$tree/dev"
	mount --rbind /proc "$tree/proc"
	mount -t tmpfs tmp "$tree/tmp"
	make=(chroot "$tree" /usr/bin/env -i PATH=/usr/bin:/usr/sbin LC_ALL=C
		KBUILD_BUILD_USER=netstate KBUILD_BUILD_HOST=netstate
		make -s -C /srv -j"$(nproc)" ARCH="$arch")
	case $arch in
	um)	image=linux;;
	*)	image=bzImage;;
	esac

	"${make[@]}" KCONFIG_ALLCONFIG=wanted allnoconfig
	source_check
	"${make[@]}" "$image" modules
	# shellcheck disable=SC2016
	"${make[@]}" run-command \
		KBUILD_RUN_COMMAND='$(srctree)/scripts/package/install-extmod-build devel'
	cp "$src/.config" "$src/devel/"
	[ "$arch" != um ] || source_um_headers
}

# The script above forgets that this architecture stands on another's.
source_um_headers()
{
	(cd "$src" && find arch/x86/Makefile.um arch/x86/um arch/x86/include \
		\( -name '*.h' -o -name 'Makefile*' \) -print0 |
		tar -c --null -T - | tar -x -C devel)
}

# source_check - is everything in the result that was asked for?
source_check()
{
	local line missing=''

	while read -r line; do
		case $line in
		CONFIG_*)
			grep -qxF -- "$line" "$src/.config" || missing+=" $line"
			;;
		'# CONFIG_'*' is not set')
			line=${line#'# '}
			line=${line%% *}
			! grep -q "^$line=" "$src/.config" || missing+=" $line=n"
			;;
		esac
	done <"$src/wanted"
	[ -z "$missing" ] || {
		echo "the kernel's configuration came out without:$missing" >&2
		exit 2
	}
}
