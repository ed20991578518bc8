"""What registries say of a client: asked once, remembered, in the audit line, judged by lists."""
# SPDX-License-Identifier: MIT
import dovecot
import listed
import rdap_answers
import registry_site
import secrets_used
from listed import FRANKFURT, VODAFONE
from rdap_server import AFRINIC, APNIC, ARIN, LACNIC, RIPE
from registry_site import (AFRINIC_HOST, APNIC_HOST, ARIN_HOST, BT, BT_AT_LARGE, BT_OTHER, HALF,
                           LACNIC_HOST, NAMES, OTHER_HALF, UNROUTED, V6_HOST)

WRONG = "wrong-word-this-is"
LISTS = {  # what is on each, of whom it holds, and of whom not
    "network_name": ("BT-CORP.*", "net_name", BT, BT_OTHER),
    "network_cc": ("RU", "net_cc", BT_OTHER, BT),
    "entities": ("btcr4-ripe", "entity", BT, BT_OTHER),
    "as_numbers": ("AS701", "asn", ARIN_HOST, BT),
    "as_names": ("UUNET, US", "as_name", ARIN_HOST, BT),
    "as_cc": ("NL", "as_cc", FRANKFURT, BT),
}


class Told(registry_site.Site):
    def test_a_cold_login_asks_each_once_and_a_warm_one_nobody(self):
        """The words are those of the registries, byte for byte. Whoever comes from the same cell
        and network is known, too."""
        line = self.line(BT)
        self.assert_line(line, asn="AS2856", as_cc="GB", net_name="<BT-CORPORATE>", net_cc="GB",
                         as_desc="<BT-UK-AS BTnet UK Regional network, GB>", partial=None)
        self.assertIn("entity=BTCR3-RIPE, entity=BTCR4-RIPE,", self.cached.process.log())
        self.assertEqual(self.rdap.paths(), {f"{RIPE}/ip/{BT}": 1})
        self.assertEqual(self.names.asked("AS2856.asn.cymru.com"), 1)
        self.assertEqual(self.names.asked_below("origin.asn.cymru.com"), 1)
        headers = self.rdap.requests[0].headers
        self.assertIn("application/rdap+json", headers["Accept"])
        self.assertIn("checkpass", headers["User-Agent"])
        for ip in (BT, "62.239.237.254", BT):
            self.assert_asks_nobody(self.assert_network, ip, "BT-CORPORATE")

    def test_C13_D02_each_customer_of_a_prefix_has_the_network_it_is_in(self):
        """In either order, and whoever has been asked about before: 62.239.0.0/16 is announced as a
        whole, and the predecessors gave all of it the name of whoever came first."""
        for order in (list(NAMES), list(reversed(NAMES)), [BT_AT_LARGE, BT, OTHER_HALF, BT_OTHER,
                                                           HALF]):
            self.fresh()
            before = self.rdap.asked()
            for ip in order * 2:
                self.assert_network(ip, NAMES[ip])
            self.assertEqual(self.rdap.asked() - before, len(NAMES))

    def test_C14_families_have_nothing_to_do_with_each_other(self):
        """dovecot_web_auth took 2a01:4f8::808:801 for 8.8.8.0/24. An IPv4 address is the same one
        in its IPv6 form."""
        self.assert_network("8.8.8.8", "GOGL", asn="AS15169")
        self.assert_network("2a01:4f8::808:801", "DE-HETZNER", asn="AS24940", net_cc="DE")
        self.assert_network(V6_HOST, "BT-CORPORATE6", asn="AS2856")
        self.assert_asks_nobody(self.assert_network, "::ffff:8.8.8.8", "GOGL")

    def test_each_registry_is_asked_at_its_own_server(self):
        """The one that Team Cymru names. K18, K19: a network without a name, or without a country,
        is one, of which that is not told."""
        self.assert_network(ARIN_HOST, "CYMRU-NET", net_cc="None", as_cc="US")
        self.assert_network(APNIC_HOST, "EACCESS", net_cc="JP")
        self.assert_network(LACNIC_HOST, "None", net_cc="MX", entity="MX-TRIA-LACNIC")
        self.assert_network(AFRINIC_HOST, "NET-196-11-240-0", net_cc="ZA", entity=None)
        self.assertEqual(set(self.rdap.paths()), {
            f"{ARIN}/registry/ip/{ARIN_HOST}", f"{APNIC}/ip/{APNIC_HOST}",
            f"{LACNIC}/rdap/ip/{LACNIC_HOST}", f"{AFRINIC}/rdap/ip/{AFRINIC_HOST}"})

    def test_shapes_of_answers(self):
        """Zero-padded octets, a length behind an address, upper case."""
        self.rdap.add("62.239.237.0/24", "PADDED", "gb", **rdap_answers.padded("62.239.237.0/24"))
        self.rdap.add("62.239.201.0/24", "WITH-LENGTH", startAddress="62.239.201.0/24",
                      endAddress="62.239.201.255/32")
        self.rdap.add("2a00:2381:ffff::/64", "UPPER", startAddress="2A00:2381:FFFF::/128",
                      endAddress="2A00:2381:FFFF:0:FFFF:FFFF:FFFF:FFFF")
        self.assert_network(BT, "PADDED", net_cc="gb")
        self.assert_network(BT_OTHER, "WITH-LENGTH")
        self.assert_network(V6_HOST, "UPPER")
        for ip in (BT, BT_OTHER, V6_HOST):
            self.assert_asks_nobody(self.assert_network, ip, self.told(ip)["net_name"][1:-1])

    def test_names_of_systems_as_Team_Cymru_has_them(self):
        """Not ASCII, quoted, of several strings; each of several systems counts, in lists too, and
        a list may have the bytes that are not ASCII as the predecessors' library wrote them."""
        self.take({"as_names": "T.+rdenetz.*x\nUUNET.*\nTriara\\.com, S\\.A\\. de C\\.V\\., MX\n"
                               "'FÖRDE-NET \"Fördenetz\" AG, JP"})
        self.assert_refused(ARIN_HOST, "as_name", "as_names.lst:2", asn="AS23028/AS701")
        self.assert_refused(LACNIC_HOST, "as_name", "as_names.lst:3")
        self.assert_refused(APNIC_HOST, "as_name", "as_names.lst:4")
        self.take({"as_names": r"'F\195\150RDE-NET \"F\195\182rdenetz\" AG, JP"})
        self.assert_refused(APNIC_HOST, "as_name", "as_names.lst:1")
        self.assert_let_in(ARIN_HOST)

    def assert_refused(self, ip, matched, rule, asn=None, **who):
        line = super().assert_refused(ip, matched, rule, **who)
        self.assertIn(asn, (None, line["asn"]))
        return line

    def test_an_address_that_nobody_announces_has_no_system(self):
        """Which is an answer, and remembered. Nobody knows then which registry to ask."""
        self.take({"as_numbers unknown=deny": "AS1", "as_cc unknown=deny": "KP"})
        line = self.line(UNROUTED)
        self.assert_line(line, asn="None", as_desc="<None>")
        self.assert_asks_nobody(self.line, UNROUTED)
        self.assertEqual(self.rdap.asked(), 0)

    def test_lists_of_what_registries_say(self):
        """Each refuses whom it names, by a password that is verified and after one that was, and
        nobody else."""
        for name, (entry, matched, on_it, not_on_it) in LISTS.items():
            self.take({name: f"# one\n{entry}"})
            self.assert_refused(on_it, matched, f"{name}.lst:2", password=self.phone)
            self.assert_refused(on_it, matched, f"{name}.lst:2")
            self.assert_let_in(not_on_it, password=self.phone)
            self.assert_let_in(not_on_it)
        self.take({"network_cc": "None"})
        self.assert_refused(ARIN_HOST, "net_cc", "network_cc.lst:1")
        self.assert_let_in(BT)

    def test_nobody_is_asked_about_addresses_inside(self):
        """Private, documentation, the site's own; ZZ is what their country is."""
        self.take({"network_name unknown=deny": "x"}, local_networks={"62.239.0.0/16": "our own"})
        for ip in ("10.1.2.3", "127.0.0.1", "192.0.2.1", "::1", "fd00::1", BT):
            self.assert_asks_nobody(self.assert_let_in, ip)
        self.assertEqual(self.told(BT)["net_name"], "<our own>")
        self.assertEqual(self.told("10.1.2.3")["as_desc"], "<IANA-RESERVED>")

    def test_only_who_has_a_right_password_makes_us_ask(self):
        """Unless process_unknown says so."""
        self.take({"network_name": "BT-CORPORATE"})
        self.assertEqual(self.assert_asks_nobody(self.answer, BT, password=WRONG), "deny")
        self.assert_line(self.next_line(), net_name="<None>", reason="<wrong password>")
        self.assert_refused(BT, "net_name", "network_name.lst:1", password=self.phone)
        self.take({"network_name": "BT-CORPORATE"}, audit={"process_unknown": "yes"})
        self.assertEqual(self.answer(BT_OTHER, password=WRONG), "deny")
        self.assert_line(self.next_line(), net_name="<BT-INFONET>", reason="<wrong password>")

    def test_who_is_asked_is_as_the_configuration_says(self):
        """ask = lists, never; cymru = no; a registry without a server."""
        self.take({}, registry={"ask": "lists"})
        self.assert_asks_nobody(self.assert_let_in, BT)
        self.take({"network_name": "BT-CORPORATE"}, registry={"ask": "lists"})
        self.assert_refused(BT, "net_name", "network_name.lst:1")
        self.take({"network_name": "BT-.*"}, registry={"ask": "never"})
        self.assert_asks_nobody(self.assert_let_in, BT_OTHER)
        self.take({}, registry={"rdap": self.rdap.bases(ripencc="")})
        self.assert_line(self.line(BT_OTHER), net_name="<WHOIS ERROR>", asn="AS2856")
        self.assertEqual(self.rdap.asked(BT_OTHER), 0)
        self.take({}, registry={"cymru": "no"})
        self.assert_asks_nobody(self.assert_line, self.line(VODAFONE), asn="None")


