# SPDX-License-Identifier: GPL-2.0-only
"""In a Debian guest: the commands in the manual page's section DIAGNOSES.

They are taken from the page as they stand there. For each there is somebody who has
the problem, and somebody who nearly has it.
"""

import os
import re
import socket
import struct
import subprocess
import sys
import threading
import time

import sockets
import tap
from sockets import keep
from tap import verdict

LOCAL = "127.0.0.1"


def commands():
    """By question, the command."""
    with open("netstate.8", encoding="utf-8") as file:
        section = re.search(r"^\.SH DIAGNOSES$(.*?)^\.SH ", file.read(), flags=re.M | re.S).group(1)
    found = {}
    for item in section.split("\n.TP\n")[1:]:
        question, command = re.match(r"(.*?)\n\.EX\n(.*?)\n\.EE\n", item + "\n", flags=re.S).groups()
        for roff, text in (("\\-", "-"), ("\\(aq", "'"), ("\\e", "\\")):
            command = command.replace(roff, text)
        found[question] = command
    return found


def output(command):
    return subprocess.run(["sh", "-c", command], check=False, stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "PATH": os.getcwd() + ":" + os.environ["PATH"]}).stdout


def ends(sock):
    return "{}:{}".format(*sock.getsockname()), "{}:{}".format(*sock.getpeername())


def rows(text):
    """The ends of the sockets that have a row."""
    return [tuple(line.split()[3:5]) for line in text.splitlines() if re.match("tcp|udp", line)]


def totals(text):
    """The groups, each with how many sockets it has."""
    lines = [line.split() for line in text.splitlines()[1:]]
    return [(line[0], line[lines[0].index("total")]) for line in lines[1:]]


def listen(address, port, backlog=100):
    sock = sockets.new(socket.AF_INET, socket.SOCK_STREAM)
    sock.bind((address, port))
    sock.listen(backlog)
    return sock


def half_closed(server):
    client, peer = sockets.pair(server, LOCAL, socket.AF_INET)
    client.shutdown(socket.SHUT_WR)
    return peer


def full(server):
    """Nobody reads, and no more can be sent."""
    client, peer = sockets.pair(server, LOCAL, socket.AF_INET)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
    client.setblocking(False)
    for _ in range(20):
        try:
            while True:
                client.send(b"z" * 65536)
        except BlockingIOError:
            time.sleep(0.1)
    return client, peer


def ask_silent():
    sock = sockets.new(socket.AF_INET, socket.SOCK_STREAM)
    sock.setblocking(False)
    sock.connect_ex((sockets.SILENT, 80))
    return sock.getsockname()


def me():
    with open("/proc/self/comm", encoding="ascii") as file:
        return f"{os.getpid()}/{file.read().strip()}"


def wants(what, expected):
    return [] if what == expected else [str(what), f"expected: {expected}"]


def prepare():
    sockets.run("ip", "link", "add", "dummy0", "type", "dummy")
    sockets.run("ip", "link", "set", "dummy0", "up")
    sockets.run("ip", "addr", "add", sockets.OURS + "/24", "dev", "dummy0")
    sockets.run("ip", "neigh", "add", sockets.SILENT, "lladdr", "02:00:00:00:00:07", "dev", "dummy0")


def forget_to_close(command, server):
    for _ in range(2):  # lately
        half_closed(server)
    verdict("CLOSE_WAIT, idle, by process", wants(totals(output(command)), [(me(), "3")]))


def no_answer(command, long_ago):
    for _ in range(10):  # on a slow machine, it may have been sent again by now
        lately = ask_silent()
        found = [local for local, _ in rows(output(command))]
        if "{}:{}".format(*lately) not in found:
            break
    verdict("SYN_SENT, sent again", wants(["{}:{}".format(*name) in found
                                           for name in (long_ago, lately)], [True, False]))


