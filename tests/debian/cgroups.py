# SPDX-License-Identifier: GPL-2.0-only
"""In a Debian guest: names of cgroups.

Folders as systemd and container engines make them, each with a process that listens
somewhere. What the reader calls it is what stands here, its number is that of the
folder (stat), and its process is in the folder's cgroup.procs.
"""

import collections
import json
import os
import re
import subprocess
import sys

import tap
from tap import verdict

TOP = "/sys/fs/cgroup"
ID = "0123456789abcdef" * 4
FOLDERS = {
    "/": "/",
    "/system.slice": "system.slice",
    "/system.slice/web.service": "web.service",
    "/system.slice/web.service/worker": "web.service",
    f"/system.slice/docker-{ID}.scope": "docker:0123456789ab",
    f"/docker/{ID}": "docker:0123456789ab",
    "/user.slice/user-1000.slice/session-3.scope": "session-3.scope",
    "/user.slice/user-1000.slice/user@1000.service/app.slice/app-mail-7.scope": "app-mail-7.scope",
    f"/kubepods.slice/kubepods-pod1.slice/cri-containerd-{ID}.scope":
        "cri-containerd:0123456789ab",
    f"/kubepods/besteffort/pod1/{ID}": "kubepods:0123456789ab",
    f"/machine.slice/libpod-{ID}.scope/container": "libpod:0123456789ab",
    "/machine.slice/machine-web\\x2d1.scope/payload/system.slice/x.service":
        "machine:web-1/x.service",
    "/lxc.payload.mail": "lxc:mail",
    "/lxc.payload.mail/system.slice/smtp.service": "lxc:mail/smtp.service",
    "/by hand/\u00e4": "/by\\040hand/\\303\\244",
}
NAMES = ["--numeric-hosts", "--numeric-ports"]
LISTEN = """
import os, socket, sys
with open(sys.argv[2] + "/cgroup.procs", "w") as file:
    file.write(str(os.getpid()))
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
if len(sys.argv) > 3:
    with open("/sys/fs/cgroup/cgroup.procs", "w") as file:
        file.write(str(os.getpid()))
print(flush=True)
sys.stdin.read()
"""


