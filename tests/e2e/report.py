"""Finds the tests, runs them, and prints a line for each: ok or FAIL, its name, its time.

A module that cannot be loaded, and a test that never ends, are failures like others: all the other
tests are run.
"""
# SPDX-License-Identifier: MIT
import itertools
import os
import signal
import sys
import time
import traceback
import unittest

import case

HERE = os.path.dirname(os.path.abspath(__file__))
LAST = "test_secrets"  # reads the logs of all the others
LONGEST = 180  # seconds for one test


def run_tests(names, next_number):
    """Runs the tests of the classes whose numbers it is told, and then what comes last. How many
    passed and failed."""
    classes, last = _tests(names)
    result = Lines()
    signal.signal(signal.SIGALRM, _too_long)
    while (number := next_number()) < len(classes):
        result.run(classes[number])
    if result.testsRun:
        result.run(last)
    failed = len(result.failures) + len(result.errors)
    return result.testsRun - failed, failed


def _tests(names):
    """Those of a class after those of another, and those that come last."""
    def flat(suite):
        for item in suite:
            if isinstance(item, unittest.TestSuite):
                yield from flat(item)
            else:
                yield item

    def place(test):
        return test.id().rpartition(".")[0]
    found = [test for test in flat(unittest.TestLoader().discover(HERE, pattern="test_*.py"))
             if not names or any(name in test.id() for name in names)]
    found.sort(key=lambda test: (LAST in test.id(), test.id()))
    classes = [list(tests) for _, tests in itertools.groupby(found, place)]
    is_last = len(classes) > 1 and LAST in classes[-1][0].id()
    return (classes[:-1], classes[-1]) if is_last else (classes, [])


def _too_long(*_):
    """Ends whatever the test waits for; and, if need be, what its clean-up then waits for."""
    signal.alarm(LONGEST)
    raise AssertionError(f"still not at its end after {LONGEST} s")


class Lines(unittest.TestResult):
    """A failed test is shown with what failed and the ends of its servers' logs."""

    def run(self, tests):
        for test in tests:
            signal.alarm(LONGEST)
            test.run(self)
        signal.alarm(0)

    def startTest(self, test):
        super().startTest(test)
        self._started = time.monotonic()
        self._reported = False

    def addSuccess(self, test):
        self._say("ok  ", test)

    def addFailure(self, test, err):
        self._fail(self.failures, test, err)

    def addError(self, test, err):
        self._fail(self.errors, test, err)

    def addSubTest(self, test, subtest, err):
        """Unittest tells no other failures of a test that has parts."""
        if err:
            self._fail(self.failures, subtest, err)

    def _fail(self, kind, test, err):
        if self._reported:  # a failure in the clean-up after a failure counts once
            return
        self._reported = True
        kind.append((test, err))
        self._pending = f"{test}\n" + "".join(traceback.format_exception(*err))

    def stopTest(self, test):
        """Failures are told here, when the clean-up has collected the logs."""
        super().stopTest(test)
        if self._reported:
            why = "".join(f"    {line}\n" for line in self._pending.splitlines())
            self._say("FAIL", test, why + case.tail_of_logs(getattr(test, "logs", "")))

    def _say(self, word, test, more=""):
        """In one piece: other worlds have the same standard output."""
        seconds = time.monotonic() - self._started
        name = test.id().split(".", 1)[1].replace(".test_", ": ").replace("_", " ")
        print(f"{word} {seconds:5.1f}s {name}\n{more}", end="", flush=True)


if __name__ == "__main__":
    sys.exit("run tests/e2e/run")
