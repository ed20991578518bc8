"""A stream of logins while something is held: who was let in, and whether anybody had to wait for
the log table.

No clock can tell that alone on a machine that others use too. So beside the logins somebody asks
something that leaves no row and is otherwise the same work: a lookup. A login that was let in is late
when it took longer than LIMIT, and that much longer than every lookup that was under way meanwhile.
"""
# SPDX-License-Identifier: MIT
import functools
import itertools
import statistics
import time

import clients
import stream
from mariadb_site import SHOWN
from processes import until

LIMIT = 0.1  # seconds
RATE = 25  # a second, of each thread
LOGINS, LOOKUPS = 4, 2  # threads


class Logins(stream.Clients):
    """All goes on while cached comes and goes; each login has a session of its own."""

    def __init__(self):
        super().__init__(*[functools.partial(self._run, ask)
                           for ask in [self._log_in] * LOGINS + [self._look_up] * LOOKUPS])
        self.permitted = set()  # sessions
        self.not_permitted = []  # answers
        self.turns = []  # when the database froze or thawed: who was under way waited for his lookup
        self.logins, self.lookups = [], []  # of those that were let in: from when to when
        self._numbers = itertools.count(1)

    @property
    def answered(self):
        return len(self.permitted) + len(self.not_permitted)

    def wait_for(self, more):
        """Until so many more have been let in."""
        wanted = len(self.permitted) + more
        until(lambda: len(self.permitted) >= wanted, f"{more} more logins")

    def _run(self, ask):
        while not self.ended.is_set():
            try:
                with clients.Wire() as wire:
                    while ask(wire) and not self.ended.is_set():
                        time.sleep(1 / RATE)
            except OSError:
                time.sleep(0.01)

    def _log_in(self, wire):
        session = f"s{next(self._numbers)}"
        request = clients.login_request("alice", SHOWN, f"session={session}")
        answer, took = self._ask(wire, request)
        if b"answer=permit" in answer:
            self.permitted.add(session)
            self.logins.append(took)
        elif answer:
            self.not_permitted.append(answer)
        return answer

    def _look_up(self, wire):
        answer, took = self._ask(wire, clients.request("request=lookup", "user=alice"))
        self.lookups.append(took)
        return answer

    @staticmethod
    def _ask(wire, request):
        began = time.monotonic()
        wire.send(request)
        answer = wire.receive()
        return answer, (began, time.monotonic())

    def late(self):
        """How long those took that were late."""
        judged = [(began, ended) for began, ended in self.logins
                  if not any(began < moment < ended for moment in self.turns)]
        return [ended - began for began, ended in judged if ended - began > LIMIT + max(
            (till - since for since, till in self.lookups if since < ended and till > began),
            default=0)]

    def figures(self):
        def of(times):
            took = sorted(1000 * (ended - began) for began, ended in times)
            return (f"{len(took)}, median {statistics.median(took):.1f} ms,"
                    f" 99% {took[len(took) * 99 // 100]:.0f} ms, slowest {took[-1]:.0f} ms")
        return (f"answered {self.answered}; let in {of(self.logins)}; late {len(self.late())};"
                f" lookups {of(self.lookups)}")
