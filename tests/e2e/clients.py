"""The clients: IMAP, POP3, SMTP (swaks) and the wire, each showing exactly what the server said."""
# SPDX-License-Identifier: MIT
import base64
import hmac
import socket
import subprocess

import secrets_used
from cached import SOCKET

SECONDS = 30  # more than any answer here may take


def _bytes(text):
    return text.encode() if isinstance(text, str) else text


class Line:
    """A line-based connection over TCP, from a source address of choice."""

    def __init__(self, port, host="127.0.0.1", source=None):
        where = (source, 0) if source else None
        self.socket = socket.create_connection((host, port), SECONDS, where)
        self.reader = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.reader.close()
        self.socket.close()

    def send(self, line):
        self.socket.sendall(_bytes(line) + b"\r\n")

    def receive(self):
        line = self.reader.readline()
        if not line:
            raise ConnectionError("the server closed the connection")
        return line.decode(errors="backslashreplace").rstrip("\r\n")


class Imap(Line):
    def __init__(self, host="127.0.0.1", source=None):
        super().__init__(143, host, source)
        assert self.receive().startswith("* OK")

    def command(self, line):
        """The tagged answer, without its tag; what came before it is in self.untagged."""
        self.send(b"a " + _bytes(line))
        return self._answer()

    def _answer(self):
        self.untagged = []
        while True:
            line = self.receive()
            if line.startswith("a "):
                return line[2:]
            self.untagged.append(line)

    def login(self, user, password):
        """LOGIN with literals, which take any byte but NUL."""
        secrets_used.remember(password)
        user, password = _bytes(user), _bytes(password)
        self.send(b"a LOGIN {%d+}\r\n%s {%d+}\r\n%s" % (len(user), user, len(password), password))
        return self._answer()

    def login_quoted(self, user, password):
        """LOGIN with quoted strings, as most programs send it."""
        secrets_used.remember(password)
        escaped = [text.replace("\\", "\\\\").replace('"', '\\"') for text in (user, password)]
        return self.command('LOGIN "{}" "{}"'.format(*escaped))

    def authenticate_plain(self, user, password):
        secrets_used.remember(password)
        token = base64.b64encode(b"\0" + _bytes(user) + b"\0" + _bytes(password))
        return self.command(b"AUTHENTICATE PLAIN " + token)

    def authenticate_cram_md5(self, user, password):
        secrets_used.remember(password)
        self.send("a AUTHENTICATE CRAM-MD5")
        challenge = base64.b64decode(self.receive()[2:])
        digest = hmac.new(_bytes(password), challenge, "md5").hexdigest()
        self.send(base64.b64encode(f"{user} {digest}".encode()))
        return self._answer()

    def read_message(self):
        """Opens the mailbox and returns the body of its message."""
        assert self.command("SELECT INBOX").startswith("OK")
        assert self.command("FETCH 1 BODY[TEXT]").startswith("OK")
        return "\n".join(self.untagged[1:])


class Pop3(Line):
    def __init__(self, host="127.0.0.1", source=None):
        super().__init__(110, host, source)
        assert self.receive().startswith("+OK")

    def command(self, line):
        self.send(line)
        return self.receive()

    def login(self, user, password):
        secrets_used.remember(password)
        assert self.command(b"USER " + _bytes(user)).startswith("+OK")
        return self.command(b"PASS " + _bytes(password))

    def read_message(self):
        assert self.command("RETR 1").startswith("+OK")
        lines = []
        while not lines or lines[-1] != ".":
            lines.append(self.receive())
        return "\n".join(lines)


class Wire:
    """A client of cached's own socket, as socat or a script would be."""

    def __init__(self, path=SOCKET):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(SECONDS)
        self.socket.connect(path)
        self.reader = self.socket.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.reader.close()
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def receive(self):
        """One reply line without its end, or b"" when the daemon closed the connection."""
        try:
            return self.reader.readline().rstrip(b"\n")
        except ConnectionResetError:
            return b""

    def ask(self, *fields):
        self.send(request(*fields))
        return self.receive()


def escape(text):
    """A value as the wire has it, whatever bytes it is made of."""
    value = _bytes(text).replace(b"\x01", b"\x011")
    for byte, letter in ((b"\0", b"0"), (b"\t", b"t"), (b"\n", b"n"), (b"\r", b"r")):
        value = value.replace(byte, b"\x01" + letter)
    return value


def request(*fields):
    """A request line of name=value fields, which the caller has escaped."""
    return b"\t".join([b"checkpass/1", *map(_bytes, fields)]) + b"\n"


def login_request(user, password, *more):
    secrets_used.remember(password)
    return request("request=auth", f"user={user}", f"password={password}", "service=imap", *more)


def smtp(port, user, password, mechanism="PLAIN", source=None):
    """An SMTP session with AUTH by swaks that tries to send a mail: (exit status, transcript)."""
    secrets_used.remember(password)
    where = ["--local-interface", source] if source else []
    done = subprocess.run(
        ["swaks", *where, "--server", "127.0.0.1", "--port", str(port), "--auth", mechanism,
         "--auth-user", user, "--auth-password", password, "--from", "me@example.org",
         "--to", "you@example.net", "--ehlo", "client.example.org", "--timeout", str(SECONDS)],
        capture_output=True, text=True, timeout=4 * SECONDS)
    return done.returncode, done.stdout + done.stderr
