"""Lists about what only the network can tell: who is asked, when, and who waits for the answer."""
# SPDX-License-Identifier: MIT
import concurrent.futures

import listed
import nameserver
from listed import FRANKFURT, GOOGLE, VODAFONE
from processes import until

WRONG = "wrong-word-this-is"
NAMELESS = "139.162.134.1"
BROKEN = "139.162.135.1"  # its name cannot be found out
DIALUP = "139.162.136.1"
LISTED_TOO = "139.162.137.1"
ZONE = "zone-key-4711-0815.list.example"
TRAP = "a" * 28  # for (host-|node-)*([a-z0-9-]+)+
ZONES = {
    "162.139.in-addr.arpa": f"252.133 PTR node-eu-0001.email2-cloud.com.\n"
                            f"1.136 PTR dialup.example.org.\n1.137 PTR {TRAP}.example.org.",
    "0.5.4.1.0.0.a.2.ip6.arpa": nameserver.reverse_name(GOOGLE) + ". PTR fra16.example.org.",
    "example.org": "dialup A 139.162.136.1\nfra16 AAAA " + GOOGLE,
    ZONE: nameserver.listed({FRANKFURT: "127.0.0.4", LISTED_TOO: "127.0.0.4 127.0.0.9",
                             VODAFONE: "127.0.0.9", GOOGLE: "127.0.0.4"}),
    "all.example": "* A 127.0.0.2",
    "closed.example": nameserver.listed({}) + "\n*.162.139 A 127.255.255.254",
}


class Site(listed.Site):
    zones = ZONES
    network_time = 5

    def setUp(self):
        network_time = f"{self.network_time * 1000:.0f}ms"
        self.settings = {**self.settings, "audit": {"network_time": network_time}}
        super().setUp()

    def asked_about(self, *ips):
        """Questions for the names of these."""
        return sum(self.names.asked(nameserver.reverse_name(ip)) for ip in ips)

    def all_questions(self):
        return sum(self.names.questions.values())


class NetworkLists(Site):
    def setUp(self):
        super().setUp()
        self.names.failing.add(nameserver.reverse_name(BROKEN))

    def test_reverse_names(self):
        """In either case, by IPv4 and IPv6; <> is the answer that there is none, and a name that
        could not be found out is not."""
        self.take({"reverse_hostname": "NODE-EU-[0-9]+\\.email2-cloud\\.com\n<>\nfra16\\..*"})
        line = self.assert_refused(FRANKFURT, "rev_host", "reverse_hostname.lst:1")
        self.assertEqual(line["host"], "node-eu-0001.email2-cloud.com")
        line = self.assert_refused(NAMELESS, "rev_host", "reverse_hostname.lst:2")
        self.assertEqual(line["host"], "<>")
        self.assert_refused(GOOGLE, "rev_host", "reverse_hostname.lst:3")
        self.assert_let_in(DIALUP)
        self.assertEqual(self.assert_let_in(BROKEN)["host"], "None")

    def test_a_name_that_cannot_be_found_out_is_what_the_list_says(self):
        """unknown = allow, deny, later; of each list."""
        for word, answer in (("allow", "permit"), ("deny", "deny"), ("later", "later")):
            self.take({f"reverse_hostname unknown={word}": "<>"})
            reply = self.reply(BROKEN)
            self.assertEqual(reply["answer"], answer)
            line = self.next_line()
            self.assertEqual(line.get("matched"), "rev_host" if word == "deny" else None)
            self.assertNotIn("rule", line)
            self.assert_let_in(DIALUP)

    def test_a_second_login_asks_nothing(self):
        """Names, listings, and that there are none, are remembered."""
        self.take({"reverse_hostname": "x"},
                  **{"dnsbl spam": {"zone": ZONE, "codes": "127.0.0.4"}})
        for ip in (FRANKFURT, NAMELESS, GOOGLE):
            self.assert_let_in(ip)
        asked = self.all_questions()
        self.assertGreater(asked, 6)
        for ip in (FRANKFURT, NAMELESS, GOOGLE) * 3:
            self.assert_let_in(ip)
        self.assertEqual(self.all_questions(), asked)

    def test_C16_a_pattern_and_a_name_that_fit_badly_take_no_time(self):
        """The client chooses its name: dovecot_web_auth was busy with it for nine seconds."""
        self.take({"reverse_hostname": "(host-|node-)*([a-z0-9-]+)+\\.nomatch"})
        answer, seconds = self.timed(LISTED_TOO)
        self.assertEqual(self.next_line()["host"], TRAP + ".example.org")
        self.assertEqual(answer, "permit")
        self.assertLess(seconds, self.network_time)

    def test_only_who_has_a_right_password_makes_us_ask(self):
        """A stranger cannot make cached send questions, unless process_unknown says so."""
        lists = {"reverse_hostname": "dialup.*"}
        zone = {"dnsbl spam": {"zone": ZONE, "codes": "127.0.0.4"}}
        self.take(lists, **zone)
        self.assertEqual(self.answer(DIALUP, password=WRONG), "deny")
        self.assertEqual(self.next_line()["host"], "None")
        self.assertEqual(self.all_questions(), 0)
        self.assert_refused(DIALUP, "rev_host", "reverse_hostname.lst:1", password=self.phone)
        self.assertEqual(self.asked_about(DIALUP), 1)
        self.take(lists, audit={"process_unknown": "yes"}, **zone)
        self.assertEqual(self.answer(NAMELESS, password=WRONG), "deny")
        line = self.next_line()
        self.assertEqual((line["host"], line["reason"]), ("<>", "<wrong password>"))
        self.assertGreater(self.asked_about(NAMELESS), 0)

    def test_nobody_outside_is_asked_about_addresses_inside(self):
        """Private ones may have names in the DNS of the site; the zones are not for them."""
        self.take({}, local_networks={"139.162.133.0/24": "ours"},
                  **{"dnsbl spam": {"zone": ZONE, "codes": "127.0.0.4", "mode": "enforce"}})
        for ip in ("127.0.0.1", "10.1.2.3", "::1"):
            self.assert_let_in(ip)
        self.assertEqual(self.assert_let_in(FRANKFURT)["host"], "node-eu-0001.email2-cloud.com")
        self.assertEqual((self.names.asked_below(ZONE), self.asked_about("127.0.0.1", "::1")),
                         (0, 0))


