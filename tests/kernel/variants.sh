# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What orders and moments share: the module built with lines that were changed, a program of
# the tests in a guest with that build, and what came of it as TAP. To be sourced.

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$here/../.." && pwd)
vm=$repo/tests/vm

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/tests"

# programs NAME... - build these of the tests, and have them in the guest
programs()
{
	make -s -C "$here" KSFT="$("$vm/kselftest")" OUTPUT="$work/built" \
		"${@/#/$work/built}" >&2
	cp "${@/#/$work/built}" "$work/tests/"
}

# module SERIES NAME - a module of the tests, for the guest
module()
{
	"$vm/build" "$1" "$here/modules" "$work/modules" >&2
	cp "$work/modules/$2.ko" "$work/tests/"
}

# copy NAME - what the module is built from
copy()
{
	mkdir "$work/$1"
	cp -rL "$repo"/{Kbuild,Makefile,VERSION,include,module} "$work/$1/"
}

# change NAME FILE SED - one file of that copy, which must have such lines
change()
{
	cp "$work/$1/module/$2" "$work/before"
	sed -i "$3" "$work/$1/module/$2"
	! cmp -s "$work/before" "$work/$1/module/$2" || {
		echo "${0##*/}: $2 has no such line" >&2
		exit 1
	}
}

# compile SERIES NAME
compile()
{
	"$vm/build" "$1" "$work/$2" "$work/$2.built" >&2
}

# run SERIES NAME "PROGRAM [WORD...]" [PARAMETER] - in a guest with that build
run()
{
	local status=0 program

	read -ra program <<<"$3"
	"$vm/boot" "$1" --name "${0##*/}-$2" --ko "$work/$2.built/netstate.ko" \
		--files "$work/tests" --append "${4:-}" --timeout 600 -- "./${program[@]}" >"$work/$2.ktap" 2>&1 || status=$?
	sed 's/^/# /' "$work/$2.ktap"
	return "$status"
}

number=0
bad=0
# say WORDS COMMAND... - whether it succeeds, as a line of TAP
say()
{
	number=$((number + 1))
	if "${@:2}"; then
		echo "ok $number - $1"
	else
		echo "not ok $number - $1"
		bad=1
	fi
}

# fails SERIES NAME "PROGRAM [WORD...]" TEST... - these do, and not the guest
fails()
{
	local test status=0

	run "$1" "$2" "$3" || status=$?
	[ "$status" = 1 ] || return
	for test in "${@:4}"; do
		grep -q "^not ok .*\.$test\>" "$work/$2.ktap" || return
	done
}

# complains SERIES NAME "PROGRAM [WORD...]" WORDS [PARAMETER] - the kernel does, in these words
complains()
{
	local status=0

	run "$1" "$2" "$3" "${5:-}" || status=$?
	[ "$status" = 3 ] && grep -q "$4" "$repo/build/vm/$1/${0##*/}-$2.log"
}

# Only whether what is to be changed is there
if [ "${CHANGES_ONLY:-}" ]; then
	for name in programs module compile run fails complains; do
		eval "$name() { :; }"
	done
fi
