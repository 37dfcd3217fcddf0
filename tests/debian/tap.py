# SPDX-License-Identifier: GPL-2.0-only
"""Results, as TAP; and waiting for what takes as long as the machine is busy."""

import os
import time

PATIENCE = 60
TRIES = 20  # at least: one may take long

tests = failed = 0


def until(condition):
    """Whether it came true in time; no test hangs on how long that took."""
    end = time.monotonic() + PATIENCE
    tries = 1
    while not condition():
        if time.monotonic() > end and tries >= TRIES:
            return False
        tries += 1
        time.sleep(0.1)
    return True


def asleep(pid, path):
    """Whether the process has this file open and sleeps: between two reads."""
    folder = f"/proc/{pid}/fd"
    try:
        files = [os.readlink(f"{folder}/{fd}") for fd in os.listdir(folder)]
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return path in files and file.read().rsplit(")", 1)[1].split()[0] == "S"
    except FileNotFoundError:
        return False


def verdict(name, why):
    """A test, which failed if there are lines that say why."""
    global tests, failed
    tests += 1
    failed += bool(why)
    print("not ok" if why else "ok", tests, "-", name, flush=True)
    for line in why:
        print("#", line)


def skip(name, why):
    """A test that can't run here."""
    global tests
    tests += 1
    print("ok", tests, "-", name, "# SKIP", why, flush=True)


def finish():
    """The plan; the exit code."""
    print(f"1..{tests}")
    return 1 if failed else 0
