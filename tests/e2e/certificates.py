"""Certificate authorities of the tests, and certificates for their servers, made with openssl."""
# SPDX-License-Identifier: MIT
import functools
import os
import subprocess

import world

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]


def _openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=60)


@functools.cache
def authority(name):
    """A CA: the file with its certificate. The key lies beside it."""
    world.make_dir(world.path("certificates"))
    file = world.path("certificates", name + ".pem")
    _openssl("req", "-x509", *KEY, "-subj", f"/CN=The {name} authority",
             "-keyout", file + ".key", "-out", file)
    return file


@functools.cache
def issue(name, signer, owner, *names):
    """A server's certificate for `names` (DNS:... or IP:...): (certificate file, key file)."""
    signed_by = authority(signer)
    file, key = world.path("certificates", name + ".crt"), world.path("certificates", name + ".key")
    with open(file + ".conf", "w") as out:
        out.write(f"subjectAltName={','.join(names)}\nextendedKeyUsage=serverAuth\n")
    _openssl("req", *KEY, "-subj", f"/CN={names[0].split(':', 1)[1]}",
             "-keyout", key, "-out", file + ".req")
    _openssl("x509", "-req", "-in", file + ".req", "-days", "2", "-CA", signed_by,
             "-CAkey", signed_by + ".key", "-CAcreateserial", "-extfile", file + ".conf",
             "-out", file)
    for readable in (file, key):
        os.chmod(readable, 0o600)
        os.chown(readable, world.USERS[owner], world.USERS[owner])
    return file, key
