# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Results of the scripts that run inside a system. To be sourced.

set -euo pipefail
shopt -s inherit_errexit

# For the script that sources this: 1 if anything failed
# shellcheck disable=SC2034
bad=0

# try NAME CMD... - a test: CMD, a function that ends at its first failure. What
# it said is shown if it fails. $suite is the script's.
# shellcheck disable=SC2154
try()
{
	local name=$1 status=0

	shift
	set +e
	(
		set -ex
		"$@"
	) >/tmp/said 2>&1
	status=$?
	set -e
	if [ "$status" = 0 ]; then
		echo "ok - $suite: $name"
	else
		bad=1
		echo "not ok - $suite: $name"
		tail -n 25 /tmp/said | sed 's/^/# /'
	fi
}

# fails CMD... - its output, if it fails
fails()
{
	! "$@" 2>&1
}

# module KERNEL VERSION - the module is installed for this kernel, and built
# for it, in this version
module()
{
	local ko

	ko=$(modinfo -k "$1" -n netstate)
	[ "${ko#/lib/modules/"$1"/updates/dkms/netstate.ko}" != "$ko" ]
	[ "$(modinfo -F version "$ko")" = "$2" ]
	[[ "$(modinfo -F vermagic "$ko")" == "$1 "* ]]
}

# no_module KERNEL
no_module()
{
	[ -z "$(find "/lib/modules/$1" -name 'netstate.ko*')" ]
}

apt_install()
{
	apt-get install -qq -y "$@"
}
