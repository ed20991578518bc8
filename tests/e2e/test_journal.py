"""The audit line where admins read it: in a real systemd-journald with its fields, by syslog, and
as JSON."""
# SPDX-License-Identifier: MIT
import json
import os
import re
import shutil
import socket
import ssl
import time

import certificates
import clients
import journald
import listed
import registry_site
import test_report
from dovecot import STATIC_USERDB
from listed import FRANKFURT
from processes import until

HOST = "node-eu-0001.email2-cloud.com"
LINE = (
    f"user=<{{user}}>, service=imap, ip={FRANKFURT}, host={HOST}, asn=AS63949, as_cc=NL, "
    "as_desc=<AKAMAI-LINODE-AP Akamai Connected Cloud, SG>, as_org=<Akamai Connected Cloud>, "
    "net_name=<LINODE-FRA>, net_cc=NL, entity=ORG-LL72-RIPE, entity=LA538-RIPE, "
    "city=<2925533/Frankfurt am Main>, subdivision=<2905330/Hesse>, country=<2921044/Germany>, "
    "represented_country=<None/None>, registered_country=<2750405/The Netherlands>, lat=50.1188, "
    "lon=8.6843, rad=20km{blocked}, fcrdns=pass, pwid=1, comment=<phone>{session}, {result}, "
    "client=<{client}>, mech=PLAIN, tls=TLS")
FACTS = {  # what the journal has of them
    "PRIORITY": "6", "SYSLOG_IDENTIFIER": "mail-audit", "AUDIT_LOG": "True",
    "AUDIT_SERVICE": "imap", "AUDIT_IP": FRANKFURT, "AUDIT_REV_HOST": HOST,
    "AUDIT_ASN": "AS63949", "AUDIT_AS_CC": "NL",
    "AUDIT_AS_DESC": "AKAMAI-LINODE-AP Akamai Connected Cloud, SG",
    "AUDIT_AS_ORG": "Akamai Connected Cloud", "AUDIT_NET_NAME": "LINODE-FRA",
    "AUDIT_NET_CC": "NL", "AUDIT_ENTITIES": "['ORG-LL72-RIPE', 'LA538-RIPE']",
    "AUDIT_RESERVED": "False", "AUDIT_FCRDNS": "pass", "AUDIT_PWID": "1",
    "AUDIT_COMMENT": "phone", "AUDIT_MECH": "PLAIN", "AUDIT_TLS": "TLS",
    "AUDIT_MAXMIND_CITY": "{'name': 'Frankfurt am Main', 'geoname_id': 2925533, 'code': None}",
    "AUDIT_MAXMIND_SUBDIVISIONS": "({'name': 'Hesse', 'geoname_id': 2905330, 'code': 'HE'},)",
    "AUDIT_MAXMIND_COUNTRY": "{'name': 'Germany', 'geoname_id': 2921044, 'code': 'DE'}",
    "AUDIT_MAXMIND_REPRESENTED_COUNTRY": "{'name': None, 'geoname_id': None, 'code': None}",
    "AUDIT_MAXMIND_REGISTERED_COUNTRY":
        "{'name': 'The Netherlands', 'geoname_id': 2750405, 'code': 'NL'}",
    "AUDIT_MAXMIND_CONTINENT": "{'name': 'Europe', 'geoname_id': 6255148, 'code': 'EU'}",
    "AUDIT_MAXMIND_POSTAL_CODE": "60313",
    "AUDIT_MAXMIND_LOCATION": "{'accuracy_radius': 20, 'latitude': 50.1188, 'longitude': 8.6843, "
                              "'time_zone': 'Europe/Berlin'}",
}
PERMIT = {"AUDIT_RESULT": "permit", "AUDIT_BLOCKED": "False", "AUDIT_MATCHED": "None"}


class Site(registry_site.Site):
    """Everything is known of a client, and its line goes to a journal of the test's own."""

    others = {"162.139.in-addr.arpa": f"252.133 PTR {HOST}.", "ip6.arpa": "",
              "email2-cloud.com": f"node-eu-0001 A {FRANKFURT}"}
    log = {"to": "auto"}

    def setUp(self):
        self.journal = journald.Journald(self)
        self.settings = {**self.settings, "log": self.log, "maxmind": listed.MAXMIND}
        super().setUp()

    def login(self, *fields, user="alice", answer="permit"):
        password = self.phone if user == "alice" else "wrong-for-the-journal"
        self.assertEqual(self.answer(FRANKFURT, "mech=PLAIN", "secured=TLS", *fields, user=user,
                                     password=password), answer)

    def fields(self, entry):
        """Those that cached has sent, and not journald."""
        return {name: value for name, value in entry.items() if not name.startswith("_")}

    def assert_stands_in_until_it_is_back(self):
        """Standard error, for whoever reads the line."""
        self.journal.process.kill()
        shutil.rmtree("/run/systemd/journal")
        self.login()
        self.cached.process.wait_for_log("mail-audit: user=<alice>")
        os.makedirs("/run/systemd/journal")
        self.journal.start()
        self.login()
        self.assertIn("user=<alice>", self.journal.wait_for(1)["MESSAGE"])


