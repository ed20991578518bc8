"""A site with an audit snippet behind its own passdb: what must hold of every such snippet."""
# SPDX-License-Identifier: MIT
import concurrent.futures
import os
import re
import signal

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
    """On which is where she comes from now, and nowhere is not on it."""
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


class Rules:
    """For a class beside Site."""

    def test_a_permitted_login_goes_on_to_the_mail(self):
        """IMAP and POP3; and there is one audit line for each."""
        self.assert_reads_mail("alice", REAL)
        self.assert_audit(1, user="<alice>", service="imap", result="permit", pwid=None)
        with clients.Pop3() as pop3:
            self.assert_ok(pop3.login("alice", REAL))
            self.assertIn("You have mail.", pop3.read_message())
        self.assert_audit(2, service="pop3", result="permit")

    def test_a_denied_login_fails_though_its_password_is_right(self):
        """Which an earlier passdb has accepted. IMAP with two mechanisms and families, POP3."""
        for deny in REASONS:
            deny(self)
            before = len(self.cached.audit())
            words = self.together(self.imap, self.pop3, self.cram_md5, lambda: self.imap(host="::1"))
            self.assertEqual(words, [DENIED] * 4)
            self.cached.wait_for_audit(before + 4)
            for line in self.cached.audit()[before:]:
                self.assertEqual((line["user"], line["result"]), ("<alice>", "deny"))

    def test_a_denied_login_may_not_send_by_postfix(self):
        """PLAIN and LOGIN, refused and permitted, in the same Postfix."""
        self.start_mta(mta.Postfix())
        logins = (self.by_postfix, lambda: self.smtp(mta.Postfix.port, mechanism="LOGIN"))
        self.assertEqual(self.together(*logins), [IN, IN])
        self.assert_audit(2, user="<alice>", service="smtp", result="permit")
        for deny in REASONS:
            deny(self)
            self.assertEqual(self.together(*logins), [DENIED, DENIED])

    def test_a_denied_login_may_not_send_by_exim(self):
        """The same, from here: without TLS Exim offers AUTH to nobody else, and who is here is on
        no list."""
        self.start_mta(mta.Exim())
        self.assertEqual(self.smtp(mta.Exim.port), IN)
        by_disabled_service(self)
        self.assertEqual(self.smtp(mta.Exim.port), DENIED)
        self.assertEqual(self.smtp(mta.Exim.port, mechanism="LOGIN"), DENIED)

    def test_a_wrong_password_is_refused_and_never_audited(self):
        """Whoever is told anything but "failed" has the password."""
        asked = self.fake(permit_audits).requests
        self.assertEqual(self.imap_login("alice", WRONG), case.REFUSED)
        self.assertEqual(self.pop3_login("alice", WRONG), case.POP3_REFUSED)
        self.assertEqual(self.imap_login("nobody-here", REAL), case.REFUSED)
        self.assertEqual([request for request in asked if request["request"] == "audit"], [])

    def test_cram_md5_is_audited_and_verified(self):
        """The audit is asked before the password is verified, and then it is."""
        self.assertEqual(self.cram_md5(), IN)
        self.assert_audit(1, user="<alice>", service="imap", result="permit")
        self.assertEqual(self.cram_md5(WRONG), DENIED)

    def test_doveadm_works_without_an_address(self):
        """Tests are audited; lookups are not, and need no cached."""
        code, output = self.dovecot.doveadm("auth", "test", "alice", REAL)
        self.assertEqual(code, 0, output)
        self.assert_audit(1, user="<alice>", service="doveadm", ip="None", result="permit")
        code, output = self.dovecot.doveadm("auth", "test", "alice", WRONG)
        self.assertEqual(code, 77, output)
        self.cached.stop()
        for command in (("auth", "lookup"), ("user",)):
            code, output = self.dovecot.doveadm(*command, "alice")
            self.assertEqual(code, 0, output)
            self.assertIn("alice", output)

    def test_K21_a_denied_login_without_an_address_fails(self):
        """dovecot_badclients let in whom it knew no address of."""
        for number, deny in enumerate(REASONS):
            deny(self)
            code, output = self.dovecot.doveadm("auth", "test", "alice", REAL)
            self.assertEqual(code, 77, output)
            self.assertNotIn("temp_fail", output)
            self.assert_audit(number + 1, ip="None", result="deny")

    def test_a_master_user_is_audited_as_whom_they_log_in_as(self):
        """`result_success = continue` in the block with `master = yes`."""
        self.assertEqual(self.imap("alice*admin"), IN)
        self.assert_audit(1, user="<alice>", master="<admin>", result="permit")
        self.assertEqual(self.imap("alice*admin", WRONG), DENIED)
        for number, deny in enumerate(REASONS):
            deny(self)
            self.assertEqual(self.imap("alice*admin"), DENIED)
            self.assert_audit(number + 2, user="<alice>", master="<admin>", result="deny")

    def test_whom_a_list_refuses_the_audit_line_names_its_rule(self):
        """IMAP, POP3, SMTP by Postfix, doveadm, a proxy's client. Who is not listed gets in."""
        by_a_list(self)
        self.start_mta(mta.Postfix())
        logins = (self.imap, self.pop3, self.by_postfix, self.by_doveadm, self.by_proxy)
        self.assert_listed_are_refused(*logins)

    def by_postfix(self):
        return self.smtp(mta.Postfix.port)

    def by_doveadm(self):
        code, output = self.dovecot.doveadm("auth", "test", "-x", f"rip={self.source}", "alice",
                                            REAL)
        self.assertNotIn("temp_fail", output)
        return {0: IN, 77: DENIED}[code]

    def by_proxy(self):
        with clients.Imap(source=PROXY) as imap:
            imap.command(f'ID ("x-originating-ip" "{self.source}" "x-originating-port" "4711")')
            return self.word(imap.login("alice", REAL))

    def test_a_trusted_proxy_passes_the_clients_address_and_its_own(self):
        """login_trusted_networks: rip is what the proxy claims, real_rip the proxy."""
        asked = self.fake(permit_audits).requests
        with clients.Imap(source=PROXY) as imap:
            imap.command('ID ("x-originating-ip" "127.0.0.1" "x-originating-port" "4711")')
            self.assert_ok(imap.login("alice", REAL))
        self.assertEqual((asked[-1]["rip"], asked[-1]["rport"], asked[-1]["real_rip"]),
                         ("127.0.0.1", "4711", PROXY))


