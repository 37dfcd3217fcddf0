# SPDX-License-Identifier: GPL-2.0-only
"""In a Debian guest: groups against what ss knows, and the reader's against the kernel's."""

import collections
import json
import re
import socket
import subprocess
import sys

import tap
from tap import verdict

WORDS = {"ESTAB": "established", "LISTEN": "listen", "CLOSE-WAIT": "close_wait",
         "FIN-WAIT-2": "fin_wait2"}


def make_sockets():
    keep = []
    for port, clients in ((7001, 5), (7002, 3), (7003, 0)):
        server = socket.create_server(("127.0.0.1", port))
        keep.append(server)
        for i in range(clients):
            client = socket.create_connection(("127.0.0.1", port))
            keep.append(server.accept()[0])
            if i == 1:  # FIN_WAIT2, and CLOSE_WAIT here
                client.shutdown(socket.SHUT_WR)
            keep.append(client)
    keep[1].sendall(b"x" * 1234)
    return keep


def kernel(words):
    with open("/proc/netstate", "r+", encoding="ascii") as file:
        file.write(words + "\n")
        file.flush()
        return file.read()


def reader(*words):
    out = subprocess.run(["./netstate", *words], check=True, stdout=subprocess.PIPE, text=True)
    return out.stdout


def groups_in(text):
    """By group, the columns that are not 0."""
    lines = text.splitlines()[1:]
    names = lines[0].split()
    groups = {}
    for line in lines[1:]:
        fields = line.split()
        groups[fields[0]] = {name: int(field) for name, field in zip(names[1:], fields[1:])
                             if field != "0"}
    return groups


# A process that listens where it is, by a name that nobody else has: other tests may have
# processes in namespaces of their own.
ELSEWHERE = """
import socket, sys
open("/proc/self/comm", "w").write("elsewhere")
server = socket.create_server(("0.0.0.0", 7004))
print(flush=True)
sys.stdin.read()
"""


def of_metrics(text):
    """By program, the states that occur, and their sum."""
    groups = collections.defaultdict(dict)
    for name, state, value in re.findall(
            r'^netstate_program_sockets\{program="(.*?)",state="(\w+)"\} (\d+)$', text, re.M):
        if value != "0":
            groups[name][state] = int(value)
    for group in groups.values():
        group["total"] = sum(group.values())
    return dict(groups)


def of_ss(key):
    """The same."""
    out = subprocess.run(["ss", "-4tanH"], check=True, stdout=subprocess.PIPE, text=True)
    groups = collections.defaultdict(collections.Counter)
    for line in out.stdout.splitlines():
        state, recvq, sendq, local, remote = line.split()[:5]
        if state == "LISTEN":
            sendq = 0  # there the limit of its queue
        groups[key(state, local, remote)].update(
            {WORDS[state]: 1, "total": 1, "recvq": int(recvq), "sendq": int(sendq)})
    return {key: {name: n for name, n in group.items() if n} for key, group in groups.items()}


def differences(ours, theirs):
    return [] if ours == theirs else [str(ours), str(theirs)]


def main():
    keep = make_sockets()
    print("TAP version 13")
    for by, key in (("lport", lambda state, local, remote: local.rsplit(":", 1)[1]),
                    ("rport", lambda state, local, remote: remote.rsplit(":", 1)[1]),
                    ("raddr", lambda state, local, remote: remote.rsplit(":", 1)[0]),
                    ("state", lambda state, local, remote: WORDS[state])):
        verdict(f"group={by} is what ss has", differences(groups_in(kernel(f"proto=tcp4 group={by}")), of_ss(key)))
        verdict(f"so is the reader's group={by}",
                differences(groups_in(reader("-t4", f"group={by}")), of_ss(key)))

    for words in ("group=lport", "group=program,state", "group=process top=3 state=listen"):
        verdict(f"the reader's {words}",
                differences(reader("-tu", *words.split()).splitlines()[1:],
                            kernel(words).splitlines()[1:]))
    kernels = groups_in(kernel("proto=tcp4 group=program"))
    verdict("metrics by program are the kernel's groups", differences(
        of_metrics(reader("-t4", "--metrics", "group=program,state")),
        {name: {state: n for state, n in group.items() if not state.endswith("q")}
         for name, group in kernels.items()}))
    with subprocess.Popen(["unshare", "--net", sys.executable, "-c", ELSEWHERE],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as elsewhere:
        elsewhere.stdout.readline()
        here, all_of_them = (of_metrics(reader("-t4", "--metrics", "group=program,state", *words))
                             for words in ((), ("netns=all",)))
        elsewhere.stdin.close()
    verdict("netns=all counts those of other namespaces, too", differences(
        [here.get("elsewhere"), all_of_them.get("elsewhere")],
        [None, {"listen": 1, "total": 1}]))
    groups = json.loads(reader("-t", "--json", "group=lport"))
    verdict("JSON: all of 7001",
            differences([group["total"] for group in groups["groups"] if group["lport"] == 7001],
                        [1 + 5]))
    verdict("JSON: the counts",
            differences(groups["counts"]["total"], sum(g["total"] for g in groups["groups"])))
    del keep
    return tap.finish()


sys.exit(main())
