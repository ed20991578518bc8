"""What the registries said: remembered by the million, and what asking them costs a login, be they
as they should or dead.
"""
# SPDX-License-Identifier: MIT
import contextlib
import functools
import http.server
import ipaddress
import itertools
import json
import re
import socket
import ssl
import statistics
import subprocess
import threading

from cached import PERMIT, Cached, auth_line
from harness import USER, Failure
from name_server import NameServer
from rounds import figures_of, judged, measure, measure_rounds, say, tell

CELLS = 1_000_000
CLIENTS = 100  # addresses that log in, each in a cell of its own
FACTS = ("service=imap\trip={rip}\trport=55555\tlip=192.0.2.1\tlport=143\t"
         "session=oVJ6bQAbnNh/AAAB\tsecured=secured\tmech=PLAIN\torig_user=alice")
KNOWN = "81.2.1##.7"
WARM = FACTS.format(rip=KNOWN)
NEW = FACTS.format(rip="2a01:4f8:####::7")  # of 10,000 cells
REQUESTS = {1: 4000, 8: 20000}  # a round, by the number of clients
NEW_REQUESTS = 3000
LOGINS = {1: 1000, 8: 4000}  # through Dovecot

# Nobody is on them.
NEEDING = {"network_name": r"BULLETPROOF-{}(-[A-Z]+)?", "entities": "ORG-BAD{}-RIPE",
           "as_names": r"HOSTING-{} - .*, (US|NL|DE)"}
NOT_NEEDING = {"ip_networks": "198.51.{}.0/24", "reverse_hostname": r".*\.bad{}\.example\.net"}


def bench_cells(world, names, rounds):
    """The three questions of a login, all remembered: a million cells against a thousand."""
    if {"cells", "cells-shared"} & set(names):
        tell_cells(world, [], rounds)
    if "cells-redis" in names:
        redis = world.bin / "redis-server"  # it goes by its name what it is
        redis.symlink_to(world.build.resolve() / "unpacked/redis-tools/usr/bin/redis-check-rdb")
        path = world.scratch / "redis.sock"
        world.start("redis", [redis, "--port", "0", "--unixsocket", path, "--save", "", "--dir",
                              world.scratch], path)
        tell_cells(world, [path], rounds)


def tell_cells(world, where, rounds):
    done = subprocess.run([str(word) for word in (world.program("cells"), rounds, CELLS, *where)],
                          check=False, capture_output=True, text=True, timeout=900)
    if done.returncode != 0:
        raise Failure(done.stderr.strip() or f"cells ended with {done.returncode}")
    measured = {}
    for line in done.stdout.splitlines():
        name, figures = line.split(" ", 1)
        if name.startswith("memory_"):
            say(f"{name.removeprefix('memory_')}: {figures}")
        else:
            measured.setdefault(name, []).append(figures_of(figures))
    for name, found in measured.items():
        ours, floor = (statistics.median(one[side] for one in found) for side in ("ours", "floor"))
        print(f"bench {name} ours={ours:.2f} floor={floor:.2f} unit=us/login "
              f"ratio={ours / floor:.2f}", flush=True)
        target = () if name.endswith("recalled") else ("at most", 2)
        say(f"{name}: {judged(ours / floor, target)}; {1e6 / ours:.0f} logins/s")


