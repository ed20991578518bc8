"""The connection_log table: every attempt is in it, also what was wrong, unknown or refused; a flood
does not fill it, an outage loses nothing of it, and whatever is wrong with it is no matter for
logins."""
# SPDX-License-Identifier: MIT
import collections
import re

import case
import clients
import listed
import mariadb
from mariadb_site import SHOWN, MariaDbSite
from processes import until

WRONG = "wrong-word-this-is"
ON = {"log_bucket": "0", "connection_log": "yes"}

# As the third predecessor's site has it, with two rows of its own.
PREDECESSOR = """
CREATE TABLE connection_log
(
    id            int unsigned auto_increment primary key,
    datetime      datetime default current_timestamp,
    protocol      varchar(10),
    username      varchar(80),
    remote_ip     varchar(40),
    country       varchar(4),
    auth_ok       tinyint(1) unsigned null,
    policy_reject tinyint(1) unsigned null
);
INSERT INTO connection_log (protocol, username, auth_ok) VALUES ('imap', 'carol', 1), ('imap', 'dave', 0);
"""


def figures(cached):
    """What cachedctl status says."""
    lines = cached.control("status").splitlines()
    return {name: int(value) for name, value in (line.split(" ") for line in lines)}


class ConnectionLogSite(MariaDbSite):
    snippets = []
    audit = ON

    @property
    def sections(self):
        return {"audit": self.audit, "maxmind": listed.MAXMIND,
                "auth": {"disallow_passwords_from": "192.0.2.0/24", "disabled_services": "pop3"},
                **listed.sections({"as_numbers": "AS63949"})}

    def setUp(self):
        listed.put_maxmind()
        super().setUp()

    def rows(self, columns, where="TRUE"):
        return list(self.server.execute(
            f"SELECT {columns} FROM connection_log WHERE {where} ORDER BY id"))

    def wait_for_rows(self, number):
        until(lambda: len(self.rows("id")) >= number, f"{number} rows in connection_log")
        self.assertEqual(len(self.rows("id")), number)

    def try_names(self, names, *more):
        """Wrong passwords, one after the other on one connection."""
        with clients.Wire() as wire:
            for name in names:
                wire.send(clients.login_request(name, WRONG, *more))
                self.assertIn(b"answer=deny", wire.receive())

    def read_only(self, state):
        self.server.execute(f"SET GLOBAL read_only = {state}")

    def make_read_only(self):
        self.addCleanup(self.read_only, 0)
        self.read_only(1)


