"""The base of all test cases: a fresh cached and Dovecot for each test, ended with it."""
# SPDX-License-Identifier: MIT
import glob
import os
import shutil
import unittest

import clients
import dovecot
import secrets_used
import world
from cached import Cached
from dovecot import Dovecot

REFUSED = "NO [AUTHENTICATIONFAILED] Authentication failed."
LATER = "NO [UNAVAILABLE] Temporary authentication failure."
POP3_REFUSED = "-ERR [AUTH] Authentication failed."
POP3_LATER = "-ERR [SYS/TEMP] Temporary authentication failure."


class Site(unittest.TestCase):
    """A site: cached with alice's two app passwords, and a Dovecot of `snippets` plus `extra`.
    A class that wants another site overrides these, or furnish()."""

    snippets = ["app-passwords.conf", "userdb-prefetch.conf"]
    extra = ""
    settings = {}

    def setUp(self):
        self.processes = []
        self.cached = Cached()
        self.addCleanup(self.leave)
        self.cached.configure(**self.settings)
        self.watch(self.cached.process)
        self.cached.start()
        self.furnish()
        if self.snippets:
            self.start_dovecot(self.snippets, self.extra)

    def furnish(self):
        """What is there before Dovecot starts."""
        self.phone = self.cached.add_password("alice", "phone")
        self.laptop = self.cached.add_password("alice", "laptop")
        dovecot.deliver("alice")

    def start_dovecot(self, snippets, extra):
        self.dovecot = Dovecot(snippets, extra)
        self.watch(self.dovecot.process)
        self.dovecot.start()

    def watch(self, process):
        """Its process is ended after the test, its log shown when the test fails."""
        self.processes.append(process)
        return process

    def leave(self):
        """Mail servers are killed, which is quick; cached is stopped and has to leave in order."""
        for process in self.processes[1:]:
            process.kill()
        status = 0
        if self.cached.process.running():
            self.cached.process.thaw()  # a failed test may have left it frozen
            status = self.cached.stop()
        self.keep_logs()
        self.forget()
        self.assertEqual(status, 0, "cached's exit status when it was stopped after the test")

    def forget(self):
        for name in ("/run/checkpass", "/run/dovecot", "/var/lib/checkpass", "/var/mail-homes",
                     "/etc/checkpass", world.path("dovecot-state")):
            shutil.rmtree(name, ignore_errors=True)

    def keep_logs(self):
        """Moves the logs aside, for the report of a failure and the test that reads them all."""
        self.logs = world.path("kept", self.id())
        world.make_dir(self.logs)
        for place in (world.path("logs", "*"), "/var/log/postfix.log", "/var/log/exim4/*"):
            for log in glob.glob(place):
                shutil.move(log, self.logs)

    # What clients see, in a word each.

    def imap_login(self, user, password, **where):
        with clients.Imap(**where) as imap:
            return imap.login(user, password)

    def pop3_login(self, user, password, **where):
        with clients.Pop3(**where) as pop3:
            return pop3.login(user, password)

    def ask(self, user, password, *more, service="imap"):
        """permit, deny or later, from cached's own socket, where any bytes may be sent."""
        secrets_used.remember(password)
        with clients.Wire() as wire:
            answer = wire.ask("request=auth", b"user=" + clients.escape(user),
                              b"password=" + clients.escape(password), f"service={service}", *more)
        return answer.decode().split("\t")[1].removeprefix("answer=")

    def assert_reads_mail(self, user, password, **where):
        with clients.Imap(**where) as imap:
            self.assert_ok(imap.login(user, password))
            self.assertIn("You have mail.", imap.read_message())

    def assert_ok(self, answer):
        self.assertTrue(answer.startswith(("OK", "+OK")), f"not logged in: {answer}")

    def assert_audit(self, number, **fields):
        """There are exactly `number` audit lines by now and the last has these fields."""
        line = self.cached.wait_for_audit(number)
        for name, value in fields.items():
            self.assertEqual(line.get(name), value, f"{name} in {line}")
        return line


def tail_of_logs(directory, lines=25):
    """The ends of a test's logs, to be printed with its failure."""
    text = ""
    if not directory:  # a test without servers
        return text
    for log in sorted(glob.glob(os.path.join(directory, "*"))):
        with open(log, errors="backslashreplace") as content:
            end = content.read().splitlines()[-lines:]
        text += f"    --- {os.path.basename(log)}\n" + "".join(f"    {line}\n" for line in end)
    return text
