"""What scripts/update-registry does: it fetches the files of the registries, and cached knows more."""
# SPDX-License-Identifier: MIT
import fcntl
import gzip
import os
import re
import shutil
import subprocess

import case
import listed
import world
from mirror import Mirror

SEEDS = "/var/cache/checkpass/registry"
RIPE = "delegated-ripencc-extended-latest"
ARIN = "delegated-arin-extended-latest"
INSTALLED = "/usr/share/checkpass/registry/update-registry"


def delegated(rir, *records):
    lines = [f"{rir}|{cc}|ipv4|{start}|65536|20040203|allocated|a" for cc, start in records]
    head = [f"2|{rir}|1|{len(lines)}|19830705|20260924|+0200",
            f"{rir}|*|ipv4|*|{len(lines)}|summary"]
    return "".join(line + "\n" for line in head + lines).encode()


def files():
    """Of a small world."""
    return {
        RIPE: delegated("ripencc", ("NL", "139.162.0.0"),
                        *(("DE", f"109.{n}.0.0") for n in range(40, 48))),
        ARIN: delegated("arin", ("US", "8.8.0.0")),
        "as-names.txt": b"63949 AKAMAI-LINODE-AP Akamai Connected Cloud, SG\n",
        "ipv4.json": b'{"services": [[["2.0.0.0/8"], ["https://rdap.db.ripe.net/"]]]}\n',
        "ripe.db.inetnum.gz": gzip.compress(
            b"inetnum: 139.162.128.0 - 139.162.191.255\nnetname: DE-LINODE\ncountry: DE\n\n"),
    }