class Blocklists(Site):
    """[dnsbl NAME]."""

    def take_zone(self, lists=None, **options):
        zone = {"zone": ZONE, "codes": "127.0.0.4/30", **options}
        return self.take(lists or {}, **{"dnsbl spam": zone})

    def assert_key_is_secret(self):
        """Part of a zone's name may be what the site pays for."""
        self.assertNotIn("4711", self.cached.process.log())

    def test_who_is_listed_is_refused_or_only_logged(self):
        """With a code that counts; IPv4 and IPv6."""
        self.take_zone(mode="enforce", message="Listed.")
        self.assert_refused(FRANKFURT, "dnsbl", "spam")
        self.assert_refused(LISTED_TOO, "dnsbl", "spam", password=self.phone)
        self.assert_refused(GOOGLE, "dnsbl", "spam")
        self.assertEqual(self.reply(FRANKFURT)["message"], "Listed.")
        self.next_line()
        self.assert_let_in(VODAFONE)
        self.assert_let_in(DIALUP)
        self.take_zone()
        self.assertEqual(self.assert_let_in(FRANKFURT)["would_block"], "<dnsbl spam>")
        self.assertNotIn("would_block", self.assert_let_in(DIALUP))
        self.assert_key_is_secret()

    def test_a_zone_that_lists_everybody_is_not_believed(self):
        """Nor one that says it does not answer us. One line in the log names it."""
        for zone in ("all.example", "closed.example"):
            for word, answer in (("allow", "permit"), ("deny", "deny"), ("later", "later")):
                self.take_zone(zone=zone, mode="enforce", unknown=word)
                self.assertEqual(self.answer(FRANKFURT), answer)
                self.assertNotEqual(self.next_line().get("rule"), "spam")
        for why in ("it lists what no list may", "it refuses to answer"):
            alarm = f"DNS list spam is not asked for a while: {why}"
            self.assertEqual(self.cached.process.log().count(alarm), 1)

    def test_the_key_of_a_zone_is_in_no_log_and_no_answer(self):
        """Healthy, broken, silent; at all levels; nor does cachedctl say it."""
        self.settings = {**self.settings, "log": {"level": "debug"}}
        self.take_zone(mode="enforce")
        self.assert_refused(FRANKFURT, "dnsbl", "spam")
        explained = listed.control("explain", FRANKFURT)[1]
        self.names.failing.add(nameserver.reverse_name(DIALUP).replace("in-addr.arpa", ZONE))
        self.assert_let_in(DIALUP)
        self.names.silent = True
        self.take_zone(mode="enforce", zone="other-" + ZONE)
        self.assert_let_in(NAMELESS)
        explained += listed.control("explain", NAMELESS)[1]
        self.configure({}, **{"dnsbl spam": {"zone": ZONE + "..", "codes": "8.8.8.8"}})
        status, _, errors = listed.control("reload")
        self.assertEqual(status, 1)
        self.assertNotIn("4711", explained + errors)
        self.assert_key_is_secret()


