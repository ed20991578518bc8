"""A private view of this machine in which checkpass, Postfix, Exim, slapd, nsd and Redis are
installed.

The snippets under scripts/ name installed paths, and the tests load them byte for byte. So /usr
gets the built programs and the unpacked servers laid over it, /etc and /var get a writable
layer that holds the users such a machine has, /run is empty, and the network is a loopback of its
own in which every port is free. All of it lives in this process's namespaces; the machine itself
sees nothing.
"""
# SPDX-License-Identifier: MIT
import ctypes
import fcntl
import os
import shutil
import socket
import struct
import subprocess

REPO = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("CHECKPASS_BUILD", os.path.join(REPO, "build"))
UNPACKED = os.path.join(REPO, "build", "unpacked")  # what scripts/install-packages unpacks
SNIPPETS = os.path.join(REPO, "scripts")

MAIL_UID = 61005  # owner of all mail in the tests
USERS = {  # name: uid and gid; what the packages of a real machine would have created
    "checkpass": 61001, "postfix": 61002, "postdrop": 61003, "Debian-exim": 61004,
    "vmail": MAIL_UID, "stranger": 61006, "mysql": 61007, "openldap": 61008,
}
scratch = None  # the directory for everything that is not at an installed path


def build(directory):
    """Makes the view. All that is written from now on is on a tmpfs that ends with it."""
    global scratch
    scratch = directory
    _mount("tmpfs", "-o", "mode=0755", "tmpfs", directory)
    # A layer must not lie below what it is laid over, and the checkout may be anywhere.
    shutil.copytree(UNPACKED, path("unpacked"), symlinks=True)
    _lay_over_usr()
    _make_writable("/etc", layers=[path("unpacked", "postfix", "etc")])
    _make_writable("/var", layers=[path("unpacked", "postfix", "var")])
    _mount("tmpfs", "-o", "mode=0755", "tmpfs", "/run")
    _add_users()
    _name_localhost()
    _loopback_up()


def path(*parts):
    """A path in the scratch directory."""
    return os.path.join(scratch, *parts)


def make_dir(name, owner="root", group="root", mode=0o755):
    """Creates a directory, or sets owner and mode of the one that is there."""
    os.makedirs(name, exist_ok=True)
    shutil.chown(name, owner, group)
    os.chmod(name, mode)
    return name


def _mount(kind, *arguments):
    subprocess.run(["mount", "-t", kind, *arguments], check=True)


def _lay_over_usr():
    """Read-only layers, the first on top: the built programs, Postfix, Exim, the machine's own."""
    programs = make_dir(path("layers", "usr"))
    for name, place in (("checkpass", "lib/checkpass"), ("cached", "sbin"), ("cachedctl", "sbin")):
        make_dir(os.path.join(programs, place))
        shutil.copy(os.path.join(BUILD, name), os.path.join(programs, place, name))
    layers = [programs]
    layers += [path("unpacked", name, "usr")
               for name in ("postfix", "exim4-daemon-heavy", "slapd", "nsd", "redis-server",
                            "redis-tools")]
    layers.append("/usr")
    _mount("overlay", "-o", "lowerdir=" + ":".join(layers), "overlay", "/usr")


def _make_writable(place, layers):
    upper = make_dir(path("layers", place[1:], "up"))
    work = make_dir(path("layers", place[1:], "work"))
    lower = ":".join([place] + layers)
    options = f"lowerdir={lower},upperdir={upper},workdir={work}"
    _mount("overlay", "-o", options, "overlay", place)


def _add_users():
    for name, number in USERS.items():
        account = f"{name}:x:{number}:{number}::/nonexistent:/bin/false\n"
        for file, line in (("/etc/passwd", account), ("/etc/group", f"{name}:x:{number}:\n")):
            with open(file) as lines:
                if any(known.startswith(name + ":") for known in lines):
                    continue
            with open(file, "a") as out:
                out.write(line)


def _name_localhost():
    """A bare machine has no /etc/hosts, and mariadb-install-db insists on one."""
    with open("/etc/hosts", "w") as hosts:
        hosts.write("127.0.0.1 localhost\n")


def _loopback_up():
    """What `ip link set lo up` does: SIOCGIFFLAGS, SIOCSIFFLAGS."""
    up = 0x1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, 0x8913, request))[1]
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", flags | up))


def crypt(password, setting):
    """crypt(3) on bytes; python's own crypt module only takes what is valid UTF-8."""
    library = ctypes.CDLL("libcrypt.so.1")
    library.crypt.restype = ctypes.c_char_p
    return library.crypt(password, setting.encode()).decode()
