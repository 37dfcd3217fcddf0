# SPDX-License-Identifier: GPL-2.0-only
"""Sockets of every kind and in every state, and nothing moves.

What two well-behaved ends can come to is made by two ends. For the rest there is
a host that never answers, SILENT, and segments that seem to come from it.
"""

import os
import socket
import struct
import subprocess
import time

LOOPBACK = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}
WIDE = ("fd00:1111:2222:3333:4444:5555:6666:7777", "fd00:1111:2222:3333:4444:5555:6666:8888")
keep = []
children = []


def run(*words):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout


def new(family, kind):
    sock = socket.socket(family, kind)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    keep.append(sock)
    return sock


def listener(family, address, v6only=True, backlog=8):
    sock = new(family, socket.SOCK_STREAM)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(v6only))
    sock.bind((address, 0))
    sock.listen(backlog)
    return sock


def pair(server, address, family, accept=True):
    client = new(family, socket.SOCK_STREAM)
    client.connect((address, server.getsockname()[1]))
    if not accept:
        return client, None
    child = server.accept()[0]
    keep.append(child)
    return client, child


def close(sock):
    keep.remove(sock)
    sock.close()


def end(first, second):
    """The first is left in TIME_WAIT: the other one knows when it is closed, else both are."""
    close(first)
    second.recv(1)
    close(second)


def child(action):
    """A process that does something and then holds what it has until the end."""
    ready, done = os.pipe()
    pid = os.fork()
    if not pid:
        action()
        os.write(done, b"x")
        time.sleep(1000)
        os._exit(0)
    os.read(ready, 1)
    os.close(ready)
    os.close(done)
    children.append(pid)


def connections(server, address, family):
    """Connections in every state that two well-behaved ends can stay in."""
    client, peer = pair(server, address, family)  # ESTABLISHED, with bytes in the queues
    client.send(b"x" * 1000)
    peer.send(b"y" * 10)
    client, peer = pair(server, address, family)  # FIN_WAIT2 and CLOSE_WAIT
    client.shutdown(socket.SHUT_WR)
    client, peer = pair(server, address, family)  # the same, nobody holds the first
    close(client)
    client, peer = pair(server, address, family)  # TIME_WAIT
    end(client, peer)
    pair(server, address, family, accept=False)  # in the accept queue


def make_sockets():
    run("ip", "link", "add", "dummy0", "type", "dummy")
    run("ip", "link", "set", "dummy0", "up")
    run("ip", "addr", "add", "192.0.2.1/24", "dev", "dummy0")
    run("ip", "neigh", "add", "192.0.2.7", "lladdr", "02:00:00:00:00:07", "dev", "dummy0")
    for address in WIDE:
        run("ip", "addr", "add", address + "/128", "dev", "lo", "nodad")

    for family, address in LOOPBACK.items():
        server = listener(family, address)
        connections(server, address, family)
        udp = new(family, socket.SOCK_DGRAM)
        udp.bind((address, 0))
        udp.sendto(b"abc", udp.getsockname())
        connected = new(family, socket.SOCK_DGRAM)
        connected.connect(udp.getsockname())

    dual = listener(socket.AF_INET6, "::", v6only=False)
    connections(dual, "127.0.0.1", socket.AF_INET)
    listener(socket.AF_INET, "0.0.0.0")
    listener(socket.AF_INET6, "::")
    new(socket.AF_INET, socket.SOCK_DGRAM).bind(("0.0.0.0", 0))
    new(socket.AF_INET6, socket.SOCK_DGRAM).bind(("::", 0))

    wide = listener(socket.AF_INET6, WIDE[0])
    client = new(socket.AF_INET6, socket.SOCK_STREAM)
    client.bind((WIDE[1], 0))
    client.connect(wide.getsockname())
    new(socket.AF_INET6, socket.SOCK_DGRAM).bind((WIDE[0], 0))

    kept = pair(wide, WIDE[0], socket.AF_INET6)[0]
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    full, _ = pair(dual, "127.0.0.1", socket.AF_INET)  # probes a window that stays shut
    full.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
    full.setblocking(False)
    try:
        while True:
            full.send(b"z" * 65536)
    except BlockingIOError:
        pass

    asking = new(socket.AF_INET, socket.SOCK_STREAM)  # SYN_SENT
    asking.setblocking(False)
    try:
        asking.connect(("192.0.2.7", 80))
    except BlockingIOError:
        pass

    for _ in range(3):  # everything above is theirs, too
        child(lambda: None)

    def of_its_own():
        os.setresuid(1234, 1234, 1234)
        connections(listener(socket.AF_INET, "127.0.0.1"), "127.0.0.1", socket.AF_INET)

    child(of_its_own)


