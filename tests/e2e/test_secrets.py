"""Runs last: no password of any test is in any log of any test."""
# SPDX-License-Identifier: MIT
import os
import unittest

import secrets_used
import world


class Secrets(unittest.TestCase):
    def test_no_password_of_the_whole_run_occurs_in_any_log(self):
        """Right ones, wrong ones, plain or in Base64: in none of cached, Dovecot, Postfix, Exim."""
        found, files = [], 0
        for directory, _, names in os.walk(world.path("kept")):
            for name in names:
                files += 1
                with open(os.path.join(directory, name), "rb") as log:
                    secrets = secrets_used.found_in(log.read())
                found += [f"{os.path.relpath(log.name, world.path('kept'))}: {secret}"
                          for secret in secrets]
        self.assertEqual(found, [])
        self.assertTrue(files and secrets_used.count(), "there was nothing to look at")