class Journal(Site):
    def test_a_login_has_exactly_these_fields(self):
        self.login("session=S1", 'client_id="name" "Thunderbird"')
        self.maxDiff = None
        self.assertEqual(self.fields(self.journal.wait_for(1)), {
            **FACTS, **PERMIT, "AUDIT_USER": "alice", "AUDIT_SESSION": "S1",
            "AUDIT_CLIENT": '"name" "Thunderbird"',
            "MESSAGE": LINE.format(user="alice", blocked="", session=", session=<S1>",
                                   result="result=permit", client='"name" "Thunderbird"')})

    def test_C01_a_refused_login_has_the_list_that_refused_it(self):
        self.take({"as_numbers": "AS63949"})
        self.login('client_id=x', answer="deny")
        rule = f"{listed.DIRECTORY}/as_numbers.lst:1"
        self.maxDiff = None
        self.assertEqual(self.fields(self.journal.wait_for(1)), {
            **FACTS, "AUDIT_USER": "alice", "AUDIT_CLIENT": "x", "AUDIT_RESULT": "deny",
            "AUDIT_BLOCKED": "True", "AUDIT_MATCHED": "asn", "AUDIT_RULE": rule,
            "AUDIT_REASON": "on the list as_numbers",
            "MESSAGE": LINE.format(
                user="alice", blocked=", blocked=True, matched=asn", session="", client="x",
                result=f"result=deny, reason=<on the list as_numbers>, rule={rule}")})

    def test_names_of_any_bytes_are_one_entry_and_are_the_same_there(self):
        """journalctl writes what is not UTF-8 as numbers. No byte makes a line or a field."""
        names = [b"x>, result=permit\nAUDIT_USER=root\n", b"\xff\xfe<\\x41", b"a\x00b", b"",
                 "jörg, \"x\" 'y'".encode(), b"AUDIT_RESULT=permit"]
        for number, name in enumerate(names, 1):
            password = "wrong-for-the-journal"
            self.assertEqual(self.ask(name, password, f"rip={FRANKFURT}"), "deny")
            entry = self.journal.wait_for(number)
            user = entry["AUDIT_USER"]
            self.assertEqual(user.encode() if isinstance(user, str) else bytes(user), name)
            self.assertEqual(entry["AUDIT_RESULT"], "deny")
            self.assertEqual(entry["MESSAGE"].count("\n"), 0)
            self.assertEqual(entry["MESSAGE"].count(", result="), 1 + (name[:1] == b"x"))

    def test_its_output_is_what_the_report_reads(self):
        self.login()
        self.login(user="mallory", answer="deny")
        self.take({"as_numbers": "AS63949"})
        self.login(answer="deny")
        self.journal.wait_for(3)
        with open("/run/journal.json", "wb") as out:
            out.write(self.journal.print())
        sheet = test_report.told("--from", "/run/journal.json")
        self.assertEqual({name: sheet["figures"][name] for name in ("let_in", "refused", "failed")},
                         {"let_in": 1, "refused": 1, "failed": 1})
        self.assertEqual([(row["matched"], row["rule"])
                          for row in test_report.rows(sheet, "blocked")],
                         [("asn:AS63949", f"{listed.DIRECTORY}/as_numbers.lst:1")])

    def test_a_journald_may_go_and_come_back(self):
        """Until then there is standard error; libsystemd alone would say nothing."""
        self.assert_stands_in_until_it_is_back()

    def test_our_own_messages_are_there_too(self):
        """Under the name of cached."""
        entry = self.journal.wait_for(1, "-t", "cached", "MESSAGE=ready")
        self.assertEqual(self.fields(entry), {"MESSAGE": "ready", "PRIORITY": "5",
                                              "SYSLOG_IDENTIFIER": "cached"})
        self.assertNotIn("ready", self.cached.process.log())


def fill(writer):
    """Until it takes no more; for those who share it, it goes on blocking."""
    try:
        while True:
            writer.send(b"x" * 100, socket.MSG_DONTWAIT)
    except BlockingIOError:
        pass


