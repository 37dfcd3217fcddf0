# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Debian packages of any suite, without a change to the machine's own apt: a
# private apt root in the cache. apt verifies the signatures of what it gets.
# To be sourced after lib.sh.
#
# A "suites" argument is a list such as trixie,trixie-security.
#
# Packages of another architecture come from a root of their own, in which that
# one is native: no package of the one can depend on the other's. NETSTATE_APT
# names another root for amd64, with lists of its own age.

apt=$cache/apt${NETSTATE_APT:+/$NETSTATE_APT}
apt_arch=amd64
apt_known=bullseye,bookworm,trixie,sid,experimental
apt_known+=,bookworm-backports,trixie-backports
apt_known+=,bullseye-security,bookworm-security,trixie-security

# apt_for ARCH CMD... - run CMD, which asks for packages of that architecture
apt_for()
{
	local apt=$apt apt_arch=$1 apt_known=$apt_known

	shift
	case $apt_arch in
	amd64)
		;;
	arm64)
		apt=$cache/apt/$apt_arch
		apt_known=bookworm,trixie,sid,experimental
		apt_known+=,bookworm-security,trixie-security
		;;
	*)
		apt=$cache/apt/$apt_arch
		apt_known=trixie
		;;
	esac
	"$@"
}

# The mirrors are the machine's own.
apt_mirror()
{
	local uri

	uri=$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' |
		sed -n "s/^Debian|$1|//p" | sort -u | head -n 1)
	[ -n "$uri" ] || die "this machine's apt knows no $1 mirror; run apt-get update"
	printf '%s\n' "$uri"
}

apt_sources()
{
	local suite uri main security options

	main=$(apt_mirror Debian)
	security=$(apt_mirror Debian-Security)
	options='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
	for suite; do
		case $suite in
		*-security)	uri=$security;;
		*)		uri=$main;;
		esac
		printf 'deb %s %s %s main\n' "$options" "$uri" "$suite"
	done
}

