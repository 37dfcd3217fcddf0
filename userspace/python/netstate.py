# SPDX-License-Identifier: GPL-2.0-only
"""Sockets, their states and owners, from /proc/netstate.

net_connections() and Process(pid).net_connections() are psutil's, many times faster on a
busy host, since the kernel finds the owners. A filter is applied in the kernel, too:

    import netstate
    netstate.net_connections("tcp")                        # as psutil.net_connections("tcp")
    netstate.net_connections("tcp", filter="lport=443")    # the kernel looks for these alone
    for row in netstate.rows("state=close_wait show=program,more"):
        print(row.laddr, row.pid, row.name, row.more.get("idle"))
    netstate.groups("group=program top=5")                 # who has most
    netstate.counts()["close_wait"]                        # how many in a state

The language of filters is that of proc_netstate(5). Where the kernel module is not there,
net_connections() without a filter is psutil's, if that is installed. Pure Python, 3.8 or later.
"""

import collections
import errno
import os
import re
import socket
from typing import Dict, Iterator, List, NamedTuple, Optional, Set, Tuple, Union

try:
    import psutil
except ImportError:
    psutil = None

__all__ = [
    "AccessDenied", "Error", "NoSuchProcess", "Process", "Row", "Rows", "Timer", "addr",
    "counts", "groups", "net_connections", "pconn", "rows", "sconn",
    "CONN_CLOSE", "CONN_CLOSE_WAIT", "CONN_CLOSING", "CONN_ESTABLISHED", "CONN_FIN_WAIT1",
    "CONN_FIN_WAIT2", "CONN_LAST_ACK", "CONN_LISTEN", "CONN_NONE", "CONN_SYN_RECV",
    "CONN_SYN_SENT", "CONN_TIME_WAIT",
]

PATH = "/proc/netstate"
PROC = "/proc"
CHUNK = 64 * 1024  # bytes of a read; of the table no more than this is in memory

CONN_ESTABLISHED = "ESTABLISHED"
CONN_SYN_SENT = "SYN_SENT"
CONN_SYN_RECV = "SYN_RECV"
CONN_FIN_WAIT1 = "FIN_WAIT1"
CONN_FIN_WAIT2 = "FIN_WAIT2"
CONN_TIME_WAIT = "TIME_WAIT"
CONN_CLOSE = "CLOSE"
CONN_CLOSE_WAIT = "CLOSE_WAIT"
CONN_LAST_ACK = "LAST_ACK"
CONN_LISTEN = "LISTEN"
CONN_CLOSING = "CLOSING"
CONN_NONE = "NONE"

addr = collections.namedtuple("addr", ["ip", "port"])
sconn = collections.namedtuple(
    "sconn", ["fd", "family", "type", "laddr", "raddr", "status", "pid"])
pconn = collections.namedtuple("pconn", ["fd", "family", "type", "laddr", "raddr", "status"])

if psutil:
    # Its very classes, so that "except psutil.AccessDenied" goes on working.
    Error, NoSuchProcess, AccessDenied = psutil.Error, psutil.NoSuchProcess, psutil.AccessDenied
else:
    class Error(Exception):
        """The root of the errors that are psutil's."""

        def __init__(self, pid=None, name=None, msg=None):
            Exception.__init__(self, msg or f"pid {pid}")
            self.pid, self.name, self.msg = pid, name, msg or ""

    class NoSuchProcess(Error):
        """There is no process with this pid."""

    class AccessDenied(Error):
        """Whoever asks may not see this process."""

# The words of the filter for each kind; those of UNIX sockets are not the module's.
_KINDS = {
    "inet": "proto=tcp,udp", "inet4": "proto=tcp4,udp4", "inet6": "proto=tcp6,udp6",
    "tcp": "proto=tcp", "tcp4": "proto=tcp4", "tcp6": "proto=tcp6",
    "udp": "proto=udp", "udp4": "proto=udp4", "udp6": "proto=udp6",
    "all": "proto=tcp,udp", "unix": "",
}

# What stands behind the state on line 2.
_COLUMNS = {
    "program": ["PID/Program", "name"], "user,program": ["User", "Inode", "PID/Program", "name"],
}

# Words of show=more that are text, even if they look like numbers.
_TEXTS = {"owners", "ca", "dir", "backlog", "device", "owner", "listener", "maybe"}


class Timer(NamedTuple):
    """The column Timer: what the kernel waits for."""

    name: str  #: off, on, keepalive, timewait or probe
    seconds: float  #: that are left
    retransmits: int
    probes: int


