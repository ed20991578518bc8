"""cachedctl report: what is told of a history, of the predecessor's and of a real run of ours."""
# SPDX-License-Identifier: MIT
import datetime
import email
import email.policy
import gzip
import html
import html.parser
import json
import os
import pty
import re
import shutil
import subprocess
import unittest

from PIL import Image

import history
import listed
import world
from cached import CONTROL
from processes import Process, until

GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden")
EMPTY = "/run/empty.conf"


def run(*arguments, given=None, code=0):
    """Of cachedctl, without a configuration: what it printed."""
    with open(EMPTY, "w"):
        pass
    done = subprocess.run([CONTROL, "--config", EMPTY, *arguments], input=given, timeout=120,
                          capture_output=True, text=True, env={**os.environ, "TZ": "UTC"})
    assert done.returncode == code, f"cachedctl {arguments}: {done.returncode} {done.stderr}"
    return done.stdout if code == 0 else done.stderr


def told(*arguments, **how):
    return json.loads(run("report", "--format", "json", *arguments, **how))


def rows(sheet, table):
    return sheet["tables"][table]["rows"]


def as_json(line):
    """A line of golden/manual.log as cached-audit(5) has it in JSON."""
    stamp, line = re.match(r"(\w+ \d+ [\d:]+|\S+) .*?(user=.*)", line).groups()
    if stamp[0].isalpha():
        day = datetime.datetime.strptime("2026 " + stamp.replace("Mai", "May"), "%Y %b %d %H:%M:%S")
        stamp = day.isoformat() + "Z"
    told = [(name, re.sub(r"\\x(..)", lambda found: chr(int(found.group(1), 16)), value.strip("<>")))
            for name, value in re.findall(r"(\w+)=(<[^>]*>|[^,\n]*)", line)]
    value = {name: None if text == "None" else text for name, text in told}

    def place(name):
        number, _, text = (value.get(name) or "None/None").partition("/")
        return (None if text == "None" else text), (None if number == "None" else int(number))

    made = {"time": stamp, **{name: value.get(name) for name in ("user", "service", "ip")},
            "rev_host": value["host"],
            "asns": [int(value["asn"][2:])] if value["asn"] else None,
            **{name: value[name] for name in ("as_cc", "as_desc", "as_org", "net_name", "net_cc")},
            "entities": [text for name, text in told if name == "entity" and text],
            "latitude": float(value["lat"]) if "lat" in value else None,
            "longitude": float(value["lon"]) if "lon" in value else None,
            "accuracy_radius": int(value["rad"][:-2]) if "rad" in value else None,
            "blocked": value.get("blocked") == "True", "result": value.get("result", "permit"),
            **{name: value.get(name) for name in ("matched", "pwid", "comment", "reason")},
            "would_block": value["would_block"].split("; ") if "would_block" in value else []}
    for name in ("city", "country"):
        made[name], made[name + "_id"] = place(name)
    return json.dumps(made, separators=(",", ":"))


