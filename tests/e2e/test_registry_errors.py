"""Registries that fail: a login is answered in time all the same, its audit line says what is not
known, and who failed is left alone for a while."""
# SPDX-License-Identifier: MIT
import time

import fake_server
import rdap_answers
import registry_site
from listed import FRANKFURT
from processes import until
from rdap_answers import body, chain, in_seconds, notice, redirect, status
from rdap_server import ARIN, FORBIDDEN, GONE, OTHER_NAME, RIPE, STRANGER
from registry_site import APNIC_HOST, ARIN_HOST, BT, BT_OTHER, RIPE_CLIENTS

NOT_KNOWN = ("<None>", "<WHOIS ERROR>")
NOT_ASKED = "registry: RDAP of ripencc is not asked for "
# What the registry of BT does, and then nobody of RIPE's is asked about for a while.
AWAY = {
    "503": status(503), "silence": rdap_answers.silent,
    "a byte now and then": rdap_answers.dripping, "an end in the middle": rdap_answers.cut,
    "an end at once": rdap_answers.cut_at_once, "a redirect to nowhere": status(301),
}
# What it does, and is not asked again about BT for a while.
WRONG = {
    "400": status(400), "404": status(404), "500": status(500), "not JSON": rdap_answers.not_json,
    "half of JSON": rdap_answers.half_json, "no network": rdap_answers.no_network,
    "nothing at all": body(b""), "10 MB": rdap_answers.huge, "100,000 arrays": rdap_answers.deep,
    "addresses that are none": body('{"handle": "x", "ipVersion": "v4", "startAddress": '
                                    '"62.239.237.999", "endAddress": "", "name": "NONSENSE"}'),
    "a redirect loop": redirect("https://" + RIPE + "{path}"),
    "six redirects": chain(f"https://{RIPE}/ip/{BT_OTHER}", 6),
    "a forbidden host": redirect("https://" + FORBIDDEN + "{path}"),
    "another port": redirect("https://" + RIPE + ":6379{path}"),
    "http": redirect("http://" + RIPE + "{path}"),
    "a file": redirect("file:///etc/passwd"),
}
BASES = {"a stranger's certificate": STRANGER, "another name's certificate": OTHER_NAME,
         "nobody there": GONE, "a name that is none": "rdap.nowhere.test"}


class Site(registry_site.Site):
    registry = {"query_time": "1s", "connect_time": "1s", "pause": "1m"}

    def assert_is_not_told(self, ip, seconds=6):
        """A login from there is let in in time, and its line says what is not known. Team Cymru
        has told the rest."""
        answer, took = self.timed(ip)
        self.assertEqual(answer, "permit")
        self.assertLess(took, seconds)
        line = self.next_line()
        failed = "net_name" not in line.get("partial", "")
        self.assertIn((line["net_name"], line["net_cc"]),
                      [("<WHOIS ERROR>", "ZZ"), ("<None>", "None")][not failed:], line)
        self.assert_line(line, blocked=None, result="permit")
        return line

    def assert_others_are_told(self):
        """Of another registry."""
        self.assert_network(ARIN_HOST, "CYMRU-NET", asn="AS23028/AS701")


