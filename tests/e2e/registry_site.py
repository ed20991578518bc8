"""A site that asks registries: Team Cymru's zones and RDAP servers on loopback, with networks of
which some are real and some are our own invention."""
# SPDX-License-Identifier: MIT
import collections
import re

import listed
import nameserver
from cached import Cached
from processes import until
from rdap_server import RdapServer

BT = "62.239.237.1"        # a /24 in a /16 that is announced as a whole
BT_OTHER = "62.239.201.9"  # elsewhere in it
BT_AT_LARGE = "62.239.3.3"
HALF, OTHER_HALF = "62.239.5.10", "62.239.5.200"  # two customers in one /24
ARIN_HOST = "216.90.108.31"  # of two systems; its registry says no country
APNIC_HOST, LACNIC_HOST, AFRINIC_HOST = "203.112.5.1", "200.57.141.161", "196.11.240.215"
V6_HOST = "2a00:2381:ffff::1"
UNROUTED = "62.240.0.1"
NAMES = {BT: "BT-CORPORATE", BT_OTHER: "BT-INFONET", BT_AT_LARGE: "EU-BT-20001208",
         HALF: "FIRST-HALF", OTHER_HALF: "SECOND-HALF"}
# More clients of RIPE's and of ARIN's, each in a cell of its own, all in one network.
RIPE_CLIENTS = [f"62.241.{n}.7" for n in range(256)]
ARIN_CLIENTS = [f"64.12.{n}.7" for n in range(256)]

ORIGINS = {
    "62.239.0.0/16": "2856 | 62.239.0.0/16 | GB | ripencc | 2000-12-08",
    "62.241.0.0/16": "2856 | 62.241.0.0/16 | GB | ripencc | 2000-12-08",
    "64.12.0.0/16": "701 | 64.12.0.0/16 | US | arin | 1999-12-13",
    "109.40.0.0/16": "3209 | 109.40.0.0/14 | de | ripencc | 2009-10-13",
    "139.162.0.0/16": "63949 | 139.162.128.0/19 | NL | ripencc | 2004-03-25",
    "216.90.108.0/24": ["23028 701 | 216.90.108.0/24 | US | arin | 1998-09-25",
                        "3356 | 216.88.0.0/14 | US | arin | 1998-09-25"],
    "203.112.0.0/16": "64510 | 203.112.0.0/19 | JP | apnic | 1994-01-01",
    "200.57.141.0/24": ("64511 | 200.57.128.0/20 | MX ", "| lacnic | 1998-11-09"),
    "196.11.240.0/24": "64512 | 196.11.240.0/21 | ZA | afrinic | 1994-05-01",
    "8.8.8.0/24": "15169 | 8.8.8.0/24 | US | arin | 2023-12-28",
    "2a00:2380::/28": "2856 | 2a00:2380::/25 | GB | ripencc | 2007-08-29",
    "2a01:4f8::/32": "24940 | 2a01:4f8::/32 | DE | ripencc | 2007-08-29",
}
AS_NAMES = {
    2856: "2856 | GB | ripencc | 1993-09-01 | BT-UK-AS BTnet UK Regional network, GB",
    3209: "3209 | DE | ripencc | 1993-09-01 | VODANET International IP-Backbone of Vodafone, DE",
    15169: "15169 | US | arin | 2000-03-30 | GOOGLE, US",
    23028: "23028 | US | arin | 2002-01-04 | TEAMCYMRU, US",
    701: "701 | US | arin | 1990-08-03 | UUNET, US",
    24940: "24940 | DE | ripencc | 2002-06-03 | HETZNER-AS, DE",
    63949: "63949 | SG | apnic | 2014-08-12 | AKAMAI-LINODE-AP Akamai Connected Cloud, SG",
    64510: "64510 | JP | apnic | 2002-06-03 | FÖRDE-NET \"Fördenetz\" AG, JP",
    64511: ("64511 | MX | lacnic | 2002-06-03 | Triara.com", ", S.A. de C.V., MX"),
    64512: "64512 | ZA | afrinic | 2002-06-03 | VODACOM, ZA",
}
NETWORKS = (
    ("62.239.0.0/16", "EU-BT-20001208", "GB", ["ORG-BIS1-RIPE"]),
    ("62.239.237.0/24", "BT-CORPORATE", "GB", ["BTCR3-RIPE", "BTCR4-RIPE"]),
    ("62.239.201.0/24", "BT-INFONET", "RU", ["BTIN1-RIPE"]),
    ("62.239.5.0/25", "FIRST-HALF", "GB", ["FH1-RIPE"]),
    ("62.239.5.128/25", "SECOND-HALF", "RU", ["SH1-RIPE"]),
    ("62.241.0.0/16", "RIPE-CLIENTS", "GB", ["RC1-RIPE"]),
    ("64.12.0.0/16", "ARIN-CLIENTS", None, ["AC1-ARIN"]),
    ("109.40.0.0/13", "VODAFONE-D2", "DE", ["VFDE-RIPE"]),
    ("139.162.128.0/19", "LINODE-FRA", "NL", ["ORG-LL72-RIPE", "LA538-RIPE"]),
    ("216.90.108.0/24", "CYMRU-NET", None, ["CYM-ARIN"]),
    ("203.112.0.0/17", "EACCESS", "JP", ["JNIC1-AP"]),
    ("200.57.128.0/20", None, "MX", ["MX-TRIA-LACNIC"]),
    ("196.11.240.0/24", "NET-196-11-240-0", "ZA", []),
    ("8.8.8.0/24", "GOGL", None, ["GOGL"]),
    ("2a00:2381:ffff::/64", "BT-CORPORATE6", "GB", ["BTCR3-RIPE"]),
    ("2a01:4f8::/29", "DE-HETZNER", "DE", ["HOAC1-RIPE"]),
)


