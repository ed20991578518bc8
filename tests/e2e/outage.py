"""What must hold of servers that are stopped, killed, frozen and back, alone and as a pair, whether
of databases or of directories: nobody is told that a right password is wrong or becomes an unknown
user because of it, and cached needs no restart.

A class of tests is one of those here before Outage and the site of a kind of server.
"""
# SPDX-License-Identifier: MIT
import time

import case
import dovecot
import fake_server
import secrets_used
from processes import until
from stream import Stream

WRONG = secrets_used.remember("wrong-word-this-is")
PATIENCE = 10  # of a site, in seconds; where servers only come and go nobody waits that long


def within(seconds):
    """The options of time for tests of servers that do not answer."""
    return {"connect_time": f"{seconds}s", "query_time": f"{seconds}s"}


class Outage:
    """For the site of a kind of server, which has besides:

    right          alice's password
    asks(machine)  whether a login that succeeds makes use of that server
    imposture(fake)  pairs of options of the section, with a fake server at the address `fake`, and
                   what a right password is answered with them
    """

    def setUp(self):
        super().setUp()
        self.pid = self.cached.process.pid

    def furnish(self):
        super().furnish()
        dovecot.deliver("alice")

    def reconfigure(self, **options):
        super().reconfigure(**options)
        self.pid = self.cached.process.pid

    def leave(self):
        self.assertTrue(self.cached.process.running() and self.cached.process.pid == self.pid,
                        "the cached of the beginning of the test is there")
        super().leave()

    def assert_none_denied(self, logins):
        for answers in (logins.answers(), {line["result"] for line in self.cached.audit()}):
            self.assertEqual(set(answers) - {"permit", "later"}, set(), answers)

    def assert_all_permitted(self, logins, began=0.0):
        self.assertEqual(set(logins.answers(began)), {"permit"}, logins.answers(began))

    def assert_answers(self, answer, password=None):
        """That is what alice is answered, by default to her right password."""
        self.assertEqual(self.ask("alice", password or self.right), answer, self.said("alice"))

    def wait_until_permitted(self):
        """Which takes cached a second, and never what a server rests at most."""
        until(lambda: self.ask("alice", self.right) == "permit", "alice is let in", 15)

    def assert_all_is_well(self, logins):
        """Alice has been let in; a moment later, when what was begun before has ended, all are."""
        self.wait_until_permitted()
        time.sleep(1)
        began = time.monotonic()
        logins.wait_for("permit", 5)
        self.assert_all_permitted(logins, began)

    def stream(self):
        return Stream(("alice", self.right))

    def attempts(self):
        """Right, wrong and unknown."""
        return ("alice", self.right), ("alice", WRONG), ("zoe", WRONG)


class Away:
    """One server."""

    def test_D05_the_first_login_after_a_restart_of_the_server_succeeds(self):
        """The connections that went with the old one are noticed and made anew."""
        self.assert_reads_mail("alice", self.right)
        self.server.restart()
        self.assert_reads_mail("alice", self.right)
        self.assertEqual(self.imap_login("alice", WRONG), case.REFUSED)

    def test_D06_D07_while_the_server_is_down_clients_are_told_to_try_later(self):
        """Right, wrong and unknown alike, by IMAP and POP3, and never that authentication failed;
        mail for anybody is deferred and not bounced."""
        self.assert_reads_mail("alice", self.right)
        self.server.stop()
        for attempt in self.attempts():
            answer = self.imap_login(*attempt)
            self.assertTrue(answer.startswith(case.LATER), answer)
            answer = self.pop3_login(*attempt)
            self.assertTrue(answer.startswith(case.POP3_LATER), answer)
        for question in (("user", "zoe"), ("auth", "lookup", "zoe")):
            code, output = self.dovecot.doveadm(*question)
            self.assertEqual(code, 75, output)  # a temporary failure
        self.cached.process.wait_for_log(f"127.0.0.1:{self.server.port}: ")
        self.server.start()
        self.wait_until_permitted()
        self.assert_reads_mail("alice", self.right)
        self.assertEqual(self.imap_login("alice", WRONG), case.REFUSED)
        self.assertEqual(self.imap_login("zoe", WRONG), case.REFUSED)
        self.assertEqual(self.cached.audit()[-1]["reason"], "<unknown user>")

    def test_cached_starts_without_the_server_and_finds_it_when_it_comes(self):
        """As after a power failure, in whatever order services start."""
        self.server.stop()
        self.reconfigure()
        self.assert_answers("later")
        self.server.start()
        self.wait_until_permitted()

    def test_the_server_killed_and_restarted_under_load_denies_nobody(self):
        """kill -9 with eight clients logging in; soon after it is back all is well."""
        with self.stream() as logins:
            logins.wait_for("permit", 5)
            self.server.kill()
            logins.wait_for("later", 5)
            self.server.start()
            self.assert_all_is_well(logins)
        self.assert_none_denied(logins)

    def test_restarts_under_load_deny_nobody(self):
        """In order, three times in a row, with logins at every moment of it."""
        with self.stream() as logins:
            for _ in range(3):
                logins.wait_for("permit", 5)
                self.server.restart()
            self.assert_all_is_well(logins)
        self.assert_none_denied(logins)

    def test_a_frozen_server_is_try_later_in_time_and_then_all_is_well(self):
        """SIGSTOP: each question has an end, and so has each wait for a turn: all are told while it
        is frozen, more than once."""
        self.reconfigure(**within(2))
        self.wait_until_permitted()
        self.server.freeze()
        with self.stream() as logins:
            logins.wait_for("later", 2)
            self.server.thaw()
            self.assert_all_is_well(logins)
        self.assert_none_denied(logins)


