"""On MariaDB: nobody gets in as someone else, and no row or request upsets anything. Names that no
Dovecot would let through are sent on cached's own socket."""
# SPDX-License-Identifier: MIT
import mariadb
import secrets_used
from mariadb_site import SHOWN, MariaDbSite

WRONG = secrets_used.remember("wrong-word-this-is")

# Equal or like `alice` to some collation, some pattern or some shell: never to us.
NOT_ALICE = [
    "%", "_____", "al_ce", "%lice", "a%", "alice%", "*", "ali*", "?lice", "(?i)alice", "^alice$",
    "álice", "alıce", "ａｌｉｃｅ", "𝐚lice", "ali\u200bce", "\ufeffalice", "alice\u00ad",
    "alice ", " alice", "alice\t", "alice\n", "alice\r\n", "alice\x00", "alice\x00x", "\x00alice",
    "alice' OR '1'='1", "alice'--", "alice\\", "alice'#", 'alice" OR ""="', "alice/**/",
    "'; DELETE FROM app_passwords; --", "\\75lice", "al\\69ce", "alice@example.org", "alice,bob",
    b"alice\xff", b"\xc1\xa1lice", b"al\xefice", b"alice\xc2", "", "a", "alic", "alicea",
    "alice" + 250 * " ", "alice" + 250 * "x", 255 * "a", 256 * "ü", 257 * "a", 4000 * "é",
]


class MySqlNames(MariaDbSite):
    snippets = []

    def test_A02_D01_an_underscore_in_a_name_is_no_wildcard(self):
        """al_ice with alxice's app password is refused, and so the other way about."""
        self.insert("alxice", "the-one-of-alxice")
        self.assert_denied("al_ice", "the-one-of-alxice", "unknown user")
        self.insert("al_ice", "the-one-of-al_ice")
        self.assert_denied("al_ice", "the-one-of-alxice", "wrong password")
        self.assert_denied("alxice", "the-one-of-al_ice", "wrong password")
        self.assert_permitted("al_ice", "the-one-of-al_ice")
        self.assert_permitted("alxice", "the-one-of-alxice")
        self.assertEqual(len(self.log_rows(2)), 2)

    def test_A03_a_percent_sign_is_a_name_like_any_other(self):
        """Unknown, until there is a user of that name, who is nobody else."""
        self.assert_denied("%", SHOWN, "unknown user")
        self.insert("%", "the-one-of-percent")
        self.assert_permitted("%", "the-one-of-percent")
        self.assert_denied("%", SHOWN, "wrong password")
        self.assert_denied("alice", "the-one-of-percent", "wrong password")

    def test_A04_names_made_to_break_a_query_are_unknown_users(self):
        """Wildcards, quotes, accents, blanks, NUL, bytes that are no text, names of 255 and more:
        each is refused as unknown, none is "try later", and alice logs in as ever."""
        for collation in ("utf8mb4_general_ci", "utf8mb4_unicode_520_ci"):
            self.assert_nobody_is_alice(collation)
        self.assertEqual(len(self.log_rows(2)), 2)

    def test_A04_in_tables_of_latin1_a_name_they_cannot_hold_is_an_unknown_user(self):
        """As CREATE DATABASE makes them on an old server; the comparison itself fails there."""
        self.assert_nobody_is_alice("latin1_swedish_ci")

    def assert_nobody_is_alice(self, collation):
        self.collate(collation)
        for name in NOT_ALICE:
            self.assert_denied(name, SHOWN, "unknown user")
        self.assert_permitted("alice", SHOWN)

    def collate(self, collation):
        self.server.execute("ALTER TABLE app_passwords CONVERT TO CHARACTER SET "
                            f"{collation.split('_')[0]} COLLATE {collation}")
        if collation != "utf8mb4_general_ci":
            self.addCleanup(self.collate, "utf8mb4_general_ci")

    def test_names_of_other_scripts_log_in_as_themselves(self):
        """And with the password of one that the collation takes for the same they do not."""
        self.insert("álice", "the-one-with-accent")
        self.insert("密码-🔑", "the-one-of-kanji")
        self.insert("straße", "the-one-with-sharp-s")
        self.assert_permitted("álice", "the-one-with-accent")
        self.assert_permitted("密码-🔑", "the-one-of-kanji")
        self.assert_permitted("alice", SHOWN)
        self.assert_denied("álice", SHOWN, "wrong password")
        self.assert_denied("alice", "the-one-with-accent", "wrong password")
        self.assert_denied("密码-🔐", "the-one-of-kanji", "unknown user")
        self.assert_denied("strase", "the-one-with-sharp-s", "unknown user")

    def test_case_of_ascii_letters_is_as_the_collation_says(self):
        """Without regard to it with _ci, exactly with _bin."""
        self.assert_permitted("ALICE", SHOWN)
        self.insert("äbc", "the-one-with-umlaut")
        self.assert_denied("ÄBC", "the-one-with-umlaut", "unknown user")
        self.collate("utf8mb4_bin")
        self.assert_denied("ALICE", SHOWN, "unknown user")
        self.assert_permitted("alice", SHOWN)

    def test_a_name_of_256_characters_logs_in_and_one_more_is_another(self):
        """As many as the column holds."""
        name = 256 * "n"
        self.insert(name, "the-one-of-long-name")
        self.assert_permitted(name, "the-one-of-long-name")
        self.assert_denied(name[:-1], "the-one-of-long-name", "unknown user")
        self.assert_denied(name + "n", "the-one-of-long-name", "unknown user")


