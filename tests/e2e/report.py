"""Finds the tests, runs them, and prints a line for each: ok or FAIL, its name, its time.

A module that cannot be loaded, and a test that never ends, are failures like others: all the other
tests are run.
"""
# SPDX-License-Identifier: MIT
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


def run_tests(names):
    suite = [test for test in _all_tests() if not names or any(name in test.id() for name in names)]
    result = Lines()
    signal.signal(signal.SIGALRM, _too_long)
    for test in suite:
        signal.alarm(LONGEST)
        test.run(result)
    signal.alarm(0)
    failed = len(result.failures) + len(result.errors)
    if not suite:
        print(f"no test is named like {' or '.join(names)}")
        failed = 1
    print(f"e2e: {result.testsRun - failed if suite else 0} passed, {failed} failed", flush=True)
    return 1 if failed else 0


def _all_tests():
    def flat(suite):
        for item in suite:
            if isinstance(item, unittest.TestSuite):
                yield from flat(item)
            else:
                yield item
    loader = unittest.TestLoader()
    tests = list(flat(loader.discover(HERE, pattern="test_*.py")))
    return sorted(tests, key=lambda test: (LAST in test.id(), test.id()))


def _too_long(*_):
    """Ends whatever the test waits for; and, if need be, what its clean-up then waits for."""
    signal.alarm(LONGEST)
    raise AssertionError(f"still not at its end after {LONGEST} s")


class Lines(unittest.TestResult):
    """A failed test is shown with what failed and the ends of its servers' logs."""

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
            self._say("FAIL", test)
            print("".join(f"    {line}\n" for line in self._pending.splitlines()), end="")
            print(case.tail_of_logs(getattr(test, "logs", "")), end="", flush=True)

    def _say(self, word, test):
        seconds = time.monotonic() - self._started
        name = test.id().split(".", 1)[1].replace(".test_", ": ").replace("_", " ")
        print(f"{word} {seconds:5.1f}s {name}", flush=True)


if __name__ == "__main__":
    sys.exit("run tests/e2e/run")
