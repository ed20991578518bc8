"""The operator's door: cachedctl reload, who may use it, and what it does when cached is away."""
# SPDX-License-Identifier: MIT
import concurrent.futures
import os
import signal
import socket
import stat
import subprocess
import time

import case
import clients
import stream
import world
from cached import CONFIG, CONTROL, CONTROL_SOCKET
from test_daemon import BROKEN, BROKEN_LINES


def reload(user=None):
    """`cachedctl reload`: exit status, standard output, standard error."""
    done = subprocess.run([CONTROL, "reload"], capture_output=True, text=True, timeout=60,
                          user=user)
    return done.returncode, done.stdout, done.stderr


def ask(*words, user=None):
    """A request past cachedctl, as that user; empty: cached hung up."""
    with socket.socket(socket.AF_UNIX) as control:
        control.settimeout(clients.SECONDS)
        before = os.geteuid()
        if user is not None:
            os.seteuid(user)
        try:
            control.connect(CONTROL_SOCKET)
        finally:
            os.seteuid(before)
        try:
            control.sendall(b"checkpass/1" + b"".join(b"\tword=" + word for word in words) + b"\n")
            return b"".join(iter(lambda: control.recv(65536), b"")).decode()
        except (BrokenPipeError, ConnectionResetError):
            return ""


