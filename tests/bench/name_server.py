"""A DNS server on loopback that knows a name for every address, the address of every such name, and
the autonomous systems as Team Cymru tells them.

It is asked once for each address of a benchmark: cached remembers.
"""
# SPDX-License-Identifier: MIT
import ipaddress
import socket
import struct
import threading

POINTER, ADDRESS, TEXT, IN = 12, 1, 16, 1
TTL = 3600


def encoded(name):
    return b"".join(bytes([len(word)]) + word for word in name) + b"\0"


def encoded_text(text):
    return bytes([len(text)]) + text


def answer_to(query, knows_systems):
    """Nothing (None) where systems are to be told and are not known; else one record, or no answer (NODATA) to a question for anything else."""
    words, at = [], 12
    while query[at]:
        words.append(query[at + 1:at + 1 + query[at]])
        at += 1 + query[at]
    kind = struct.unpack_from(">H", query, at + 1)[0]
    question = query[12:at + 5]
    data = b""
    if kind == TEXT and not knows_systems:
        return None
    if kind == POINTER and words[-1] == b"arpa":
        number = b"-".join(reversed(words[:4]))
        data = encoded([b"p" + number, b"dip0", b"t-ipconnect", b"de"])
    elif kind == ADDRESS and words[0].startswith(b"p"):
        data = ipaddress.IPv4Address(words[0][1:].decode().replace("-", ".")).packed
    elif kind == TEXT and words[0].startswith(b"AS"):
        data = encoded_text(b"3320 | DE | ripencc | 1993-09-01 | EXAMPLE-AS Example Networks, DE")
    elif kind == TEXT and words[4:] == [b"origin", b"asn", b"cymru", b"com"]:
        data = encoded_text(b"3320 | %b.%b.0.0/16 | DE | ripencc |" % (words[3], words[2]))
    record = struct.pack(">HHHIH", 0xC00C, kind, IN, TTL, len(data)) + data if data else b""
    return query[:2] + struct.pack(">HHHHH", 0x8580, 1, bool(data), 0, 0) + question + record


class NameServer:
    """Use it in a `with` statement; `address` is for [dns] servers."""

    def __init__(self, knows_systems=True):
        self._knows_systems = knows_systems

    def __enter__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_exception):
        self._socket.close()

    def _serve(self):
        while True:
            try:
                query, peer = self._socket.recvfrom(512)
                answer = answer_to(query, self._knows_systems)
                if answer:
                    self._socket.sendto(answer, peer)
            except OSError:
                return  # closed