# apt_run SUITES CMD... - run apt-get or apt-cache over these suites, or all
apt_run()
{
	local suites=$1 cmd=$2
	local list=$apt/$1.list

	shift 2
	[ "$suites" != all ] || suites=$apt_known
	# shellcheck disable=SC2086
	[ -e "$list" ] || apt_sources ${suites//,/ } >"$list"
	"$cmd" -c "$apt/apt.conf" -o Dir::Etc::sourcelist="$list" \
		-o Dir::Cache::pkgcache="$(basename "$list" .list).bin" "$@"
}

apt_root()
{
	mkdir -p "$apt"/lists/partial "$apt"/archives/partial "$apt/none"
	: >"$apt/status"
	cat >"$apt/apt.conf" <<-END
		#clear APT::Update;
		#clear DPkg::Post-Invoke;
		#clear DPkg::Pre-Install-Pkgs;
		Dir::State "$apt";
		Dir::State::status "$apt/status";
		Dir::Cache "$apt";
		Dir::Cache::srcpkgcache "";
		Dir::Etc::sourceparts "$apt/none";
		Dir::Etc::preferences "$apt/none/none";
		Dir::Etc::preferencesparts "$apt/none";
		APT::Architecture "$apt_arch";
		APT::Architectures { "$apt_arch"; };
		APT::Get::List-Cleanup "false";
		APT::Sandbox::User "root";
		APT::Update::Error-Mode "any";
		APT::Install-Recommends "false";
		Acquire::Check-Valid-Until "false";
		Acquire::Languages "none";
		Acquire::Retries "2";
	END
}

# Bring the lists up to date, once a day. What was resolved from older lists
# is forgotten. Without the network the old lists serve on.
apt_update()
{
	[ -z "$(find "$apt/updated" -mmin -1440 2>/dev/null)" ] || return 0
	locked apt_update_locked
}

apt_update_locked()
{
	[ -z "$(find "$apt/updated" -mmin -1440 2>/dev/null)" ] || return 0
	apt_root
	rm -f "$apt"/*.list
	note "refreshing the package lists"
	if apt_run all apt-get -qq update >&2; then
		touch "$apt/updated"
		rm -rf "$apt/resolved"
	elif [ -e "$apt/updated" ]; then
		note "no fresh package lists; going on with the old ones"
		# try again in an hour
		touch -d '-23 hours' "$apt/updated"
	else
		die "can't get the package lists"
	fi
}

# resolved NAME CMD... - print what CMD printed when it ran last, if that was
# over the package lists of now; else run it
resolved()
{
	apt_update
	[ -s "$apt/resolved/$1" ] || locked resolve "$@"
	cat "$apt/resolved/$1"
}

resolve()
{
	local file=$apt/resolved/$1

	shift
	[ ! -s "$file" ] || return 0
	mkdir -p "$apt/resolved"
	"$@" >"$file.new"
	mv "$file.new" "$file"
}

# apt_version SUITES PACKAGE - its newest version, or nothing
apt_version()
{
	apt_run "$1" apt-cache --no-all-versions show "$2" 2>/dev/null |
		sed -n 's/^Version: //p' | head -n 1
}

# apt_depends SUITES PACKAGE PATTERN - the direct dependency that matches
apt_depends()
{
	apt_run "$1" apt-cache --no-all-versions show "$2" 2>/dev/null |
		sed -n 's/^Depends: //p' | head -n 1 | tr ',|' '\n\n' |
		sed 's/ *\([^ ]*\).*/\1/' | grep -Ex "$3" | head -n 1
}

# apt_unpack DIR DEB... - as dpkg -x, but over a merged /usr
apt_unpack()
{
	local dir=$1 deb link

	shift
	for link in bin lib lib64 sbin; do
		mkdir -p "$dir/usr/$link"
		[ -e "$dir/$link" ] || ln -s "usr/$link" "$dir/$link"
	done
	for deb; do
		dpkg-deb --fsys-tarfile "$deb" |
			tar -x -C "$dir" -p --keep-directory-symlink --no-same-owner
	done
}

# apt_fetch SUITES DIR PACKAGE... - unpack these packages, and no others
apt_fetch()
{
	local suites=$1 dir=$2 debs=$2/.debs

	shift 2
	mkdir -p "$debs"
	(cd "$debs" && apt_run "$suites" apt-get -qq download "$@" >&2)
	apt_unpack "$dir" "$debs"/*.deb
	rm -r "$debs"
}

# apt_tree SUITES PACKAGE... - print a folder of the cache that holds these
# packages with all that they depend on, unpacked and not configured: good to
# run compilers and tools in, fast, and no package's scripts run as root. The
# name holds the versions' digest, so that an update makes a new folder.
apt_tree()
{
	local suites=$1 name key

	shift
	name=$(printf '%s ' "$suites" "$@" | md5sum | cut -c 1-8)
	key=$(resolved "tree-$name" apt_tree_key "$suites" "$@")
	once "trees/${suites%%,*}-$key" apt_tree_make "$suites" "$@"
	printf '%s\n' "$cache/trees/${suites%%,*}-$key"
}

apt_tree_key()
{
	local suites=$1

	shift
	apt_run "$suites" apt-get install -qq --print-uris "$@" |
		awk '/^.[a-z]+:/ { print $2, $4 }' | sort | md5sum | cut -c 1-12
}

apt_tree_make()
{
	local suites=$1 dir=${*: -1} debs

	set -- "${@:2:$#-2}"
	debs=$dir/.debs
	mkdir -p "$debs/partial"
	apt_run "$suites" apt-get install -qq --download-only \
		-o Dir::Cache::archives="$debs" "$@" >&2
	apt_unpack "$dir" "$debs"/*.deb
	rm -r "$debs"
	# What postinst scripts would have made
	mkdir -p "$dir"/{dev,proc,srv,sys,tmp}
	[ -e "$dir/usr/bin/sh" ] || ln -s dash "$dir/usr/bin/sh"
	[ ! -e "$dir/usr/bin/mawk" ] || ln -sf mawk "$dir/usr/bin/awk"
}