class Rdap(http.server.BaseHTTPRequestHandler):
    """Each address is in a /24 of its own."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        network = ipaddress.ip_network(self.path.rpartition("/")[2] + "/24", strict=False)
        data = json.dumps({
            "handle": str(network), "ipVersion": "v4", "startAddress": str(network[0]),
            "endAddress": str(network[-1]), "name": f"EXAMPLE-{network[0]}", "country": "DE",
            "entities": [{"handle": "ORG-EX1-RIPE"}, {"handle": "EXAMPLE-MNT"}]}).encode()
        self.server.asked.append(self.path)  # by several threads: a sum would lose some
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_arguments):
        pass


class Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256  # all come at once

    def __init__(self, *arguments):
        self.asked = []
        super().__init__(*arguments)


@contextlib.contextmanager
def rdap_server(world):
    """A registry by HTTPS, in a thread. Its options for cached, and the server."""
    key, certificate = world.bin / "rdap.key", world.bin / "rdap.crt"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=registry", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with Listener(("127.0.0.1", 0), Rdap) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        yield (f"rdap = ripencc=https://127.0.0.1:{server.server_port}\n"
               f"tls_ca = {certificate}\n"), server
        server.shutdown()


def lists(world, kinds):
    """The sections of lists of 100 lines each, which nobody is on."""
    for name, line in kinds.items():
        path = world.scratch / f"{name}.lst"
        path.write_text("".join(f"{line.format(number)}\n" for number in range(100)))
    return "".join(f"[list {name}]\npath = {world.scratch / name}.lst\n" for name in kinds)


def gatekeeper(world, name, registry, names, sections):
    cache = world.scratch / name / "registry.db"
    return Cached(world, name, registry=f"{registry}cache = {cache}\n",
                  options=f"[dns]\nservers = {names.address}\n{sections}")


def bench_warm_facts(world, names, rounds):
    """Logins whose lists need what registries said a while ago, against the same where nobody may
    be asked: there they need it too, and do without."""
    with contextlib.ExitStack() as stack:
        registry, server = stack.enter_context(rdap_server(world))
        dns = stack.enter_context(NameServer())
        sections = lists(world, NEEDING)
        daemons = {"ours": gatekeeper(world, "cached-asking", f"ask = lists\n{registry}", dns,
                                      sections),
                   "floor": gatekeeper(world, "cached-never", "ask = never\n", dns, sections)}
        for daemon in daemons.values():
            daemon.must_refuse()
        for name in names:
            if "dovecot" in name:
                compare_through_dovecot(world, name, daemons, rounds)
            else:
                compare_logins(world, name, daemons, WARM, rounds, ("p99_us",), 1.1)
        for daemon in daemons.values():
            daemon.check_recorded()
        if len(server.asked) != CLIENTS:
            raise Failure(f"the registry was asked {len(server.asked)} times, not {CLIENTS}")
        known = len(set(re.findall("net_name=<EXAMPLE-[^>]*>", daemons["ours"].log())))
        if known != CLIENTS:
            raise Failure(f"{known} networks were known of {CLIENTS}")


def compare_through_dovecot(world, name, daemons, rounds):
    """The same logins, each through a Dovecot and a checkpass."""
    clients = int(name.rpartition("-")[2])
    sides = {}
    for side, daemon in daemons.items():
        program = f"{world.program('checkpass')} --socket {daemon.socket}"
        path = world.start_dovecot(f"{name}-{side}", program)
        sides[side] = [world.program("auth_client"), path, clients, LOGINS[clients], USER,
                       daemon.password, KNOWN]
    tell_logins(name, measure_rounds(world, sides, {}, rounds), ("p99_us",), 1.1)


def compare_logins(world, name, daemons, facts, rounds, figures, slower):
    """Of so many clients as `name` ends with."""
    clients = int(name.rpartition("-")[2])
    sides = {side: daemon.client(clients, REQUESTS[clients],
                                 auth_line(USER, daemon.password, facts), PERMIT)
             for side, daemon in daemons.items()}
    servers = {side: daemon.process for side, daemon in daemons.items()}
    measured = measure_rounds(world, sides, servers, rounds)
    tell_logins(name, measured, figures, slower)


def tell_logins(name, measured, figures, slower):
    for figure in figures:
        if figure == "rate":
            tell(f"{name}-rate", measured, figure, "logins/s", ("at least", 1 / slower))
        else:
            tell(f"{name}-p99", measured, figure, "us", ("at most", slower))


@contextlib.contextmanager
def dead_registry():
    """Where connections are taken, and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as silent:
        yield "".join(["rdap = ripencc=https://127.0.0.1:", str(silent.getsockname()[1]), "\n"])


def bench_dead(world, names, rounds):
    """Logins whose lists need nothing of registries that are dead, against the same where nobody
    may be asked. With `always` in the name they are asked all the same, for the audit line."""
    with contextlib.ExitStack() as stack:
        dead = stack.enter_context(dead_registry())
        dns = stack.enter_context(NameServer(knows_systems=False))
        sections = lists(world, NOT_NEEDING)
        started = {}

        def start(ask, number=""):
            return gatekeeper(world, f"cached-{ask}{number}", f"ask = {ask}\n{dead}", dns, sections)

        def lasting(ask):
            if ask not in started:
                started[ask] = start(ask)
            return started[ask]

        def first_logins(ask):
            daemon = start(ask, f"-{next(numbers)}")
            figures = measure(daemon.client(8, NEW_REQUESTS,
                                            auth_line(USER, daemon.password, NEW), PERMIT))
            daemon.check_recorded()
            world.stop(daemon.name)
            return figures

        for name in names:
            ask = "always" if "always" in name else "lists"
            if name == "dead-always-new-8":
                numbers = itertools.count()
                sides = {"ours": functools.partial(first_logins, ask),
                         "floor": functools.partial(first_logins, "never")}
                measured = measure_rounds(world, sides, {}, rounds)
                tell_logins(name, measured, ("p99_us", "rate"), 1.1)
            else:
                compare_logins(world, name, {"ours": lasting(ask), "floor": lasting("never")}, NEW,
                               rounds, ("p99_us", "rate"), 1.1)
        for ask, daemon in started.items():
            daemon.check_recorded()
            if (" is not asked for " in daemon.log()) != (ask == "always"):
                raise Failure(f"with ask = {ask} the registries were found dead, or not found so")
