"""cachedctl password: what it prints, stores and refuses."""
# SPDX-License-Identifier: MIT
import os
import subprocess

import case
import clients
from cached import CONTROL, DATABASE


class Cachedctl(case.Site):
    snippets = []

    def test_a_revoked_app_password_stays_in_the_list(self):
        """With the time it was revoked, so that its later use can be explained."""
        self.cached.revoke("alice")
        phone, laptop = self.cached.rows("alice")
        self.assertEqual(phone["deleted"], "-")
        self.assertRegex(laptop["deleted"], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
        self.assertEqual((phone["comment"], laptop["comment"]), ("phone", "laptop"))

    def test_app_passwords_are_stored_as_argon2id(self):
        """With the cost that [hash] says, and never as themselves."""
        for (stored,) in self.cached.execute("SELECT password FROM app_passwords"):
            self.assertRegex(stored, r"^(\{ARGON2ID\})?\$argon2id\$v=19\$m=64,t=1,p=1\$")

    def test_every_app_password_is_another(self):
        """Ten are ten different ones."""
        self.assertEqual(len({self.cached.add_password("nora") for _ in range(10)}), 10)

    def test_revoking_what_is_not_there_fails(self):
        """Exit status and message, so that a script notices."""
        done = subprocess.run([CONTROL, "password", "revoke", "4711"],
                              capture_output=True, text=True, timeout=30)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("4711", done.stdout + done.stderr)

    def test_cachedctl_works_while_cached_is_down(self):
        """The database is there, and that is all it needs."""
        self.cached.stop()
        password = self.cached.add_password("nora")
        self.cached.start()
        with clients.Wire() as wire:
            wire.send(clients.login_request("nora", password))
            self.assertIn(b"answer=permit", wire.receive())

    def test_cachedctl_does_not_make_a_database(self):
        """An empty one in place of a missing one would turn try later into unknown user."""
        os.rename(DATABASE, DATABASE + ".away")
        done = subprocess.run([CONTROL, "password", "list", "alice"],
                              capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 1)
        self.assertIn(DATABASE, done.stderr)
        self.assertFalse(os.path.exists(DATABASE))
        with clients.Wire() as wire:
            wire.send(clients.login_request("alice", self.phone))
            self.assertIn(b"answer=later", wire.receive())