class Rdap(Site):
    def test_a_registry_that_is_away_is_left_alone(self):
        """K05, S1: errors, silence, a slow drip, an end too early. Nobody else of its networks is
        asked about meanwhile, one line in the log names it, and other registries are asked."""
        for name, does in AWAY.items():
            with self.subTest(name):
                self.rdap.does = {RIPE: does}
                self.fresh({"network_name": "CYMRU.*X"})
                logged = len(self.cached.process.log())
                before = self.rdap.asked()
                line = self.assert_is_not_told(BT)
                self.assert_line(line, asn="AS2856", as_cc="GB")
                self.assertEqual(self.rdap.asked() - before, 1)
                for ip in (BT, *RIPE_CLIENTS[:5]):
                    self.assert_is_not_told(ip)
                self.assertEqual(self.rdap.asked() - before, 1)
                self.assert_others_are_told()
                self.assertEqual(self.cached.process.log()[logged:].count(NOT_ASKED), 1)

    def test_K22_an_answer_that_is_none_is_not_asked_for_again(self):
        """For a while; it is no fact, and nothing of it is in the log but what is printable."""
        for name, does in WRONG.items():
            with self.subTest(name):
                self.rdap.does = {BT: does}
                self.fresh({"network_name": "CYMRU.*X"})
                self.assert_is_not_told(BT)
                asked = self.rdap.asked()
                self.assert_is_not_told(BT)
                self.assertEqual(self.rdap.asked(), asked)
                self.assert_others_are_told()
        self.assertEqual(self.cached.process.log().count(NOT_ASKED), 0)
        self.assertNotIn(FORBIDDEN, "".join(self.rdap.paths()))
        self.assertNotIn("root:", self.cached.process.log())

    def test_a_registry_that_answers_nothing_of_use_is_left_alone(self):
        """One answer may be due to what was asked; three in a row are as good as none."""
        self.rdap.does = {RIPE: status(500)}
        for ip in RIPE_CLIENTS[:8]:
            self.assert_is_not_told(ip)
        self.assertEqual(self.rdap.asked(), 3)
        self.assertEqual(self.cached.process.log().count(NOT_ASKED), 1)
        self.assert_others_are_told()

    def test_an_answer_with_too_many_arrays_in_it_hurts_nobody(self):
        """100,000 of them, one in the other, behind what is right."""
        self.rdap.does[BT] = rdap_answers.deep_inside
        self.assertEqual(self.answer(BT), "permit")
        self.assertIn(self.next_line()["net_name"], (*NOT_KNOWN, "<DEEP>"))
        self.assert_others_are_told()

    def test_a_server_that_is_another_one_is_not_believed(self):
        """TLS: signed by strangers, or in another name; nobody there, no such name."""
        for name, host in BASES.items():
            with self.subTest(name):
                self.fresh(registry={"rdap": self.rdap.bases(ripencc=f"https://{host}")})
                self.assert_is_not_told(BT)
                self.assert_others_are_told()
        self.assertEqual(self.rdap.asked(BT), 0)
        self.fresh(registry={"tls_ca": ""})
        self.assert_is_not_told(BT)
        self.assertEqual(self.rdap.asked(BT), 0)

    def test_a_registry_that_has_given_its_network_away_sends_us_on(self):
        """301 and its like, to another registry, or five times; which is then told."""
        for code in (301, 302, 303, 307, 308):
            self.rdap.does = {BT: redirect("https://" + ARIN + "/registry/ip/" + BT_OTHER, code)}
            self.rdap.add("62.239.201.0/24", f"MOVED-{code}", startAddress="62.239.0.0",
                          endAddress="62.239.255.255")
            self.fresh()
            self.assert_network(BT, f"MOVED-{code}")
            self.assertIn("rdap+json", self.rdap.requests[-1].headers["Accept"])
        self.rdap.does = {BT: chain(f"https://{RIPE}/ip/{BT_OTHER}", 5)}
        self.fresh()
        self.assert_network(BT, "MOVED-308")

    def test_who_is_told_to_wait_waits(self):
        """429 or RDAP's own notice, for as long as is said, or two minutes: nobody of that registry
        is asked about, however many log in. dovecot_web_auth let them all wait for it."""
        for name, does in {"no time": status(429), "a notice": notice("Rate Limit Notice"),
                           "long": status(429, Retry_After="3600"),
                           "a date": status(429, Retry_After=in_seconds(60)),
                           "nonsense": status(429, Retry_After="soon"),
                           "the past": status(503, Retry_After=in_seconds(-60)),
                           "years": status(429, Retry_After="9" * 30)}.items():
            with self.subTest(name):
                self.rdap.does = {RIPE: does}
                self.fresh({"network_name": "CYMRU.*X"})
                before = self.rdap.asked()
                for ip in (BT, *RIPE_CLIENTS[:10], BT):
                    self.assert_is_not_told(ip)
                self.assertEqual(self.rdap.asked() - before, 1)
                self.assert_others_are_told()

    def test_who_has_waited_asks_again(self):
        """After Retry-After, in seconds or as a date, and after the pause of one that was away."""
        clients = iter(RIPE_CLIENTS)
        for name, does, least in (("seconds", status(429, Retry_After="2"), 1.9),
                                  ("a date", lambda r: status(429, Retry_After=in_seconds(3))(r),
                                   1.9), ("away", status(503), 0.9)):
            with self.subTest(name):
                self.rdap.does = {RIPE: does}
                self.fresh(registry={"pause": "1s"})
                self.assert_is_not_told(next(clients))
                began = time.monotonic()
                self.rdap.does = {}
                until(lambda: self.told(next(clients))["net_name"] == "<RIPE-CLIENTS>",
                      "it is asked again", 20)
                self.assertGreater(time.monotonic() - began, least - 0.5)

    def test_what_nobody_can_tell_now_is_known_when_they_can(self):
        """The server is down, and up again: nobody restarts cached."""
        self.fresh(registry={"pause": "200ms"})
        self.rdap.stop()
        self.assert_is_not_told(BT)
        self.rdap.start()
        self.learned(BT, "BT-CORPORATE")
        self.rdap.stop()
        self.assert_is_not_told(BT_OTHER)
        self.assert_network(BT, "BT-CORPORATE")
        self.rdap.start()
        self.learned(BT_OTHER, "BT-INFONET")

    def test_the_budget_is_kept_whatever_they_do(self):
        """partial= names what is not there; what an active list does not need is not waited for."""
        self.rdap.does = {RIPE: rdap_answers.silent}
        self.take({"network_cc": "KP"}, audit={"network_time": "400ms"},
                  registry={"query_time": "20s"})
        line = self.assert_is_not_told(BT)
        for name in ("net_name", "net_cc"):
            self.assertIn(name, line["partial"])
        for name in ("asn", "as_cc", "as_desc"):
            self.assertNotIn(name, line["partial"])


