"""What registries said, shared by mail hosts in a Redis. Whatever goes wrong there is no more than a
question that is asked once more."""
# SPDX-License-Identifier: MIT
import re
import threading
import time

import clients
import fake_server
import listed
import private_redis
import rdap_answers
import registry_site
from processes import until
from rdap_server import RIPE
from registry_site import ARIN_HOST, BT, BT_OTHER, NAMES, RIPE_CLIENTS, UNROUTED, Neighbour


class Site(registry_site.Site):
    """With a Redis, which is empty."""

    def setUp(self):
        self.redis = private_redis.server()
        self.redis.reset()
        self.settings = {**self.settings, "redis": {"server": self.redis.host,
                                                    "password": private_redis.PASSWORD}}
        super().setUp()

    def neighbour(self):
        """Another mail host, with the same Redis."""
        other = Neighbour("neighbour")
        self.watch(other.process)
        other.configure(**self.settings)
        other.start()
        self.addCleanup(other.stop)
        return other

    def fresh(self, *lists, **more):
        """With a connection to Redis, if it is there: nobody waits for one."""
        super().fresh(*lists, **more)
        if self.redis.process.running():
            until(self.is_connected, "a connection to Redis")

    def is_connected(self):
        """Somebody has said more than nothing, besides this one here."""
        return len(re.findall(r" cmd=(?!NULL)", self.redis.command("CLIENT", "LIST"))) > 1

    def assert_told_by(self, host, ip, name):
        """By another mail host."""
        number = len(host.audit())
        self.assertEqual(self.answer(ip, socket=host.socket), "permit")
        line = host.wait_for_audit(number + 1)
        self.assert_line(line, net_name=f"<{name}>", partial=None)

    def assert_logins_go_on(self, clients_of_ripe, seconds=4):
        """Whoever is new is told by the registries, and nobody waits for Redis."""
        for ip in clients_of_ripe:
            began = time.monotonic()
            self.assert_network(ip, "RIPE-CLIENTS")
            self.assertLess(time.monotonic() - began, seconds)

    def lines_about_redis(self):
        return [line for line in self.cached.process.log().splitlines()
                if "redis" in line.lower() and "mail-audit" not in line]


class Shared(Site):
    def test_two_hosts_ask_once(self):
        """One after the other, and both at the same time: the second one waits for the first."""
        other = self.neighbour()
        self.assert_network(BT, "BT-CORPORATE")
        self.assert_asks_nobody(self.assert_told_by, other, BT, "BT-CORPORATE")
        self.rdap.does[RIPE] = rdap_answers.late(0.1)
        for number, ip in enumerate(RIPE_CLIENTS[:3]):
            both = [threading.Thread(target=self.answer, args=[ip], kwargs=where)
                    for where in ({}, {"socket": other.socket})]
            for thread in both:
                thread.start()
            for thread in both:
                thread.join(clients.SECONDS)
            for line in (self.next_line(), other.wait_for_audit(number + 2)):
                self.assert_line(line, net_name="<RIPE-CLIENTS>", asn="AS2856", partial=None)
            self.assertEqual(self.rdap.asked(ip), 1)

    def test_C13_each_customer_has_the_network_it_is_in_through_Redis(self):
        """Whoever of them, and of the hosts, was first."""
        other = self.neighbour()
        for order in (list(NAMES), list(reversed(NAMES))):
            for ip in order[::2]:
                self.assert_network(ip, NAMES[ip])
            for ip in order:
                self.assert_told_by(other, ip, NAMES[ip])
            for ip in order:
                self.assert_asks_nobody(self.assert_network, ip, NAMES[ip])
            self.redis.command("FLUSHALL")
            self.fresh()
            other.restart()

    def test_a_restart_asks_nobody(self):
        """That there is nothing to be told is kept as well."""
        for ip in (*NAMES, ARIN_HOST, UNROUTED):
            self.line(ip)
        self.fresh()
        for ip in NAMES:
            self.assert_asks_nobody(self.assert_network, ip, NAMES[ip])
        line = self.assert_asks_nobody(self.line, ARIN_HOST)
        self.assert_line(line, asn="AS23028/AS701", as_desc="<TEAMCYMRU, US>", net_cc="None")
        self.assert_line(self.assert_asks_nobody(self.line, UNROUTED), asn="None")

    def test_what_is_kept_has_an_end_and_the_name_of_ours(self):
        """Every key goes by itself; none is searched for, and nobody else's is touched."""
        self.redis.command("SET", "session/abc", "somebody else's")
        for ip in (*NAMES, ARIN_HOST, UNROUTED):
            self.line(ip)
        until(lambda: len(self.redis.keys()) > len(NAMES), "keys")
        listed.control("cache", "flush", BT)
        self.line(BT)
        listed.control("cache", "flush", "all")
        self.line(BT)
        until(lambda: len(self.redis.keys()) > 1, "keys")
        for key in self.redis.keys():
            if key != "checkpass:flushed":
                self.assertGreater(self.redis.command("TTL", key), 0, key)
        self.assertEqual(set(self.redis.keys("*")) - set(self.redis.keys()), {"session/abc"})
        self.assertEqual(self.redis.command("GET", "session/abc"), "somebody else's")
        self.assertEqual({"scan", "hscan", "flushdb", "flushall", "sort"}
                         & set(self.redis.commands()), set())

    def test_flush_holds_for_all_hosts(self):
        """Of an address, and of all."""
        self.rdap.add("62.239.201.0/24", "BT-INFONET", "GB")
        for ip in (BT, BT_OTHER):
            self.line(ip)
        self.assertEqual(listed.control("cache", "flush", BT)[0], 0)
        self.fresh()
        self.assert_network(BT, "BT-CORPORATE")
        self.assertEqual((self.rdap.asked(BT), self.rdap.asked(BT_OTHER)), (2, 1))
        self.assertEqual(listed.control("cache", "flush", "all")[0], 0)
        self.fresh()
        for ip in (BT, BT_OTHER):
            self.line(ip)
        self.assertEqual((self.rdap.asked(BT), self.rdap.asked(BT_OTHER)), (3, 2))


