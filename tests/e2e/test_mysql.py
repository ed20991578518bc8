"""Logging in with app passwords in MariaDB, by the predecessor's tables and with no more than its
grants, and what the webmail plug-in does to them meanwhile."""
# SPDX-License-Identifier: MIT
import datetime
import re

import case
import mariadb
import world
from mariadb_site import SHOWN, MariaDbSite
from processes import until

WRONG = "wrong-word-this-is"

# The predecessor's tables, with none of the indexes that sql/mysql.sql adds.
PREDECESSOR = """
CREATE TABLE app_passwords (
  id bigint NOT NULL AUTO_INCREMENT, uid varchar(256) NOT NULL, password varchar(256) NOT NULL,
  created datetime NOT NULL DEFAULT utc_timestamp(), comment text DEFAULT NULL,
  deleted datetime DEFAULT NULL,
  PRIMARY KEY (id), UNIQUE KEY uid_password (uid, password), KEY uid (uid));
CREATE TABLE log (
  id bigint NOT NULL AUTO_INCREMENT, pwid bigint NOT NULL, service varchar(255) DEFAULT NULL,
  src_ip text DEFAULT NULL, src_rdns text DEFAULT NULL, src_loc text DEFAULT NULL,
  src_isp text DEFAULT NULL, timestamp datetime(3) NOT NULL DEFAULT utc_timestamp(3),
  PRIMARY KEY (id), CONSTRAINT app_password FOREIGN KEY (pwid) REFERENCES app_passwords (id)
  ON DELETE CASCADE);
CREATE VIEW app_passwords_with_log AS
  SELECT p.*, l.timestamp AS last_used_timestamp, l.src_ip AS last_used_src_ip,
  l.src_rdns AS last_used_src_rdns, l.src_loc AS last_used_src_loc, l.src_isp AS last_used_src_isp
  FROM app_passwords p LEFT JOIN log l ON l.id = (SELECT max(id) FROM log WHERE pwid = p.id);
"""


