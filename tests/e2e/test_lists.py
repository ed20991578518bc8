"""Lists of each type through cached: who is on one is refused, and the audit line says by which."""
# SPDX-License-Identifier: MIT
import listed
from listed import FRANKFURT, GOOGLE, NUREMBERG, VODAFONE

EVERYWHERE = "0.0.0.0/0\n::/0"
PRIVATE = "192.168.1.7"


class ListTypes(listed.Site):
    """What needs no network. tests/verdicts has more, of the lists alone."""

    def test_networks_of_both_families(self):
        """Host bits do not matter; the longest prefix is named, and its reason."""
        self.take({"ip_networks": "# hosting\n139.162.0.0/16\n139.162.133.0/24 # reason=relays\n"
                                  "2a00:1450:4000::1/37 Google"})
        line = self.assert_refused(FRANKFURT, "ip_net", "ip_networks.lst:3")
        self.assertEqual(line["reason"], "<on the list ip_networks: relays>")
        self.assert_refused("139.162.1.1", "ip_net", "ip_networks.lst:2")
        self.assert_refused(GOOGLE, "ip_net", "ip_networks.lst:4")
        self.assert_let_in(NUREMBERG)
        self.assert_let_in(VODAFONE)

    def test_K02_an_IPv6_client_is_judged_and_audited(self):
        """dovecot_badclients died of its address, also of an IPv4-mapped one, and let it in."""
        self.take({"ip_networks": "2a00:1450::/32\n139.162.133.252"})
        self.assert_refused(GOOGLE, "ip_net", "ip_networks.lst:1")
        self.assert_refused("::ffff:" + FRANKFURT, "ip_net", "ip_networks.lst:2")
        self.assert_let_in(NUREMBERG)
        self.assert_let_in("::ffff:" + VODAFONE)

    def test_numbers_and_names_of_autonomous_systems(self):
        """MaxMind's; a registry's name is unknown yet, and what is unknown matches nothing."""
        self.take({"as_numbers": "as3209 Vodafone", "as_org": "Akamai .*"})
        self.assert_refused(VODAFONE, "asn", "as_numbers.lst:1")
        line = self.assert_refused(FRANKFURT, "as_org", "as_org.lst:1")
        self.assertEqual((line["asn"], line["as_org"]), ("AS63949", "<Akamai Connected Cloud>"))
        self.assert_let_in(GOOGLE)
        self.take({"as_names": "'google"})
        self.assert_refused(GOOGLE, "as_name", "as_names.lst:1")

    def test_places_by_MaxMind(self):
        """Country, subdivision, circle; K10: or no place at all."""
        self.take({"geo_countries": "gb United Kingdom"})
        self.assert_refused("2.125.160.217", "geo_country", "geo_countries.lst:1")
        self.assert_let_in("103.65.39.48")
        self.take({"geo_location_ids": "2905330 Hesse"})
        line = self.assert_refused(FRANKFURT, "geoid", "geo_location_ids.lst:1")
        self.assertEqual(line["as_org"], "<Akamai Connected Cloud>")
        self.assert_let_in(NUREMBERG)
        self.take({"coordinates": "49.45,11.07,30,1"})
        self.assert_refused(NUREMBERG, "coords", "coordinates.lst:1")
        self.assert_let_in(FRANKFURT)
        self.assert_let_in("103.65.39.48")
        self.assert_let_in("107.167.240.94")

    def test_K11_K19_what_is_not_known_is_an_error_to_no_list(self):
        """No record, no name, no registry: what dovecot_badclients crashed of, and let in by."""
        self.take({"geo_countries": "EU", "as_org": "x", "geo_location_ids": "1",
                   "coordinates": "0,0,1,1", "as_numbers": "AS1", "network_name": ".*",
                   "network_cc": "EU", "as_cc": "EU", "entities": "X-RIPE", "as_names": "x"})
        for ip in ("107.167.240.94", "198.145.0.1", "198.145.128.1", "9.9.9.9", "2620:fe::fe"):
            self.assert_let_in(ip)
        self.assertNotRegex(self.cached.process.log(), r"\berror|cannot tell")

    def test_who_is_allowed_is_not_refused_by_other_lists(self):
        """Behind or before it in the configuration; and is logged."""
        self.take({"ip_networks": EVERYWHERE, "allow_networks": "139.162.133.0/24"})
        self.assert_let_in(FRANKFURT)
        self.assert_refused("139.162.134.1", "ip_net", "ip_networks.lst:1")

    def test_who_is_ignored_is_let_in_and_not_logged(self):
        """By a list, and by [audit] ignore_networks."""
        self.take({"ip_networks": EVERYWHERE, "ignore_networks": "139.162.133.0/24"},
                  audit={"ignore_networks": "2a00:1450::/32"})
        for ip in (FRANKFURT, GOOGLE):
            self.assertEqual(self.answer(ip), "permit")
            self.assertEqual(self.answer(ip, password=self.phone), "permit")
        self.assert_refused(VODAFONE, "ip_net", "ip_networks.lst:1")  # one line, and no more

    def test_a_disabled_service_goes_before_everything(self):
        """Also before who is allowed, who is ignored and who is private."""
        self.take({"allow_networks": "139.162.133.0/24", "ignore_networks": "2a00:1450::/32"},
                  auth={"disabled_services": "imap"})
        for ip in (FRANKFURT, GOOGLE, PRIVATE, "127.0.0.1"):
            self.assert_refused(ip, "service", None)

    def test_a_private_address_is_never_refused(self):
        """Whatever is on the lists; who is behind 6to4 is not private."""
        self.take({"ip_networks": EVERYWHERE})
        for ip in (PRIVATE, "10.1.2.3", "127.0.0.1", "::1", "fd00::1", "fe80::1", "192.0.2.9"):
            self.assert_let_in(ip)
        self.assert_refused("2002:8ba2:85fc::1", "ip_net", "ip_networks.lst:1")
        self.assert_refused("100.64.0.1", "ip_net", "ip_networks.lst:1")

    def test_C03_local_networks_have_the_name_that_the_longest_prefix_has(self):
        """ZZ, and no place; a network of the other family has nothing to do with them."""
        self.take({"ip_networks": "8.8.8.8"}, local_networks={
            "139.162.0.0/16": "hosting", "139.162.133.0/24": "our own host", "::/64": "v6 lan"})
        line = self.assert_let_in(FRANKFURT)
        self.assertEqual([line.get(name) for name in ("as_cc", "net_cc", "net_name", "as_desc",
                                                      "asn", "as_org")],
                         ["ZZ", "ZZ", "<our own host>", "<local network>", "None", "<None>"])
        self.assertEqual(self.assert_let_in("139.162.1.1")["net_name"], "<hosting>")
        self.assertEqual(self.assert_let_in(VODAFONE)["asn"], "AS3209")
        self.assertEqual(self.assert_let_in("::1")["net_name"], "<v6 lan>")

    def test_a_login_that_only_tries_a_list_is_let_in_and_says_so(self):
        """mode = log, for one list or for all that do not say it themselves."""
        self.take({"ip_networks mode=log": "139.162.133.0/24", "as_numbers": "AS3209"})
        line = self.assert_let_in(FRANKFURT)
        self.assertEqual(line["would_block"], f"<ip_net {listed.DIRECTORY}/ip_networks.lst:1>")
        self.assertNotIn("would_block", self.assert_refused(VODAFONE, "asn", "as_numbers.lst:1"))
        self.take({"ip_networks": "139.162.133.0/24", "as_numbers mode=log": "AS63949",
                   "as_org mode=enforce": "Vodafone GmbH"}, lists={"mode": "log"})
        line = self.assert_let_in(FRANKFURT, password=self.phone)
        self.assertEqual(line["would_block"], f"<ip_net {listed.DIRECTORY}/ip_networks.lst:1; "
                                              f"asn {listed.DIRECTORY}/as_numbers.lst:1>")
        self.assert_refused(VODAFONE, "as_org", "as_org.lst:1")

    def test_an_app_password_is_refused_from_where_it_is_listed(self):
        """The audit line names both; a wrong password is a wrong password from anywhere, and a
        refused login is no use of the app password (C08)."""
        self.take({"ip_networks message=Not_from_there.": "139.162.133.0/24"})
        line = self.assert_refused(FRANKFURT, "ip_net", "ip_networks.lst:1", password=self.phone)
        self.assertEqual(line["comment"], "<phone>")
        self.assertEqual(self.reply(FRANKFURT, password=self.phone)["message"], "Not_from_there.")
        self.assertNotIn("message", self.reply(FRANKFURT, password="wrong-word-this-is"))
        self.lines += 2
        self.assertEqual(self.cached.audit()[-1]["reason"], "<wrong password>")
        self.assertNotIn("blocked", self.cached.audit()[-1])
        self.assertEqual(self.cached.rows("alice")[0]["used"], "-")
        self.assert_let_in(VODAFONE, password=self.phone)

    def test_C06_equal_logins_are_as_many_lines(self):
        """dovecot_web_auth dropped as many as it had workers for."""
        for _ in range(40):
            self.assert_let_in(FRANKFURT)


