# SPDX-License-Identifier: GPL-2.0
"""KTAP output for the tests written in Python.

A test is a function registered with @test("what must hold"); it passes by
returning, fails by raising and skips by raising Skip.
"""

import os
import sys
import time
import traceback

KSFT_PASS, KSFT_FAIL, KSFT_SKIP = 0, 1, 4

# multiplies every time-out, as in lib.sh
SLOW = int(os.environ.get("TEST_SLOW") or 1)

_tests = []


class Skip(Exception):
    """Raised by a test that does not apply here; the text says why."""


class Failure(AssertionError):
    """Raised by a test whose expectation does not hold."""


def test(title):
    """Register a function as one KTAP result line named @title."""
    def register(func):
        _tests.append((title, func))
        return func
    return register


def note(text):
    """Print a diagnostic line."""
    print("# " + str(text).replace("\n", "\n# "), flush=True)


def check(condition, text):
    """Fail the running test with @text unless @condition holds."""
    if not condition:
        raise Failure(text)


def equal(got, want, what):
    """Fail the running test unless @got is @want."""
    if got != want:
        raise Failure("%s: got %s, want %s" % (what, brief(got), brief(want)))


def brief(value):
    """How a value is shown: the log is for people."""
    text = repr(value)
    return text if len(text) < 400 else text[:200] + " ... " + text[-100:]


def busywait(seconds, probe):
    """Call @probe until it returns something true, at most @seconds long (times
    SLOW)."""
    end = time.monotonic() + seconds * SLOW
    while True:
        result = probe()
        if result:
            return result
        if time.monotonic() > end:
            return result
        time.sleep(0.05)


def _run_one(number, title, func):
    try:
        func()
    except Skip as why:
        print("ok %d %s # SKIP %s" % (number, title, why), flush=True)
        return KSFT_SKIP
    except Failure as why:
        note(why)
    except Exception:                                # pylint: disable=W0718
        note(traceback.format_exc().rstrip())
    else:
        print("ok %d %s" % (number, title), flush=True)
        return KSFT_PASS
    print("not ok %d %s" % (number, title), flush=True)
    return KSFT_FAIL


def run(select="", modules=None):
    """Run all registered tests whose title contains @select, or whose module it
    is, of these modules if any are given, and not of what they import; exit
    0/1/4."""
    chosen = [t for t in _tests if
              (select in t[0] or select == t[1].__module__) and
              (not modules or t[1].__module__ in modules)]
    print("TAP version 13\n1..%d" % len(chosen), flush=True)
    count = {KSFT_PASS: 0, KSFT_FAIL: 0, KSFT_SKIP: 0}
    for number, (title, func) in enumerate(chosen, 1):
        count[_run_one(number, title, func)] += 1
    print("# Totals: pass:%d fail:%d xfail:0 xpass:0 skip:%d error:0"
          % (count[KSFT_PASS], count[KSFT_FAIL], count[KSFT_SKIP]))
    if count[KSFT_FAIL]:
        sys.exit(KSFT_FAIL)
    sys.exit(KSFT_PASS if count[KSFT_PASS] else KSFT_SKIP)