class Operator(registry_site.Site):
    """What cachedctl says and does."""

    def test_explain_tells_the_source_and_the_age_of_each_fact(self):
        """Just asked, and remembered."""
        for age in ("asked now|remembered, 0 s old", r"remembered, \d+ s old"):
            facts = self.explained(BT)
            for name, value, source in (
                    ("asn", "AS2856", "cymru"), ("as_cc", "GB", "cymru"),
                    ("as_name", "BT-UK-AS BTnet UK Regional network, GB", "cymru"),
                    ("net_name", "BT-CORPORATE", RIPE), ("net_cc", "GB", RIPE),
                    ("entities", "BTCR3-RIPE, BTCR4-RIPE", RIPE)):
                self.assertEqual(facts[name][0], value)
                self.assertRegex(facts[name][1], rf"{source}.*({age})", name)
        self.assertEqual(self.cached.audit(), [])

    def test_explain_tells_why_nobody_could_tell(self):
        """The registry that fails, by what it did."""
        self.rdap.does[RIPE] = rdap_answers.status(503)
        for ip in (BT, BT_OTHER):
            self.assertRegex(" ".join(self.explained(ip)["net_name"]), "not known.*ripencc.*503")

    def test_what_is_remembered_is_shown_and_forgotten_when_told(self):
        """cachedctl cache show, flush IP, flush all."""
        for ip in (BT, ARIN_HOST):
            self.line(ip)
        status, shown, errors = listed.control("cache", "show", BT)
        self.assertEqual((status, errors), (0, ""))
        for text in ("BT-CORPORATE", "AS2856", "BT-UK-AS", RIPE, "GB", "62.239.237.0"):
            self.assertIn(text.removeprefix("AS"), shown)
        self.assertNotIn("CYMRU-NET", shown)
        self.assertEqual(listed.control("cache", "flush", BT)[0], 0)
        self.assertNotIn("BT-CORPORATE", listed.control("cache", "show", BT)[1])
        self.assert_asks_nobody(self.line, ARIN_HOST)
        self.line(BT)
        self.assertEqual(self.rdap.asked(BT), 2)
        self.assertEqual(listed.control("cache", "flush", "all")[0], 0)
        for ip in (BT, ARIN_HOST):
            self.line(ip)
        self.assertEqual((self.rdap.asked(BT), self.rdap.asked(ARIN_HOST)), (3, 2))
        for words in (["show"], ["show", "nonsense"], ["flush"], ["flush", "some"], ["frob", BT]):
            status, printed, errors = listed.control("cache", *words)
            self.assertNotEqual(status, 0, words)
            self.assertEqual((printed, errors != ""), ("", True), words)


class Imap(registry_site.Site):
    """Through Dovecot, from an address of its own."""

    snippets = ["app-passwords.conf", "userdb-prefetch.conf"]

    def furnish(self):
        super().furnish()
        listed.own_addresses()
        dovecot.deliver("alice")

    def test_a_login_is_refused_by_what_the_registry_says(self):
        """And another one is not."""
        self.take({"network_name": "LINODE-.*"})
        secrets_used.remember(self.phone)
        self.assertIn("AUTHENTICATIONFAILED", self.imap_login("alice", self.phone,
                                                              source=FRANKFURT))
        self.assert_line(self.cached.wait_for_audit(1), net_name="<LINODE-FRA>",
                         matched="net_name", blocked="True", result="deny")
        self.assert_reads_mail("alice", self.phone, source=VODAFONE)
        self.assert_line(self.cached.wait_for_audit(2), net_name="<VODAFONE-D2>", result="permit")
