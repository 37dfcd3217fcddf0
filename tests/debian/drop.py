# SPDX-License-Identifier: GPL-2.0-only
"""In a Debian guest: --drop, which ends connections, and these only.

A program whose connection was ended sees ECONNABORTED, the other end ECONNRESET, and
nobody else sees anything. How ss -K ends a twin is the witness.
"""

import errno
import os
import re
import select
import socket
import struct
import subprocess
import sys
import time

import sockets
import tap
from sockets import keep
from tap import skip, verdict

NOTHING, ENDED, RESET = "nothing", "ECONNABORTED", "ECONNRESET"
REUSEPORT = 15


def seen(sock):
    """What the program that has it sees."""
    number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    return errno.errorcode[number] if number else NOTHING


def wants(what, expected):
    return [] if what == expected else [f"{what}", f"expected: {expected}"]


def reader(*words, user=0):
    done = subprocess.run(["./netstate", "-n", *words], check=False, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, user=user, group=user,
                          timeout=300)
    return done.returncode, done.stdout


def drop(*words, user=0):
    return reader("--drop", "--yes", *words, user=user)


def results(text):
    """What became of how many."""
    words = re.findall(r"^(\w[\w ]*\w) +(?:tcp|udp)6? ", text, flags=re.M)
    return {word: words.count(word) for word in words}


def server(port, family=socket.AF_INET, address="127.0.0.1"):
    sock = sockets.new(family, socket.SOCK_STREAM)
    if address == "::":
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    sock.bind((address, port))
    sock.listen(300)
    return sock


def pairs(at, count, address="127.0.0.1", family=socket.AF_INET):
    return [sockets.pair(at, address, family) for _ in range(count)]


def what_both_see(connections):
    time.sleep(0.2)
    return sorted({(seen(peer), seen(client)) for client, peer in connections})


def ports():
    """Of TCP, by local and remote port, the state's number in /proc/net/tcp."""
    found = {}
    for name in ("tcp", "tcp6"):
        with open("/proc/net/" + name, encoding="ascii") as file:
            for line in file.readlines()[1:]:
                _, local, remote, state = line.split()[:4]
                found[int(local.split(":")[1], 16), int(remote.split(":")[1], 16)] = state
    return found


class Asked:
    """The reader on a terminal, which has asked."""

    def __init__(self, *words):
        self.terminal, theirs = os.openpty()
        self.child = subprocess.Popen(["./netstate", "-n", "--drop", *words], stdin=theirs,
                                      stdout=theirs, stderr=theirs)
        os.close(theirs)
        self.text = ""
        while "[y/N]" not in self.text and self.more():
            pass

    def more(self):
        if not select.select([self.terminal], [], [], 60)[0]:
            return False
        try:
            self.text += os.read(self.terminal, 4096).decode()
            return True
        except OSError:  # it has ended
            return False

    def answer(self, word):
        os.write(self.terminal, (word + "\n").encode())
        while self.more():
            pass
        os.close(self.terminal)
        return self.child.wait()


def can_destroy():
    """Whether this kernel ends anything: tcp_diag has a function for it then."""
    with open("/proc/kallsyms", encoding="ascii") as file:
        return any(line.split()[2] == "tcp_diag_destroy" for line in file)