class Manual(unittest.TestCase):
    """The lines of the predecessor's manual, a refusal, ours, and a forger's."""

    def setUp(self):
        self.log = shutil.copy(os.path.join(GOLDEN, "manual.log"), "/run/manual.log")
        self.known = shutil.copy(os.path.join(GOLDEN, "known.yaml"), "/run/known.yaml")
        self.of = ["--from", self.log, "--since", "2d", "--until", "2026-05-07T00:00:00",
                   "--known", self.known]

    def test_the_text_is_what_it_was(self):
        """Golden: tests/e2e/golden/manual.txt."""
        with open(os.path.join(GOLDEN, "manual.txt")) as expected:
            self.maxDiff = None
            self.assertEqual(run("report", *self.of), expected.read())

    def test_json_lines_tell_the_same(self):
        """The same attempts with [audit] format = json."""
        with open(self.log) as lines, open("/run/manual.jsonl", "w") as out:
            out.writelines(as_json(line) + "\n" for line in lines if "dovecot: auth" not in line)
        with open(os.path.join(GOLDEN, "manual.txt")) as expected:
            self.assertEqual(run("report", "--from", "/run/manual.jsonl", *self.of[2:]),
                             expected.read())

    def test_compressed_and_standard_input_are_the_same_to_it(self):
        with open(self.log) as plain, gzip.open("/run/manual.log.gz", "wt") as packed:
            packed.write(plain.read())
        with open(self.log) as plain:
            expected = told(*self.of)
            rest = self.of[2:]
            self.assertEqual(told("--from", "/run/manual.log.gz", *rest), expected)
            self.assertEqual(told("--from", "-", *rest, given=plain.read()), expected)

    def test_wrong_words_are_told(self):
        for words in (("--since", "yesterday"), ("--format", "pdf"), ("--until", "soon"),
                      ("--known", "/nowhere.yaml"), ("--speed", "fast"), ("--before", "0d"),
                      ("--colour", "red"), ("--rows", "0"), ("--rows", "1001"), ("more",)):
            error = run("report", "--from", self.log, *words, code=2)
            self.assertIn("cachedctl: ", error)
        self.assertIn("No such file", run("report", "--from", "/nowhere.log", code=1))

    def test_help_is_given(self):
        for command in ("report", "backtest"):
            self.assertIn("--since TIME", run(command, "--help"))

    def test_who_watches_sees_how_far_it_is(self):
        """A bar on a terminal, which is gone at the end; and nothing of it elsewhere."""
        words = [CONTROL, "--config", EMPTY, "report", *self.of]
        terminal, its_end = pty.openpty()
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=its_end, timeout=60)
        os.close(its_end)
        drawn = os.read(terminal, 65536).decode()
        os.close(terminal)
        self.assertEqual(done.returncode, 0)
        self.assertRegex(drawn, r"^\r\[#* *\] +\d+ %")
        self.assertTrue(drawn.endswith("\r\x1b[K"), repr(drawn))
        self.assertNotIn(b"%", done.stdout)
        quiet = subprocess.run(words, capture_output=True, timeout=60)
        self.assertEqual(quiet.stderr, b"")

    def test_it_comes_by_mail(self):
        """scripts/report/mail-report: the text, and the page attached; nothing when it fails."""
        script = os.path.join(world.BUILD, "..", "scripts", "report", "mail-report")
        with open("/run/sendmail", "w") as out:
            out.write('#!/bin/sh\necho "$*" > /run/sent.words\ncat > /run/sent\n')
        os.chmod("/run/sendmail", 0o755)
        shutil.copy(self.known, world.make_dir("/etc/checkpass"))
        self.addCleanup(shutil.rmtree, "/etc/checkpass")
        environment = {**os.environ, "TZ": "UTC", "PATH": "/run:" + os.environ["PATH"]}
        words = [script, "--to", "admins@example.org", *self.of[:-2]]
        subprocess.run(words, env=environment, check=True, timeout=60)
        with open("/run/sent.words") as sent:
            self.assertEqual(sent.read(), "-oi -- admins@example.org\n")
        with open("/run/sent", "rb") as sent:
            mail = email.message_from_binary_file(sent, policy=email.policy.default)
        self.assertEqual(mail["Subject"], f"Mail logins on {os.uname().nodename}: 1 refused")
        text, page = mail.iter_parts()
        with open(os.path.join(GOLDEN, "manual.txt")) as expected:
            self.assertEqual(text.get_content(), expected.read())
        self.assertTrue(page.get_content().endswith("</html>\n"))
        os.remove("/run/sent")
        failed = subprocess.run([script, "--from", "/nowhere.log"], env=environment, timeout=60,
                                capture_output=True, text=True)
        self.assertEqual((failed.returncode, os.path.exists("/run/sent")), (1, False))
        self.assertIn("/nowhere.log", failed.stderr)


