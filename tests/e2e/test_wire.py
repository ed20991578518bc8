"""cached's own socket, spoken to by hand: what any program may send, and what it gets."""
# SPDX-License-Identifier: MIT
import concurrent.futures
import glob
import os
import socket
import threading
import time

import case
import clients
import world
from cached import DATABASE
from clients import Wire, login_request, request
from processes import until

PERMIT = b"checkpass/1\tanswer=permit"
DENY = b"checkpass/1\tanswer=deny"
LATER = b"checkpass/1\tanswer=later"
SLOW_HASH = "$6$rounds=3000000$saltsaltsaltsalt$" + "a" * 86  # takes a second or so to verify
SLOW_HASHES = {"hash": {"max_sha_rounds": "3000000"}}


class WireTest(case.Site):
    snippets = []

    def assert_still_works(self):
        with Wire() as wire:
            wire.send(login_request("alice", self.phone))
            self.assertTrue(wire.receive().startswith(PERMIT))


class Requests(WireTest):
    settings = {"database": {"threads": "2"}}

    def test_pipelined_requests_are_answered_in_order(self):
        """Two at once, in one write; the first takes longer than the second."""
        with Wire() as wire:
            wire.send(login_request("alice", self.phone) + request("request=lookup", "user=nora"))
            self.assertTrue(wire.receive().startswith(PERMIT))
            self.assertTrue(wire.receive().startswith(DENY))

    def test_a_request_may_arrive_in_pieces(self):
        """Byte by byte, as a slow line brings it."""
        with Wire() as wire:
            for byte in login_request("alice", self.phone):
                wire.send(bytes([byte]))
            self.assertTrue(wire.receive().startswith(PERMIT))

    def test_many_requests_on_one_connection_are_all_answered(self):
        """100 in one go, more than any buffer of a line holds."""
        with Wire() as wire:
            sender = threading.Thread(
                target=wire.send, args=[request("request=lookup", "user=alice") * 100])
            sender.start()
            answers = [wire.receive() for _ in range(100)]
            sender.join()
            self.assertEqual({answer[:len(PERMIT)] for answer in answers}, {PERMIT})

    def test_a_permit_carries_the_fields_of_the_userdb(self):
        """As Dovecot wants them, in tab-separated name=value form."""
        with Wire() as wire:
            wire.send(login_request("alice", self.phone))
            fields = wire.receive().split(b"\t")
        self.assertIn(b"userdb_uid=61005", fields)
        self.assertIn(b"userdb_home=/var/mail-homes/alice", fields)

    def test_escaped_bytes_are_the_bytes_they_stand_for(self):
        """A password with TAB, LF, CR and \\001, which Dovecot itself would not let through."""
        self.cached.insert_password("alice", b"tab\tlf\ncr\rone\x01-end")
        escaped = b"password=tab\x01tlf\x01ncr\x01rone\x011-end"
        with Wire() as wire:
            self.assertTrue(wire.ask("request=auth", "user=alice", escaped).startswith(PERMIT))
            self.assertTrue(wire.ask("request=auth", "user=alice", escaped[:-4]).startswith(DENY))

    def test_a_password_does_not_end_at_a_nul(self):
        """Neither for Argon2 nor for crypt(3), which would take a C string."""
        self.cached.insert_password("crypt", "before-the-nul")
        with Wire() as wire:
            for user, password in (("alice", self.phone), ("crypt", "before-the-nul")):
                answer = wire.ask("request=auth", f"user={user}", f"password={password}\x010more")
                self.assertTrue(answer.startswith(DENY), answer)
                answer = wire.ask("request=auth", f"user={user}", f"password={password}")
                self.assertTrue(answer.startswith(PERMIT), answer)

    def test_what_cannot_be_understood_is_answered_try_later(self):
        """Each with a line in cached's log, and none harms the daemon."""
        for line in (b"hello\n", b"\n", b"GET / HTTP/1.1\r\n", b"checkpass/2\trequest=auth\n",
                     b"checkpass/1\n", b"checkpass/1\trequest=sing\tuser=alice\n",
                     b"checkpass/1\trequest=auth\tuser\n",
                     b"checkpass/1\trequest=auth\tuser=a\x01z\n",
                     b"\x00\xff\xfe\n", b"checkpass/1\trequest=auth\tuser=al\x00ice\tpassword=x\n"):
            with Wire() as wire:
                wire.send(line)
                self.assertTrue(wire.receive().startswith(LATER), line)
        self.cached.process.wait_for_log("bad request")
        self.assertEqual(self.cached.audit(), [])
        self.assert_still_works()

    def test_a_line_that_is_too_long_is_answered_try_later(self):
        """8192 bytes are the limit; what follows is not read as another request."""
        with Wire() as wire:
            try:
                wire.send(b"checkpass/1\trequest=auth\tuser=" + b"a" * 20000 + b"\n"
                          + login_request("alice", self.phone))
            except BrokenPipeError:
                pass
            self.assertTrue(wire.receive().startswith(LATER))
            self.assertEqual(wire.receive(), b"", "the connection is closed")
        self.cached.process.wait_for_log("line_bytes")
        self.assert_still_works()

    def test_the_longest_line_allowed_is_answered(self):
        """With its LF exactly 8192 bytes, and one more is one too many."""
        start = b"checkpass/1\trequest=lookup\tuser=alice\tclient_id="
        for size, answer in ((8192, PERMIT), (8193, LATER)):
            with Wire() as wire:
                wire.send(start + b"x" * (size - len(start) - 1) + b"\n")
                self.assertTrue(wire.receive().startswith(answer), size)

    def test_a_client_that_leaves_in_the_middle_harms_nobody(self):
        """Half a request and goodbye; a whole one and goodbye before the answer."""
        for _ in range(20):
            with Wire() as wire:
                wire.send(login_request("alice", self.phone)[:40])
            with Wire() as wire:
                wire.send(login_request("alice", self.phone))
        self.assert_still_works()

    def test_connections_leave_nothing_behind_in_the_daemon(self):
        """300 of them, ended in three ways, and it has no more descriptors than before. Those of
        the database do not count, which are opened when needed."""
        self.assert_still_works()
        before = self.descriptors()
        self.come_and_go(300)
        until(lambda: self.descriptors() <= before, f"{before} open descriptors again")

    def descriptors(self):
        number = 0
        for name in glob.glob(f"/proc/{self.cached.process.pid}/fd/*"):
            try:
                number += not os.readlink(name).startswith(DATABASE)
            except OSError:  # it has just been closed
                pass
        return number

    def come_and_go(self, times):
        for number in range(times):
            with Wire() as wire:
                if number % 3:
                    wire.send(login_request("alice", self.phone))
                if number % 3 == 2:
                    wire.receive()
        self.assert_still_works()

    def test_a_login_is_audited_with_every_fact_the_request_names(self):
        """service and ip as given; a missing one is None."""
        with Wire() as wire:
            wire.send(login_request("alice", self.phone, "rip=2001:db8::9", "rport=4711"))
            wire.receive()
            self.assert_audit(1, service="imap", ip="2001:db8::9", result="permit")
            wire.ask("request=auth", "user=alice", "password=wrong-word-this-is")
            self.assert_audit(2, service="None", ip="None", result="deny")

    def test_a_lookup_is_not_audited(self):
        """Nobody logged in."""
        with Wire() as wire:
            self.assertTrue(wire.ask("request=lookup", "user=alice").startswith(PERMIT))
            self.assertTrue(wire.ask("request=lookup", "user=nora").startswith(DENY))
        self.assertEqual(self.cached.audit(), [])

    def test_no_name_or_address_can_forge_a_log_line(self):
        """Line ends, tabs and escape sequences in the facts do not reach the log as such."""
        with Wire() as wire:
            wire.ask("request=auth", b"user=eve\x01nmail-audit: user=<alice>, result=permit",
                     "password=wrong-word-this-is", b"rip=\x1b[31m1.2.3.4\x01rx", "service=imap")
        self.assertEqual(len(self.cached.audit()), 1)
        self.assertNotIn("\x1b", self.cached.process.log())
        self.assertNotIn("\nmail-audit: user=<alice>", self.cached.process.log())