def as_ss_ends(witness):
    """What both ends see of what ss -K has ended."""
    twins = pairs(witness, 2)
    subprocess.run(["ss", "-K", "sport", "=", ":7000"], check=False, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    return what_both_see(twins)


def without_destroy():
    at = server(7001)
    two = pairs(at, 2)
    code, text = drop("lport=7001")
    verdict("a kernel that can't: each is not supported, and why",
            wants((code, results(text)), (1, {"not supported": 2})) +
            ([] if "CONFIG_INET_DIAG_DESTROY" in text else [text]))
    verdict("and nothing is ended", wants(what_both_see(two), [(NOTHING, NOTHING)]))


def without_sock_diag():
    """The kernel would load the module, and can't."""
    subprocess.run(["rmmod", "tcp_diag"], check=False, stderr=subprocess.DEVNULL)
    file = subprocess.run(["modinfo", "-F", "filename", "tcp_diag"], check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    with open("/proc/modules", encoding="ascii") as modules:
        if not file.startswith("/") or "tcp_diag" in modules.read():
            skip("without tcp_diag", "it is no module, or in use")
            return
    with open("/proc/sys/kernel/modprobe", "r+", encoding="ascii") as file:
        before = file.read()
        file.seek(0)
        file.write("/bin/false\n")
    at = server(7900)
    pair = pairs(at, 1)
    code, text = drop("lport=7900")
    with open("/proc/sys/kernel/modprobe", "w", encoding="ascii") as file:
        file.write(before)
    verdict("without tcp_diag: says so", wants(code, 1) + ([] if "no tcp_diag" in text else [text]))
    verdict("and ends nothing", wants(what_both_see(pair), [(NOTHING, NOTHING)]))


def by_port(as_ss):
    at, other = server(7001), server(7002)
    three, two = pairs(at, 3), pairs(other, 2)
    code, text = drop("lport=7001")
    verdict("lport=: three ended", wants((code, results(text)), (0, {"ended": 3})) +
            ([] if text.endswith("\n3 ended\n") else [text]))
    verdict("both ends see what they see after ss -K", wants(what_both_see(three), as_ss))
    verdict("others see nothing", wants(what_both_see(two), [(NOTHING, NOTHING)]))
    verdict("the listener is not a connection", wants(what_both_see(pairs(at, 1)),
                                                      [(NOTHING, NOTHING)]))
    three = pairs(server(7011), 3)
    chosen = three[1][0].getsockname()[1]
    code, text = drop("-t", "lport=7011", f"rport={chosen}")
    verdict("lport= and rport=: one of three", wants(
        [what_both_see([pair]) for pair in three],
        [[(NOTHING, NOTHING)], as_ss, [(NOTHING, NOTHING)]]) + wants(code, 0))
    code, text = drop("lport=7011", "state=time_wait")
    verdict("none: nothing to do", wants(code, 0) + ([] if "no such connection" in text else [text]))


def many(as_ss):
    first, second = server(7031), server(7032)
    ours, others = pairs(first, 200), pairs(second, 200)
    code, text = drop("lport=7031")
    verdict("200 of 400", wants((code, results(text)), (0, {"ended": 200})) +
            wants((what_both_see(ours), what_both_see(others)), (as_ss, [(NOTHING, NOTHING)])))


def by_holder(as_ss):
    at = server(7003)
    mine = pairs(at, 2)
    script = ("import errno, socket, sys; "
              "s = [socket.create_connection(('127.0.0.1', 7003)) for _ in range(2)]; "
              "print(flush=True); sys.stdin.readline(); "
              "print(*(x.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) for x in s))")
    child = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True)
    child.stdout.readline()
    peers = [at.accept()[0] for _ in range(2)]
    code, text = drop(f"pid={child.pid}")
    told = child.communicate("\n")[0].split()
    verdict("pid=: its two ended", wants((code, results(text)), (0, {"ended": 2})) +
            wants(told, [str(errno.ECONNABORTED)] * 2))
    verdict("pid=: their other ends are told", wants([seen(peer) for peer in peers], [RESET] * 2))
    verdict("pid=: mine stay", wants(what_both_see(mine), [(NOTHING, NOTHING)]))


def by_state():
    at = server(7004)
    half, whole = pairs(at, 2), pairs(at, 2)
    for client, _ in half:
        client.shutdown(socket.SHUT_WR)
    time.sleep(0.2)
    code, text = drop("state=close_wait")
    verdict("state=close_wait: two ended", wants((code, results(text)), (0, {"ended": 2})) +
            wants({seen(peer) for _, peer in half}, {ENDED}))
    verdict("state=close_wait: the others stay", wants(what_both_see(whole), [(NOTHING, NOTHING)]))


def addresses(as_ss):
    for name, family, address, listens in (
            ("IPv6", socket.AF_INET6, "::1", "::1"), ("v4-mapped", socket.AF_INET, "127.0.0.1", "::")):
        at = server(7005, socket.AF_INET6, listens)
        two = pairs(at, 2, address, family)
        code, text = drop("lport=7005", f"rport={two[0][0].getsockname()[1]}")
        verdict(f"{name}: one of two", wants((code, results(text)), (0, {"ended": 1})) + wants(
            [what_both_see([pair]) for pair in two], [as_ss, [(NOTHING, NOTHING)]]))
        sockets.close(at)
        for pair in two:
            for sock in pair:
                sockets.close(sock)
    at = server(7006)
    bound, free = socket.socket(), socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
    for sock in (bound, free):
        sock.connect(at.getsockname())
        keep.extend((sock, at.accept()[0]))
    code, text = drop("rport=7006", f"lport={bound.getsockname()[1]}")
    verdict("bound to a device", wants((code, results(text)), (0, {"ended": 1})) +
            wants((seen(bound), seen(free)), (ENDED, NOTHING)))


def device_gone():
    """The kernel finds it no more, and it is not gone: that is not said."""
    sockets.run("ip", "link", "add", "dummy1", "type", "dummy")
    sockets.run("ip", "link", "set", "dummy1", "up")
    bound = sockets.new(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"dummy1")
    bound.bind(("127.0.0.1", 7017))
    bound.listen()
    sockets.run("ip", "link", "del", "dummy1")
    code, text = drop("-l", "lport=7017")
    verdict("bound to a device that is gone", wants((code, results(text)), (1, {"not found": 1})) +
            wants(bound.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN), 1))


