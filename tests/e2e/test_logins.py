"""Logging in over IMAP and POP3 with app passwords: right, wrong, unknown, deleted."""
# SPDX-License-Identifier: MIT
import concurrent.futures

import case
import clients
import secrets_used
from processes import until

WRONG = secrets_used.remember("wrong-word-this-is")


class Logins(case.Site):
    def test_a_right_app_password_reads_mail_over_imap(self):
        """The main job: alice logs in and reads her message; the audit line names the password."""
        self.assert_reads_mail("alice", self.phone)
        self.assert_audit(1, user="<alice>", service="imap", ip="127.0.0.1", pwid="1",
                          comment="<phone>", result="permit")

    def test_a_right_app_password_reads_mail_over_pop3(self):
        """The same for POP3, where the audit line says so."""
        with clients.Pop3() as pop3:
            self.assert_ok(pop3.login("alice", self.phone))
            self.assertIn("You have mail.", pop3.read_message())
        self.assert_audit(1, service="pop3", comment="<phone>", result="permit")

    def test_each_of_a_users_app_passwords_logs_in(self):
        """The second row is found too, and named in the audit line."""
        self.assert_ok(self.imap_login("alice", self.laptop))
        self.assert_audit(1, pwid="2", comment="<laptop>", result="permit")

    def test_a_wrong_password_is_refused(self):
        """IMAP and POP3 both say that authentication failed, and nothing of why."""
        self.assertEqual(self.imap_login("alice", WRONG), case.REFUSED)
        self.assert_audit(1, user="<alice>", ip="127.0.0.1", result="deny", pwid=None,
                          reason="<wrong password>")
        self.assertEqual(self.pop3_login("alice", WRONG), case.POP3_REFUSED)
        self.assert_audit(2, service="pop3", result="deny")

    def test_an_unknown_user_is_refused_like_a_wrong_password(self):
        """The client sees no difference; only the audit line tells."""
        self.assertEqual(self.imap_login("nobody-here", self.phone), case.REFUSED)
        self.assert_audit(1, user="<nobody-here>", result="deny", reason="<unknown user>")
        self.assertEqual(self.pop3_login("nobody-here", self.phone), case.POP3_REFUSED)

    def test_a_deleted_app_password_is_refused_and_the_log_says_so(self):
        """A revoked password is told apart from a wrong one in the log, not for the client."""
        self.cached.revoke("alice")  # the newest: laptop
        self.assertEqual(self.imap_login("alice", self.laptop), case.REFUSED)
        self.assert_audit(1, result="deny", reason="<deleted>", pwid="2", comment="<laptop>")
        self.assertEqual(self.pop3_login("alice", self.laptop), case.POP3_REFUSED)
        self.assert_audit(2, reason="<deleted>", service="pop3")

    def test_revoking_one_app_password_leaves_the_others(self):
        """Only the revoked one stops working, and at once: it has just been used."""
        self.assert_ok(self.imap_login("alice", self.laptop))
        self.cached.revoke("alice")
        self.assertEqual(self.imap_login("alice", self.laptop), case.REFUSED)
        self.assert_ok(self.imap_login("alice", self.phone))

    def test_a_user_whose_app_passwords_are_all_deleted_is_refused(self):
        """Deleted, not unknown, for the old password; wrong for any other."""
        for row in self.cached.rows("alice"):
            self.cached.control("password", "revoke", row["id"])
        self.assertEqual(self.imap_login("alice", self.phone), case.REFUSED)
        self.assert_audit(1, reason="<deleted>")
        self.assertEqual(self.imap_login("alice", WRONG), case.REFUSED)
        self.assert_audit(2, reason="<wrong password>")

    def test_another_users_app_password_is_refused(self):
        """Also where SQL's LIKE would see a match: _ and % are letters like others."""
        self.assertEqual(self.imap_login("bob", self.phone), case.REFUSED)
        self.assertEqual(self.imap_login("al_ce", self.phone), case.REFUSED)
        self.assert_audit(2, user="<al_ce>", reason="<unknown user>")

    def test_a_name_in_capitals_is_the_same_user(self):
        """Dovecot lower-cases names before anybody is asked."""
        self.assert_ok(self.imap_login("ALICE", self.phone))
        self.assert_audit(1, user="<alice>", result="permit")

    def test_an_empty_password_is_refused(self):
        """It is a login with a wrong password, and no lookup, though the bytes are the same."""
        self.assertEqual(self.imap_login("alice", ""), case.REFUSED)
        self.assert_audit(1, user="<alice>", result="deny", reason="<wrong password>")

    def test_ipv4_and_ipv6_clients_are_named_by_their_address(self):
        """The ip of the audit line is the client's, in the form of its family."""
        self.assert_ok(self.imap_login("alice", self.phone, source="127.0.0.7"))
        self.assert_audit(1, ip="127.0.0.7")
        self.assert_reads_mail("alice", self.phone, host="::1")
        self.assert_audit(2, ip="::1")

    def test_a_login_is_remembered_as_the_last_use_of_its_app_password(self):
        """cachedctl shows when each was last used: phone just now, laptop never."""
        self.assert_ok(self.imap_login("alice", self.phone))
        until(lambda: self.cached.rows("alice")[0]["used"] != "-", "the last use is listed")
        self.assertEqual(self.cached.rows("alice")[1]["used"], "-")
        self.assertEqual(self.cached.execute("SELECT pwid, service, src_ip FROM log"),
                         [(1, "imap", "127.0.0.1")])

    def test_refused_logins_are_no_last_use(self):
        """A deleted password writes a row that says so; a wrong one none."""
        self.cached.revoke("alice")
        self.imap_login("alice", WRONG)
        self.imap_login("alice", self.laptop)
        self.assert_ok(self.imap_login("alice", self.phone))
        rows = "SELECT pwid, result, reason FROM log ORDER BY id"
        until(lambda: len(self.cached.execute(rows)) == 2, "the log table has both rows")
        self.assertEqual(self.cached.execute(rows), [(2, "deny", "deleted"), (1, "permit", None)])
        self.assertEqual([row["used"] == "-" for row in self.cached.rows("alice")], [False, True])

    def test_many_clients_at_once_get_their_own_answers(self):
        """40 right and 40 wrong logins over 16 connections at a time: none is mixed up."""
        right = {f"user{number}": f"their-own-word-{number}" for number in range(40)}
        for user, password in right.items():
            self.cached.insert_password(user, password)
        attempts = [(user, password) for user, password in right.items()]
        attempts += [(f"user{(number + 1) % 40}", right[f"user{number}"]) for number in range(40)]
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda attempt: self.imap_login(*attempt), attempts))
        self.assertEqual([answer for answer in answers[:40] if not answer.startswith("OK")], [])
        self.assertEqual(set(answers[40:]), {case.REFUSED})
        results = [line["result"] for line in self.cached.audit()]
        self.assertEqual((results.count("permit"), results.count("deny")), (40, 40))


class Timing(case.Site):
    snippets = []
    settings = {"hash": {"argon2_memory_kib": "19456", "argon2_passes": "2", "proofs": "0"}}

    def processor_time(self, user):
        """Of cached for 20 refused logins, in clock ticks: what a clock would show a stranger, but
        for the noise of the machine."""
        with clients.Wire() as wire:
            before = self.cached_ticks()
            for _ in range(20):
                wire.send(clients.login_request(user, WRONG))
                self.assertIn(b"answer=deny", wire.receive())
            return self.cached_ticks() - before

    def cached_ticks(self):
        with open(f"/proc/{self.cached.process.pid}/stat") as stat:
            user_time, system_time = stat.read().rpartition(")")[2].split()[11:13]
        return int(user_time) + int(system_time)

    def furnish(self):
        self.cached.add_password("alice")

    def test_an_unknown_user_takes_as_long_as_a_wrong_password(self):
        """Nobody can find out who exists with a clock: a decoy is verified."""
        known, unknown = self.processor_time("alice"), self.processor_time("nobody-here")
        self.assertTrue(0.5 < unknown / known < 2, f"{unknown} and {known} clock ticks")
