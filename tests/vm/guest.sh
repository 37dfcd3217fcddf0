# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The guest: QEMU or User-mode Linux, and what it boots. To be sourced after kernel.sh.

# guest_tools - print the folder with QEMU and busybox: trixie's, because the
# QEMU of bookworm (7.2) has bugs that look like ours
guest_tools()
{
	case $arch in
	arm*)	set -- qemu-system-arm;;
	*)	set -- qemu-system-x86;;
	esac
	apt_same apt_tree trixie,trixie-security busybox-static "$@"
}

# qemu ARG... - run it from that folder ($qemu_tree), with its own libraries
qemu()
{
	local lib=$qemu_tree/usr/lib/x86_64-linux-gnu machine=x86_64

	[[ $arch != arm* ]] || machine=aarch64
	QEMU_MODULE_DIR=$lib/qemu "$lib/ld-linux-x86-64.so.2" \
		--library-path "$lib" "$qemu_tree/usr/bin/qemu-system-$machine" \
		-L "$qemu_tree/usr/share/qemu" -L "$qemu_tree/usr/share/seabios" \
		"$@"
}

# uml ARG... - run User-mode Linux ($kernel/linux), which has one CPU. It stays
# on one of the machine's ($UML_CPU, else any): its system calls are switches
# between processes, four times slower across CPUs. Its memory is a file in
# huge pages, as a machine's kernel maps its own.
# glibc must not register for restartable sequences: the guest's processes would
# inherit that, without the memory that it needs, and die.
uml()
{
	local cpu=${UML_CPU:-$(($$ % $(nproc)))}
	local private=(unshare --mount)

	[ "$(id -u)" = 0 ] || private+=(--map-root-user)
	mkdir -p "$work/ram"
	ulimit -c 0
	# shellcheck disable=SC2016
	exec "${private[@]}" sh -ec '
		ram=$1 cpu=$2
		shift 2
		mount -t tmpfs -o huge=always,size=100% ram "$ram"
		export TMPDIR=$ram GLIBC_TUNABLES=glibc.pthread.rseq=0
		exec taskset -c "$cpu" "$@"
	' sh "$work/ram" "$cpu" "$kernel/linux" uml_dir="$work/" "$@"
}

# pack DIR - print the folder as a cpio archive, all of it root's
pack()
{
	(cd "$1" && find . -mindepth 1 -print0 | LC_ALL=C sort -z |
		cpio --quiet -0 -o -H newc -R 0:0)
}

# recipe - a digest of how the guests are made
recipe()
{
	cat "$vm_dir/guest.sh" "$vm_dir"/guest/timeout | md5sum | cut -c 1-8
}