class ConnectionLog(ConnectionLogSite):
    def test_every_kind_of_attempt_is_a_row(self):
        """And only who was let in has auth_ok = 1 and policy_reject = 0."""
        there = f"rip={listed.VODAFONE}"
        self.assertEqual(self.ask("alice", SHOWN, there, "session=s-1"), "permit")
        self.assertEqual(self.ask("alice", WRONG, there), "deny")
        self.assertEqual(self.ask("mallory", WRONG, there), "deny")
        self.assertEqual(self.ask("alice", SHOWN, f"rip={listed.FRANKFURT}"), "deny")
        self.assertEqual(self.ask("alice", SHOWN, "rip=192.0.2.9"), "deny")
        self.assertEqual(self.ask("alice", SHOWN, there, service="pop3"), "deny")
        self.assertEqual(self.ask("alice", SHOWN, "rip=nowhere"), "later")
        with clients.Wire() as wire:
            self.assertIn(b"answer=permit", wire.ask("request=lookup", "user=alice"))
            self.assertIn(b"answer=deny", wire.ask(
                "request=audit", "user=bob", "service=imap", f"rip={listed.FRANKFURT}"))
        self.server.execute("UPDATE app_passwords SET deleted = UTC_TIMESTAMP()")
        self.assertEqual(self.ask("alice", SHOWN, there), "deny")
        self.wait_for_rows(9)
        rule = f"{listed.DIRECTORY}/as_numbers.lst:1"
        on_list, address = "on the list as_numbers", "nowhere is not an address"
        self.assertEqual(self.rows(
            "protocol, username, remote_ip, country, auth_ok, policy_reject, pwid, rule, reason"), [
            ("imap", "alice", listed.VODAFONE, None, 1, 0, self.row, None, None),
            ("imap", "alice", listed.VODAFONE, None, 0, None, None, None, "wrong password"),
            ("imap", "mallory", listed.VODAFONE, None, 0, None, None, None, "unknown user"),
            ("imap", "alice", listed.FRANKFURT, "DE", 1, 1, self.row, rule, on_list),
            ("imap", "alice", "192.0.2.9", None, 1, 1, self.row, None, "not from this network"),
            ("pop3", "alice", listed.VODAFONE, None, None, 1, None, None, "service disabled"),
            ("imap", "alice", "nowhere", None, 1, None, self.row, None, address),
            ("imap", "bob", listed.FRANKFURT, "DE", 1, 1, None, rule, on_list),
            ("imap", "alice", listed.VODAFONE, None, 0, None, self.row, None, "deleted")])
        self.assertEqual(self.rows(
            "session, host = @@hostname, count, first = last, "
            "abs(timestampdiff(SECOND, datetime, now())) < 60, "
            "abs(timestampdiff(SECOND, first, utc_timestamp())) < 60", "session = 's-1'"),
            [("s-1", 1, 1, 1, 1, 1)])

    def test_its_time_is_that_of_the_servers_clock_as_the_default_is(self):
        """Also in a time zone of its own: first and last are UTC."""
        before = self.server.execute("SELECT @@GLOBAL.time_zone")[0][0]
        self.addCleanup(self.server.execute, f"SET GLOBAL time_zone = '{before}'")
        self.server.execute("SET GLOBAL time_zone = '+05:00'")
        self.cached.restart()
        self.try_names(["mallory"])
        self.wait_for_rows(1)
        self.assertEqual(self.rows("timestampdiff(MINUTE, first, datetime + INTERVAL 30 SECOND), "
                                   "abs(timestampdiff(MINUTE, datetime, now())) < 2"), [(300, 1)])

    def test_strange_names_are_rows_too(self):
        """Too long, no UTF-8, markup, or of no character that an old table has: never an error."""
        long = "ü" * 500
        names = [long.encode(), b"a\xff<b>\x01", "日本".encode()]
        for latin in (False, True):
            self.server.execute("TRUNCATE connection_log")
            if latin:
                self.addCleanup(self.server.execute, "ALTER TABLE connection_log CONVERT TO "
                                "CHARACTER SET utf8mb4")
                self.server.execute("ALTER TABLE connection_log CONVERT TO CHARACTER SET latin1")
            for name in names:
                self.assertEqual(self.ask(name, WRONG, f"session={long}", service=f"s{latin}"),
                                 "deny")
            self.wait_for_rows(3)
            self.assertEqual(self.rows("username"), [
                (long[:80],), (r"a\xff\x3cb\x3e\x01",), ("??" if latin else "日本",)])
        self.assertNotIn("left out", self.cached.process.log())

    def test_equal_attempts_are_counted_in_one_row(self):
        """Written at its first, and with the number of all when cached is stopped in its minute."""
        self.try_names(["alice"] * 20 + ["bob"], "rip=198.51.100.1")
        self.wait_for_rows(2)
        for _ in range(3):
            self.ask("alice", SHOWN, "rip=198.51.100.1")
        self.cached.stop()
        self.assertEqual(self.rows("username, auth_ok, count, first <= last"),
                         [("alice", 0, 20, 1), ("bob", 0, 1, 1), ("alice", 1, 3, 1)])
        self.cached.start()

    def test_an_outage_loses_none_and_doubles_none(self):
        """The database away, cached killed and stopped meanwhile: each is there once."""
        names = [f"user{number}" for number in range(120)]
        self.make_read_only()
        self.try_names(names[:60])
        until(lambda: figures(self.cached)["connection_log_spooled"] == 60, "they are in the spool")
        self.assertEqual(self.rows("id"), [])
        self.cached.kill_and_start()
        self.try_names(names[60:])
        self.cached.stop()
        self.cached.start()
        self.assertEqual(figures(self.cached)["connection_log_waiting"], 120)
        self.read_only(0)
        until(lambda: figures(self.cached)["connection_log_waiting"] == 0, "all are written")
        self.assertEqual(self.rows("username, count"), [(name, 1) for name in names])
        self.assertEqual(figures(self.cached)["connection_log_written"], 120)

    def test_a_server_killed_meanwhile_gets_each_once(self):
        counted = collections.Counter()
        for number in range(4):
            names = [f"user{number}-{i}" for i in range(100)]
            self.try_names(names[:50])
            self.server.kill()
            self.server.start()
            with clients.Wire() as wire:  # later, as long as it is not known to be back
                for name in names[50:]:
                    wire.send(clients.login_request(name, WRONG))
                    self.assertIn(b"answer=", wire.receive())
            counted.update(names)
        until(lambda: len(self.rows("id")) >= 400, "all are there")
        found = collections.Counter(dict(self.rows("username, count(DISTINCT id)", "TRUE GROUP BY "
                                                   "username, auth_ok, reason")))
        self.assertEqual(found, counted)

    def test_a_table_that_is_locked_holds_up_no_login(self):
        """Nor a row of the log table: it has a connection of its own."""
        with self.server.locked("connection_log"):
            for number in range(30):
                self.assertEqual(self.ask("alice", SHOWN, f"rip=198.51.100.{number}"), "permit")
            self.log_rows(30)
            self.cached.process.wait_for_log("attempts (connection_log) are not recorded yet")
            self.assertEqual(self.ask("alice", SHOWN, "rip=198.51.100.77"), "permit")
            self.log_rows(31)
        self.wait_for_rows(31)

    def test_without_a_grant_the_log_says_so_once_and_logins_go_on(self):
        self.cached.stop()
        self.addCleanup(self.server.grant)
        self.server.execute("REVOKE UPDATE ON mail_auth.connection_log "
                            "FROM mailserver@localhost")
        self.cached.start()
        self.cached.process.wait_for_log("attempts are not recorded")
        self.assertEqual(self.ask("alice", SHOWN), "permit")
        self.log_rows(1)
        self.cached.process.wait_for_log("attempts (connection_log) are not recorded yet")
        self.server.grant()
        self.wait_for_rows(1)
        said = re.findall("connection_log. are not recorded yet: .*", self.cached.process.log())
        self.assertEqual(len(said), 1, said)
        self.assertIn("sql/mysql.sql", said[0])


