# SPDX-License-Identifier: GPL-2.0-only
"""In the guest: programs that are wrong, each in a way of its own.

wrong.py NAME - become that one, and stay
"""

import os
import signal
import socket
import struct
import sys
import time


def called(name):
    with open("/proc/self/comm", "w", encoding="ascii") as file:
        file.write(name)


def listen(port, backlog=128, address="127.0.0.1"):
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((address, port))
    server.listen(backlog)
    return server


def stock():
    """A server that ends its connections when it has answered: nothing wrong with it."""
    server = listen(8001)
    while True:
        server.accept()[0].close()


def shop():
    """Its client, which forgets to close them."""
    leaked = [socket.create_connection(("127.0.0.1", 8001)) for _ in range(6)]
    time.sleep(1000)
    return leaked


def api():
    """Too slow for those who come: it accepts one of them, and thinks."""
    server = listen(8002, 16)
    first = server.accept()
    time.sleep(1000)
    return first


def crowd():
    waiting = []
    for _ in range(30):
        waiting.append(socket.socket())
        waiting[-1].setblocking(False)
        waiting[-1].connect_ex(("127.0.0.1", 8002))
    time.sleep(1000)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def flood():
    """Requests from addresses that never answer what comes back."""
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    to = socket.inet_aton("198.51.100.1")
    for i in range(1, 101):
        by = socket.inet_aton(f"203.0.113.{i}")
        tcp = struct.pack("!HHIIBBHHH", 1024 + i, 8003, i, 0, 5 << 4, 2, 65535, 0, 0)
        total = checksum(by + to + struct.pack("!HH", socket.IPPROTO_TCP, len(tcp)) + tcp)
        tcp = tcp[:16] + struct.pack("!H", total) + tcp[18:]
        raw.sendto(struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), i, 0, 64,
                               socket.IPPROTO_TCP, 0, by, to) + tcp, ("198.51.100.1", 0))
    time.sleep(1000)


def web():
    server = listen(8003, address="0.0.0.0")
    time.sleep(1000)
    return server


def upload():
    """Sends to somebody who has stopped to read."""
    sock = listen(8004).accept()[0]
    while True:
        sock.sendall(b"x" * 65536)


def viewer():
    sock = socket.create_connection(("127.0.0.1", 8004))
    sock.recv(1000)
    os.kill(os.getpid(), signal.SIGSTOP)


def billing():
    """In a network namespace of its own."""
    server = listen(5432)
    clients = [socket.create_connection(("127.0.0.1", 5432)) for _ in range(12)]
    time.sleep(1000)
    return server, clients


called(sys.argv[1])
globals()[sys.argv[1]]()