class Page(unittest.TestCase):
    """The HTML, in a real Chromium."""

    BROWSER = ["chromium-headless-shell", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
               "--user-data-dir=/run/chromium", "--virtual-time-budget=2000"]

    def setUp(self):
        log = "/run/month.log"
        with open(log, "w") as out:
            for time, line in history.attempts(20000):
                out.write(f"{history.stamp(time)} mail mail-audit[812]: {line}\n")
            out.write(f"{history.stamp(history.UNTIL - 60)} mail mail-audit[812]: user=<"
                      "\\x3cimg src=x onerror=document.title=1\\x3e>, service=imap, "
                      "ip=203.0.113.9, host=None, blocked=True, matched=ip_net\n")
        self.page = "/run/month.html"
        self.of = ["--from", log, "--since", "30d", "--until", "2026-03-01T00:00:00"]
        with open(self.page, "w") as out:
            out.write(run("report", "--format", "html", *self.of))

    def browse(self, *words, size=(1300, 2200)):
        done = subprocess.run([*self.BROWSER, "--window-size={},{}".format(*size), *words,
                               "file://" + self.page], timeout=60, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr.decode()[-2000:])
        return done.stdout.decode()

    def results_of(self, script, **how):
        """What a script finds in the page. Its policy would not let it run, and is taken out."""
        with open(self.page) as page:
            text = page.read()
        policy = re.search('<meta http-equiv="Content-Security-Policy"[^>]*>', text).group()
        shown, self.page = self.page, "/run/asked.html"
        self.addCleanup(os.remove, self.page)
        with open(self.page, "w") as page:
            page.write(text.replace(policy, "").replace(
                "</body>", f"<script>document.title = JSON.stringify((() => {{{script}}})())</script>"
                "</body>"))
        seen = self.browse("--dump-dom", **how)
        self.page = shown
        return json.loads(html.unescape(re.search("<title>(.*)</title>", seen).group(1)))

    def test_what_the_browser_has_made_of_it(self):
        """Its script ran, by its own policy; all that is in the JSON is on the page."""
        seen = Elements(self.browse("--dump-dom"))
        sheet = told(*self.of)
        self.assertEqual(seen.attributes["html"][0].get("data-ready"), "yes")
        self.assertEqual(len(seen.attributes["circle"]), len(sheet["points"]))
        self.assertGreater(len(sheet["points"]), 10)
        self.assertEqual(len([a for a in seen.attributes["g"] if a.get("class") == "bar"]), 30)
        tables = [table for table in sheet["tables"].values() if table["rows"]]
        self.assertEqual(len(seen.attributes["table"]), len(tables))
        self.assertEqual(len(seen.attributes["a"]), len(tables))
        self.assertEqual(len(seen.attributes["tr"]),
                         sum(len(table["rows"]) + 1 for table in tables))
        self.assertEqual(len(seen.attributes["button"]), len(seen.attributes["th"]) + 2)
        self.assertEqual([a.get("class") for a in seen.attributes["path"]], ["grid", "land"])
        self.assertNotIn("img", seen.attributes)
        self.assertIn("<img src=x onerror=document.title=1>", seen.texts)

    def test_tables_sort_and_narrow(self):
        found = self.results_of("""
            const section = document.getElementById("blocked");
            const column = n => [...section.querySelectorAll("tbody tr")]
                .filter(row => !row.hidden).map(row => row.cells[n].textContent);
            const user = section.querySelectorAll("th button")[1];
            const result = [column(0)];
            user.click();
            result.push(column(1));
            user.click();
            result.push(column(1));
            const input = section.querySelector("input");
            input.value = "USER0";
            input.dispatchEvent(new Event("input"));
            result.push(column(1));
            return result;""")
        logins, upwards, downwards, narrowed = found
        self.assertGreater(len(logins), 20)
        self.assertEqual(sorted(map(int, logins), reverse=True), list(map(int, logins)))
        self.assertEqual(upwards, sorted(upwards))
        self.assertEqual(downwards, upwards[::-1])
        self.assertEqual(narrowed, [user for user in downwards if "user0" in user])

    def test_places_are_where_they_are_on_the_map(self):
        """Towns are on land, and half way from Madrid to New York there is none."""
        there = self.results_of("""
            const land = document.querySelector("#map .land"), found = {};
            const add = (name, x, y) => { found[name] = [x, y, land.isPointInFill(new DOMPoint(x, y))]; };
            for (const dot of document.querySelectorAll("#map circle"))
              add(dot.textContent.split(/[,:]/)[0], dot.cx.baseVal.value, dot.cy.baseVal.value);
            add("sea", (found["Madrid"][0] + found["New York"][0]) / 2, found["Madrid"][1]);
            return found;""")
        for town in ("Dresden", "Munich", "Prague", "Paris", "Madrid", "Bangalore", "Hanoi"):
            self.assertTrue(there[town][2], f"{town}: {there[town]}")
        self.assertFalse(there["sea"][2])
        self.assertLess(there["San Francisco"][0], there["New York"][0])
        self.assertLess(there["New York"][0], there["London"][0])
        self.assertLess(there["London"][1], there["Cape Town"][1])
        self.assertLess(there["Tokyo"][0], there["Sydney"][0])

    def test_nothing_is_wider_than_a_phone(self):
        width, inner = self.results_of(
            "return [document.documentElement.scrollWidth, window.innerWidth];", size=(390, 3000))
        self.assertLessEqual(width, inner)
        picture = os.path.join(world.BUILD, "report-phone.png")
        self.browse(f"--screenshot={picture}", size=(390, 3000))
        with Image.open(picture) as drawn:
            margin = drawn.convert("RGB").crop((386, 0, 390, 3000)).getextrema()
        for darkest, _ in margin:  # but for the shadows of the cards
            self.assertGreater(darkest, min(LIGHT["paper"]) - 5)

    def test_it_can_be_printed(self):
        """Kept as build/report.pdf: several pages, the colours of day, and without buttons."""
        paper = os.path.join(world.BUILD, "report.pdf")
        self.browse("--no-pdf-header-footer", f"--print-to-pdf={paper}")
        with open(paper, "rb") as printed:
            pages = re.findall(rb"/Type\s*/Page\b", printed.read())
        self.assertGreater(len(pages), 3)

    def test_what_is_drawn(self):
        """Kept as build/report-light.png and build/report-dark.png: paper, land, red and green."""
        for name, colours, more in (
                ("light", LIGHT, []),
                ("dark", DARK, ["--blink-settings=preferredColorScheme=0"])):
            picture = os.path.join(world.BUILD, f"report-{name}.png")
            self.browse(f"--screenshot={picture}", *more)
            width, height, counted = colours_of(picture)
            self.assertEqual((width, height), (1300, 2200))
            self.assertGreater(len(counted), 100)
            for what, least in (("paper", 100000), ("land", 50000), ("bars", 20000)):
                self.assertGreater(counted.get(colours[what], 0), least, f"{what} in {picture}")


