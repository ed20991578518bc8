"""How cached gets to the directory: plain, StartTLS, ldaps, a UNIX socket, and whom it binds as."""
# SPDX-License-Identifier: MIT
import re

import certificates
from slapd_site import SlapdSite


class LdapTransport(SlapdSite):
    snippets = []

    def setUp(self):
        self.authority = certificates.authority("site")
        super().setUp()

    def assert_bound_over_tls(self):
        """No password went over a connection in the clear."""
        bound = re.findall(r"(conn=\d+) op=\d+ BIND dn=.* method=", self.server.log())
        secure = re.findall(r"(conn=\d+) .*TLS established .*tls_proto=TLS1.[23]",
                            self.server.log())
        self.assertTrue(bound, self.server.log())
        self.assertEqual(set(bound) - set(secure), set())

    def test_start_tls_comes_before_the_bind(self):
        """On the port for LDAP in the clear."""
        self.reconfigure(start_tls="yes", tls_ca=self.authority)
        self.assert_permitted("alice")
        self.assert_bound_over_tls()

    def test_ldaps_is_tls_from_the_first_byte(self):
        """With and without start_tls, which has no meaning for it."""
        for start_tls in ("no", "yes"):
            self.reconfigure(uri=self.server.tls_uri, tls_ca=self.authority, start_tls=start_tls)
            self.assert_permitted("alice")
        self.assert_bound_over_tls()

    def test_a_unix_socket_needs_no_tls(self):
        """ldapi://, with start_tls for the other servers of the list."""
        for start_tls in ("no", "yes"):
            self.reconfigure(uri=self.server.socket_uri, start_tls=start_tls)
            self.assert_permitted("alice")
        self.assertIn("PATH=", self.server.log())

    def test_a_name_in_the_uri_is_the_one_in_the_certificate(self):
        """Not the address that it stands for, and no other name for that. (For localhost, libldap
        takes the machine's own name.)"""
        with open("/etc/hosts", "a") as hosts:
            hosts.write("127.0.0.1 ldap.example.org other.example.org\n")
        tls = {"start_tls": "yes", "tls_ca": self.authority}
        self.reconfigure(uri=f"ldap://ldap.example.org:{self.server.port}", **tls)
        self.assert_permitted("alice")
        self.reconfigure(uri=f"ldap://other.example.org:{self.server.port}", **tls)
        self.assert_later("alice", "(?i)tls|certificate")

    def test_a_certificate_of_another_name_or_authority_is_try_later(self):
        """By StartTLS and by ldaps; no password is sent to such a server."""
        foreign = certificates.issue("slapd-foreign", "other", "openldap", "IP:127.0.0.1")
        misnamed = certificates.issue("slapd-misnamed", "site", "openldap", "DNS:ldap.example.net")
        for certificate in (foreign, misnamed):
            self.server.restart(tls=certificate)
            for uri in (self.server.uri, self.server.tls_uri):
                self.reconfigure(uri=uri, start_tls="yes", tls_ca=self.authority)
                self.assert_later("alice", "cached: .*(?i:tls|certificate|contact)")
        self.assertNotIn(" BIND dn=", self.server.log())

    def test_without_a_file_of_authorities_it_is_the_systems_which_does_not_know_ours(self):
        """Not a connection that trusts anybody."""
        self.reconfigure(start_tls="yes", tls_ca=None)
        self.assert_later("alice", "(?i)tls|certificate")
        self.assertNotIn(" BIND dn=", self.server.log())

    def test_D08_a_wrong_bind_password_is_try_later_and_named(self):
        """The predecessor said "user not found"."""
        self.reconfigure(bind_password="not-the-password")
        self.cached.process.wait_for_log("cannot bind")  # before anybody has come
        self.assert_later("alice", "cached: .*cannot bind.*(?i:credentials)")
        self.assert_later("nobody-here")
        self.assertEqual({line["result"] for line in self.cached.audit()}, {"later"})

    def test_a_bind_that_sees_nothing_is_no_unknown_user(self):
        """Anonymously, where anonymous may read nothing; a base that does not exist."""
        self.reconfigure(bind_dn=None, bind_password=None)
        self.assert_later("alice", "cached: .*(?i:no such object)")
        self.reconfigure(base="dc=example,dc=com")
        self.assert_later("alice", "cached: .*(?i:no such object|referral)")

    def test_the_first_uri_that_answers_is_used(self):
        """A closed port, a name that does not resolve and a missing socket before the good one."""
        self.reconfigure(uri="ldap://127.0.0.1:9 ldap://no-such-host.invalid ldapi://%2Fnone "
                         + self.server.uri)
        self.assert_permitted("alice", "alice")
