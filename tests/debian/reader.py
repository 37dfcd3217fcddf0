# SPDX-License-Identifier: GPL-2.0-only
"""In a Debian guest: the reader against netstat.

With sockets in every state, prints them with every combination of the options
that both have, and compares byte for byte. Only the seconds of timers may differ
by as much as they run on between the two, and listeners may stand in another
order: before 6.x the kernel has two tables of them.

usage: reader.py [--all]	all 8192 combinations, not a sample of them
"""

import itertools
import json
import os
import re
import subprocess
import sys
import time

import sockets
import tap
from agree import without_user
from tap import verdict

SECONDS = re.compile(r"\((\d+\.\d\d)/")
HOSTS = """127.0.0.1 localhost netstate
::1 localhost ip6-localhost
192.0.2.1 ours.example
192.0.2.7 a-silent-host-with-a-long-name.example silent
fd00:1111:2222:3333:4444:5555:6666:7777 wide.example
"""
SERVICES = """ssh 22/tcp
http 80/tcp
http 80/udp
afs3-fileserver 7000/tcp
a-service-with-a-very-long-name 7002/tcp
afs3-callback 7001/tcp
afs3-callback 7001/udp
"""
PROTOCOLS = """ip 0 IP
icmp 1 ICMP
tcp 6 TCP
udp 17 UDP
ipv6-icmp 58 IPv6-ICMP
"""


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def start_renamed():
    """Processes that are not called what they are, and one of another user."""
    script = ("import socket, sys, time; a = ('127.0.0.1', int(sys.argv[1])); "
              "s = socket.create_server(a); c = socket.create_connection(a); "
              "print(flush=True); time.sleep(10000)")
    for port, user, name in ((7000, 0, "renamed: master process with spaces"),
                             (7003, 0, "/usr/lib/some/path/program-name"),
                             (7008, 1234, "python3")):
        child = subprocess.Popen([name, "-c", script, str(port)], executable=sys.executable,
                                 stdout=subprocess.PIPE, user=user, group=user)
        child.stdout.readline()
        sockets.children.append(child.pid)


def prepare():
    write("/etc/hosts", HOSTS)
    write("/etc/services", SERVICES)
    write("/etc/protocols", PROTOCOLS)
    write("/etc/nsswitch.conf", "hosts: files\npasswd: files\n")
    os.makedirs("/tmp/bin", exist_ok=True)
    os.symlink(os.path.abspath("netstate"), "/tmp/bin/netstat")
    sockets.make_sockets()
    sockets.make_others()
    start_renamed()
    sockets.make_one_sided()
    sockets.settle()


def output(*words, **more):
    return subprocess.run(words, check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True, **more).stdout


def timers_apart(text):
    text = without_user(text)
    return SECONDS.sub("(S/", text), [float(s) for s in SECONDS.findall(text)]


def listeners_sorted(text):
    """The text with each run of listeners of a protocol in alphabetical order."""
    lines = []
    for is_listener, run in itertools.groupby(text.splitlines(), lambda line: line[:5] + "LISTEN"
                                              if re.search(r" LISTEN( |$)", line) else ""):
        lines += sorted(run) if is_listener else run
    return lines


def same(ours, theirs):
    ours, our_seconds = timers_apart(ours)
    theirs, their_seconds = timers_apart(theirs)
    return listeners_sorted(ours) == listeners_sorted(theirs) and all(abs(a - b) < 5 for a, b in zip(our_seconds, their_seconds))


def differences(ours, theirs):
    ours = [timers_apart(line)[0] for line in ours.splitlines()]
    theirs = [timers_apart(line)[0] for line in theirs.splitlines()]
    if sorted(ours) == sorted(theirs):
        return ["same lines in another order"] + ["- " + line for line in theirs[:12]] + \
               ["+ " + line for line in ours[:12]]
    return ["- " + line for line in theirs if line not in ours] + \
           ["+ " + line for line in ours if line not in theirs]


def compare(flags, ours="/tmp/bin/netstat"):
    """What differs, if it does so more than once: some states end by themselves."""
    for _ in range(4):
        theirs = output("netstat", *flags)
        mine = output(ours, *flags)
        if same(mine, theirs):
            return []
        if same(output("netstat", *flags), theirs):  # nothing has ended: it is ours that is wrong
            break
        refresh(force=True)
    return ["netstat " + " ".join(flags)] + differences(mine, theirs)[:40]