def listen(port, folder, *more):
    """A process in that cgroup that listens there."""
    os.makedirs(TOP + folder, exist_ok=True)
    child = subprocess.Popen([sys.executable, "-c", LISTEN, str(port), TOP + folder, *more],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    child.stdout.readline()
    return child


def reader(*words, before="true", user=0):
    """What the reader prints, maybe with other mounts."""
    words = ["./netstate", "-lt", *words]
    if user:
        words = ["setpriv", f"--reuid={user}", "--clear-groups", *words]
    return subprocess.run(["unshare", "-m", "sh", "-c", before + '; exec "$@"', "sh", *words],
                          check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True).stdout


def words_by_port(text):
    return {int(line.split()[3].rsplit(":", 1)[1]): re.search(r" cgroup=(\S+)", line).group(1)
            for line in text.splitlines()[2:]}


def differences(ours, expected):
    return [f"{key}: {ours.get(key)}, expected {expected.get(key)}"
            for key in {**ours, **expected} if ours.get(key) != expected.get(key)]


def main():
    children = {}
    numbers, names, paths = {}, {}, {}
    for port, (folder, name) in enumerate(FOLDERS.items(), 7001):
        children[port] = listen(port, folder)
        numbers[port] = os.stat(TOP + folder).st_ino
        names[port] = name
        paths[port] = folder
    more = [*NAMES, "show=more"]

    print("TAP version 13")
    verdict("names", differences(words_by_port(reader(*more)), names))
    verdict("names, found by a user", differences(words_by_port(reader(*more, user=1234)), names))
    verdict("-n: numbers of folders", differences(
        words_by_port(reader("-n", "show=more")), {port: str(n) for port, n in numbers.items()}))
    kernel = open("/proc/netstate", "r+", encoding="ascii")
    kernel.write("proto=tcp4 state=listen show=more\n")
    kernel.flush()
    verdict("-n: the kernel's rows", [] if reader("-nW", "show=more").splitlines()[2:] ==
            kernel.read().splitlines()[2:] else ["other rows"])

    for who in (0, 1234):
        rows = json.loads(reader("--json", user=who))["sockets"]
        verdict(f"JSON: number and path (user {who})", differences(
            {row["local_port"]: (row["cgroup"], row.get("cgroup_path")) for row in rows},
            {port: (numbers[port], paths[port]) for port in paths}))
        verdict(f"JSON: no other row has a path (user {who})",
                [] if len(rows) == len(FOLDERS) else [str(len(rows))])
    procs = {port: open(TOP + folder + "/cgroup.procs", encoding="ascii").read().split()
             for port, folder in paths.items()}
    verdict("its process is there", [str(port) for port, child in children.items()
                                     if str(child.pid) not in procs[port]])

    with_names = reader("group=cgroup").splitlines()
    without = reader("-n", "group=cgroup").splitlines()
    called = {str(number): names[port] for port, number in numbers.items()}
    expected = [called[line.split()[0]].ljust(23) + line[23:] for line in without[2:]]
    verdict("groups have names", differences(dict(enumerate(with_names)),
                                             dict(enumerate([*without[:2], *expected]))))
    expected = [line[:24] + called[line.split()[1]].ljust(23) + line[47:]
                for line in reader("-n", "group=lport,cgroup").splitlines()[2:]]
    verdict("groups by two things, too", differences(
        dict(enumerate(reader("group=lport,cgroup").splitlines()[2:])), dict(enumerate(expected))))
    groups = json.loads(reader("--json", "group=cgroup"))["groups"]
    verdict("JSON: groups have number and path", differences(
        {group["cgroup"]: group.get("cgroup_path") for group in groups},
        {numbers[port]: path for port, path in paths.items()}))

    # Two directories of the same container are one.
    series = collections.Counter()
    for folder, name in FOLDERS.items():
        if ID in folder:
            pod = "1" if "kube" in folder else ""
            series[f'container="{ID}",name="{name}",pod="{pod}"'] += 1
        else:
            escaped = name.replace("\\040", " ").replace("\\", "\\\\")
            series[f'container="",name="{escaped}",pod=""'] += 1
    series['container="",name="other",pod=""'] = 0
    metrics = reader("--metrics", "group=cgroup", "state=listen")
    verdict("metrics have names, pods and containers", differences(
        {labels: int(value) for labels, value in
         re.findall(r"^netstate_cgroup_sockets\{(.*)\} (\d+)$", metrics, re.M)}, series))

    elsewhere = "umount /sys/fs/cgroup; mkdir -p '/tmp/uni fied'; mount -t cgroup2 none '/tmp/uni fied'"
    for who in (0, 1234):
        verdict(f"mounted elsewhere (user {who})", differences(
            words_by_port(reader(*more, before=elsewhere, user=who)), names))
    verdict("mounted nowhere: numbers", differences(
        words_by_port(reader(*more, before="umount /sys/fs/cgroup")),
        {port: str(n) for port, n in numbers.items()}))

    part = "mount --bind /sys/fs/cgroup/system.slice /tmp/part; umount /sys/fs/cgroup"
    os.makedirs("/tmp/part", exist_ok=True)
    for who in (0, 1234):
        rows = json.loads(reader("--json", before=part, user=who))["sockets"]
        verdict(f"of a part of it, that part (user {who})", differences(
            {row["local_port"]: row.get("cgroup_path") for row in rows},
            {port: path if path.startswith("/system.slice") else None
             for port, path in paths.items()}))

    children[0] = listen(7900, "/system.slice/gone.service", "leave")
    number = os.stat(TOP + "/system.slice/gone.service").st_ino
    verdict("before its cgroup is removed", differences(
        words_by_port(reader(*more, "lport=7900")), {7900: "gone.service"}))
    os.rmdir(TOP + "/system.slice/gone.service")
    for who in (0, 1234):
        row = json.loads(reader("--jsonl", "lport=7900", user=who))
        verdict(f"a cgroup that is gone: its number (user {who})", differences(
            words_by_port(reader(*more, "lport=7900", user=who)), {7900: str(number)}) +
            ([] if row["cgroup"] == number and "cgroup_path" not in row else [str(row)]))

    def repeats(name):
        with open("/tmp/repeated", encoding="ascii") as file:
            return name in file.read()

    with open("/tmp/repeated", "w", encoding="ascii") as file:
        repeated = subprocess.Popen(["./netstate", "-lt", "-c", "0.5", *more, "lport=7900,7901"],
                                    stdout=file, user=1234, group=1234)
        tap.until(lambda: repeats(" cgroup="))
        children[1] = listen(7901, "/system.slice/new.service")
        tap.until(lambda: repeats(" cgroup=new.service "))
        repeated.terminate()
        repeated.wait()
    with open("/tmp/repeated", encoding="ascii") as file:
        text = file.read()
    verdict("-c finds those that come later", [] if " cgroup=new.service " in text and
            text.index(" cgroup=") < text.index(" cgroup=new.service ") else [text[-1000:]])
    for child in children.values():
        child.kill()
    return tap.finish()


sys.exit(main())
