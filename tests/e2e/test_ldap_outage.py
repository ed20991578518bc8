"""The directory stopped, killed, frozen and back, alone and as a pair: nobody becomes an unknown
user because of it, and what needs no directory does not wait for it."""
# SPDX-License-Identifier: MIT
import concurrent.futures
import threading
import time

import case
import clients
import fake_server
import secrets_used
from processes import until
from slapd_site import WORD, SlapdSite
from stream import Stream

WRONG = secrets_used.remember("wrong-word-this-is")
QUICK = {"connect_time": "500ms", "query_time": "500ms"}


class LdapOutageSite(SlapdSite):
    snippets = []
    ldap = QUICK

    def setUp(self):
        super().setUp()
        self.pid = self.cached.process.pid

    def leave(self):
        self.assertTrue(self.cached.process.running() and self.cached.process.pid == self.pid,
                        "the cached of the beginning of the test is there")
        super().leave()

    def assert_none_denied(self, logins):
        self.assertEqual(set(logins.answers()) - {"permit", "later"}, set(), logins.answers())

    def wait_until_permitted(self, seconds):
        until(lambda: self.ask("alice", WORD) == "permit", "alice is let in", seconds)


class LdapAway(LdapOutageSite):
    snippets = ["app-passwords.conf", "userdb-prefetch.conf"]

    def test_D07_while_the_directory_is_down_clients_are_told_to_try_later(self):
        """Right, wrong and unknown alike; mail for anybody is deferred and not bounced."""
        self.assert_ok(self.imap_login("alice", WORD))
        self.server.stop()
        for user, password in (("alice", WORD), ("alice", WRONG), ("zoe", WRONG)):
            answer = self.imap_login(user, password)
            self.assertTrue(answer.startswith(case.LATER), answer)
            answer = self.pop3_login(user, password)
            self.assertTrue(answer.startswith(case.POP3_LATER), answer)
        for question in (("user", "zoe"), ("auth", "lookup", "zoe")):
            code, output = self.dovecot.doveadm(*question)
            self.assertEqual(code, 75, output)
        self.server.start()
        self.wait_until_permitted(2)
        self.assertEqual(self.imap_login("zoe", WRONG), case.REFUSED)
        self.assertEqual(self.cached.audit()[-1]["reason"], "<unknown user>")

    def test_the_first_login_after_a_restart_of_the_directory_succeeds(self):
        """The connections that went with the old one are noticed and made anew."""
        self.assert_ok(self.imap_login("alice", WORD))
        self.server.restart()
        self.assert_ok(self.imap_login("alice", WORD))

    def test_cached_starts_without_the_directory_and_finds_it_when_it_comes(self):
        """In whatever order services start."""
        self.cached.stop()
        self.server.stop()
        self.cached.start()
        self.pid = self.cached.process.pid
        self.assertEqual(self.ask("alice", WORD), "later")
        self.server.start()
        self.wait_until_permitted(2)


class LdapUnderLoad(LdapOutageSite):
    def test_the_directory_killed_and_restarted_under_load_denies_nobody(self):
        """kill -9 with eight clients logging in; two seconds after it is back all is well."""
        with Stream(("alice", WORD)) as logins:
            time.sleep(0.5)
            self.server.kill()
            time.sleep(1)
            self.server.start()
            back = time.monotonic()
            time.sleep(3)
        self.assert_none_denied(logins)
        self.assertGreater(logins.answers()["later"], 0, "it was away")
        self.assertLess(logins.first_permit(back), 2)
        self.assertEqual(set(logins.answers(back + 2)), {"permit"}, logins.answers(back + 2))

    def test_a_frozen_directory_is_try_later_in_time_and_then_all_is_well(self):
        """SIGSTOP: each question has an end, and so has each wait for a turn."""
        self.wait_until_permitted(1)
        self.server.freeze()
        with Stream(("alice", WORD)) as logins:
            time.sleep(2)
            thawed = time.monotonic()
            self.server.thaw()
            time.sleep(2.5)
        self.assert_none_denied(logins)
        self.assertGreater(logins.answers()["later"], 0)
        self.assertLess(max(login.seconds for login in logins.logins), 3)
        self.assertEqual(set(logins.answers(thawed + 2)), {"permit"}, logins.answers(thawed + 2))

    def test_C17_what_needs_no_directory_does_not_wait_for_a_frozen_one(self):
        """With twenty logins waiting for it, `audit` is answered at once."""
        self.reconfigure(query_time="3s", connect_time="3s")
        self.pid = self.cached.process.pid
        self.assert_permitted("alice")
        self.server.freeze()
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            waiting = [pool.submit(self.ask, "alice", WORD) for _ in range(20)]
            time.sleep(0.3)
            for _ in range(20):
                before = time.monotonic()
                with clients.Wire() as wire:
                    answer = wire.ask("request=audit", "user=local", "service=imap", "rip=10.0.0.1")
                self.assertIn(b"answer=permit", answer)
                self.assertLess(time.monotonic() - before, 0.3)
            self.assertFalse(any(login.done() for login in waiting), "they are still waiting")
            self.server.thaw()
            self.assertEqual({login.result() for login in waiting}, {"permit"})

    def test_connections_that_the_directory_closes_cost_no_login(self):
        """Idle for longer than its idletimeout."""
        self.server.restart(idle=1)
        self.addCleanup(self.server.restart)
        self.wait_until_permitted(1)
        closed = self.server.log().count(" closed (idletimeout)")
        until(lambda: self.server.log().count(" closed (idletimeout)") > closed,
              "slapd has closed the connection")
        self.assert_permitted("alice")

    def test_S1_64_clients_on_a_lane_of_two_all_get_the_right_answer(self):
        """At once: right ones are let in, wrong ones and unknown ones refused, within seconds."""
        self.reconfigure(threads="2", query_time="5s")
        self.pid = self.cached.process.pid
        attempts = [("alice", WORD), ("alice", WRONG), ("zoe", WORD), ("alice", WORD)] * 16
        start = threading.Barrier(len(attempts))

        def come(attempt):
            start.wait()
            return self.ask(*attempt)
        before = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(len(attempts)) as pool:
            answers = list(pool.map(come, attempts))
        self.assertLess(time.monotonic() - before, 5)
        self.assertEqual(answers, ["permit", "deny", "deny", "permit"] * 16)


