"""doveadm: password tests, and lookups, which are no logins and leave no audit line."""
# SPDX-License-Identifier: MIT
import case
import dovecot
import secrets_used

WRONG = secrets_used.remember("wrong-word-this-is")
NO_SUCH_USER, FAILED, TEMPORARY = 67, 77, 75


class Doveadm(case.Site):
    def test_auth_test_with_the_right_password_succeeds(self):
        """It has no address; the audit line says None."""
        code, output = self.dovecot.doveadm("auth", "test", "alice", self.phone)
        self.assertEqual(code, 0, output)
        self.assertIn("alice auth succeeded", output)
        self.assert_audit(1, user="<alice>", service="doveadm", ip="None", result="permit")

    def test_auth_test_with_a_wrong_password_fails(self):
        """Without the mark of a temporary failure."""
        code, output = self.dovecot.doveadm("auth", "test", "alice", WRONG)
        self.assertEqual(code, FAILED, output)
        self.assertNotIn("temp_fail", output)
        self.assert_audit(1, service="doveadm", result="deny", reason="<wrong password>")

    def test_auth_test_takes_the_address_it_is_given(self):
        """-x rip= stands for a client's address."""
        code, output = self.dovecot.doveadm("auth", "test", "-x", "rip=192.0.2.9",
                                            "-x", "service=imap", "alice", self.phone)
        self.assertEqual(code, 0, output)
        self.assert_audit(1, service="imap", ip="192.0.2.9")

    def test_auth_test_while_cached_is_down_is_a_temporary_failure(self):
        """doveadm tells it apart by its code field."""
        self.cached.stop()
        code, output = self.dovecot.doveadm("auth", "test", "alice", self.phone)
        self.assertNotEqual(code, 0)
        self.assertIn("temp_fail", output)

    def test_auth_lookup_knows_who_has_app_passwords(self):
        """Without a password: found or unknown, and nobody logged in."""
        code, output = self.dovecot.doveadm("auth", "lookup", "alice")
        self.assertEqual(code, 0, output)
        code, output = self.dovecot.doveadm("auth", "lookup", "nobody-here")
        self.assertEqual(code, NO_SUCH_USER, output)
        self.assertIn("doesn't exist", output)
        self.assertEqual(self.cached.audit(), [])

    def test_doveadm_user_answers_with_the_fields_of_the_userdb(self):
        """userdb checkpassword: uid, gid and home out of [userdb], and no audit line."""
        code, output = self.dovecot.doveadm("user", "alice")
        self.assertEqual(code, 0, output)
        for line in ("uid\t61005", "gid\t61005", "home\t/var/mail-homes/alice"):
            self.assertIn(line, output)
        self.assertEqual(self.cached.audit(), [])

    def test_doveadm_user_does_not_know_an_unknown_user(self):
        """"doesn't exist", which mail delivery turns into a bounce, and no audit line."""
        code, output = self.dovecot.doveadm("user", "nobody-here")
        self.assertEqual(code, NO_SUCH_USER, output)
        self.assertIn("doesn't exist", output)
        self.assertEqual(self.cached.audit(), [])

    def test_lookups_while_cached_is_down_are_temporary_failures(self):
        """Mail for a user whom nobody can look up now must be deferred, not bounced."""
        self.cached.stop()
        code, output = self.dovecot.doveadm("user", "alice")
        self.assertEqual(code, TEMPORARY, output)
        self.assertNotIn("doesn't exist", output)

    def test_lookups_in_a_broken_database_are_temporary_failures(self):
        """The same when cached is there but cannot tell."""
        self.cached.execute("ALTER TABLE app_passwords RENAME TO elsewhere")
        code, output = self.dovecot.doveadm("user", "alice")
        self.assertEqual(code, TEMPORARY, output)
        self.assertNotIn("doesn't exist", output)
        code, output = self.dovecot.doveadm("auth", "lookup", "alice")
        self.assertEqual(code, TEMPORARY, output)


class Prefetch(case.Site):
    snippets = ["app-passwords.conf"]
    extra = "userdb {\n  driver = prefetch\n}\n"  # nothing else to fall back on

    def test_uid_gid_and_home_are_handed_over_with_the_login(self):
        """The message in the home that [userdb] names is read, by a process of that uid."""
        self.assert_reads_mail("alice", self.phone)

    def test_percent_u_n_and_d_stand_for_the_user_and_its_parts(self):
        """home = /var/mail-homes/%d/%n, as large sites lay out their mailboxes."""
        self.cached.stop()
        self.cached.configure(userdb={"home": "/var/mail-homes/%d/%n"})
        self.cached.start()
        password = self.cached.add_password("carol@example.org")
        dovecot.deliver("example.org/carol")
        self.assert_reads_mail("carol@example.org", password)


class SitesOwnUserdb(case.Site):
    snippets = ["app-passwords.conf"]
    extra = dovecot.STATIC_USERDB
    settings = {"userdb": {"uid": "", "gid": "", "home": ""}}

    def test_without_userdb_settings_the_sites_userdb_decides(self):
        """cached hands nothing over, and in particular not the uid of Dovecot's auth process."""
        self.assert_reads_mail("alice", self.phone)
