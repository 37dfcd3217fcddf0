# SPDX-License-Identifier: GPL-2.0-only
"""In a Debian guest: /proc/netstate against netstat, ss and lsof.

Makes sockets of every kind that a program can make, lets nothing move, and
compares: the same rows byte for byte as netstat's, the same sockets, states,
queues and holders as those of ss and lsof.
"""

import os
import re
import subprocess
import sys

import tap
from sockets import children, make_sockets, run, settle
from tap import verdict


class Row:
    """A row of the table, in words that ss and lsof can be brought to, too."""

    def __init__(self, line):
        fields = line.split()
        self.line = line
        self.proto, self.recvq, self.sendq, self.local, self.remote = fields[:5]
        self.state = fields[5] if len(fields) == 7 else ""
        owner = re.fullmatch(r"(\d+)/(\S+?)(?:\+(\d+))?", fields[-1])
        self.pid = int(owner.group(1)) if owner else None
        self.holders = 1 + int(owner.group(3) or 0) if owner else 0

    def key(self):
        return (self.proto[:3], self.local, self.remote, self.state)


def plain(host, port):
    """An address as netstat writes it."""
    host = host.strip("[]").split("%")[0]
    if host.startswith("::ffff:") and "." in host:
        host = host[7:]
    return host + ":" + port


def table(words=""):
    with open("/proc/netstate", "r+", encoding="ascii") as file:
        if words:
            file.write(words + "\n")
            file.flush()
        return file.read().splitlines()


def without_more(line):
    """A row without the count of further holders, which netstat does not know."""
    return re.sub(r"(\d+/\S+?)\+(\d+)( *)$", lambda m: m.group(1).ljust(20), line)


SS_STATES = {
    "ESTAB": "ESTABLISHED", "SYN-SENT": "SYN_SENT", "SYN-RECV": "SYN_RECV",
    "FIN-WAIT-1": "FIN_WAIT1", "FIN-WAIT-2": "FIN_WAIT2", "TIME-WAIT": "TIME_WAIT",
    "CLOSE-WAIT": "CLOSE_WAIT", "LAST-ACK": "LAST_ACK", "LISTEN": "LISTEN",
    "CLOSING": "CLOSING", "UNCONN": "",
}


def from_ss():
    found = {}
    for line in run("ss", "-tuanpHO").splitlines():
        fields = line.split()
        proto, state, recvq, sendq, local, remote = fields[:6]
        pids = {int(pid) for pid in re.findall(r"pid=(\d+)", line)}
        key = (proto, *(end.rsplit(":", 1) for end in (local, remote)), SS_STATES[state])
        found[(key[0], plain(*key[1]), plain(*key[2]), key[3])] = (recvq, sendq, pids)
    return found


def from_lsof():
    """Holders by socket, of all sockets that have any."""
    found = {}
    words = ["lsof", "-nP", "-i", "-F", "pnPt"]
    out = subprocess.run(words, check=False, stdout=subprocess.PIPE, text=True).stdout
    pid = proto = family = name = None
    for line in out.splitlines():
        kind, value = line[0], line[1:]
        if kind == "p":
            pid = int(value)
        elif kind == "t":  # both kinds of * may have the same port
            family = "6" if value == "IPv6" else ""
        elif kind == "P":
            proto = value.lower() + family
        elif kind == "n":
            name = value
            local, _, remote = name.partition("->")
            local = plain(*local.rsplit(":", 1))
            remote = plain(*remote.rsplit(":", 1)) if remote else None
            found.setdefault((proto, local, remote), set()).add(pid)
    return found


def compare_netstat(lines):
    theirs = run("netstat", "-tuanpW").splitlines()
    verdict("line 1 begins as netstat's",
            [] if lines[0].startswith(theirs[0] + " ") else [lines[0], theirs[0]])
    verdict("line 2 is netstat's", [] if lines[1] == theirs[1] else [lines[1], theirs[1]])
    ours = sorted(without_more(line) for line in lines[2:])
    theirs = sorted(theirs[2:])
    verdict("rows are netstat's, byte for byte",
            ["- " + line for line in theirs if line not in ours] +
            ["+ " + line for line in ours if line not in theirs])
    verdict("as many rows as netstat's", [] if len(ours) == len(theirs) else
            [f"{len(ours)} {len(theirs)}"])


def keeps_users():
    """Whether the kernel's tables have the user of what nobody holds, as ours has: else 0."""
    return [int(part) for part in re.findall(r"\d+", os.uname().release)[:2]] >= [6, 17]


