# SPDX-License-Identifier: GPL-2.0-only
"""In a Debian guest: what docs/programs.md shows, run as it stands there.

C, Go and Rust were compiled beside this, as far as there were compilers; all of them print
who listens where, and so does ss, the witness.
"""

import os
import re
import socket
import subprocess
import sys

import tap
from tap import skip, verdict

with open("programs.md", encoding="utf-8") as page:
    BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", page.read(), re.M | re.S)


def run(*words):
    return subprocess.run(words, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True)


def from_ss():
    """Who listens where, as a set of (address, lowest pid)."""
    found = set()
    for line in run("ss", "-tlnpHO").stdout.splitlines():
        local = line.split()[3].replace("[", "").replace("]", "").replace("*:", ":::")
        found.add((local, min(int(pid) for pid in re.findall(r"pid=(\d+)", line))))
    return found


def listeners(text):
    """The same, of lines such as "127.0.0.1:80 812/nginx+2"."""
    return {(local, int(owner.split("/")[0]))
            for local, owner in re.findall(r"^(\S+:\d+) (\d+/\S+)$", text, re.M)}


def judge(name, done, expected):
    ours = listeners(done.stdout)
    verdict(name, [] if not done.returncode and not done.stderr and ours == expected else
            [str(done.returncode), *done.stderr.splitlines(), str(ours), str(expected)])


def main():
    keep = [socket.create_server(("127.0.0.1", 7001)),
            socket.create_server(("::1", 7002), family=socket.AF_INET6)]
    client = socket.create_connection(("127.0.0.1", 7001))
    keep.append(keep[0].accept()[0])
    client.shutdown(socket.SHUT_WR)
    keep.append(socket.create_connection(("127.0.0.1", 7001)))
    keep.append(keep[0].accept()[0])
    expected = from_ss()
    print("TAP version 13")
    python = 0
    for language, text in BLOCKS:
        if language == "python":
            python += 1
            done = run(sys.executable, "-c", text)
            wanted = ("7001", "CLOSE_WAIT", str(os.getpid())) if python == 1 else \
                ("2 connections", "python3 ", f"{os.getpid()} python3 addr(ip='127.0.0.1', port=7001)")
            verdict(f"Python {python}", [done.stderr, done.stdout] if done.returncode or
                    not all(word in done.stdout for word in wanted) else [])
        elif language == "sh":
            judge("shell", run("sh", "-euc", text), expected)
            verdict("shell: counts", [] if " listen=2 " in run("sh", "-euc", text).stdout else
                    ["no counts"])
        elif os.path.exists(f"./example-{language}"):
            judge(language, run(f"./example-{language}"), expected)
        else:
            skip(language, "there was no compiler")
    return tap.finish()


sys.exit(main())
