"""Lists and MaxMind's files that change while cached runs: all of it is taken over, or nothing."""
# SPDX-License-Identifier: MIT
import os
import re
import shutil
import threading
import time

import clients
import listed
from cached import CONFIG
from listed import DIRECTORY, FRANKFURT, MAXMIND, VODAFONE
from processes import until

V4, V6 = FRANKFURT, "2002:8ba2:85fc::1"  # one client, by itself and behind 6to4


class Reload(listed.Site):
    def by_signal(self):
        """SIGHUP, and it is through."""
        self.hang_up("cached: reloaded")

    def hang_up(self, outcome):
        """What cached has logged of it, when the outcome is there."""
        before = self.cached.process.log()
        self.cached.reload()
        self.cached.process.wait_for_log(outcome, times=before.count(outcome) + 1)
        return self.cached.process.log()[len(before):]

    def assert_nothing_changes(self, *errors):
        """cachedctl says all that is wrong, so does the log after SIGHUP, and FRANKFURT stays where
        it is: on the list that was there before, and VODAFONE on none."""
        status, printed, said = listed.control("reload")
        self.assertEqual((status, printed), (1, ""))
        self.assert_errors_in(said, *errors)
        self.assert_errors_in(self.hang_up("not reloaded: what was there before stays"), *errors)
        self.assert_refused(FRANKFURT, "ip_net", "ip_networks.lst:1")
        self.assert_let_in(VODAFONE)

    def test_C04_C05_a_changed_list_is_taken_over_by_signal_and_by_cachedctl(self):
        """Not before, and then by every login."""
        reload = {"signal": self.by_signal, "cachedctl": lambda: listed.control("reload")}
        self.take({"ip_networks": "8.8.8.8"})
        for take_over in reload.values():
            listed.write("ip_networks.lst", "8.8.8.8\n139.162.133.0/24\n")
            self.assert_let_in(FRANKFURT)
            take_over()
            for _ in range(60):
                self.assert_refused(FRANKFURT, "ip_net", "ip_networks.lst:2")
            listed.write("ip_networks.lst", "8.8.8.8\n")
            self.assert_refused(FRANKFURT, "ip_net", "ip_networks.lst:2")
            take_over()
            for _ in range(60):
                self.assert_let_in(FRANKFURT)

    def test_C18_a_broken_list_changes_nothing(self):
        """Every error is told with its file and line; so is one in another list, and a list that is
        missing, a directory without lists, one that everybody may write."""
        self.take({"ip_networks": "139.162.133.0/24"})
        self.configure({"ip_networks": "1.2.3.4/33\n# fine\nfine.example.org\n109.40.0.0/13",
                        "as_org": "a(b\n(?=x)y", "geo_countries": "XX"})
        lists = re.escape(DIRECTORY)
        broken = (rf"{lists}/ip_networks\.lst:1: 1\.2\.3\.4/33", rf"{lists}/as_org\.lst:1: ",
                  rf"{lists}/ip_networks\.lst:3: fine\.example\.org is not an address",
                  rf"{lists}/as_org\.lst:2: ", rf"{lists}/geo_countries\.lst:1: .*XX")
        self.assert_nothing_changes(*broken)
        self.configure({"ip_networks": "109.40.0.0/13"})
        listed.write("ip_networks.lst", "109.40.0.0/13\n", mode=0o666)
        self.assert_nothing_changes(rf"{lists}/ip_networks\.lst: refused, everybody can write")
        os.remove(f"{DIRECTORY}/ip_networks.lst")
        self.assert_nothing_changes(rf"{lists}/ip_networks\.lst: cannot open: No such file")
        os.mkdir(f"{DIRECTORY}/ip_networks.lst")
        self.assert_nothing_changes(rf"{lists}/ip_networks\.lst: there is no \*\.lst")
        listed.write("ip_networks.lst/a.lst", "109.40.0.0/13\n")
        self.assertEqual(listed.control("reload")[0], 0)
        self.assert_refused(VODAFONE, "ip_net", "ip_networks.lst/a.lst:1")

    def test_B35_W04_a_word_that_is_no_choice_changes_nothing(self):
        """Nor an unknown type or option: dovecot_web_auth had `unkown`, and refused everybody."""
        self.take({"ip_networks": "139.162.133.0/24"})
        file = re.escape(CONFIG)
        for head, more, error in (
                ("ip_networks mode=enfroce", {}, r"\[list ip_networks\] mode: "),
                ("ip_networks unknown=unkown", {}, r"\[list ip_networks\] unknown: "),
                ("ip_networks", {"audit": {"without_address": "unkown"}}, ".*without_address"),
                ("trial type=ip_network", {}, r"\[list trial\] type: there is no type of list"),
                ("trial", {}, r"\[list trial\].* trial is no type of list"),
                ("ip_networks modus=log", {}, r".*modus"),
                ("as_org", {"maxmind": {"asn": ""}}, r"\[list as_org\].* needs \[maxmind\] asn")):
            self.configure({head: "109.40.0.0/13"}, **more)
            listed.write("ip_networks.lst", "109.40.0.0/13\n")
            self.assert_nothing_changes(rf"{file}:\d+: {error}")

    def test_B23_cached_does_not_start_with_a_broken_list(self):
        """It says all that is wrong, as --check does; mended, it starts."""
        self.take({"ip_networks": "139.162.133.0/24"})
        self.cached.stop()
        self.configure({"reverse_hostname": "mail[0-9\nfine\n*", "ip_networks": "x"})
        os.remove(f"{DIRECTORY}/ip_networks.lst")
        self.cached.process.start()
        self.assertNotEqual(self.cached.process.leaves(), 0)
        status, said = self.cached.check()
        self.assertNotEqual(status, 0)
        for text in (self.cached.process.log(), said):
            self.assert_errors_in(text, rf"{DIRECTORY}/reverse_hostname\.lst:1: ",
                           rf"{DIRECTORY}/reverse_hostname\.lst:3: ",
                           rf"{DIRECTORY}/ip_networks\.lst: cannot open")
        self.configure({"ip_networks": "139.162.133.0/24"})
        self.cached.start()
        self.assert_refused(FRANKFURT, "ip_net", "ip_networks.lst:1")

    def test_B36_B37_no_section_is_needed(self):
        """dovecot_web_auth answered 500 to everybody without those of its example."""
        self.cached.stop()
        listed.write("few.lst", FRANKFURT + "\n")
        self.cached.write_config("[server]\ngroup = dovecot\n[log]\nto = stderr\n"
                                 f"[list ip_networks]\npath = {DIRECTORY}/few.lst\n")
        self.cached.start()
        self.assert_refused(FRANKFURT, "ip_net", "few.lst:1")
        self.assert_let_in(VODAFONE, password=self.phone)
        self.assert_let_in(None)

    def test_an_entry_ends_without_a_reload(self):
        """until=."""
        soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 5))
        self.take({"ip_networks": f"{FRANKFURT} # until={soon}\n139.162.0.0/16 # until=2020-01-01"})
        self.assertEqual(self.answer(FRANKFURT), "deny")
        until(lambda: self.answer(FRANKFURT) == "permit", "the entry has ended")


