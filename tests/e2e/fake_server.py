"""Servers that are not what is expected behind their port, for tests of what to make of them."""
# SPDX-License-Identifier: MIT
import os
import socket
import threading
import time


SECONDS = 30  # more than anybody may wait for it; then the connection is closed


def silent(_):
    time.sleep(SECONDS)


def closing(connection):
    connection.close()


def garbage(connection):
    connection.sendall(os.urandom(5000))
    silent(connection)


def zeros(connection):
    connection.sendall(bytes(100000))
    silent(connection)


def dribbling(connection):
    """A byte now and then, so that each read has an end and the answer has none."""
    connection.sendall(b"\x4a\0\0\0\x0a")  # the head of a MariaDB greeting of 74 bytes
    for _ in range(73):
        time.sleep(SECONDS / 73)
        connection.sendall(b"5")


def another_service(connection):
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
    silent(connection)


ALL = (silent, closing, garbage, zeros, dribbling, another_service)


class FakeServer:
    """Listens on a port of its own, and does `behaviour` to whoever connects, until the run ends."""

    def __init__(self, behaviour):
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.host = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.behaviour = behaviour
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            connection, _ = self.socket.accept()
            threading.Thread(target=self._behave, args=[connection], daemon=True).start()

    def _behave(self, connection):
        try:
            with connection:
                self.behaviour(connection)
        except OSError:  # the client has left
            pass