LIGHT = {"paper": (0xfb, 0xfa, 0xf7), "land": (0xdc, 0xdf, 0xd3), "bars": (0x2f, 0x7d, 0x5d)}
DARK = {"paper": (0x14, 0x17, 0x1d), "land": (0x32, 0x3b, 0x48), "bars": (0x5c, 0xc3, 0x9a)}


class Elements(html.parser.HTMLParser):
    """The elements of a page with their attributes, and its texts."""

    def __init__(self, text):
        super().__init__()
        self.attributes, self.texts = {}, set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.attributes.setdefault(tag, []).append(dict(attrs))

    def handle_data(self, data):
        self.texts.add(data)


def colours_of(path):
    """Of a picture: its width, its height, and how many pixels have which colour."""
    with Image.open(path) as picture:
        counted = picture.convert("RGB").getcolors(maxcolors=1 << 24)
        return (*picture.size, {colour: number for number, colour in counted})


class Run(listed.Site):
    """Audit lines of a cached that runs."""

    def test_what_a_real_run_logs_is_what_the_report_tells(self):
        self.take({"as_numbers": "AS3209", "ip_networks mode=log": "139.162.133.0/24"})
        self.assert_let_in(listed.FRANKFURT, user="<b>bob</b>")
        self.assert_refused(listed.VODAFONE, "asn", "as_numbers.lst:1", password=self.phone)
        for _ in range(3):
            self.assertEqual(self.answer(listed.FRANKFURT, password="wrong-word-this-is"), "deny")
        log = world.path("history.log")
        with open(log, "w") as out:
            out.write(self.cached.process.log())
        sheet = told("--from", log)
        figures = sheet["figures"]
        self.assertEqual((figures["let_in"], figures["refused"], figures["failed"]), (1, 1, 3))
        blocked = rows(sheet, "blocked")
        self.assertEqual([(row["user"], row["matched"], row["rule"], row["address"])
                          for row in blocked],
                         [("alice", "asn:AS3209", f"{listed.DIRECTORY}/as_numbers.lst:1",
                           listed.VODAFONE)])
        self.assertEqual(rows(sheet, "failing_addresses")[0]["source"], listed.FRANKFURT)
        self.assertEqual(rows(sheet, "would_block")[0]["logins"], 1)
        self.assertIn("have no time", " ".join(sheet["notes"]))
        self.assertIn("Frankfurt am Main, Germany", {point["place"] for point in sheet["points"]})

    def test_whom_a_list_would_have_refused_is_whom_it_then_refuses(self):
        """The back-test of a list, and the list in force, agree; who is excepted is, too."""
        def lists(**more):
            return {**more, "allow_networks": listed.GOOGLE}
        self.take(lists())
        where = (listed.FRANKFURT, listed.VODAFONE, listed.GOOGLE)
        for ip in where:
            self.assert_let_in(ip, user="bob")
            self.assert_let_in(ip, password=self.phone)
        self.assertEqual(self.answer(listed.VODAFONE, password="wrong-word-this-is"), "deny")
        self.lines += 1
        log = world.path("history.log")
        with open(log, "w") as out:
            out.write(self.cached.process.log())
        for name, entries, refused in (("as_numbers", "AS3209\nAS15169", {listed.VODAFONE}),
                                       ("geo_countries", "DE", {listed.FRANKFURT}),
                                       ("ip_networks", "::/0\n109.40.0.0/16", {listed.VODAFONE})):
            path = listed.write(name + ".lst", entries + "\n")
            done = subprocess.run([CONTROL, "backtest", "--from", log, "--format", "json", path],
                                  capture_output=True, text=True, timeout=30)
            self.assertEqual(done.returncode, 0, done.stderr)
            sheet = json.loads(done.stdout)
            hits = rows(sheet, "refused")
            self.assertEqual({row["address"] for row in hits}, refused, name)
            self.assertEqual({(row["user"], row["password"], row["comment"]) for row in hits},
                             {("bob", "", ""), ("alice", "1", "phone")})
            line = rows(sheet, "lists")[0]
            self.assertEqual((line["logins"], line["users"], line["passwords"]), (2, 2, 1))
            self.assertEqual(line["failed"], 0 if name == "geo_countries" else 1)
            self.take(lists(**{name: entries}))
            for ip in where:
                if ip in refused:
                    self.assert_refused(ip, *self.words(name, hits), user="bob")
                else:
                    self.assert_let_in(ip, user="bob")

    @staticmethod
    def words(name, hits):
        """What the audit line is to say: as the back-test did."""
        matched = {"as_numbers": "asn", "geo_countries": "geo_country", "ip_networks": "ip_net"}
        return matched[name], hits[0]["rule"].removeprefix(listed.DIRECTORY + "/")

    def test_a_list_that_is_wrong_or_refuses_nobody_is_not_tried(self):
        bad = listed.write("as_numbers.lst", "ASX\n")
        log = "/dev/null"
        self.assertIn(bad + ":1: ", run("backtest", "--from", log, bad, code=2))
        allow = listed.write("allow_networks.lst", "192.0.2.1\n")
        self.assertIn("refuses nobody", run("backtest", "--from", log, allow, code=2))
        self.assertIn("--type", run("backtest", "--from", log, "/nowhere.lst", code=2))


