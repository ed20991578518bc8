"""Lists of a million networks and 3 x 10,000 patterns: one judgement, audits on cached's socket, and
a reload of them while logins go on.

GEOLITE2_CITY and GEOLITE2_ASN name MaxMind's files; without them those of the tests are used.
"""
# SPDX-License-Identifier: MIT
import contextlib
import os
import pathlib
import statistics
import subprocess
import time

import lists
from cached import PERMIT, Cached
from harness import Failure
from name_server import NameServer
from rounds import compare, figures_of, judged, say

# Of 100 addresses, so that their names are known after the first round.
AUDIT = ("checkpass/1\trequest=audit\tuser=alice\tservice=imap\trip=81.2.1##.7\trport=55555\t"
         "lip=192.0.2.1\tlport=143\tsession=oVJ6bQAbnNh/AAAB\tsecured=secured\tmech=PLAIN")

PAUSE_US = 300  # between two requests of the stream
SETTLED = 2.1  # seconds; files that were written so shortly ago are read again
FREED = 0.3  # seconds; by then cached has freed the lists that nobody sees any more


def databases(world):
    """The MMDBs [city, asn], and says which they are."""
    found = [pathlib.Path(os.environ.get(f"GEOLITE2_{name.upper()}")
                          or world.build / "mmdb" / f"{name}.mmdb") for name in ("city", "asn")]
    for path in found:
        if not path.exists():
            raise Failure(f"there is no {path}")
    say("MMDBs: " + " and ".join(f"{path} ({path.stat().st_size:,} bytes)" for path in found))
    return found


def bench_judge(world, _names, rounds):
    """One login judged in one thread: with all lists, with networks alone, with empty ones."""
    full, empty, logins = (world.scratch / name for name in ("full", "empty", "logins"))
    lists.write(full, lists.LINES)
    lists.write(empty, ())
    logins.write_text("".join(f"{line}\n" for line in lists.login_lines(100_000)))
    done = subprocess.run(
        [str(word) for word in (world.program("judge"), full, empty, logins, *databases(world),
                                rounds)], check=False, capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise Failure(done.stderr.strip())
    of_lists, of_rounds = ([line for line in done.stdout.splitlines() if line.startswith(word)]
                           for word in ("list", "round"))
    for line in of_lists:
        say(f"judge {line}")
    measured = [figures_of(line.removeprefix("round")) for line in of_rounds]
    us = {name: statistics.median(one[name] for one in measured) for name in measured[0]}
    networks = us["networks_judge_us"] / us["empty_judge_us"]
    for name, ours, floor, verdict in (
            ("judge", "full_us", "empty_us", judged(us["full_us"], ("at most", 10))),
            ("judge-networks", "networks_judge_us", "empty_judge_us",
             judged(networks, ("at most", 2)))):
        ratio = us[ours] / us[floor]
        print(f"bench {name} ours={us[ours]:.2f} floor={us[floor]:.2f} unit=us/login "
              f"ratio={ratio:.2f}", flush=True)
        values = [one[ours] for one in measured]
        say(f"{name} ours: {min(values):.2f} to {max(values):.2f} in {rounds} rounds; {verdict}")


class Auditing:
    """A cached with the lists, and somebody to ask for names."""

    def __init__(self, world, stack):
        self.directory = world.scratch / "lists"
        lists.write(self.directory, lists.LINES)
        city, asn = databases(world)
        names = stack.enter_context(NameServer())
        sections = [f"[list {name}]\npath = {self.directory / name}.lst\n" for name in lists.LINES]
        self.cached = Cached(world, "cached-audit", options="".join(
            ["[audit]\nlog_local = no\n", f"[maxmind]\ncity = {city}\nasn = {asn}\n",
             f"[dns]\nservers = {names.address}\n", *sections]))
        self.process = self.cached.process

    def change(self, names):
        """Files as if they were written anew."""
        for name in names:
            os.utime(self.directory / f"{name}.lst")

    def memory(self, name):
        """VmRSS or VmHWM in MiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return int(status.partition(f"{name}:")[2].split()[0]) / 1024

    def forget_peak(self):
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5", encoding="ascii")


def bench_audit(world, _names, rounds):
    """Audits on cached's socket, judged by all lists, against an echo of the same line."""
    with contextlib.ExitStack() as stack:
        daemon = Auditing(world, stack)
        echo = world.start_echo("echo")
        requests = 20000
        sides = {"ours": daemon.cached.client(8, requests, AUDIT, PERMIT),
                 "floor": [world.program("sock_client"), echo, 8, requests, AUDIT,
                           AUDIT.partition("##")[0]]}
        servers = {"ours": daemon.process, "floor": world.children["echo"]}
        compare(world, "audit", sides, rounds, "rate", "requests/s", ("at least", 0.4), servers)


def bench_reload(world, _names, rounds):
    """How long a request waits while all lists are read anew, against the same without."""
    with contextlib.ExitStack() as stack:
        daemon = Auditing(world, stack)
        cheap = AUDIT.replace("81.2.1##.7", "10.1.2.3")  # private: not judged; and not logged
        stream = daemon.cached.client(1, 100_000, cheap, PERMIT, PAUSE_US)
        seconds, peaks = {}, []

        def reloading(names):
            daemon.change(names)
            seconds.setdefault(len(names), []).append(daemon.cached.reload())

        def ours():
            daemon.forget_peak()
            world.start_load("stream", stream)
            reloading(lists.LINES)
            time.sleep(FREED)
            figures = figures_of(world.stop_load("stream"))
            peaks.append(daemon.memory("VmHWM"))
            return figures

        def floor():
            world.start_load("stream", stream)
            time.sleep(statistics.median(seconds[len(lists.LINES)]) + FREED)
            return figures_of(world.stop_load("stream"))

        before = daemon.memory("VmRSS")
        compare(world, "reload", {"ours": ours, "floor": floor}, rounds, "max_us", "us", None)
        time.sleep(SETTLED)
        daemon.cached.reload()
        for _ in range(rounds):
            reloading(["as_org"])
            time.sleep(SETTLED)
            daemon.cached.reload()
            reloading([])
        took = {number: statistics.median(each) for number, each in seconds.items()}
        say(f"reload: {took[len(lists.LINES)]:.2f} s when all lists have changed, {took[1]:.2f} s "
            f"when one of patterns has, {took[0]:.3f} s when none has; memory {before:.0f} MiB "
            f"before the first, at most {max(peaks):.0f} MiB while lists are read, "
            f"{daemon.memory('VmRSS'):.0f} MiB after the last")