def settle():
    """Wait until the kernel has moved all that it can."""
    last, same = None, 0
    while same < 5:
        queues = []
        for name in ("tcp", "tcp6"):
            with open("/proc/net/" + name, encoding="ascii") as file:
                queues += sorted((row.split()[1:5] for row in file))
        same = same + 1 if queues == last else 0
        last = queues
        time.sleep(0.3)


SILENT = "192.0.2.7"
OURS = "192.0.2.1"
FIN, SYN, ACK = 0x01, 0x02, 0x10
TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ, TCP_REPAIR_WINDOW = 19, 20, 21, 29
RECEIVED, SENT = 1, 2
UDPLITE = 136


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def from_silent(flags, ports, seq, ack=0):
    """A segment that seems to come from the silent host."""
    tcp = struct.pack("!HHIIBBHHH", *ports, seq, ack, 5 << 4, flags, 65535, 0, 0)
    ends = socket.inet_aton(SILENT) + socket.inet_aton(OURS)
    pseudo = ends + struct.pack("!BBH", 0, socket.IPPROTO_TCP, len(tcp))
    tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, socket.IPPROTO_TCP, 0)
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        raw.sendto(header + ends + tcp, (OURS, 0))


def number(sock, queue):
    """The next sequence number of one direction."""
    sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, queue)
    return sock.getsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ) & 0xffffffff


def open_window(sock, size):
    """The peer has room for so many bytes; for a socket under repair."""
    first, _, _, ours, last = struct.unpack(
        "5I", sock.getsockopt(socket.IPPROTO_TCP, TCP_REPAIR_WINDOW, 20))
    sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_WINDOW,
                    struct.pack("5I", first, size, size, ours, last))


def with_silent(port, window=0):
    """A connection to the silent host: established without a word."""
    sock = new(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    sock.bind((OURS, 0))
    sock.connect((SILENT, port))
    seen = number(sock, RECEIVED), number(sock, SENT)
    if window:
        open_window(sock, window)
    sock.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 0)
    ports = port, sock.getsockname()[1]
    return sock, lambda: from_silent(FIN | ACK, ports, *seen)


def make_one_sided():
    """The states that need an end that does not behave."""
    for name, value in (("tcp_synack_retries", 12), ("tcp_fin_timeout", 3600)):
        with open("/proc/sys/net/ipv4/" + name, "w", encoding="ascii") as file:
            file.write(str(value))
    asked = listener(socket.AF_INET, "0.0.0.0")  # SYN_RECV
    from_silent(SYN, (7001, asked.getsockname()[1]), 1000)
    with_silent(7002)[0].shutdown(socket.SHUT_WR)  # FIN_WAIT1
    sock, _ = with_silent(7003)  # the same, nobody holds it
    close(sock)
    sock, fin = with_silent(7004)  # CLOSING
    sock.shutdown(socket.SHUT_WR)
    fin()
    sock, fin = with_silent(7005)  # LAST_ACK
    fin()
    sock.shutdown(socket.SHUT_WR)
    sock, _ = with_silent(7006)  # bytes that are sent again and again
    sock.send(b"x" * 100)


def make_others():
    """Raw and UDP-Lite sockets; the latter where there are any."""
    for family, address, protocol in ((socket.AF_INET, "127.0.0.1", socket.IPPROTO_ICMP),
                                      (socket.AF_INET6, "::1", socket.IPPROTO_ICMPV6)):
        keep.append(socket.socket(family, socket.SOCK_RAW, protocol))
        keep.append(socket.socket(family, socket.SOCK_RAW, protocol))
        keep[-1].connect((address, 0))
        try:
            sock = socket.socket(family, socket.SOCK_DGRAM, UDPLITE)
        except OSError:
            continue
        sock.bind((address, 0))
        keep.append(sock)
        keep.append(socket.socket(family, socket.SOCK_DGRAM, UDPLITE))
        keep[-1].connect(sock.getsockname())


def make_time_wait():
    server = listener(socket.AF_INET, "127.0.0.1")
    client, peer = pair(server, "127.0.0.1", socket.AF_INET)
    end(client, peer)
    close(server)