# guest_busybox - print the archive with the small guest's files
guest_busybox()
{
	local tree entry

	tree=$(apt_for "$deb" apt_tree trixie busybox-static)
	entry=guest/busybox-${tree##*-}-$(recipe)
	once "$entry" guest_busybox_make "$tree"
	printf '%s\n' "$cache/$entry/cpio"
}

guest_busybox_make()
{
	local tree=$1 root=$2/root link

	mkdir -p "$root"/{bin,dev,etc,lib,proc,root,run,sbin,sys,tmp,usr/bin,usr/local/bin,usr/sbin,var}
	cp "$tree/usr/bin/busybox" "$root/bin/"
	# The one that runs here says what it is called, for all machines.
	"$qemu_tree/usr/bin/busybox" --list-full | while read -r link; do
		[ -e "$root/$link" ] || ln -s /bin/busybox "$root/$link"
	done
	cp "$vm_dir/guest/timeout" "$root/usr/local/bin/"
	rm "$root/usr/bin/timeout"
	ln -s ../local/bin/timeout "$root/usr/bin/timeout"
	printf '%s\n' root:x:0:0:root:/root:/bin/sh \
		nobody:x:65534:65534:nobody:/:/bin/sh >"$root/etc/passwd"
	printf '%s\n' root:x:0: nogroup:x:65534: >"$root/etc/group"
	printf '127.0.0.1 localhost netstate\n::1 localhost\n' >"$root/etc/hosts"
	pack "$root" >"$2/cpio"
	rm -r "$root"
}

# guest_debian - print the archive with the Debian guest's files
guest_debian()
{
	local tree entry

	tree=$(apt_for "$deb" apt_same apt_tree trixie,trixie-security base-files base-passwd bash \
		coreutils curl dash diffutils dnsmasq-base findutils gawk \
		grep hostname iproute2 iputils-ping kmod less libc-bin lsof \
		mawk mount ncurses-base net-tools netcat-openbsd nginx \
		openssh-client openssh-server passwd procps python3-minimal python3-psutil sed \
		tmux util-linux)
	entry=guest/debian-${tree##*-}-$(recipe)
	once "$entry" guest_debian_make "$tree"
	printf '%s\n' "$cache/$entry/cpio"
}

guest_debian_make()
{
	local tree=$1 root=$2/root name

	cp -a "$tree" "$root"
	# What nobody reads there
	rm -rf "$root"/usr/share/{doc,doc-base,man,info,locale,zoneinfo,perl,lintian,bug,bash-completion,i18n} \
		"$root"/usr/lib/*-linux-gnu/{gconv,perl} "$root"/var/{cache,lib/apt}
	find "$root" -name __pycache__ -prune -exec rm -r {} +
	mkdir -p "$root"/{dev,proc,root,run,sys,tmp,var/tmp}
	# What postinst scripts would have made
	for name in passwd group; do
		cp "$root/usr/share/base-passwd/$name.master" "$root/etc/$name"
	done
	[ -e "$root/usr/bin/nc" ] || ln -s nc.openbsd "$root/usr/bin/nc"
	[ ! -e "$root/usr/bin/gawk" ] || ln -sf gawk "$root/usr/bin/awk"
	for name in auth account session password; do
		echo "$name required pam_permit.so" >"$root/etc/pam.d/common-$name"
	done
	printf '127.0.0.1 localhost netstate\n::1 localhost\n' >"$root/etc/hosts"
	echo netstate >"$root/etc/hostname"
	pack "$root" >"$2/cpio"
	rm -r "$root"
}

# guest_leave - print the program that ends the guest, where there is one
guest_leave()
{
	local entry

	entry=guest/leave-$(md5sum <"$vm_dir/guest/leave.c" | cut -c 1-12)
	once "$entry" guest_leave_make
	printf '%s\n' "$cache/$entry/leave"
}

guest_leave_make()
{
	need gcc
	gcc -static -O -s -o "$1/leave" "$vm_dir/guest/leave.c"
}

# guest_modules DIR NAME... - put modules of the kernel, and what they depend
# on, under DIR, so that modprobe finds them. A name that is no module of this
# kernel is left out: it may be built in.
guest_modules()
{
	local from=$kernel/root/lib/modules/$abi to=$1/lib/modules/$abi
	local name file

	shift
	mkdir -p "$to"
	for name; do
		name=${name//[-_]/[-_]}
		awk -v name="/$name\\\\.ko" '{
			path = $1
			sub(/:$/, "", path)
			if (("/" path) ~ name)
				for (i = 1; i <= NF; i++) {
					sub(/:$/, "", $i)
					print $i
				}
		}' "$from/modules.dep"
	done | sort -u | while read -r file; do
		mkdir -p "$to/${file%/*}"
		case $file in
		*.xz)	xz -dc "$from/$file" >"$to/${file%.xz}";;
		*.zst)	zstd -qdc "$from/$file" >"$to/${file%.zst}";;
		*)	cp "$from/$file" "$to/$file";;
		esac
	done
	for name in modules.builtin modules.builtin.modinfo modules.order; do
		[ ! -e "$from/$name" ] || cp "$from/$name" "$to/"
	done
	PATH=$PATH:/sbin:/usr/sbin depmod -b "${to%/lib/modules/*}" "$abi" 2>/dev/null
}
