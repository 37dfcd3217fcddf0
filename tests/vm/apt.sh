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

apt_own=$cache/apt${NETSTATE_APT:+/$NETSTATE_APT}
apt=$apt_own
apt_arch=amd64
apt_known=bullseye,bookworm,trixie,sid,experimental
apt_known+=,bookworm-backports,trixie-backports
apt_known+=,bullseye-security,bookworm-security,trixie-security
apt_known_own=$apt_known

# The releases, newest first. What one lists and does not have is asked of the next.
apt_releases='experimental sid trixie bookworm bullseye'
apt_this_release=

# The exit code, in here, of what did not get what it asked a mirror for.
unfetched=75

# What apt says then. That nobody answers is not among it.
apt_moving='  404  |File not found|Hash Sum mismatch|unexpected size|unmet dependencies'
apt_moving+='|Unable to locate package|no installation candidate|find a source'

# apt_for ARCH CMD... - run CMD, which asks for packages of that architecture
apt_for()
{
	local apt=$apt_own apt_arch=$1 apt_known=$apt_known_own

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
		apt_known=bookworm,trixie
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
	LC_ALL=C "$cmd" -c "$apt/apt.conf" -o Dir::Etc::sourcelist="$list" \
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
	if apt_lists; then
		rm -rf "$apt/resolved"
	elif [ -e "$apt/updated" ]; then
		note "no fresh package lists; going on with the old ones"
		# try again in an hour
		touch -d '-23 hours' "$apt/updated"
	else
		die "can't get the package lists"
	fi
}

# apt_lists - get the lists. While the mirror moves they may not fit each other
# at first.
apt_lists()
{
	local try status

	apt_root
	rm -f "$apt"/*.list
	for try in 1 2 3; do
		note "refreshing the package lists"
		status=0
		fetching apt_run all apt-get -qq update || status=$?
		[ "$status" != 0 ] || touch "$apt/updated"
		[ "$status" = "$unfetched" ] && [ "$try" -lt 3 ] || return "$status"
	done
}

# apt_refresh - get the lists anew, whatever their age. What has been resolved
# stays for the day: the steps of a test run go on with the same packages. That
# fails without the network, and then nothing is absent for sure.
apt_refresh()
{
	# What one architecture's packages need may be of this machine's own.
	[ "$apt" = "$apt_own" ] || apt_for amd64 apt_refresh
	locked apt_lists || die "can't get fresh package lists"
}

# fetching CMD... - run CMD, which asks the mirror; exit code $unfetched if that
# lists what it does not have, or does not know what is asked for
fetching()
{
	local said status=0

	said=$(mktemp)
	strictly "$@" >&2 2>"$said" || status=$?
	cat "$said" >&2
	if [ "$status" != 0 ] && grep -qE "$apt_moving" "$said"; then
		status=$unfetched
		sed -nE 's/%2b/+/g; s/%3a/:/g
			s|^E: Failed to fetch [^ ]*/([^/ ]*\.deb) .*|\1|p; t
			s/^E: (Unable to locate .*|.*no installation.*|.*find a source.*)/\1/p' \
			"$said" >>"${apt_missing:-/dev/null}"
	fi
	rm "$said"
	return "$status"
}

# apt_before SUITES - print what to ask when these do not have what they list:
# the release without its updates, then the release before; or nothing
apt_before()
{
	local release=${1%%,*} suite before=''

	if [ "$release" != "$1" ]; then
		echo "$release"
		return
	fi
	[ -z "$apt_this_release" ] || return 0
	# shellcheck disable=SC2086
	release=$(printf '%s\n' $apt_releases | grep -Fx -A 1 -- "$release" | sed -n 2p)
	for suite in ${release:+"$release" "$release-security"}; do
		[[ ,$apt_known, != *,$suite,* ]] || before+=,$suite
	done
	echo "${before#,}"
}

# apt_same CMD... - run CMD, for which no other release will do
apt_same()
{
	local apt_this_release=1

	"$@"
}

