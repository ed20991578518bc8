"""Nothing lost, nothing twice: whatever becomes of the database, of the disk and of cached itself
under a stream of logins, each of those that were let in is a row of the log table, once, and none
had to wait for that. Each fault is held for HOLD seconds: tests/e2e/run --hold 60."""
# SPDX-License-Identifier: MIT
import contextlib
import os
import random
import sqlite3
import struct
import subprocess
import time

import pymysql

import mariadb
import world
from log_stream import Logins
from mariadb_site import SHOWN, MariaDbSite
from processes import until

HOLD = float(os.environ.get("E2E_HOLD", "2"))
STATE = "/var/lib/checkpass"
BUFFER = "/run/checkpass/spool.buffer"


class FaultSite(MariaDbSite):
    snippets = []
    database = {"connect_time": "1s", "query_time": "1s"}

    def sessions(self):
        return [row[0] for row in self.server.execute("SELECT session FROM log")]

    def read_only(self):
        self.server.execute("SET GLOBAL read_only = 1")
        self.addCleanup(self.server.execute, "SET GLOBAL read_only = 0")

    def hold(self, logins, seconds=HOLD):
        """The fault goes on for a while, and so do the logins."""
        answered = logins.answered
        time.sleep(seconds)
        until(lambda: logins.answered > answered + 10, "logins are answered meanwhile")

    def assert_each_once_and_at_once(self, logins):
        self.assertGreater(len(logins.permitted), 0)
        until(lambda: logins.permitted <= set(self.sessions()),
              f"the {len(logins.permitted)} logins are in the log table")
        found = self.sessions()
        self.assertEqual(len(found), len(set(found)), "no login is there twice")
        figures = f"{self._testMethodName}: {logins.figures()}"
        if HOLD >= 10:
            print(f"      {figures}; rows {len(found)}", flush=True)
        # One in a hundred may have been unlucky: this machine has others to serve.
        self.assertLessEqual(len(logins.late()), len(logins.logins) / 100, figures)

    def assert_nothing_is_left(self):
        """In spool and buffer. They are read when cached is not there: they are locked."""
        self.cached.stop()
        with contextlib.closing(sqlite3.connect(f"{STATE}/spool.db")) as spool:
            self.assertEqual(spool.execute("SELECT count(*) FROM rows").fetchone()[0], 0)
        with open(BUFFER, "rb") as file:
            buffer = file.read()
        slots, size = struct.unpack_from("=8xII", buffer)
        self.assertEqual([slot for slot in range(1, slots + 1)
                          if struct.unpack_from("=I", buffer, slot * size)[0]], [])
        self.cached.start()


class DatabaseFaults(FaultSite):
    def test_killed_under_load(self):
        """kill -9: what was on its way there is there once."""
        with Logins() as logins:
            for _ in range(3):
                logins.wait_for(30)
                time.sleep(random.uniform(0, 0.2))
                self.server.kill()
                self.server.start()
            self.server.kill()
            self.hold(logins)
            self.server.start()
            logins.wait_for(30)
        self.assert_each_once_and_at_once(logins)
        self.assert_nothing_is_left()

    def test_frozen_under_load(self):
        """SIGSTOP, longer than a question may take: it may go on with what it was asked before."""
        with Logins() as logins:
            for hold in (0.5, HOLD):
                logins.wait_for(30)
                self.server.freeze()
                logins.turns.append(time.monotonic())
                self.cached.process.wait_for_log("no answer within")
                self.hold(logins, hold)
                logins.turns.append(time.monotonic())
                self.server.thaw()
            logins.wait_for(30)
        self.assert_each_once_and_at_once(logins)

    def test_read_only_under_load(self):
        self.read_only()
        with Logins() as logins:
            self.cached.process.wait_for_log("logins are not recorded yet")
            self.hold(logins)
            self.assertEqual(self.sessions(), [])
            self.cached.kill_and_start()
            logins.wait_for(50)
            self.server.execute("SET GLOBAL read_only = 0")
            logins.wait_for(50)
        self.assert_each_once_and_at_once(logins)

    def test_its_log_table_locked_under_load(self):
        """No error, no answer: as a table that is altered or dumped."""
        with Logins() as logins:
            with pymysql.connect(user="root", unix_socket=self.server.socket,
                                 database=mariadb.NAME) as admin:
                admin.cursor().execute("LOCK TABLES log READ")
                self.cached.process.wait_for_log("logins are not recorded yet")
                self.hold(logins)
            logins.wait_for(50)
        self.assertEqual(logins.not_permitted, [])
        self.assert_each_once_and_at_once(logins)

    def test_who_has_two_passwords_while_nobody_may_even_read_its_log_table(self):
        """The order in which they are tried is not worth a login, least of all those of others."""
        self.insert("bob", "other-password", "older")
        self.insert("bob", SHOWN, "newer")
        with pymysql.connect(user="root", unix_socket=self.server.socket,
                             database=mariadb.NAME) as admin:
            admin.cursor().execute("LOCK TABLES log WRITE")
            with Logins() as logins:
                for phone, password in ("old", "other-password"), ("new", SHOWN):
                    self.assertEqual(self.ask("bob", password, f"session={phone}"), "permit")
                logins.wait_for(10)
            self.assertEqual(logins.not_permitted, [])
        self.assertIn("no answer within 1000 ms", self.cached.process.log())
        self.assert_each_once_and_at_once(logins)

    def test_its_disk_full_under_load(self):
        place = self.server.on_a_small_disk()
        self.addCleanup(self.server.on_the_usual_disk)
        ballast = os.path.join(place, "ballast")
        fill(ballast)
        with Logins() as logins:
            self.cached.process.wait_for_log("logins are not recorded yet")
            self.hold(logins)
            os.remove(ballast)
            logins.wait_for(10)
        self.assert_each_once_and_at_once(logins)