class Floods(ConnectionLogSite):
    audit = {**ON, "connection_log_rows": "20"}

    def test_random_names_do_not_fill_it(self):
        """A few rows with names, then one for each address, then one for all; none is lost."""
        self.try_names([f"a{number}" for number in range(100)], "rip=198.51.100.1")
        for host in range(100):
            self.try_names([f"b{host}"], f"rip=198.51.101.{host}")
        self.assertEqual(self.ask("alice", SHOWN, "rip=198.51.100.1"), "permit")
        self.cached.stop()
        rows = self.rows("username, remote_ip, auth_ok, count")
        self.assertEqual(len(rows), 20 + 2 + 1 + 1, rows)
        self.assertEqual(sum(row[3] for row in rows), 201)
        self.assertEqual(rows[20:22], [(None, "198.51.100.1", 0, 80), (None, "198.51.101.0", 0, 1)])
        self.assertEqual(rows[22], (None, None, 0, 99))
        self.assertEqual(rows[23], ("alice", "198.51.100.1", 1, 1))
        self.cached.start()


class NoRoom(ConnectionLogSite):
    audit = {**ON, "spool": ""}
    database = {"log_queue": "5"}

    def test_what_is_dropped_is_counted_and_logged(self):
        self.make_read_only()
        self.try_names([f"user{number}" for number in range(30)])
        status = figures(self.cached)
        self.assertEqual(status["connection_log_waiting"], 5)
        self.assertEqual(status["connection_log_spooled"], 0)
        self.assertEqual(status["connection_log_dropped"], 25)
        self.assertEqual(status["log_dropped"], 0)
        self.assertIn("attempts (connection_log) are not recorded, there is no room",
                      self.cached.process.log())
        self.read_only(0)
        self.wait_for_rows(5)


