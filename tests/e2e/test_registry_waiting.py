"""Who waits for what registries say, and for how long."""
# SPDX-License-Identifier: MIT
import threading
import time

import clients
import rdap_answers
import registry_site
from listed import FRANKFURT, VODAFONE
from processes import until
from rdap_server import RIPE
from registry_site import AFRINIC_HOST, ARIN_HOST, BT, RIPE_CLIENTS


class Waiting(registry_site.Site):
    """Who waits for the registries, and for how long."""

    def test_a_thousand_logins_from_a_new_network_ask_once(self):
        """All at the same time, from all of its addresses: one GET, one question for the origin of
        the cell, and everybody is judged by the answer."""
        self.take({"network_name": "RIPE-CLIENTS"})
        go_on = threading.Event()
        self.addCleanup(go_on.set)
        self.rdap.does[RIPE] = rdap_answers.held(go_on)
        wires = [clients.Wire() for _ in range(1000)]
        for number, wire in enumerate(wires):
            wire.send(clients.request("request=audit", "user=alice", "service=imap",
                                      f"rip=62.241.9.{number % 256}"))
        self.wait_until_asked(1)
        time.sleep(0.5)  # for more GETs, if there were to be any
        go_on.set()
        answers = {wire.receive() for wire in wires}
        for wire in wires:
            wire.__exit__()
        self.assertEqual({answer.split(b"\t")[1] for answer in answers}, {b"answer=deny"})
        self.assertEqual(self.rdap.asked(), 1)
        self.assertEqual(self.names.asked_below("origin.asn.cymru.com"), 1)

    def test_D11_C17_what_is_old_is_told_at_once_and_asked_for_again(self):
        """Once, however many ask; and then what is new is told. dovecot_web_auth went on with the
        old name for ever, and let everybody wait for the new one."""
        self.take({}, registry={"network_fresh": "1s", "origin_fresh": "1s"})
        self.assert_network(BT, "BT-CORPORATE")
        go_on = threading.Event()
        self.addCleanup(go_on.set)
        self.rdap.add("62.239.237.0/24", "BT-RENAMED", "GB")
        self.rdap.does[RIPE] = rdap_answers.held(go_on)
        time.sleep(1.1)
        for _ in range(20):
            self.assert_network(BT, "BT-CORPORATE")
        self.wait_until_asked(2)
        go_on.set()
        self.learned(BT, "BT-RENAMED")

    def test_an_old_answer_is_told_while_nobody_can_be_asked(self):
        """Until network_stale is over."""
        self.take({}, registry={"network_fresh": "1s", "network_stale": "3s", "pause": "100ms"},
                  audit={"network_time": "2s"})
        self.assert_network(BT, "BT-CORPORATE")
        told = time.monotonic()
        self.rdap.stop()
        time.sleep(1.1)
        while time.monotonic() < told + 2.5:
            self.assert_network(BT, "BT-CORPORATE")
            time.sleep(0.2)
        until(lambda: self.told(BT)["net_name"] != "<BT-CORPORATE>", "it is not told any more")

    def test_C15_who_needs_no_registry_does_not_wait_for_a_dead_one(self):
        """Neither for RDAP nor for Team Cymru. A list before those that need one decides, and what
        is on no list of networks goes on."""
        self.names.silent = True
        self.take({"ip_networks": "139.162.133.0/24"}, audit={"network_time": "20s"})
        began = time.monotonic()
        for ip, answer in ((FRANKFURT, "deny"), (BT, "permit")) * 5:
            self.assertEqual(self.answer(ip), answer)
            self.assertEqual(self.answer(ip, password=self.phone), answer)
        self.take({"allow_networks": "62.239.0.0/16", "ip_networks": "139.162.133.0/24",
                   "network_name": "x"}, audit={"network_time": "20s"})
        for ip, answer in ((FRANKFURT, "deny"), (BT, "permit")) * 5:
            self.assertEqual(self.answer(ip), answer)
        self.assertLess(time.monotonic() - began, 15)
        self.names.silent = False
        self.cached.stop()  # which writes the audit lines

    def test_what_a_dead_registry_does_not_tell_is_what_each_list_says(self):
        """unknown = allow, deny, later; within the budget."""
        self.rdap.does[RIPE] = rdap_answers.silent
        for number, (word, answer) in enumerate((("allow", "permit"), ("deny", "deny"),
                                                 ("later", "later"))):
            self.fresh({f"network_name unknown={word}": "BT-CORP.*", "as_cc unknown=deny": "KP"},
                       audit={"network_time": "300ms"}, registry={"query_time": "3s"})
            told, seconds = self.timed(RIPE_CLIENTS[number])
            self.assertEqual(told, answer)
            self.assertLess(seconds, 5)
            line = self.next_line()
            self.assertRegex(line["partial"], "net_name|net_cc")
            self.assert_line(line, asn="AS2856", as_cc="GB", blocked=("True" if word == "deny"
                                                                      else None))

    def test_C17_nobody_waits_for_the_wait_of_another(self):
        """While many wait for a registry, whoever needs none, or another one, is answered."""
        self.rdap.does[RIPE] = rdap_answers.silent
        self.take({"allow_networks": "109.40.0.0/13", "network_name": "x"},
                  audit={"network_time": "4s"}, registry={"query_time": "5s"})
        slow = [threading.Thread(target=self.answer, args=[ip]) for ip in RIPE_CLIENTS[:32]]
        for thread in slow:
            thread.start()
        until(lambda: self.rdap.asked() >= 1, "RIPE is asked")
        began = time.monotonic()
        for ip in (VODAFONE, ARIN_HOST, VODAFONE, AFRINIC_HOST):
            self.assertEqual(self.answer(ip), "permit")
        self.assertLess(time.monotonic() - began, 3)
        self.assertTrue(any(thread.is_alive() for thread in slow))
        for thread in slow:
            thread.join(clients.SECONDS)

    def test_an_answer_that_comes_after_the_login_is_there_for_the_next_one(self):
        """The login has not waited for it, and says what it did not have."""
        self.rdap.does[BT] = rdap_answers.late(1)
        self.take({"network_name": "BT-CORPORATE"}, audit={"network_time": "300ms"})
        self.assertEqual(self.answer(BT), "permit")
        self.assertRegex(self.next_line()["partial"], "net_name")
        until(lambda: self.answer(BT) == "deny", "the network is known")
        self.assertEqual(self.rdap.asked(BT), 1)
