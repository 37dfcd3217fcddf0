# SPDX-License-Identifier: GPL-2.0-only
"""In a Debian guest: the reader's --top, in a terminal of tmux's.

Processes of known names hold known sockets; keys are typed, and what stands on the
screen is compared with what they hold and with what the kernel says when it is asked
directly.
"""

import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time

import tap
from tap import verdict

SIZE = 130, 30
PATIENCE = 40
CHUNK = 10000
ODD = "a*[b], c"
ACCENTED = "caf\u00e9"


class Holder:
    """A process with a listener and connections to it: both ends are its own."""

    def __init__(self, name, port, connections):
        ask, self.asked = os.pipe()
        self.answers, answer = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            os.close(self.asked)
            self.hold(name, port, os.fdopen(ask), answer)
            os._exit(0)
        os.close(ask)
        os.close(answer)
        self.add(connections)

    @staticmethod
    def hold(name, port, ask, answer):
        with open("/proc/self/comm", "wb") as file:
            file.write(name.encode())
        server = socket.create_server(("127.0.0.1", port), backlog=64)
        keep = []
        for line in ask:
            for _ in range(0, int(line), -CHUNK):
                keep[0].sendall(bytes(CHUNK))
                keep[1].recv(CHUNK, socket.MSG_WAITALL)
            for _ in range(int(line)):
                for sock in socket.create_connection(("127.0.0.1", port)), server.accept()[0]:
                    # Nothing of it is left when the process has gone.
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    keep.append(sock)
            os.write(answer, b"x")

    def add(self, connections):
        os.write(self.asked, b"%d\n" % connections)
        os.read(self.answers, 1)

    def send(self, count):
        """Sends bytes through one of its connections, and takes them there."""
        self.add(-count)

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def tmux(*words):
    out = subprocess.run(["tmux", "-L", "top", "-f", "/dev/null", *words], check=True,
                         stdout=subprocess.PIPE)
    return out.stdout.decode(errors="replace")


def keys(*names):
    tmux("send-keys", "-t", "top", *names)


def type_text(text):
    tmux("send-keys", "-t", "top", "-l", text)


def screen(*options):
    return tmux("capture-pane", "-p", "-t", "top", *options)


