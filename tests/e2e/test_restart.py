"""Restarting cached while users log in: nobody is turned away, and nobody notices."""
# SPDX-License-Identifier: MIT
import signal
import threading
import time

import case
import clients
import secrets_used
import world
from processes import until

CLIENTS = 6
RESTARTS = 4


class Restarts(case.Site):
    settings = {"limits": {"idle_time": "1h"}}

    def furnish(self):
        super().furnish()
        self.stop_logins = threading.Event()
        self.answers = []

    def log_in_again_and_again(self):
        while not self.stop_logins.is_set():
            try:
                with clients.Imap() as imap:
                    self.answers.append(imap.login("alice", self.phone))
            except OSError as problem:
                self.answers.append(repr(problem))

    def assert_restarts_lose_nothing(self, number):
        threads = [threading.Thread(target=self.log_in_again_and_again) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for _ in range(RESTARTS):
            self.wait_for_logins()
            self.cached.stop(number)
            time.sleep(0.3)
            self.cached.start()
        self.wait_for_logins()
        self.stop_logins.set()
        for thread in threads:
            thread.join(clients.SECONDS)
        lost = [answer for answer in self.answers if not answer.startswith("OK")]
        self.assertEqual(lost, [], f"{len(lost)} of {len(self.answers)} logins were lost")

    def wait_for_logins(self):
        """Until those that were under way have ended, and some more."""
        enough = len(self.answers) + 3 * CLIENTS
        until(lambda: len(self.answers) >= enough, f"{enough} logins")

    def test_a_restart_under_a_stream_of_logins_loses_none(self):
        """SIGTERM and start, again and again: what was asked is answered by one or the other."""
        self.assert_restarts_lose_nothing(signal.SIGTERM)

    def test_a_crash_under_a_stream_of_logins_loses_none(self):
        """kill -9 and start: whoever got no answer asks again."""
        self.assert_restarts_lose_nothing(signal.SIGKILL)

    def slow_password(self):
        """Of the user slow; it takes half a second or so to verify."""
        password = secrets_used.remember("slow-to-verify")
        self.cached.insert_hash("slow", world.crypt(password.encode(), "$6$rounds=900000$saltsalt"))
        return password

    def log_in_slowly(self, number):
        """A login whose verification takes a while, with cached ended by `number` meanwhile."""
        password = self.slow_password()
        answers = []
        login = threading.Thread(
            target=lambda: answers.append(self.imap_login("slow", password)))
        before = self.cached.process.worked()
        login.start()
        self.wait_for_verification(before)
        status = self.cached.stop(number)
        self.cached.start()
        login.join(clients.SECONDS)
        self.assert_ok(answers[0])
        return status

    def wait_for_verification(self, before):
        """Nothing else that cached does takes it so much of the processor's time."""
        until(lambda: self.cached.process.worked() > before + 0.1, "cached verifies a password")

    def test_a_crash_during_a_verification_is_made_up_for_by_asking_again(self):
        """kill -9 at the worst moment: the connection ends and checkpass asks the next cached."""
        self.log_in_slowly(signal.SIGKILL)
        self.assertEqual(len(self.cached.audit()), 1, "the first cached never came to an answer")

    def test_a_stop_during_a_verification_waits_for_it(self):
        """SIGTERM: cached answers the login it has begun, then leaves."""
        self.assertEqual(self.log_in_slowly(signal.SIGTERM), 0)
        self.assertEqual(len(self.cached.audit()), 1, "the first cached answered, once")
        self.assertLess(self.cached.process.log().index("mail-audit: "),
                        self.cached.process.log().index("stopped"))

    def test_stopping_finishes_what_is_in_flight(self):
        """A request that has been read is answered, though cached is told to stop meanwhile."""
        with clients.Wire() as wire:
            before = self.cached.process.worked()
            wire.send(clients.login_request("slow", self.slow_password()))
            self.wait_for_verification(before)
            self.cached.process.send(signal.SIGTERM)
            self.assertIn(b"answer=permit", wire.receive())
        self.assertEqual(self.cached.process.leaves(), 0)

    def test_an_idle_connection_does_not_hold_up_the_stop(self):
        """Whoever has asked nothing is not waited for."""
        with clients.Wire() as wire:
            wire.ask("request=lookup", "user=alice")
            self.assertEqual(self.cached.stop(), 0, "it has left before drain_time was over")
            self.assertEqual(wire.receive(), b"")