class SpoolFaults(FaultSite):
    def on_a_disk_of(self, size, place):
        self.cached.stop()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0750,uid=61001,gid=61001",
                        "tmpfs", world.make_dir(place)], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", place], check=True)

    def test_its_disk_full_under_load(self):
        """A loud line, and logins go on; also those are not lost whose cached is killed then."""
        self.on_a_disk_of("8m", STATE)
        self.cached.start()
        ballast = os.path.join(STATE, "ballast")
        with Logins() as logins:
            logins.wait_for(10)
            self.read_only()
            fill(ballast)
            self.cached.process.wait_for_log("are kept in memory only")
            self.hold(logins)
            self.cached.kill_and_start()
            logins.wait_for(50)
            os.remove(ballast)
            self.cached.process.wait_for_log("is written again")
            self.cached.kill_and_start()
            self.server.execute("SET GLOBAL read_only = 0")
        self.assert_each_once_and_at_once(logins)
        self.cached.stop()

    def test_without_a_buffer_answers_wait_for_the_file_and_not_for_the_database(self):
        """There is no room for the buffer."""
        self.on_a_disk_of("1m", "/run/small")
        self.start_with(spool_buffer="/run/small/spool.buffer")
        self.cached.process.wait_for_log("answers wait for the spool")
        self.killed_while_read_only()

    def test_what_is_to_survive_the_machine_waits_for_the_file_and_not_for_the_database(self):
        self.start_with(spool_sync="full")
        self.killed_while_read_only()

    def start_with(self, **audit):
        self.cached.stop()
        self.cached.configure(**{**self.settings, "audit": audit})
        self.cached.start()

    def killed_while_read_only(self):
        self.read_only()
        with Logins() as logins:
            for _ in range(3):
                logins.wait_for(50)
                self.cached.kill_and_start()
            self.server.execute("SET GLOBAL read_only = 0")
            logins.wait_for(50)
        self.assert_each_once_and_at_once(logins)


def fill(name):
    """A file that takes all the room there is left."""
    with open(name, "wb", buffering=0) as out:
        try:
            while True:
                out.write(b"x" * 4096)
        except OSError:
            pass


class CachedFaults(FaultSite):
    def test_killed_at_random_moments(self):
        """kill -9 of cached, and at times of MariaDB with it: who was told that he is in, is in the
        table, once, and so is at most once who did not hear it."""
        with Logins() as logins:
            for number in range(50):
                logins.wait_for(1)
                time.sleep(random.uniform(0, 0.3))
                if number % 8 == 7:
                    self.server.kill()
                self.cached.kill_and_start()
                self.server.start()
            logins.wait_for(10)
        self.assert_each_once_and_at_once(logins)
        self.assert_nothing_is_left()

    def test_stopped_under_load(self):
        """SIGTERM: everything is in the table when it has gone."""
        with Logins() as logins:
            for _ in range(4):
                logins.wait_for(50)
                self.assertEqual(self.cached.stop(), 0)
                self.assertEqual(logins.permitted - set(self.sessions()), set())
                self.cached.start()
        self.assert_each_once_and_at_once(logins)

    def test_stopped_while_nothing_can_be_written(self):
        """It leaves in time, and in order: the spool has them."""
        self.read_only()
        with Logins() as logins:
            logins.wait_for(100)
            for _ in range(2):
                self.assertEqual(self.cached.stop(), 0)
                self.assertIn("stay in the spool until cached starts", self.cached.process.log())
                self.cached.start()
                logins.wait_for(50)
        self.assertEqual(self.sessions(), [])
        self.server.execute("SET GLOBAL read_only = 0")
        self.assert_each_once_and_at_once(logins)
