# SPDX-License-Identifier: GPL-2.0-only
"""In a Debian guest: netstate.py against psutil, with sockets of every kind, and nothing moves."""

import os
import subprocess
import sys

import agree
import netstate
import psutil
import sockets
import tap
from tap import verdict

KINDS = ("inet", "inet4", "inet6", "tcp", "tcp4", "tcp6", "udp", "udp4", "udp6", "unix", "all")


def named(connections):
    """In a set, with the names of the tuples' members."""
    return {(type(one).__name__, *one._asdict().items()) for one in connections}


def lowest(connections, by_process):
    """psutil's sockets, with the lowest process that holds each in place of the highest."""
    found = set()
    for one in connections:
        if one.pid is not None and one.family != psutil.socket.AF_UNIX:
            pid, fd = min((pid, each.fd) for pid, each in by_process if each[1:] == one[1:6])
            one = one._replace(pid=pid, fd=fd)
        found.add(one)
    return found


def differences(ours, theirs):
    """Some sockets wait for an end: what is different three times is."""
    for _ in range(3):
        our, their = named(ours()), named(theirs())
        if our == their:
            return []
    return [f"- {one}" for one in their - our] + [f"+ {one}" for one in our - their]


def in_processes(kind):
    found = []
    for pid in psutil.pids():
        try:
            found += [(pid, one) for one in psutil.Process(pid).net_connections(kind)]
        except psutil.Error:
            pass
    return found


def all_kinds(who):
    for kind in KINDS:
        verdict(f"{kind} is psutil's{who}", differences(
            lambda: netstate.net_connections(kind, fds=True),
            lambda: lowest(psutil.net_connections(kind), in_processes(kind))))
    verdict(f"and without descriptors{who}", differences(
        netstate.net_connections, lambda: (one._replace(fd=-1) for one in lowest(
            psutil.net_connections(), in_processes("inet")))))


def processes(who):
    """Of each process the same sockets, or the same error."""
    def told(library, pid, kind):
        try:
            return named(library.Process(pid).net_connections(kind))
        except psutil.Error as error:
            return type(error).__name__, error.pid
    for kind in ("inet", "tcp4", "all"):
        wrong = []
        seen = set()
        for pid in [*psutil.pids(), 2 ** 22 + 1]:
            ours, theirs = told(netstate, pid, kind), told(psutil, pid, kind)
            seen.add(ours[0] if isinstance(ours, tuple) else len(ours) > 0)
            if ours != theirs:
                wrong += [f"{pid}: {ours}", f"{pid}: {theirs}"]
        verdict(f"{kind} of each process is psutil's{who}", wrong)
    return seen


def filters():
    listening = next(one for one in psutil.net_connections("tcp") if one.status == "LISTEN" and
                     one.pid)
    port = listening.laddr.port
    verdict("a port, asked for in the kernel", differences(
        lambda: netstate.net_connections(filter=f"lport={port}", fds=True),
        lambda: [one for one in lowest(psutil.net_connections(), in_processes("inet"))
                 if one.laddr and one.laddr.port == port]))
    verdict("a state", differences(
        lambda: netstate.net_connections("tcp", filter="state=close_wait or state=fin_wait2",
                                         fds=True),
        lambda: [one for one in lowest(psutil.net_connections("tcp"), in_processes("tcp"))
                 if one.status in (psutil.CONN_CLOSE_WAIT, psutil.CONN_FIN_WAIT2)]))
    name = psutil.Process(sockets.children[0]).name()
    verdict("a program", differences(
        lambda: netstate.net_connections(filter=f"comm={name} state!=syn_recv"),
        lambda: [one._replace(fd=-1) for one in
                 lowest(psutil.net_connections(), in_processes("inet"))
                 if one.pid and psutil.Process(one.pid).name() == name]))
    try:
        netstate.net_connections(filter="lport=http")
        verdict("no filter is a ValueError", ["nothing was raised"])
    except ValueError as error:
        verdict("no filter is a ValueError", [] if "lport=http" in str(error) else [str(error)])


