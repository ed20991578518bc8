"""A site with an audit snippet behind its own passdb, and why a login there is denied."""
# SPDX-License-Identifier: MIT
import concurrent.futures
import os
import re

import case
import clients
import dovecot
import listed
import mta
import secrets_used
import world
from fake_cached import FakeCached

REAL = secrets_used.remember("her-real-password")
WRONG = secrets_used.remember("wrong-word-this-is")
ELSEWHERE = "127.0.0.2"  # not the webmail of the snippets
PROXY = "127.0.0.9"
IN, DENIED, LATER = "in", "denied", "later"
EVERYTHING = ("imap", "pop3", "smtp", "doveadm")
PROGRAM = "/usr/lib/checkpass/checkpass"
MASTER = """
auth_master_user_separator = *
passdb {
  driver = passwd-file
  args = scheme=CRYPT username_format=%u /etc/dovecot/users
  master = yes
  result_success = continue
}
"""


def by_disabled_service(site):
    """A reason why cached denies every login of alice, whatever her password."""
    site.cached.configure(auth={"disabled_services": " ".join(EVERYTHING)})
    site.cached.control("reload")


def by_a_list(site):
    """On which is the address that she comes from by now; who has none is denied, too."""
    site.source = listed.FRANKFURT
    site.source6 = listed.GOOGLE
    site.cached.configure(
        audit={"without_address": "deny", "network_time": "20ms"},
        **listed.sections({"ip_networks": "# hosting\n139.162.133.0/24\n2a00:1450::/32"}))
    site.cached.control("reload")


REASONS = (by_disabled_service, by_a_list)
LISTED = {"blocked": "True", "matched": "ip_net", "result": "deny",
          "rule": f"{listed.DIRECTORY}/ip_networks.lst:2"}


def permit_audits(request):
    """What FakeCached says where nobody has app passwords."""
    answer = b"permit" if request["request"] == "audit" else b"deny"
    return b"checkpass/1\tanswer=" + answer + b"\n"


class Site(case.Site):
    """alice and the master user have real passwords; Postfix and Exim start when a test asks."""

    snippet = ""
    away = LATER  # what becomes of a right password when cached has no answer
    source = source6 = None  # where she logs in from unless a test says it; None: loopback
    extra = dovecot.STATIC_USERDB + MASTER + f"login_trusted_networks = {PROXY}\n"

    @property
    def snippets(self):
        return [self.snippet, *self.sasl]

    sasl = ["sasl-postfix.conf", "sasl-exim.conf"]

    def furnish(self):
        super().furnish()
        listed.own_addresses()
        dovecot.write_users(alice=REAL, admin=REAL)
        mta.make_postfix_socket_dir()

    def start_mta(self, server):
        self.watch(server.process)
        server.start()
        return server

    def fake(self, answer):
        """Something that gives every request this answer, in place of cached."""
        self.cached.stop()
        fake = FakeCached(answer)
        self.addCleanup(fake.close)
        return fake

    def text(self):
        with open(os.path.join(world.SNIPPETS, "dovecot", self.snippet)) as snippet:
            return snippet.read()

    def change_snippet(self, pattern, new):
        """Dovecot again, with a snippet that differs in this from the one we ship."""
        text, times = re.subn(pattern, new, self.text(), flags=re.MULTILINE)
        self.assertGreater(times, 0, pattern)
        self.dovecot.kill()
        self.start_dovecot(self.sasl, text + self.extra)

    def assert_listed_are_refused(self, *logins, **fields):
        """Those from FRANKFURT are, and those from VODAFONE get in; all after by_a_list()."""
        lines = {}
        for self.source, word in ((listed.FRANKFURT, DENIED), (listed.VODAFONE, IN)):
            before = len(self.cached.audit())
            self.assertEqual(self.together(*logins), [word] * len(logins), self.source)
            self.cached.wait_for_audit(before + len(logins))
            lines[word] = self.cached.audit()[before:]
            self.assertEqual({line["ip"] for line in lines[word]}, {self.source})
        for line in lines[DENIED]:
            self.assertEqual({**line, **LISTED, **fields}, line)
        for line in lines[IN]:
            self.assertEqual((line["result"], "blocked" in line), ("permit", False))

    @staticmethod
    def together(*logins):
        """What each is told, all at the same time: Dovecot makes those wait that it refuses."""
        with concurrent.futures.ThreadPoolExecutor(len(logins)) as pool:
            return list(pool.map(lambda login: login(), logins))

    # Logins, and what became of them in a word.

    def imap(self, user="alice", password=REAL, **where):
        return self.word(self.imap_login(user, password, **self.at(**where)))

    def pop3(self, user="alice", password=REAL, **where):
        return self.word(self.pop3_login(user, password, **self.at(**where)))

    def at(self, **where):
        source = self.source6 if ":" in where.get("host", "") else self.source
        return {"source": source, **where}

    def smtp(self, port, password=REAL, mechanism="PLAIN"):
        """MTAs tell their clients no difference between "denied" and "later"."""
        code, transcript = clients.smtp(port, "alice", password, mechanism, self.source)
        if code == 0 and "<-  235 " in transcript:
            return IN
        self.assertRegex(transcript, r"<\*\* 535 ")
        self.assertNotIn("235 ", transcript)
        return DENIED

    def cram_md5(self, password=REAL):
        with clients.Imap(**self.at()) as imap:
            return self.word(imap.authenticate_cram_md5("alice", password))

    @staticmethod
    def word(answer):
        if answer.startswith(("OK", "+OK")):
            return IN
        return LATER if answer.startswith((case.LATER, case.POP3_LATER)) else DENIED

    def assert_everywhere(self, expected):
        """The same over IMAP, POP3, and SMTP by Postfix; and a wrong password never gets in. All at
        the same time, because each may wait for cached."""
        logins = {
            "imap": (self.imap,), "pop3": (self.pop3,), "cram-md5": (self.cram_md5,),
            "smtp": (self.smtp, mta.Postfix.port), "wrong": (self.imap, "alice", WRONG),
            "wrong cram-md5": (self.cram_md5, WRONG)}
        with concurrent.futures.ThreadPoolExecutor(len(logins)) as pool:
            words = dict(zip(logins, pool.map(lambda login: login[0](*login[1:]), logins.values())))
        self.assertNotIn(IN, (words.pop("wrong"), words.pop("wrong cram-md5")))
        self.assertEqual(words.pop("smtp"), IN if expected == IN else DENIED)
        self.assertEqual(set(words.values()), {expected}, words)
