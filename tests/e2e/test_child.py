"""What a checkpass process holds and shows while it waits for an answer."""
# SPDX-License-Identifier: MIT
import glob
import os
import signal
import threading

import case
import clients
import secrets_used
from processes import until


def waiting_checkpass():
    """/proc/PID of a checkpass that has connected (its descriptor 5 is a socket), or None."""
    for directory in glob.glob("/proc/[0-9]*"):
        try:
            if os.readlink(directory + "/exe") == "/usr/lib/checkpass/checkpass" and \
                    os.readlink(directory + "/fd/5").startswith("socket:"):
                return directory
        except OSError:  # it has just ended, or is no user process
            continue
    return None


class Child(case.Site):
    """cached is frozen, so that the checkpass of one login can be looked at."""

    def setUp(self):
        super().setUp()
        self.cached.process.freeze()
        self.answer = []
        self.login = threading.Thread(
            target=lambda: self.answer.append(self.imap_login("alice", self.phone)))
        self.login.start()
        self.child = until(waiting_checkpass, "a checkpass process waits")

    def tearDown(self):
        self.cached.process.thaw()
        self.login.join(clients.SECONDS)
        self.assert_ok(self.answer[0])

    def read(self, name):
        with open(f"{self.child}/{name}", "rb") as content:
            return content.read()

    def test_a_waiting_checkpass_holds_nothing_of_dovecots(self):
        """Descriptors 0 to 4 and its connection: no listening socket, no other client's pipe."""
        self.assertEqual(sorted(os.listdir(self.child + "/fd"), key=int), list("012345"))

    def test_a_waiting_checkpass_shows_no_password(self):
        """Not in its arguments, nor in its environment."""
        self.assertEqual(secrets_used.found_in(self.read("cmdline")), [])
        self.assertEqual(secrets_used.found_in(self.read("environ")), [])

    def test_a_waiting_checkpass_cannot_dump_core(self):
        """Not dumpable: the kernel then gives its /proc files to root."""
        self.assertEqual(os.stat(self.child + "/environ").st_uid, 0)


class HangingChild(case.Site):
    def test_dovecot_restarts_while_a_checkpass_hangs(self):
        """No child holds Dovecot's listening sockets, so that the new one can have them."""
        self.cached.process.freeze()
        with clients.Imap() as imap:
            imap.send(f"a LOGIN alice {secrets_used.remember('hanging-password')}")
            child = until(waiting_checkpass, "a checkpass process waits")
            self.dovecot.process.send(signal.SIGTERM)
            self.dovecot.process.leaves()
        self.assertEqual(waiting_checkpass(), child, "the child outlives its Dovecot")
        self.start_dovecot(self.snippets, self.extra)
        self.cached.process.thaw()
        self.assert_ok(self.imap_login("alice", self.phone))