class ListOptions(listed.Site):
    """Section [audit]."""

    def test_logins_from_inside_need_not_be_logged(self):
        """log_local = no: private addresses and local_networks; others are."""
        self.take({}, audit={"log_local": "no"}, local_networks={"139.162.133.0/24": "ours"})
        for ip in (PRIVATE, "127.0.0.1", FRANKFURT):
            self.assertEqual(self.answer(ip), "permit")
        self.assertEqual(self.assert_let_in(VODAFONE)["ip"], VODAFONE)
        self.assert_let_in(None)

    def test_what_becomes_of_a_login_without_an_address_is_an_option(self):
        """When there are lists; one that is no address is try later in any case."""
        for word in ("permit", "deny", "later"):
            self.take({"ip_networks": "8.8.8.8"}, audit={"without_address": word})
            self.assertEqual(self.answer(None), word)
            self.assertEqual(self.answer(None, password=self.phone), word)
            self.assertEqual(self.answer("localhost"), "later")
            self.take({}, audit={"without_address": word})
            self.assertEqual(self.answer(None), "permit")

    def test_master_users_are_judged_or_let_in(self):
        """Everybody else is judged."""
        self.take({"ip_networks": EVERYWHERE})
        self.assert_refused(FRANKFURT, "ip_net", "ip_networks.lst:1", "master_user=admin")
        self.take({"ip_networks": EVERYWHERE}, audit={"master_users": "permit"})
        self.assertEqual(self.assert_let_in(FRANKFURT, "master_user=admin")["master"], "<admin>")
        self.assert_refused(FRANKFURT, "ip_net", "ip_networks.lst:1")

    def test_the_address_of_a_proxy_may_be_judged_too(self):
        """proxies = both. Dovecot always names one: without a proxy it is the client's."""
        proxy = "real_rip=" + FRANKFURT
        self.take({"ip_networks": "139.162.133.0/24"})
        self.assert_let_in(VODAFONE, proxy)
        self.take({"ip_networks": "139.162.133.0/24", "allow_networks": "2a00:1450::/32"},
                  audit={"proxies": "both"})
        self.assert_refused(VODAFONE, "ip_net", "ip_networks.lst:1", proxy)
        self.assert_refused(FRANKFURT, "ip_net", "ip_networks.lst:1", "real_rip=" + VODAFONE)
        self.assert_refused(FRANKFURT, "ip_net", "ip_networks.lst:1", proxy)
        self.assert_let_in(VODAFONE, "real_rip=" + VODAFONE)
        self.assert_let_in(VODAFONE, "real_rip=127.0.0.9")

    def test_local_networks_are_described_as_told(self):
        """local_locationname."""
        self.take({}, audit={"local_locationname": "the campus"},
                  local_networks={"139.162.133.0/24": "dormitory"})
        line = self.assert_let_in(FRANKFURT)
        self.assertEqual((line["as_desc"], line["net_name"]), ("<the campus>", "<dormitory>"))