class MySqlLogins(MariaDbSite):
    def test_a_right_app_password_reads_mail_with_exactly_the_predecessors_grants(self):
        """SELECT on app_passwords, SELECT and INSERT on log: no login needs more."""
        self.addCleanup(self.server.grant)
        self.server.execute(f"REVOKE ALL ON connection_log FROM {mariadb.USER}@localhost")
        grants = [re.sub(" IDENTIFIED BY .*", "", row[0]) for row in
                  self.server.execute(f"SHOW GRANTS FOR {mariadb.USER}@localhost")]
        self.assertEqual(sorted(grants), [
            "GRANT SELECT ON `mail_auth`.`app_passwords` TO `mailserver`@`localhost`",
            "GRANT SELECT, INSERT ON `mail_auth`.`log` TO `mailserver`@`localhost`",
            "GRANT USAGE ON *.* TO `mailserver`@`localhost`"])
        self.assert_reads_mail("alice", SHOWN)
        self.assert_audit(1, user="<alice>", service="imap", ip="127.0.0.1", pwid=str(self.row),
                          comment="<phone>", result="permit")
        self.assertEqual(self.imap_login("alice", WRONG), case.REFUSED)
        self.assert_audit(2, result="deny", reason="<wrong password>")
        self.assertEqual(self.imap_login("nobody-here", SHOWN), case.REFUSED)
        self.assert_audit(3, result="deny", reason="<unknown user>")

    def test_a_login_is_a_row_of_the_log_table_and_the_last_use_in_the_view(self):
        """Service, address and time (UTC); the plug-in's user sees it in its view."""
        self.assert_ok(self.imap_login("alice", SHOWN, source="127.0.0.7"))
        self.assertEqual(self.log_rows(1), [(self.row, "imap", "127.0.0.7")])
        (used, address), = self.server.execute_as_webmail(
            "SELECT last_used_timestamp, last_used_src_ip FROM app_passwords_with_log")
        now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
        self.assertLess(abs(now - used), datetime.timedelta(minutes=10))
        self.assertEqual(address, "127.0.0.7")
        self.assert_ok(self.pop3_login("alice", SHOWN))
        self.assertEqual(self.log_rows(2)[1], (self.row, "pop3", "127.0.0.1"))
        self.assertEqual(self.server.execute_as_webmail(
            "SELECT last_used_src_ip FROM app_passwords_with_log"), (("127.0.0.1",),))

    def test_logins_that_no_password_was_right_for_write_no_log_row(self):
        """Wrong and unknown: there is no password they would be a use of."""
        for user, password in (("alice", WRONG), ("nora", SHOWN)):
            self.assertEqual(self.imap_login(user, password), case.REFUSED)
        self.assert_ok(self.imap_login("alice", SHOWN))
        self.assertEqual(self.log_rows(1), [(self.row, "imap", "127.0.0.1")])

    def test_a_site_with_the_predecessors_tables_keeps_them_as_they_are(self):
        """Its tables and its view, without our index: login, last use and lookup."""
        with open(world.path("predecessor.sql"), "w") as out:
            out.write(PREDECESSOR)
        self.addCleanup(self.server.load, mariadb.SCHEMA)
        self.server.load(world.path("predecessor.sql"))
        self.server.insert_password("alice", SHOWN)
        self.assert_reads_mail("alice", SHOWN)
        self.assertEqual(self.log_rows(1), [(1, "imap", "127.0.0.1")])
        self.assertEqual(self.server.execute_as_webmail(
            "SELECT last_used_src_ip FROM app_passwords_with_log"), (("127.0.0.1",),))
        self.assertEqual(self.dovecot.doveadm("auth", "lookup", "alice")[0], 0)
        self.assertEqual(self.dovecot.doveadm("auth", "lookup", "nora")[0], 67)

    def test_cachedctl_lists_with_those_grants_and_names_the_one_it_lacks_to_add(self):
        """What needs more than the predecessor's grants is optional and says so."""
        self.assertEqual([row["comment"] for row in self.cached.rows("alice")], ["phone"])
        with self.assertRaisesRegex(AssertionError, "(?i)insert command denied"):
            self.cached.control("password", "add", "alice")
        grant = f"INSERT, UPDATE (deleted) ON {mariadb.NAME}.app_passwords"
        self.server.execute(f"GRANT {grant} TO {mariadb.USER}@localhost")
        self.addCleanup(self.server.execute, f"REVOKE {grant} FROM {mariadb.USER}@localhost")
        added = self.cached.add_password("alice", "tablet")
        self.assert_ok(self.imap_login("alice", added))
        self.cached.revoke("alice")
        self.assertEqual(self.imap_login("alice", added), case.REFUSED)
        self.assert_audit(2, reason="<deleted>", comment="<tablet>")


