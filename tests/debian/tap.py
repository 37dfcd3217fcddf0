# SPDX-License-Identifier: GPL-2.0-only
"""Results, as TAP."""

tests = failed = 0


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
