"""What passwords and names may be made of, and how their hashes may be spelt."""
# SPDX-License-Identifier: MIT
import subprocess

import case
import clients
import world

WORD = "a-correct-word"  # what the hashes below are made of

UNUSUAL = {  # a name for the failure message: a password
    "spaces": "  two words and  more ",
    "quotes": "it's \"quoted\" `so` to say",
    "backslashes": "back\\slash \\\\ \\n \\0 end\\",
    "percent and dollar": "%u %w $HOME ${x} $(id) %%",
    "wire characters": "a=b;answer=permit|text=x",
    "UTF-8": "pässwörd-密码-🔑",
    "invalid UTF-8": b"latin1-p\xe4ssw\xf6rd-\xff\xfe",
    "control bytes": b"bytes-\x02\x03\x1b\x7f-end",
    "hash-like": "{SHA512-CRYPT}$6$not-a-hash",
}

CRYPT_SETTINGS = {"SHA512-CRYPT": "$6$rounds=1000$saltsalt",
                  "SHA256-CRYPT": "$5$rounds=1000$saltsalt",
                  "BLF-CRYPT": "$2y$04$abcdefghijklmnopqrstuu"}


# Listed by doveadm pw, but what it makes is not what it verifies: the reason, and what is verified.
NOT_MADE = {"PLAIN-TRUNC": ("doveadm pw leaves the length out, without which Dovecot itself calls "
                            "the hash invalid", "{PLAIN-TRUNC}%d-%s" % (len(WORD), WORD))}
ENCODINGS = ("", ".hex", ".b64", ".base64")
# Argon2 at the cost it has by default, but for the passes.
ROUNDS = {"ARGON2I": ["-r", "3"], "ARGON2ID": ["-r", "3"]}