class Impostor:
    snippets = []
    behaviours = fake_server.ALL

    def test_what_is_no_such_server_behind_the_port_is_try_later_in_time(self):
        """Silence, garbage, another service, a byte now and then; and a good second server is used
        all the same."""
        for behaviour in self.behaviours:
            fake = fake_server.FakeServer(behaviour)
            for options, answer in self.imposture(fake.host):
                self.reconfigure(**within(1), **options)
                before = time.monotonic()
                self.assertEqual(self.ask("alice", self.right), answer, (behaviour, options))
                self.assertLess(time.monotonic() - before, fake_server.SECONDS / 2, behaviour)


class Pair:
    """Two servers that say the same, as two nodes of a cluster."""

    servers = ("first", "second")

    def setUp(self):
        super().setUp()
        self.first, self.second = self.machines

    def wait_until_asked(self, machine):
        """Which it has not been for a while."""
        until(lambda: self.asks(machine), f"{machine.name} is asked", 40)

    def test_the_first_server_is_preferred_and_the_second_takes_over_when_it_is_away(self):
        """Stopped or killed under load: no login fails, and the first is used again, and alone,
        when it is back."""
        for end in (self.first.stop, self.first.kill):
            self.assertEqual((self.asks(self.first), self.asks(self.second)), (True, False))
            with self.stream() as logins:
                logins.wait_for("permit", 5)
                end()
                logins.wait_for("permit", 5)
                self.assertTrue(self.asks(self.second))
            self.assert_all_permitted(logins)
            self.assertLess(max(login.seconds for login in logins.logins), PATIENCE)
            self.first.start()
            self.wait_until_asked(self.first)
            until(lambda: not self.asks(self.second), "the second is left alone again", 40)

    def test_reading_mail_goes_on_when_the_first_server_is_killed(self):
        """Through Dovecot, with the connections of before."""
        self.assert_reads_mail("alice", self.right)
        self.first.kill()
        self.assert_reads_mail("alice", self.right)
        self.assertEqual(self.imap_login("alice", WRONG), case.REFUSED)

    def test_a_frozen_first_server_frees_its_lane_and_is_used_again_when_it_thaws(self):
        """SIGSTOP under load: a question's time ends and the second takes over; at most a few
        logins are slow or told to try later, none is denied."""
        limit = 2
        self.reconfigure(**within(limit))
        self.wait_until_asked(self.first)
        with self.stream() as logins:
            logins.wait_for("permit", 5)
            self.first.freeze()
            logins.wait_for("permit")
            moved = time.monotonic()
            logins.wait_for("permit", 30)
            thawed = time.monotonic()
            self.first.thaw()
            time.sleep(0.2)  # it answers what it was asked before
            self.wait_until_asked(self.first)
            logins.wait_for("permit", 5)
        self.assert_none_denied(logins)
        slow = [login for login in logins.since(moved)
                if login.answer != "permit" or login.seconds >= limit]
        self.assertLess(len(slow), 10, slow)
        troubled = [login for login in logins.logins if login.answer != "permit"]
        self.assertLess(len(troubled), 20, troubled)
        self.assert_all_permitted(logins, thawed)

    def test_with_both_away_it_is_try_later_and_either_is_enough(self):
        """The second one back first."""
        self.assert_answers("permit")
        self.second.kill()
        self.first.stop()
        for attempt in self.attempts():
            self.assertEqual(self.ask(*attempt), "later")
        self.second.start()
        self.wait_until_permitted()
        self.assert_answers("deny", WRONG)
        self.assert_denied("zoe", WRONG, "unknown user")