def from_files():
    """User, if it is known, and inode of all sockets, as the kernel's own files have them."""
    found = set()
    for name in ("tcp", "tcp6", "udp", "udp6"):
        with open(f"/proc/net/{name}", encoding="ascii") as file:
            next(file)
            for line in file:
                fields = line.split()
                is_timewait = name.startswith("tcp") and fields[5].startswith("03:")
                found.add((name, None if is_timewait else int(fields[7]), int(fields[9])))
    return found


def with_users(found):
    """Without the user of what has no inode, where older kernels have 0."""
    return found if agree.keeps_users() else {
        (name, uid if inode else 0, inode) for name, uid, inode in found}


def rows():
    words = "show=user,program,timer,more"
    found = list(netstate.rows(words))
    verdict("rows have the kernel's users and inodes", [] if with_users(from_files()) ==
            with_users({(row.proto, row.uid, row.inode) for row in found}) else [str(found)])
    verdict("all of them know all columns", [
        str(row) for row in found if None in (row.inode, row.timer) or
        "netns" not in row.more])
    verdict("counts are those of the rows", [] if netstate.counts()["total"] == len(found) and
            netstate.rows(words).counts["total"] == len(found) else [str(netstate.counts())])
    holders = {pid: {row.inode for row in found if pid in [one for one, _ in row.owners] and
                     row.state != "SYN_RECV"} for pid in sockets.children}
    inodes = {row.inode for row in found}
    expected = {pid: {inode for inode in netstate._descriptors(pid)  # pylint: disable=W0212
                      if inode in inodes} for pid in sockets.children}
    verdict("all owners are those of /proc/PID/fd", [] if holders == expected else
            [str(holders), str(expected)])
    own = os.stat("/proc/self/ns/net").st_ino
    verdict("netns=all has this namespace's", [] if len(found) == sum(
        row.netns == own for row in netstate.rows("netns=all show=program")) else [str(own)])
    (group,) = netstate.groups("group=netns proto=tcp,udp")
    verdict("groups", [] if group["total"] == len(found) and group["netns"] == str(own) else
            [str(group)])


def as_user():
    """In a child, which has no privilege; its results are counted here."""
    results, end = os.pipe()
    pid = os.fork()
    if not pid:
        os.setgroups([])
        os.setresgid(1234, 1234, 1234)
        os.setresuid(1234, 1234, 1234)
        all_kinds(", to a user")
        seen = processes(", to a user")
        verdict("to a user some processes are hidden, and some are not",
                [] if {"AccessDenied", "NoSuchProcess", True} <= seen else [str(seen)])
        os.write(end, f"{tap.tests} {tap.failed}".encode())
        os._exit(0)
    os.close(end)
    said = os.read(results, 100).split()
    tap.tests, tap.failed = map(int, said or [tap.tests, tap.failed + 1])


def without():
    subprocess.run(["rmmod", "netstate"], check=True)
    try:
        verdict("without the module it is psutil's", differences(
            netstate.net_connections, psutil.net_connections))
        verdict("of a process, too", differences(
            netstate.Process(sockets.children[-1]).net_connections,
            psutil.Process(sockets.children[-1]).net_connections))
        try:
            netstate.rows("state=listen")
            verdict("rows say that it is not there", ["nothing was raised"])
        except FileNotFoundError as error:
            verdict("rows say that it is not there",
                    [] if error.filename == "/proc/netstate" else [str(error)])
    finally:
        subprocess.run(["insmod", "/netstate.ko"], check=True)


def main():
    print("TAP version 13")
    sockets.make_sockets()
    sockets.make_one_sided()
    sockets.make_time_wait()
    sockets.settle()
    all_kinds("")
    processes("")
    filters()
    rows()
    as_user()
    without()
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
