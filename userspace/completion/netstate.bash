# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Completion for netstate: options, keys of the filter, and names of values.

# The names that a key has as values.
_netstate_values()
{
	case $1 in
	proto)	echo tcp tcp4 tcp6 udp udp4 udp6 raw raw4 raw6 udpl udpl4 udpl6;;
	family)	echo inet inet6;;
	state)	echo established syn_sent syn_recv fin_wait1 fin_wait2 time_wait close \
			close_wait last_ack listen closing dgram bound all connected synchronized bucket big;;
	timer)	echo off on keepalive timewait probe;;
	dir)	echo in out;;
	owner)	echo none any queued orphan kernel hidden;;
	netns)	echo all; lsns -t net -n -o NS 2>/dev/null;;
	show)	echo user program timer more tcp mem none;;
	group)	echo process program lport rport raddr uid netns cgroup state;;
	sort)	printf '%s\n' {,-}{proto,recvq,sendq,laddr,lport,raddr,rport,state,uid,inode,pid,comm,timer} \
			{,-}{retransmits,probes,idle,rtt,retrans,bytes_in,bytes_out,backlog,drops,cookie,mark} \
			{,-}{cgroup,netns,dir,device,owner,listener};;
	--states)	echo windows zos rfc linux;;
	# Others choose these names: none that the shell would take for more than a word.
	comm | listener) ps -eo comm= 2>/dev/null | grep -x '[A-Za-z0-9_.:@-]*' | sort -u;;
	device)	ls /sys/class/net 2>/dev/null;;
	pid)	ps -eo pid= 2>/dev/null;;
	esac
}

_netstate_options()
{
	echo -f -x -g -r -i -s -F -C -S --full --states= --report=byteinfo --unix --groups --route --fib \
		--cache --interfaces --statistics --sctp
	echo -t -u -U -w -4 -6 -A -a -l -n -W -e -p -o -c -h -V --tcp --udp --udplite --raw --inet \
		--inet6 --protocol --all --listening --numeric --numeric-hosts --numeric-ports \
		--numeric-users --wide --extend --programs --timers --continuous --diff --diagnose --json \
		--jsonl --counts --no-header --pids --metrics --check --check-threshold --require-module --top \
		--drop --yes --help --version
}

_netstate()
{
	# The whole word, although bash takes "=" for the end of one.
	local word=${COMP_LINE:0:COMP_POINT}
	word=${word##*[[:space:]]}
	local typed=${word%"${word##*[=<>:]}"} name key

	COMPREPLY=()
	case $word in
	--states=*)
		mapfile -t COMPREPLY < <(compgen -W "$(_netstate_values --states)" -- "${word#*=}");;
	-*)
		mapfile -t COMPREPLY < <(compgen -W "$(_netstate_options)" -- "$word");;
	*[=\<\>]*)
		key=${word%%[!a-z_]*}
		local before=${word%"${word##*[=<>,]}"}
		for name in $(_netstate_values "$key"); do
			[[ $before$name != "$word"* ]] || COMPREPLY+=("$before$name")
		done
		COMPREPLY=("${COMPREPLY[@]#"$typed"}");;
	*)
		compopt -o nospace 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -S = -W "proto family state lport rport port \
			laddr raddr addr pid uid inode recvq sendq idle rtt retrans timer retransmits probes bytes_in bytes_out \
			backlog fill drops dir mark cookie cgroup cwnd mss rto unacked lost notsent device listener netns comm owner show group \
			top sort" -- "$word");;
	esac
}

complete -F _netstate netstate
