# SPDX-License-Identifier: GPL-2.0-only
"""In a Debian guest: the reader's netns=, by name, by process and by number.

ss, run in the namespace, is the witness. What is not there, or may not be seen, is an
error: an empty table would look like an answer.
"""

import json
import os
import re
import subprocess
import sys

import tap
from tap import verdict

PORTS = 8123, 8124
USER = 1234
HOLD = """
import os, socket, sys
servers = [socket.create_server(("127.0.0.1", int(port))) for port in sys.argv[1:]]
print(os.getpid(), flush=True)
sys.stdin.read()
"""


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def start(*words):
    """A process that listens; waits until it does."""
    child = subprocess.Popen([*words, sys.executable, "-c", HOLD, *map(str, PORTS)],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return child, int(child.stdout.readline())


def end(child):
    child.stdin.close()
    child.wait()


def run(*words, user=0):
    return subprocess.run(["./netstate", *words], check=False, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, user=user, group=user,
                          extra_groups=[])


def ports(done):
    return sorted(int(one) for one in re.findall(r"127\.0\.0\.1:(\d+) ", done.stdout))


def shows(name, netns, expected):
    done = run("-tln", f"netns={netns}")
    verdict(name, [] if (done.returncode, ports(done), done.stderr) == (0, expected, "") else
            [str(done)])


def refuses(name, netns, text, user=0):
    """An error in both forms, and nothing that looks like an answer."""
    for words in (), ("--json",):
        done = run("-tn", *words, f"netns={netns}", user=user)
        verdict(" ".join([name, *words]), [] if done.returncode == 2 and not done.stdout and
                text in done.stderr else [str(done)])


def main():
    print("TAP version 13")
    ip("netns", "add", "blue")
    ip("netns", "exec", "blue", "ip", "link", "set", "lo", "up")
    ip("netns", "add", "empty")
    child, pid = start("ip", "netns", "exec", "blue")
    number = os.stat("/run/netns/blue").st_ino
    there = sorted(int(one) for one in re.findall(r"127\.0\.0\.1:(\d+)", subprocess.run(
        ["ip", "netns", "exec", "blue", "ss", "-tlnH"], check=True, stdout=subprocess.PIPE,
        text=True).stdout))
    verdict("ss sees them there", [] if there == sorted(PORTS) else [str(there)])
    shows("by name", "blue", there)
    shows("by process", pid, there)
    shows("by number", number, there)
    shows("several", f"empty,{pid}", there)
    shows("one without a socket is no error", "empty", [])
    done = run("-tln", "--json", "netns=blue")
    verdict("JSON", [] if done.returncode == 0 and there == sorted(
        row["local_port"] for row in json.loads(done.stdout)["sockets"]) else [str(done)])

    refuses("no such name", "green", "netns=green")
    refuses("no such number", 999999999, "netns=999999999: there is no such network namespace")
    refuses("a user may not enter", number, "you may not enter this network namespace", USER)
    refuses("nor see where a process is", pid, "hidden from you", USER)
    end(child)
    refuses("a process that has gone", pid, f"netns={pid}: no such process")
    ip("netns", "del", "blue")
    ip("netns", "del", "empty")
    refuses("a namespace that has gone", number, "there is no such network namespace")
    return tap.finish()


if __name__ == "__main__":
    sys.exit(main())