def doveadm_pw(*arguments):
    """What doveadm pw does without a Dovecot: (exit status, what it printed)."""
    done = subprocess.run(["doveadm", "pw", *arguments],
                          capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout.strip()


class UnusualPasswords(case.Site):
    def furnish(self):
        super().furnish()
        for password in UNUSUAL.values():
            self.cached.insert_password("alice", password)

    def test_passwords_of_unusual_bytes_log_in_over_imap(self):
        """Spaces, quotes, UTF-8, bytes that are not, controls: LOGIN and AUTHENTICATE PLAIN."""
        for name, password in UNUSUAL.items():
            self.assertTrue(self.imap_login("alice", password).startswith("OK"), name)
            with clients.Imap() as imap:
                self.assertTrue(imap.authenticate_plain("alice", password).startswith("OK"), name)

    def test_a_changed_byte_of_an_unusual_password_is_refused(self):
        """The whole password counts: not a prefix, not up to an odd byte."""
        for name in ("spaces", "backslashes", "wire characters", "UTF-8"):
            self.assertEqual(self.imap_login("alice", UNUSUAL[name][:-1]), case.REFUSED, name)
        self.assertEqual(self.imap_login("alice", UNUSUAL["control bytes"][:-5]), case.REFUSED)

    def test_quotes_and_backslashes_log_in_as_quoted_strings_and_over_pop3(self):
        """The spelling that most mail programs send."""
        for name in ("quotes", "backslashes", "spaces"):
            with clients.Imap() as imap:
                self.assertTrue(imap.login_quoted("alice", UNUSUAL[name]).startswith("OK"), name)
            self.assertTrue(self.pop3_login("alice", UNUSUAL[name]).startswith("+OK"), name)

    def test_a_tab_in_a_password_is_refused_and_disturbs_nothing(self):
        """Dovecot itself refuses TAB, CR and LF; the next login is as good as ever."""
        with clients.Imap() as imap:
            answer = imap.authenticate_plain("alice", b"secret\tanswer=permit")
        self.assertTrue(answer.startswith("NO"), answer)
        self.assert_ok(self.imap_login("alice", self.phone))

    def test_a_password_may_be_as_long_as_the_interface_allows(self):
        """User, password and three NULs fill the 512 bytes; Dovecot turns away one byte more."""
        longest = "p" * (512 - 3 - len("alice"))
        self.cached.insert_password("alice", longest)
        self.cached.insert_password("alice", longest + "p")
        self.assert_ok(self.imap_login("alice", longest))
        self.assertTrue(self.imap_login("alice", longest + "p").startswith("NO"))
        self.assertEqual(self.imap_login("alice", longest[:-1]), case.REFUSED)
        self.assertEqual(len(self.cached.audit()), 2, "the longer one never reached cached")

    def test_a_name_may_be_as_long_as_the_interface_allows(self):
        """The same for a long name with a short password."""
        password = self.cached.insert_password("x", "short-word") and "short-word"
        user = "u" * (512 - 3 - len(password) - len("@example.org")) + "@example.org"
        self.cached.insert_password(user, password)
        code, output = self.dovecot.doveadm("auth", "test", user, password)
        self.assertEqual(code, 0, output)
        self.assert_audit(1, user=f"<{user}>", result="permit")
        code, output = self.dovecot.doveadm("auth", "test", "u" + user, password)
        self.assertNotEqual(code, 0, output)


class HashSchemes(case.Site):
    def assert_only_right_logs_in(self, user, name):
        self.assertTrue(self.imap_login(user, WORD).startswith("OK"), f"{name}: right")
        self.assertEqual(self.imap_login(user, WORD + "x"), case.REFUSED, f"{name}: wrong")

    def test_crypt_hashes_log_in_with_and_without_their_scheme(self):
        """$6$, $5$ and $2y$, bare, with their scheme's name and as {CRYPT}."""
        for number, (scheme, setting) in enumerate(CRYPT_SETTINGS.items()):
            stored = world.crypt(WORD.encode(), setting)
            for kind, text in enumerate((stored, "{%s}%s" % (scheme, stored), "{CRYPT}" + stored)):
                user = f"crypt{number}-{kind}"
                self.cached.insert_hash(user, text)
                self.assertTrue(self.imap_login(user, WORD).startswith("OK"), text[:25])
            self.assertEqual(self.imap_login(user, WORD + "x"), case.REFUSED)

    def test_yescrypt_hashes_log_in(self):
        """$y$, Debian's own default."""
        self.cached.insert_hash("yescrypt", world.crypt(WORD.encode(), "$y$j75$saltsaltsaltsalt"))
        self.assert_only_right_logs_in("yescrypt", "yescrypt")

    def test_a_password_in_the_clear_is_refused_unless_allowed(self):
        """The row is named in the log."""
        number = self.cached.insert_hash("clear", "{PLAIN}" + WORD)
        with clients.Wire() as wire:
            wire.send(clients.login_request("clear", WORD))
            self.assertIn(b"answer=later", wire.receive())
        self.cached.process.wait_for_log(f"app password {number}: refused")

    def test_a_hash_that_costs_too_much_is_refused_and_its_row_is_named(self):
        """A row may not eat the machine: try later for its user, the row's id in the log."""
        number = self.cached.insert_hash("costly", "$argon2id$v=19$m=4000000,t=3,p=1$c2FsdHNhbHQ$"
                                         "6Zx9b1pVbqRkzPUu8iGWWKDLmvkFVkOqmj8xq6hFMcw")
        answer = self.imap_login("costly", WORD)
        self.assertTrue(answer.startswith(case.LATER), answer)
        self.cached.process.wait_for_log(f"app password {number}")
        self.assert_audit(1, user="<costly>", result="later")

    def test_an_unreadable_row_does_not_stop_the_rows_after_it(self):
        """Right logs in and wrong is refused, as if the bad row were not there."""
        for garbage in ("", "no hash at all", "{MD5}abc", "$6$", "{ARGON2ID}$argon2id$v=19$m=64"):
            number = self.cached.insert_hash("alice", garbage)
        self.assert_ok(self.imap_login("alice", self.phone))
        self.assertEqual(self.imap_login("alice", WORD), case.REFUSED)
        self.cached.process.wait_for_log(f"app password {number}")


class DovecotSchemes(case.Site):
    """doveadm pw is the oracle. No Dovecot runs."""

    snippets = []
    settings = {"hash": {"allow_plain": "yes"}}

    def answer(self, user, password):
        with clients.Wire() as wire:
            wire.send(clients.login_request(user, password))
            return wire.receive()

    def assert_only_right_is_permitted(self, user, stored):
        self.cached.insert_hash(user, stored)
        name = stored[:stored.index("}") + 1]
        self.assertIn(b"answer=permit", self.answer(user, WORD), f"{name}: right")
        # Wrong within the 8 bytes that DES looks at, too.
        for wrong in ("x" + WORD, WORD[:7], WORD.upper()):
            self.assertIn(b"answer=deny", self.answer(user, wrong), f"{name}: {wrong}")

    def schemes(self):
        code, listed = doveadm_pw("-l")
        self.assertEqual(code, 0)
        self.assertGreater(len(listed.split()), 30, listed)
        return listed.split()

    def test_every_scheme_of_doveadm_pw_is_verified_in_every_encoding(self):
        """The list is Dovecot's own: a scheme that is new in it fails by its name."""
        failed = []
        for scheme in self.schemes():
            if scheme in NOT_MADE:
                continue
            for encoding in ENCODINGS:
                user = f"{scheme.lower()}{encoding}@example.org"
                code, stored = doveadm_pw("-s", scheme + encoding, *ROUNDS.get(scheme, []),
                                          "-p", WORD, "-u", user)
                self.assertEqual(code, 0, scheme)
                try:
                    self.assert_only_right_is_permitted(user, stored)
                except AssertionError as error:
                    failed.append(f"{scheme + encoding}: {error}")
        self.assertEqual(failed, [])

    def test_schemes_that_doveadm_pw_cannot_make_are_verified_as_it_verifies_them(self):
        """Each is in the list for a reason that is still true."""
        for scheme, (reason, stored) in NOT_MADE.items():
            self.assertIn(scheme, self.schemes())
            made = doveadm_pw("-s", scheme, "-p", WORD)[1]
            self.assertNotEqual(doveadm_pw("-t", made, "-p", WORD)[0], 0, f"no more: {reason}")
            self.assertEqual(doveadm_pw("-t", stored, "-p", WORD)[0], 0, stored)
            self.assert_only_right_is_permitted(scheme.lower(), stored)

    def test_a_digest_of_the_name_is_nobody_elses(self):
        """{DIGEST-MD5} is of the name that logs in."""
        stored = doveadm_pw("-s", "DIGEST-MD5", "-p", WORD, "-u", "alice@example.org")[1]
        self.cached.insert_hash("alice@example.org", stored)
        self.cached.insert_hash("bob@example.org", stored)
        self.assertIn(b"answer=permit", self.answer("alice@example.org", WORD))
        self.assertIn(b"answer=deny", self.answer("bob@example.org", WORD))