class JsonLines(listed.Site):
    """Audit lines of a cached that runs with [audit] format = json."""

    settings = {**listed.Site.settings, "audit": {"format": "json"}}

    def test_what_a_real_run_logs_is_what_the_report_tells(self):
        self.take({"as_numbers": "AS3209"})
        self.assertEqual(self.answer(listed.FRANKFURT, user="<b>bob</b>"), "permit")
        self.assertEqual(self.answer(listed.VODAFONE, password=self.phone), "deny")
        self.assertEqual(self.answer(listed.FRANKFURT, password="wrong-word-this-is"), "deny")
        log = world.path("history.log")

        def complete():
            with open(log, "w") as out:
                out.write(self.cached.process.log())
            sheet = told("--from", log)
            figures = sheet["figures"]
            there = (figures["let_in"], figures["refused"], figures["failed"])
            return sheet if there == (1, 1, 1) else None
        sheet = until(complete, "three lines of JSON")
        self.assertEqual([(row["user"], row["matched"], row["rule"])
                          for row in rows(sheet, "blocked")],
                         [("alice", "asn:AS3209", f"{listed.DIRECTORY}/as_numbers.lst:1")])
        self.assertEqual(sheet["notes"], [])  # the lines have their times
        self.assertIn("Frankfurt am Main, Germany", {point["place"] for point in sheet["points"]})