class Row(NamedTuple):
    """A socket. What the filter's show= leaves out is None."""

    proto: str  #: tcp, tcp6, udp, udp6, raw, raw6, udpl or udpl6
    recvq: int
    sendq: int
    laddr: Tuple  #: addr(ip, port), or () without a port
    raddr: Tuple
    state: str  #: a CONN_ word, BOUND, or of raw sockets a number; NONE if there is none
    uid: Optional[int]  #: None where the kernel keeps none, as of TIME_WAIT
    inode: Optional[int]
    pid: Optional[int]  #: the lowest that holds it; None: nobody, or it is hidden
    name: Optional[str]  #: of that process
    others: int  #: how many more processes hold it
    timer: Optional[Timer]
    netns: Optional[int]
    more: Dict[str, Union[int, float, str]]  #: the words of show=more

    @property
    def owners(self) -> List[Tuple[int, str]]:
        """All that hold it, as (pid, name), of the first 256; wants show=more."""
        words = str(self.more["owners"]).split(",") if "owners" in self.more else []
        return [(int(word.partition("/")[0]), _unescape(word.partition("/")[2]))
                for word in words if word != "..."]


def _unescape(text: str) -> str:
    r"""A name as it is: \040 is a space. Bytes that are not UTF-8 are as os.fsdecode() has them."""
    if "\\" not in text:
        return text
    raw = re.sub(rb"\\([0-3][0-7][0-7])", lambda found: bytes([int(found.group(1), 8)]),
                 text.encode("latin-1"))
    return os.fsdecode(raw)


def _addr(text: str, ipv6: bool) -> Tuple:
    """An address and a port, as psutil has them: () without a port."""
    host, _, port = text.rpartition(":")
    if port == "*":
        return ()
    # A v4-mapped address is written as an IPv4 one.
    return addr("::ffff:" + host if ipv6 and ":" not in host else host, int(port))


