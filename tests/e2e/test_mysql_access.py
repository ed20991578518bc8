"""How cached gets to MariaDB: separate keys or a data source name, kinds of hosts, TLS, and which
services and networks an app password is good for."""
# SPDX-License-Identifier: MIT
import urllib.parse

import case
import certificates
import mariadb
import secrets_used
from mariadb_site import SHOWN, MariaDbSite

WRONG = secrets_used.remember("wrong-word-this-is")
ESCAPED = secrets_used.remember(urllib.parse.quote(mariadb.PASSWORD, safe=""))

NO_KEYS = dict.fromkeys(("hosts", "name", "user", "password"))


class MySqlHosts(MariaDbSite):
    snippets = []

    def dsn(self, host):
        return f"mysql+pymysql://{mariadb.USER}:{ESCAPED}@{host}/{mariadb.NAME}"

    def only_dsn(self, dsn):
        """The predecessor's one line in place of hosts, name, user and password."""
        self.reconfigure(dsn=dsn, **NO_KEYS)

    def test_the_predecessors_data_source_name_is_taken_as_it_is(self):
        """The password in it is percent-encoded, and shown to nobody."""
        self.only_dsn(self.dsn(self.server.host))
        self.assert_permitted("alice", SHOWN)
        self.only_dsn(self.dsn(self.server.host) + "?charset=utf8mb4")
        self.assert_permitted("alice", SHOWN)
        self.only_dsn(self.dsn("localhost") + "?unix_socket=" + self.server.socket)
        self.assert_permitted("alice", SHOWN)

    def test_hosts_are_names_addresses_ports_and_sockets(self):
        """HOST:PORT, HOST with the standard port, localhost:PORT over TCP, [IPV6], /SOCKET."""
        for host in (f"127.0.0.1:{self.server.port}", f"localhost:{self.server.port}",
                     self.server.socket, "127.0.0.1"):
            self.assertEqual(self.server.port, 3306, "the standard port")
            self.reconfigure(hosts=host)
            self.assert_permitted("alice", SHOWN)

    def test_a_data_source_name_that_is_none_is_an_error_that_hides_the_password(self):
        """`cached --check` says what is wrong; neither it nor a failed start shows a secret."""
        for dsn in (f"postgresql://{mariadb.USER}:{ESCAPED}@localhost/mail",
                    f"mysql+pymysql://{mariadb.USER}:{ESCAPED}@localhost:99999/mail",
                    f"mysql+pymysql://{mariadb.USER}:{ESCAPED}@localhost",
                    f"mysql+pymysql://{mariadb.USER}:{ESCAPED}@localhost/mail?ssl_key=x",
                    f"mysql+pymysql://{mariadb.USER}:p@{ESCAPED}@localhost/mail",
                    f"{mariadb.USER}:{ESCAPED}"):
            self.cached.configure(**self.configured(dsn=dsn, **NO_KEYS))
            status, said = self.cached.check()
            self.assertNotEqual(status, 0, dsn)
            self.assertIn("dsn", said)
            self.assertEqual(secrets_used.found_in(said.encode()), [], said)

    def test_a_host_that_is_none_is_an_error_at_the_start(self):
        """Named, with its option."""
        for hosts in ("127.0.0.1:0", "127.0.0.1:http", ":3306", "[::1"):
            self.cached.configure(**self.configured(hosts=hosts))
            status, said = self.cached.check()
            self.assertNotEqual(status, 0, hosts)
            self.assertIn("hosts", said)

    def test_a_wrong_password_for_the_database_is_try_later_and_named(self):
        """Ours, not the user's: nobody is refused because of it."""
        for broken, complaint in (({"password": "not-the-password"}, "Access denied"),
                                  ({"name": "no_such_database"}, "no_such_database")):
            self.reconfigure(**broken)
            self.cached.process.wait_for_log(complaint)  # before anybody has come
            for user, password in (("alice", SHOWN), ("alice", WRONG), ("nora", WRONG)):
                self.assertEqual(self.ask(user, password), "later")
        self.reconfigure()
        self.assert_denied("nora", WRONG, "unknown user")

    def test_a_grant_that_is_missing_is_try_later_and_named(self):
        """Without SELECT on app_passwords nobody can tell; without INSERT on log all log in."""
        grant = f"ON {mariadb.NAME}.%s %s {mariadb.USER}@localhost"
        for right, table, answer in (("SELECT", "app_passwords", "later"),
                                     ("INSERT", "log", "permit")):
            self.server.execute(f"REVOKE {right} " + grant % (table, "FROM"))
            self.addCleanup(self.server.execute, f"GRANT {right} " + grant % (table, "TO"))
            self.cached.restart()
            self.assertEqual(self.ask("alice", SHOWN), answer)
            self.cached.process.wait_for_log(f"{right} command denied")
            self.server.execute(f"GRANT {right} " + grant % (table, "TO"))
        self.assert_permitted("alice", SHOWN)