class WebmailPlugin(MariaDbSite):
    """Each statement is the plug-in's own, as its own database user; cached is never told."""

    def add(self, user, password, comment):
        """What the plug-in does when a user asks for a password."""
        stored = "{CRYPT}" + world.crypt(password.encode(), "$6$uLPvU8lPzJgbJc2e")
        self.webmail("INSERT INTO app_passwords (uid, password, comment) VALUES (%s, %s, %s)",
                     user, stored, comment)
        return self.webmail("SELECT id FROM app_passwords WHERE uid = %s AND password = %s",
                            user, stored)[0][0]

    def webmail(self, sql, *parameters):
        return self.server.execute_as_webmail(sql, *parameters)

    def warm(self, password):
        """The password is proven now, and stays so for a while."""
        for _ in range(2):
            self.assert_ok(self.imap_login("alice", password))

    def test_a_password_made_by_the_plugin_logs_in_as_it_is_shown(self):
        """On the very next login, byte for byte: the dashes are part of it."""
        new = "q2w3-e4r5-t6z7-u8i9"
        self.assertEqual(self.imap_login("alice", new), case.REFUSED)
        number = self.add("alice", new, "tablet")
        self.assert_reads_mail("alice", new)
        self.assert_audit(2, pwid=str(number), comment="<tablet>", result="permit")
        for typed in (new.replace("-", ""), new.replace("-", " "), new.upper(), new + "-"):
            self.assertEqual(self.imap_login("alice", typed), case.REFUSED, typed)
        self.assert_ok(self.imap_login("alice", SHOWN))

    def test_a_first_password_turns_an_unknown_user_into_one_who_logs_in(self):
        """Nobody has to wait for anything that was remembered of the refusal."""
        self.assert_denied("nora", SHOWN, "unknown user")
        self.add("nora", SHOWN, "first")
        self.assert_permitted("nora", SHOWN)

    def test_a_changed_comment_is_in_the_next_audit_line(self):
        """Also when the password has just been proven."""
        self.warm(SHOWN)
        self.webmail("UPDATE app_passwords SET comment = %s WHERE id = %s", "lost phone", self.row)
        self.assert_ok(self.imap_login("alice", SHOWN))
        self.assert_audit(3, comment="<lost phone>")

    def test_a_softly_deleted_password_is_refused_on_the_very_next_login(self):
        """With a warm proof too, the log says `deleted`; undone, it logs in again."""
        self.warm(SHOWN)
        self.webmail("UPDATE app_passwords SET deleted = UTC_TIMESTAMP(3) WHERE id = %s", self.row)
        self.assertEqual(self.imap_login("alice", SHOWN), case.REFUSED)
        self.assert_audit(3, result="deny", reason="<deleted>", pwid=str(self.row),
                          comment="<phone>")
        self.assertEqual(self.pop3_login("alice", SHOWN), case.POP3_REFUSED)
        self.webmail("UPDATE app_passwords SET deleted = NULL WHERE id = %s", self.row)
        self.assert_ok(self.imap_login("alice", SHOWN))

    def test_a_removed_password_is_refused_on_the_very_next_login(self):
        """With a warm proof too; its log rows go with it, and the other password still works."""
        other = "q2w3-e4r5-t6z7-u8i9"
        self.add("alice", other, "tablet")
        self.warm(SHOWN)
        self.log_rows(2)
        self.webmail("DELETE FROM app_passwords WHERE id = %s", self.row)
        self.assertEqual(self.imap_login("alice", SHOWN), case.REFUSED)
        self.assert_audit(3, result="deny", reason="<wrong password>")
        self.assertEqual(self.log_rows(), [])
        self.warm(other)
        self.webmail("DELETE FROM app_passwords WHERE uid = %s", "alice")
        self.assertEqual(self.imap_login("alice", other), case.REFUSED)
        self.assert_audit(6, result="deny", reason="<unknown user>")

    def test_a_password_changed_in_place_is_refused_and_the_new_one_logs_in(self):
        """A proof holds for the row as it was, not for the row. (The site's own script does it: the
        plug-in may not.)"""
        self.warm(SHOWN)
        new = "q2w3-e4r5-t6z7-u8i9"
        self.server.execute("UPDATE app_passwords SET password = %s WHERE id = %s",
                            mariadb.crypt_of(new), self.row)
        self.assertEqual(self.imap_login("alice", SHOWN), case.REFUSED)
        self.assert_ok(self.imap_login("alice", new))

    def test_a_password_removed_between_login_and_its_log_row_harms_no_other(self):
        """The use of a row that is gone is left out, and those of others are written."""
        bob = self.add("bob", "q2w3-e4r5-t6z7-u8i9", "tablet")
        for _ in range(5):
            gone = self.add("alice", "a-short-lived-one", "gone")
            self.assert_ok(self.imap_login("alice", "a-short-lived-one"))
            self.webmail("DELETE FROM app_passwords WHERE id = %s", gone)
            self.assert_permitted("bob", "q2w3-e4r5-t6z7-u8i9")
        until(lambda: [row[0] for row in self.log_rows()] == [bob] * 5,
              "bob's five logins are recorded, and nothing else")
