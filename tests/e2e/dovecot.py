"""A private Dovecot that includes snippets of scripts/dovecot byte for byte."""
# SPDX-License-Identifier: MIT
import os
import socket
import subprocess

import world
from processes import Process, until

BASE = """
base_dir = /run/dovecot
state_dir = {scratch}/dovecot-state
log_path = /dev/stderr
auth_verbose = yes
auth_debug = yes
protocols = imap pop3
listen = 127.0.0.1, ::1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:~/Maildir
auth_failure_delay = 0
auth_mechanisms = plain cram-md5
mail_max_userip_connections = 100

# A login process serves one client after another: starting one for each costs more than the login.
service imap-login {{
  service_count = 0
}}
service pop3-login {{
  service_count = 0
}}
# The test's own socket for questions about whole logins, and no growing delay for failures.
service auth {{
  unix_listener auth-client {{
    mode = 0666
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""

# The userdb of a site whose mailboxes all belong to one user.
STATIC_USERDB = f"""
userdb {{
  driver = static
  args = uid={world.MAIL_UID} gid={world.MAIL_UID} home=/var/mail-homes/%u
}}
"""
MESSAGE = b"From: post@example.org\r\nSubject: hello\r\n\r\nYou have mail.\r\n"


class Dovecot:
    """snippets: names in scripts/dovecot, in order; extra: more configuration, after them."""

    def __init__(self, snippets, extra=STATIC_USERDB):
        self.config = world.path("dovecot.conf")
        text = BASE.format(scratch=world.scratch)
        for name in snippets:
            text += f"!include {world.SNIPPETS}/dovecot/{name}\n"
        with open(self.config, "w") as out:
            out.write(text + extra)
        world.make_dir("/etc/dovecot")
        self.process = Process("dovecot", ["/usr/sbin/dovecot", "-F", "-c", self.config])

    def start(self):
        self.process.start()
        until(self._listens, "Dovecot listens")
        return self

    def _listens(self):
        assert self.process.running(), "Dovecot left at once:\n" + self.process.log()[-2000:]
        return self._port_is_open()

    @staticmethod
    def _port_is_open():
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", 143)) == 0

    def kill(self):
        """And waits until the last of its processes has gone, so that another can start."""
        self.process.kill()
        until(lambda: not self._port_is_open(), "Dovecot's port is free")

    def doveadm(self, *arguments, password=None):
        """Runs doveadm on this Dovecot: (exit status, everything it printed)."""
        given = password + "\n" if password is not None else None
        done = subprocess.run(["doveadm", "-c", self.config, *arguments], input=given, text=True,
                              capture_output=True, timeout=60)
        return done.returncode, done.stdout + done.stderr


def write_users(**passwords):
    """The site's own password file, which the webmail snippets name: user=password, as is."""
    with open("/etc/dovecot/users", "w") as out:
        for user, password in passwords.items():
            out.write(f"{user}:{{PLAIN}}{password}::::::\n")


def deliver(user):
    """Gives the user a mailbox with one message, where the userdb of the tests says it is."""
    world.make_dir("/var/mail-homes")
    home = f"/var/mail-homes/{user}"
    for name in ("", "/Maildir", "/Maildir/cur", "/Maildir/new", "/Maildir/tmp"):
        world.make_dir(home + name, "vmail", "vmail", 0o700)
    with open(home + "/Maildir/new/1.e2e", "wb") as out:
        out.write(MESSAGE)
    os.chown(home + "/Maildir/new/1.e2e", world.MAIL_UID, world.MAIL_UID)
