"""MariaDB away, held up or short of room: what must hold of any server, see outage.py, and what is
said of databases alone."""
# SPDX-License-Identifier: MIT
import time

import pymysql

import mariadb
import outage
from mariadb_site import SHOWN, MariaDbSite
from outage import WRONG
from processes import until


class OutageSite(outage.Outage, MariaDbSite):
    right = SHOWN
    database = outage.within(outage.PATIENCE)

    def asks(self, machine):
        return self.ask("alice", SHOWN) == "permit" and machine.connections() > 0

    def imposture(self, fake):
        return (({"hosts": fake}, "later"),
                ({"hosts": f"{fake} {self.server.host}"}, "permit"))


class MySqlAway(outage.Away, OutageSite):
    def test_D05_the_first_login_after_a_restart_of_the_server_succeeds(self):
        super().test_D05_the_first_login_after_a_restart_of_the_server_succeeds()
        self.log_rows(2)

    def test_connections_that_the_server_closes_cost_no_login(self):
        """Idle too long for wait_timeout, or killed by its administrator."""
        self.server.execute("SET GLOBAL wait_timeout = 1")
        self.addCleanup(self.server.execute, "SET GLOBAL wait_timeout = 28800")
        self.reconfigure()
        self.assert_answers("permit")
        until(lambda: self.server.connections() == 0, "the server has closed the connections")
        self.assert_answers("permit")
        self.server.execute(f"KILL USER {mariadb.USER}@localhost")
        self.assert_answers("permit")
        self.log_rows(3)

    def test_too_many_connections_are_try_later(self):
        """Others have taken them all; when there is room again logins succeed."""
        self.server.execute("SET GLOBAL max_connections = 10")
        self.addCleanup(self.server.execute, "SET GLOBAL max_connections = 200")
        self.cached.stop()
        until(lambda: self.server.connections() == 0, "the server has none of cached's connections")
        held = self.all_connections()
        self.reconfigure()
        self.assert_answers("later")
        self.cached.process.wait_for_log("Too many connections")
        for connection in held:
            connection.close()
        self.wait_until_permitted()

    def all_connections(self):
        """As many as the server accepts from users who are not its administrator, whose own may
        just be ending: until there has been no room for a second."""
        held, refused = [], 0
        while refused < 20:
            try:
                held.append(pymysql.connect(
                    user=mariadb.WEBMAIL, password=mariadb.WEBMAIL_PASSWORD, host="127.0.0.1",
                    port=self.server.port, database=mariadb.NAME,
                    bind_address=mariadb.WEBMAIL_ADDRESS))
                refused = 0
            except pymysql.err.OperationalError:
                refused += 1
                time.sleep(0.05)
        return held


class MySqlImpostor(outage.Impostor, OutageSite):
    pass


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
        self.reconfigure(**outage.within(1))
        with self.locked("app_passwords WRITE"):
            for password in (SHOWN, WRONG):
                self.assert_answers("later", password)
        self.wait_until_permitted()
        self.assert_answers("deny", WRONG)

    def test_a_log_table_that_takes_no_rows_delays_no_login(self):
        """Locked as by a dump, then a server that is read-only: rows are written afterwards."""
        self.reconfigure(**outage.within(2))
        with self.locked("log READ"):
            self.assert_logins_do_not_wait(5)
            time.sleep(2.5)  # the time of the first of them is over
            self.assert_logins_do_not_wait(5)
        self.log_rows(10)
        self.server.execute("SET GLOBAL read_only = 1")
        self.addCleanup(self.server.execute, "SET GLOBAL read_only = 0")
        self.assert_logins_do_not_wait(5)
        self.cached.process.wait_for_log("read-only")
        self.server.execute("SET GLOBAL read_only = 0")
        self.assertEqual(len(self.log_rows(15)), 15)

    def assert_logins_do_not_wait(self, number):
        """Or it would be for query_time."""
        for _ in range(number):
            before = time.monotonic()
            self.assert_answers("permit")
            self.assertLess(time.monotonic() - before, 2)


class MySqlPair(outage.Pair, OutageSite):
    def test_each_login_is_recorded_once_when_the_first_server_stops(self):
        """Under load, in one of the two, whichever it was let in by."""
        with self.stream() as logins:
            logins.wait_for("permit", 5)
            self.first.stop()
            logins.wait_for("permit", 5)
        self.first.start()
        until(lambda: self.rows_of_both() == len(logins.logins), "each login is recorded")

    def rows_of_both(self):
        return sum(machine.execute("SELECT count(*) FROM log")[0][0] for machine in self.machines)