def udp():
    for family, address in sockets.LOOPBACK.items():
        bound, other = (sockets.new(family, socket.SOCK_DGRAM) for _ in range(2))
        bound.bind((address, 7007))
        other.bind((address, 7008))
        clients = [sockets.new(family, socket.SOCK_DGRAM) for _ in range(2)]
        for client in clients:
            client.connect((address, 7007))
        code, text = drop("-u", f"lport={clients[0].getsockname()[1]}")
        verdict(f"UDP, connected ({address})", wants((code, results(text)), (0, {"ended": 1})) +
                wants([seen(client) for client in clients], [ENDED, NOTHING]))
        code, text = drop("-ul", "lport=7007")
        verdict(f"UDP, bound ({address})", wants((code, results(text)), (0, {"ended": 1})) +
                wants((seen(bound), seen(other)), (ENDED, NOTHING)))
        for sock in (bound, other, *clients):
            sockets.close(sock)


def listeners():
    at, other = server(7009), server(7010)
    code, text = drop("-l", "lport=7009")
    verdict("a listener, and its state is shown", wants((code, results(text)), (0, {"ended": 1})) +
            ([] if " LISTEN " in text else [text]))
    try:
        pairs(at, 1)
        verdict("nobody can connect there", ["somebody did"])
    except ConnectionRefusedError:
        verdict("nobody can connect there", [])
    verdict("elsewhere they can", wants(what_both_see(pairs(other, 1)), [(NOTHING, NOTHING)]))

    for kind, letter in ((socket.SOCK_STREAM, "-tl"), (socket.SOCK_DGRAM, "-ul")):
        group = []
        for _ in range(8):
            sock = sockets.new(socket.AF_INET, kind)
            sock.setsockopt(socket.SOL_SOCKET, REUSEPORT, 1)
            sock.bind(("127.0.0.1", 7012))
            if kind == socket.SOCK_STREAM:
                sock.listen()
            group.append(sock)
        for number in (5, 0):
            inode = os.fstat(group[number].fileno()).st_ino
            code, text = drop(letter, f"inode={inode}")
            lives = [sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
                     if kind == socket.SOCK_STREAM else seen(sock) == NOTHING for sock in group]
            verdict(f"one of eight that share a port, {letter} {number}",
                    wants((code, results(text)), (0, {"ended": 1})) +
                    wants(lives, [n != number and (kind == socket.SOCK_DGRAM or number == 5 or n != 5)
                                  for n in range(8)]))
        for sock in group:
            sockets.close(sock)

    same = [sockets.new(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3)]
    for sock in same:
        sock.bind(("127.0.0.1", 7013))
    told = []
    for sock in same:
        told.append(drop("-ul", f"inode={os.fstat(sock.fileno()).st_ino}"))
    found = [sum(results(text).get(word, 0) for _, text in told) for word in ("ended", "not found")]
    verdict("of three that the kernel can't tell apart, one is found and the others stay",
            wants(found, [1, 2]) + wants(sorted(code for code, _ in told), [0, 1, 1]) +
            wants(sorted(seen(sock) for sock in same), [ENDED, NOTHING, NOTHING]))


