"""MariaDB stopped, killed, frozen, locked and back, alone and as a pair: nobody is ever told that a
right password is wrong because of it, and cached needs no restart."""
# SPDX-License-Identifier: MIT
import time

import pymysql

import case
import fake_server
import mariadb
import secrets_used
from mariadb_site import QUICK, SHOWN, MariaDbSite
from processes import until
from stream import Stream

WRONG = secrets_used.remember("wrong-word-this-is")


class OutageSite(MariaDbSite):
    database = QUICK

    def setUp(self):
        super().setUp()
        self.pid = self.cached.process.pid

    def leave(self):
        self.assertTrue(self.cached.process.running() and self.cached.process.pid == self.pid,
                        "the cached of the beginning of the test is there")
        super().leave()

    def assert_none_denied(self, logins):
        self.assertEqual(set(logins.answers()) - {"permit", "later"}, set(), logins.answers())
        self.assertEqual({line["result"] for line in self.cached.audit()} - {"permit", "later"},
                         set())

    def wait_until_permitted(self, seconds):
        until(lambda: self.ask("alice", SHOWN) == "permit", "alice is let in", seconds)


class MySqlAway(OutageSite):
    def test_D05_the_first_login_after_a_restart_of_mariadb_succeeds(self):
        """The connections that went with the old one are noticed and made anew."""
        self.assert_reads_mail("alice", SHOWN)
        self.server.restart()
        self.assert_reads_mail("alice", SHOWN)
        self.assertEqual(self.imap_login("alice", WRONG), case.REFUSED)
        self.log_rows(2)

    def test_D06_while_mariadb_is_down_clients_are_told_to_try_later(self):
        """Right, wrong and unknown alike, by IMAP and POP3; never that authentication failed."""
        self.assert_reads_mail("alice", SHOWN)
        self.server.stop()
        for user, password in (("alice", SHOWN), ("alice", WRONG), ("nora", WRONG)):
            answer = self.imap_login(user, password)
            self.assertTrue(answer.startswith(case.LATER), answer)
            answer = self.pop3_login(user, password)
            self.assertTrue(answer.startswith(case.POP3_LATER), answer)
        code, output = self.dovecot.doveadm("user", "nora")
        self.assertEqual(code, 75, output)  # a temporary failure: mail for her is not bounced
        self.cached.process.wait_for_log(f"database {self.server.host}")
        self.server.start()
        self.wait_until_permitted(2)
        self.assert_reads_mail("alice", SHOWN)
        self.assertEqual(self.imap_login("alice", WRONG), case.REFUSED)

    def test_cached_starts_without_mariadb_and_finds_it_when_it_comes(self):
        """As after a power failure, in whatever order services start."""
        self.cached.stop()
        self.server.stop()
        self.cached.start()
        self.pid = self.cached.process.pid
        self.assertEqual(self.ask("alice", SHOWN), "later")
        self.server.start()
        self.wait_until_permitted(2)

    def test_mariadb_killed_and_restarted_under_load_denies_nobody(self):
        """kill -9 with eight clients logging in; two seconds after it is back all is well."""
        with Stream(("alice", SHOWN)) as logins:
            time.sleep(0.7)
            self.server.kill()
            time.sleep(1)
            self.server.start()
            back = time.monotonic()
            time.sleep(3)
        self.assert_none_denied(logins)
        self.assertGreater(logins.answers()["later"], 0, "it was away")
        self.assertLess(logins.first_permit(back), 2)
        self.assertEqual(set(logins.answers(back + 2)), {"permit"}, logins.answers(back + 2))

    def test_restarts_under_load_deny_nobody(self):
        """In order, three times in a row, with logins at every moment of it."""
        with Stream(("alice", SHOWN)) as logins:
            for _ in range(3):
                time.sleep(0.3)
                self.server.restart()
            back = time.monotonic()
            time.sleep(2.3)
        self.assert_none_denied(logins)
        self.assertEqual(set(logins.answers(back + 2)), {"permit"})

    def test_a_frozen_mariadb_is_try_later_in_time_and_then_all_is_well(self):
        """SIGSTOP: each question has an end, and so has each wait for a turn."""
        self.wait_until_permitted(1)
        self.server.freeze()
        with Stream(("alice", SHOWN)) as logins:
            time.sleep(3)
            thawed = time.monotonic()
            self.server.thaw()
            time.sleep(2.5)
        self.assert_none_denied(logins)
        self.assertGreater(logins.answers()["later"], 0)
        self.assertLess(max(login.seconds for login in logins.logins), 5)
        self.assertEqual(set(logins.answers(thawed + 2)), {"permit"}, logins.answers(thawed + 2))

    def test_connections_that_the_server_closes_cost_no_login(self):
        """Idle too long for wait_timeout, or killed by its administrator."""
        self.server.execute("SET GLOBAL wait_timeout = 1")
        self.addCleanup(self.server.execute, "SET GLOBAL wait_timeout = 28800")
        self.cached.restart()
        self.pid = self.cached.process.pid
        self.assertEqual(self.ask("alice", SHOWN), "permit")
        until(lambda: self.server.connections() == 0, "the server has closed the connections")
        self.assertEqual(self.ask("alice", SHOWN), "permit")
        self.server.execute(f"KILL USER {mariadb.USER}@localhost")
        self.assertEqual(self.ask("alice", SHOWN), "permit")
        self.log_rows(3)

    def test_too_many_connections_are_try_later(self):
        """Others have taken them all; when there is room again logins succeed."""
        self.server.execute("SET GLOBAL max_connections = 10")
        self.addCleanup(self.server.execute, "SET GLOBAL max_connections = 200")
        self.cached.stop()
        held = self.all_connections()
        self.cached.start()
        self.pid = self.cached.process.pid
        self.assertEqual(self.ask("alice", SHOWN), "later")
        self.cached.process.wait_for_log("Too many connections")
        for connection in held:
            connection.close()
        self.wait_until_permitted(2)

    def all_connections(self):
        """As many as the server accepts from users who are not its administrator."""
        held = []
        while True:
            try:
                held.append(pymysql.connect(
                    user=mariadb.WEBMAIL, password=mariadb.WEBMAIL_PASSWORD, host="127.0.0.1",
                    port=self.server.port, database=mariadb.NAME,
                    bind_address=mariadb.WEBMAIL_ADDRESS))
            except pymysql.err.OperationalError:
                return held


