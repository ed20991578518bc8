"""The third answer: when nobody can tell, the client is told "temporary", and never "wrong"."""
# SPDX-License-Identifier: MIT
import os
import shutil
import sqlite3
import threading

import case
import secrets_used
from cached import DATABASE
from processes import until

WRONG = secrets_used.remember("wrong-word-this-is")
PATIENT = """
passdb {
  driver = checkpassword
  args = /usr/lib/checkpass/checkpass --timeout 3
}
"""


class TryLater(case.Site):
    def assert_later(self, password):
        """IMAP and POP3 at the same time: each waits a while for cached to come back."""
        answers = {}
        pop3 = threading.Thread(
            target=lambda: answers.update(pop3=self.pop3_login("alice", password)))
        pop3.start()
        answers["imap"] = self.imap_login("alice", password)
        pop3.join()
        self.assertTrue(answers["imap"].startswith(case.LATER), answers)
        self.assertTrue(answers["pop3"].startswith(case.POP3_LATER), answers)

    def test_while_cached_is_down_clients_are_told_to_try_later(self):
        """Right and wrong passwords alike; and all is well when it is back."""
        self.cached.stop()
        self.assert_later(self.phone)
        self.assert_later(WRONG)
        self.cached.start()
        self.assert_reads_mail("alice", self.phone)
        self.assertEqual(self.imap_login("alice", WRONG), case.REFUSED)

    def test_a_database_replaced_by_garbage_is_try_later_until_it_is_whole_again(self):
        """Under the running daemon, which has to notice by itself, both times."""
        saved = self.moved_away()
        with open(DATABASE, "wb") as out:
            out.write(os.urandom(20000))
        self.assert_later(self.phone)
        self.assert_later(WRONG)
        self.assertEqual({line["result"] for line in self.cached.audit()}, {"later"})
        self.assertEqual({line.get("reason") for line in self.cached.audit()} & {None, "<>"}, set())
        self.put_back(saved)
        self.assert_reads_mail("alice", self.phone)
        self.assertEqual(self.imap_login("alice", WRONG), case.REFUSED)

    def test_a_database_overwritten_in_place_never_refuses_a_right_password(self):
        """SQLite may still have pages in memory; what it must not do is to say "wrong"."""
        self.cached.restart()
        saved = self.copied()
        for name in saved:
            with open(name, "r+b") as out:
                out.write(os.urandom(os.path.getsize(name)))
        answer = self.imap_login("alice", self.phone)
        self.assertTrue(answer.startswith(("OK", case.LATER)), answer)
        answer = self.imap_login("somebody-new", WRONG)
        self.assertTrue(answer.startswith(case.LATER), answer)

    def test_a_missing_database_is_try_later_and_is_not_made_anew(self):
        """An empty new one would turn every user into an unknown user."""
        saved = self.moved_away()
        self.assert_later(self.phone)
        self.assertFalse(os.path.exists(DATABASE))
        self.put_back(saved)
        self.assert_reads_mail("alice", self.phone)

    def test_a_restored_backup_takes_effect_under_the_running_daemon(self):
        """The file is another one: what was added since is gone, and nothing was restarted."""
        backup = sqlite3.connect(DATABASE + ".backup")
        with sqlite3.connect(DATABASE) as database:
            database.backup(backup)
        backup.close()
        database.close()
        shutil.chown(DATABASE + ".backup", "checkpass", "checkpass")
        later = self.cached.add_password("alice", "since the backup")
        self.assert_reads_mail("alice", later)
        self.moved_away()
        os.rename(DATABASE + ".backup", DATABASE)
        self.assert_reads_mail("alice", self.phone)
        self.assertEqual(self.imap_login("alice", later), case.REFUSED)

    def test_an_unreadable_database_is_try_later(self):
        """As after a restore by root, with the directory closed to cached's user."""
        os.chmod(os.path.dirname(DATABASE), 0)
        self.assert_later(self.phone)
        os.chmod(os.path.dirname(DATABASE), 0o750)
        self.assert_reads_mail("alice", self.phone)

    def test_a_missing_table_is_try_later(self):
        """W06: a database that is whole but not ours: no such table is not "no such user"."""
        self.cached.execute("ALTER TABLE app_passwords RENAME TO elsewhere")
        self.assert_later(self.phone)
        self.cached.execute("ALTER TABLE elsewhere RENAME TO app_passwords")
        self.assert_reads_mail("alice", self.phone)

    def test_a_frozen_cached_is_waited_for(self):
        """A pause shorter than checkpass's patience costs nobody anything."""
        self.cached.process.freeze()
        thaw = threading.Timer(2, self.cached.process.thaw)
        thaw.start()
        self.assert_reads_mail("alice", self.phone)
        thaw.join()

    def test_a_log_table_that_cannot_be_written_lets_logins_go_on(self):
        """Remembering a login is no part of judging it; the daemon's log says what is missing."""
        self.cached.execute("CREATE TRIGGER full BEFORE INSERT ON log"
                            " BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
        self.assert_reads_mail("alice", self.phone)
        self.cached.process.wait_for_log("the disk is full")
        self.assert_reads_mail("alice", self.phone)
        self.cached.execute("DROP TRIGGER full")
        until(lambda: self.cached.execute("SELECT count(*) FROM log") == [(2,)],
              "both logins are recorded")

    # Taking the database away and bringing it back, with SQLite's companions.

    FILES = [DATABASE, DATABASE + "-wal", DATABASE + "-shm"]

    def moved_away(self):
        saved = {name: name + ".saved" for name in self.FILES if os.path.exists(name)}
        for name, copy in saved.items():
            os.rename(name, copy)
        return saved

    def put_back(self, saved):
        for name in self.FILES:
            if os.path.exists(name):
                os.remove(name)
        for name, copy in saved.items():
            os.rename(copy, name)

    def copied(self):
        saved = {name: name + ".saved" for name in self.FILES if os.path.exists(name)}
        for name, copy in saved.items():
            shutil.copy(name, copy)
        return saved


class Patience(case.Site):
    snippets = ["userdb-prefetch.conf"]
    extra = PATIENT

    def test_a_cached_that_does_not_answer_in_time_is_try_later(self):
        """checkpass --timeout bounds the login, so that no client waits for a dead daemon."""
        self.cached.process.freeze()
        answer = self.imap_login("alice", self.phone)
        self.assertTrue(answer.startswith(case.LATER), answer)
        self.cached.process.thaw()
        self.assert_reads_mail("alice", self.phone)