class Neighbour(Cached):
    """Another mail host, with everything of its own but what a test has them share."""

    def configure(self, **sections):
        of_its_own = {"server": {"socket": self.socket, "control": ""},
                      "database": {"path": "/var/lib/checkpass/neighbour.db"},
                      "audit": {"spool": "/var/lib/checkpass/neighbour.spool",
                                "spool_buffer": "/run/checkpass/neighbour.buffer"}}
        super().configure(**{**sections, **of_its_own})


class Site(listed.Site):
    """cached knows nothing but what it is told by the registries that a test lets it ask."""

    origins, as_names = ORIGINS, AS_NAMES
    registry = {}       # more of its section
    network_time = "8s"  # nobody is late, however slow the machine is
    dns = {"timeout": "2s"}
    settings = {"limits": {"requests": "1500", "connections": "1500"}}
    others = {"in-addr.arpa": "", "ip6.arpa": ""}  # zones: nobody has a name

    def setUp(self):
        self.zones = nameserver.cymru(self.origins, self.as_names, **self.others)
        self.rdap = RdapServer()
        self.rdap.__enter__()
        self.addCleanup(self.rdap.__exit__)
        for about in NETWORKS:
            self.rdap.add(*about)
        self.settings = {**self.settings, "audit": {"network_time": self.network_time},
                         "registry": {"ask": "always", "rdap": self.rdap.bases(),
                                      "tls_ca": self.rdap.authority, "cache": "",
                                      **self.registry}}
        super().setUp()

    def fresh(self, lists=None, /, **more):
        """cached again, as it is when it has never asked anybody."""
        self.cached.stop()
        self.configure(lists or {}, **more)
        self.cached.start()

    def line(self, ip, answer="permit", **who):
        """The audit line of a login from there."""
        self.assertEqual(self.answer(ip, **who), answer, ip)
        return self.next_line()

    def assert_line(self, line, **fields):
        self.assertEqual({name: line.get(name) for name in fields}, fields, line)

    def assert_network(self, ip, name, **fields):
        """A login from there is one from a network of that name."""
        line = self.line(ip)
        self.assert_line(line, net_name=f"<{name}>", **fields)
        self.assertNotIn("partial", line)
        return line

    def assert_asks_nobody(self, login, *arguments, **who):
        """Neither a registry nor Team Cymru."""
        before = self.questions()
        value = login(*arguments, **who)
        self.assertEqual(self.questions() - before, {})
        return value

    def questions(self):
        """How often each of them was asked what."""
        return self.rdap.paths() + collections.Counter({
            name: count for name, count in self.names.questions.items()
            if name.endswith("asn.cymru.com")})

    def wait_until_asked(self, number, *addresses):
        until(lambda: self.rdap.asked(*addresses) >= number, f"{number} GETs")
        self.assertEqual(self.rdap.asked(*addresses), number)

    def learned(self, ip, name):
        """An answer that came after the login that asked for it is there for the next ones."""
        until(lambda: self.told(ip)["net_name"] == f"<{name}>", f"{name} is known")

    def told(self, ip):
        self.answer(ip)
        return self.next_line()

    def explained(self, ip):
        """Of cachedctl explain, (value, source) of each fact."""
        status, printed, errors = listed.control("explain", ip)
        self.assertEqual((status, errors), (0, ""))
        facts = {}
        for row in printed.partition("lists\n")[0].splitlines()[1:]:
            what, *rest = re.split("  +", row.strip())
            facts[what] = rest
        return facts
