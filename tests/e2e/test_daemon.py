"""cached as a service: configuration, reload, and what it refuses to run with."""
# SPDX-License-Identifier: MIT
import os
import signal
import subprocess

import case
import clients
import world
from cached import CONFIG, DATABASE, PROGRAM, SOCKET
from processes import Process

BROKEN = """[server]
sokcet = /run/checkpass/cached.sock
[limits]
connections = many
idle_time = 5 fortnights
[nowhere]
x = 1
this is no line
[hash]
argon2_passes = 0
"""
BROKEN_LINES = (2, 4, 5, 6, 8, 10)


class Configuration(case.Site):
    snippets = []

    def assert_answers(self, home):
        with clients.Wire() as wire:
            self.assertIn(f"userdb_home={home}".encode(), wire.ask("request=lookup", "user=alice"))

    def test_check_accepts_a_good_configuration(self):
        """`cached --check`: exit status 0."""
        code, output = self.cached.check()
        self.assertEqual(code, 0, output)

    def test_check_tells_every_error_with_its_file_and_line(self):
        """In one pass, so that an admin mends them in one go."""
        broken = world.path("broken.conf")
        with open(broken, "w") as out:
            out.write(BROKEN)
        code, output = self.cached.check(broken)
        self.assertNotEqual(code, 0)
        for line in BROKEN_LINES:
            self.assertIn(f"{broken}:{line}: ", output)

    def test_check_refuses_a_configuration_that_is_not_there(self):
        """A named file that is missing is an error; only the default one may be missing."""
        code, output = self.cached.check("/etc/checkpass/none.conf")
        self.assertNotEqual(code, 0)
        self.assertIn("/etc/checkpass/none.conf", output)

    def test_a_reload_takes_over_a_good_configuration(self):
        """SIGHUP, and the next answer follows the new file."""
        self.assert_answers("/var/mail-homes/alice")
        self.cached.configure(userdb={"home": "/srv/%u"})
        self.cached.reload()
        self.cached.process.wait_for_log("reloaded")
        self.assert_answers("/srv/alice")

    def test_a_reload_of_a_broken_configuration_keeps_the_old_one(self):
        """The log tells what is wrong and where, and logins go on as before."""
        self.cached.write_config(BROKEN)
        self.cached.reload()
        self.cached.process.wait_for_log("not reloaded")
        for line in BROKEN_LINES:
            self.assertIn(f"{CONFIG}:{line}: ", self.cached.process.log())
        self.assert_answers("/var/mail-homes/alice")

    def test_a_reload_under_a_stream_of_requests_loses_none(self):
        """50 reloads while one connection asks 500 questions."""
        with clients.Wire() as wire:
            for number in range(500):
                if number % 10 == 0:
                    self.cached.reload()
                answer = wire.ask("request=lookup", "user=alice")
                self.assertTrue(answer.startswith(b"checkpass/1\tanswer=permit"), answer)

    def test_an_option_that_needs_a_restart_is_named_at_reload(self):
        """The admin is told that it did not take effect."""
        self.cached.configure(server={"socket": "/run/checkpass/other.sock"})
        self.cached.reload()
        self.cached.process.wait_for_log("[server] socket")
        self.assert_answers("/var/mail-homes/alice")

    def test_without_a_configuration_file_the_defaults_do(self):
        """SQLite in its state directory, the default socket, the user checkpass."""
        self.cached.stop()
        os.remove(CONFIG)
        self.cached.start()
        with clients.Wire() as wire:
            self.assertIn(b"permit", wire.ask("request=lookup", "user=alice"))

    def test_cached_runs_as_its_own_user(self):
        """Started by root it becomes checkpass, with no privileges left to get back."""
        with open(f"/proc/{self.cached.process.pid}/status") as status:
            facts = dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)
        self.assertEqual(set(facts["Uid"].split()), {str(world.USERS["checkpass"])})
        self.assertEqual(set(facts["Gid"].split()), {str(world.USERS["checkpass"])})
        self.assertEqual(int(facts["CapEff"], 16) | int(facts["CapPrm"], 16), 0)
        self.assertNotIn("0", facts["Groups"].split())


class Refusals(case.Site):
    snippets = []

    def setUp(self):
        super().setUp()
        self.cached.stop()

    def assert_refuses_to_start(self, path):
        """cached leaves by itself with an error that names the path."""
        self.cached.process.start()
        status = self.cached.process.leaves()
        self.assertNotEqual(status, 0)
        self.assertIn(path, self.cached.process.log())
        self.assertIn("everybody can write", self.cached.process.log())

    def test_a_world_writable_configuration_is_refused(self):
        """Whoever writes it decides who may log in."""
        os.chmod(CONFIG, 0o666)
        self.assert_refuses_to_start(CONFIG)

    def test_a_world_writable_socket_directory_is_refused(self):
        """Anybody could put a socket of his own there and collect passwords."""
        os.chmod(os.path.dirname(SOCKET), 0o777)
        self.assert_refuses_to_start(os.path.dirname(SOCKET))

    def test_a_world_writable_database_is_refused(self):
        """Anybody could add an app password."""
        os.chmod(DATABASE, 0o666)
        self.assert_refuses_to_start(DATABASE)

    def test_a_world_writable_database_directory_is_refused(self):
        """Anybody could put another database there."""
        os.chmod(os.path.dirname(DATABASE), 0o777)
        self.assert_refuses_to_start(os.path.dirname(DATABASE))

    def test_a_second_cached_does_not_take_over_the_socket_of_the_first(self):
        """It leaves with an error, and the first goes on answering."""
        self.cached.start()
        second = self.watch(Process("second", [PROGRAM])).start()
        self.assertNotEqual(second.leaves(), 0)
        self.assertIn(SOCKET, second.log())
        with clients.Wire() as wire:
            self.assertIn(b"permit", wire.ask("request=lookup", "user=alice"))

    def test_a_socket_left_behind_by_a_crash_is_replaced(self):
        """kill -9 leaves the file; the next start is not hindered by it."""
        self.cached.start()
        self.cached.stop(signal.SIGKILL)
        self.assertTrue(os.path.exists(SOCKET))
        self.cached.start()
        with clients.Wire() as wire:
            self.assertIn(b"permit", wire.ask("request=lookup", "user=alice"))


class Describe(case.Site):
    snippets = []

    def test_describe_prints_every_option_with_its_default(self):
        """`cached --describe` is a configuration in itself: --check accepts it."""
        done = subprocess.run([PROGRAM, "--describe"], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 0, done.stderr)
        for word in ("[server]", "[limits]", "[database]", "[hash]", "[userdb]", "[log]",
                     "idle_time"):
            self.assertIn(word, done.stdout)