class RulesWhileAway:
    """The same, of what goes wrong on our side."""

    def test_K05_W03_while_cached_is_away_a_right_password_is_as_configured(self):
        """A failure of ours lets nobody in unless the admin asked for it."""
        self.start_mta(mta.Postfix())
        self.cached.stop()
        self.assert_everywhere(self.away)
        self.cached.start()
        self.assert_everywhere(IN)

    def test_while_cached_hangs_a_right_password_is_as_configured(self):
        """Stopped in its tracks, with its socket open; within --timeout."""
        self.change_snippet(f"(args = {PROGRAM}.*)", r"\1 --timeout 1")
        self.start_mta(mta.Postfix())
        self.cached.process.send(signal.SIGSTOP)
        self.assert_everywhere(self.away)
        self.cached.process.send(signal.SIGCONT)
        self.assert_everywhere(IN)

    def test_W02_an_answer_that_is_none_is_as_if_cached_were_away(self):
        """dovecot_web_auth's 500, and anything else that is no clear word."""
        self.start_mta(mta.Postfix())
        fake = self.fake(b"")
        for answer in (b"checkpass/1\tanswer=later\ttext=busy\n", b"HTTP/1.1 500 Oops\r\n\r\n",
                       b"checkpass/1\tanswer=permit"):
            fake.answer = answer
            self.assert_everywhere(self.away)

    def test_K20_a_program_that_is_missing_or_misused_is_as_if_cached_were_away(self):
        """An admin's typing error lets nobody in either."""
        self.start_mta(mta.Postfix())
        for pattern, typing_error in ((PROGRAM, PROGRAM + "s"), ("--audit", "--audti")):
            self.change_snippet(pattern + r"\b", typing_error)
            self.assert_everywhere(self.away)