def accept_slowly(command):
    for port, backlog, waiting in ((7101, 10, 8), (7102, 10, 7), (7103, 10, 0), (7104, 1, 1)):
        listen(LOCAL, port, backlog)
        for _ in range(waiting):
            keep.append(socket.create_connection((LOCAL, port)))
    found = rows(output(command))
    verdict("accept queues", wants(sorted(local for local, _ in found),
                                   [f"{LOCAL}:7101", f"{LOCAL}:7104"]))


def send_queues(commands_of_both, server, request):
    stuck, _ = full(server)
    moving, reader = full(server)
    unanswered, fin = sockets.with_silent(7105)
    fin()  # with that, it opened its window
    unanswered.send(b"x" * 100)
    time.sleep(3)

    def drain():
        time.sleep(5)
        while reader.recv(1 << 20):
            pass

    before = rows(output("netstate -tnW 'sendq>0'"))
    threading.Thread(target=drain, daemon=True).start()
    text = output(commands_of_both[0])
    verdict("Send-Q: all were there", wants([ends(sock) in before
                                             for sock in (stuck, moving, unanswered)], [True] * 3))
    asking = ("{}:{}".format(*request), sockets.SILENT + ":80")
    verdict("Send-Q, the same later", wants(sorted(rows(text)),
                                            sorted([ends(stuck), ends(unanswered), asking])))
    text = output(commands_of_both[1])
    timers = {tuple(line.split()[3:5]): line.split()[7] for line in text.splitlines()
              if line.startswith("tcp")}
    verdict("Send-Q, and why", wants(timers, {ends(stuck): "probe", ends(unanswered): "on",
                                              asking: "on"}))
    # It is in CLOSE_WAIT, too.
    unanswered.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sockets.close(unanswered)


def time_wait(command):
    for address, count in ((LOCAL, 5), ("127.0.0.2", 2)):
        server = listen(address, 7106)
        for _ in range(count):
            client, peer = sockets.pair(server, address, socket.AF_INET)
            sockets.end(client, peer)
    time.sleep(0.3)
    verdict("TIME_WAIT by peer", wants(totals(output(command)), [(LOCAL, "5"), ("127.0.0.2", "2")]))


def holders(command):
    folder = "/sys/fs/cgroup/system.slice/web.service"
    os.makedirs(folder, exist_ok=True)
    with open(folder + "/cgroup.procs", "w", encoding="ascii") as file:
        file.write(str(os.getpid()))
    server = listen("0.0.0.0", 80)
    listen("0.0.0.0", 81)
    child = subprocess.Popen(["sleep", "1000"], pass_fds=[server.fileno()])
    time.sleep(0.5)
    found = [line for line in output(command).splitlines() if line.startswith("tcp")]
    child.kill()
    with open("/sys/fs/cgroup/cgroup.procs", "w", encoding="ascii") as file:
        file.write(str(os.getpid()))
    verdict("who holds port 80", [] if len(found) == 1 and " cgroup=web.service " in found[0] and
            f" owners={me()},{child.pid}/sleep " in found[0] else found)


def orphans(command):
    sock, fin = sockets.with_silent(7107)
    name = ends(sock)
    fin()
    sockets.close(sock)
    held, fin = sockets.with_silent(7108)
    fin()
    held.shutdown(socket.SHUT_WR)
    text = output(command)
    verdict("orphans", wants(rows(text), [name]) + ([] if " on (" in text else [text]))


def main():
    prepare()
    print("TAP version 13")
    found = commands()
    verdict("eight commands", wants(len(found), 8))
    close, answer, accept, send, why, waits, holds, orphaned = found.values()
    server = listen(LOCAL, 7100)
    for _ in range(3):
        half_closed(server)
    long_ago = ask_silent()
    started = time.time()
    accept_slowly(accept)
    send_queues((send, why), server, long_ago)
    no_answer(answer, long_ago)
    holders(holds)
    orphans(orphaned)
    time_wait(waits)
    time.sleep(max(0, started + 62 - time.time()))
    forget_to_close(close, server)
    return tap.finish()


sys.exit(main())
