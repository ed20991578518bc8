"""App passwords beside the site's real passwords, which only the webmail may use; CRAM-MD5."""
# SPDX-License-Identifier: MIT
import case
import clients
import dovecot
import secrets_used

WEBMAIL, ELSEWHERE = "127.0.0.1", "127.0.0.2"  # the former is the address in the snippets
REAL = secrets_used.remember("her-real-password")
WRONG = secrets_used.remember("wrong-word-this-is")


class Chain:
    """What holds for both orders."""

    extra = dovecot.STATIC_USERDB

    def furnish(self):
        super().furnish()
        dovecot.write_users(alice=REAL, nora=REAL)
        dovecot.deliver("nora")

    def test_the_real_password_logs_in_from_the_webmail(self):
        """And reads mail, as does a user who has no app password at all."""
        self.assert_reads_mail("alice", REAL, source=WEBMAIL)
        self.assert_reads_mail("nora", REAL, source=WEBMAIL)

    def test_the_real_password_is_refused_from_elsewhere(self):
        """Although it is right. The client is told what a wrong one would be told."""
        self.assertEqual(self.imap_login("alice", REAL, source=ELSEWHERE), case.REFUSED)
        self.assertEqual(self.imap_login("nora", REAL, source=ELSEWHERE), case.REFUSED)
        self.assertEqual(self.pop3_login("alice", REAL, source=ELSEWHERE), case.POP3_REFUSED)

    def test_an_app_password_logs_in_from_anywhere(self):
        """From the webmail's host too."""
        self.assert_reads_mail("alice", self.phone, source=ELSEWHERE)
        self.assert_reads_mail("alice", self.phone, source=WEBMAIL)

    def test_a_wrong_password_is_refused_everywhere(self):
        """No combination of two refusals lets anybody in."""
        for source in (WEBMAIL, ELSEWHERE):
            self.assertEqual(self.imap_login("alice", WRONG, source=source), case.REFUSED)

    def test_while_cached_is_down_the_webmail_logs_in_and_others_try_later(self):
        """The real passwords do not depend on cached; whom it would judge is not told "wrong"."""
        self.cached.stop()
        self.assert_reads_mail("alice", REAL, source=WEBMAIL)
        answer = self.imap_login("alice", self.phone, source=ELSEWHERE)
        self.assertTrue(answer.startswith(case.LATER), answer)
        answer = self.imap_login("alice", REAL, source=ELSEWHERE)
        self.assertTrue(answer.startswith(case.LATER), answer)

    def test_cram_md5_goes_to_the_passdb_that_can_serve_it(self):
        """cached has only hashes, so checkpass leaves CRAM-MD5 to the real passdb and its nets."""
        with clients.Imap(source=WEBMAIL) as imap:
            self.assert_ok(imap.authenticate_cram_md5("alice", REAL))
        with clients.Imap(source=WEBMAIL) as imap:
            self.assertEqual(imap.authenticate_cram_md5("alice", WRONG), case.REFUSED)
        with clients.Imap(source=ELSEWHERE) as imap:
            self.assertEqual(imap.authenticate_cram_md5("alice", REAL), case.REFUSED)
        with clients.Imap(source=WEBMAIL) as imap:
            self.assertEqual(imap.authenticate_cram_md5("alice", self.phone), case.REFUSED)
        self.assertEqual(self.cached.audit(), [], "nothing that cached could judge")
        self.assertIn("exit_status=3", self.dovecot.process.log())


class AppPasswordsThenWebmail(Chain, case.Site):
    snippets = ["app-passwords-then-webmail.conf"]

    def test_cached_is_asked_first(self):
        """The price of this order: the webmail's logins show up as wrong app passwords."""
        self.assert_ok(self.imap_login("alice", REAL, source=WEBMAIL))
        self.assert_audit(1, result="deny", reason="<wrong password>")


class WebmailThenAppPasswords(Chain, case.Site):
    snippets = ["webmail-then-app-passwords.conf"]

    def test_cached_is_not_asked_about_the_webmails_logins(self):
        """The point of this order."""
        self.assert_ok(self.imap_login("alice", REAL, source=WEBMAIL))
        self.assert_ok(self.imap_login("alice", self.phone, source=ELSEWHERE))
        self.assert_audit(1, user="<alice>", comment="<phone>", result="permit")


class CramMd5WithAppPasswordsOnly(case.Site):
    def test_cram_md5_is_refused_when_there_are_only_app_passwords(self):
        """Not a temporary failure: it can never work. The next login is not disturbed."""
        with clients.Imap() as imap:
            self.assertEqual(imap.authenticate_cram_md5("alice", self.phone), case.REFUSED)
        self.assertIn("exit_status=3", self.dovecot.process.log())
        self.assert_ok(self.imap_login("alice", self.phone))


class Audit(case.Site):
    """checkpass --audit behind a passdb that brings uid, gid and home: it says nothing of its own.
    What else holds of an audit is in test_audit."""

    snippets = []
    settings = {"userdb": {"uid": "61006", "gid": "61006", "home": "/nowhere/%u"}}
    CONFIG = """
passdb {
  driver = passwd-file
  args = scheme=CRYPT username_format=%u /etc/dovecot/users
  default_fields = userdb_uid=61005 userdb_gid=61005 userdb_home=/var/mail-homes/alice
  result_success = continue-ok
}
passdb {
  driver = checkpassword
  args = /usr/lib/checkpass/checkpass --audit
  skip = unauthenticated
  result_failure = return-fail
  result_internalfail = return-fail
}
userdb {
  driver = prefetch
}
"""

    def furnish(self):
        super().furnish()
        dovecot.write_users(alice=REAL)
        self.start_dovecot([], self.CONFIG)

    def test_an_audited_login_keeps_the_fields_of_the_passdb_before(self):
        """uid, gid and home come from the site's passdb; the audit line names the login."""
        self.assert_reads_mail("alice", REAL)
        self.assert_audit(1, user="<alice>", service="imap", result="permit", pwid=None)