refreshed = 0


def refresh(force=False):
    """TIME_WAIT ends after a minute."""
    global refreshed
    if force or time.time() - refreshed > 20:
        sockets.make_time_wait()
        refreshed = time.time()


def subsets(letters):
    for count in range(len(letters) + 1):
        for subset in itertools.combinations(letters, count):
            yield "".join(subset)


def option(letters):
    return ["-" + letters] if letters else []


def every_combination(everything):
    protocols = "tuwU" if os.path.exists("/proc/net/udplite") else "tuw"
    columns = list(subsets("npeoW"))
    groups = list(itertools.product(subsets(protocols), subsets("al"), subsets("46")))
    for number, (protos, which, family) in enumerate(groups):
        chosen = columns if everything else {columns[number * 7 % 32]}
        if not family:
            chosen = {*chosen, "npeoW"}
        why = []
        for form in chosen:
            refresh()
            why += compare(option(protos + which + family + form))
        verdict(f"netstat -{protos}{which}{family} with {len(chosen)} sets of -npeoW", why)


def long_names():
    names = ["--tcp", "--udp", "--raw", "--all", "--extend", "--programs", "--timers", "--wide"]
    verdict("long names", compare(names))
    for part in ("--numeric", "--numeric-hosts", "--numeric-ports", "--numeric-users"):
        verdict(part, compare(["-tuwaep", part]) + compare(["-tuwaeW", part]))
    verdict("-A inet6", compare(["-A", "inet6", "-an"]))
    verdict("--inet --listening", compare(["--inet", "--listening"]) + compare(["--ip", "-l"]))


