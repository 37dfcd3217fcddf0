# SPDX-License-Identifier: GPL-2.0-only
"""What faults are put into, and which tests are to see them: those first that are most likely to."""

import os
import re
import subprocess

# The sessions that show most of a folder of the reader.
SESSIONS = {"diff": "shim_repeat", "top": "shim_terminal", "netstat": "shim_face,as_netstat",
            "names": "shim_names,naming", "diagnose": "shim_diagnose", "json": "json",
            "drop": "drop", "check": "threshold", "proc": "shim_proc", "pids": "pids"}
QUIET = "SANITIZE=-fsanitize=address,undefined -w"


def output(command):
    return subprocess.run(command, check=False, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL).stdout


class Hosted:
    """The parts that are built hosted, and how to try them."""

    folders = "module/core", "include", "userspace", "tests/unit", "tests/fuzz", "tests/reader"

    @staticmethod
    def has(path):
        return path.startswith(("module/core/", "userspace/")) and path.endswith(".c")

    @staticmethod
    def prepare():
        """What is done once, in the tree that faults are put into."""

    @staticmethod
    def code_of(path):
        """What the compiler makes of a file; None if it does not compile, or only in its folder."""
        done = subprocess.run(["gcc", "-std=gnu11", "-O2", "-w", "-S", "-o", "-", "-D_GNU_SOURCE", "-Iinclude",
                               "-Iuserspace", path], check=False, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
        return done.stdout if done.returncode == 0 else None

    @staticmethod
    def steps(path):
        """Commands, each of which may fail; what it is called, or "" for one that only builds."""
        built = "build/unit/gcc/test_"
        name = os.path.basename(path)[:-2]
        unit = ["make", "-s", "-C", "tests/unit", "COMPILERS=gcc", QUIET]
        if path.startswith("module/core/"):
            if os.path.exists(f"tests/unit/test_{name}.c"):
                yield [*unit, f"{os.getcwd()}/{built}{name}"], ""
                yield ["tests/unit/run", built + name], f"test_{name}"
            yield [*unit, "all"], ""
            yield ["sh", "-c", f"tests/unit/run $(ls {built}* | grep -v '[.]')"], "tests/unit"
            yield ["make", "-s", "-C", "tests/fuzz", "CC=gcc", QUIET, "replay"], ""
            for fuzzer in "filter", "table":
                yield ["sh", "-c", f"build/fuzz/replay_{fuzzer} tests/fuzz/corpus/{fuzzer}/*"], "tests/fuzz"
        yield ["make", "-s", "-C", "tests/reader", "COMPILERS=", "CFLAGS=-w", "all"], ""
        first = SESSIONS.get(path.split("/")[1], "text")
        yield ["tests/reader/run", "--quick=" + first, "build/reader", "plain"], "tests/reader"


# The programs that show most of a part of the module.
PROGRAMS = (("module/walk/netns", "netns namespaces folders"), ("module/walk/unhashed", "unhashed unowned"),
            ("module/walk/detail", "info filter_more"), ("module/walk/info", "info"),
            ("module/walk/", "states witness listeners adversary_chain namespaces"),
            ("module/owner/", "files unowned permissions adversary_owner adversary_files forged"),
            ("module/store/groups", "groups"), ("module/store/choice", "listeners"),
            ("module/store/listeners", "metrics listeners"), ("module/store/by_listener", "listeners"),
            ("module/store/", "limits adversary_memory groups work"),
            ("module/metrics", "metrics"), ("module/params", "module limits"),
            ("module/", "filter_write hostile folders limits permissions"))
MODULES = "dummy fuse sch_netem veth tun inet_diag tcp_diag udp_diag raw_diag"
# Stops at the first that fails; what cannot be tried there is no failure.
GUEST = ('for name; do ./$name >/dev/null 2>&1; status=$?; '
         '[ $status = 0 ] || [ $status = 4 ] || { echo "# seen by $name"; exit 1; }; done')


class Module:
    """The module's own parts: in User-mode Linux, which boots in a second; what is not seen
    there, with its detectors, and then on the newest kernel with two CPUs."""

    folders = "module", "include", "tests/kernel", "tests/vm"
    series = ()
    programs, limit = {}, {}

    @staticmethod
    def has(path):
        return path.startswith("module/") and not path.startswith("module/core/") and \
            path.endswith((".c", ".h"))

    @staticmethod
    def build(series):
        return ["env", f"BUILD_TREE=build/trees/{series}", "KBUILD_ARGS=KCFLAGS=-w", "tests/vm/build", series]

    @classmethod
    def prepare(cls):
        """Builds the tests, and asks a guest how long each program takes."""
        kselftest = output(["tests/vm/kselftest"]).strip()
        subprocess.run(["make", "-s", "-C", "tests/kernel", f"KSFT={kselftest}",
                        f"OUTPUT={os.getcwd()}/build/selftests"], check=True)
        for series in cls.series:
            subprocess.run(cls.build(series), check=True)
            subprocess.run(["tests/vm/build", series, "tests/kernel/modules", f"build/vm/{series}/modules"],
                           check=True)
        left = re.compile(r"^(\w+)\s+(?:\S*,)?uml-debug!", re.M)
        with open("tests/kernel/left-out", encoding="utf-8") as table:
            never = set(left.findall(table.read()))
        for series in cls.series:
            # The one that takes the module out is the last.
            names = sorted((name for name in os.listdir("build/selftests")
                            if os.access(f"build/selftests/{name}", os.X_OK) and "." not in name
                            and os.path.isfile(f"build/selftests/{name}")
                            and not (series.startswith("uml") and name in never)),
                           key=lambda name: (name == "module", name))
            text = output(["tests/vm/selftest", series, "build/selftests", "--timeout", "1800", "--modules", MODULES,
                           "--files", f"build/vm/{series}/modules", "--", *names])
            took = re.findall(r"^ok \d+ selftests: \w+: (\w+).*\n# took (\d+) s", text, re.M)
            if len(took) != len(names):
                raise SystemExit(f"{series}: without a fault these fail: {set(names) - {name for name, _ in took}}")
            seconds = {name: int(number) for name, number in took}
            cls.limit[series] = str(3 * sum(seconds.values()) + 60)
            cls.programs[series] = sorted(seconds, key=lambda name: (name == "module", seconds[name]))

    @classmethod
    def code_of(cls, path):
        """The whole module; None if it does not build."""
        series = cls.series[0]
        if subprocess.run(cls.build(series), check=False, stderr=subprocess.DEVNULL).returncode:
            return None
        with open(f"build/vm/{series}/netstate.ko", "rb") as module:
            return module.read()

    @classmethod
    def steps(cls, path):
        """As those of the hosted parts."""
        first = next(names for start, names in PROGRAMS if path.startswith(start)).split()
        for series in cls.series:
            rest = cls.programs[series]
            order = [name for name in first if name in rest] + [name for name in rest if name not in first]
            yield cls.build(series), ""
            yield ["tests/vm/boot", series, "--name", "mutant", "--timeout", cls.limit[series], "--modules", MODULES, "--files",
                   "build/selftests", "--files", f"build/vm/{series}/modules", "--", "sh", "-c", GUEST, "sh",
                   *order], series
