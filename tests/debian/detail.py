# SPDX-License-Identifier: GPL-2.0-only
"""In a Debian guest: the words of show=more, tcp and mem against what ss and /proc/net know."""

import os
import re
import socket
import subprocess
import sys
import time

import sockets
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
    """The same of ss: its words are key:value, some of them a key alone or "key value"."""
    out = subprocess.run(["ss", "-4tanieOm", "-H"], check=True, stdout=subprocess.PIPE, text=True)
    rows = {}
    for line in out.stdout.splitlines():
        fields = line.split()
        words = dict(word.split(":", 1) for word in fields[5:] if ":" in word)
        words["alone"] = [word for word in fields[5:] if ":" not in word]
        words.update(pair for pair in zip(fields[5:], fields[6:]) if pair[0].endswith("_rate"))
        words["state"], words["recvq"], words["sendq"] = fields[:3]
        local = re.sub("%[^:]*", "", fields[3])
        rows[local, fields[4]] = words
    return rows


def idle_of(ss):
    return min(int(ss.get(name, 0)) for name in ("lastsnd", "lastrcv", "lastack")) / 1000


def compare(ours, before, theirs):
    """What ss said before and after: no more than it may a thing have gone on."""
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
        first, last = idle_of(before[key]), idle_of(ss)
        if not first - 0.02 <= float(row["idle"]) <= last + 0.02:
            wrong["idle"].append(f"{key}: idle={row['idle']}, ss had {first} and {last}")
        mark = ss.get("fwmark")
        check("mark", "mark", str(int(mark, 16)) if mark else None)
    for name, differences in wrong.items():
        verdict(f"{name} is that of ss", differences)


# Our word, that of ss, and what ss has where it writes none; None: then it may be anything.
TCP_WORDS = (("cwnd", "cwnd", None), ("ssthresh", "ssthresh", None), ("mss", "mss", None),
             ("pmtu", "pmtu", None), ("rto", "rto", None), ("min_rtt", "minrtt", None),
             ("unacked", "unacked", 0), ("sacked", "sacked", 0), ("lost", "lost", 0),
             ("notsent", "notsent", 0), ("reordering", "reordering", 3),
             ("rcv_space", "rcv_space", None), ("snd_wnd", "snd_wnd", None),
             ("busy", "busy", 0), ("rwnd_limited", "rwnd_limited", 0),
             ("sndbuf_limited", "sndbuf_limited", 0))
MEM_WORDS = (("rmem_alloc", "r"), ("rcvbuf", "rb"), ("wmem_alloc", "t"), ("sndbuf", "tb"),
             ("fwd_alloc", "f"), ("wmem_queued", "w"), ("optmem", "o"), ("backlog_mem", "bl"))


def rate(text):
    """Bytes in a second, of a number of bits with or without a unit."""
    number, unit = re.match(r"([0-9.]+)([KMG]?)bps", text).groups()
    return float(number) * {"": 1, "K": 1e3, "M": 1e6, "G": 1e9}[unit] / 8


def tcp_differs(row, ss):
    """The words of an idle connection that are not those of ss."""
    wrong = []
    for ours, theirs, default in TCP_WORDS:
        said = re.match(r"[0-9.]+", ss.get(theirs, "" if default is None else str(default)))
        if said and abs(float(row.get(ours, -1)) - float(said.group())) > 0.01:
            wrong.append(f"{ours}={row.get(ours)}, ss has {said.group()}")
    if abs(float(row["rttvar"]) - float(ss["rtt"].split("/")[1])) > 0.01:
        wrong.append(f"rttvar={row['rttvar']}, ss has {ss['rtt']}")
    for name in ("pacing_rate", "delivery_rate"):
        if name in ss and not 0.95 < float(row.get(name, 0)) / rate(ss[name]) < 1.05:
            wrong.append(f"{name}={row.get(name)}, ss has {ss[name]}")
    if "delivery_rate" in ss and (row["app_limited"] == "1") != ("app_limited" in ss["alone"]):
        wrong.append(f"app_limited={row['app_limited']}, ss has {ss['alone']}")
    if row["ca"] not in ss["alone"]:
        wrong.append(f"ca={row['ca']}, ss has {ss['alone']}")
    return wrong