class _Table:
    """An open table, of what one filter shows: line 1, the columns of line 2, the rest."""

    def __init__(self, words: str):
        self._file = open(PATH, "r+b", buffering=0)  # pylint: disable=consider-using-with
        try:
            if words:
                self._write(words)
            self._lines = self._split()
            head = next(self._lines)
            self.columns = next(self._lines)
        except BaseException:
            self._file.close()
            raise
        self.owners_hidden = head.endswith(" owners=some")
        self.counts = {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", head)}

    def _write(self, words: str) -> None:
        try:
            self._file.write(words.encode("utf-8", "surrogateescape") + b"\n")
        except OSError as error:
            if error.errno in (errno.EINVAL, errno.E2BIG):
                raise ValueError(f"not a filter: {words!r}; netstate --check explains it") \
                    from error
            raise

    def _split(self) -> Iterator[str]:
        rest = ""
        while True:
            # All bytes that are not ASCII are escaped.
            chunk = self._file.read(CHUNK).decode("latin-1")
            if not chunk:
                return
            lines = (rest + chunk).split("\n")
            rest = lines.pop()
            yield from lines

    def __iter__(self):
        return self

    def __next__(self) -> str:
        try:
            return next(self._lines)
        except StopIteration:
            self.close()
            raise

    def close(self) -> None:
        """Give the kernel's memory back; a table that was read to its end has."""
        self._file.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Rows(_Table):
    """An iterator over the sockets that a filter shows, from one picture of the tables.

    counts: how many sockets are in which state, "total" in all; "incomplete", if it is
    there, is how many parts could not be read. owners_hidden: there are processes that
    you may not see. In memory there is one row, and the picture in the kernel until the
    last one was read, or until close(); so this is a context manager, too.
    """

    def __init__(self, words: str):
        super().__init__(words)
        if not self.columns.startswith("Proto "):
            self.close()
            raise ValueError("group= shows groups, not sockets: see groups()")
        self._has_user = " User " in self.columns
        self._has_program = " PID/Program name" in self.columns
        self._has_timer = " Timer" in self.columns
        self._has_netns = " Netns" in self.columns

    def __next__(self) -> Row:
        fields = super().__next__().split()
        proto = fields[0]
        ipv6 = proto.endswith("6")
        at = 5
        # A datagram socket that is not connected has no word here.
        state = CONN_NONE
        if proto.startswith(("tcp", "raw")) or fields[5:6] in (["ESTABLISHED"], ["CLOSE"]):
            state, at = fields[5], 6
        uid = inode = pid = name = timer = netns = None
        others = 0
        if self._has_user:
            uid, inode, at = int(fields[at]), int(fields[at + 1]), at + 2
        if self._has_program:
            pid, name, others = _program(fields[at])
            at += 1
        if self._has_timer:
            numbers = fields[at + 1].strip("()").split("/")
            timer = Timer(fields[at], float(numbers[0]), int(numbers[1]), int(numbers[2]))
            at += 2
        if state == "TIME_WAIT" or timer and timer.name == "timewait":
            uid = None
        if self._has_netns:
            netns, at = int(fields[at]), at + 1
        return Row(proto, int(fields[1]), int(fields[2]), _addr(fields[3], ipv6),
                   _addr(fields[4], ipv6), state, uid, inode, pid, name, others, timer, netns,
                   dict(_word(word) for word in fields[at:]))


def _program(text: str) -> Tuple[Optional[int], Optional[str], int]:
    """812/nginx+2: the pid, the name, how many more."""
    if text == "-":
        return None, None, 0
    pid, _, name = text.partition("/")
    found = re.fullmatch(r"(.*)\+(\d+)", name)
    if found:
        return int(pid), _unescape(found.group(1)), int(found.group(2))
    return int(pid), _unescape(name), 0


def _word(text: str) -> Tuple[str, Union[int, float, str]]:
    """idle=0.20: the key, and a number or a text."""
    key, _, value = text.partition("=")
    if key in _TEXTS or not re.fullmatch(r"\d+(\.\d+)?", value):
        return key, value if key in ("owners", "listener", "maybe") else _unescape(value)
    return key, float(value) if "." in value else int(value)


def rows(filter: str = "") -> Rows:  # pylint: disable=redefined-builtin
    """The sockets that a filter shows, all TCP and UDP sockets without one.

    filter is in the language of proc_netstate(5); its show= chooses what is known of each:
    user, program (alone if there is no show=), timer, more. Raises ValueError if it is none
    or has group=, OSError if the module can't be read (FileNotFoundError: it is not loaded).
    """
    return Rows(filter)


def groups(filter: str) -> List[Dict[str, Union[int, str]]]:  # pylint: disable=redefined-builtin
    """The groups that a filter with group= shows, the largest first.

    Each is a dictionary: what its sockets have in common, by the words of group=, as the
    table has it ("812/nginx", "443", "10.0.0.0", "-": not known; in the last one may be
    "(other)"), and numbers: of sockets in each state, "total", "recvq" and "sendq".
    """
    with _Table(filter) as table:
        names = table.columns.split()
        if names[0] == "Proto":
            raise ValueError("there is no group= in this filter: see rows()")
        keys = names.index("established")
        return [dict(zip(names, fields[:keys] + [int(field) for field in fields[keys:]]))
                for fields in map(str.split, table)]


def counts(filter: str = "") -> Dict[str, int]:  # pylint: disable=redefined-builtin
    """How many sockets that a filter shows are in which state, and "total".

    "incomplete" is there if parts of the tables could not be read.
    """
    if not re.search(r"\b(show|group)\b", filter):
        filter += "\nshow=none"  # costs the kernel less
    with _Table(filter) as table:
        return table.counts


def _descriptors(pid: int) -> Dict[int, int]:
    """The sockets that a process has open: for each inode the lowest descriptor."""
    found: Dict[int, int] = {}
    for inode, descriptor in _links(pid):
        found.setdefault(inode, descriptor)
    return found


def _links(pid: int) -> Iterator[Tuple[int, int]]:
    folder = f"{PROC}/{pid}/fd"
    for name in os.listdir(folder):
        try:
            target = os.readlink(f"{folder}/{name}")
        except OSError:
            continue  # closed meanwhile
        if target.startswith("socket:["):
            yield int(target[8:-1]), int(name)


def _inet(words: str, pid: Optional[int], descriptors: Optional[Dict[int, int]]) -> list:
    """Internet sockets as psutil has them; this is the loop that has to be fast."""
    found = []
    tables = {
        "tcp": (socket.AF_INET, socket.SOCK_STREAM), "tcp6": (socket.AF_INET6, socket.SOCK_STREAM),
        "udp": (socket.AF_INET, socket.SOCK_DGRAM), "udp6": (socket.AF_INET6, socket.SOCK_DGRAM),
    }
    known: Dict[str, dict] = {name: {} for name in tables}
    columns = "program" if descriptors is None else "user,program"
    with _Table(f"{words}\nshow={columns}") as table:
        if table.columns.partition(" State ")[2].split() != _COLUMNS[columns]:
            raise ValueError("a filter here chooses sockets only: no show=, no group=")
        if pid is not None and table.owners_hidden:
            raise AccessDenied(pid)
        for line in table:
            fields = line.split()
            proto, local, remote, owner = fields[0], fields[3], fields[4], fields[-1]
            if proto not in tables:
                continue
            family, kind = tables[proto]
            ends = known[proto]
            try:
                laddr = ends[local]
            except KeyError:
                laddr = ends[local] = _addr(local, family == socket.AF_INET6)
            try:
                raddr = ends[remote]
            except KeyError:
                raddr = ends[remote] = _addr(remote, family == socket.AF_INET6)
            status = fields[5] if kind == socket.SOCK_STREAM else CONN_NONE
            # A request is nobody's yet; the row has the owner of its listener.
            if owner == "-" or status == CONN_SYN_RECV:
                holder = None
            else:
                holder = int(owner[:owner.index("/")])
            inode = int(fields[-2]) if descriptors is not None else 0
            found.append((inode, family, kind, laddr, raddr, status, holder))
    if pid is not None:
        return [pconn(descriptors.get(one[0], -1), *one[1:6]) for one in found if one[6] == pid]
    if descriptors is None:
        return [sconn(-1, *one[1:]) for one in found]
    for holder in {one[6] for one in found if one[6] is not None}:
        try:
            descriptors.update(((holder, inode), fd) for inode, fd in _descriptors(holder).items())
        except OSError:
            pass  # it ended, or may be seen by the module's group only
    return [sconn(descriptors.get((one[6], one[0]), -1), *one[1:]) for one in found]


def _unix(pid: Optional[int]) -> Set[tuple]:
    """UNIX sockets: the module knows nothing of them, so this is the long way, psutil's."""
    holders: Dict[int, list] = {}
    for one in [pid] if pid is not None else \
            [int(name) for name in os.listdir(PROC) if name.isdigit()]:
        mine: Dict[int, list] = {}
        try:
            for inode, descriptor in _links(one):
                mine.setdefault(inode, []).append((one, descriptor))
        except OSError:
            continue
        holders.update(mine)
    found = set()
    with open(f"{PROC}/net/unix", encoding="utf-8", errors="surrogateescape") as file:
        next(file)
        for line in file:
            fields = line.split(None, 7)
            if len(fields) < 7:
                continue  # the rest of a path with a newline
            kind = socket.SocketKind(int(fields[4]))
            path = fields[7].rstrip("\n") if len(fields) == 8 else ""
            for owner, descriptor in holders.get(int(fields[6]), [(None, -1)]):
                one = (descriptor, socket.AF_UNIX, kind, path, "", CONN_NONE)
                if pid is None:
                    found.add(sconn(*one, owner))
                elif owner == pid:
                    found.add(pconn(*one))
    return found


def net_connections(kind: str = "inet", pid: Optional[int] = None, *,
                    filter: str = "",  # pylint: disable=redefined-builtin
                    fds: bool = False) -> list:
    """The sockets of this network namespace, as psutil.net_connections() has them.

    kind is psutil's: inet, inet4, inet6, tcp, tcp4, tcp6, udp, udp4, udp6, unix, all. With
    pid only those of this process, as psutil.Process(pid).net_connections(). A filter in the
    language of proc_netstate(5) is applied in the kernel, and leaves UNIX sockets out.

    Where it differs: fd is -1, as it is in psutil on other systems, unless fds is true or
    there is a pid, since to find it takes a look at all open files of those processes. Of a
    socket that several processes hold, pid is the lowest one (psutil's is the highest).

    Raises AccessDenied and NoSuchProcess of a pid as psutil does, ValueError of a kind or
    filter that there is not. Where the module can't be read this is psutil's; without
    psutil, or with a filter, that is the OSError that says why.
    """
    if kind not in _KINDS:
        raise ValueError(f"invalid {kind!r} kind argument; valid kinds are: "
                         f"{', '.join(map(repr, _KINDS))}")
    hidden = False
    descriptors: Optional[dict] = {} if fds else None
    if pid is not None:
        try:
            descriptors = _descriptors(pid)
        except (FileNotFoundError, ProcessLookupError):
            raise NoSuchProcess(pid) from None
        except PermissionError:
            descriptors, hidden = {}, True
    found: list = []
    if kind != "unix":
        # A line each: all of them must hold.
        words = f"{_KINDS[kind]}\n{filter}\n" + (f"pid={pid}" if pid is not None else "")
        try:
            found = _inet(words, pid, descriptors)
        except OSError:
            if not psutil or filter:
                raise
            return psutil.Process(pid).net_connections(kind) if pid is not None else \
                psutil.net_connections(kind)
    with_unix = kind in ("unix", "all") and not filter
    # Members of the module's group see Internet sockets whose descriptors they may not see.
    if hidden and (with_unix or not found):
        raise AccessDenied(pid)
    return found + list(_unix(pid)) if with_unix else found


class Process:
    """A process, of which its sockets are known: what psutil.Process(pid) has of them."""

    def __init__(self, pid: Optional[int] = None):
        self.pid = os.getpid() if pid is None else pid
        if not os.path.exists(f"{PROC}/{self.pid}"):
            raise NoSuchProcess(self.pid)

    def net_connections(self, kind: str = "inet") -> list:
        """Its sockets as psutil's named tuples pconn; see net_connections()."""
        return net_connections(kind, self.pid)
