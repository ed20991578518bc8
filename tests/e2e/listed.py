"""Lists of who may log in from where: their files, the addresses they are about, and what a test
asks."""
# SPDX-License-Identifier: MIT
import os
import shutil
import re
import subprocess
import time

import case
import clients
import nameserver
import secrets_used
import world
from cached import CONTROL, SOCKET

FRANKFURT = "139.162.133.252"  # AS63949 Akamai Connected Cloud; build/mmdb says it is there
VODAFONE = "109.40.1.7"        # AS3209, and no place
GOOGLE = "2a00:1450:4001::808:801"  # AS15169
NUREMBERG = "2a01:4f8::808:801"
DIRECTORY = "/etc/checkpass/lists"
MMDB = "/run/GeoIP"  # the project may be where only root can read
MAXMIND = {"city": f"{MMDB}/city.mmdb", "asn": f"{MMDB}/asn.mmdb"}


def own_addresses():
    """Clients may connect from these, as from anywhere on 127.0.0.0/8."""
    for what in (("addr", "replace", FRANKFURT + "/32"), ("addr", "replace", VODAFONE + "/32"),
                 ("addr", "replace", GOOGLE + "/128", "nodad")):
        subprocess.run(["ip", *what, "dev", "lo"], check=True)


def put_maxmind():
    """The tests' databases, where cached can read them."""
    if os.path.isdir(MMDB):
        return
    shutil.copytree(os.path.join(world.BUILD, "mmdb"), world.make_dir(MMDB), dirs_exist_ok=True)
    for name in os.listdir(MMDB):
        os.chmod(os.path.join(MMDB, name), 0o644)
    os.chmod(MMDB, 0o755)


def write(name, text, mode=0o644):
    """A file of lists, by mv as a cron job would; returns its path."""
    path = os.path.join(DIRECTORY, name)
    world.make_dir(os.path.dirname(path))
    with open(path + ".new", "w") as out:
        out.write(text)
    os.chmod(path + ".new", mode)
    os.rename(path + ".new", path)
    return path


def sections(lists):
    """Of the configuration: {"NAME option=value...": lines} with a file for each."""
    made = {}
    for head, lines in lists.items():
        name, *options = head.split()
        made[f"list {name}"] = {"path": write(name + ".lst", lines + "\n"),
                                **dict(option.split("=", 1) for option in options)}
    return made


def control(*words):
    """cachedctl: exit status, standard output, standard error."""
    done = subprocess.run([CONTROL, *words], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


class Site(case.Site):
    """cached with MaxMind's files; `zones` are those of a name server of its own."""

    snippets = []
    zones = None
    ttl = 300
    dns = {}
    settings = {"maxmind": MAXMIND}

    def setUp(self):
        put_maxmind()
        if self.zones is not None:
            self.names = nameserver.NameServer(self.zones, self.ttl)
            self.names.__enter__()
            self.addCleanup(self.names.__exit__)
            self.settings = {**self.settings, "dns": {"servers": self.names.address, **self.dns}}
        super().setUp()

    def furnish(self):
        self.phone = self.cached.add_password("alice", "phone")

    def configure(self, lists, /, **more):
        """Writes lists and configuration; a section in `more` is laid over that of settings."""
        merged = {name: {**self.settings.get(name, {}), **more.get(name, {})}
                  for name in {**self.settings, **more}}
        self.cached.configure(**merged, **sections(lists))

    def take(self, lists, /, **more):
        """The same, and cached has taken them over when this returns."""
        self.configure(lists, **more)
        status, printed, errors = control("reload")
        self.assertEqual(status, 0, errors)
        return printed

    def reply(self, ip, *fields, user="alice", password=None, socket=SOCKET):
        """All that cached answers to a login from there, by field; `password` makes it one that
        it has to verify. None: no address."""
        words = ["request=audit", f"user={user}", "service=imap"]
        if password is not None:
            words[0] = "request=auth"
            words.append(f"password={secrets_used.remember(password)}")
        if ip is not None:
            words.append(f"rip={ip}")
        with clients.Wire(socket) as wire:
            answer = wire.ask(*words, *fields).decode()
        return dict(field.split("=", 1) for field in answer.split("\t")[1:])

    def answer(self, ip, *fields, **who):
        return self.reply(ip, *fields, **who)["answer"]

    def timed(self, ip, *fields, **who):
        """The answer and how long it took, in seconds."""
        began = time.monotonic()
        answer = self.answer(ip, *fields, **who)
        return answer, time.monotonic() - began

    def next_line(self):
        """The audit line of the login that a test has made since it last asked for one."""
        self.lines = getattr(self, "lines", 0) + 1
        return self.cached.wait_for_audit(self.lines)

    def assert_refused(self, ip, matched, rule, *fields, **who):
        """By that list, which the audit line names: FILE:LINE without the directory."""
        self.assertEqual(self.answer(ip, *fields, **who), "deny", ip)
        line = self.next_line()
        told = {name: line.get(name) for name in ("blocked", "matched", "rule", "result")}
        at = f"{DIRECTORY}/{rule}" if rule and ":" in rule else rule
        self.assertEqual(told, {"blocked": "True", "matched": matched, "rule": at,
                                "result": "deny"}, line)
        return line

    def assert_let_in(self, ip, *fields, **who):
        """And nothing in the audit line says otherwise."""
        self.assertEqual(self.answer(ip, *fields, **who), "permit", ip)
        line = self.next_line()
        self.assertEqual((line["result"], line.get("blocked"), line.get("matched")),
                         ("permit", None, None), line)
        return line

    def assert_errors_in(self, text, *expected):
        """Each is a line: FILE:LINE: and the beginning of what is said."""
        for error in expected:
            self.assertRegex(text, re.compile("^(cached: |cachedctl: )?" + error, re.MULTILINE))