class Trouble(Site):
    """K05, S1, D04: dovecot_web_auth answered 500 without its Redis, and 500 for what was in it;
    dovecot_badclients let everybody in."""

    def test_D04_logins_do_not_notice_that_Redis_is_stopped_or_killed(self):
        """And it is used again when it is back. One line in the log when it goes, one when it is
        back."""
        clients_of_ripe = iter(RIPE_CLIENTS)
        for end in (self.redis.stop, self.redis.kill):
            self.assert_logins_go_on([next(clients_of_ripe)])
            before = len(self.lines_about_redis())
            end()
            self.assert_logins_go_on([next(clients_of_ripe) for _ in range(5)])
            self.assertEqual(len(self.lines_about_redis()) - before, 1, self.lines_about_redis())
            self.redis.start()
            until(lambda: self.told(next(clients_of_ripe)) and self.redis.keys(),
                  "it is used again", 20)
            self.assertEqual(len(self.lines_about_redis()) - before, 2, self.lines_about_redis())
        self.assertEqual(self.rdap.asked(*RIPE_CLIENTS), len(self.cached.audit()))

    def test_cached_starts_without_Redis(self):
        """Which is not there, or is no Redis at all."""
        self.cached.stop()  # it would notice, too
        self.redis.kill()
        self.fresh()
        self.assert_logins_go_on(RIPE_CLIENTS[:3])
        self.assertEqual(len(self.lines_about_redis()), 1, self.lines_about_redis())
        for number, behaviour in enumerate(private_redis.IMPOSTORS):
            fake = fake_server.FakeServer(behaviour)
            before = len(self.lines_about_redis())
            self.fresh(redis={"server": fake.host})
            self.assert_logins_go_on(RIPE_CLIENTS[10 * number + 10:10 * number + 13])
            self.assertLessEqual(len(self.lines_about_redis()) - before, 2, behaviour)

    def test_flush_says_that_Redis_is_away(self):
        """Exit status 1: it is not forgotten everywhere."""
        self.fresh()
        self.redis.kill()
        until(lambda: self.lines_about_redis(), "cached has noticed")
        for what in ("all", BT, "AS3209"):
            self.assertEqual(
                listed.control("cache", "flush", what),
                (1, "", "flushed here, but Redis is away: what it keeps will come back\n"))
        self.assertEqual(listed.control("cache", "flush", "nonsense")[0], 2)

    def test_K05_a_frozen_Redis_holds_nobody_up(self):
        """SIGSTOP: a moment for the first login, and none for the others."""
        self.assert_logins_go_on(RIPE_CLIENTS[:1])
        before = len(self.lines_about_redis())
        self.redis.freeze()
        self.addCleanup(self.redis.thaw)
        self.assert_logins_go_on(RIPE_CLIENTS[1:8])
        self.assertEqual(len(self.lines_about_redis()) - before, 1, self.lines_about_redis())
        self.redis.thaw()
        rest = iter(RIPE_CLIENTS[20:])
        keys = len(self.redis.keys())
        until(lambda: self.told(next(rest)) and len(self.redis.keys()) > keys,
              "it is used again", 20)

    def test_a_full_Redis_is_one_line_in_the_log(self):
        """maxmemory without eviction: nothing can be written, what is there is read."""
        self.assert_network(BT, "BT-CORPORATE")
        until(lambda: len(self.redis.fields("c4:3eefed")) == 2, "all of it is kept")
        self.redis.fill()
        before = len(self.lines_about_redis())
        self.assert_logins_go_on(RIPE_CLIENTS[:8])
        for line in self.lines_about_redis()[before:]:
            self.assertIn("OOM", line)
        self.assertIn(len(self.lines_about_redis()) - before, (1, 2))  # one for each command
        self.fresh()
        self.assert_asks_nobody(self.assert_network, BT, "BT-CORPORATE")

    def test_C11_K22_garbage_in_Redis_is_as_if_nothing_were_there(self):
        """In each field of each key: no JSON, another JSON, too long, bytes; keys of another type,
        and fields that nobody knows. It is asked again, and then it is right again."""
        self.line(BT)
        spoils = {
            "no JSON": "{not json", "bytes": "\0\xff\x1b[2J\r\n", "half": None,
            "another JSON": '{"a": [1, {"b": null}]}', "deep": "[" * 50000, "long": "x" * 200000}
        for name, spoiled in spoils.items():
            with self.subTest(name):
                self.spoil(spoiled)
                self.fresh()
                asked = self.rdap.asked(BT)
                self.assert_network(BT, "BT-CORPORATE", asn="AS2856", as_cc="GB")
                self.assertEqual(self.rdap.asked(BT), asked + 1)
        self.assertNotRegex(self.cached.process.log(), "[\x00-\x08\x0b-\x1f]")

    def spoil(self, value):
        """Of every field; None: half of what is there."""
        until(lambda: any(":c4:" in key for key in self.redis.keys()), "the cell's key")
        for key in self.redis.keys():
            if self.redis.command("TYPE", key) != "hash":
                continue
            for field in self.redis.command("HKEYS", key):
                old = self.redis.command("HGET", key, field)
                self.redis.command("HSET", key, field, old[:len(old) // 2] if value is None
                                   else value)
            self.redis.command("HSET", key, "n:zzz", "x", "what is this", "x", "n:0-ffffffffff", "")

    def test_C11_keys_of_another_type_are_as_if_nothing_were_there(self):
        """WRONGTYPE: a text, a list, a set where a hash should be."""
        self.line(BT)
        for command in (("SET", "x"), ("RPUSH", "x"), ("SADD", "x"), ("ZADD", "1", "x")):
            for key in self.redis.keys():
                self.redis.command("DEL", key)
                self.redis.command(command[0], key, *command[1:])
            self.fresh()
            self.assert_network(BT, "BT-CORPORATE", asn="AS2856")
            self.redis.command("FLUSHALL")
            self.fresh()
            self.line(BT)

    def test_C09_C10_keys_of_others_hurt_nobody(self):
        """With slashes, with host bits, with values that are not JSON; D02: nor does their
        number."""
        for number in range(200):
            self.redis.command("SET", f"10.{number}.0.0/16", "x")
        for key, value in (("session/abc", "x"), ("62.239.237.9/24", "not json"), ("a/b/c", ""),
                           ("62.239.0.0/16", '{"asn": "AS1", "net_name": "WRONG"}'),
                           ("checkpass:", "x"), ("checkpass:62.239.237.0/24", "x"),
                           ("::/0", "{}"), ("\xff/\0", "\0")):
            self.redis.command("SET", key, value)
        self.fresh()
        for ip in NAMES:
            self.assert_network(ip, NAMES[ip])

    def test_what_another_host_wrote_is_looked_at_like_any_answer(self):
        """An answer about another network is none about this one."""
        self.line(BT)
        self.line(BT_OTHER)
        until(lambda: sum(":c4:" in key for key in self.redis.keys()) == 2, "two cells")
        first, second = sorted(key for key in self.redis.keys() if ":c4:" in key)
        fields = {key: self.redis.command("HGETALL", key) for key in (first, second)}
        for key, other in ((first, second), (second, first)):
            self.redis.command("DEL", key)
            self.redis.command("HSET", key, *fields[other])
        self.fresh()
        for ip in (BT, BT_OTHER):
            self.assert_network(ip, NAMES[ip])