class MySqlRows(MariaDbSite):
    snippets = []

    def test_A07_an_unreadable_row_before_the_good_one_changes_nothing(self):
        """Whatever it is made of: right is let in, wrong is refused, the log names the row."""
        rows = [self.server.insert_hash("alice", garbage) for garbage in (
            "", "{CRYPT}", "{", "\x01\x02", "x" * 256, "ü" * 256, "{NONE}x", "$argon2id$v=19$m=64",
            "$6$rounds=999999999$salt$x", "{CRYPT}$2y$..")]
        self.assert_permitted("alice", SHOWN)
        self.assert_denied("alice", WRONG, "wrong password")
        self.cached.process.wait_for_log(f"app password {rows[-1]}: ")

    def test_D14_every_spelling_of_a_crypt_hash_logs_in(self):
        """{SHA512-CRYPT}$6$, bare $6$, {crypt}$6$, {CRYPT}$6$."""
        for number, scheme in enumerate(("{SHA512-CRYPT}", "", "{crypt}", "{CRYPT}")):
            bare = mariadb.crypt_of(f"the-word-number-{number}").removeprefix("{CRYPT}")
            self.server.insert_hash("bob", scheme + bare)
        for number in range(4):
            self.assert_permitted("bob", f"the-word-number-{number}")
        self.assert_denied("bob", WRONG, "wrong password")

    def test_odd_columns_of_a_row_do_not_keep_its_password_from_logging_in(self):
        """No comment, an empty one, one of 60 kB with line ends; made in the year 1000 or 9999."""
        for number, comment in enumerate((None, "", "line\nend\ttab <>,=" * 3500, "🔑\u202e")):
            row = self.insert("alice", f"the-word-number-{number}", comment)
            self.server.execute("UPDATE app_passwords SET created = %s WHERE id = %s",
                                ("1000-01-01", "9999-12-31")[number % 2], row)
            line = self.assert_permitted("alice", f"the-word-number-{number}")
            self.assertEqual(line["pwid"], str(row))
        self.assertEqual(len(self.cached.audit()), 4, "no comment makes two lines of one")

    def test_a_user_with_many_passwords_logs_in_with_each(self):
        """80 of them, the half of them deleted."""
        for number in range(80):
            self.insert("alice", f"the-word-number-{number}")
        self.server.execute("UPDATE app_passwords SET deleted = UTC_TIMESTAMP(3)"
                            " WHERE id > %s AND id %% 2 = 0", self.row)
        for number in (0, 1, 40, 41, 78, 79):
            deleted = (self.row + 1 + number) % 2 == 0
            answer = self.ask("alice", f"the-word-number-{number}")
            self.assertEqual(answer, "deny" if deleted else "permit", number)

    def test_A08_a_password_of_any_bytes_is_wrong_and_nothing_else(self):
        """With NUL, of 5000 bytes, what is and is not Base64, no text at all."""
        for password in (b"\0", SHOWN.encode() + b"\0", b"\0" + SHOWN.encode(), 5000 * b"x",
                         SHOWN.encode() + 5000 * b"x", b"!!YWJj**", b"YWJjZC1lZmdoLWlqa2wtbW5vcA==",
                         bytes(range(2, 256)), b"\xff\xfe", b" ", b""):
            self.assert_denied("alice", password, "wrong password")
        self.assert_permitted("alice", SHOWN)

    def test_A09_an_address_that_is_none_decides_nothing(self):
        """Empty, a name, garbage, with a blank, none: right is let in and wrong refused alike."""
        for address in ("rip=", "rip=localhost", "rip=1.2.3.4 ", "rip=garbage", "rip=1.2.3",
                        "rip=::ffff:1.2.3.4.5", "rip=1.2.3.4/33", "rip=%s", "rip=" + 300 * "9",
                        b"rip=\xff\xfe", b"rip=\xf0\x9f\x94\x91", b"rip=\x010", "rip=fe80::1%eth0",
                        "x="):
            self.assert_permitted("alice", SHOWN, address)
            self.assert_denied("alice", WRONG, "wrong password", address)
        self.assertEqual(len(self.log_rows(14)), 14)

    def test_a_service_of_any_length_and_bytes_is_recorded(self):
        """The column holds 255 characters; what does not fit is no reason to lose the row."""
        for service in (255 * "s", 256 * "s", 3000 * "ü", "im\tap", ""):
            self.assert_permitted("alice", SHOWN, service=service.replace("\t", "\x01t"))
        rows = self.log_rows(5)
        self.assertEqual([row[1] and len(row[1]) for row in rows[:2]], [255, 255])
        self.assertEqual(len(rows), 5)
