#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# In the guest: a web server, a name server and an SSH server with clients, a
# client that has gone and one that never closes; then the table.

set -e

mkdir -p /run/sshd /run/nginx /tmp/www /tmp/nginx
dd if=/dev/zero of=/tmp/www/big bs=1M count=16 2>/dev/null
sed 's/^\(sshd\|dnsmasq\|www-data\):.*//' /etc/passwd >/tmp/passwd
cat /tmp/passwd - >/etc/passwd <<-END
	sshd:x:100:65534::/run/sshd:/usr/sbin/nologin
	www-data:x:33:33::/tmp:/usr/sbin/nologin
END
ssh-keygen -q -t ed25519 -N '' -f /tmp/host_key

nginx -p /tmp/nginx -e /tmp/nginx/error -c /tests/nginx.conf
/usr/sbin/sshd -f /dev/null -o HostKey=/tmp/host_key -o UsePAM=no -o PidFile=none
dnsmasq --port=53 --no-resolv --no-hosts --user=root --listen-address=127.0.0.1 --bind-interfaces

# Two downloads that are read slowly, one of them by IPv6, and one that is over.
curl -s --limit-rate 1k -o /dev/null http://127.0.0.1/big &
curl -s --limit-rate 1k -o /dev/null "http://[::1]/big" &
curl -s -o /dev/null http://127.0.0.1/small || :
# An SSH client that says nothing.
sleep 60 | nc 127.0.0.1 22 >/dev/null &
# A server that accepts one client of three, and does not close when it has gone.
python3 - <<-'END' &
	import socket, time
	server = socket.create_server(("127.0.0.1", 7000))
	clients = [socket.create_connection(("127.0.0.1", 7000)) for _ in range(3)]
	leaked = server.accept()
	clients[0].close()
	time.sleep(60)
END
# A connection to a host that does not answer.
ip link add dummy0 type dummy && ip addr add 192.0.2.1/24 dev dummy0 && ip link set dummy0 up
ip neigh add 192.0.2.7 lladdr 02:00:00:00:00:07 dev dummy0
curl -s -o /dev/null http://192.0.2.7/ &
sleep 3

echo '# cat /proc/netstate'
cat /proc/netstate
echo
echo '# netstat -tuanp'
netstat -tuanp

# What is written to the open file chooses what it shows.
for filter in 'state=close_wait,fin_wait2' 'comm=nginx sendq>0 show=user,timer' \
	'addr=::/0 state!=listen show=none' 'group=program proto=tcp' 'state=lisen'; do
	echo
	echo "# exec 3<>/proc/netstate; echo '$filter' >&3; cat <&3"
	bash -c "exec 3<>/proc/netstate; echo '$filter' >&3 && cat <&3" 2>&1 || :
done
