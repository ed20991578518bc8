"""A MariaDB, or what is in between, that answers a byte now and then: no read is without an answer,
and still connecting and each query end in their time and leave the database's only thread free."""
# SPDX-License-Identifier: MIT
import concurrent.futures
import itertools
import socket
import threading
import time

import certificates
import fake_server
import mariadb
import secrets_used
from mariadb_site import SHOWN, MariaDbSite
from processes import until

WRONG = secrets_used.remember("wrong-word-this-is")
NONE, GREETING, ALL = 0, 1, 10 ** 9


class Between:
    """Passes on what client and server say. Of what the server says on a connection, `quick` pieces
    go at once, the first of which is the greeting, and the others a byte now and then. Of what the
    client says it takes `room` bytes at a time."""

    room = 65536
    is_slow = False  # to somebody, by now

    def __init__(self, server, quick):
        self.port, self.quick = server.port, quick
        fake = fake_server.FakeServer(self.pass_on)
        self.host, self.socket = fake.host, fake.socket

    def be_narrow(self):
        """With the next connection: no more than some 100 KB of what the client says are under way,
        and then it has to wait. Its send buffer is as large as ten of our segments ask for, which
        on a loopback are of 64 KB."""
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1460)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)

    def pass_on(self, client):
        with socket.create_connection(("127.0.0.1", self.port)) as server:
            threading.Thread(target=self.to_server, args=[client, server], daemon=True).start()
            for number in itertools.count():
                said = server.recv(65536)
                if not said:
                    return
                self.to_client(said, client, number)

    def to_client(self, said, client, number):
        while said:
            size = len(said) if number < self.quick else 1
            client.sendall(said[:size])
            said = said[size:]
            if said:
                self.is_slow = True
                time.sleep(1)

    def to_server(self, client, server):
        try:
            while said := client.recv(self.room):
                server.sendall(said)
                if self.room < 65536:
                    time.sleep(0.01)
            server.shutdown(socket.SHUT_RDWR)
        except OSError:  # one of them has left
            pass


class MySqlDeadline(MariaDbSite):
    snippets = []
    database = {"connect_time": "1s", "query_time": "1500ms", "threads": "1"}
    longest = 8  # seconds; what comes a byte each second takes longer

    def setUp(self):
        self.tls = certificates.authority("site")
        super().setUp()

    def assert_answered_in_time(self, answer, password=SHOWN):
        before = time.monotonic()
        self.assertEqual(self.ask("alice", password), answer)
        self.assertLess(time.monotonic() - before, self.longest)

    def let_in_through(self, between, **options):
        """And from then on it answers a byte now and then."""
        self.reconfigure(**options)
        recorded = len(self.log_rows())
        self.assert_permitted("alice", SHOWN)
        self.log_rows(recorded + 1)
        self.assertEqual(self.ask("alice", WRONG), "deny")  # so the only thread is free again
        between.quick = NONE

    def assert_connecting_ends(self, host, **options):
        """Alone it is try later; with a good server behind it that one is used."""
        self.reconfigure(hosts=host, **options)
        self.assert_answered_in_time("later")
        self.assertEqual(self.cached.audit()[-1]["reason"],
                         f"<database {host}: no answer within 1000 ms>")
        self.reconfigure(hosts=f"{host} {self.server.host}", **options)
        self.assert_answered_in_time("permit")
        self.assert_answered_in_time("deny", WRONG)

    def test_a_greeting_a_byte_now_and_then_is_given_up_in_time(self):
        """One that never ends, and a MariaDB's own."""
        self.assert_connecting_ends(fake_server.FakeServer(fake_server.dribbling).host)
        self.assert_connecting_ends(Between(self.server, NONE).host)

    def test_what_follows_the_greeting_is_given_up_in_time(self):
        """The answer to the password, and with TLS the handshake."""
        self.assert_connecting_ends(Between(self.server, GREETING).host)
        self.assert_connecting_ends(Between(self.server, GREETING).host, tls_ca=self.tls)

    def test_an_answer_a_byte_now_and_then_is_given_up_in_time(self):
        """In the clear and over TLS, on a connection that was good: it is asked again on another
        one, and then on the next server, to which logins go from then on."""
        for tls_ca in (None, self.tls):
            between = Between(self.server, ALL)
            self.let_in_through(between, hosts=f"{between.host} {self.server.host}", tls_ca=tls_ca)
            self.assert_answered_in_time("permit")
            self.assertTrue(between.is_slow, "it was asked")
            self.assert_answered_in_time("deny", WRONG)
            self.cached.process.wait_for_log(f"database {between.host}: no answer within 1000 ms")

    def test_cached_stops_in_time_while_it_waits_for_such_an_answer(self):
        """Of a login that has been answered by then."""
        between = Between(self.server, ALL)
        self.let_in_through(between, hosts=between.host)
        with concurrent.futures.ThreadPoolExecutor() as pool:
            login = pool.submit(self.ask, "alice", SHOWN)
            until(lambda: between.is_slow, "cached waits for an answer")
            before = time.monotonic()
            self.assertEqual(self.cached.stop(), 0)
            self.assertLess(time.monotonic() - before, self.longest)
            self.assertEqual(login.result(), "later")

    def test_what_is_taken_slowly_is_written_all_the_same(self):
        """Rows of the log table, as many and as long as they get, over TLS and in the clear, when
        the network takes them little by little: none is lost, or tried for ever. Until then they
        wait in cached: its user may not write, so that not one is sent while clients ask."""
        insert = f"INSERT ON log %s {mariadb.USER}@localhost"
        self.addCleanup(self.server.execute, "GRANT " + insert % "TO")
        for tls_ca in (self.tls, None):
            between = Between(self.server, ALL)
            between.be_narrow()
            self.reconfigure(hosts=between.host, tls_ca=tls_ca, connect_time="10s",
                             query_time="30s")
            recorded = len(self.log_rows())
            self.server.execute("REVOKE " + insert % "FROM")
            for _ in range(60):
                self.assertEqual(self.ask("alice", SHOWN, service=1000 * "long-"), "permit")
            self.assertEqual(len(self.log_rows()), recorded)
            between.room = 4096
            self.server.execute("GRANT " + insert % "TO")
            self.log_rows(recorded + 60)