class Purged(ConnectionLogSite):
    def test_old_rows_go_and_no_others(self):
        self.cached.stop()
        self.server.execute(
            "INSERT INTO connection_log (datetime, username) SELECT now() - INTERVAL "
            "IF(seq <= 1700, 93, 91) DAY, seq FROM seq_1_to_1800")
        self.cached.start()
        until(lambda: figures(self.cached)["connection_log_purged"] == 1700, "they are purged")
        self.assertEqual(self.rows("count(*), min(0 + username)"), [(100, 1701)])


class OldTable(ConnectionLogSite):
    """The third predecessor's table, and then with our columns."""

    def setUp(self):
        self.addCleanup(mariadb.server("first").load, mariadb.SCHEMA)
        super().setUp()

    def furnish(self):
        super().furnish()
        self.cached.stop()
        self.server.execute("DROP TABLE connection_log")
        for statement in PREDECESSOR.strip().rstrip(";").split(";"):
            self.server.execute(statement)
        self.cached.start()

    def test_it_is_told_what_it_lacks_and_has_all_once_it_has_it(self):
        self.cached.process.wait_for_log("attempts are not recorded")
        self.assertEqual(self.ask("alice", SHOWN), "permit")
        self.log_rows(1)
        self.try_names(["mallory"])
        self.cached.process.wait_for_log("what [audit] connection_log needs stands in")
        self.assertEqual(len(self.rows("id")), 2)
        with open(mariadb.SCHEMA) as schema:
            step, = re.findall(r"^--   (ALTER TABLE connection_log[^;]*);", schema.read(),
                               re.MULTILINE)
        self.server.execute(step.replace("\n--", "\n"))
        self.wait_for_rows(4)
        self.assertEqual(self.rows("username, auth_ok, policy_reject, count"), [
            ("carol", 1, None, 1), ("dave", 0, None, 1), ("alice", 1, 0, 1),
            ("mallory", 0, None, 1)])


class OnSqlite(case.Site):
    """By real Dovecot."""
    settings = {"audit": ON}

    def rows(self):
        return self.cached.execute(
            "SELECT protocol, username, remote_ip, auth_ok, policy_reject, reason, pwid IS NOT NULL, "
            "session IS NOT NULL, count FROM connection_log ORDER BY id")

    def test_attempts_by_real_dovecot_are_rows(self):
        self.assert_ok(self.imap_login("alice", self.phone))
        self.imap_login("alice", WRONG)
        self.imap_login("nobody-here", WRONG)
        self.assert_ok(self.pop3_login("alice", self.laptop))
        until(lambda: len(self.rows()) >= 4, "four rows")
        self.assertEqual(self.rows(), [
            ("imap", "alice", "127.0.0.1", 1, 0, None, 1, 1, 1),
            ("imap", "alice", "127.0.0.1", 0, None, "wrong password", 0, 1, 1),
            ("imap", "nobody-here", "127.0.0.1", 0, None, "unknown user", 0, 1, 1),
            ("pop3", "alice", "127.0.0.1", 1, 0, None, 1, 1, 1)])

    def test_it_is_off_unless_asked_for(self):
        self.cached.stop()
        self.cached.configure()
        self.cached.start()
        self.assertEqual(self.ask("alice", self.phone), "permit")
        until(lambda: figures(self.cached)["log_written"] == 1, "the login is in the log table")
        self.assertEqual(self.rows(), [])
