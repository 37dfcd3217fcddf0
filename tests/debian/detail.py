# SPDX-License-Identifier: GPL-2.0-only
"""In a Debian guest: the words of show=more against what ss knows."""

import os
import re
import socket
import subprocess
import sys
import time

import tap
from tap import verdict

MARK = 0x2A
SO_MARK = 36
keep = []


def make_sockets():
    server = socket.create_server(("127.0.0.1", 0), backlog=7)
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, SO_MARK, MARK)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
    client.bind(("127.0.0.1", 34567))
    client.connect(server.getsockname())
    first = server.accept()[0]
    waiting = [socket.create_connection(server.getsockname()) for _ in range(3)]
    for _ in range(20):
        client.sendall(b"x" * 1000)
        first.recv(1 << 16)
        first.sendall(b"yz" * 50)
        client.recv(1 << 16)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))
    keep.extend([server, client, first, udp, *waiting])
    return server, client, udp


def table(words="show=program,more"):
    """Rows by local and remote address, each a dict of its words."""
    with open("/proc/netstate", "r+", encoding="ascii") as file:
        file.write(words + "\n")
        file.flush()
        rows = {}
        for line in file.read().splitlines()[2:]:
            fields = line.split()
            rows[fields[3], fields[4]] = dict(word.split("=", 1) for word in fields if "=" in word)
    return rows


def from_ss():
    """The same of ss: its words are key:value, some of them a key alone."""
    out = subprocess.run(["ss", "-4tanieO", "-H"], check=True, stdout=subprocess.PIPE, text=True)
    rows = {}
    for line in out.stdout.splitlines():
        fields = line.split()
        words = dict(word.split(":", 1) for word in fields[5:] if ":" in word)
        words["state"], words["recvq"], words["sendq"] = fields[:3]
        local = re.sub("%[^:]*", "", fields[3])
        rows[local, fields[4]] = words
    return rows


def compare(ours, theirs):
    wrong = {name: [] for name in ("traffic", "rtt", "idle", "cookie", "backlog", "mark")}
    for key, row in ours.items():
        ss = theirs.get(key)
        if not ss:
            continue

        def check(kind, what, expected, row=row, key=key):
            if row.get(what) != expected:
                wrong[kind].append(f"{key}: {what}={row.get(what)}, ss has {expected}")

        check("cookie", "cookie", str(int(ss["sk"], 16)))
        if ss["state"] == "LISTEN":
            check("backlog", "backlog", ss["recvq"] + "/" + ss["sendq"])
        if ss["state"] != "ESTAB":
            continue
        sent = int(ss.get("bytes_sent", 0)) - int(ss.get("bytes_retrans", 0))
        check("traffic", "bytes_out", str(sent))
        check("traffic", "bytes_in", ss.get("bytes_received", "0"))
        check("traffic", "retrans", ss.get("retrans", "0/0").split("/")[1])
        if abs(float(row["rtt"]) - float(ss["rtt"].split("/")[0])) > 0.01:
            wrong["rtt"].append(f"{key}: rtt={row['rtt']}, ss has {ss['rtt']}")
        last = min(int(ss.get(name, 0)) for name in ("lastsnd", "lastrcv", "lastack")) / 1000
        if abs(float(row["idle"]) - last) > 3:
            wrong["idle"].append(f"{key}: idle={row['idle']}, ss has {last}")
        mark = ss.get("fwmark")
        check("mark", "mark", str(int(mark, 16)) if mark else None)
    for name, differences in wrong.items():
        verdict(f"{name} is that of ss", differences)


def as_user(action):
    """What an unprivileged process makes of it, by a pipe."""
    ours, theirs = os.pipe()
    if not os.fork():
        os.setresuid(1234, 1234, 1234)
        os.write(theirs, repr(action()).encode())
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as file:
        return file.read()


def main():
    server, client, udp = make_sockets()
    time.sleep(1.5)
    from_ss()  # makes the cookies
    ours, theirs = table(), from_ss()

    print("TAP version 13")
    verdict("all sockets of ss are there",
            [f"{key} is missing" for key in theirs if key not in ours])
    compare(ours, theirs)

    address = "{}:{}".format(*client.getsockname())
    there = "{}:{}".format(*server.getsockname())
    out, back = ours[address, there], ours[there, address]
    me = "{}/{}".format(os.getpid(), open("/proc/self/comm", encoding="ascii").read().strip())
    verdict("direction of a client that bound its port, and of its server's end",
            [] if (out["dir"], back["dir"]) == ("out", "in") else [out["dir"], back["dir"]])
    verdict("owners", [] if out["owners"] == me else [out["owners"], me])
    verdict("device", [] if (out.get("device"), back.get("device")) == ("lo", None)
            else [str(out), str(back)])
    netns = str(os.stat("/proc/self/ns/net").st_ino)
    verdict("netns of every row", [str(row) for row in ours.values() if row["netns"] != netns])
    verdict("drops of a UDP socket",
            [] if ours["{}:{}".format(*udp.getsockname()), "0.0.0.0:*"].get("drops") == "0"
            else ["none"])

    seen = as_user(table)
    verdict("no mark and no owner but itself to a user, and all else",
            [] if "'mark'" not in seen and me not in seen and "bytes_in" in seen else [seen])
    return tap.finish()


sys.exit(main())
