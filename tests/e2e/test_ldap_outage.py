"""The directory away or held up: what must hold of any server, see outage.py, and what is said of
directories alone."""
# SPDX-License-Identifier: MIT
import concurrent.futures
import time

import clients
import outage
from processes import until
from slapd_site import WORD, SlapdSite
from stream import at_once


class LdapOutageSite(outage.Outage, SlapdSite):
    right = WORD
    ldap = outage.within(outage.PATIENCE)

    def asks(self, machine):
        before = len(machine.asked())
        return self.ask("alice", WORD) == "permit" and len(machine.asked()) > before

    def imposture(self, fake):
        """By ldap, StartTLS and ldaps."""
        return (({"uri": f"ldap://{fake}"}, "later"),
                ({"uri": f"ldap://{fake}", "start_tls": "yes"}, "later"),
                ({"uri": f"ldaps://{fake}"}, "later"),
                ({"uri": f"ldap://{fake} {self.server.uri}"}, "permit"))


class LdapAway(outage.Away, LdapOutageSite):
    def test_C17_what_needs_no_directory_does_not_wait_for_a_frozen_one(self):
        """With twenty logins waiting for it, and all the while, `audit` is answered."""
        self.reconfigure(**outage.within(60))
        self.assert_permitted("alice")
        self.server.freeze()
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            waiting = [pool.submit(self.ask, "alice", WORD) for _ in range(20)]
            time.sleep(0.3)
            for _ in range(20):
                with clients.Wire() as wire:
                    answer = wire.ask("request=audit", "user=local", "service=imap", "rip=10.0.0.1")
                self.assertIn(b"answer=permit", answer)
            self.assertFalse(any(login.done() for login in waiting), "they are still waiting")
            self.server.thaw()
            self.assertEqual({login.result() for login in waiting}, {"permit"})

    def test_connections_that_the_directory_closes_cost_no_login(self):
        """Idle for longer than its idletimeout."""
        self.server.restart(idle=1)
        self.addCleanup(self.server.restart)
        self.wait_until_permitted()
        closed = self.server.log().count(" closed (idletimeout)")
        until(lambda: self.server.log().count(" closed (idletimeout)") > closed,
              "slapd has closed the connection")
        self.assert_permitted("alice")

    def test_S1_64_clients_on_a_lane_of_two_all_get_the_right_answer(self):
        """At once: right ones are let in, wrong ones and unknown ones refused."""
        self.reconfigure(threads="2", query_time="30s")
        attempts = [("alice", WORD), ("alice", outage.WRONG), ("zoe", WORD), ("alice", WORD)] * 16
        answers = at_once(self.ask, attempts)
        self.assertEqual(answers, ["permit", "deny", "deny", "permit"] * 16)


class LdapImpostor(outage.Impostor, LdapOutageSite):
    pass


class LdapPair(outage.Pair, LdapOutageSite):
    pass