class MySqlImpostor(OutageSite):
    snippets = []

    def assert_not_held_up(self, behaviour):
        """Alone it is try later; with a good server behind it that one is used."""
        for hosts, answer in (("", "later"), (self.server.host, "permit")):
            fake = fake_server.FakeServer(behaviour)
            self.reconfigure(hosts=f"{fake.host} {hosts}")
            self.pid = self.cached.process.pid
            before = time.monotonic()
            self.assertEqual(self.ask("alice", SHOWN), answer, behaviour)
            self.assertLess(time.monotonic() - before, 2.5, behaviour)

    def test_what_is_no_database_behind_the_port_is_try_later_in_time(self):
        """Silence, garbage, another service."""
        for behaviour in fake_server.ALL:
            if behaviour is not fake_server.dribbling:
                self.assert_not_held_up(behaviour)


class MySqlLocked(OutageSite):
    snippets = []

    def locked(self, what):
        """A connection of the administrator's that holds LOCK TABLES."""
        connection = pymysql.connect(user="root", unix_socket=self.server.socket,
                                     database=mariadb.NAME)
        connection.cursor().execute(f"LOCK TABLES {what}")
        return connection

    def test_a_locked_table_is_try_later_until_it_is_free(self):
        """As while it is altered: nobody waits longer than query_time, and nobody is refused."""
        with self.locked("app_passwords WRITE"):
            for password in (SHOWN, WRONG):
                before = time.monotonic()
                self.assertEqual(self.ask("alice", password), "later")
                self.assertLess(time.monotonic() - before, 3)
        self.wait_until_permitted(2)
        self.assertEqual(self.ask("alice", WRONG), "deny")

    def test_a_log_table_that_takes_no_rows_delays_no_login(self):
        """Locked as by a dump, then a server that is read-only: rows are written afterwards."""
        with self.locked("log READ"):
            self.assert_logins_are_quick(5)
            time.sleep(1.2)
            self.assert_logins_are_quick(5)
        self.log_rows(10)
        self.server.execute("SET GLOBAL read_only = 1")
        self.addCleanup(self.server.execute, "SET GLOBAL read_only = 0")
        self.assert_logins_are_quick(5)
        self.cached.process.wait_for_log("read-only")
        self.server.execute("SET GLOBAL read_only = 0")
        self.assertEqual(len(self.log_rows(15)), 15)

    def assert_logins_are_quick(self, number):
        for _ in range(number):
            before = time.monotonic()
            self.assertEqual(self.ask("alice", SHOWN), "permit")
            self.assertLess(time.monotonic() - before, 0.5)


