# SPDX-License-Identifier: GPL-2.0-only
"""In a Debian guest: sockets that are in no table, against what lsof and ss know of them."""

import json
import os
import socket
import struct
import subprocess
import sys

import tap
from tap import skip, verdict

PROTOCOLS = ("TCP", "TCPv6", "UDP", "UDPv6")


def make_sockets():
    """Never bound, only bound, reset and forgotten, disconnected; and some that are listed."""
    keep = []
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            keep.append(socket.socket(family, kind))
            bound = socket.socket(family, kind)
            bound.bind((host, 7001))
            keep.append(bound)
        server = socket.create_server((host, 7002), family=family)
        client = socket.create_connection((host, 7002))
        keep += [server, server.accept()[0]]
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        client = socket.create_connection((host, 7002))
        keep += [client, server.accept()[0]]
    return keep


def run(*words):
    return subprocess.run(words, check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True).stdout


def rows(words):
    """The fields of each row."""
    with open("/proc/netstate", "r+", encoding="ascii") as file:
        file.write(words + "\n")
        file.flush()
        return [line.split() for line in file.read().splitlines()[2:]]


def of_lsof():
    """Inodes of what lsof finds no address for."""
    lines = [line.split() for line in run("lsof", "-nP", "-p", str(os.getpid())).splitlines()]
    return sorted(line[-3] for line in lines
                  if line[4] == "sock" and line[-2] == "protocol:" and line[-1] in PROTOCOLS)


def differences(ours, theirs):
    return [] if ours == theirs else [str(ours), str(theirs)]


def main():
    keep = make_sockets()
    print("TAP version 13")
    unhashed = rows("state=close,bound show=user")
    verdict("what lsof knows no address of", differences(
        sorted(row[7] for row in unhashed), of_lsof()))
    verdict("nobody asked for them", differences(
        [row for row in rows("show=user") if row[-1] in of_lsof()], []))

    ours = sorted(row[3] for row in rows("state=bound show=none"))
    theirs = sorted(line.split()[2].replace("[", "").replace("]", "")
                    for line in run("ss", "-tanHB").splitlines())
    if theirs:
        verdict("what ss calls inactive", differences(ours, theirs))
    else:
        skip("what ss calls inactive", "this kernel does not tell it")
    verdict("all that are only bound", differences(ours, ["127.0.0.1:7001", "::1:7001"]))

    table = json.loads(run("./netstate", "-tu", "--json", "state=close,bound"))
    verdict("the reader's JSON", differences(
        sorted((str(s["inode"]), s["state"], s["pid"]) for s in table["sockets"]),
        sorted((row[7], row[5], os.getpid()) for row in unhashed)))
    verdict("its counts", differences(
        (table["counts"]["close"], table["counts"]["bound"], table["counts"]["total"]), (6, 2, 8)))
    del keep
    return tap.finish()


sys.exit(main())
