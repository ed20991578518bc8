"""Many clients at the same moment: each gets an answer, in time, and the right one."""
# SPDX-License-Identifier: MIT
import concurrent.futures

import secrets_used
from mariadb_site import SHOWN, MariaDbSite
from processes import until
from stream import at_once

WRONG = secrets_used.remember("wrong-word-this-is")


class MySqlCrowd(MariaDbSite):
    snippets = []
    database = {"threads": "2", "query_time": "30s"}

    def crowd(self, number, user="alice"):
        """That many clients at the same moment, one in two with the right password: the answers to
        right ones and to wrong ones."""
        answers = at_once(self.ask, [(user, SHOWN), (user, WRONG)] * (number // 2))
        return answers[0::2], answers[1::2]

    def test_S1_64_clients_on_a_lane_of_two_all_get_the_right_answer(self):
        """At once, and again; the predecessor stood still for 30 seconds."""
        for _ in range(3):
            right, wrong = self.crowd(64)
            self.assertEqual((set(right), set(wrong)), ({"permit"}, {"deny"}))
        self.assertLessEqual(self.server.connections(), 2 + 2)  # the log table is read and written
        self.assertEqual(len(self.log_rows(96)), 96)

    def test_S1_a_password_proven_meanwhile_by_another_login_is_not_called_wrong(self):
        """The older one of two app passwords is used by 16 at the same moment, and is not warm:
        while one waits for the newer row to be verified, another has already proven the older."""
        for user in ("bob", "carol", "dave", "erin", "frank", "grace"):
            self.insert(user, SHOWN)
            self.insert(user, "the-newer-of-them")
            right, wrong = self.crowd(32, user)
            self.assertEqual((set(right), set(wrong)), ({"permit"}, {"deny"}), right)

    def test_S1_what_does_not_fit_into_the_queue_is_told_to_try_later_at_once(self):
        """A lane of two with a queue of four, and the server does not answer meanwhile: all others
        have been told before it does."""
        self.reconfigure(queue="4")
        self.assertEqual(self.ask("alice", SHOWN), "permit")
        self.log_rows(1)
        self.server.freeze()
        told = []

        def ask(*login):
            told.append(self.ask(*login))
            return told[-1]
        with concurrent.futures.ThreadPoolExecutor() as pool:
            answers = pool.submit(at_once, ask, [("alice", SHOWN), ("alice", WRONG)] * 32)
            try:
                until(lambda: len(told) >= 64 - 2 - 4, "those who do not fit in have been told")
                self.assertEqual(set(told), {"later"})
            finally:
                self.server.thaw()
            answers = answers.result()
        self.assertLessEqual(set(answers[0::2]), {"permit", "later"})
        self.assertLessEqual(set(answers[1::2]), {"deny", "later"})
        self.assertEqual(self.ask("alice", SHOWN), "permit")
