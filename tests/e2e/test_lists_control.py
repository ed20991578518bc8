"""cachedctl explain, lists check and lists match: what an operator is told of lists."""
# SPDX-License-Identifier: MIT
import re

import listed
import nameserver
from listed import DIRECTORY, FRANKFURT, GOOGLE, VODAFONE

PATTERNS = "# names\nGOOGLE.*\n'akamai connected cloud\n"


class Explain(listed.Site):
    zones = {"162.139.in-addr.arpa": "252.133 PTR node-eu-0001.example.org.",
             "example.org": "node-eu-0001 A " + FRANKFURT,
             "list.example": nameserver.listed({FRANKFURT: "127.0.0.4"})}

    def explain(self, *words):
        """What it prints, a list of (what, its value, where from) for each part."""
        status, printed, errors = listed.control("explain", *words)
        self.assertEqual((status, errors), (0, ""))
        parts = {}
        for line in printed.splitlines():
            if not line.startswith(" "):
                rows = parts.setdefault(line, {})
            else:
                what, *rest = re.split("  +", line.strip())
                rows[what] = rest
        return parts

    def test_everything_that_is_known_is_told_and_nothing_logged(self):
        """Facts with their source and age, lists with the line that matches, the verdict."""
        self.take({"as_org mode=log": "Akamai.*", "ip_networks": "8.8.8.8", "reverse_hostname":
                   "x\nnode-.* # reason=they send spam", "network_name": "x",
                   "geo_location_ids message=No.": "2905330"},
                  **{"dnsbl spam": {"zone": "list.example", "codes": "127.0.0.4"}})
        for age in ("asked now|remembered, 0 s old", r"remembered, \d+ s old"):
            told = self.explain("--user", "alice", "--service", "imap", FRANKFURT)
            facts, lists = told["facts"], told["lists"]
            self.assertEqual(facts["address"], [FRANKFURT])
            for name, value, source in (
                    ("asn", "AS63949", "asn"), ("as_org", "Akamai Connected Cloud", "asn"),
                    ("country", "Germany DE 2921044", "city"),
                    ("subdivision", "Hesse HE 2905330", "city")):
                self.assertEqual(facts[name][0], value)
                self.assertRegex(facts[name][1], rf"^\[maxmind\] {source} of [0-9]{{4}}-")
            for name, value in (("host", "node-eu-0001.example.org"), ("fcrdns", "pass"),
                                ("dnsbl spam", "127.0.0.4")):
                self.assertEqual(facts[name][0], value)
                self.assertRegex(facts[name][1], rf"^dns, ({age}), [0-9.]+ [mu]s$")
            self.assertEqual({name: row[0] for name, row in lists.items()}, {
                "ip_networks": "not matched",
                "reverse_hostname":
                    f"matched by {DIRECTORY}/reverse_hostname.lst:2: they send spam",
                "network_name": "not known",
                "as_org (log only)": f"matched by {DIRECTORY}/as_org.lst:1",
                "geo_location_ids": f"matched by {DIRECTORY}/geo_location_ids.lst:1",
                "spam (log only)": "matched by spam"})
            self.assertEqual(told["verdict"]["deny"][0],
                             "on the list reverse_hostname: they send spam")
            self.assertEqual(told["verdict"]["rule"], [f"{DIRECTORY}/reverse_hostname.lst:2"])
        self.assertEqual(self.cached.audit(), [])
        self.assertEqual(self.cached.execute("SELECT count(*) FROM log"), [(0,)])

    def test_what_is_not_known_is_told_as_that(self):
        """No place, no name, no answer; a private address; one behind 6to4."""
        self.take({"reverse_hostname": "x"}, audit={"network_time": "300ms"},
                  local_networks={"109.0.0.0/8": "our network"})
        self.names.failing.add(nameserver.reverse_name("139.162.1.1"))
        told = self.explain("139.162.1.1")
        self.assertEqual(told["facts"]["host"][0], "not known")
        self.assertEqual(told["lists"]["reverse_hostname"][0], "not known")
        self.assertIn("permit", told["verdict"])
        self.assertEqual(self.explain("139.162.133.1")["facts"]["host"][0], "none")
        self.assertEqual(self.explain(VODAFONE)["facts"]["local network"], ["our network"])
        self.assertEqual(self.explain("10.1.2.3")["facts"]["private"], ["yes"])
        self.assertEqual(self.explain("2002:8ba2:85fc::1")["facts"]["client behind it"],
                         [FRANKFURT])

    def test_a_disabled_service_and_an_ignored_address_are_told(self):
        """The verdict is the one of a login."""
        self.take({"ignore_networks": FRANKFURT}, auth={"disabled_services": "pop3"})
        self.assertEqual(self.explain(FRANKFURT)["verdict"]["logged"], ["no"])
        self.assertIn("permit", self.explain("--service", "imap", FRANKFURT)["verdict"])
        self.assertEqual(self.explain("--service", "pop3", FRANKFURT)["verdict"]["deny"][0],
                         "service disabled")

    def test_wrong_words_are_told(self):
        """And cached that is away."""
        for words in ([], ["nonsense"], ["1.2.3.4", "5.6.7.8"], ["--usr", "alice", "1.2.3.4"]):
            status, printed, errors = listed.control("explain", *words)
            self.assertNotEqual(status, 0)
            self.assertEqual(printed, "")
            self.assertNotEqual(errors, "")
        self.cached.stop()
        status, _, errors = listed.control("explain", FRANKFURT)
        self.assertEqual(status, 3)
        self.assertIn("does not run", errors)