def without_user(text):
    """A table without the user of what has no inode, where ours knows more."""
    return text if keeps_users() else re.sub(
        r"^((?:tcp6? )(?: *\S+ +){4}[A-Z]\S* +)\S+ +0(?= |$)", r"\1U 0", text, flags=re.M)


def timers_apart(line):
    """A row without the seconds of its timer, and these."""
    found = re.search(r"\((\d+\.\d\d)/", line)
    return (line.replace(found.group(1), "S", 1), float(found.group(1))) if found else (line, 0)


def column_differences(show, flags):
    theirs = without_user(run("netstat", "-tuanW" + flags)).splitlines()
    ours = without_user("\n".join(table("show=" + show))).splitlines()
    differences = [] if ours[1] == theirs[1] else [ours[1], theirs[1]]
    by_text = {}
    for line in theirs[2:]:
        text, seconds = timers_apart(line)
        by_text.setdefault(text, []).append(seconds)
    for line in ours[2:]:
        text, seconds = timers_apart(re.sub(r"(\d+/\S+?)\+(\d+)( *)( |$)",
                                            lambda m: m.group(1).ljust(20) + m.group(4), line))
        near = [s for s in by_text.get(text, []) if abs(s - seconds) < 5]
        if near:
            by_text[text].remove(near[0])
        else:
            differences.append("+ " + line)
    return differences + ["- " + text for text, left in by_text.items() for _ in left]


def sent_again():
    """What the kernel says of timers and retransmissions, without the time that is left."""
    found = []
    for name in ("tcp", "tcp6"):
        with open("/proc/net/" + name, encoding="ascii") as file:
            for line in file.readlines()[1:]:
                _, local, remote, state, queues, timer, retransmits = line.split()[:7]
                found.append((local, remote, state, queues, timer.split(":")[0], retransmits))
    return sorted(found)


def compare_columns(show, flags):
    """The same columns chosen here by show= and there by -e, -p and -o; again where
    something was sent once more between the two."""
    for _ in range(4):
        before = sent_again()
        differences = column_differences(show, flags)
        if not differences or sent_again() == before:
            break
    verdict(f"show={show} is netstat -tuan{flags}", differences)


def compare_ss(rows):
    found = from_ss()
    differences = []
    # ss writes * for the address of a socket that takes IPv4 and IPv6.
    for row in rows:
        for local, remote in ((row.local, row.remote),
                              (row.local.replace(":::", "*:"), row.remote.replace(":::", "*:"))):
            other = found.pop((row.proto[:3], local, remote, row.state), None)
            if other:
                break
        if not other:
            differences.append("not in ss: " + row.line)
            continue
        recvq, sendq, pids = other
        if recvq != row.recvq or (row.state != "LISTEN" and sendq != row.sendq):
            differences.append(f"queues {recvq} {sendq}: {row.line}")
        if len(pids) != row.holders or (pids and min(pids) != row.pid):
            differences.append(f"holders {sorted(pids)}: {row.line}")
    verdict("same sockets, queues and holders as ss",
            differences + [f"only in ss: {key}" for key in found])


def compare_lsof(rows):
    found = from_lsof()
    differences = []
    for row in rows:
        remote = None if row.remote.endswith(":*") else row.remote
        for local in (row.local, re.sub(r"^(0\.0\.0\.0|::):", "*:", row.local)):
            pids = found.pop((row.proto, local, remote), None)
            if pids:
                break
        pids = pids or set()
        if len(pids) != row.holders or (pids and min(pids) != row.pid):
            differences.append(f"holders {sorted(pids)}: {row.line}")
    verdict("same holders as lsof",
            differences + [f"only in lsof: {key} {pids}" for key, pids in found.items()])


def main():
    make_sockets()
    settle()
    lines = table()
    rows = [Row(line) for line in lines[2:]]
    print("TAP version 13")
    verdict("every state that stays is there",
            [state for state in ("LISTEN", "ESTABLISHED", "SYN_SENT", "FIN_WAIT2", "CLOSE_WAIT",
                                 "TIME_WAIT", "") if not any(row.state == state for row in rows)])
    verdict("shared sockets name all their holders",
            [] if any(row.holders == 5 for row in rows) else ["nobody shares"])
    compare_netstat(lines)
    for user in ("", "user"):
        for program in ("", "program"):
            for timer in ("", "timer"):
                show = ",".join(word for word in (user, program, timer) if word) or "none"
                compare_columns(show, "e" * bool(user) + "p" * bool(program) + "o" * bool(timer))
    compare_ss(rows)
    compare_lsof(rows)
    for pid in children:
        os.kill(pid, 9)
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
