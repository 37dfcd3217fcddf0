# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Debian's kernels, unpacked in the cache. To be sourced after apt.sh.

. "$vm_dir/source.sh"

# kernel_resolve - print "version abi package..." for suites and flavour
kernel_resolve()
{
	local meta=linux-image-$flavour
	local version abi headers common kbuild name packages

	version=$(apt_version "$suites" "$meta")
	[ -n "$version" ] || { note "no $meta in $suites"; return "$unfetched"; }
	abi=$(apt_depends "$suites" "$meta" "linux-image-[0-9].*-$flavour")
	abi=${abi#linux-image-}
	headers=linux-headers-$abi
	common=$(apt_depends "$suites" "$headers" 'linux-headers-.*-common(-rt)?')
	kbuild=$(apt_depends "$suites" "$headers" 'linux-kbuild-.*')
	packages="linux-image-$abi $headers $common $kbuild"
	# From 7.2 on the image is in parts.
	for name in linux-base-$abi linux-binary-$abi linux-modules-$abi; do
		[ -z "$(apt_version "$suites" "$name")" ] || packages+=" $name"
	done
	printf '%s %s %s\n' "$version" "$abi" "$packages"
}

# kernel_get SERIES - have the newest kernel of the series in the cache; set
# kernel (its folder: root/ as a Debian system has it, vmlinuz) and abi, and
# what read_series sets
kernel_get()
{
	local found get=kernel_from

	read_series "$1"
	case $flavour in
	linux-source-*)	get=source_from;;
	esac
	# Another release has another series.
	found=$(apt_for "$deb" apt_same apt_have "$suites" "$get" "$1")
	read -r abi kernel <<<"$found"
}

# kernel_from SUITES SERIES - print its abi and its folder
kernel_from()
{
	local suites=$1 found version abi packages

	found=$(resolved "linux-$2-$1" kernel_resolve)
	read -r version abi packages <<<"$found"
	# shellcheck disable=SC2086
	once "kernels/$2-$version" kernel_make $packages
	printf '%s %s\n' "$abi" "$cache/kernels/$2-$version"
}

kernel_make()
{
	local dir=${*: -1} package target=() host=()

	need depmod
	# linux-kbuild holds programs, which run here.
	for package in "${@:1:$#-1}"; do
		case $package in
		linux-kbuild-*)	host+=("$package");;
		*)		target+=("$package");;
		esac
	done
	apt_for "$deb" apt_fetch "$suites" "$dir/root" "${target[@]}"
	apt_for amd64 apt_fetch "$suites" "$dir/root" "${host[@]}"
	mv "$dir"/root/boot/vmlinuz-* "$dir/vmlinuz" 2>/dev/null ||
		mv "$dir/root/usr/lib/modules/$abi/vmlinuz" "$dir/vmlinuz"
	rm -rf "$dir/root/boot" "$dir/root/usr/share"
	PATH=$PATH:/sbin:/usr/sbin depmod -b "$dir/root" "$abi"
}

# toolchain [PACKAGE...] - print the folder with the compiler for what
# kernel_get found, and these packages
toolchain()
{
	local from=$tools,$tools-security more

	case $tools in
	bullseye | bookworm)
		more=libelf1
		# Headers of newer kernels: as below.
		[[ $suites != *-backports ]] || more+=' pahole'
		;;
	trixie)
		# From here on the headers bring the kernel's BTF, and the
		# build wants to make the module's.
		more='libelf1t64 pahole'
		;;
	*)
		from=$tools
		more='libelf1t64 pahole'
		;;
	esac
	[ "$deb" = amd64 ] || more+=" gcc-$(triplet "$deb")"
	# perl is for kernel-doc, which W=1 runs; sparse for C=2.
	# shellcheck disable=SC2086
	apt_same apt_tree "$from" base-files bash bc coreutils dash diffutils findutils \
		gcc grep libc6-dev make mawk perl sed sparse $more "$@"
}

# linux_source - print a folder with the parts of the kernel's source that the
# scripts here use: checkpatch, kernel-doc, kselftest; what tests/kernels looks at
linux_source()
{
	apt_same apt_have trixie,trixie-security linux_source_from
}

linux_source_from()
{
	local version

	version=$(resolved "linux-source-$1" apt_version "$1" linux-source-6.12)
	[ -n "$version" ] || return "$unfetched"
	once "linux-source/$version-2" linux_source_make "$1"
	printf '%s\n' "$cache/linux-source/$version-2"
}

linux_source_make()
{
	apt_download "$1" "$2" linux-source-6.12
	dpkg-deb --fsys-tarfile "$2"/*.deb | tar -xO --wildcards '*.tar.xz' |
		xz -T0 -dc | tar -x -C "$2" --strip-components=1 --no-same-owner --wildcards \
		'*/.clang-format' \
		'*/scripts/checkpatch.pl' \
		'*/scripts/const_structs.checkpatch' \
		'*/scripts/kernel-doc' \
		'*/scripts/spelling.txt' \
		'linux-source-6.12/Makefile' \
		'linux-source-6.12/include/linux/*' \
		'linux-source-6.12/include/net/*' \
		'linux-source-6.12/net/ipv4/*.c' \
		'linux-source-*/tools/testing/selftests/kselftest*' \
		'linux-source-*/tools/testing/selftests/lib.mk' \
		'linux-source-*/tools/testing/selftests/run_kselftest.sh'
	rm "$2"/*.deb
}

# cross_trees ARCH - print the folder with the compiler for that machine, and the
# one with the libraries of that machine, both of the same release
cross_trees()
{
	apt_for "$1" apt_have trixie cross_trees_from "$1"
}

cross_trees_from()
{
	local suite=${1%%,*} tree sysroot

	tree=$(apt_for amd64 apt_tree_from "$suite,$suite-security" base-files bash coreutils \
		dash findutils "gcc-$(triplet "$2")" grep make mawk sed)
	sysroot=$(apt_tree_from "$suite" libc6-dev libcmocka-dev)
	printf '%s %s\n' "$tree" "$sysroot"
}