def mem_differs(row, ss):
    said = dict(re.findall(r"([a-z]+)([0-9]+)", ss["skmem"]))
    return [f"{ours}={row.get(ours)}, ss has {theirs}{said[theirs]}"
            for ours, theirs in MEM_WORDS if row.get(ours) != said[theirs]]


def inside(theirs):
    """What ss -i and ss -m have of all of them, which are idle."""
    ours = table("show=tcp,mem")
    connections = [key for key, ss in theirs.items() if ss["state"] == "ESTAB"]
    verdict("words of show=tcp are those of ss -i",
            [f"{key}: {word}" for key in connections for word in tcp_differs(ours[key], theirs[key])]
            if len(connections) >= 8 else ["there are too few"])
    verdict("words of show=mem are those of ss -m",
            [f"{key}: {word}" for key in theirs for word in mem_differs(ours[key], theirs[key])])
    verdict("no words of show=tcp for who asks for show=more",
            [str(row) for row in table().values() if "cwnd" in row or "rcvbuf" in row])


def retransmitted():
    """Bytes that nobody acknowledges are sent again and again, and count once."""
    sockets.run("ip", "link", "add", "dummy0", "type", "dummy")
    sockets.run("ip", "link", "set", "dummy0", "up")
    sockets.run("ip", "addr", "add", sockets.OURS + "/24", "dev", "dummy0")
    sockets.run("ip", "neigh", "add", sockets.SILENT, "lladdr", "02:00:00:00:00:07", "dev", "dummy0")
    sock, _ = sockets.with_silent(7201, window=10000)
    sock.send(b"x" * 1000)
    key = "{}:{}".format(*sock.getsockname()), sockets.SILENT + ":7201"
    tap.until(lambda: int(from_ss()[key].get("retrans", "0/0").split("/")[1]) >= 2)
    for _ in range(10):  # until none was sent between the two looks
        before, row, ss = from_ss()[key], table()[key], from_ss()[key]
        if before.get("retrans") == ss.get("retrans"):
            break
    again = int(ss.get("bytes_retrans", 0))
    verdict("what was sent again is counted by itself",
            [] if again > 0 and row["retrans"] == ss["retrans"].split("/")[1] != "0" and
            row["bytes_out"] == "1000" == str(int(ss["bytes_sent"]) - again) else [str(row), str(ss)])


def dropped():
    """A socket that nobody reads from, and a listener that nobody accepts from."""
    full = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    full.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    full.bind(("127.0.0.1", 7202))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for _ in range(100):
            sender.sendto(b"x" * 1000, ("127.0.0.1", 7202))
    with open("/proc/net/udp", encoding="ascii") as file:
        lost = [line.split()[-1] for line in file if ":1C22 " in line]
    row = table()["127.0.0.1:7202", "0.0.0.0:*"]
    verdict("drops of a full UDP socket are the kernel's",
            [] if lost == [row["drops"]] and int(row["drops"]) > 50 else [str(lost), str(row)])
    server = socket.create_server(("127.0.0.1", 7203), backlog=0)
    keep.extend([full, server])
    for _ in range(4):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(("127.0.0.1", 7203))
        keep.append(client)
    tap.until(lambda: drops_of_listener() != "0")
    for _ in range(10):
        before, row, after = (drops_of_listener(), table()["127.0.0.1:7203", "0.0.0.0:*"],
                              drops_of_listener())
        if before == after:
            break
    verdict("drops of a full listener are those of ss",
            [] if row["drops"] == after and after != "0" else [before, str(row), after])


def drops_of_listener():
    out = subprocess.run(["ss", "-tlnmHO", "sport = :7203"], check=True, stdout=subprocess.PIPE,
                         text=True).stdout
    return re.search(r"skmem:\(.*?,d(\d+)\)", out).group(1)


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
    before, ours, theirs = from_ss(), table(), from_ss()

    print("TAP version 13")
    verdict("all sockets of ss are there",
            [f"{key} is missing" for key in theirs if key not in ours])
    compare(ours, before, theirs)
    inside(theirs)

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

    retransmitted()
    dropped()

    seen = as_user(table)
    verdict("no mark and no owner but itself to a user, and all else",
            [] if "'mark'" not in seen and me not in seen and "bytes_in" in seen else [seen])
    return tap.finish()


sys.exit(main())