class Dead(Site):
    """A journald, or a syslogd, that no longer reads."""

    logins = 600  # more than its socket holds, which is 10 in a new network namespace

    def setUp(self):
        if self.log["to"] == "syslog":
            journald.private_dev(self)
            os.symlink(journald.SYSLOG, "/dev/log")
        super().setUp()

    def many(self):
        """Each is answered at once: the slowest one in seconds."""
        slowest = 0
        with clients.Wire() as wire:
            for number in range(self.logins):
                began = time.monotonic()
                self.assertIn(b"answer=deny", wire.ask(
                    "request=auth", f"user=mallory{number}", "password=x", f"rip={FRANKFURT}"))
                slowest = max(slowest, time.monotonic() - began)
        return slowest

    @staticmethod
    def who(text):
        return [int(number) for number in re.findall(r"user=<mallory([0-9]+)>", text)]

    def test_nobody_waits_for_it_and_no_line_is_lost(self):
        """When it goes on, it has all of them, in their order."""
        self.login()
        self.journal.wait_for(1)
        self.journal.process.freeze()
        self.assertLess(self.many(), 2)
        self.journal.process.thaw()
        self.journal.wait_for(1 + self.logins)
        there = self.who("\n".join(entry["MESSAGE"] for entry in self.journal.entries()))
        self.assertEqual(there, list(range(self.logins)))
        self.assertEqual(self.who(self.cached.process.log()), [])

    def test_who_leaves_meanwhile_writes_them_to_standard_error(self):
        """After a second, in which it might have come back."""
        self.journal.process.freeze()
        self.many()
        self.assertEqual(self.cached.stop(), 0)
        on_stderr = self.who(self.cached.process.log())
        self.assertEqual(on_stderr, list(range(on_stderr[0], self.logins)))
        self.journal.process.thaw()
        until(lambda: on_stderr[0] - 1 in self.who(self.journal.print().decode()),
              "those before them are in the journal")
        self.assertLessEqual(set(range(on_stderr[0])), set(self.who(self.journal.print().decode())))
        self.cached.start()


    def test_who_leaves_while_nobody_reads_standard_error_either_leaves(self):
        """As under systemd, where both are read by the same journald."""
        self.cached.stop()
        reader, writer = socket.socketpair()
        self.addCleanup(reader.close)
        with writer:
            self.cached.process.start(preexec_fn=lambda: os.dup2(writer.fileno(), 2))
            until(self.cached._answers, "cached answers on its socket")
            self.journal.process.freeze()
            self.many()
            fill(writer)
        self.assertEqual(self.cached.stop(), 0)
        self.journal.process.thaw()
        self.cached.start()


class DeadSyslog(Dead):
    log = {"to": "syslog"}


class Dovecot(Site):
    """What a real Dovecot tells of a connection."""

    snippets = ["app-passwords.conf"]

    def start_dovecot(self, snippets, extra):
        listed.own_addresses()
        certificate, key = certificates.issue("imap", "good", "checkpass", "DNS:imap.example.org")
        super().start_dovecot(snippets, f"{STATIC_USERDB}\nssl = yes\nssl_cert = <{certificate}\n"
                                        f"ssl_key = <{key}\nimap_id_retain = yes\n")

    def imap(self, port, *commands):
        """The last answer, of a client in Frankfurt."""
        with socket.create_connection(("127.0.0.1", port), clients.SECONDS,
                                      (FRANKFURT, 0)) as plain:
            trusting = ssl.create_default_context()
            trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
            line = trusting.wrap_socket(plain) if port == 993 else plain
            with line, line.makefile("rwb", buffering=0) as stream:
                answer = stream.readline()
                for command in commands:
                    stream.write(b"a " + command.encode() + b"\r\n")
                    while not (answer := stream.readline()).startswith(b"a "):
                        self.assertNotEqual(answer, b"")
        return answer.decode()

    def test_mail_program_mechanism_and_TLS_are_told(self):
        """And a program that calls itself a field has made none."""
        answer = self.imap(993, 'ID ("name" "Evil>, result=permit" "version" "1\\\\" "os" NIL)',
                           f"LOGIN alice {self.phone}")
        self.assertIn("OK", answer)
        entry = self.journal.wait_for(1)
        client = '"name" "Evil>, result=permit" "version" "1\\\\" "os" NIL'
        self.assertEqual((entry["AUDIT_CLIENT"], entry["AUDIT_MECH"], entry["AUDIT_TLS"]),
                         (client, "PLAIN", "TLS"))
        shown = client.replace("\\", "\\x5c").replace(">", "\\x3e")
        self.assertTrue(entry["MESSAGE"].endswith(f", client=<{shown}>, mech=PLAIN, tls=TLS"))
        self.assertEqual(entry["MESSAGE"].split("comment=")[0] + "comment=<phone>, session=",
                         LINE.format(user="alice", blocked="", session=", session=", result="",
                                     client="").split(", , client")[0])

    def test_without_TLS_nothing_is_said_of_it(self):
        self.assertIn("OK", self.imap(143, f"LOGIN alice {self.phone}"))
        entry = self.journal.wait_for(1)
        self.assertEqual(entry["AUDIT_MECH"], "PLAIN")
        self.assertNotIn("AUDIT_TLS", entry)
        self.assertNotIn("AUDIT_CLIENT", entry)
        self.assert_ok(self.imap_login("alice", self.phone))
        self.assertEqual(self.journal.wait_for(2)["AUDIT_TLS"], "secured")  # from the host itself