class Versions:
    """Of a list, as a cron job writes them: each by mv. In version N a client is on line N alone,
    by its address V4 when N is even, by V6 when N is odd."""

    LINES = 400

    def __init__(self):
        self.number = 0
        self.next()

    def next(self):
        self.number += 1
        lines = ["192.0.2.1"] * self.LINES
        client = V6 if self.number % 2 else V4
        lines[self.number - 1] = f"{client} # reason=version {self.number}"
        listed.write("ip_networks.lst", "\n".join(lines) + "\n")


def version_in(text):
    """Of the list that has refused; None: it has not."""
    found = re.search("version ([0-9]+)", text)
    return int(found[1]) if found else None


class Clients(threading.Thread):
    """They log in all the time, by turns from V6 and from V4, over one connection."""

    def __init__(self):
        super().__init__()
        self.answers, self.end = [], threading.Event()

    def run(self):
        with clients.Wire() as wire:
            while not self.end.is_set():
                for ip in (V6, V4):
                    answer = wire.ask("request=audit", "user=alice", "service=imap", f"rip={ip}")
                    self.answers.append(answer.decode())


class ReloadUnderLoad(listed.Site):
    """The lists see V6 and the V4 in it. So a login from V6 is refused by every version, and by
    nothing that is half of one and half of another; a login from V4 by the even ones."""

    def test_no_login_sees_half_of_a_list_that_changes_under_load(self):
        """40 reloads, with logins from every client between any two new versions; none fails."""
        versions = Versions()
        self.cached.configure(**self.settings, **{
            "list ip_networks": {"path": f"{DIRECTORY}/ip_networks.lst"}})
        self.assertEqual(listed.control("reload")[0], 0)
        logins = [Clients() for _ in range(4)]
        for thread in logins:
            thread.start()
        try:
            while (reloaded := self.cached.process.log().count("cached: reloaded")) < 40:
                if versions.number < 9 * (reloaded + 1):  # a slow machine catches up
                    versions.next()
                    self.cached.reload()
                time.sleep(0.025)
                self.wait_for_another(logins)
        finally:
            for thread in logins:
                thread.end.set()
                thread.join(clients.SECONDS)
        seen = set()
        for thread in logins:
            seen |= self.assert_whole(thread.answers)
        self.assertGreater(len(seen), 20)
        self.assert_lines_are_whole()

    @staticmethod
    def wait_for_another(logins):
        """Of each client, by V6 and V4."""
        enough = [len(thread.answers) + 2 for thread in logins]
        until(lambda: all(len(thread.answers) >= number for thread, number in zip(logins, enough)),
              "logins go on")

    def assert_whole(self, answers):
        """Versions never go back, and nothing of another comes between. Returns those seen."""
        from_v6, from_v4 = (list(map(version_in, answers[n::2])) for n in (0, 1))
        self.assertNotIn(None, from_v6)
        self.assertEqual({answer.split("\t")[1] for answer in answers},
                         {"answer=deny", "answer=permit"})
        refused = [version_in(answer) for answer in answers if "answer=deny" in answer]
        self.assertEqual(refused, sorted(refused))
        self.assertEqual([number for number in from_v4 if number and number % 2], [])
        for before, number, behind in zip(from_v6, from_v4, from_v6[1:]):
            if before == behind:
                self.assertEqual(number, None if before % 2 else before)
        return set(from_v6)

    def assert_lines_are_whole(self):
        """Of every audit line, too, the line is of the version that the reason names."""
        rules = {(line["reason"], line["rule"]) for line in self.cached.audit()
                 if line["result"] == "deny"}
        for reason, rule in rules:
            self.assertEqual(rule, f"{DIRECTORY}/ip_networks.lst:{version_in(reason)}")
        self.assertGreater(len(rules), 20)


