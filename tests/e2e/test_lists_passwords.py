"""App passwords and lists: the snippets without an audit. cached judges what it verifies."""
# SPDX-License-Identifier: MIT
import audited_site
import case
import mta
from audited_site import DENIED, IN, WRONG
from listed import FRANKFURT


class AppPasswordsFromListedAddresses(audited_site.Site):
    snippet = "app-passwords.conf"

    def furnish(self):
        super().furnish()
        audited_site.by_a_list(self)

    def test_an_app_password_is_refused_from_a_listed_address(self):
        """IMAP, POP3, SMTP by Postfix; the audit line names the password and the rule."""
        self.start_mta(mta.Postfix())
        self.assert_listed_are_refused(
            lambda: self.imap(password=self.phone), lambda: self.pop3(password=self.phone),
            lambda: self.smtp(mta.Postfix.port, self.phone), comment="<phone>")

    def test_who_is_refused_by_a_list_sees_what_a_wrong_password_sees(self):
        """IPv6, too; and the wrong password is told apart in the log only."""
        self.assertEqual(self.imap_login("alice", self.phone, source=FRANKFURT), case.REFUSED)
        self.assertEqual(self.imap_login("alice", WRONG, source=FRANKFURT), case.REFUSED)
        self.assertEqual(self.imap(password=self.phone, host="::1"), DENIED)
        self.assertEqual(self.imap(password=self.phone, source="127.0.0.1"), IN)


class AppPasswordsFirst(AppPasswordsFromListedAddresses):
    snippet = "app-passwords-then-webmail.conf"

    def test_the_webmail_logs_in_with_the_real_password(self):
        """Which no list of cached's is about, without an audit."""
        self.assertEqual(self.imap(source="127.0.0.1"), IN)
        self.assertEqual(self.imap(), DENIED)


class WebmailFirst(AppPasswordsFirst):
    snippet = "webmail-then-app-passwords.conf"
