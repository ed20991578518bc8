"""Private Postfix and Exim, asking the private Dovecot, that throw all accepted mail away."""
# SPDX-License-Identifier: MIT
import os
import socket

import world
from processes import Process, until

# No client is trusted by its address, so that only AUTH opens the relay; mail goes to discard(8).
POSTFIX_BASE = """
compatibility_level = 3.6
myhostname = mx.example.org
mydestination =
mynetworks =
inet_interfaces = loopback-only
smtpd_peername_lookup = no
local_recipient_maps =
default_transport = discard
maillog_file = /var/log/postfix.log
"""
# smtpd in a chroot, as Debian has it: the snippet's socket must be reachable from there.
POSTFIX_MASTER = """
25 inet n - y - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
discard unix - - n - - discard
error unix - - n - - error
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""
EXIM_CONFIG = """
primary_hostname = mx.example.org
daemon_smtp_ports = 26
local_interfaces = 127.0.0.1
exim_user = Debian-exim
exim_group = Debian-exim
spool_directory = /var/spool/exim4
log_file_path = {log}
host_lookup =
keep_environment =
tls_advertise_hosts =
rfc1413_query_timeout = 0s
acl_smtp_rcpt = rcpt

begin acl
rcpt:
  accept authenticated = *
  deny message = relaying denied

begin routers
all:
  driver = accept
  transport = nowhere

begin transports
nowhere:
  driver = appendfile
  file = /dev/null

begin authenticators
.include {snippet}
"""


def make_postfix_socket_dir():
    """What the postfix package has made before Dovecot starts: the place of sasl-postfix.conf."""
    world.make_dir("/var/spool/postfix")
    world.make_dir("/var/spool/postfix/private", "postfix", "root", 0o700)


class Postfix:
    port = 25

    def __init__(self):
        world.make_dir("/etc/postfix")
        with open(world.SNIPPETS + "/postfix/main.cf") as snippet:
            self._write("main.cf", POSTFIX_BASE + snippet.read())
        self._write("master.cf", POSTFIX_MASTER)
        self._write("dynamicmaps.cf", "")
        # What "postfix start" does, but for leaving the process group, by which we end it.
        start = "postfix check 2>&1 | grep -v set-gid; exec /usr/lib/postfix/sbin/master -d"
        self.process = Process("postfix-master", ["sh", "-c", start])

    @staticmethod
    def _write(name, text):
        with open("/etc/postfix/" + name, "w") as out:
            out.write(text)

    def start(self):
        world.make_dir("/var/lib/postfix", "postfix", "postfix", 0o700)
        self.process.start()
        until(lambda: _greets(self.port), "Postfix greets")
        return self

    def log(self):
        return _read("/var/log/postfix.log")


class Exim:
    port = 26

    def __init__(self):
        self.log_path = "/var/log/exim4/%slog"
        world.make_dir("/etc/exim4")
        with open("/etc/exim4/exim4.conf", "w") as out:
            out.write(EXIM_CONFIG.format(log=self.log_path,
                                         snippet=world.SNIPPETS + "/exim/authenticators"))
        self.process = Process("exim", ["/usr/sbin/exim4", "-bdf"])

    def start(self):
        world.make_dir("/var/spool/exim4", "Debian-exim", "Debian-exim", 0o750)
        world.make_dir("/var/log/exim4", "Debian-exim", "Debian-exim", 0o750)
        self.process.start()
        until(lambda: _greets(self.port), "Exim greets")
        return self

    def log(self):
        return _read(self.log_path % "main") + _read(self.log_path % "reject")


def _greets(port):
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as probe:
            return probe.recv(100).startswith(b"220")
    except OSError:
        return False


def _read(name):
    if not os.path.exists(name):
        return ""
    with open(name, errors="backslashreplace") as log:
        return log.read()
