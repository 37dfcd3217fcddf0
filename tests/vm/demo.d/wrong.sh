#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the guest: programs that are wrong, and how one finds out which.

set -e

begin()
{
	"$@" >/dev/null &
}

say()
{
	echo
	echo "# $*"
	"$@"
}

# await TEXT COMMAND... - until it prints that
await()
{
	text=$1
	shift
	for _ in $(seq 300); do
		"$@" | grep -qF "$text" && return
		sleep 0.1
	done
	echo "$*: no $text" >&2
	exit 1
}

PATH=$PWD:$PATH
ip link add dummy0 type dummy
ip addr add 198.51.100.1/24 dev dummy0
ip link set dummy0 up
ip route add 203.0.113.0/24 dev dummy0
slice=/sys/fs/cgroup/system.slice
mkdir -p "$slice/billing.service"

for server in stock api web upload; do
	begin python3 wrong.py $server
done
begin sh -c "echo \$\$ >$slice/billing.service/cgroup.procs
	exec unshare --net sh -c 'ip link set lo up; exec python3 wrong.py billing'"
await listen=4 netstate -tln
for client in shop crowd flood viewer; do
	begin python3 wrong.py $client
done
await close_wait=6 netstate -tn state=close_wait
await syn_recv=100 netstate -tn state=syn_recv
await total=18 netstate -tn lport=8002 state=established
await total=1 netstate -tn 'sendq>100000'
await total=12 netstate -tn netns=all comm=billing
sleep 2

echo '## All at once'
say netstate --diagnose || :
echo
echo '## A client that leaks'
say netstate group=program state=close_wait
say netstate -tnp --report=byteinfo state=close_wait
echo
echo '## A listener that is flooded'
say netstate group=lport proto=tcp state=listen,established,syn_recv top=2
say netstate -tlnp show=more lport=8002,8003
say netstate group=raddr/24 state=syn_recv
echo
echo '## A peer that is stuck'
say netstate -tnpo 'sendq>0' state=established
say netstate -tnp show=more rport=8004
echo
echo '## A container'
say netstate group=netns,cgroup netns=all
say netstate -tnlp netns=all lport=5432
