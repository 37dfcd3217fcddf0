# SPDX-License-Identifier: GPL-2.0-only
"""In a Debian guest: what the reader says without the module, face to face with it.

netstate-proc formats with the module's own code, so that it is no witness of the text;
but what it tells of sockets comes from other files of the kernel. Nothing moves here, so
both have to tell the same, but for what those files lack: who will own a connection in
SYN_RECV, and most words of show=more. netstat is the witness of both.
"""

import os
import re
import subprocess
import sys

import sockets
import tap
from agree import keeps_users, table, timers_apart, without_more
from tap import verdict

FILTERS = (
    "", "show=user,program,timer", "show=none", "show=more proto=tcp,udp,raw,udpl",
    "proto=tcp,udp,raw,udpl show=user", "state=listen", "state=close_wait,fin_wait2",
    "family=inet6", "recvq>0", "rport!=0 proto=tcp", "owner=none show=user", "owner=any",
    "owner=queued", "owner=orphan show=user,timer", "uid=1234 show=user", "pid={child}",
    "pid!={child}", "comm=pyth*", "comm!=python3", "comm=nothing",
    "group=program", "group=process,state", "group=raddr/24", "group=lport top=5",
    "group=uid", "group=state proto=raw,udp", "group=netns",
)
WORDS = ("owners", "drops", "netns", "owner")


def told(filter_, out):
    """What can be compared of a table: its two first lines, and the rest, sorted."""
    rows, seconds = [], []
    for line in out[2:]:
        line, left = timers_apart(line)
        if " SYN_RECV " in line:
            line = re.sub(r"( owners=)?\d+/\S+ *", "" if "show=more" in filter_ else "- ", line)
        if "show=more" in filter_:
            row, *words = re.split(r" (?=[a-z_]+=)", line.rstrip())
            line = " ".join([row.rstrip()] +
                            [word for word in words if word.split("=")[0] in WORDS and
                             not (line.startswith("tcp") and word.startswith("drops="))])
        rows.append((re.sub(" +", " ", line), left))
    rows.sort()
    seconds = [left for _, left in rows]
    return out[:2], [row for row, _ in rows], seconds


def run(*words, **more):
    return subprocess.run(words, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, **more)


def differences(filter_):
    head, rows, seconds = told(filter_, table(filter_))
    other = run("./netstate-proc", filter_)
    their_head, their_rows, their_seconds = told(filter_, other.stdout.splitlines())
    if (head, rows) == (their_head, their_rows) and not other.returncode and \
            all(abs(a - b) < 5 for a, b in zip(seconds, their_seconds)):
        return []
    return [f"filter: {filter_}", other.stderr, *head, *their_head] + \
        ["- " + row for row in rows if row not in their_rows] + \
        ["+ " + row for row in their_rows if row not in rows]


def compare(filter_):
    # A request or a holder that the files lack counts elsewhere.
    if "comm" in filter_ or "pid" in filter_ or "owner=" in filter_ or "group=p" in filter_:
        filter_ += " state!=syn_recv"
    # So do users of what has no inode; 0 may stand for none.
    if filter_ == "group=uid" or not keeps_users() and ("uid" in filter_ or "user" in filter_):
        filter_ += " inode!=0"
    for _ in range(3):  # some timers, and what is sent again
        found = differences(filter_)
        if not found:
            break
    verdict("without the module: " + (filter_ or "all"), found)


def compare_netstat():
    theirs = sorted(sockets.run("netstat", "-tuanpW").splitlines()[2:])
    ours = sorted(without_more(line) for line in
                  run("./netstate-proc", "").stdout.splitlines()[2:])
    verdict("without the module: netstat's rows", [] if ours == theirs else
            ["- " + line for line in theirs if line not in ours] +
            ["+ " + line for line in ours if line not in theirs])


def says(name, out, status, text, error):
    verdict(name, [] if out.returncode == status and text in out.stdout and error in out.stderr
            else [str(out.returncode), *out.stdout.splitlines()[:5], *out.stderr.splitlines()])


def without():
    """Nobody has the file now."""
    counts = run("./netstate", "-tn", "--counts")
    says("the reader goes on without the module", counts, 0, "established=",
         "the kernel module is not ")
    says("it exits with 3 if that is wanted", run("./netstate", "--require-module"), 3, "",
         "the kernel module is not ")
    says("a check counts", run("./netstate", "--check-threshold", "listen=1:,1:"), 0, "OK - ", "")
    says("a check of what only the module knows is unknown",
         run("./netstate", "--check-threshold", "bound=1,2", "state=bound"), 3, "UNKNOWN - ", "")
    says("a user's check that asks for owners is unknown",
         run("./netstate", "--check-threshold", "listen=1,2", "comm=python3", user=1000), 3,
         "UNKNOWN - who holds sockets is hidden", "")
    inside = ("unshare", "--pid", "--fork", "--mount-proc", "./netstate", "--check-threshold", "listen=1,2")
    says("so is one in a pid namespace, where not all processes are",
         run(*inside, "comm=python3", "state=listen"), 3, "UNKNOWN - who holds sockets is hidden", "")
    says("but not one that asks for no owners there", run(*inside, "state=listen"), 2, "CRITICAL - ", "")
    says("other namespaces are said to be missing", run("./netstate", "-tn", "netns=all"), 3, "",
         "other network namespaces")
    says("--drop wants the module", run("./netstate", "--drop", "--yes", "lport=1"), 3, "",
         "the kernel module is not ")


def main():
    print("TAP version 13")
    sockets.make_sockets()
    sockets.make_others()
    sockets.make_one_sided()
    sockets.make_time_wait()
    sockets.settle()
    for filter_ in FILTERS:
        compare(filter_.format(child=sockets.children[0]))
    compare_netstat()
    os.chmod("/proc/netstate", 0o600)
    says("a mode that forbids it is the reason", run("./netstate", "-tln", user=1000), 0,
         "LISTEN", "/proc/netstate has mode 0600")
    os.chmod("/proc/netstate", 0o666)
    sockets.run("rmmod", "netstate")
    try:
        without()
    finally:
        sockets.run("insmod", "/netstate.ko")
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