class MySqlTls(MariaDbSite):
    snippets = []

    def setUp(self):
        self.authority = certificates.authority("site")
        super().setUp()

    def ciphers(self):
        """Of cached's connections to the server: none is in the clear when all have one."""
        return self.server.execute(
            "SELECT count(*) FROM information_schema.processlist WHERE user = %s", mariadb.USER)

    def assert_not_connected(self, *complaints):
        self.assertEqual(self.ask("alice", SHOWN), "later")
        self.assertEqual(self.ask("alice", WRONG), "later")
        line = self.cached.audit()[-1]
        self.assertRegex(line["reason"], "(?i)" + "|".join(complaints))
        self.cached.process.wait_for_log(line["reason"][1:40])

    def test_with_the_right_authority_logins_go_over_tls(self):
        """The database's user may not even come without."""
        self.server.execute(f"ALTER USER {mariadb.USER}@localhost REQUIRE SSL")
        self.addCleanup(self.server.execute,
                        f"ALTER USER {mariadb.USER}@localhost REQUIRE NONE")
        self.reconfigure(tls_ca=self.authority)
        self.assert_permitted("alice", SHOWN)
        self.reconfigure(tls_ca=None)
        self.assert_not_connected("access denied")

    def test_with_another_authority_it_is_try_later_and_the_log_says_why(self):
        """And nothing was sent to the server that nobody we know has signed for."""
        self.reconfigure(tls_ca=certificates.authority("other"))
        self.assert_not_connected("certificate", "tls", "ssl")

    def test_a_server_without_tls_is_not_talked_to(self):
        """Somebody in between could take it away."""
        self.server.restart(tls=())
        self.reconfigure(tls_ca=self.authority)
        self.assert_not_connected("tls", "ssl")
        self.assertEqual(self.server.connections(), 0)

    def test_a_certificate_of_another_name_is_refused(self):
        """Signed by the right authority, for db.example.net."""
        self.server.restart(tls=certificates.issue("other-name", "site", "mysql",
                                                   "DNS:db.example.net"))
        self.reconfigure(tls_ca=self.authority)
        self.assert_not_connected("certificate", "tls", "ssl", "name")

    def test_a_file_of_authorities_that_is_missing_is_an_error_at_the_start(self):
        """Named; not the beginning of connections in the clear."""
        self.cached.configure(**self.configured(tls_ca="/nonexistent.pem"))
        self.cached.stop()
        self.cached.process.start()
        self.assertNotEqual(self.cached.process.leaves(), 0)
        self.cached.process.wait_for_log("/nonexistent.pem")


class MySqlRestrictions(MariaDbSite):
    snippets = []
    sections = {"auth": {"username": "local_part", "disabled_services": "pop3 managesieve",
                         "disallow_passwords_from":
                         "185.199.108.1/24 192.0.2.7 2001:db8:0:1::5/64 ::ffff:198.51.100.0/120"}}

    def test_a_name_is_looked_up_by_its_local_part(self):
        """The part before the @ in lower case, whatever the domain; and never another's."""
        for name in ("alice", "Alice@Example.org", "alice@", "ALICE@a@b"):
            self.assert_permitted(name, SHOWN)
        for name in ("@alice", "alice.@example.org", "@", "al@ice"):
            self.assert_denied(name, SHOWN, "unknown user")

    def test_a_name_is_looked_up_in_lower_case(self):
        """With its domain, when the option says `lower`; as it is by default."""
        self.server.execute("ALTER TABLE app_passwords CONVERT TO CHARACTER SET utf8mb4"
                            " COLLATE utf8mb4_bin")
        self.addCleanup(self.server.load, mariadb.SCHEMA)
        self.insert("bob@example.org", SHOWN)
        for option, answer in (("lower", "permit"), ("as_is", "deny")):
            self.cached.stop()
            self.cached.configure(**{**self.settings, "auth": {"username": option}})
            self.cached.start()
            self.assertEqual(self.ask("Bob@Example.ORG", SHOWN), answer)
            self.assertEqual(self.ask("bob@example.org", SHOWN), "permit")
            self.assertEqual(self.ask("bob", SHOWN), "deny")

    def test_B34_an_app_password_is_refused_from_the_networks_named(self):
        """Though right; host bits in a network do not matter, nor the spelling of a client that
        came over IPv6 as ::ffff:a.b.c.d; elsewhere it is let in."""
        for address in ("185.199.108.254", "::ffff:185.199.108.3", "192.0.2.7", "198.51.100.9",
                        "2001:db8:0:1:ffff::1", "::ffff:c000:207"):
            self.assert_denied("alice", SHOWN, "not from this network", f"rip={address}")
        for address in ("185.199.109.1", "192.0.2.8", "198.51.101.1", "2001:db8:0:2::5",
                        "::185.199.108.3", "127.0.0.1"):
            self.assert_permitted("alice", SHOWN, f"rip={address}")
        self.assert_denied("alice", WRONG, "wrong password", "rip=192.0.2.7")
        self.log_rows(12)
        self.assertEqual(self.server.execute(
            "SELECT result, count(*) FROM log GROUP BY result ORDER BY result"),
            (("deny", 6), ("permit", 6)))

    def test_A09_an_address_that_cannot_be_read_is_try_later_where_networks_are_refused(self):
        """Nobody can tell whether it is in one of them. Who has none is in none."""
        for address in ("rip=garbage", "rip=192.0.2.7 ", "rip=localhost", "rip=192.0.2"):
            self.assertEqual(self.ask("alice", SHOWN, address), "later", address)
            self.assertEqual(self.ask("alice", WRONG, address), "deny", address)
        for address in ("rip=", "x="):
            self.assertEqual(self.ask("alice", SHOWN, address), "permit", address)

    def test_nobody_is_let_in_for_a_disabled_service(self):
        """Right password or wrong, the reason is the service."""
        for service in ("pop3", "managesieve"):
            self.assert_denied("alice", SHOWN, "service disabled", service=service)
        self.assert_permitted("alice", SHOWN, service="imap")
        self.assertEqual(len(self.log_rows(1)), 1)


class MySqlDisabledService(MariaDbSite):
    sections = {"auth": {"disabled_services": "pop3"}}

    def test_A01_a_disabled_service_looks_like_a_wrong_password_to_its_clients(self):
        """POP3 is refused, IMAP reads mail."""
        self.assertEqual(self.pop3_login("alice", SHOWN), case.POP3_REFUSED)
        self.assert_audit(1, service="pop3", result="deny", reason="<service disabled>")
        self.assert_reads_mail("alice", SHOWN)
