"""What scripts/lists and the hook for geoipupdate do at a site: samples, a list that is fetched."""
# SPDX-License-Identifier: MIT
import glob
import json
import os
import re
import shutil
import subprocess

import case
import clients
import world
from cached import CONFIG, CONTROL

SAMPLES = os.path.join(world.SNIPPETS, "lists")
UPDATE = os.path.join(SAMPLES, "update-list")
LISTS = "/etc/checkpass/lists"
LINODE = "139.162.133.252"  # Frankfurt, in the databases of the tests
MAXMIND = {"city": f"{LISTS}/city.mmdb", "asn": f"{LISTS}/asn.mmdb"}


def explain(address):
    return subprocess.run([CONTROL, "explain", address], capture_output=True, text=True,
                          timeout=30, check=True).stdout


class Site(case.Site):
    snippets = []

    def setUp(self):
        world.make_dir("/etc/checkpass")
        world.make_dir(LISTS)
        for name in ("city", "asn"):
            shutil.copy(os.path.join(world.BUILD, "mmdb", name + ".mmdb"), LISTS)
        self.fetched = world.path("fetched", "list")
        super().setUp()

    def is_refused(self, address=LINODE):
        with clients.Wire() as wire:
            return b"deny" in wire.ask("request=audit", "user=alice", "service=imap",
                                       "rip=" + address)


class Samples(Site):
    def test_every_sample_list_has_no_mistake(self):
        """By its name alone, and in a configuration as the head of each says."""
        self.cached.configure(maxmind=MAXMIND, registry={"ask": "lists"})
        text = "[server]\nuser = checkpass\n[maxmind]\n" + "".join(
            f"{name} = {path}\n" for name, path in MAXMIND.items())
        samples = sorted(glob.glob(os.path.join(SAMPLES, "*.lst")))
        self.assertGreater(len(samples), 8)
        for sample in samples:
            shutil.copy(sample, LISTS)
            with open(sample) as lines:
                block = re.findall(r"^#   (.*)$", lines.read(), re.MULTILINE)
            self.assertEqual(block[1], f"path = {LISTS}/{os.path.basename(sample)}")
            text += "\n".join(block) + "\n"
            copied = os.path.join(LISTS, os.path.basename(sample))
            done = subprocess.run([CONTROL, "lists", "check", copied], capture_output=True,
                                  text=True, timeout=30)
            self.assertEqual((done.returncode, done.stderr), (0, ""), done)
            self.assertNotIn(": 0 entries", done.stdout)
        self.cached.write_config(text)
        self.assertEqual(self.cached.check()[0], 0, self.cached.check())

    def test_the_samples_know_whom_they_are_about(self):
        """Names from the logs of the predecessors."""
        for sample in glob.glob(os.path.join(SAMPLES, "*.lst")):
            shutil.copy(sample, LISTS)
        for sample, subject in (
                ("reverse_hostname", "mail-ej1-f15.google.com"),
                ("reverse_hostname", "ec2-52-23-158-188.compute-1.amazonaws.com"),
                ("reverse_hostname", "rimap26.i.mail.ru"),
                ("reverse_hostname", "node-eu-0001.email2-cloud.com"),
                ("ip_networks", "176.112.169.218"), ("as_numbers", "AS63949"),
                ("as_org", "LLC VK"), ("as_names", "VK-AS, RU"),
                ("network_name", "EU-LINODE-20141229"), ("entities", "MAIL-RU")):
            done = subprocess.run(
                [CONTROL, "lists", "match", f"{LISTS}/{sample}.lst", subject],
                capture_output=True, text=True, timeout=30)
            self.assertEqual(done.returncode, 0, (sample, subject, done))