class MySqlPair(OutageSite):
    """Two servers with the same rows, as two nodes of a Galera cluster."""

    servers = ("first", "second")

    def setUp(self):
        super().setUp()
        self.first, self.second = self.machines

    def rows_of_both(self):
        return sum(machine.execute("SELECT count(*) FROM log")[0][0] for machine in self.machines)

    def wait_until_used(self, machine, seconds=40):
        def used():
            self.ask("alice", SHOWN)
            return machine.connections() > 0
        until(used, f"{machine.name} is used", seconds)

    def test_the_first_server_is_preferred_and_the_second_takes_over_when_it_stops(self):
        """Under load no login fails; each is recorded once; and the first is used again when it is
        back."""
        with Stream(("alice", SHOWN)) as logins:
            time.sleep(0.5)
            self.assertEqual((self.first.connections() > 0, self.second.connections()), (True, 0))
            self.first.stop()
            time.sleep(1)
            self.assertGreater(self.second.connections(), 0)
        self.assertEqual(set(logins.answers()), {"permit"}, logins.answers())
        self.assertLess(max(login.seconds for login in logins.logins), 1)
        self.first.start()
        until(lambda: self.rows_of_both() == len(logins.logins), "each login is recorded")
        self.wait_until_used(self.first)
        until(lambda: self.ask("alice", SHOWN) == "permit" and self.second.connections() == 0,
              "the second is left alone again", 40)

    def test_reading_mail_goes_on_when_the_first_server_is_killed(self):
        """Through Dovecot, with the connections of before."""
        self.assert_reads_mail("alice", SHOWN)
        self.first.kill()
        self.assert_reads_mail("alice", SHOWN)
        self.assertEqual(self.imap_login("alice", WRONG), case.REFUSED)

    def test_a_frozen_first_server_frees_its_lane_and_is_used_again_when_it_thaws(self):
        """SIGSTOP under load: a query's time ends, the second takes over, at most a few are slow,
        none is denied."""
        with Stream(("alice", SHOWN)) as logins:
            time.sleep(0.5)
            self.first.freeze()
            frozen = time.monotonic()
            time.sleep(6)
            thawed = time.monotonic()
            self.first.thaw()
            until(lambda: self.first.connections() > 0, "the first is used again", 40)
            time.sleep(0.5)
        self.assert_none_denied(logins)
        after = logins.since(frozen + 2.5)
        slow = [login for login in after if login.answer != "permit" or login.seconds > 0.5]
        self.assertLess(len(slow), 10, slow)
        self.assertGreater(len(after), 200, "logins went on")
        troubled = [login for login in logins.logins if login.answer != "permit"]
        self.assertLess(len(troubled), 20, troubled)
        self.assertLess(max(login.seconds for login in logins.logins), 4)
        self.assertEqual(set(logins.answers(thawed)), {"permit"})

    def test_with_both_away_it_is_try_later_and_either_is_enough(self):
        """The second one back first."""
        self.wait_until_permitted(1)
        self.second.stop()
        self.first.kill()
        self.assertEqual(self.ask("alice", SHOWN), "later")
        self.assertEqual(self.ask("alice", WRONG), "later")
        self.second.start()
        self.wait_until_permitted(2)
        self.assertEqual(self.ask("alice", WRONG), "deny")
