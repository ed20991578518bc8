"""Logins on cached's socket: warm ones against an echo, and warm ones against hashed ones."""
# SPDX-License-Identifier: MIT
import os
import time

from cached import CHEAP, DEFAULT, FACTS, PERMIT, Cached, auth_line
from harness import USER, Failure
from private_mariadb import PrivateMariaDb
from rounds import compare, measure, say

REQUESTS = {"daemon-sqlite": 20000, "daemon-mysql": 5000, "daemon-lookup": 20000,
            "daemon-cold": 20000}
GOALS = {"daemon-sqlite": 0.5, "daemon-mysql": 0.15, "daemon-lookup": 0.3, "daemon-cold": 0.3}


def bench_daemon(world, names, rounds):
    """Requests on cached's socket against an echo of the same line, from the same client."""
    echo = world.start_echo("echo")
    started = {}
    for name in names:
        kind = "mariadb" if name == "daemon-mysql" else "sqlite"
        if kind not in started:
            server = PrivateMariaDb(world) if kind == "mariadb" else None
            started[kind] = Cached(world, f"cached-{kind}", mariadb=server)
            started[kind].must_refuse()
        daemon = started[kind]
        line = auth_line(USER, daemon.password)
        if name == "daemon-lookup":
            line = f"checkpass/1\trequest=lookup\tuser={USER}\t{FACTS}"
        if name == "daemon-cold":
            daemon.forget_proofs()
        requests = REQUESTS[name]
        sides = {"ours": daemon.client(8, requests, line, PERMIT),
                 "floor": [world.program("sock_client"), echo, 8, requests, line, line]}
        servers = {"ours": daemon.process, "floor": world.children["echo"]}
        compare(world, name, sides, rounds, "rate", "requests/s", ("at least", GOALS[name]),
                servers)
    for daemon in started.values():
        daemon.check_recorded()
    if "daemon-cold" in names:
        hashing = measure([world.program("hash_cost"), 5000, *CHEAP])
        say(f"daemon-cold: one verification alone takes {hashing['us']:.1f} us, so "
            f"{os.cpu_count()} cores cannot do more than {os.cpu_count() * hashing['rate']:.0f}/s")


def bench_warm(world, names, rounds):
    """What a proven password saves: the same cached, with [hash] proofs and without."""
    warm = Cached(world, "cached-warm", DEFAULT)
    cold = Cached(world, "cached-cold", DEFAULT, "proofs = 0\n")
    servers = {"ours": warm.process, "floor": cold.process}
    for daemon in (warm, cold):
        daemon.must_refuse()
    for name in names:
        clients = int(name.split("-")[1])
        proven, hashed = (auth_line(USER, daemon.password) for daemon in (warm, cold))
        sides = {"ours": warm.client(clients, 5000 * clients, proven, PERMIT),
                 "floor": cold.client(clients, 50 * clients, hashed, PERMIT)}
        compare(world, name, sides, rounds, "rate", "requests/s", None, servers)
    for daemon in (warm, cold):
        daemon.check_recorded()


def bench_trail(world, names, rounds):
    """What the spool costs a login: with one, and without. Every login is a row in both."""
    requests = {"trail-sqlite": 20000, "trail-mysql": 5000}
    for name in names:
        server = PrivateMariaDb(world) if name == "trail-mysql" else None
        on = Cached(world, f"{name}-on", mariadb=server)
        off = Cached(world, f"{name}-off", mariadb=server, spool=False)
        on.must_refuse()
        sides = {side: daemon.client(8, requests[name], auth_line(USER, daemon.password), PERMIT)
                 for side, daemon in (("ours", on), ("floor", off))}
        servers = {"ours": on.process, "floor": off.process}
        compare(world, name, sides, rounds, "rate", "requests/s", ("at least", 0.9), servers)
        if not server:
            on.check_recorded()
            continue
        wanted = on.permitted() + off.permitted()
        deadline = time.monotonic() + 20
        while (rows := int(server.query("SELECT count(*) FROM log"))) != wanted:
            if time.monotonic() > deadline:
                raise Failure(f"{name}: {wanted} logins were let in, {rows} are in the table")
            time.sleep(0.1)