class Limits(WireTest):
    settings = {"limits": {"connections": "5", "idle_time": "1h", "requests": "2"}, **SLOW_HASHES}

    def test_one_connection_too_many_is_answered_try_later_at_once(self):
        """While the others are there; and logged. When one of them ends there is room again."""
        held = [Wire() for _ in range(5)]
        for wire in held:
            wire.ask("request=lookup", "user=alice")
        with Wire() as wire:
            self.assertTrue(wire.receive().startswith(LATER))
            self.assertEqual(wire.receive(), b"")
        self.cached.process.wait_for_log("[limits] connections")
        held.pop().__exit__()
        until(self.has_room, "there is room again")
        for wire in held:
            wire.__exit__()

    def has_room(self):
        with Wire() as wire:
            try:
                return wire.ask("request=lookup", "user=alice").startswith(PERMIT)
            except BrokenPipeError:  # closed before it could ask
                return False

    def test_requests_beyond_the_limit_are_answered_try_later(self):
        """requests = 2: of many at the same time some are turned away, and none is refused."""
        self.cached.insert_hash("busy", SLOW_HASH)
        with Wire() as one, Wire() as two, Wire() as three:
            for wire in (one, two, three):
                wire.send(login_request("busy", "wrong-word-this-is"))
            self.assertTrue(three.receive().startswith(LATER))
            self.assertTrue(one.receive().startswith(DENY))
            self.assertTrue(two.receive().startswith(DENY))
        self.assert_still_works()


