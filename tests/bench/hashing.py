"""What hashing at the default cost takes: all of the cores, other people's time, and how often."""
# SPDX-License-Identifier: MIT
import os
import statistics
import struct
import time

from cached import DEFAULT, DENY, FACTS, PERMIT, Cached, auth_line
from harness import USER, Failure
from rounds import compare, figures_of, measure, say

CLIENTS = 8  # enough that no core is ever without a hashing, as long as there are few cores
FLOODERS = 64
SAMPLES = 1000  # of a phase
PAUSE_US = 3000  # about 300 logins/s, from one client


def wrong(user):
    """A line with a password that was never tried before; `#` and `@` are sock_client's."""
    return auth_line(user, f"wrong-{time.monotonic_ns()}-########")


def bench_hashing(world, _names, rounds):
    """Verifications a second through cached, of the right passwords of several users, against the
    Argon2 library with a thread for each core."""
    daemon = Cached(world, "cached", DEFAULT, "proofs = 0\n")
    daemon.must_refuse()
    clients = max(CLIENTS, 4 * os.cpu_count())
    daemon.copy_rows(USER, [f"u{number:02}" for number in range(clients)])
    count = 50 * clients
    sides = {"ours": daemon.client(clients, count, auth_line("u@@", daemon.password), PERMIT),
             "floor": [world.program("hash_cost"), count, *DEFAULT, os.cpu_count()]}
    compare(world, "hashing", sides, rounds, "rate", "verifications/s", ("at least", 0.95),
            {"ours": daemon.process})
    daemon.check_recorded()


def bench_flood_p99(world, _names, rounds):
    """How long 99 of 100 warm logins take while others try wrong passwords; and nobody does."""
    daemon = Cached(world, "cached", DEFAULT)
    daemon.must_refuse()
    daemon.copy_rows(USER, [f"u{number:02}" for number in range(FLOODERS)])
    idle = daemon.client(1, SAMPLES, auth_line(USER, daemon.password), PERMIT, PAUSE_US)
    elsewhere = FACTS.replace("rip=127.0.0.1", "rip=192.0.2.1")

    def flooded():
        line = wrong("u@@").replace(FACTS, elsewhere)
        world.start_load("flood", daemon.client(FLOODERS, 1000000, line, DENY))
        time.sleep(1)
        figures = measure(idle)
        flood = figures_of(world.stop_load("flood"))
        await_answer(daemon)
        return {**figures, "flood_rate": flood["rate"], "flood_p50_us": flood["p50_us"]}

    compare(world, "flood-p99", {"ours": flooded, "floor": idle}, rounds, "p99_us", "us",
            ("at most", 5))
    daemon.check_recorded()


def await_answer(daemon):
    """Waits until what a flood left behind is hashed: a stranger's turn comes after all of it."""
    facts = FACTS.replace("rip=127.0.0.1", "rip=192.0.2.1")
    measure(daemon.client(1, 1, wrong("nobody").replace(FACTS, facts), DENY))


class Counted:
    """A cached with the number of its hashings; they are counted in libargon2."""

    def __init__(self, world):
        self.file = world.scratch / "hashings"
        self.file.write_bytes(bytes(8))
        self.file.chmod(0o666)
        self.daemon = Cached(world, "cached", DEFAULT, environment={
            "LD_PRELOAD": str(world.program("count_argon2.so")), "COUNT_ARGON2": str(self.file)})

    def hashings(self):
        return struct.unpack("l", self.file.read_bytes())[0]

    def ask(self, line, expected):
        """Hashings and microseconds of one login."""
        before = self.hashings()
        figures = measure(self.daemon.client(1, 1, line, expected))
        return self.hashings() - before, figures["max_us"]


def bench_worst_case(world, _names, rounds):
    """What a wrong password costs for a user with many app passwords, some of them proven."""
    rows, few = 20, 5
    counted = Counted(world)
    passwords = [counted.daemon.add_password("many") for _ in range(rows)]
    users = [f"m{number:02}" for number in range(rounds)]
    counted.daemon.copy_rows("many", users)
    seen = {name: [] for name in ("one", "cold", "again", "five-proven", "all-proven")}
    for user in users:
        seen["one"].append(counted.ask(wrong(USER), DENY))
        line = wrong(user)
        seen["cold"].append(counted.ask(line, DENY))
        seen["again"].append(counted.ask(line, DENY))
        for name, proven in (("five-proven", passwords[:few]), ("all-proven", passwords)):
            for password in proven:
                counted.ask(auth_line(user, password), PERMIT)
            seen[name].append(counted.ask(wrong(user), DENY))
    one = statistics.median(us for _, us in seen["one"])
    for name, found in seen.items():
        hashings = {count for count, _ in found}
        if len(hashings) != 1:
            raise Failure(f"worst-case {name}: not always the same hashings: {sorted(hashings)}")
        us = statistics.median(us for _, us in found)
        print(f"counts worst-case-{name} hashings={hashings.pop()} us={us:.0f} "
              f"times-one={us / one:.2f}", flush=True)
    say(f"worst-case: a wrong password, the user has {rows} app passwords (one: 1); medians of "
        f"{rounds} users; times-one: relative to one hashing through the socket")
