# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# What the scripts in this folder share: results in TAP, the list of files, and
# $tmp, a folder for a while. To be sourced; the top of the tree is the current
# folder then.

set -u

cd "$(dirname "$0")/../.." || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
: >"$tmp/results"

# number - of the next test; counted in a file, since verdict often ends a pipe
number()
{
	echo $(($(wc -l <"$tmp/results") + 1))
}

# verdict NAME - a test that failed if standard input has any lines; they say why
verdict()
{
	_why=$(cat)
	if [ -z "$_why" ]; then
		_result="ok $(number) - ${0##*/}: $1"
	else
		_result="not ok $(number) - ${0##*/}: $1"
	fi
	echo "$_result" | tee -a "$tmp/results"
	[ -z "$_why" ] || printf '%s\n' "$_why" | sed 's/^/# /'
}

# skip NAME WHY - a test that can't run here
skip()
{
	echo "ok $(number) - ${0##*/}: $1 # SKIP $2" | tee -a "$tmp/results"
}

# finish - the plan; to be called last
finish()
{
	echo "1..$(($(number) - 1))"
	! grep -q '^not ok' "$tmp/results"
	exit
}

# files [PATHSPEC...] - the project's files, without what is ignored or built
files()
{
	if git rev-parse --git-dir >/dev/null 2>&1; then
		git ls-files -co --exclude-standard -- "$@" | sort -u
	else
		find . -name build -prune -o -type f -print | sed 's|^\./||' | sort |
			matching "$@"
	fi | while read -r _file; do
		[ ! -f "$_file" ] || echo "$_file"
	done
}

# matching [PATTERN...] - lines of standard input that match a shell pattern
matching()
{
	while read -r _line; do
		[ $# -gt 0 ] || echo "$_line"
		for _pattern; do
			# shellcheck disable=SC2254
			case $_line in
			$_pattern) echo "$_line"; break ;;
			esac
		done
	done
}

# helper NAME - the path of a checker that tests/vm/static-tools keeps, or of
# the environment's variable NAME
helper()
{
	eval "_path=\${$1:-}"
	if [ -z "$_path" ] && [ -x tests/vm/static-tools ]; then
		_path=$(tests/vm/static-tools "$1" 2>/dev/null)
	fi
	echo "$_path"
}
