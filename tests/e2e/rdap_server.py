"""Registries on loopback: an HTTPS server for RDAP (RFC 7480, 9083) under the names of several
hosts, that knows the networks which a test gives it, misbehaves as a test wants it to, and counts
what it is asked.

    with RdapServer() as rdap:
        rdap.add("62.239.237.0/24", "BT-CORPORATE", "GB", ["BTCR3-RIPE"])
        rdap.does["62.239.237.1"] = rdap_answers.status(404)
        case.cached.configure(registry={"rdap": rdap.bases(), "tls_ca": rdap.authority})
        ...
        case.assertEqual(rdap.asked("62.239.237.1"), 1)
"""
# SPDX-License-Identifier: MIT
import collections
import contextlib
import http.server
import ipaddress
import json
import socket
import ssl
import threading

import certificates
import rdap_answers

ADDRESS = "127.0.0.20"
CLOSED = "127.0.0.29"  # nobody listens there
ARIN, RIPE, APNIC, LACNIC, AFRINIC = (
    f"rdap.{name}.test" for name in ("arin", "ripe", "apnic", "lacnic", "afrinic"))
BASES = {"arin": f"https://{ARIN}/registry", "ripencc": f"https://{RIPE}",
         "apnic": f"https://{APNIC}", "lacnic": f"https://{LACNIC}/rdap",
         "afrinic": f"https://{AFRINIC}/rdap"}
FORBIDDEN = "rdap.elsewhere.test"   # to which no redirect may lead
OTHER_NAME = "rdap.misnamed.test"   # its certificate has another name
STRANGER = "rdap.stranger.test"     # its certificate is of another authority
GONE = "rdap.gone.test"             # nobody listens
RDAP_JSON = "application/rdap+json"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = rdap_answers.SECONDS

    def do_GET(self):
        rdap = self.server.rdap
        host = self.headers.get("Host", "").split(":")[0]
        self.address = self.path.partition("?")[0].partition("/ip/")[2]
        with rdap.lock:
            rdap.requests.append(Request(host, self.path, self.address, dict(self.headers)))
        does = rdap.does.get(self.address) or rdap.does.get(host) or Handler.answer
        does(self)

    def answer(self):
        """As a registry does: the smallest network around it, or 404."""
        found = self.server.rdap.network_of(self.address)
        if found:
            self.reply(200, json.dumps(found))
        else:
            self.reply(404, json.dumps({"errorCode": 404, "title": "Not found"}))

    def reply(self, code, data, kind=RDAP_JSON, **headers):
        data = data.encode() if isinstance(data, str) else data
        self.send_response(code)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"Content-Type": kind, "Content-Length": len(data), **named}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def handle(self):
        self.server.connections.add(self.request)
        try:
            self.request.do_handshake()  # here, and not where connections are accepted
            super().handle()
        except OSError:  # the client has left, or does not like the certificate
            pass
        finally:
            self.server.connections.discard(self.request)

    def finish(self):
        try:
            super().finish()
        except OSError:
            pass

    def log_message(self, *_):
        pass


Request = collections.namedtuple("Request", "host path address headers")


class Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024

    def __init__(self, rdap, context):
        super().__init__((ADDRESS, 443), Handler)
        self.rdap = rdap
        self.over = threading.Event()
        self.connections = set()
        self.socket = context.wrap_socket(self.socket, server_side=True,
                                          do_handshake_on_connect=False)

    def handle_error(self, *_):
        pass


class RdapServer:
    """Of all registries. `does` says what it does with requests that name an address, or come to a
    host; `requests` has all that came, in order."""

    def __init__(self):
        self.networks = []
        self.does = {}
        self.requests = []
        self.lock = threading.Lock()
        self.authority = certificates.authority("registries")
        self._listener = None

    def __enter__(self):
        name_hosts()
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self._listener = Listener(self, contexts())
        threading.Thread(target=self._listener.serve_forever, args=[0.05], daemon=True).start()

    def stop(self):
        """Whoever connects is refused from now on, and who was connected is no more."""
        listener, self._listener = self._listener, None
        if listener:
            listener.over.set()
            listener.shutdown()
            listener.server_close()
            for connection in list(listener.connections):
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def bases(**others):
        """For [registry] rdap: all registries, or what a test wants in their place."""
        return " ".join(f"{name}={base}" for name, base in {**BASES, **others}.items() if base)

    def add(self, prefix, *about, **more):
        """Makes a network known (rdap_answers.network), in place of an older one."""
        prefix = ipaddress.ip_network(prefix)
        self.networks = [(known, text) for known, text in self.networks if known != prefix]
        self.networks.append((prefix, rdap_answers.network(str(prefix), *about, **more)))

    def network_of(self, address):
        """None: there is none, or it is no address or network."""
        try:
            wanted = ipaddress.ip_network(address)
        except ValueError:
            return None
        around = [(known.prefixlen, text) for known, text in self.networks
                  if known.version == wanted.version and wanted.subnet_of(known)]
        return max(around, key=lambda item: item[0])[1] if around else None

    def asked(self, *addresses):
        """How often it has been asked about these, or about anything."""
        with self.lock:
            return sum(not addresses or request.address in addresses for request in self.requests)

    def paths(self):
        with self.lock:
            return collections.Counter(request.host + request.path for request in self.requests)


_named = []


def name_hosts():
    """In /etc/hosts of the tests."""
    if _named:
        return
    here = (ARIN, RIPE, APNIC, LACNIC, AFRINIC, FORBIDDEN, OTHER_NAME, STRANGER)
    with open("/etc/hosts", "a") as hosts:
        hosts.write(f"{ADDRESS} {' '.join(here)}\n{CLOSED} {GONE}\n")
    _named.extend(here)


def contexts():
    """TLS with the certificate that belongs to the name a client asks for (RFC 6066, 3)."""
    good = [f"DNS:{name}" for name in (ARIN, RIPE, APNIC, LACNIC, AFRINIC, FORBIDDEN)]
    right = _context("registries", "registries", *good)
    wrong = {OTHER_NAME: _context("misnamed", "registries", f"DNS:{GONE}"),
             STRANGER: _context("stranger", "strangers", f"DNS:{STRANGER}")}

    def choose(connection, name, _):
        connection.context = wrong.get(name, right)
    right.sni_callback = choose
    return right


def _context(name, signer, *names):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificates.issue(f"rdap-{name}", signer, "checkpass", *names))
    return context
