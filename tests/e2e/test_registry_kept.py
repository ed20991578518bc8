"""What registries said, kept across restarts in a file: [registry] cache, without a Redis."""
# SPDX-License-Identifier: MIT
import os
import signal
import time

import listed
import registry_site
from registry_site import ARIN_HOST, BT, NAMES, UNROUTED

FILE = "/var/lib/checkpass/registry.db"


class File(registry_site.Site):
    """[registry] cache, without a Redis."""

    registry = {"cache": FILE}

    def test_a_restart_asks_nobody(self):
        """C13: and each customer has its network, whoever was first."""
        for order in (list(NAMES), list(reversed(NAMES))):
            for ip in (*order, ARIN_HOST, UNROUTED):
                self.line(ip)
            self.fresh()
            for ip in reversed(order):
                self.assert_asks_nobody(self.assert_network, ip, NAMES[ip])
            line = self.assert_asks_nobody(self.line, ARIN_HOST)
            self.assert_line(line, asn="AS23028/AS701", as_desc="<TEAMCYMRU, US>", net_cc="None")
            self.assert_asks_nobody(self.line, UNROUTED)
            self.assertEqual(listed.control("cache", "flush", "all")[0], 0)
        self.fresh()
        self.assert_network(BT, "BT-CORPORATE")
        self.assertEqual(self.rdap.asked(BT), 3)

    def test_a_crash_loses_no_more_than_the_last_answers(self):
        """kill -9."""
        self.line(BT)
        time.sleep(1.5)
        self.cached.restart(signal.SIGKILL)
        self.assert_asks_nobody(self.assert_network, BT, "BT-CORPORATE")

    def test_K22_a_file_that_is_broken_is_begun_anew(self):
        """Garbage, cut, empty, another database: cached starts, says so, and logins go on."""
        self.line(BT)
        self.cached.stop()
        with open(FILE, "rb") as file:
            whole = file.read()
        for name, content in {"garbage": os.urandom(20000), "cut": whole[:len(whole) // 2],
                              "empty": b"", "spoiled": whole[:4096] + b"\xff" * 8192}.items():
            with self.subTest(name):
                for file in (FILE, FILE + "-wal", FILE + "-shm"):
                    if os.path.exists(file):
                        os.remove(file)
                with open(FILE, "wb") as file:
                    file.write(content)
                os.chown(FILE, 61001, 61001)
                self.cached.start()
                self.assert_network(BT, "BT-CORPORATE")
                self.cached.stop()

    def test_a_file_that_cannot_be_written_costs_nothing_but_questions(self):
        """A directory that is not there, or where cached may not write."""
        for place in ("/var/lib/nowhere/registry.db", "/proc/registry.db"):
            self.fresh(registry={"cache": place})
            self.assert_network(BT, "BT-CORPORATE")
        self.assertIn("registry", self.cached.process.log())