class Journal(listed.Site):
    """cached logs to a real systemd-journald, whose entries the report reads."""

    settings = {**listed.Site.settings, "log": {"to": "journal"}}
    hostile = "ev<i>l\n\xff"

    def setUp(self):
        world.make_dir("/run/systemd/journal")
        self.journald = Process("journald", ["/lib/systemd/systemd-journald"])
        self.addCleanup(shutil.rmtree, "/run/systemd", True)
        self.addCleanup(self.journald.kill)
        self.journald.start()
        until(lambda: os.path.exists("/run/systemd/journal/socket"), "journald listens")
        super().setUp()

    def test_the_journal_is_read_as_it_is_there_and_as_it_is_printed(self):
        """By journalctl, and from a file of its JSON, with names of any bytes."""
        self.take({"as_numbers": "AS3209"})
        self.assertEqual(self.answer(listed.FRANKFURT), "permit")
        self.assertEqual(self.answer(listed.VODAFONE, password=self.phone), "deny")
        self.assertEqual(self.ask(self.hostile.encode("latin-1"), "wrong-word-this-is",
                                  f"rip={listed.FRANKFURT}"), "deny")
        sheet = until(self.complete, "three entries in the journal")
        self.assertEqual([(row["matched"], row["rule"]) for row in rows(sheet, "blocked")],
                         [("asn:AS3209", f"{listed.DIRECTORY}/as_numbers.lst:1")])
        self.assertEqual(rows(sheet, "failing_addresses")[0]["source"], listed.FRANKFURT)
        printed = subprocess.run(["journalctl", "-o", "json", "--all", "-t", "mail-audit"],
                                 stdout=subprocess.PIPE, check=True, timeout=30).stdout
        entry = json.loads(printed.splitlines()[0])
        self.assertEqual(entry["AUDIT_USER"], "alice")
        with open("/run/journal.json", "wb") as out:
            out.write(printed)
        again = told("--from", "/run/journal.json")
        self.assertEqual(again["figures"], sheet["figures"])
        self.assertEqual(again["tables"], sheet["tables"])

    def complete(self):
        sheet = told()
        figures = sheet["figures"]
        there = (figures["let_in"], figures["refused"], figures["failed"])
        return sheet if there == (1, 1, 1) else None