def all_states():
    text = output("./netstate", "-tan")
    missing = [state for state in ("ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2",
                                   "TIME_WAIT", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING")
               if f" {state.ljust(11)}" not in text.split("\n", 1)[1]]
    verdict("every state is there", missing)
    counts = dict(word.split("=") for word in text.splitlines()[0].split(") ")[1].split())
    wrong = [state for state, count in counts.items() if state not in ("dgram", "total", "close")
             and text.split("\n", 1)[1].count(f" {state.upper().ljust(11)}") != int(count)]
    verdict("line 1 counts them", wrong)


def own_name():
    """Under its own name: counts, other names of programs, how many more."""
    def plain(text):
        head, rest = text.split("\n", 1)
        rest = re.sub(r" (\d+/\S+|-)( +)$", " program", rest, flags=re.M)
        rest = re.sub(r" (\d+/.*|-) *$", " program", rest, flags=re.M)
        return head.split(") ")[0].rstrip(")") + rest

    for flags in ("-tuanpW", "-tuan", "-tuanp", "-tu", "-tul", "-tn", "-tnl", "-wan", "-tuane",
                  "-tuaneo"):
        why = []
        for _ in range(4):
            theirs, mine = plain(output("netstat", flags)), plain(output("./netstate", flags))
            why = [] if same(mine, theirs) else differences(mine, theirs)[:40]
            if not why or same(plain(output("netstat", flags)), theirs):
                break
            refresh(force=True)
        verdict(f"netstate {flags} is netstat's but for counts and programs", why)
    rows = output("./netstate", "-tanp").splitlines()
    verdict("shared sockets say how many more hold them",
            [] if any("+" in row for row in rows) else rows)


def counted_right():
    for flags in ([], ["-tuan"], ["-tn"], ["-ln"], ["-un"], ["-tuan", "lport=7000"],
                  ["-tan", "state=close_wait,last_ack"], ["-n", "rport!=7000"],
                  ["-n", "proto=tcp"], ["-ln", "proto=tcp"], ["-ln", "proto=udp,raw"]):
        text = output("./netstate", *flags)
        rows = len(text.splitlines()) - 2
        verdict("total of " + " ".join(flags), [] if f" total={rows}\n" in text else [text])


def filters():
    """The kernel's filter and the reader's, of a saved table, show the same."""
    write("/tmp/saved", output("sh", "-c", "exec 3<>/proc/netstate; "
          "echo proto=tcp,udp,raw,udpl show=user,program,timer >&3; cat <&3"))
    saved = dict(os.environ, NETSTATE_FILE="/tmp/saved")
    for words in (["state=listen"], ["lport=7000"], ["port=afs3-fileserver"], ["raddr=silent"],
                  ["addr=127.0.0.0/8", "state!=listen"], ["raddr=wide.example"], ["uid=1234"],
                  ["uid!=1234", "proto=tcp6"], ["owner=none", "proto=tcp"], ["sendq>0"],
                  ["comm=python3"], ["owner=any", "family=inet6"], ["inode=0"], ["proto=raw"]):
        now = output("./netstate", "-an", *words)
        then = output("./netstate", "-an", *words, env=saved)
        rows = sorted(now.splitlines()[1:]), sorted(then.splitlines()[1:])
        verdict("filter " + " ".join(words), [] if rows[0] == rows[1] and len(rows[0]) > 1 else
                [now, then])


def rows_of(*words):
    return [json.loads(line) for line in output("./netstate", "-an", "--jsonl", *words).splitlines()]


def name_of(row):
    return tuple(str(row[key]) for key in ("proto", "local_address", "local_port", "remote_address",
                                           "remote_port", "state", "inode"))


def filters_choose():
    """A filter shows those of all rows that it says, as it is read here."""
    def of(row, *protos):
        return row["proto"].rstrip("6") in protos

    def addresses(row):
        return row["local_address"], row["remote_address"]

    for words, choose in (
            ("state=listen", lambda row: row["state"] == "LISTEN"),
            ("lport=7000", lambda row: row["local_port"] == 7000),
            ("rport!=7000 proto=tcp", lambda row: row["remote_port"] != 7000 and of(row, "tcp")),
            ("port=afs3-fileserver", lambda row: 7000 in (row["local_port"], row["remote_port"])),
            ("raddr=silent", lambda row: row["remote_address"] == "192.0.2.7"),
            ("addr=127.0.0.0/8 state!=listen", lambda row: row["state"] != "LISTEN" and any(
                address.startswith("127.") for address in addresses(row))),
            ("raddr=wide.example", lambda row: row["remote_address"].endswith(":6666:7777")),
            ("uid=1234", lambda row: row["uid"] == 1234),
            ("uid!=1234 proto=tcp6", lambda row: row["uid"] != 1234 and row["proto"] == "tcp6"),
            ("owner=none proto=tcp", lambda row: not row["pid"] and of(row, "tcp")),
            ("owner=any family=inet6", lambda row: row["pid"] and row["proto"].endswith("6")),
            ("sendq>0", lambda row: row["send_q"] > 0),
            ("comm=python3", lambda row: row["program"] == "python3"),
            ("inode=0", lambda row: row["inode"] == 0),
            ("proto=raw", lambda row: of(row, "raw")),
            ("not (proto=tcp or proto=raw)", lambda row: of(row, "udp", "udpl"))):
        for _ in range(4):  # until no socket has gone meanwhile
            before, chosen = rows_of(), rows_of(*words.split(" "))
            if sorted(map(name_of, before)) == sorted(map(name_of, rows_of())):
                break
        wanted = sorted(name_of(row) for row in before if choose(row))
        chosen = sorted(map(name_of, chosen))
        verdict(f"{words} chooses what it says", [] if wanted == chosen and wanted else
                ["wanted:", *map(str, wanted), "chosen:", *map(str, chosen)])


def as_json():
    document = json.loads(output("./netstate", "-an", "--json"))
    lines = [json.loads(line) for line in output("./netstate", "-an", "--jsonl").splitlines()]
    rows = output("./netstate", "-an").splitlines()[2:]
    verdict("JSON has all sockets", [] if len(rows) == len(lines) == len(document["sockets"]) and
            document["counts"]["total"] == len(rows) else [str(len(rows)), str(len(lines))])
    owned = [row for row in lines if row["pid"]]
    verdict("JSON names owners", [] if owned and all(row["program"] for row in owned) else
            [str(row)[:300] for row in owned if not row["program"]] or ["nobody owns any"])
    shared = [row for row in lines if row.get("owners") and len(row["owners"]) > 1]
    wrong = [str(row)[:300] for row in shared if len(row["owners"]) != 1 + row["more_holders"] or
             row["owners"][0]["pid"] != row["pid"]]
    verdict("JSON lists all owners", wrong if shared else ["nobody shares"])
    verdict("JSON has more", [] if all("netns" in row for row in lines) else [str(lines[0])])


def without_privilege():
    def drop():
        os.setresgid(1234, 1234, 1234)
        os.setresuid(1234, 1234, 1234)

    os.chmod(".", 0o755)
    flags = ["-tuanpW"]
    results = [subprocess.run([program] + flags, check=False, preexec_fn=drop, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
               for program in ("netstat", "/tmp/bin/netstat")]
    verdict("another user sees the same owners",
            [] if same(results[1].stdout, results[0].stdout) else
            differences(results[1].stdout, results[0].stdout))
    verdict("and is told the same",
            [] if results[0].stderr == results[1].stderr and results[0].stderr else
            [results[0].stderr, results[1].stderr])


def continuous():
    def told():
        with open("/tmp/diff", encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    with open("/tmp/diff", "w", encoding="utf-8") as file:
        program = subprocess.Popen(["./netstate", "-tn", "-c", "0.5", "--diff", "--jsonl",
                                    "lport=7077"], stdout=file)
    tap.until(lambda: tap.asleep(program.pid, "/proc/netstate"))
    time.sleep(1)
    files = [os.readlink(f"/proc/{program.pid}/fd/{fd}")
             for fd in os.listdir(f"/proc/{program.pid}/fd")]
    verdict("-c holds one file", [] if files.count("/proc/netstate") == 1 else files)
    server = sockets.socket.create_server(("127.0.0.1", 7077))
    client = sockets.socket.create_connection(("127.0.0.1", 7077))
    peer = server.accept()[0]
    tap.until(lambda: len(told()) >= 1)
    client.close()
    tap.until(lambda: len(told()) >= 2)
    peer.close()
    server.close()
    tap.until(lambda: len(told()) >= 3)
    time.sleep(2)  # and no more
    program.terminate()
    program.wait()
    story = [(row["change"], row.get("was"), row["state"]) for row in told()]
    verdict("--diff tells a connection's life",
            [] if story == [("appeared", None, "ESTABLISHED"),
                            ("changed", "ESTABLISHED", "CLOSE_WAIT"),
                            ("vanished", None, "CLOSE_WAIT")] else [str(story)])


def read_only_proc():
    """In a container, say: the reader filters then, and lacks what it can't ask for."""
    script = ("mount --bind /proc /proc && mount -o remount,bind,ro /proc && "
              "./netstate -tanp lport=7000 && ./netstate -tan state=listen | wc -l && "
              "./netstate -tane; echo $?")
    lines = output("unshare", "-m", "sh", "-c", script).splitlines()
    listeners = len(output("./netstate", "-tan", "state=listen").splitlines())
    verdict("a read-only /proc", [] if "python3" in lines[2] and " total=2" in lines[0] and
            lines[-2:] == [str(listeners), "1"] else lines)


def without_module():
    program = subprocess.Popen(["./netstate", "--counts", "-c", "0.5"], stderr=subprocess.PIPE,
                               stdout=subprocess.DEVNULL, text=True)
    tap.until(lambda: tap.asleep(program.pid, "/proc/netstate"))
    subprocess.run(["rmmod", "netstate"], check=True)
    said = program.communicate(timeout=tap.PATIENCE)[1]
    verdict("unloaded while -c runs", [] if program.returncode == 3 and "was unloaded" in said else
            [str(program.returncode), said])
    done = subprocess.run(["./netstate", "--require-module"], check=False,
                          stderr=subprocess.PIPE, text=True)
    verdict("not loaded", [] if done.returncode == 3 and "the kernel module is not" in done.stderr
            else [str(done.returncode), done.stderr])
    subprocess.run(["insmod", "/netstate.ko"], check=True)


def metrics():
    text = output("./netstate", "--metrics")
    verdict("--metrics", [] if "\nnetstate_sockets{" in text else [text])


def main():
    prepare()
    print("TAP version 13")
    refresh(force=True)
    all_states()
    own_name()
    counted_right()
    filters()
    filters_choose()
    as_json()
    without_privilege()
    continuous()
    metrics()
    read_only_proc()
    without_module()
    long_names()
    every_combination("--all" in sys.argv)
    for pid in sockets.children:
        os.kill(pid, 9)
    return tap.finish()


sys.exit(main())
