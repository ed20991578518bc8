"""Every password of this run, so that the last test can look for them where they must not be."""
# SPDX-License-Identifier: MIT
import base64

_used = set()


def remember(password):
    """Notes a password and returns it. Short ones would be found by chance and are left out."""
    raw = password.encode() if isinstance(password, str) else bytes(password)
    if len(raw) >= 8:
        _used.add(raw)
    return password


def found_in(data):
    """The remembered passwords that occur in `data`, plain or in Base64."""
    return [secret for secret in _used
            if secret in data or base64.b64encode(secret).rstrip(b"=")[:-1] in data]


def count():
    return len(_used)
