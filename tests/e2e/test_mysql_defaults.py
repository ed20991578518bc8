"""On a MariaDB whose defaults are others than the usual ones, and rows it cannot store."""
# SPDX-License-Identifier: MIT
import clients
import mariadb
from mariadb_site import SHOWN, MariaDbSite


class MySqlDefaults(MariaDbSite):
    snippets = []

    def set_globally(self, variable, value):
        before = self.server.execute(f"SELECT @@GLOBAL.{variable}")[0][0]
        self.server.execute(f"SET GLOBAL {variable} = %s", value)
        self.addCleanup(self.server.execute, f"SET GLOBAL {variable} = %s", before)
        self.cached.restart()

    def assert_revocation_counts(self):
        """A connection that stays open sees what was done since it was opened."""
        self.assert_permitted("alice", SHOWN)
        self.server.execute("DELETE FROM app_passwords WHERE id = %s", self.row)
        self.assert_denied("alice", SHOWN, "unknown user")
        self.insert("alice", "a-new-one-of-hers")
        self.assert_permitted("alice", "a-new-one-of-hers")

    def test_a_deleted_password_is_refused_at_once_where_autocommit_is_off(self):
        """Each of our queries sees the present all the same."""
        self.set_globally("autocommit", 0)
        self.assert_revocation_counts()

    def test_a_deleted_password_is_refused_at_once_where_transactions_are_chained(self):
        self.set_globally("completion_type", "CHAIN")
        self.assert_revocation_counts()

    def test_a_name_is_read_as_utf8_whatever_the_server_is_told_to_assume(self):
        """With this switch a server forgets what its clients say of their character set."""
        self.server.options = ["--skip-character-set-client-handshake",
                               "--character-set-server=latin1",
                               "--collation-server=latin1_swedish_ci"]
        self.addCleanup(self.restart_plainly)
        self.server.restart()
        self.cached.restart()
        self.insert_as_hex("jürgen", "the-one-of-juergen")
        self.insert_as_hex("jÃ¼rgen", "the-one-of-another")
        self.assert_permitted("jürgen", "the-one-of-juergen")
        self.assert_denied("jürgen", "the-one-of-another", "wrong password")
        self.assert_permitted("jÃ¼rgen", "the-one-of-another")

    def insert_as_hex(self, user, password):
        """The name past what the server makes of the client's character set."""
        self.server.execute("INSERT INTO app_passwords (uid, password) VALUES "
                            f"(CONVERT(X'{user.encode().hex()}' USING utf8mb4), %s)",
                            mariadb.crypt_of(password))

    def restart_plainly(self):
        self.server.options = []
        self.server.restart()

    def test_names_with_signs_that_a_log_escapes_are_names(self):
        """An account of a Windows domain, for one."""
        for name in ("corp\\alice", "a<b", "a>b", "a,b c"):
            self.insert(name, "the-one-with-a-sign")
            self.assert_permitted(name, "the-one-with-a-sign")

    def test_names_taken_for_the_same_do_not_crowd_anybody_out_unnoticed(self):
        """More rows than are read: that alice has one of her own cannot be told."""
        for number in range(101):
            self.server.insert_hash("alicé", f"{{PLAIN}}{number}")
        self.assertEqual(self.ask("alice", SHOWN), "later", self.said("alice"))
        self.assertIn("too many rows of names like <alice>", self.cached.process.log())

    def test_a_lookup_finds_a_user_behind_names_taken_for_the_same(self):
        """The newest row is of another name; whether alice exists is known all the same."""
        self.insert("alicé", "the-one-with-accent")
        with clients.Wire() as wire:
            for name, answer in (("alice", b"permit"), ("alicé", b"permit"), ("álice", b"deny")):
                self.assertIn(b"answer=" + answer, wire.ask("request=lookup", f"user={name}"))

    def test_a_login_the_table_cannot_hold_keeps_no_other_out_of_it(self):
        """It is left out, and the log says which."""
        self.server.execute("ALTER TABLE log CONVERT TO CHARACTER SET latin1")
        self.addCleanup(self.server.execute, "ALTER TABLE log CONVERT TO CHARACTER SET utf8mb4")
        self.assert_permitted("alice", SHOWN, service="imłap")
        self.assert_permitted("alice", SHOWN)
        self.assertEqual([row[1] for row in self.log_rows(1)], ["imap"])
        self.cached.process.wait_for_log("left out of the log table: app password")