# apt_have SUITES CMD ARG... - run CMD SUITES ARG..., a function that resolves and
# fetches, and print what it prints. A mirror that moves lists what it does not
# have: then that is tried with fresh lists, twice at most, and with the suites
# before. The suites that had it serve for the day. If none has it, that is
# said by name, and the exit code is $absent; for an hour nobody asks again.
apt_have()
{
	local first=$1 suites=$1 cmd=$2 status tries=0 apt_again='' apt_missing memo

	shift 2
	apt_update || exit
	memo=$apt/resolved/had-$(printf '%s ' "$first" "$cmd" "$apt_this_release" "$@" |
		md5sum | cut -c 1-8)
	[ ! -s "$memo" ] || read -r suites <"$memo"
	if [ "$suites" = none ]; then
		[ -z "$(find "$memo" -mmin -60)" ] || apt_absent "$first" "$memo"
		suites=$first
	fi
	apt_missing=$(mktemp)
	while :; do
		status=0
		strictly "$cmd" "$suites" "$@" || status=$?
		[ "$status" = "$unfetched" ] || break
		apt_again=1
		if [ "$tries" -lt 2 ]; then
			tries=$((tries + 1))
			apt_refresh
			continue
		fi
		suites=$(apt_before "$suites")
		[ -n "$suites" ] || break
		note "$first does not have what it lists; asking $suites"
	done
	mkdir -p "$apt/resolved"
	if [ "$status" = "$unfetched" ]; then
		{
			echo none
			sort -u "$apt_missing"
		} >"$memo"
		rm "$apt_missing"
		apt_absent "$first" "$memo"
	fi
	rm "$apt_missing"
	[ "$status" = 0 ] || exit "$status"
	[ "$suites" = "$first" ] || printf '%s\n' "$suites" >"$memo"
}

# apt_absent SUITES MEMO - say what is missing, as a result that is skipped
apt_absent()
{
	printf 'ok 1 - %s of %s for %s # SKIP the mirror does not have it at the moment\n' \
		"$(sed 1d "$2" | paste -sd ' ')" "$1" "$apt_arch" >&2
	exit "$absent"
}

# resolved NAME CMD... - print what CMD printed when it ran last, if that was
# over the package lists of now; else run it
resolved()
{
	apt_update
	[ -z "${apt_again:-}" ] || locked rm -f "$apt/resolved/$1"
	# Another run may take it away in between.
	{ [ -s "$apt/resolved/$1" ] && cat "$apt/resolved/$1" 2>/dev/null; } || locked resolve "$@"
}

resolve()
{
	local file=$apt/resolved/$1

	shift
	if [ ! -s "$file" ]; then
		mkdir -p "$apt/resolved"
		strictly "$@" >"$file.new" || return
		mv "$file.new" "$file"
	fi
	cat "$file"
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

# apt_download SUITES DIR PACKAGE... - these .deb files
apt_download()
(
	cd "$2"
	fetching apt_run "$1" apt-get -qq download "${@:3}"
)

# apt_fetch SUITES DIR PACKAGE... - unpack these packages, and no others
apt_fetch()
{
	local suites=$1 dir=$2 debs=$2/.debs

	shift 2
	mkdir -p "$debs"
	apt_download "$suites" "$debs" "$@"
	apt_unpack "$dir" "$debs"/*.deb
	rm -r "$debs"
}

# apt_package SUITES PACKAGE - print a folder of the cache that holds this package
# alone
apt_package()
{
	apt_have "$1" apt_package_from "$2"
}

apt_package_from()
{
	local version

	version=$(resolved "$2-$1" apt_version "$1" "$2")
	[ -n "$version" ] || return "$unfetched"
	once "$2/$version" apt_package_make "$1" "$2"
	printf '%s\n' "$cache/$2/$version"
}

apt_package_make()
{
	apt_fetch "$1" "$3" "$2"
}

# apt_tree SUITES PACKAGE... - print a folder of the cache that holds these
# packages with all that they depend on, unpacked and not configured: good to
# run compilers and tools in, fast, and no package's scripts run as root. The
# name holds the versions' digest, so that an update makes a new folder.
apt_tree()
{
	apt_have "$1" apt_tree_from "${@:2}"
}

apt_tree_from()
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
	local suites=$1 uris

	shift
	uris=$(mktemp)
	fetching apt_uris "$uris" "$suites" "$@"
	awk '/^.[a-z]+:/ { print $2, $4 }' "$uris" | sort | md5sum | cut -c 1-12
	rm "$uris"
}

# apt_uris FILE SUITES PACKAGE... - what apt would get, into FILE
apt_uris()
{
	apt_run "$2" apt-get install -qq --print-uris "${@:3}" >"$1"
}

apt_tree_make()
{
	local suites=$1 dir=${*: -1} debs

	set -- "${@:2:$#-2}"
	debs=$dir/.debs
	mkdir -p "$debs/partial"
	fetching apt_run "$suites" apt-get install -qq --download-only \
		-o Dir::Cache::archives="$debs" "$@"
	apt_unpack "$dir" "$debs"/*.deb
	rm -r "$debs"
	# What postinst scripts would have made
	mkdir -p "$dir"/{dev,proc,srv,sys,tmp}
	[ -e "$dir/usr/bin/sh" ] || ln -s dash "$dir/usr/bin/sh"
	[ ! -e "$dir/usr/bin/mawk" ] || ln -sf mawk "$dir/usr/bin/awk"
}
