"""Something in cached's place that answers as a test likes."""
# SPDX-License-Identifier: MIT
import os
import socket
import threading

from cached import SOCKET


class FakeCached:
    """Listens on cached's socket until it is closed. `answer`: the bytes that every connection
    gets, or a function of its request; `requests`: what was asked. A request is a dictionary of
    its fields."""

    def __init__(self, answer=b""):
        self.answer = answer
        self.requests = []
        if os.path.exists(SOCKET):
            os.remove(SOCKET)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(SOCKET)
        os.chmod(SOCKET, 0o666)
        self.listener.listen(64)
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self.listener.close()

    def _serve(self):
        """One after the other; a client that has left in between is no end."""
        while True:
            try:
                peer, _ = self.listener.accept()
                with peer:
                    fields = peer.recv(9000).decode(errors="replace").rstrip("\n").split("\t")[1:]
                    request = dict(field.split("=", 1) for field in fields)
                    self.requests.append(request)
                    answer = self.answer
                    peer.sendall(answer(request) if callable(answer) else answer)
            except OSError:
                if self.listener.fileno() < 0:
                    return
