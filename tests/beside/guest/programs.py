# SPDX-License-Identifier: GPL-2.0-only
"""In a Debian guest: what people run over netstat's text, with the reader instead.

Each program is run twice, over net-tools' netstat and over the reader under that
name. It must report the same, and the sockets that are made here. The programs
live in a root of their own, without ss and lsof.
"""

import json
import os
import socket
import subprocess
import sys

import sockets
import tap
from tap import verdict

THEIRS = "/usr/bin:/bin"
OURS = "/opt/netstate/bin:" + THEIRS
me = os.getpid()


def report(path, command):
    """What a command prints in the programs' root."""
    words = ["chroot", "root", "/usr/bin/env", "-i", "PATH=" + path, "HOME=/root",
             "LC_ALL=C.UTF-8", "ANSIBLE_DEPRECATION_WARNINGS=0", "bash", "-o", "pipefail",
             "-c", command]
    done = subprocess.run(words, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True)
    if done.returncode:
        raise RuntimeError(f"{command}: {done.returncode}: {done.stdout} {done.stderr}")
    return done.stdout


def asked():
    """How netstat was called since the last time."""
    try:
        with open("root/tmp/asked", encoding="ascii") as file:
            calls = file.read().splitlines()
    except FileNotFoundError:
        return []
    os.unlink("root/tmp/asked")
    return calls


def sorted_rows(rows):
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def program(name, command, call, rows_of, lacks):
    """A test of each promise: it asked the reader, it reports as over netstat, and all
    that is there. Rows that end by themselves meanwhile are made again."""
    for _ in range(3):
        sockets.make_time_wait()
        theirs = rows_of(report(THEIRS, command))
        asked()
        ours = rows_of(report(OURS, command))
        calls = asked()
        if sorted_rows(ours) == sorted_rows(theirs):
            break
    verdict(f"{name} asks netstat {call}",
            [] if calls and set(calls) == {call} else [str(calls)])
    left, right = set(sorted_rows(theirs)), set(sorted_rows(ours))
    verdict(f"{name} reports what it does over netstat", ["- " + row for row in left - right] +
            ["+ " + row for row in right - left] +
            ([] if len(ours) == len(theirs) else [f"{len(theirs)} rows, {len(ours)}"]))
    verdict(f"{name} reports the sockets that are there", lacks(ours))


def end(address):
    """An address and port as netstat writes them."""
    host, port = address[:2]
    if host.startswith("::ffff:"):
        host = host[7:]
    # Columns are cut to 22 letters and the colon.
    return host[:22 - len(str(port))], port


def made():
    """The sockets of this process: protocol, local end, remote end or None."""
    for sock in sockets.keep:
        proto = "tcp" if sock.type == socket.SOCK_STREAM else "udp"
        proto += "6" if sock.family == socket.AF_INET6 else ""
        try:
            remote = end(sock.getpeername())
        except OSError:  # it has none, or waits for its answer
            asks = proto == "tcp" and sock.getsockname()[0] == sockets.OURS
            remote = (sockets.SILENT, 80) if asks else None
        yield proto, end(sock.getsockname()), remote


def jc_lacks(rows):
    found = {(row["proto"], row["local_address"], int(row["local_port"]),
              row["foreign_address"] if row["foreign_port"] != "*" else None, row.get("pid"))
             for row in rows}
    return [str((proto, local, remote)) for proto, local, remote in made()
            if (proto, *local, remote and remote[0], me) not in found]


def node_netstat_lacks(rows):
    """It takes the state of connected UDP sockets for their owner."""
    def plain(host):
        return None if host in ("0.0.0.0", "::") else host

    found = {(row["protocol"], row["local"]["address"], row["local"]["port"],
              row["remote"]["port"], row["pid"] if row["protocol"][:3] == "tcp" or
              row["remote"]["port"] is None else me) for row in rows}
    return [str((proto, local, remote)) for proto, local, remote in made()
            if (proto, plain(local[0]), local[1], remote and remote[1], me) not in found]


def ansible_rows(text):
    facts = json.loads(text[text.index("{"):])["ansible_facts"]
    return facts["tcp_listen"] + facts["udp_listen"]


def ansible_lacks(rows):
    found = {(row["protocol"], row["address"], row["port"], row["pid"], row["name"])
             for row in rows}
    return [str((proto, local)) for proto, local, remote in made()
            if not remote and (proto[:3], *local, me, "python3") not in found]


def listening_ports():
    """Those of TCP: find-process expects a state where UDP has none."""
    return sorted({local[1] for proto, local, remote in made()
                   if proto[:3] == "tcp" and not remote})


def find_process_lacks(rows):
    found = {port: holders for port, holders in rows}
    return [str(port) for port in listening_ports()
            if [holder["pid"] for holder in found.get(str(port), [])] != [me]]


def main():
    with open("/proc/sys/net/ipv4/tcp_syn_retries", "w", encoding="ascii") as file:
        file.write("127")  # who asks shall ask to the end
    sockets.make_sockets()
    sockets.settle()
    subprocess.run(["mount", "--bind", "/proc", "root/proc"], check=True)
    subprocess.run(["mount", "--rbind", "/dev", "root/dev"], check=True)
    os.symlink("netstate", "root/opt/netstate/netstat")

    print("TAP version 13")
    program("jc", "netstat -tuanp | jc --netstat", "-tuanp", json.loads, jc_lacks)
    program("jc's parser in python",
            "netstat -tuanp | python3 -c 'import jc, json, sys; "
            "print(json.dumps(jc.parse(\"netstat\", sys.stdin.read())))'",
            "-tuanp", json.loads, jc_lacks)
    program("Ansible's listen_ports_facts",
            "ansible localhost -c local -m community.general.listen_ports_facts -a command=netstat",
            "-p -l -u -n -t", ansible_rows, ansible_lacks)
    if os.path.exists("root/opt/node_modules"):
        program("node-netstat", "node /opt/node-netstat.js", "-apntu", json.loads,
                node_netstat_lacks)
        ports = " ".join(str(port) for port in listening_ports())
        program("find-process", "node /opt/find-process.js " + ports, "-tunlp",
                lambda text: json.loads(text).items(), find_process_lacks)
    else:
        tap.skip("node-netstat, find-process", "no npm on this machine")
    for pid in sockets.children:
        os.kill(pid, 9)
    return tap.finish()


sys.exit(main())