class SilentNameServer(Site):
    """Nothing is answered; one try takes much longer than a login may wait."""

    network_time = 4
    dns = {"timeout": "20s", "tries": "1"}
    spam = {"dnsbl spam": {"zone": ZONE, "codes": "127.0.0.4"}}  # log only

    def setUp(self):
        super().setUp()
        self.names.silent = True

    def test_D09_a_login_that_needs_no_name_does_not_wait_for_one(self):
        """The audit line does, and says what it has not got."""
        self.take({"ip_networks": "139.162.133.0/24"}, **self.spam)
        for ip, answer in ((FRANKFURT, "deny"), (VODAFONE, "permit")):
            self.assertEqual(self.answer(ip), answer)
            self.assertEqual(self.answer(ip, password=self.phone), answer)
        self.assertEqual(self.cached.audit(), [])
        until(lambda: len(self.cached.audit()) == 4, "four audit lines")
        for line in self.cached.audit():
            self.assertEqual((line["host"], line["partial"]), ("None", "<host; fcrdns; dnsbl>"))

    def test_who_needs_it_waits_as_long_as_is_told_and_no_longer(self):
        """And then it is unknown: allow, deny, later."""
        for ip, word, answer in ((FRANKFURT, "allow", "permit"), (NAMELESS, "deny", "deny"),
                                 (DIALUP, "later", "later")):
            self.take({f"reverse_hostname unknown={word}": "<>"}, audit={"network_time": "600ms"})
            told, seconds = self.timed(ip)
            self.assertEqual(told, answer)
            self.assertGreater(seconds, 0.59)
            self.assertLess(seconds, 10)  # a try takes 20
            self.assertEqual(self.next_line()["partial"], "<host; fcrdns>")

    def test_C15_what_is_not_answered_leaves_the_other_lists_as_they_are(self):
        """A list before it decides at once, without the facts that its audit line waits for; one
        behind it after the wait."""
        self.take({"reverse_hostname": "<>", "as_numbers": "AS3209",
                   "ip_networks": "139.162.133.0/24"})
        self.assertEqual(self.answer(FRANKFURT), "deny")
        self.assertEqual(self.cached.audit(), [])
        self.assertEqual(self.answer(VODAFONE), "deny")
        until(lambda: len(self.cached.audit()) == 2, "two audit lines")
        self.assertEqual({line["matched"] for line in self.cached.audit()}, {"ip_net", "asn"})

    def test_C17_nobody_waits_for_the_wait_of_another(self):
        """While many wait for their names, one who needs none is answered at once."""
        self.take({"allow_networks": "109.40.0.0/13", "reverse_hostname": "<>"})
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            slow = [pool.submit(self.timed, f"139.162.133.{last}") for last in range(16)]
            until(lambda: self.all_questions() >= 16, "16 questions")
            quick = [self.answer(VODAFONE, password=self.phone) for _ in range(5)]
            self.assertEqual([login.done() for login in slow], [False] * 16)
            self.assertEqual(quick, ["permit"] * 5)
            self.assertEqual({login.result()[0] for login in slow}, {"permit"})
        self.assertLess(max(login.result()[1] for login in slow), 2 * self.network_time)


class SilentZone(Site):
    dns = {"timeout": "100ms", "tries": "1"}

    def test_a_silent_zone_is_asked_no_more_for_a_while(self):
        """Logins go on at once, as unknown says."""
        self.names.silent = True
        for word, answer in (("allow", "permit"), ("deny", "deny"), ("later", "later")):
            self.take({}, **{"dnsbl spam": {"zone": ZONE, "codes": "127.0.0.4", "mode": "enforce",
                                            "unknown": word}})
            for ip in (FRANKFURT, DIALUP, NAMELESS):
                told, seconds = self.timed(ip)
                self.assertEqual(told, answer)
                self.assertLess(seconds, self.network_time)
        asked = self.names.asked_below(ZONE)
        self.assertGreater(asked, 0)
        for last in range(20):
            self.assertEqual(self.answer(f"139.162.140.{last}"), "later")
        self.assertEqual(self.names.asked_below(ZONE), asked)
