"""The audit snippets: a right password is not enough. audited.py has what holds for each."""
# SPDX-License-Identifier: MIT
import audited
import audited_site
import case
import clients
import listed
import mta
from audited_site import DENIED, ELSEWHERE, IN, LATER, REAL, REASONS, WRONG

MESSAGE = "Not from there. Call 4711."


class AuditAlone(audited.Rules, audited.RulesWhileAway, audited_site.Site):
    snippet = "audit.conf"

    def test_a_message_is_not_told(self):
        """A block that fails has no text."""
        self.fake(f"checkpass/1\tanswer=deny\tmessage={MESSAGE}\n".encode())
        self.assertEqual(self.imap_login("alice", REAL), case.REFUSED)
        self.assertEqual(self.pop3_login("alice", REAL), case.POP3_REFUSED)


class AuditFailOpen(audited.Rules, audited.RulesWhileAway, audited_site.Site):
    snippet = "audit-fail-open.conf"
    away = IN


class AuditWithMessage(audited.Rules, audited.RulesWhileAway, audited_site.Site):
    snippet = "audit-with-message.conf"

    def deny_with(self, message):
        return self.fake(b"checkpass/1\tanswer=deny\ttext=lists/asn.lst:12" + message + b"\n")

    def test_W05_a_refused_user_is_told_why(self):
        """IMAP, POP3, doveadm, and Postfix with either mechanism. Exim never tells."""
        self.start_mta(mta.Postfix())
        self.start_mta(mta.Exim())
        self.deny_with(b"\tmessage=" + MESSAGE.encode())
        self.assertEqual(self.imap_login("alice", REAL), "NO [ALERT] " + MESSAGE)
        self.assertEqual(self.pop3_login("alice", REAL), "-ERR [AUTH] " + MESSAGE)
        self.assertIn("reason=" + MESSAGE, self.dovecot.doveadm("auth", "test", "alice", REAL)[1])
        for mechanism in ("PLAIN", "LOGIN"):
            transcript = clients.smtp(mta.Postfix.port, "alice", REAL, mechanism)[1]
            self.assertIn(f"<** 535 5.7.8 Error: authentication failed: {MESSAGE}\n", transcript)
        transcript = clients.smtp(mta.Exim.port, "alice", REAL)[1]
        self.assertIn("<** 535 Incorrect authentication data\n", transcript)

    def test_a_list_has_a_message_of_its_own(self):
        """Or that of all lists, or none."""
        lists = listed.sections({"ip_networks": listed.FRANKFURT})
        for own, common, told in ((MESSAGE, "No.", MESSAGE), ("", "No.", "No."), ("", "", None)):
            lists["list ip_networks"]["message"] = own
            self.cached.configure(lists={"message": common}, **lists)
            self.cached.control("reload")
            self.source = listed.FRANKFURT
            said = self.together(*(lambda login=login: login("alice", REAL, source=self.source)
                                   for login in (self.imap_login, self.pop3_login)))
            self.assertEqual(said, ["NO [ALERT] " + told, "-ERR [AUTH] " + told] if told else
                             [case.REFUSED, case.POP3_REFUSED])
            self.assertEqual(self.imap(source=listed.VODAFONE), IN)

    def test_only_who_has_the_password_is_told(self):
        """Whoever guesses learns nothing; a master user is told, too."""
        self.deny_with(b"\tmessage=" + MESSAGE.encode())
        self.assertEqual(self.imap_login("alice", WRONG), case.REFUSED)
        self.assertEqual(self.imap_login("alice*admin", WRONG), case.REFUSED)
        self.assertTrue(self.imap_login("alice*admin", REAL).endswith(MESSAGE))

    def test_without_a_message_a_refused_user_is_told_what_a_wrong_password_is(self):
        """And what is for the log is not told."""
        self.deny_with(b"")
        self.assertEqual(self.imap_login("alice", REAL), case.REFUSED)
        self.assertEqual(self.pop3_login("alice", REAL), case.POP3_REFUSED)

    def test_no_message_makes_a_line_of_its_own(self):
        """Line ends, escapes, 8-bit letters, and a text that looks like an answer."""
        fake = self.deny_with(b"")
        for message, told in (
                (b"a\x01r\x01na OK Logged in", "a??a OK Logged in"),
                (b"\x01t\x011\x010\x1b[31m", "????[31m"),
                ("für".encode(), "f??r"),
                (b"%u %{password} $user \\ \"quoted\"", "%u %{password} $user \\ \"quoted\""),
                (b"x" * 4000, "x" * 200)):
            fake.answer = b"checkpass/1\tanswer=deny\tmessage=" + message + b"\n"
            self.assertEqual(self.imap_login("alice", REAL), "NO [ALERT] " + told)

    def test_a_message_cannot_open_the_gate(self):
        """Nor can any other field of a denial, whatever it is called."""
        fake = self.deny_with(b"")
        for more in (b"\tmessage=x\x01taudit_nets=0.0.0.0/0,::/0,local",
                     b"\taudit_nets=0.0.0.0/0,::/0,local", b"\tuser=admin\tnopassword=y"):
            fake.answer = b"checkpass/1\tanswer=deny" + more + b"\n"
            self.assertEqual((self.imap(), self.pop3(), self.cram_md5()), (DENIED,) * 3)

    def test_a_gate_without_its_audit_lets_nobody_in(self):
        """audit_nets is missing, as when --gate was forgotten in the block before."""
        self.change_snippet(" --gate$", "")
        self.assertEqual((self.imap(), self.pop3()), (DENIED, DENIED))

    def test_answers_are_not_remembered_by_dovecots_cache(self):
        """auth_cache_size: each login is audited, and the gate opens and shuts."""
        self.change_snippet(r"\A", "auth_cache_size = 10M\n")
        fake = self.fake(b"")
        for word, told in ((b"permit", IN), (b"deny", DENIED), (b"permit", IN)) * 2:
            fake.answer = b"checkpass/1\tanswer=" + word + b"\n"
            self.assertEqual((self.imap(), self.pop3()), (told, told))
        self.assertEqual(len(fake.requests), 12)