class IdleTime(WireTest):
    settings = {"limits": {"idle_time": "1s"}}

    def test_a_client_that_sends_nothing_is_dropped(self):
        """After idle_time, also when it has sent half a line and goes on a byte at a time."""
        with Wire() as silent, Wire() as slow:
            slow.send(b"checkpass/1\t")
            self.assertEqual(silent.receive(), b"")
            with self.assertRaises((BrokenPipeError, ConnectionResetError)):
                for _ in range(200):  # for 20 s
                    slow.send(b"r")
                    time.sleep(0.1)
            self.assertEqual(slow.receive(), b"")
        self.assert_still_works()

    def test_a_client_that_takes_no_answers_is_dropped(self):
        """It asks and asks and never reads: cached neither stalls nor keeps it."""
        with Wire() as deaf:
            deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            with self.assertRaises((BrokenPipeError, ConnectionResetError)):
                while True:
                    deaf.send(request("request=lookup", "user=alice") * 50)
            self.assert_still_works()


class TimeLimit(WireTest):
    settings = {"limits": {"request_time": "300ms"}, **SLOW_HASHES}

    def test_a_request_that_takes_too_long_is_answered_try_later(self):
        """In time: the verification behind it goes on, as long as ours of the same hash."""
        self.cached.insert_hash("busy", SLOW_HASH)
        with concurrent.futures.ThreadPoolExecutor() as pool, Wire() as wire:
            ours = pool.submit(world.crypt, b"wrong-word-this-is", SLOW_HASH)
            wire.send(login_request("busy", "wrong-word-this-is"))
            self.assertTrue(wire.receive().startswith(LATER))
            self.assertFalse(ours.done())
        self.assert_audit(1, user="<busy>", result="later")
        until(lambda: self.ask("alice", self.phone) == "permit", "alice is let in")


class Peers(case.Site):
    def test_the_socket_is_for_its_group_only(self):
        """Mode 0660, group dovecot."""
        facts = os.stat(clients.SOCKET)
        self.assertEqual(facts.st_mode & 0o777, 0o660)

    def test_a_peer_that_is_not_allowed_is_told_to_try_later_and_logged(self):
        """allow_users names another user than Dovecot's: not a refusal of the password."""
        self.cached.configure(server={"allow_users": "stranger"})
        self.cached.reload()
        self.cached.process.wait_for_log("reloaded")
        answer = self.imap_login("alice", self.phone)
        self.assertTrue(answer.startswith(case.LATER), answer)
        self.cached.process.wait_for_log("refused uid")
        self.assertEqual(self.cached.audit(), [])

    def test_a_peer_that_is_allowed_is_served(self):
        """By its user, or by its group."""
        for allowed in ({"allow_users": "stranger dovecot"}, {"allow_groups": "dovecot"}):
            self.cached.configure(server=allowed)
            self.cached.restart()
            self.assert_ok(self.imap_login("alice", self.phone))