class CheckAndMatch(listed.Site):
    """They need no daemon."""

    def setUp(self):
        super().setUp()
        self.cached.stop()

    def match(self, path, *subjects):
        return listed.control("lists", "match", *path.split(), *subjects)

    def test_a_file_that_is_right_is_told_by_its_size(self):
        """Its type is in the configuration, or in its name, or given."""
        self.configure({"offices type=ip_networks": "8.8.8.0/24\n2001:db8::/32"})
        asn = listed.write("asn.deny.lst", "AS1\nAS2 two\n3 three\n")
        other = listed.write("other.lst", PATTERNS)
        self.assertEqual(listed.control("lists", "check"),
                         (0, f"{DIRECTORY}/offices.lst: 2 entries of type ip_networks\n", ""))
        self.assertEqual(listed.control("lists", "check", asn, f"{DIRECTORY}/offices.lst"),
                         (0, f"{asn}: 3 entries of type as_numbers\n"
                             f"{DIRECTORY}/offices.lst: 2 entries of type ip_networks\n", ""))
        self.assertEqual(listed.control("lists", "check", "--type", "as_org", other),
                         (0, f"{other}: 2 entries of type as_org\n", ""))
        status, _, errors = listed.control("lists", "check", other)
        self.assertEqual(status, 2)
        self.assertIn("--type", errors)

    def test_all_errors_of_all_files_are_told(self):
        """Each with its line, exit status 2; the files that are right are told, too."""
        fine = listed.write("ip_networks.lst", "8.8.8.8\n")
        bad = listed.write("as_numbers.lst", "AS1\nASx\n\nAS99999999999\n")
        names = listed.write("as_names.lst", "fine\nbro(ken\n(?=ahead)x\n(a)\\1\n")
        status, printed, errors = listed.control("lists", "check", bad, fine, names,
                                                 f"{DIRECTORY}/asn.lst")
        self.assertEqual((status, printed), (2, f"{fine}: 1 entries of type ip_networks\n"))
        self.assert_errors_in(errors, *(re.escape(where) for where in (
            f"{bad}:2: ", f"{bad}:4: ", f"{names}:2: ", f"{names}:3: ", f"{names}:4: ",
            f"{DIRECTORY}/asn.lst: cannot open")))
        self.assertEqual(len(errors.splitlines()), 6, errors)

    def test_a_configured_list_of_no_type_is_told(self):
        """And not a crash."""
        self.configure({"offices type=ip_network": "8.8.8.0/24"})
        for words in ((), (f"{DIRECTORY}/offices.lst",)):
            self.assertEqual(listed.control("lists", "check", *words),
                             (2, "", "[list offices]: there is no such type of list\n"))
        self.configure({})

    def test_what_is_hardly_meant_is_a_warning(self):
        """It is no error: K15, a host name as it is means something else to Lua."""
        path = listed.write("reverse_hostname.lst", "mail-12.example.org\nfine\n")
        status, printed, errors = listed.control("lists", "check", "--syntax", "lua", path)
        self.assertEqual(status, 0)
        self.assertEqual(printed, f"{path}: 2 entries of type reverse_hostname\n")
        self.assertRegex(errors, rf"^{path}:1: warning: [^\n]*\n\Z")

    def test_the_line_that_matches_is_printed(self):
        """Or -. All matched: 0; one not: 1; a bad file or no subject of such a list: 2."""
        path = listed.write("ip_networks.lst", "# one\n8.8.8.0/24 Google # until=2099-01-31\n"
                                               "2a00:1450::/32\r\n9.9.9.9 # until=2020-01-31\n")
        self.assertEqual(self.match(path, "8.8.8.8", GOOGLE),
                         (0, "8.8.8.0/24 Google # until=2099-01-31\n2a00:1450::/32\n", ""))
        self.assertEqual(self.match(path, "8.8.4.4", "::ffff:8.8.8.8", "9.9.9.9"),
                         (1, "-\n8.8.8.0/24 Google # until=2099-01-31\n-\n", ""))
        for words in ((path, "nonsense"), (path,), (f"{DIRECTORY}/none.lst", "8.8.8.8"),
                      ("--type nonsense " + path, "8.8.8.8"), ("--syntax perl " + path, "8.8.8.8")):
            status, printed, errors = self.match(*words)
            self.assertEqual((status, printed), (2, ""), words)
            self.assertNotEqual(errors, "")

    def test_type_and_syntax_may_be_given(self):
        """With a syntax alone it is a list of names; #!syntax in the file goes before both."""
        path = listed.write("some.lst", "mail%-%d+\n")
        self.assertEqual(self.match("--syntax lua " + path, "mail-12", "mail-x"),
                         (1, "mail%-%d+\n-\n", ""))
        path = "--type reverse_hostname --syntax lua " + path
        self.assertEqual(self.match(path, "MAIL-12")[0], 0)
        prefix = listed.write("some.lst", "mail\n")
        self.assertEqual(self.match("--syntax prefix " + prefix, "mail.example.org")[0], 0)
        self.assertEqual(self.match("--syntax regex " + prefix, "mail.example.org")[0], 1)
        listed.write("some.lst", "#!syntax prefix\nmail\n")
        self.assertEqual(self.match("--syntax regex " + prefix, "mail.example.org")[0], 0)
        coordinates = listed.write("coordinates.lst", "50.1,8.7,50,1\n")
        self.assertEqual(self.match(coordinates, "50.1188,8.6843,20", "0,0,1"),
                         (1, "50.1,8.7,50,1\n-\n", ""))

    def test_a_directory_is_one_list(self):
        """Of its *.lst, and of nothing else; the line is found in the file it is in."""
        for name, text in (("b.lst", "AS2 two\n"), ("a.lst", "AS1 one\n"), ("c.txt", "broken\n"),
                           (".hidden.lst", "broken\n")):
            listed.write("as_numbers.d/" + name, text)
        path = f"{DIRECTORY}/as_numbers.d"
        self.assertEqual(listed.control("lists", "check", path),
                         (0, f"{path}: 2 entries of type as_numbers\n", ""))
        self.assertEqual(self.match(path, "AS2", "1", "AS3"), (1, "AS2 two\nAS1 one\n-\n", ""))