class MaxMindReload(listed.Site):
    def setUp(self):
        listed.world.make_dir(DIRECTORY)
        listed.put_maxmind()
        self.settings = {"maxmind": {name: f"{DIRECTORY}/{name}.mmdb" for name in MAXMIND}}
        for name, path in MAXMIND.items():
            self.put(path, name)
        super().setUp()

    @staticmethod
    def put(path, name):
        """As geoipupdate does: by mv."""
        shutil.copy(path, f"{DIRECTORY}/{name}.new")
        os.rename(f"{DIRECTORY}/{name}.new", f"{DIRECTORY}/{name}.mmdb")

    def test_a_file_of_MaxMind_that_is_replaced_is_taken_over_by_a_reload(self):
        """Not before; a Country file has no cities, and that is no error."""
        self.take({"geo_location_ids": "2925533 Frankfurt"})
        self.assert_refused(FRANKFURT, "geoid", "geo_location_ids.lst:1")
        self.put(f"{listed.MMDB}/country.mmdb", "city")
        self.assert_refused(FRANKFURT, "geoid", "geo_location_ids.lst:1")
        listed.control("reload")
        self.assertEqual(self.assert_let_in(FRANKFURT)["country"][-8:-1], "Germany")
        self.put(MAXMIND["city"], "city")
        listed.control("reload")
        self.assert_refused(FRANKFURT, "geoid", "geo_location_ids.lst:1")

    def test_K22_a_file_of_MaxMind_that_is_cut_or_overwritten_hurts_nobody(self):
        """In place, while logins go on: cached has the old facts, the reload an error."""
        self.take({"geo_countries": "DE"})
        for spoil in (lambda file: file.truncate(0), lambda file: file.truncate(1000),
                      lambda file: file.write(b"\xff" * 3000)):
            with open(f"{DIRECTORY}/city.mmdb", "r+b") as file:
                spoil(file)
            for _ in range(20):
                self.assert_refused(FRANKFURT, "geo_country", "geo_countries.lst:1")
            status, _, errors = listed.control("reload")
            self.assertEqual(status, 1)
            self.assert_errors_in(errors, rf"{re.escape(CONFIG)}:\d+: \[maxmind\] city: ")
            self.assert_refused(FRANKFURT, "geo_country", "geo_countries.lst:1")
            self.put(MAXMIND["city"], "city")
            self.assertEqual(listed.control("reload")[0], 0)
        os.remove(f"{DIRECTORY}/city.mmdb")
        self.assertEqual(listed.control("reload")[0], 1)
        self.assert_refused(FRANKFURT, "geo_country", "geo_countries.lst:1")