class UpdateRegistry(case.Site):
    snippets = []
    settings = {"registry": {"seeds": SEEDS, "ask": "never"}, "maxmind": listed.MAXMIND}

    def setUp(self):
        listed.put_maxmind()
        shutil.rmtree("/var/cache/checkpass", ignore_errors=True)
        world.make_dir("/var/cache/checkpass")
        world.make_dir(SEEDS, "checkpass", "checkpass")
        self.mirror = Mirror(files())
        self.addCleanup(self.mirror.stop)
        self.script = world.path("update-registry")  # the project may be where only root can read
        shutil.copy(os.path.join(world.SNIPPETS, "update-registry"), self.script)
        self.sources = world.path("registry.sources")
        self.name(*self.mirror.files)
        super().setUp()

    def name(self, *names):
        with open(self.sources, "w") as out:
            out.write("# of the tests\n\n" + "".join(
                f"{name} {self.mirror.url(name)}\n" for name in names))

    def update(self):
        """Exit status and complaint."""
        self.mirror.answers.clear()
        done = subprocess.run(
            [self.script, "--sources", self.sources], capture_output=True, text=True, timeout=60,
            user="checkpass", group="checkpass", extra_groups=[],
            env={"PATH": os.environ["PATH"], "CURL_CA_BUNDLE": self.mirror.authority})
        self.assertEqual(done.stdout, "", "cron would mail it")
        left = [name for name in os.listdir(SEEDS) if name.startswith(".update")]
        self.assertEqual(left, [], "nothing is left behind")
        return done.returncode, done.stderr

    def assert_known(self, *words, address=listed.FRANKFURT):
        text = self.cached.control("explain", address)
        for word in words:
            self.assertRegex(text, word)

    def reloads(self):
        return self.cached.process.log().count("reloaded")

    def test_what_was_fetched_is_known_without_asking_anybody(self):
        self.assert_known("as_cc +not known")
        self.assertEqual(self.update(), (0, ""))
        self.assert_known(r"as_cc +NL", r"AKAMAI-LINODE-AP Akamai Connected Cloud, SG",
                          r"net_name +DE-LINODE", r"net_cc +DE")
        self.assertEqual(oct(os.stat(f"{SEEDS}/{RIPE}").st_mode & 0o777), "0o644")
        status, printed, _ = listed.control("registry", "check")
        self.assertEqual(status, 0)
        self.assertTrue(printed.startswith(f"{SEEDS}: good\n"), printed)
        self.assertRegex(printed, rf"\n{RIPE} of \d{{4}}-\d\d-\d\d: \d+ entries\n")

    def test_what_has_not_changed_is_not_fetched(self):
        """No reload either; and of two files only the one that has."""
        self.update()
        reloads = self.reloads()
        self.assertEqual(self.update(), (0, ""))
        self.assertEqual({status for _, status in self.mirror.answers}, {304})
        self.assertEqual(self.reloads(), reloads)
        self.mirror.files[RIPE] = files()[RIPE].replace(b"|NL|", b"|BE|")
        self.assertEqual(self.update(), (0, ""))
        self.assertEqual([name for name, status in self.mirror.answers if status == 200], [RIPE])
        self.assert_known(r"as_cc +BE")
        os.remove(f"{SEEDS}/{RIPE}")  # whatever the server called it
        self.assertEqual(self.update(), (0, ""))
        self.assertTrue(os.path.exists(f"{SEEDS}/{RIPE}"))

    def test_a_bad_download_changes_nothing_of_that_file(self):
        """The others are taken, and the next good one is."""
        self.update()
        more = tuple(("NL", f"139.{n}.0.0") for n in range(162, 170))
        good = delegated("ripencc", *more)
        cases = ((404, "not fetched"), (503, "not fetched"), (302, "not fetched"),
                 (b"", "is empty"), (b"<html>\n" * 100, "has mistakes"),
                 (good[:-70], "has mistakes"), (good[:-1], "has mistakes"),
                 (delegated("arin", *more), "has mistakes"), (delegated("ripencc", more[0]), "less than half"))
        for number, (bad, why) in enumerate(cases):
            self.mirror.files[RIPE] = bad
            self.mirror.files[ARIN] = delegated("arin", (f"A{'ABCDEFGHIJ'[number]}", "8.8.0.0"))
            status, complaint = self.update()
            self.assertEqual((status, why in complaint), (1, True), f"{bad}: {complaint}")
            self.assertIn(f"{RIPE} stays as it is", complaint)
            self.assert_known(r"as_cc +NL")
            self.assert_known(f"as_cc +A{'ABCDEFGHIJ'[number]}", address="8.8.8.8")
        self.mirror.files[RIPE] = good
        self.mirror.cut.add(RIPE)
        self.assertEqual(self.update()[0], 1)
        self.mirror.cut.clear()
        self.assertEqual(self.update(), (0, ""))
        self.assert_known(r"as_cc +NL", address="139.169.1.1")

    def test_a_compressed_file_that_was_cut_short_is_refused(self):
        self.update()
        whole = gzip.compress(b"inetnum: 139.162.128.0 - 139.162.191.255\nnetname: CUT\n\n" * 9)
        self.mirror.files["ripe.db.inetnum.gz"] = whole[:-5]
        status, complaint = self.update()
        self.assertEqual(status, 1)
        self.assertIn("ripe.db.inetnum.gz: its end is missing", complaint)
        self.assert_known(r"net_name +DE-LINODE")

    def test_a_source_that_is_none_is_told(self):
        """A file that cached would not read, one that is not by https, one outside."""
        for line, why in (("readme.txt " + self.mirror.url(RIPE), "has none of the files"),
                          (f"{RIPE} http://localhost/x", "not fetched"),
                          (f"{RIPE} file:///etc/hosts", "not fetched"),
                          (f"../{RIPE} {self.mirror.url(RIPE)}", "not NAME URL"), (RIPE, "not NAME")):
            with open(self.sources, "w") as out:
                out.write(line + "\n")
            status, complaint = self.update()
            self.assertEqual((status, why in complaint), (1, True), f"{line}: {complaint}")
            self.assertEqual(os.listdir(SEEDS), [])

    def test_files_stay_while_cached_is_away(self):
        """It reads them when it starts."""
        self.cached.stop()
        self.assertEqual(self.update(), (0, ""))
        self.cached.start()
        self.assert_known(r"as_cc +NL")

    def test_two_at_once_do_not_meet(self):
        lock = os.open(SEEDS, os.O_RDONLY)
        self.addCleanup(os.close, lock)
        fcntl.flock(lock, fcntl.LOCK_EX)
        status, complaint = self.update()
        self.assertEqual(status, 1)
        self.assertIn("another one is at work", complaint)

    def test_a_file_that_goes_bad_later_keeps_what_was_known(self):
        """A reload is refused with its line; registry check says the same."""
        self.update()
        with open(f"{SEEDS}/{ARIN}", "a") as out:
            out.write("more\n")
        for words in (("reload",), ("registry", "check")):
            status, _, complaint = listed.control(*words)
            self.assertNotEqual(status, 0)
            self.assertIn(f"{SEEDS}/{ARIN}:4: has fewer than 6 fields", complaint)
        self.assert_known(r"as_cc +NL")

    def test_the_samples_run_the_installed_script(self):
        for sample in ("registry/cron", "systemd/checkpass-registry.service"):
            with open(os.path.join(world.SNIPPETS, sample)) as text:
                self.assertRegex(text.read(), re.escape(INSTALLED) + "\n")
