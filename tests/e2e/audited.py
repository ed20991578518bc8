"""What must hold of every snippet with an audit, on a site of audited_site.py."""
# SPDX-License-Identifier: MIT

import case
import clients
import mta
from audited_site import (DENIED, IN, PROGRAM, PROXY, REAL, REASONS, WRONG, by_a_list,
                          by_disabled_service, permit_audits)


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
            words = self.together(self.imap, self.pop3, self.cram_md5,
                                  lambda: self.imap(host="::1"))
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
        self.change_snippet(f"(args = {PROGRAM}.*)", r"\1 --timeout 3")
        self.start_mta(mta.Postfix())
        self.cached.process.freeze()
        self.assert_everywhere(self.away)
        self.cached.process.thaw()
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