class LdapImpostor(LdapOutageSite):
    def test_what_is_no_directory_behind_the_port_is_try_later_in_time(self):
        """Silence, garbage, another service, a byte now and then, by ldap, StartTLS and ldaps; and
        a good second server is used all the same."""
        for behaviour in fake_server.ALL:
            for scheme, start_tls, second, answer in (
                    ("ldap", "no", "", "later"), ("ldap", "yes", "", "later"),
                    ("ldaps", "no", "", "later"), ("ldap", "no", self.server.uri, "permit")):
                fake = fake_server.FakeServer(behaviour)
                self.reconfigure(uri=f"{scheme}://{fake.host} {second}", start_tls=start_tls)
                self.pid = self.cached.process.pid
                before = time.monotonic()
                self.assertEqual(self.ask("alice", WORD), answer, behaviour)
                self.assertLess(time.monotonic() - before, 1.5, behaviour)


class LdapPair(LdapOutageSite):
    servers = ("first", "second")

    def setUp(self):
        super().setUp()
        self.first, self.second = self.machines

    def wait_until_asked(self, machine, seconds):
        """The server is asked, which it has not been for a while."""
        before = len(machine.searches())
        until(lambda: self.ask("alice", WORD) == "permit" and len(machine.searches()) > before,
              f"{machine.name} is asked", seconds)

    def test_the_second_directory_takes_over_when_the_first_is_stopped_or_killed(self):
        """Under load no login fails; the first is preferred, and used again when it is back."""
        self.assert_permitted("alice")
        self.assertEqual(len(self.second.searches()), 0)
        for end in (self.first.stop, self.first.kill):
            with Stream(("alice", WORD)) as logins:
                time.sleep(0.3)
                end()
                time.sleep(0.7)
            self.assertEqual(set(logins.answers()), {"permit"}, logins.answers())
            self.assertLess(max(login.seconds for login in logins.logins), 1)
            self.assertGreater(len(self.second.searches()), 0)
            self.first.start()
            self.wait_until_asked(self.first, 40)

    def test_a_frozen_first_directory_frees_its_lane_and_is_used_again_when_it_thaws(self):
        """SIGSTOP under load: at most a few logins are slow or told to try later, none denied."""
        with Stream(("alice", WORD)) as logins:
            time.sleep(0.5)
            self.first.freeze()
            frozen = time.monotonic()
            time.sleep(4)
            asked, thawed = len(self.first.searches()), time.monotonic()
            self.first.thaw()
            until(lambda: len(self.first.searches()) > asked + 10, "the first is asked again", 40)
            time.sleep(0.5)
        self.assert_none_denied(logins)
        after = logins.since(frozen + 1.5)
        slow = [login for login in after if login.answer != "permit" or login.seconds > 0.4]
        self.assertLess(len(slow), 10, slow)
        self.assertGreater(len(after), 200, "logins went on")
        troubled = [login for login in logins.logins if login.answer != "permit"]
        self.assertLess(len(troubled), 20, troubled)
        self.assertEqual(set(logins.answers(thawed)), {"permit"})
        self.assertLess(max(login.seconds for login in logins.logins), 3)

    def test_with_both_away_it_is_try_later_and_either_is_enough(self):
        """The second one back first."""
        self.assert_permitted("alice")
        self.second.kill()
        self.first.stop()
        self.assert_later("alice")
        self.assert_later("zoe")
        self.second.start()
        self.wait_until_permitted(2)
        self.assert_denied("zoe", WORD, "unknown user")