def wait(condition):
    """The lines on the screen, once the condition holds for them; else nothing."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        lines = screen().splitlines()
        try:
            if condition(lines):
                return lines
        except (KeyError, IndexError, StopIteration):
            pass
        time.sleep(0.1)
    return []


def see(name, condition):
    lines = wait(condition)
    verdict(name, [] if lines else ["the screen:"] + screen().splitlines())
    return lines


def table(lines, by):
    """The table on the screen: key to column to text, a sign behind it."""
    at = next(i for i, line in enumerate(lines) if line.split()[:1] == [by])
    names = lines[at].split()[1:]
    rows = {}
    for line in lines[at + 1:]:
        fields = line[2:].split()
        if len(fields) == len(names) + 1:
            rows[fields[0]] = dict(zip(names, fields[1:]), marks=line[:2])
    return rows


def number(text):
    return int(text.rstrip("+-"))


def shows(by, **expected):
    """Whether these groups have these sums."""
    def condition(lines):
        rows = table(lines, by)
        return all(number(rows[key.lstrip("p")]["total"]) == total
                   for key, total in expected.items())
    return condition


def refresh():
    """A pause that ends reads at once; the next time to read is far."""
    keys("Space", "Space")


def kernel(words):
    with open("/proc/netstate", "r+", encoding="ascii") as file:
        file.write(words + "\n")
        file.flush()
        return file.read().splitlines()


def reader_pid():
    out = subprocess.run(["pgrep", "-x", "netstate-top"], check=False, stdout=subprocess.PIPE)
    return int(out.stdout.split()[0]) if out.stdout else 0


def reads(pid):
    with open(f"/proc/{pid}/io", encoding="ascii") as file:
        return int(re.search(r"syscr: (\d+)", file.read()).group(1))


def start(words, term="tmux-256color"):
    keys("C-u")
    type_text(f"TERM={term} ./netstate --top {words}; echo status=$?")
    keys("Enter")


def at_prompt(status):
    """Whether the shell is back, told of this exit code."""
    def condition(lines):
        return any(line.strip() == f"status={status}" for line in lines)
    return condition


def terminal_state():
    keys("C-u")
    type_text("stty -a >/tmp/stty; echo done >>/tmp/stty")
    keys("Enter")
    end = time.monotonic() + PATIENCE
    text = ""
    while time.monotonic() < end and not text.endswith("done\n"):
        time.sleep(0.1)
        if os.path.exists("/tmp/stty"):
            with open("/tmp/stty", encoding="ascii") as file:
                text = file.read()
    os.unlink("/tmp/stty")
    return text + tmux("display", "-p", "-t", "top", "#{alternate_on} #{cursor_flag}")


def try_refusals():
    for words, text in (("--top", "netstate: --top wants a terminal\n"),
                        ("--top --json", "netstate: --top is a screen, and goes with no other form\n"),
                        ("--top=x", "netstate: --top=x: not a number of seconds\n")):
        done = subprocess.run(["./netstate", *words.split()], check=False, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        verdict(f"{words} is refused",
                [] if (done.returncode, done.stdout) == (2, text) else [str(done)])


def try_changes(alpha):
    see("groups by program, with their sums", shows("program", alpha=7, beta=3))
    alpha.add(2)
    refresh()
    lines = see("what has grown has a sign", lambda lines:
                table(lines, "program")["alpha"]["total"] == "11+" and
                table(lines, "program")["alpha"]["established"] == "10+" and
                table(lines, "program")["alpha"]["listen"] == "1" and
                table(lines, "program")["beta"]["total"] == "3")
    row = next((line for line in screen("-e").splitlines() if "alpha" in line), "")
    bold = re.findall(r"\x1b\[[0-9;]*1[0-9;]*m[^\x1b]*(?:\x1b\[[0-9;]*m)*\s*11\+", row)
    verdict("and is bold", [] if bold else [repr(row)])
    verdict("line 2 has all sockets by state, and their change", [] if lines and re.match(
        r"established=\d+\+ listen=\d+ total=\d+\+$", lines[1].strip()) else lines[:2])
    gamma = Holder("gamma", 7103, 4)
    refresh()
    see("a new group has a star", lambda lines:
        "*" in table(lines, "program")["gamma"]["marks"] and
        "*" not in table(lines, "program")["alpha"]["marks"])
    keys("s")
    see("sorted by growth, it comes first", lambda lines:
        "sort=growth" in lines[0] and next(iter(table(lines, "program"))) == "gamma")
    gamma.end()
    refresh()
    see("and goes with its sockets", lambda lines: "gamma" not in table(lines, "program"))
    keys("S")


def try_groups():
    keys("3")
    see("3: by local port", shows("lport", p7101=6, p7102=2))
    keys("g")
    see("g: by remote port", shows("rport", p7101=5, p7102=1))
    keys("9")
    see("9: by state", lambda lines: set(table(lines, "state")) == {"established", "listen"})
    keys("1")
    see("1: by program again", shows("program", alpha=11))


def try_cgroups():
    folder = "/sys/fs/cgroup/system.slice/delta.service"
    os.makedirs(folder)
    delta = Holder("delta", 7114, 0)
    with open(folder + "/cgroup.procs", "w", encoding="ascii") as file:
        file.write(str(delta.pid))
    delta.add(2)  # accepted sockets stay with their listener
    keys("8")
    see("8: by cgroup, which has a name", shows("cgroup", **{"delta.service": 2}))
    delta.end()
    keys("1")


def try_rates(alpha):
    pressed = time.monotonic()
    keys("b")
    see("b: bytes a second, of which the first reading knows none", lambda lines: {
        table(lines, "program")[name][column] for name in ("alpha", "beta")
        for column in ("in/s", "out/s")} == {"0"})
    seen = time.monotonic()
    sent = 300 * CHUNK
    alpha.send(sent)
    took = time.monotonic()
    refresh()
    lines = see("what was sent is there", lambda lines:
                number(table(lines, "program")["alpha"]["out/s"]))
    # The first reading was after it was asked for and before it was seen; so was the second.
    least, most = sent / (time.monotonic() - pressed), sent / (took - seen)
    rates = [number(table(lines, "program")["alpha"][column]) for column in ("in/s", "out/s")]
    print(f"# {rates} bytes a second; {least:.0f} to {most:.0f}")
    # The last bytes may not be acknowledged yet.
    verdict("as much as was sent in that time", [
        f"{rate} a second" for rate in rates if not 0.9 * least <= rate <= 1.01 * most])
    verdict("and nothing of others", [] if {
        table(lines, "program")["beta"][column] for column in ("in/s", "out/s")} == {"0"} else lines)
    keys("b")
    see("b: no longer", lambda lines: "in/s" not in table(lines, "program")["alpha"])


def set_filter(words):
    keys("f", "C-u")
    type_text(words)
    keys("Enter")


def try_filter():
    keys("/")
    type_text(" state=lisen")
    keys("Enter")
    see("a bad filter is explained, the old one stays", lambda lines:
        any('no such value; did you mean "listen"?' in line for line in lines) and
        "filter: proto=tcp" in lines[2:3][0:1] and shows("program", alpha=11)(lines))
    keys("Escape")
    see("and forgotten", lambda lines: "q quit" in lines[-1] and "filter: proto=tcp" == lines[2])
    set_filter("proto=tcp state=listen group=lport")
    see("a good one is taken, with its group", shows("lport", p7101=1, p7102=1))
    keys("/", "C-u")
    type_text("proto=tcp")
    keys("Enter", "1")
    see("and given up again", shows("program", alpha=11))


def choose(by, name):
    lines = wait(lambda lines: name in table(lines, by))
    keys("Home", *["Down"] * list(table(lines, by)).index(name))
    wait(lambda lines: table(lines, by)[name]["marks"][0] == ">")


def try_sockets(name, words):
    """Open a group by program, and compare it with what the kernel says."""
    choose("program", name)
    keys("Enter")
    # The terminal can show the letter that the kernel has escaped.
    expected = sorted(line.rstrip().replace("\\303\\251", "\u00e9")
                      for line in kernel(f"proto=tcp {words}")[2:])
    lines = see(f"Enter: the sockets of {name}", lambda lines: sorted(
        line.rstrip() for line in lines if line.startswith("tcp ")) == expected and expected)
    verdict("with a title", [] if lines and re.fullmatch(
        re.escape(f"program={name}: {len(expected)} socket") + "s?", lines[3]) else lines[:5])
    keys("Escape")
    wait(lambda lines: "program" in lines[3])


def try_opening():
    try_sockets("alpha", "comm=alpha")
    try_sockets(ODD.replace(" ", "\\040"), r"comm=a\*\[b\]\,\040c")
    try_sockets(ACCENTED, r"comm=caf\303\251")
    keys("7")
    lines = wait(lambda lines: len(table(lines, "netns")) == 1)
    total = number(next(iter(table(lines, "netns").values()))["total"])
    keys("Home", "Enter")
    see("Enter: those of a namespace, for which there is no word", lambda lines:
        re.search(rf"netns=\d+: {total} sockets$", lines[3]))
    keys("Down", "NPage", "End", "PPage", "Right", "Left", "q", "1")
    see("q: back", shows("program", alpha=11))


def try_two():
    """Groups by two things, and no more of them than asked for."""
    set_filter("proto=tcp group=program,state top=2")
    see("the two largest groups by two things", lambda lines:
        lines[3].split()[:2] == ["program", "state"] and
        [line[2:].split()[:2] for line in lines[4:-1] if line] ==
        [["alpha", "established"], ["beta", "established"]])
    keys("Home", "Enter")
    see("Enter: what both choose", lambda lines:
        lines[3] == "program=alpha state=established: 10 sockets")
    keys("q")
    set_filter("proto=tcp group=program top=500")
    see("and all again", shows("program", alpha=11))


def try_sizes():
    for width, height in ((60, 8), (20, 3), (4, 2), (1, 1), (200, 50)):
        tmux("resize-window", "-t", "top", "-x", str(width), "-y", str(height))
        refresh()
        if width > 4:
            see(f"in {width} x {height}", lambda lines: any("alpha" in line for line in lines))
        else:
            time.sleep(0.5)
            verdict(f"in {width} x {height}", [] if reader_pid() else ["it has gone"])
    tmux("resize-window", "-t", "top", "-x", str(SIZE[0]), "-y", str(SIZE[1]))
    see("and back", lambda lines: shows("program", alpha=11)(lines) and len(lines) == SIZE[1])


def try_unload():
    subprocess.run(["rmmod", "netstate"], check=True)
    refresh()
    see("without the module it says so, and tries again", lambda lines:
        "the kernel module was unloaded; to load it: modprobe netstate; trying again" in lines[-1]
        and shows("program", alpha=11)(lines))
    with open("/vm/load", encoding="ascii") as file:
        subprocess.run(["insmod", *file.read().split()], check=True)
    refresh()
    see("and goes on with it", lambda lines:
        "q quit" in lines[-1] and shows("program", alpha=11)(lines))


def try_stop(before):
    keys("C-z")
    wait(lambda lines: "Stopped" in "".join(lines))
    verdict("Ctrl-Z: the terminal is as before", same(before, terminal_state()))
    type_text("fg; echo status=$?")
    keys("Enter")
    see("fg: it goes on", shows("program", alpha=11))


def try_ends(before):
    pid = reader_pid()
    os.kill(pid, signal.SIGTERM)
    see("kill -TERM ends it", at_prompt(143))
    verdict("the terminal is as before", same(before, terminal_state()))
    start("", term="vt220")
    wait(shows("program", alpha=11))
    keys("C-c")
    # The shell leaves the rest of the line, too.
    wait(lambda lines: not reader_pid())
    type_text("echo status=$?")
    keys("Enter")
    see("so does Ctrl-C", at_prompt(130))
    verdict("the terminal is as before", same(before, terminal_state()))


def same(before, after):
    return [] if before == after else [before, after]


def try_plain(alpha):
    """On a terminal without colours, and with a short interval."""
    start("0.5 proto=tcp", term="vt220")
    see("a terminal without colours", shows("program", alpha=11))
    alpha.add(1)
    end = time.monotonic() + PATIENCE
    row = ""
    while time.monotonic() < end and "13+" not in row:
        row = next((line for line in screen("-e").splitlines() if "alpha" in line), "")
    verdict("has signs, too, and no colours",
            [] if "13+" in row and not re.search(r"\x1b\[[0-9;]*3[0-9]", row) else [repr(row)])
    try_reads(reader_pid())
    keys("q")
    see("q ends it", at_prompt(0))


def try_reads(pid):
    if not os.path.exists(f"/proc/{pid}/io"):
        tap.skip("how often it reads", "this kernel does not count calls of read()")
        return
    first, began = reads(pid), time.monotonic()
    time.sleep(2)
    # The table, and its end: so many take 4 seconds, or more on a busy machine.
    while reads(pid) < first + 16 and time.monotonic() < began + 20:
        time.sleep(0.1)
    count, seconds = reads(pid) - first, time.monotonic() - began
    print(f"# {count} calls of read() in {seconds:.1f} seconds, every 0.5 seconds")
    verdict("reads once in its interval", [] if 16 <= count <= 2 * (seconds / 0.5 + 2) else
            [f"{count} calls of read() in {seconds:.1f} seconds"])
    keys("Space")
    wait(lambda lines: "PAUSED" in lines[0])
    first = reads(pid)
    time.sleep(2)
    count = reads(pid) - first
    verdict("and not in a pause", [] if not count else [f"{count} calls of read()"])


def main():
    os.environ["LC_ALL"] = "C.UTF-8"
    print("TAP version 13")
    try_refusals()
    alpha = Holder("alpha", 7101, 3)
    holders = [alpha, Holder("beta", 7102, 1), Holder(ODD, 7104, 0), Holder(ACCENTED, 7105, 0)]
    tmux("-u", "new-session", "-d", "-s", "top", "-x", str(SIZE[0]), "-y", str(SIZE[1]), "sh")
    before = terminal_state()
    start("600 proto=tcp")
    try_changes(alpha)
    try_groups()
    try_cgroups()
    try_rates(alpha)
    try_filter()
    try_opening()
    try_two()
    try_sizes()
    try_unload()
    try_stop(before)
    try_ends(before)
    try_plain(alpha)
    verdict("the terminal is as before", same(before, terminal_state()))
    tmux("kill-server")
    for holder in holders:
        holder.end()
    return tap.finish()


sys.exit(main())
