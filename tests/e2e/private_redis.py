"""A private redis-server, which is made when a test first asks for it and stays until the end of the
run; what a test does to it is undone by reset(). And what may be behind its port instead.

    server = private_redis.server()
    case.cached.configure(redis={"server": server.host, "password": private_redis.PASSWORD})
"""
# SPDX-License-Identifier: MIT
import functools
import os
import re
import socket

import fake_server
import secrets_used
import world
from processes import Process, Server

PASSWORD = secrets_used.remember("the-word-of-redis")
PREFIX = "checkpass:"  # as [redis] prefix is by default


@functools.cache
def server(name="first"):
    """The shared server of this name; it runs."""
    made = Redis(name, 6379 + len(os.listdir(world.make_dir(world.path("redis")))))
    made.start()
    return made


class Refused(Exception):
    """An error that the server answered."""


class Redis(Server):
    def __init__(self, name, port):
        self.port = port
        self.directory = world.make_dir(world.path("redis", name))
        self.socket = os.path.join(self.directory, "sock")
        self.process = Process(f"redis-{name}", [
            "/usr/bin/redis-server", "--port", str(port), "--bind", "127.0.0.1", "::1",
            "--unixsocket", self.socket, "--unixsocketperm", "777", "--requirepass", PASSWORD,
            "--dir", self.directory, "--save", "", "--maxmemory-policy", "noeviction"])
        self.process.log_path = os.path.join(self.directory, "log")

    @property
    def host(self):
        """As [redis] server has it."""
        return f"127.0.0.1:{self.port}"

    def launch(self):
        """Starts it, empty, and does not wait."""
        self.process.start()

    def answers(self):
        assert self.process.running(), "Redis left at once:\n" + self.process.log()[-2000:]
        try:
            return self.command("PING") == "PONG"
        except OSError:
            return False

    def reset(self):
        """And it is empty, and has been asked nothing."""
        super().reset()
        self.make_room()
        self.command("FLUSHALL")
        self.command("CONFIG", "RESETSTAT")

    def fill(self):
        """From now on nothing more can be written: maxmemory 1mb, noeviction."""
        self.command("CONFIG", "SET", "maxmemory", "1mb")
        try:
            while True:
                self.command("APPEND", "filler", "x" * 100000)
        except Refused as error:
            assert str(error).startswith("OOM"), error

    def make_room(self):
        self.command("CONFIG", "SET", "maxmemory", "0")
        self.command("DEL", "filler")

    def keys(self, pattern=PREFIX + "*"):
        """The names of the keys, sorted."""
        return sorted(self.command("KEYS", pattern))

    def fields(self, key):
        """What a hash has; key is without the prefix."""
        flat = self.command("HGETALL", PREFIX + key)
        return dict(zip(flat[::2], flat[1::2]))

    def commands(self):
        """How often each command was given since reset(), by name in lower case; those of a script
        too, and those of the tests themselves."""
        found = re.findall(r"cmdstat_([^:]+):calls=(\d+)", self.command("INFO", "commandstats"))
        return {name: int(calls) for name, calls in found}

    def connections(self):
        """How many there are, without this one."""
        return self.command("CLIENT", "LIST").count(" addr=") - 1

    def command(self, *words):
        """Its answer: text, a number, None or a list of these. Bytes are those of Latin-1."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            for each in (("AUTH", PASSWORD), words):
                text = f"*{len(each)}\r\n" + "".join(f"${len(w)}\r\n{w}\r\n" for w in each)
                connection.sendall(text.encode("latin-1"))
            with connection.makefile("rb") as answers:
                _read(answers)
                return _read(answers)


def _read(stream):
    line = stream.readline()
    if not line:
        raise ConnectionResetError
    kind, rest = line[:1], line[1:-2].decode("latin-1")
    if kind == b"-":
        raise Refused(rest)
    if kind == b"+":
        return rest
    if kind == b":":
        return int(rest)
    if rest == "-1":
        return None
    if kind == b"*":
        return [_read(stream) for _ in range(int(rest))]
    return stream.read(int(rest) + 2)[:-2].decode("latin-1")


# What may be behind the port instead, for fake_server.FakeServer.

def _answering(text):
    """It answers this to whatever it is told."""
    def behaviour(connection):
        while connection.recv(65536):
            connection.sendall(text)
    return behaviour


unasked = _answering(b"+PONG\r\n" * 50)
loading = _answering(b"-LOADING Redis is loading the dataset in memory\r\n")
endless_text = _answering(b"+" + b"x" * 3000000)
giant_text = _answering(b"$2000000000\r\n" + b"x" * 3000000)
giant_list = _answering(b"*2000000000\r\n$1\r\nx\r\n")
deep_list = _answering(b"*1\r\n" * 5000)
IMPOSTORS = (*fake_server.ALL, unasked, loading, endless_text, giant_text, giant_list, deep_list)