class Control(case.Site):
    snippets = []

    def home(self):
        with clients.Wire() as wire:
            answer = wire.ask("request=lookup", "user=alice").decode()
        return answer.partition("userdb_home=")[2].split("\t")[0].rstrip("\n")

    def test_a_reload_is_done_when_cachedctl_returns(self):
        """The very next answer follows the new file, each time."""
        for number in range(20):
            self.cached.configure(userdb={"home": f"/srv/{number}"})
            self.assertEqual(reload(), (0, "reloaded\n", ""))
            self.assertEqual(self.home(), f"/srv/{number}")

    def test_reload_prints_every_error_and_changes_nothing(self):
        """With file and line, exit status 1, as the log has it when SIGHUP does it."""
        self.cached.write_config(BROKEN)
        status, _, errors = reload()
        self.assertEqual(status, 1)
        for line in BROKEN_LINES:
            self.assertIn(f"{CONFIG}:{line}: ", errors)
        self.assertEqual(self.home(), "/var/mail-homes/alice")

    def test_reload_prints_what_only_cached_finds_wrong(self):
        """What the file alone does not show: cached logs it and answers with the same lines."""
        self.cached.configure(server={"allow_users": "nobody-here"},
                              database={"tls_ca": "/none.pem"}, userdb={"home": "/srv/%u"})
        status, printed, errors = reload()
        self.assertEqual((status, printed), (1, ""))
        self.assertRegex(errors, rf"{CONFIG}:\d+: \[server\] allow_users: no such user: nobody-here")
        self.assertRegex(errors, rf"{CONFIG}:\d+: \[database\] tls_ca: /none.pem cannot be read")
        self.assertTrue(errors.endswith("not reloaded: what was there before stays\n"), errors)
        for line in errors.splitlines():
            self.assertIn(line, self.cached.process.log())
        self.assertEqual(self.home(), "/var/mail-homes/alice")

    def test_reload_tells_what_takes_a_restart(self):
        """It is a success with a warning."""
        self.cached.configure(database={"threads": "3"})
        status, printed, _ = reload()
        self.assertEqual(status, 0)
        self.assertIn("[database] threads", printed)
        self.assertTrue(printed.endswith("\nreloaded\n"), printed)

    def test_the_socket_is_of_its_user_alone(self):
        """A10: mode 0600, and nobody else gets in by cachedctl; dovecot_web_auth let everybody."""
        facts = os.stat(CONTROL_SOCKET)
        self.assertEqual(stat.S_IMODE(facts.st_mode), 0o600)
        self.assertEqual(facts.st_uid, world.USERS["checkpass"])
        self.assertEqual(reload(user=world.USERS["checkpass"])[0], 0)
        status, _, errors = reload(user=world.USERS["stranger"])
        self.assertEqual(status, 1)
        self.assertIn("Permission denied", errors)

    def test_another_user_is_not_served_whatever_the_mode_says(self):
        """The peer's credentials count; the log has them."""
        os.chmod(CONTROL_SOCKET, 0o666)
        self.assertEqual(ask(b"reload", user=world.USERS["stranger"]), "")
        self.cached.process.wait_for_log(
            f"[server] control: refused uid {world.USERS['stranger']}, ")
        self.assertEqual(ask(b"reload"), "checkpass/1\tstatus=0\nreloaded\n")

    def test_what_is_no_command_is_told(self):
        """And costs nothing."""
        self.assertEqual(ask(b"relaod"), "checkpass/1\tstatus=1\nno such command: relaod\n")
        self.assertIn("status=1", ask())

    def test_silent_connections_keep_nobody_out_for_long(self):
        """Sixteen at a time; each has ten seconds to say what it wants."""
        idle = [socket.socket(socket.AF_UNIX) for _ in range(16)]
        for connection in idle:
            self.addCleanup(connection.close)
            connection.connect(CONTROL_SOCKET)
        status, _, errors = reload()
        self.assertEqual(status, 1)
        self.assertIn("hung up", errors)
        self.assertIn("too many connections", self.cached.process.log())
        idle[0].settimeout(clients.SECONDS)
        self.assertEqual(idle[0].recv(1), b"")
        self.assertEqual(reload()[0], 0)

    def test_many_reloads_at_once_are_all_answered(self):
        """Those that wait share one; each has seen the files as they were when it was asked for."""
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(lambda _: reload(), range(36)))
        self.assertEqual(set(answers), {(0, "reloaded\n", "")})

    def test_a_stream_of_logins_does_not_notice_reloads(self):
        """Good ones and broken ones, one after another: every login is permitted."""
        with stream.Stream(("alice", self.phone), ("alice", self.laptop)) as logins:
            for number in range(40):
                self.cached.write_config(BROKEN) if number % 2 else self.cached.configure()
                self.assertEqual(reload()[0], number % 2)
                time.sleep(0.02)
        self.assertEqual(set(logins.answers()), {"permit"})
        self.assertGreater(len(logins.logins), 8)

    def test_cachedctl_says_that_cached_is_away(self):
        """At once, with exit status 3, also when a crash has left the socket there."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            self.cached.stop(number)
            status, printed, errors = reload()
            self.assertEqual((status, printed), (3, ""))
            self.assertIn("does not run", errors)
            self.assertIn(CONTROL_SOCKET, errors)
            self.cached.start()
            self.assertEqual(reload()[0], 0)

    def test_without_the_door_logins_go_on(self):
        """Its path is taken by something else: an error in the log, and no cachedctl reload."""
        self.cached.stop()
        os.remove(CONTROL_SOCKET)
        os.mkdir(CONTROL_SOCKET)
        self.cached.start()
        self.assertEqual(self.home(), "/var/mail-homes/alice")
        self.assertIn("[server] control: cachedctl cannot reach cached", self.cached.process.log())
        self.assertEqual(reload()[0], 3)

    def test_the_cache_is_shown_and_flushed(self):
        """Of an address or a system; of whom nobody asked about nothing is remembered."""
        def cache(*words):
            done = subprocess.run([CONTROL, "cache", *words], capture_output=True, text=True,
                                  timeout=60)
            return done.returncode, done.stdout, done.stderr
        for what in ("192.0.2.1", "2001:db8::1", "AS3209"):
            self.assertEqual(cache("show", what), (0, "", ""))
            self.assertEqual(cache("flush", what), (0, "flushed\n", ""))
        self.assertEqual(cache("flush", "all"), (0, "flushed\n", ""))
        for words in (("show", "all"), ("show", "192.0.2.0/24"), ("flush", "AS"), ("flush", "x")):
            status, printed, errors = cache(*words)
            self.assertEqual((status, printed), (2, ""))
            self.assertIn(f"{words[1]} is not an address, nor an AS number", errors)
        self.assertEqual(cache("show")[0], 2)
        self.assertEqual(cache("flush", "AS3209", "all")[0], 2)
        self.cached.stop()
        self.assertEqual(cache("flush", "all")[0], 3)

    def test_a_frozen_cached_answers_when_it_goes_on(self):
        """cachedctl waits for the answer."""
        self.cached.process.freeze()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            answer = pool.submit(reload)
            time.sleep(0.5)
            self.assertFalse(answer.done())
            self.cached.process.thaw()
            self.assertEqual(answer.result(), (0, "reloaded\n", ""))

    def test_wrong_words_are_wrong_usage(self):
        """Exit status 2, with all commands; also when there are too many of them."""
        for words in ([], ["relaod"], ["password"], ["password", "list"]):
            done = subprocess.run([CONTROL, *words], capture_output=True, text=True, timeout=30)
            self.assertEqual(done.returncode, 2)
            self.assertIn("reload", done.stderr)
        for words in (["reload", "now"], ["status", "now"], ["explain", "192.0.2.1", "192.0.2.2"],
                      ["explain", "--user"], ["password", "list", "alice", "bob"],
                      ["password", "revoke", "x"], ["password", "add", "-x"],
                      ["registry", "check", "/tmp", "/tmp"]):
            done = subprocess.run([CONTROL, *words], capture_output=True, text=True, timeout=30)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertTrue(done.stderr.startswith("cachedctl: "), done.stderr)
