"""A DNS server on loopback with zones of a test: nsd, behind a door that can be made to answer late,
with a failure or not at all, and that counts the questions.

    with NameServer({"in-addr.arpa": "7.2.0.192 PTR host.example.org.",
                     "example.org": "host A 192.0.2.7",
                     "list.example": nameserver.listed({"192.0.2.7": "127.0.0.4"})}) as server:
        case.cached.configure(dns={"servers": server.address})
"""
# SPDX-License-Identifier: MIT
import collections
import ipaddress
import os
import socket
import threading

import world
from processes import Process, until

CONFIG = """
server:
    ip-address: 127.0.0.1@{port}
    username: ""
    zonesdir: "{place}"
    database: ""
    pidfile: "{place}/pid"
    xfrdfile: "{place}/xfrd.state"
    zonelistfile: "{place}/zones"
    server-count: 1
    rrl-ratelimit: 0
remote-control:
    control-enable: no
"""
ZONE = """
zone:
    name: "{name}"
    zonefile: "{name}.zone"
"""
HEAD = """$ORIGIN {name}.
$TTL {ttl}
@ SOA ns.invalid. mail.invalid. 1 3600 600 86400 {ttl}
@ NS ns.invalid.
"""
SERVER_FAILURE = 2
FIRST_PORT = 5300  # not one that the kernel gives to clients, which could have it at that moment
_number = iter(range(1, 10**6))


def reverse_name(address):
    """What is asked for the names of an address, without the final dot."""
    return ipaddress.ip_address(address).reverse_pointer


def listed(codes):
    """The lines of a DNS list, with the entries for its health (RFC 5782, 5): codes has the code
    (or several, with blanks between) of each address."""
    codes = {"127.0.0.2": "127.0.0.2", "::ffff:127.0.0.2": "127.0.0.2", **codes}
    return "\n".join(f"{reverse_name(address).rsplit('.', 2)[0]} A {code}"
                     for address, several in codes.items() for code in several.split())


def cymru(origins, names, **more):
    """The zones of Team Cymru. origins: what is said of each network, a text or several, such as
    `23028 701 | 216.90.108.0/24 | US | arin | 1998-09-25`; the network ends where a label of its
    reverse name does. names: what is said of each AS, by its number."""
    zones = {"origin.asn.cymru.com": "", "origin6.asn.cymru.com": "", "asn.cymru.com": ""}
    for network, said in origins.items():
        network = ipaddress.ip_network(network)
        v4 = network.version == 4
        labels = reverse_name(network[0]).rsplit(".", 2)[0].split(".")
        name = ".".join(labels[-network.prefixlen // (8 if v4 else 4):])
        lines = text_records(name, said) + text_records("*." + name, said)
        zones["origin.asn.cymru.com" if v4 else "origin6.asn.cymru.com"] += lines
    for number, said in names.items():
        zones["asn.cymru.com"] += text_records(f"AS{number}", said)
    return {**zones, **more}


def text_records(name, said):
    """TXT records, one for each text in `said`; a tuple is one of several character-strings."""
    lines = ""
    for record in said if isinstance(said, list) else [said]:
        parts = record if isinstance(record, tuple) else (record,)
        lines += f"{name} TXT {' '.join(map(_quoted, parts))}\n"
    return lines


def _quoted(text):
    """A character-string of a zone file (RFC 1035, 5.1)."""
    plain = set(range(0x20, 0x7f)) - set(b'"\\')
    return '"' + "".join(chr(byte) if byte in plain else f"\\{byte:03}"
                         for byte in text.encode()) + '"'


class NameServer:
    """zones: for each name, without the final dot, the lines of its file (RFC 1035, 5) behind SOA
    and NS. A name below no zone is refused."""

    def __init__(self, zones, ttl=300):
        self.zones, self.ttl = zones, ttl
        number = next(_number)
        self.directory = world.make_dir(world.path("nameservers", str(number)))
        self.delay = {}        # seconds, by name in lower case
        self.failing = set()   # names answered SERVFAIL
        self.silent = False    # to all questions; or a set of names
        self.questions = collections.Counter()  # by name
        self._door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._door.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._door.getsockname()[1]
        self._port = FIRST_PORT + number
        self.process = Process("nsd-" + os.path.basename(self.directory),
                               ["/usr/sbin/nsd", "-d", "-c", os.path.join(self.directory, "conf")])

    def __enter__(self):
        self._write("conf", CONFIG.format(port=self._port, place=self.directory)
                    + "".join(ZONE.format(name=name) for name in self.zones))
        for name, lines in self.zones.items():
            self._write(name + ".zone", HEAD.format(name=name, ttl=self.ttl) + lines + "\n")
        self.process.start()
        until(self._answers, "nsd answers")
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        try:
            self._door.shutdown(socket.SHUT_RDWR)  # which wakes the thread, as closing does not
        except OSError:  # it is connected to nobody
            pass
        self._thread.join()
        self._door.close()
        self.process.kill()

    def asked(self, name):
        """How often it has been asked for a name."""
        return self.questions[name.lower()]

    def asked_below(self, zone):
        return sum(count for name, count in self.questions.items() if name.endswith("." + zone))

    def _write(self, name, text):
        with open(os.path.join(self.directory, name), "w") as out:
            out.write(text)

    def _answers(self):
        assert self.process.running(), "nsd left at once:\n" + self.process.log()[-2000:]
        return self._ask_nsd(b"\0\1\1\0\0\1\0\0\0\0\0\0\0\0\6\0\1", 0.2) is not None

    def _ask_nsd(self, question, seconds=5):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.settimeout(seconds)
            out.connect(("127.0.0.1", self._port))
            try:
                out.send(question)
                return out.recv(65535)
            except OSError:
                return None

    def _serve(self):
        while True:
            question, client = self._door.recvfrom(65535)
            if not question:  # the test is over
                return
            name = _name_in(question)
            self.questions[name] += 1
            wait = self.delay.get(name, 0)
            if wait:
                threading.Timer(wait, self._answer, [question, name, client]).start()
            else:
                self._answer(question, name, client)

    def _answer(self, question, name, client):
        if self.silent is True or (self.silent and name in self.silent):
            return
        if name in self.failing:
            answer = question[:2] + bytes([0x80 | question[2], SERVER_FAILURE]) + question[4:]
        else:
            answer = self._ask_nsd(question)
        try:
            if answer:
                self._door.sendto(answer, client)
        except OSError:
            pass


def _name_in(question):
    labels, at = [], 12
    while question[at]:
        labels.append(question[at + 1:at + 1 + question[at]].decode("latin-1").lower())
        at += 1 + question[at]
    return ".".join(labels)