class Predecessors(Site):
    LINES = {"ip_networks": "176.112.168.0/21", "as_numbers": "AS3209", "geo_location_ids": "4744870",
             "as_cc": "DE", "network_cc": "None", "coordinates": "38.741104,-49.6676859,100,0.5"}

    def check(self, paths, syntax):
        """A configuration with these lists, {type: path}, each with a comment and a line."""
        text = f"[server]\nuser = checkpass\n[lists]\npattern_syntax = {syntax}\nmode = log\n"
        text += f"[maxmind]\ncity = {MAXMIND['city']}\nasn = {MAXMIND['asn']}\n"
        for kind, path in paths.items():
            world.make_dir(os.path.dirname(path))
            with open(path, "w") as out:
                out.write("# of the predecessor\n" + self.LINES.get(kind, "MSFT") + "\n")
            text += f"[list {kind}]\npath = {path}\n"
        self.cached.write_config(text)
        self.assertEqual(self.cached.check()[0], 0, self.cached.check())

    def test_what_readme_says_of_badclients_is_right(self):
        """Each file and section of the table, with patterns of Lua."""
        with open(os.path.join(world.REPO, "README.md")) as readme:
            part = readme.read().partition("## Coming from dovecot_badclients")[2]
        table = part.partition("| file below")[2].partition("\n\n")[0]
        paths = {}
        for row in table.splitlines()[2:]:
            files, sections = (re.findall(r"`([^`]+)`", cell) for cell in row.split("|")[1:3])
            for number, file in enumerate(files):
                kind = re.fullmatch(r"\[list (\w+)\]", sections[min(number, len(sections) - 1)])[1]
                paths[kind] = os.path.join(LISTS, file)
        self.assertEqual(len(paths), 11)
        self.check(paths, "lua")

    def test_the_keys_of_web_auth_are_types_of_lists(self):
        """Those of its [audit.lists]."""
        keys = ("ip_networks reverse_hostname network_name network_cc entities as_numbers as_names "
                "as_cc geo_location_ids coordinates")
        self.check({key: f"{LISTS}/{key}" for key in keys.split()}, "prefix")


