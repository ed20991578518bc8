"""Nothing lost, nothing twice: whatever becomes of the database, of the disk and of cached itself
under a stream of logins, each of those that were let in is a row of the log table, once, and none
had to wait for that."""
# SPDX-License-Identifier: MIT
import itertools
import os
import random
import subprocess
import threading
import time

import clients
from mariadb_site import SHOWN, MariaDbSite
from processes import until

SPOOL_DIRECTORY = "/var/lib/checkpass"


class Logins:
    """Threads that log in, each time with a session of its own, also while cached comes and goes."""

    def __init__(self, threads=4):
        self.permitted = {}  # session: how long it took
        self._numbers = itertools.count(1)
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(threads)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        for thread in self._threads:
            thread.join(clients.SECONDS)

    def _run(self):
        while not self._end.is_set():
            try:
                with clients.Wire() as wire:
                    while self._log_in(wire):
                        time.sleep(0.003)
            except OSError:
                time.sleep(0.01)

    def _log_in(self, wire):
        session = f"s{next(self._numbers)}"
        began = time.monotonic()
        wire.send(clients.login_request("alice", SHOWN, f"session={session}"))
        answer = wire.receive()
        if b"answer=permit" in answer:
            self.permitted[session] = time.monotonic() - began
        return answer and not self._end.is_set()

    def wait_for(self, more):
        """Until so many more have been let in."""
        wanted = len(self.permitted) + more
        until(lambda: len(self.permitted) >= wanted, f"{more} more logins")


class FaultSite(MariaDbSite):
    snippets = []
    database = {"connect_time": "1s", "query_time": "1s"}

    def sessions(self):
        return [row[0] for row in self.server.execute("SELECT session FROM log")]

    def assert_each_once(self, logins):
        self.assertGreater(len(logins.permitted), 0)
        until(lambda: set(logins.permitted) <= set(self.sessions()),
              f"the {len(logins.permitted)} logins are in the log table")
        found = self.sessions()
        self.assertEqual(len(found), len(set(found)), "no login is there twice")
        return found

    def assert_spool_empties(self):
        """It is read when cached is not there: the file is locked."""
        self.cached.stop()
        count = subprocess.run(
            ["python3", "-c", "import sqlite3; print(sqlite3.connect("
             f"'{SPOOL_DIRECTORY}/spool.db').execute('SELECT count(*) FROM rows').fetchone()[0])"],
            capture_output=True, text=True, timeout=30)
        self.assertEqual(count.stdout.strip(), "0", count.stderr)
        self.cached.start()


class DatabaseFaults(FaultSite):
    def test_killed_under_load(self):
        """kill -9, again and again: what was on its way there is there once."""
        with Logins() as logins:
            for _ in range(3):
                logins.wait_for(30)
                time.sleep(random.uniform(0, 0.2))
                self.server.kill()
                self.server.start()
        self.assert_each_once(logins)
        self.assert_spool_empties()

    def test_frozen_under_load(self):
        """SIGSTOP, longer than a question may take: it may go on with what it was asked before."""
        with Logins() as logins:
            for _ in range(2):
                logins.wait_for(30)
                self.server.freeze()
                self.cached.process.wait_for_log("no answer within")
                time.sleep(0.5)
                self.server.thaw()
        self.assert_each_once(logins)

    def test_read_only_under_load(self):
        """Logins go on, and none is slower for it."""
        self.server.execute("SET GLOBAL read_only = 1")
        self.addCleanup(self.server.execute, "SET GLOBAL read_only = 0")
        with Logins() as logins:
            self.cached.process.wait_for_log("logins are not recorded yet")
            logins.wait_for(300)
            self.assertEqual(self.sessions(), [])
            self.cached.kill_and_start()
            logins.wait_for(50)
            self.server.execute("SET GLOBAL read_only = 0")
            logins.wait_for(50)
        self.assert_each_once(logins)
        times = sorted(logins.permitted.values())
        self.assertLess(times[len(times) * 95 // 100], 0.1)

    def test_its_disk_full_under_load(self):
        place = self.server.on_a_small_disk()
        self.addCleanup(self.server.on_the_usual_disk)
        ballast = os.path.join(place, "ballast")
        fill(ballast)
        with Logins() as logins:
            self.cached.process.wait_for_log("logins are not recorded yet")
            logins.wait_for(10)
            os.remove(ballast)
            logins.wait_for(10)
        self.assert_each_once(logins)

    def test_the_spools_disk_full_under_load(self):
        """A loud line, and logins go on."""
        self.cached.stop()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k,mode=0750,uid=61001,gid=61001",
                        "tmpfs", SPOOL_DIRECTORY], check=True)
        self.addCleanup(subprocess.run, ["umount", "--lazy", SPOOL_DIRECTORY], check=True)
        self.cached.start()
        ballast = os.path.join(SPOOL_DIRECTORY, "ballast")
        with Logins() as logins:
            logins.wait_for(10)
            self.server.execute("SET GLOBAL read_only = 1")
            self.addCleanup(self.server.execute, "SET GLOBAL read_only = 0")
            fill(ballast)
            self.cached.process.wait_for_log("are kept in memory only")
            logins.wait_for(50)
            os.remove(ballast)
            self.cached.process.wait_for_log("is written again")
            self.cached.kill_and_start()
            self.server.execute("SET GLOBAL read_only = 0")
        self.assert_each_once(logins)
        self.cached.stop()


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
        self.assert_each_once(logins)
        self.assert_spool_empties()

    def test_stopped_under_load(self):
        """SIGTERM: everything is in the table when it has gone."""
        with Logins() as logins:
            for _ in range(4):
                logins.wait_for(50)
                self.assertEqual(self.cached.stop(), 0)
                self.assertEqual(set(logins.permitted) - set(self.sessions()), set())
                self.cached.start()
        self.assert_each_once(logins)

    def test_stopped_while_nothing_can_be_written(self):
        """It leaves in time, and in order: the spool has them."""
        self.server.execute("SET GLOBAL read_only = 1")
        self.addCleanup(self.server.execute, "SET GLOBAL read_only = 0")
        with Logins() as logins:
            logins.wait_for(100)
            for _ in range(2):
                self.assertEqual(self.cached.stop(), 0)
                self.assertIn("stay in the spool until cached starts", self.cached.process.log())
                self.cached.start()
                logins.wait_for(50)
        self.assertEqual(self.sessions(), [])
        self.server.execute("SET GLOBAL read_only = 0")
        self.assert_each_once(logins)
