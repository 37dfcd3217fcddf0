# SPDX-License-Identifier: GPL-2.0-only
#
# Completion for netstate in fish: options, keys of the filter, and names of values.

function __netstate_filter
    set -l token (commandline -ct)
    set -l keys proto family state lport rport port laddr raddr addr pid uid inode recvq sendq \
        idle rtt retrans timer retransmits probes bytes_in bytes_out backlog fill drops dir mark cookie \
        cgroup cwnd mss rto unacked lost notsent device listener netns comm owner show group top sort
    set -l found (string match -r '^([a-z_]+)(!=|=|<|>)(.*,)?' -- $token)
    if not set -q found[1]
        printf '%s=\n' $keys
        return
    end
    set -l values
    switch $found[2]
        case proto
            set values tcp tcp4 tcp6 udp udp4 udp6 raw raw4 raw6 udpl udpl4 udpl6
        case family
            set values inet inet6
        case state
            set values established syn_sent syn_recv fin_wait1 fin_wait2 time_wait close \
                close_wait last_ack listen closing dgram bound all connected synchronized bucket big
        case timer
            set values off on keepalive timewait probe
        case dir
            set values in out
        case owner
            set values none any queued orphan kernel hidden
        case netns
            set values all
        case show
            set values user program timer more tcp mem none
        case sort
            set values {,-}{proto,recvq,sendq,laddr,lport,raddr,rport,state,uid,inode,pid,comm,timer} \
                {,-}{retransmits,probes,idle,rtt,retrans,bytes_in,bytes_out,backlog,drops,cookie,mark} \
                {,-}{cgroup,netns,dir,device,owner,listener}
        case group
            set values process program lport rport raddr uid netns cgroup state
    end
    test -z "$values"; or printf "$found[1]%s\n" $values
end

complete -c netstate -f -a '(__netstate_filter)'
complete -c netstate -s t -l tcp -d 'TCP sockets'
complete -c netstate -s u -l udp -d 'UDP sockets'
complete -c netstate -s U -l udplite -d 'UDP-Lite sockets'
complete -c netstate -s w -l raw -d 'raw sockets'
complete -c netstate -s 4 -l inet -d IPv4
complete -c netstate -s 6 -l inet6 -d IPv6
complete -c netstate -s A -l protocol -x -a 'inet inet6 unix' -d 'address family'
complete -c netstate -s a -l all -d 'all sockets'
complete -c netstate -s l -l listening -d 'listening sockets'
complete -c netstate -s n -l numeric -d 'no names'
complete -c netstate -l numeric-hosts -d 'no names of hosts'
complete -c netstate -l numeric-ports -d 'no names of services'
complete -c netstate -l numeric-users -d 'no names of users'
complete -c netstate -s W -l wide -d 'do not cut addresses'
complete -c netstate -s e -l extend -d 'columns User and Inode'
complete -c netstate -s p -l programs -d 'column PID/Program name'
complete -c netstate -s o -l timers -d 'column Timer'
complete -c netstate -s f -l full -d 'names of hosts in full'
complete -c netstate -l states -x -a 'windows zos rfc linux' -d 'names of states'
complete -c netstate -l report -x -a byteinfo -d 'other columns'
complete -c netstate -s c -l continuous -d 'again and again'
complete -c netstate -l diff -d 'with -c: only what changes'
complete -c netstate -l top -d 'groups of sockets, live'
complete -c netstate -l diagnose -d 'what is wrong'
complete -c netstate -l json -d 'one document; also of -s -i -r -g -x'
complete -c netstate -l jsonl -d 'an object for each socket'
complete -c netstate -l counts -d 'how many are in which state'
complete -c netstate -l metrics -d 'for Prometheus'
complete -c netstate -l no-header -d 'only rows'
complete -c netstate -l pids -d 'only pids'
complete -c netstate -l check -d 'only check the filter'
complete -c netstate -l check-threshold -x -d 'compare a count'
complete -c netstate -l drop -d 'end these connections'
complete -c netstate -l yes -d 'without asking'
complete -c netstate -l require-module -d 'fail without the module'
complete -c netstate -s x -l unix -d 'UNIX sockets'
complete -c netstate -s g -l groups -d 'multicast groups'
complete -c netstate -s r -l route -d routes
complete -c netstate -s F -l fib -d 'routes of the forwarding table'
complete -c netstate -s C -l cache -d 'routes of the cache'
complete -c netstate -s i -l interfaces -d interfaces
complete -c netstate -s s -l statistics -d counters
complete -c netstate -s S -l sctp -d 'counters of SCTP'
complete -c netstate -s h -l help -d help
complete -c netstate -s V -l version -d versions
