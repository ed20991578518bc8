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
SAMPLES = 5000
PART = 200000  # rows of one statement


class Purging:
    """A cached that is started anew for each measurement, on a table with old rows: it looks for them
    at once, or leaves them where they are."""

    def __init__(self, world):
        self.world = world
        self.mariadb = PrivateMariaDb(world)
        self.mariadb.query("GRANT DELETE ON checkpass.connection_log TO checkpass@localhost")
        self.daemon = Cached(world, mariadb=self.mariadb)
        self.config = self.daemon.config.read_text(encoding="ascii")
        self.daemon.must_refuse()
        self.purged, self.seconds = 0, 0.0
        self.line = auth_line(USER, self.daemon.password)
        self.fill()

    def fill(self):
        for first in range(1, ROWS + 1, PART):
            self.mariadb.query(
                "INSERT INTO connection_log (datetime, protocol, username, remote_ip, auth_ok, host, "
                "reason, first, last, number) SELECT now() - INTERVAL 100 DAY + INTERVAL (seq DIV 100) "
                "SECOND, 'imap', CONCAT('user', seq), '192.0.2.1', 0, 'mail1.example.com', "
                "'wrong password', utc_timestamp(3), utc_timestamp(3), seq "
                f"FROM seq_{first}_to_{first + PART - 1}")

    def start(self, days):
        self.world.stop(self.daemon.name)
        self.daemon.config.write_text(self.config.replace(
            "[audit]\n", f"[audit]\nconnection_log = yes\nconnection_log_days = {days}\n"))
        self.daemon.process = self.world.start(
            self.daemon.name, [self.world.program("cached"), "--config", self.daemon.config],
            self.daemon.socket)
        measure(self.daemon.client(1, 50, self.line, PERMIT))

    def removed(self):
        status = subprocess.run(
            [self.world.program("cachedctl"), "--config", self.daemon.config, "status"],
            check=True, capture_output=True, text=True, timeout=30).stdout
        return int(dict(line.split(" ") for line in status.splitlines())["connection_log_purged"])

    def logins(self, days):
        self.start(days)
        deadline = time.monotonic() + 30
        while (before := self.removed()) == 0 and days:
            if time.monotonic() > deadline:
                raise Failure("nothing is purged")
            time.sleep(0.1)
        began = time.monotonic()
        figures = measure(self.daemon.client(1, SAMPLES, self.line, PERMIT, PAUSE_US))
        more = self.removed() - before
        if bool(more) != bool(days):
            raise Failure(f"{more} rows were purged, connection_log_days is {days}")
        if days:
            self.purged += more
            self.seconds += time.monotonic() - began
        return figures


def bench_purge(world, _names, rounds):
    """p99 of logins on MariaDB while a million old rows go, against the same while they stay."""
    purging = Purging(world)
    compare(world, "purge", {"ours": lambda: purging.logins(92), "floor": lambda: purging.logins(0)},
            rounds, "p99_us", "us", ("at most", 1.2))
    rate = purging.purged / purging.seconds
    say(f"purge: {rate:.0f} rows/s, so that {ROWS} take {ROWS / rate:.0f} s")