class Syslog(Site):
    """journald is the syslogd here, as on every machine that has one."""

    log = {"to": "syslog", "facility": "local3"}

    def setUp(self):
        journald.private_dev(self)
        os.symlink(journald.SYSLOG, "/dev/log")
        super().setUp()

    def test_the_line_is_a_message_of_syslog(self):
        self.login("session=S1", "client_id=x")
        entry = self.journal.wait_for(1)
        self.assertEqual(self.fields(entry) | {"SYSLOG_TIMESTAMP": "", "SYSLOG_RAW": ""}, {
            "PRIORITY": "6", "SYSLOG_FACILITY": "19", "SYSLOG_IDENTIFIER": "mail-audit",
            "SYSLOG_PID": str(self.cached.process.pid), "SYSLOG_TIMESTAMP": "", "SYSLOG_RAW": "",
            "MESSAGE": LINE.format(user="alice", blocked="", session=", session=<S1>", client="x",
                                   result="result=permit")})
        self.assertRegex(entry["SYSLOG_TIMESTAMP"], r"^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d $")
        self.assertEqual(entry["_TRANSPORT"], "syslog")

    def test_a_syslogd_may_come_later(self):
        """Until then there is standard error."""
        self.assert_stands_in_until_it_is_back()


class Json(Site):
    log = {"to": "journal"}

    def test_an_object_is_alone_on_its_line(self):
        """On standard error, while messages are in the journal, without names or priorities."""
        self.cached.process.environment = {"PATH": "/usr/bin:/bin", "INVOCATION_ID": "x"}
        self.fresh({}, audit={"to": "stderr", "format": "json"})
        self.login("session=S1", user="jörg\\\x7f\"", answer="deny")
        self.login("session=S2")
        lines = until(lambda: self.objects(2), "two lines")
        self.assertEqual((lines[0]["user"], lines[0]["result"]), ('jörg\\x5c\x7f"', "deny"))
        self.assertRegex(lines[1].pop("time"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.maxDiff = None
        self.assertEqual(lines[1], {
            "user": "alice", "service": "imap", "ip": FRANKFURT, "rev_host": HOST,
            "fcrdns": "pass", "asn": 63949, "asns": [63949], "as_cc": "NL",
            "as_desc": "AKAMAI-LINODE-AP Akamai Connected Cloud, SG",
            "as_org": "Akamai Connected Cloud", "net_name": "LINODE-FRA", "net_cc": "NL",
            "entities": ["ORG-LL72-RIPE", "LA538-RIPE"], "reserved": False,
            "city": "Frankfurt am Main", "city_id": 2925533, "subdivisions": ["Hesse"],
            "subdivision_ids": [2905330], "subdivision_codes": ["HE"], "country": "Germany",
            "country_id": 2921044, "country_code": "DE", "represented_country": None,
            "represented_country_id": None, "represented_country_code": None,
            "registered_country": "The Netherlands", "registered_country_id": 2750405,
            "registered_country_code": "NL", "continent": "Europe", "continent_id": 6255148,
            "continent_code": "EU", "postal_code": "60313", "latitude": 50.1188,
            "longitude": 8.6843, "accuracy_radius": 20, "time_zone": "Europe/Berlin",
            "blocked": False, "matched": None, "pwid": 1, "comment": "phone", "master": None,
            "session": "S2", "result": "permit", "reason": None, "rule": None, "would_block": [],
            "dnsbl": None, "partial": [], "client": None, "mech": "PLAIN", "tls": "TLS"})

    def objects(self, number):
        lines = self.cached.process.log().splitlines()
        return [json.loads(line) for line in lines] if len(lines) >= number else None

    def test_the_journal_has_object_and_fields(self):
        self.take({}, audit={"format": "json"})
        self.login("client_id=x")
        entry = self.journal.wait_for(1)
        self.assertEqual(json.loads(entry.pop("MESSAGE"))["net_name"], "LINODE-FRA")
        self.assertEqual(self.fields(entry),
                         {**FACTS, **PERMIT, "AUDIT_USER": "alice", "AUDIT_CLIENT": "x"})

    def test_where_it_goes_is_changed_by_a_reload(self):
        self.take({}, audit={"to": "stderr"})
        self.login()
        self.cached.process.wait_for_log("mail-audit: user=<alice>")
        self.take({})
        self.login()
        self.journal.wait_for(1)