def time_wait():
    """As ss -K does it: since 6.x it is ended, before it is not."""
    def make(port):
        at = server(port)
        client, peer = pairs(at, 1)[0]
        name = client.getsockname()[1], port
        sockets.end(client, peer)
        time.sleep(0.2)
        return name

    theirs, ours, others = make(7021), make(7022), make(7023)
    assert all(ports()[name] == "06" for name in (theirs, ours, others))
    subprocess.run(["ss", "-K", "state", "time-wait", "dport", "=", ":7021"], check=False,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    can = theirs not in ports()
    code, text = drop("state=time_wait", "rport=7022")
    verdict(f"TIME_WAIT, which ss -K {'ends' if can else 'does not end'}",
            wants((code, results(text)), (0, {"ended": 1}) if can else (1, {"not supported": 1})) +
            wants((ours in ports(), others in ports()), (not can, True)) +
            ([] if can or "ends by itself" in text else [text]))


def syn_recv():
    sockets.run("ip", "link", "add", "dummy0", "type", "dummy")
    sockets.run("ip", "link", "set", "dummy0", "up")
    sockets.run("ip", "addr", "add", "192.0.2.1/24", "dev", "dummy0")
    sockets.run("ip", "neigh", "add", "192.0.2.7", "lladdr", "02:00:00:00:00:07", "dev", "dummy0")
    server(7024, address="0.0.0.0")
    for port in (7101, 7102):
        sockets.from_silent(sockets.SYN, (port, 7024), 1000)
    time.sleep(0.2)
    before = [(7024, port) in ports() for port in (7101, 7102)]
    code, text = drop("state=syn_recv", "rport=7101")
    verdict("SYN_RECV: one of two requests", wants((code, results(text)), (0, {"ended": 1})) +
            wants((before, [(7024, port) in ports() for port in (7101, 7102)]),
                  ([True, True], [False, True])))
    asking = [sockets.new(socket.AF_INET, socket.SOCK_STREAM) for _ in range(2)]
    for sock in asking:
        sock.setblocking(False)
        sock.connect_ex(("192.0.2.7", 80))
    code, text = drop("state=syn_sent", f"lport={asking[0].getsockname()[1]}")
    verdict("SYN_SENT", wants((code, results(text)), (0, {"ended": 1})) +
            wants([seen(sock) for sock in asking], [ENDED, NOTHING]))


def orphans():
    """Nobody holds them; on some kernels what was ended so would stay for ever."""
    def make(port):
        sock, fin = sockets.with_silent(port)
        fin()
        name = sock.getsockname()[1], port
        sockets.close(sock)  # LAST_ACK, and its FIN is sent again and again
        return name

    def there():
        """Of all but TIME_WAIT, which ends by itself."""
        return {name for name, state in ports().items() if state != "06"}

    theirs, ours, others = make(7111), make(7112), make(7113)
    assert all(ports()[name] == "09" for name in (theirs, ours, others))
    subprocess.run(["ss", "-K", "dport", "=", ":7111"], check=False, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    can = theirs not in ports()
    before = there()
    code, text = drop("owner=none", "rport=7112")
    verdict(f"an orphan, which ss -K {'ends' if can else 'would keep for ever'}",
            wants((code, results(text)), (0, {"ended": 1}) if can else (1, {"not supported": 1})) +
            wants(there(), before - {ours} if can else before))
    expected = {others: "on"} if can else {theirs: "off", ours: "on", others: "on"}
    for _ in range(30):
        timers = {name: reader("-to", f"rport={name[1]}")[1].splitlines()[-1].split()[6]
                  for name in (theirs, ours, others) if name in ports()}
        if timers == expected:
            break
        time.sleep(1)  # it ends when it is up
    verdict("orphans that are left have their timer, but for that of ss -K",
            wants(timers, expected))
    sock, fin = sockets.with_silent(7114)
    fin()
    ask = Asked("rport=7114")
    sockets.close(sock)
    code = ask.answer("y")
    verdict("it became one before the answer", wants(
        (code, ("1 ended" if can else "1 not supported") in ask.text), (0 if can else 1, True)))


def refusals():
    two = pairs(server(7014), 2)
    for words, reason in ((("--drop", "lport=7014"), "--yes"), (("--drop", "--yes"), "filter"),
                          (("--drop", "--yes", "-t", "show=user"), "filter"),
                          (("--drop", "--yes", "group=lport"), "group="),
                          (("--drop", "--yes", "proto=raw"), "no socket can match"),
                          (("--drop", "--yes", "--json", "lport=7014"), "text")):
        code, text = reader(*words)
        verdict(" ".join(words) + " is refused",
                wants(code, 2) + ([] if reason in text else [text]) +
                wants(what_both_see(two), [(NOTHING, NOTHING)]))
    code, text = drop("lport=7014", user=1234)
    verdict("another user: not permitted", wants((code, results(text)), (1, {"not permitted": 2})) +
            ([] if "CAP_NET_ADMIN" in text else [text]) +
            wants(what_both_see(two), [(NOTHING, NOTHING)]))


def asked(as_ss):
    at = server(7015)
    two = pairs(at, 2)
    for word in ("n", "", "no way"):
        ask = Asked("lport=7015")
        code = ask.answer(word)
        verdict(f'asked, and answered "{word}"', wants(code, 1) + (
            [] if "End these 2 connections? [y/N]" in ask.text and
            ask.text.count("127.0.0.1:7015") == 2 and "nothing is ended" in ask.text
            else [repr(ask.text)]) + wants(what_both_see(two), [(NOTHING, NOTHING)]))
    ask = Asked("lport=7015")
    code = ask.answer("y")
    verdict("asked, and answered y", wants((code, "2 ended" in ask.text), (0, True)) +
            wants(what_both_see(two), as_ss))


def reset(sock):
    """Closes without TIME_WAIT."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sockets.close(sock)


def unread(as_ss):
    """Ended, but nobody was told: that is no success, nor is a closed terminal a yes."""
    two = pairs(server(7019), 2)
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(["./netstate", "--drop", "--yes", "-n", "lport=7019"], check=False,
                          stdout=theirs, stderr=subprocess.PIPE, text=True)
    os.close(theirs)
    verdict("nobody reads what became of them", wants(done.returncode, 1) +
            wants(what_both_see(two), as_ss))
    two = pairs(server(7020), 2)
    ask = Asked("lport=7020")
    os.close(ask.terminal)
    verdict("the terminal is closed", wants(ask.child.wait() != 0, True) +
            wants(what_both_see(two), [(NOTHING, NOTHING)]))


def reused(as_ss):
    at = server(7016)
    (client, peer), (other, other_peer) = pairs(at, 2)
    name = client.getsockname()
    ask = Asked("lport=7016")
    reset(client)
    sockets.close(peer)
    again = sockets.new(socket.AF_INET, socket.SOCK_STREAM)
    again.bind(name)
    again.connect(at.getsockname())
    taken = again, at.accept()[0]
    code = ask.answer("y")
    verdict("the addresses of one are another's by then",
            wants((code, "1 ended, 1 gone already" in ask.text), (0, True)) +
            wants(what_both_see([taken]), [(NOTHING, NOTHING)]) +
            wants(what_both_see([(other, other_peer)]), as_ss))
    code, text = drop("lport=7016", f"rport={name[1]}")
    verdict("asked for anew, it is ended", wants((code, results(text)), (0, {"ended": 1})) +
            wants(what_both_see([taken]), as_ss))


def main():
    print("TAP version 13")
    without_sock_diag()
    as_ss = as_ss_ends(server(7000))
    if not can_destroy():
        without_destroy()
        skip("connections that are ended", "this kernel ends none")
        return tap.finish()
    verdict("what ss -K does", wants(as_ss, [(ENDED, RESET)]))
    by_port(as_ss)
    many(as_ss)
    by_holder(as_ss)
    by_state()
    addresses(as_ss)
    device_gone()
    udp()
    listeners()
    time_wait()
    syn_recv()
    orphans()
    refusals()
    asked(as_ss)
    unread(as_ss)
    reused(as_ss)
    return tap.finish()


sys.exit(main())
