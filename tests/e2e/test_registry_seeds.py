"""What the files of scripts/update-registry say: about whom they know all, nobody is asked."""
# SPDX-License-Identifier: MIT
import os

import listed
import registry_site
import world
from listed import FRANKFURT, VODAFONE
from registry_site import ARIN_HOST, BT

DIRECTORY = "/var/lib/checkpass/registry"
FILES = {
    "delegated-ripencc-extended-latest": """2|ripencc|20261120|3|19830705|20261119|+0100
ripencc|*|ipv4|*|3|summary
ripencc|GB|ipv4|62.239.0.0|65536|20001208|allocated|one
ripencc|DE|ipv4|109.40.0.0|524288|20091013|allocated|two
ripencc|NL|ipv4|139.162.0.0|65536|20040325|assigned|three
""",
    "as-names.txt": """AS3209\tVODANET International IP-Backbone of Vodafone, DE
AS63949\tAKAMAI-LINODE-AP Akamai Connected Cloud, SG
""",
    "ripe.db.inetnum": """# a dump
inetnum:        139.162.128.0 - 139.162.159.255
netname:        LINODE-DUMP
country:        NL
source:         RIPE

inetnum:        109.40.0.0 - 109.47.255.255
netname:        VODAFONE-DUMP
country:        DE
source:         RIPE

inetnum:        109.40.1.0 - 109.40.1.127
netname:        VODAFONE-SMALL
country:        AT
source:         RIPE
"""}


class Seeds(registry_site.Site):
    registry = {"seeds": DIRECTORY}
    dns = {"timeout": "300ms", "tries": "1"}
    settings = {"maxmind": listed.MAXMIND}

    def setUp(self):
        world.make_dir(DIRECTORY)
        for name in FILES:
            self.put(name)
        super().setUp()

    @staticmethod
    def put(name, change=lambda text: text):
        """By mv, as update-registry does."""
        path = os.path.join(DIRECTORY, name)
        with open(path + ".new", "w") as out:
            out.write(change(FILES[name]))
        os.rename(path + ".new", path)

    def test_whom_the_files_know_nobody_is_asked_about(self):
        """As far as a list needs it; the words are those of the registries."""
        self.take({"network_name": "VODAFONE-SMALL", "as_cc": "KP", "as_names": "X", "network_cc":
                   "KP"}, registry={"ask": "lists"})
        line = self.assert_asks_nobody(self.assert_let_in, FRANKFURT)
        self.assert_line(line, asn="AS63949", as_cc="NL", net_name="<LINODE-DUMP>", net_cc="NL",
                         as_desc="<AKAMAI-LINODE-AP Akamai Connected Cloud, SG>")
        self.assert_asks_nobody(self.assert_refused, VODAFONE, "net_name", "network_name.lst:1")
        facts = self.explained(FRANKFURT)
        for name, file in (("as_cc", "delegated-ripencc-extended-latest"),
                           ("as_name", "as-names.txt"), ("net_name", "ripe.db.inetnum")):
            self.assertIn(file, facts[name][1])

    def test_the_files_say_whom_to_ask_when_Team_Cymru_does_not(self):
        """Which is silent; and of whom no file knows the registry, nobody is asked."""
        self.names.silent = True
        self.take({"network_name": "BT-CORP.*", "entities": "x"}, audit={"network_time": "2s"})
        self.assert_refused(BT, "net_name", "network_name.lst:1")
        self.assertEqual(self.told(ARIN_HOST)["asn"], "None")
        self.assertEqual(self.rdap.asked(), 1)

    def test_who_is_responsible_no_file_tells(self):
        """Entities are asked for, if a list is about them, and whatever the files know."""
        self.take({"entities": "la538-ripe"}, registry={"ask": "lists"})
        self.assert_refused(FRANKFURT, "entity", "entities.lst:1")
        self.assertEqual(self.rdap.asked(), 1)

    def test_files_that_change_are_taken_over_by_a_reload(self):
        """All of them, or none: with an error in one, what was there before stays."""
        self.take({"network_name": "LINODE-DUMP"}, registry={"ask": "lists"})
        self.assert_refused(FRANKFURT, "net_name", "network_name.lst:1")
        self.put("ripe.db.inetnum", lambda text: text.replace("LINODE-DUMP", "RENAMED"))
        self.put("delegated-ripencc-extended-latest", lambda text: text[:150])
        status, _, errors = listed.control("reload")
        self.assertEqual(status, 1)
        self.assertIn("delegated-ripencc-extended-latest", errors)
        self.assert_refused(FRANKFURT, "net_name", "network_name.lst:1")
        self.put("delegated-ripencc-extended-latest")
        self.assertEqual(listed.control("reload")[0], 0)
        self.assert_line(self.assert_let_in(FRANKFURT), net_name="<RENAMED>")
