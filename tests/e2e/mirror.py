"""A web server with the files of the registries, as theirs are: HTTPS, ETags, conditional GET."""
# SPDX-License-Identifier: MIT
import hashlib
import http.server
import ssl
import threading

import certificates

HOST = "localhost"


class Mirror:
    """`files` are what it has, by name: bytes, or a status. What it answered is in `answers`."""

    def __init__(self, files):
        self.files = files
        self.cut = set()      # names whose answers end in the middle
        self.answers = []     # (name, status)
        self.authority = certificates.authority("mirror")
        mirror = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                mirror.answer(self, self.path.lstrip("/"))

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificates.issue("mirror-host", "mirror", "checkpass",
                                                    f"DNS:{HOST}"))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, handler, name):
        body = self.files.get(name, 404)
        status, etag = (body, "") if isinstance(body, int) else (200, self.etag(body))
        if etag and handler.headers["If-None-Match"] == etag:
            status = 304
        self.answers.append((name, status))
        handler.send_response(status)
        if status == 302:
            handler.send_header("Location", f"http://{HOST}/{name}")
        if etag:
            handler.send_header("ETag", etag)
        body = body if status == 200 else b""
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[:len(body) // 2] if name in self.cut else body)

    @staticmethod
    def etag(body):
        return f'"{hashlib.sha256(body).hexdigest()[:16]}"'

    def url(self, name):
        return f"https://{HOST}:{self.server.server_port}/{name}"

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