class Whois(Site):
    """Port 43, where it is configured."""

    def test_the_old_protocol_is_asked_when_RDAP_is_away(self):
        """And only then; explain says that it was."""
        questions = []

        def tell(connection):
            questions.append(connection.recv(1000))
            connection.sendall(b"% RIPE\r\n\r\ninetnum:        62.239.237.0 - 62.239.237.255\r\n"
                               b"netname:        BT-BY-WHOIS\r\ncountry:        gb\r\n"
                               b"admin-c:        BTCR4-RIPE\r\nsource:         RIPE\r\n\r\n")
        server = fake_server.FakeServer(tell)
        self.take({}, registry={"whois": f"ripencc={server.host}"})
        self.assert_network(BT_OTHER, "BT-INFONET")
        self.assertEqual(questions, [])
        self.rdap.stop()
        self.assert_network(BT, "BT-BY-WHOIS", net_cc="GB")
        self.assert_asks_nobody(self.assert_network, BT, "BT-BY-WHOIS")
        self.assertEqual(len(questions), 1)
        self.assertIn(BT.encode(), questions[0])
        self.assertIn("whois43", self.explained(BT)["net_name"][1])

    def test_a_whois_server_that_is_none_is_as_if_there_were_none(self):
        """Silent, closing, garbage, a byte now and then."""
        self.rdap.stop()
        for number, behaviour in enumerate(fake_server.ALL):
            server = fake_server.FakeServer(behaviour)
            self.take({"network_name": "x"}, registry={"whois": f"ripencc={server.host}",
                                                       "query_time": "400ms"})
            self.assert_is_not_told(RIPE_CLIENTS[number])


class Cymru(Site):
    """Team Cymru's answers that are none."""

    origins = {**registry_site.ORIGINS,
               "64.1.0.0/16": "not | an | origin", "64.2.0.0/16": "",
               "64.3.0.0/16": "701 | 64.3.0.0/16 | US | registry-of-mars | 1999-01-01",
               "64.4.0.0/16": ["701 | 64.4.0.0/16 | US | arin | 1999-01-01", "x\x01y | \x1b[2J"],
               "64.5.0.0/16": "64999 | 64.5.0.0/16 | US | arin | 1999-01-01"}
    as_names = {**registry_site.AS_NAMES, 64999: "64999 | US"}

    def test_answers_that_are_none_are_nothing_that_is_known(self):
        """Garbage, nothing, an unknown registry, one that is wrong among several; a name that is
        missing. Escaped in the log, if they are there."""
        lists = {"as_numbers unknown=deny": "AS1"}
        for ip in ("64.1.0.1", "64.2.0.1", "64.3.0.1", "64.4.0.1"):
            self.fresh(lists)
            self.assert_line(self.line(ip, "deny"), asn="None", matched="asn")
            self.assert_network(BT, "BT-CORPORATE", asn="AS2856")
        self.take({"as_names": "x"})
        self.assert_line(self.line("64.5.0.1"), asn="AS64999", result="permit")
        self.assertNotRegex(self.cached.process.log(), "[\x00-\x08\x0b-\x1f]")

    def test_C15_a_failure_is_no_longer_than_it_lasts(self):
        """SERVFAIL: unknown is what the list says, and when it is over the answer is there."""
        self.take({"as_numbers unknown=later": "AS701"}, registry={"pause": "300ms"})
        names = {f"{last}.237.239.62.origin.asn.cymru.com" for last in range(256)}
        self.names.failing |= names
        self.assert_line(self.line(BT, "later"), asn="None", as_cc="ZZ", as_desc="<ERROR-RESPONSE>",
                         net_name="<WHOIS ERROR>")
        self.names.failing -= names
        until(lambda: self.told(BT)["asn"] == "AS2856", "it is asked again")

    def test_a_late_answer_is_not_waited_for_longer_than_is_told(self):
        """Others are told meanwhile; what comes late is there for the next login."""
        for last in range(256):
            self.names.delay[f"{last}.133.162.139.origin.asn.cymru.com"] = 1.8
        self.take({"as_numbers unknown=later": "AS701", "network_name": "x"},
                  audit={"network_time": "400ms"})
        told, seconds = self.timed(FRANKFURT)
        self.assertEqual((told, seconds < 5), ("later", True))
        line = self.next_line()
        self.assert_line(line, asn="None", net_name="<None>")
        for name in ("asn", "as_cc", "as_desc", "net_name", "net_cc"):
            self.assertIn(name, line["partial"])
        self.learned(APNIC_HOST, "EACCESS")
        until(lambda: self.told(FRANKFURT)["asn"] == "AS63949", "the late answer is there")
        self.assertEqual(self.names.asked_below("133.162.139.origin.asn.cymru.com"), 1)

    def test_a_system_whose_name_is_not_told_has_none(self):
        """Its number, its country and its network are there."""
        self.names.failing.add("as2856.asn.cymru.com")
        line = self.line(BT)
        self.assert_line(line, asn="AS2856", as_cc="GB", net_name="<BT-CORPORATE>")
        self.assertEqual(line["as_desc"], "<ERROR-RESPONSE>")
