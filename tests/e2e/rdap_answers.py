"""What an RDAP server of the tests answers: networks, and all that a registry should not do. What a
server does with a request takes the handler of it (rdap_server.Handler)."""
# SPDX-License-Identifier: MIT
import email.utils
import ipaddress
import json
import time

SECONDS = 30  # more than anybody waits for anything here


def network(prefix, name=None, country=None, entities=(), **more):
    """An `ip network` object (RFC 9083, 5.4) of our own invention; `more` is laid over it."""
    first_last = ipaddress.ip_network(prefix)
    about = {
        "objectClassName": "ip network", "rdapConformance": ["rdap_level_0"],
        "handle": f"NET-{prefix}", "ipVersion": f"v{first_last.version}",
        "startAddress": str(first_last[0]), "endAddress": str(first_last[-1]),
        "name": name, "country": country, "type": "ASSIGNED PA", "status": ["active"],
        "entities": [{"objectClassName": "entity", "handle": handle, "roles": ["registrant"]}
                     for handle in entities],
        "notices": [{"title": "Terms and Conditions", "description": ["None at all."]}], **more}
    return {key: value for key, value in about.items() if value is not None}


def padded(prefix):
    """The addresses of a network as some registries write them: 062.239.237.000."""
    ends = [".".join(part.zfill(3) for part in str(address).split("."))
            for address in (ipaddress.ip_network(prefix)[0], ipaddress.ip_network(prefix)[-1])]
    return dict(zip(("startAddress", "endAddress"), ends))


def status(code, **headers):
    """Some status with a short text that is no RDAP; Retry_After="5" is a header."""
    return lambda request: request.reply(code, b"Sorry.\n", "text/plain", **headers)


def in_seconds(seconds):
    """A date for Retry-After (RFC 9110, 5.6.7)."""
    return email.utils.formatdate(time.time() + seconds, usegmt=True)


def body(data, **headers):
    return lambda request: request.reply(200, data, **headers)


def notice(title):
    """200, an answer as any, with a notice of that title."""
    return lambda request: request.reply(200, json.dumps(network(
        "192.0.2.0/24", "NOT-THIS", "XX", notices=[{"title": title, "description": ["Wait."]}])))


def redirect(url, code=301):
    """{path} stands for that of the request."""
    return lambda request: request.reply(code, b"", Location=url.format(path=request.path))


def chain(url, hops):
    """Redirects to itself, until the last one goes to `url`."""
    def go_on(request):
        path, _, hop = request.path.partition("?hop=")
        hop = int(hop or 0) + 1
        request.reply(301, b"", Location=url.format(path=path) if hop == hops
                      else f"{path}?hop={hop}")
    return go_on


def silent(request):
    """The connection stays open."""
    request.server.over.wait(SECONDS)
    request.close_connection = True


def late(seconds):
    """The right answer, after a while."""
    def wait(request):
        request.server.over.wait(seconds)
        request.answer()
    return wait


def held(event):
    """The right answer, once the test says so."""
    def wait(request):
        event.wait(SECONDS)
        request.answer()
    return wait


def dripping(request):
    """Headers, and then a byte now and then, so that no single read takes long."""
    request.reply(200, b"", Content_Length="100000")
    for byte in b"{" + b" " * 99999:
        if request.server.over.wait(0.1):
            return
        request.wfile.write(bytes([byte]))
        request.wfile.flush()


def cut(request):
    """The connection ends in the middle of the answer."""
    request.reply(200, b'{"objectClassName": "ip net', Content_Length="4000")
    request.close_connection = True


def cut_at_once(request):
    request.close_connection = True


huge = body(json.dumps(network("192.0.2.0/24", "HUGE", remarks=["x" * 100] * 100000)).encode())
deep = body(b"[" * 100000 + b"]" * 100000)
deep_inside = body(json.dumps(network("0.0.0.0/0", "DEEP")).encode()[:-1] + b', "remarks": '
                   + b"[" * 100000 + b"]" * 100000 + b"}")
not_json = body(b"<html><body>It works!</body></html>")
half_json = body(b'{"objectClassName": "ip network", "name": ')
no_network = body(b'{"objectClassName": "domain", "handle": "X"}')