class AuditWithMessageFailOpen(audited.RulesWhileAway, audited_site.Site):
    """As the comment in the snippet says."""

    snippet = "audit-with-message.conf"
    away = IN

    def start_dovecot(self, snippets, extra):
        """The first result_internalfail is the audit's, the second the gate's."""
        if self.snippet in snippets:
            snippets = self.sasl
            extra = self.text() + extra
        super().start_dovecot(snippets, extra.replace(*self.FAIL_OPEN, 1))

    FAIL_OPEN = ("result_internalfail = return-fail", "result_internalfail = return-ok")


class WebmailThenAppPasswordsAudited(audited.Rules, audited.RulesWhileAway,
                                     audited_site.Site):
    """Whose webmail connects from more addresses than that of the snippet."""

    snippet = "webmail-then-app-passwords-audited.conf"
    webmail = f"127.0.0.1/32,{listed.FRANKFURT}/32,{listed.VODAFONE}/32,{listed.GOOGLE}/128,"

    def text(self):
        return super().text().replace("127.0.0.1/32,", self.webmail)

    def start_dovecot(self, snippets, extra):
        if self.snippet in snippets:
            snippets, extra = self.sasl, self.text() + extra
        super().start_dovecot(snippets, extra)

    def test_an_app_password_is_judged_once(self):
        """By cached when it has verified it: no second audit line; denied there, it is refused."""
        self.assertEqual(self.imap(password=self.phone, source=ELSEWHERE), IN)
        self.assertEqual(self.pop3(password=self.phone), IN)
        self.assert_audit(2, user="<alice>", comment="<phone>", result="permit")
        for deny in REASONS:
            deny(self)
            self.assertEqual(self.imap(password=self.phone), DENIED)
            self.assertEqual(self.pop3(password=self.phone), DENIED)

    def test_an_app_password_sends_by_postfix_unless_it_is_denied(self):
        """As IMAP."""
        self.start_mta(mta.Postfix())
        self.assertEqual(self.smtp(mta.Postfix.port, self.phone), IN)
        for deny in REASONS:
            deny(self)
            self.assertEqual(self.smtp(mta.Postfix.port, self.phone), DENIED)

    def test_the_real_password_is_refused_from_elsewhere(self):
        """Although it is right; and it is not audited."""
        self.assertEqual(self.imap(source=ELSEWHERE), DENIED)
        self.assert_audit(1, result="deny", reason="<wrong password>")

    def test_while_cached_is_away_an_app_password_is_try_later(self):
        """As ever."""
        self.cached.stop()
        self.assertEqual(self.imap(password=self.phone, source=ELSEWHERE), LATER)
        self.assertEqual(self.imap(password=WRONG, source=ELSEWHERE), LATER)