class Update(Site):
    settings = {"list drop": {"type": "ip_networks", "path": f"{LISTS}/drop.lst"}}

    def setUp(self):
        self.write(f"{LISTS}/drop.lst", "198.18.0.0/15 ; nobody\n")
        super().setUp()

    @staticmethod
    def write(path, text):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as out:
            out.write(text)

    def update(self, text, *command, kind="ip_networks"):
        """Exit status and complaint of update-list for a source that has this text."""
        self.write(self.fetched, text)
        done = subprocess.run([UPDATE, kind, "file://" + self.fetched, f"{LISTS}/drop.lst", *command],
                              capture_output=True, text=True, timeout=60)
        left = [name for name in os.listdir(LISTS) if name.startswith("drop.lst.")]
        self.assertEqual(left, [], "nothing is left behind")
        self.assertEqual(done.stdout, "", "cron would mail it")
        return done.returncode, done.stderr

    def test_a_list_that_was_fetched_is_in_force(self):
        """In the form of Spamhaus' DROP list; whoever runs cached may read it."""
        self.assertFalse(self.is_refused())
        self.assertEqual(self.update("; a list\n139.162.0.0/16 ; SBL1\n"), (0, ""))
        self.assertTrue(self.is_refused())
        self.assertEqual(os.stat(f"{LISTS}/drop.lst").st_mode & 0o777, 0o644)

    def test_a_list_that_did_not_change_is_left_alone(self):
        """No reload."""
        self.assertEqual(self.update("198.18.0.0/15 ; nobody\n"), (0, ""))
        self.assertNotIn("reloaded", self.cached.process.log())

    def test_a_bad_list_changes_nothing(self):
        """Mistakes, nothing at all, a page of HTML, a source that is not there, a command that
        fails: the old file, and the old verdicts."""
        self.assertEqual(self.update("139.162.0.0/16\n"), (0, ""))
        for text, command, why in (
                ("139.162.0.0/33\n", (), ":1: "), ("", (), "no entries"),
                ("# nothing but this\n", (), "no entries"), ("<html>\n", (), "mistakes"),
                ("8.8.8.0/24\n", ("false",), "not fetched"),
                ("8.8.8.0/24\n", ("grep", "nothing"), "not fetched")):
            status, complaint = self.update(text, *command)
            self.assertEqual(status, 1, text)
            self.assertIn(why, complaint)
            self.assertIn("stays as it is", complaint)
        done = subprocess.run([UPDATE, "ip_networks", "file:///nowhere", f"{LISTS}/drop.lst"],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1, done)
        self.assertTrue(self.is_refused())
        self.assertFalse(self.is_refused("8.8.8.8"))

    def test_what_cached_does_not_take_is_taken_back(self):
        """It was checked as one type, and is of another in cached.conf: a restart would fail."""
        status, complaint = self.update("(?i).*linode.*\n", kind="as_names")
        self.assertEqual(status, 1)
        self.assertIn("again as it was", complaint)
        with open(f"{LISTS}/drop.lst") as now:
            self.assertEqual(now.read(), "198.18.0.0/15 ; nobody\n")
        self.cached.restart()

    def test_a_good_list_stays_while_cached_is_away(self):
        """cached reads it when it starts: it might not have started for want of it."""
        self.cached.stop()
        os.remove(f"{LISTS}/drop.lst")
        status, complaint = self.update("139.162.0.0/16\n")
        self.assertEqual(status, 0)
        self.assertIn("cached does not run", complaint)
        self.cached.start()
        self.assertTrue(self.is_refused())

    def test_what_only_root_can_read_is_a_mistake(self):
        """For --check, for a start, for a reload, and for lists check without a file."""
        os.chmod(f"{LISTS}/drop.lst", 0o600)
        for check in (self.cached.check, self.reload, self.lists_check):
            status, said = check()
            self.assertNotEqual(status, 0)
            self.assertIn("drop.lst: cannot open: Permission denied", said)
        os.chmod(f"{LISTS}/drop.lst", 0o644)
        self.assertEqual(self.reload()[0], 0)

    @staticmethod
    def _control(*words):
        done = subprocess.run(["cachedctl", *words], capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def reload(self):
        return self._control("reload")

    def lists_check(self):
        return self._control("lists", "check")

    def test_the_sample_cron_lines_work(self):
        """Byte for byte as cron would run them, but for the places of source and script."""
        with open(os.path.join(SAMPLES, "cron")) as cron:
            text = cron.read()
        settings = dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))
        commands = re.findall(r"^#\d+ \d+ \S+ \S+ \S+ root (\$update .*)$", text, re.MULTILINE)
        self.assertEqual(len(commands), 2)
        self.write(f"{LISTS}/ec2.lst", "198.18.0.0/15\n")
        self.cached.configure(**{**self.settings, "list ec2": {
            "type": "ip_networks", "path": f"{LISTS}/ec2.lst"}})
        self.write(world.path("fetched", "drop.txt"), "; Spamhaus DROP List\n1.10.16.0/20 ; SBL256894\n")
        self.write(world.path("fetched", "ip-ranges.json"), json.dumps({
            "prefixes": [{"ip_prefix": "3.4.12.0/24", "service": "EC2"},
                         {"ip_prefix": "3.4.13.0/24", "service": "S3"}],
            "ipv6_prefixes": [{"ipv6_prefix": "2600:1f14::/35", "service": "EC2"}]}))
        for command in commands:
            command = re.sub(r"https://\S+/", f"file://{world.path('fetched')}/", command)
            done = subprocess.run([settings["SHELL"], "-c", command], capture_output=True,
                                  text=True, timeout=60, env={**settings, "update": UPDATE})
            self.assertEqual((done.returncode, done.stderr), (0, ""), command)
        refused = [address for address in ("1.10.16.1", "3.4.12.1", "3.4.13.1", "2600:1f14::1")
                   if self.is_refused(address)]
        self.assertEqual(refused, ["1.10.16.1", "3.4.12.1", "2600:1f14::1"])


class NewDatabases(Site):
    settings = {"maxmind": MAXMIND}

    def test_cached_takes_what_geoipupdate_brought(self):
        """The command of the drop-in, after a rename as geoipupdate does it."""
        with open(os.path.join(world.SNIPPETS, "systemd", "geoipupdate.conf")) as unit:
            command = re.search(r"^ExecStartPost=\+(.*)$", unit.read(), re.MULTILINE)[1]
        self.assertIn("AS63949", explain(LINODE))
        self.assertIn("Frankfurt", explain(LINODE))
        shutil.copy(f"{LISTS}/asn.mmdb", f"{LISTS}/city.mmdb.temporary")
        os.rename(f"{LISTS}/city.mmdb.temporary", f"{LISTS}/city.mmdb")
        self.assertIn("Frankfurt", explain(LINODE))
        subprocess.run(command.split(), check=True, timeout=30, capture_output=True)
        self.assertNotIn("Frankfurt", explain(LINODE))
