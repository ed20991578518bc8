"""SMTP AUTH: Postfix and Exim ask Dovecot, which asks checkpass, which asks cached."""
# SPDX-License-Identifier: MIT
import case
import clients
import mta
import secrets_used
from processes import until

WRONG = secrets_used.remember("wrong-word-this-is")


class Smtp:
    """What holds for both. Neither has a word of its own for "try later": both say 535."""

    def furnish(self):
        super().furnish()
        mta.make_postfix_socket_dir()

    def start_server(self, server):
        self.server = server
        self.watch(server.process)
        server.start()

    def assert_refused(self, password, mechanism="PLAIN"):
        code, transcript = clients.smtp(self.server.port, "alice", password, mechanism)
        self.assertNotEqual(code, 0, transcript)
        self.assertRegex(transcript, r"<\*\* (535|454) ")
        self.assertNotIn("235 ", transcript)
        self.assertNotIn("DATA", transcript, "no mail may be offered, much less accepted")

    def assert_relays(self, password, mechanism="PLAIN"):
        code, transcript = clients.smtp(self.server.port, "alice", password, mechanism)
        self.assertEqual(code, 0, transcript)
        self.assertIn("<-  235 ", transcript)

    def test_the_right_app_password_may_send(self):
        """AUTH PLAIN and LOGIN answer 235 and the mail is accepted for relaying."""
        self.assert_relays(self.phone)
        self.assert_audit(1, user="<alice>", service="smtp", ip="127.0.0.1", comment="<phone>",
                          result="permit")
        self.assert_relays(self.laptop, "LOGIN")
        self.assert_audit(2, service="smtp", comment="<laptop>", result="permit")

    def test_a_wrong_password_may_not_send(self):
        """535, and nothing is relayed."""
        self.assert_refused(WRONG)
        self.assert_audit(1, service="smtp", result="deny", reason="<wrong password>")
        self.assert_refused(WRONG, "LOGIN")

    def test_a_deleted_app_password_may_not_send(self):
        """Of all refusals the one that must reach the MTA: the phone was lost."""
        self.cached.revoke("alice")
        self.assert_refused(self.laptop)
        self.assert_audit(1, service="smtp", result="deny", reason="<deleted>")

    def test_while_cached_is_down_nobody_may_send_until_it_is_back(self):
        """Try later is no OK for an MTA either."""
        self.cached.stop()
        self.assert_refused(self.phone)
        self.assertIn("cannot connect to cached", self.dovecot.process.log())
        self.cached.start()
        self.assert_relays(self.phone)

    def test_a_broken_database_lets_nobody_send(self):
        """As above, with cached itself saying try later."""
        self.cached.execute("ALTER TABLE app_passwords RENAME TO elsewhere")
        self.assert_refused(self.phone)
        self.assert_audit(1, service="smtp", result="later")

    def test_without_auth_nothing_is_relayed(self):
        """So that the tests above prove what they say."""
        with clients.Line(self.server.port) as smtp:
            smtp.receive()
            for line in ("HELO client.example.org", "MAIL FROM:<me@example.org>"):
                smtp.send(line)
                self.assertTrue(smtp.receive().startswith("250"))
            smtp.send("RCPT TO:<you@example.net>")
            self.assertRegex(smtp.receive(), "^[45]5[04] ")


class PostfixAuth(Smtp, case.Site):
    snippets = ["app-passwords.conf", "userdb-prefetch.conf", "sasl-postfix.conf"]

    def setUp(self):
        super().setUp()
        self.start_server(mta.Postfix())

    def test_postfix_logs_who_sent(self):
        """sasl_username in Postfix's log is the user whose app password it was."""
        self.assert_relays(self.phone)
        until(lambda: "sasl_method=PLAIN, sasl_username=alice" in self.server.log(),
                   "Postfix's log names alice")


class EximAuth(Smtp, case.Site):
    snippets = ["app-passwords.conf", "userdb-prefetch.conf", "sasl-exim.conf"]

    def setUp(self):
        super().setUp()
        self.start_server(mta.Exim())

    def test_exim_logs_who_sent(self):
        """server_set_id: A= in Exim's log is the user whose app password it was."""
        self.assert_relays(self.phone)
        until(lambda: "A=checkpass_plain:alice" in self.server.log(),
                   "Exim's log names alice")
