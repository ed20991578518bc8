"""Many logins on cached's own socket: a stream of them, while a test does something to its servers,
and a crowd of them at the same moment."""
# SPDX-License-Identifier: MIT
import collections
import concurrent.futures
import functools
import threading
import time

import clients
from processes import until

Login = collections.namedtuple("Login", "client began seconds answer")


class Clients:
    """Threads, each with its own work, which goes on until the `with` ends: self.ended."""

    def __init__(self, *works):
        self.ended = threading.Event()
        self._threads = [threading.Thread(target=work) for work in works]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self._threads:
            thread.join(clients.SECONDS)


class Stream(Clients):
    """Log in with right passwords, one after another."""

    def __init__(self, *credentials, threads=8):
        super().__init__(*[functools.partial(self._run, number) for number in range(threads)])
        self.credentials = credentials
        self.logins = []
        self._clients = range(threads)

    def _run(self, number):
        with clients.Wire() as wire:
            while not self.ended.is_set():
                user, password = self.credentials[number % len(self.credentials)]
                began = time.monotonic()
                wire.send(clients.login_request(user, password))
                answer = wire.receive().decode().partition("answer=")[2].split("\t")[0]
                self.logins.append(Login(number, began, time.monotonic() - began, answer))
                time.sleep(0.005)

    def since(self, began):
        """The logins that began at that time or later."""
        return [login for login in list(self.logins) if login.began >= began]

    def answers(self, began=0.0):
        """How many of each answer there were to them."""
        return collections.Counter(login.answer for login in self.since(began))

    def wait_for(self, answer, times=1):
        """Until each client, coming from now on, has had that answer so often."""
        began = time.monotonic()

        def fewest():
            had = collections.Counter(login.client for login in self.since(began)
                                      if login.answer == answer)
            return min(had[number] for number in self._clients)
        until(lambda: fewest() >= times, f"each client is told {answer} {times} times")


def at_once(ask, attempts):
    """What each attempt, a user and a password, is answered when all come at the same moment."""
    start = threading.Barrier(len(attempts))

    def come(attempt):
        start.wait()
        return ask(*attempt)
    with concurrent.futures.ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(come, attempts))
