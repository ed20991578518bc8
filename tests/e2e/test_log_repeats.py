"""Equal uses of an app password are one row of the log table, on one host and on two."""
# SPDX-License-Identifier: MIT
import os
import socket

import cached as cached_module
import clients
import private_redis
import world
from mariadb_site import SHOWN, MariaDbSite
from processes import Process, until

OTHER = "/run/checkpass/other.sock"


class Repeats(MariaDbSite):
    snippets = []
    sections = {"audit": {"log_bucket": "60s"},
                "auth": {"disallow_passwords_from": "192.0.2.0/24"}}

    def come_from(self, address, answer="permit", service="imap"):
        with clients.Wire() as wire:
            got = wire.ask("request=auth", "user=alice", f"password={SHOWN}", f"service={service}",
                           f"rip={address}")
        self.assertIn(b"answer=" + answer.encode(), got)

    def test_C06_equal_uses_are_one_row_also_of_alternating_clients(self):
        """Another address, service or outcome is another row."""
        for _ in range(10):
            self.come_from("198.51.100.1")
            self.come_from("198.51.100.2")
            self.come_from("198.51.100.1", service="pop3")
            self.come_from("192.0.2.9", "deny")
        self.come_from("198.51.100.3")
        until(lambda: "198.51.100.3" in [row[2] for row in self.log_rows()], "the last one is there")
        self.assertEqual(self.log_rows(), [
            (self.row, "imap", "198.51.100.1"), (self.row, "imap", "198.51.100.2"),
            (self.row, "pop3", "198.51.100.1"), (self.row, "imap", "192.0.2.9"),
            (self.row, "imap", "198.51.100.3")])


class RepeatsOnTwoHosts(Repeats):
    """Two cached with one MariaDB and one Redis; all tests of one hold."""

    @property
    def settings(self):
        return {**super().settings, "redis": {"server": private_redis.server("first").host,
                                              "password": private_redis.PASSWORD}}

    def setUp(self):
        private_redis.server("first").reset()
        super().setUp()
        self.other = None

    def start_other(self):
        with open(cached_module.CONFIG) as config:
            text = config.read()
        text = text.replace("[server]\n", f"[server]\nsocket = {OTHER}\ncontrol =\n")
        text = text.replace("[audit]\n", "[audit]\nspool = /var/lib/checkpass/other.db\n"
                            "spool_buffer = /run/checkpass/other.buffer\n")
        path = os.path.join(world.make_dir("/etc/checkpass"), "other.conf")
        with open(path, "w") as out:
            out.write(text)
        self.other = self.watch(Process("other", [cached_module.PROGRAM, "--config", path]))
        self.other.start()
        until(lambda: self._takes(OTHER), "the other cached answers")

    @staticmethod
    def _takes(path):
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(path) == 0

    def ask_other(self, address):
        with socket.socket(socket.AF_UNIX) as other:
            other.settimeout(clients.SECONDS)
            other.connect(OTHER)
            other.sendall(clients.login_request("alice", SHOWN, f"rip={address}"))
            self.assertIn(b"answer=permit", other.recv(4096))

    def test_C06_two_hosts_count_as_one_and_alone_when_redis_is_away(self):
        self.start_other()
        redis = private_redis.server("first")
        until(lambda: redis.connections() >= 2, "both are connected to Redis")
        for _ in range(10):
            self.come_from("198.51.100.1")
            self.ask_other("198.51.100.1")
        self.come_from("198.51.100.2")
        self.ask_other("198.51.100.3")
        self.log_rows(3)
        redis.stop()
        for _ in range(3):
            self.come_from("198.51.100.4")
            self.ask_other("198.51.100.4")
        self.log_rows(5)
        self.assertEqual(sorted(row[2] for row in self.log_rows()),
                         ["198.51.100.1", "198.51.100.2", "198.51.100.3",
                          "198.51.100.4", "198.51.100.4"])
