"""cachedctl report and backtest --from database: what the tables of a real run tell, in both kinds
of database."""
# SPDX-License-Identifier: MIT
import json
import os
import time

import listed
import mariadb
from cached import DATABASE
from mariadb_site import SHOWN, MariaDbSite
from processes import until

RULE = f"{listed.DIRECTORY}/as_numbers.lst:1"


def told(*words):
    """A report or back-test from the database that the configuration names."""
    command, *rest = words
    status, printed, errors = listed.control(command, "--from", "database", "--format", "json",
                                             *rest)
    assert status == 0, errors
    return json.loads(printed)


def rows(sheet, table):
    return sheet["tables"][table]["rows"]


class Told:
    """What is the same with both: alice is let in, refused by a list, and mistypes."""

    password = SHOWN

    def enter(self):
        listed.own_addresses()
        listed.write("as_numbers.lst", "AS3209\n")
        for ip, password, answer in ((listed.FRANKFURT, self.password, "permit"),
                                     (listed.VODAFONE, self.password, "deny"),
                                     (listed.FRANKFURT, "wrong-word-this-is", "deny")):
            self.assertEqual(self.ask("alice", password, f"rip={ip}"), answer)
        until(lambda: len(self.kept("SELECT id FROM log")) == 2, "two rows in the log table")

    def test_a_login_and_a_refused_one_are_in_the_report(self):
        self.enter()
        sheet = told("report")
        figures = sheet["figures"]
        self.assertEqual((figures["let_in"], figures["refused"], figures["users"]), (1, 1, 1))
        blocked, = rows(sheet, "blocked")
        self.assertEqual((blocked["user"], blocked["rule"], blocked["address"]),
                         ("alice", RULE, listed.VODAFONE))
        self.assertAlmostEqual(blocked["last"], time.time(), delta=60)
        self.assertEqual({row["asn"] for row in rows(sheet, "unknown_asns")},
                         {"AS63949", "AS3209"})
        self.assertEqual([point["place"] for point in sheet["points"]],
                         ["Frankfurt am Main, Germany"])
        self.assertEqual(sheet["notes"], [])

    def test_a_back_test_judges_them_again(self):
        self.enter()
        trial = listed.write("geo_countries.lst", "DE\n")
        sheet = told("backtest", trial)
        hit, = rows(sheet, "refused")
        self.assertEqual((hit["user"], hit["password"], hit["address"], hit["rule"]),
                         ("alice", str(self.row), listed.FRANKFURT, f"{trial}:1"))
        nobody = listed.write("reverse_hostname.lst", "nobody.example.net\n")
        self.assertEqual(rows(told("backtest", nobody), "refused"), [])

    def test_connection_log_tells_of_failures_and_of_how_many(self):
        """With it, what log says of the same time is not counted again."""
        self.enter()
        now = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        for ip, right, refused, reason, rule, count in (
                (listed.FRANKFURT, 1, 0, None, None, 3),
                (listed.VODAFONE, 1, 1, "on the list as_numbers", RULE, 1),
                (listed.FRANKFURT, 0, 0, "wrong password", None, 60)):
            password = self.row if right else "NULL"
            self.change(
                "INSERT INTO connection_log (protocol, username, remote_ip, auth_ok, "
                "policy_reject, reason, rule, pwid, first, last, count) VALUES ('imap', 'alice', "
                f"?, {right}, {refused}, ?, ?, {password}, '{time.strftime('%Y-%m-%d')}', "
                f"'{now}', {count})", ip, reason, rule)
        self.change("UPDATE connection_log SET last = ? WHERE id = 1",
                    time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() - 600)))
        sheet = told("report")
        figures = sheet["figures"]
        self.assertEqual((figures["let_in"], figures["refused"], figures["failed"]), (3, 1, 60))
        self.assertEqual([row["rule"] for row in rows(sheet, "blocked")], [RULE])
        failing, = rows(sheet, "failing_addresses")
        self.assertEqual((failing["source"], failing["attempts"], failing["users"]),
                         (listed.FRANKFURT, 60, 1))

    def test_every_attempt_of_a_real_run_is_there(self):
        self.attempts_are_kept()
        self.enter()
        until(lambda: len(self.kept("SELECT id FROM connection_log")) == 3, "three attempts")
        sheet = told("report")
        figures = sheet["figures"]
        self.assertEqual((figures["let_in"], figures["refused"], figures["failed"]), (1, 1, 1))
        self.assertEqual([row["rule"] for row in rows(sheet, "blocked")], [RULE])
        self.assertEqual([row["source"] for row in rows(sheet, "failing_addresses")],
                         [listed.FRANKFURT])


KEPT = {"log_bucket": "0", "connection_log": "yes"}


class Sqlite(Told, listed.Site):
    settings = {**listed.Site.settings,
                "list as_numbers": {"path": f"{listed.DIRECTORY}/as_numbers.lst"}}

    def attempts_are_kept(self):
        self.cached.stop()
        self.cached.configure(**self.settings, audit=KEPT)
        self.cached.start()

    row = 1

    def setUp(self):
        listed.write("as_numbers.lst", "AS3209\n")
        super().setUp()

    def furnish(self):
        self.password = self.cached.add_password("alice", "phone")

    def kept(self, sql):
        return self.cached.execute(sql)

    def change(self, sql, *values):
        self.cached.execute(sql, *values)

    def test_nothing_there_belongs_to_root_afterwards(self):
        """cachedctl runs as root, and SQLite makes files beside the database."""
        self.enter()
        self.cached.stop()
        told("report")
        beside = [path for path in os.scandir(os.path.dirname(DATABASE)) if path.is_file()]
        self.assertTrue(beside)
        for path in beside:
            self.assertNotEqual(path.stat().st_uid, 0, path.name)


class Mariadb(Told, MariaDbSite):
    snippets = []
    sections = {"maxmind": listed.MAXMIND,
                "list as_numbers": {"path": f"{listed.DIRECTORY}/as_numbers.lst"}}

    def setUp(self):
        listed.put_maxmind()
        listed.write("as_numbers.lst", "AS3209\n")
        super().setUp()
        self.server.execute(f"GRANT SELECT ON connection_log TO {mariadb.USER}@localhost")
        self.server.execute("TRUNCATE connection_log")

    def attempts_are_kept(self):
        self.cached.stop()
        self.cached.configure(**self.settings, audit=KEPT)
        self.cached.start()

    def kept(self, sql):
        return self.server.execute(sql)

    def change(self, sql, *values):
        self.server.execute(sql.replace("?", "%s"), *values)

    def test_a_database_that_is_away_is_an_error(self):
        self.server.process.kill()
        self.addCleanup(self.server.restart)
        status, _, errors = listed.control("report", "--from", "database")
        self.assertEqual(status, 1)
        self.assertIn("database ", errors)
