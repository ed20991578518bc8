"""What logins notice of it when a million old rows of connection_log are removed."""
# SPDX-License-Identifier: MIT
import subprocess
import time

from cached import PERMIT, Cached, auth_line
from harness import USER, Failure
from private_mariadb import PrivateMariaDb
from rounds import compare, measure, say

ROWS = 1000000
PAUSE_US = 2000  # about 400 logins/s
SAMPLES = 2000


class Purging:
    """A cached that is started anew for each round, since it then looks for old rows at once."""

    def __init__(self, world):
        self.world = world
        self.mariadb = PrivateMariaDb(world)
        self.mariadb.query("GRANT DELETE ON checkpass.connection_log TO checkpass@localhost")
        self.daemon = Cached(world, mariadb=self.mariadb,
                             options="[audit]\nconnection_log = yes\n")
        self.daemon.must_refuse()
        self.purged = 0
        self.seconds = 0.0
        self.line = auth_line(USER, self.daemon.password)
        self.logins = self.daemon.client(1, SAMPLES, self.line, PERMIT, PAUSE_US)

    def restart(self):
        self.world.stop(self.daemon.name)
        self.daemon.process = self.world.start(
            self.daemon.name, [self.world.program("cached"), "--config", self.daemon.config],
            self.daemon.socket)
        measure(self.daemon.client(1, 50, self.line, PERMIT))

    def figure(self, name):
        status = subprocess.run(
            [self.world.program("cachedctl"), "--config", self.daemon.config, "status"],
            check=True, capture_output=True, text=True, timeout=30).stdout
        return int(dict(line.split(" ") for line in status.splitlines())[name])

    def wait_for_purged(self, number):
        deadline = time.monotonic() + 300
        while (purged := self.figure("connection_log_purged")) < number:
            if time.monotonic() > deadline:
                raise Failure(f"only {purged} of {number} rows were purged")
            time.sleep(0.1)

    def while_purging(self, rows):
        self.mariadb.query(
            "INSERT INTO connection_log (datetime, protocol, username, remote_ip, auth_ok, host, "
            "reason, first, last, number) SELECT now() - INTERVAL 100 DAY, 'imap', "
            "CONCAT('user', seq), '192.0.2.1', 0, 'mail1.example.com', 'wrong password', "
            f"utc_timestamp(3), utc_timestamp(3), seq FROM seq_1_to_{rows}")
        self.restart()
        self.wait_for_purged(1)
        began = time.monotonic()
        figures = measure(self.logins)
        if self.figure("connection_log_purged") >= rows:
            raise Failure("all was purged before the logins were")
        self.wait_for_purged(rows)
        self.purged += rows
        self.seconds += time.monotonic() - began
        return figures

    def with_nothing_to_purge(self):
        self.restart()
        return measure(self.logins)


def bench_purge(world, _names, rounds):
    """p99 of logins on MariaDB while old rows go, against the same when there are none."""
    purging = Purging(world)
    rows = -(-ROWS // rounds)
    compare(world, "purge", {"ours": lambda: purging.while_purging(rows),
                             "floor": purging.with_nothing_to_purge}, rounds, "p99_us", "us",
            ("at most", 1.2))
    say(f"purge: {purging.purged} rows in all, {purging.purged / purging.seconds:.0f} rows/s")
