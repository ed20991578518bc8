"""cached at its installed paths: its configuration, process, database and audit lines."""
# SPDX-License-Identifier: MIT
import re
import signal
import socket
import sqlite3
import subprocess

import secrets_used
import world
from processes import Process, until

CONFIG = "/etc/checkpass/cached.conf"
SOCKET = "/run/checkpass/cached.sock"
CONTROL_SOCKET = "/run/checkpass/control.sock"
DATABASE = "/var/lib/checkpass/checkpass.db"
PROGRAM = "/usr/sbin/cached"
CONTROL = "/usr/sbin/cachedctl"

# What a test may override. Hashing is made as cheap as Argon2 allows, and a busy machine has time
# to leave in order: neither is what is tested here.
SETTINGS = {
    "server": {"user": "checkpass", "group": "dovecot"},
    "log": {"to": "stderr"},
    "userdb": {"uid": str(world.MAIL_UID), "gid": str(world.MAIL_UID),
               "home": "/var/mail-homes/%u"},
    "hash": {"argon2_memory_kib": "64", "argon2_passes": "1"},
    "limits": {"drain_time": "10s"},
    "registry": {"ask": "never"},
    "audit": {"log_bucket": "0"},  # what is counted in the log table are logins
}


class Cached:
    """The daemon and its state below /etc/checkpass, /run/checkpass and /var/lib/checkpass. Another
    name is that of another cached beside the first."""

    def __init__(self, name="cached"):
        self.config = CONFIG.replace("cached", name)
        self.socket = SOCKET.replace("cached", name)
        world.make_dir("/etc/checkpass")
        world.make_dir("/run/checkpass", "checkpass", "dovecot", 0o755)
        world.make_dir("/var/lib/checkpass", "checkpass", "checkpass", 0o750)
        self.process = Process(name, [PROGRAM, "--config", self.config])
        self.configure()

    def configure(self, **sections):
        """Writes the configuration: SETTINGS with `section={name: value}` laid over them."""
        text = ""
        for section in {**SETTINGS, **sections}:
            values = {**SETTINGS.get(section, {}), **sections.get(section, {})}
            text += f"[{section}]\n" + "".join(f"{name} = {values[name]}\n" for name in values)
        self.write_config(text)

    def write_config(self, text):
        with open(self.config, "w") as out:
            out.write(text)

    def start(self):
        self.process.start()
        until(self._answers, "cached answers on its socket")
        return self

    def _answers(self):
        assert self.process.running(), "cached left at once:\n" + self.process.log()[-2000:]
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(self.socket)
            except OSError:
                return False
        return True

    def stop(self, number=signal.SIGTERM):
        return self.process.stop(number)

    def restart(self, number=signal.SIGTERM):
        self.stop(number)
        self.start()

    def kill_and_start(self):
        """kill -9, as a crash is."""
        self.process.kill()
        self.start()

    def reload(self):
        self.process.send(signal.SIGHUP)

    def add_password(self, user, comment=None):
        """A new app password made by cachedctl: what it printed."""
        command = ["password", "add", user] + (["--comment", comment] if comment else [])
        password = self.control(*command).strip()
        assert re.fullmatch(r"[a-z0-9]{4}(-[a-z0-9]{4}){3}", password), password
        return secrets_used.remember(password)

    def rows(self, user):
        """What `cachedctl password list` says: one dictionary per app password."""
        names = ("id", "created", "deleted", "used", "comment")
        lines = self.control("password", "list", user).splitlines()[1:]
        return [dict(zip(names, line.split("\t"))) for line in lines]

    def revoke(self, user):
        """Revokes the newest app password of the user."""
        self.control("password", "revoke", self.rows(user)[-1]["id"])

    @staticmethod
    def control(*arguments):
        done = subprocess.run([CONTROL, *arguments], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, f"cachedctl {arguments}: {done.returncode} {done.stderr}"
        return done.stdout

    @staticmethod
    def check(config=CONFIG):
        """`cached --check`: its exit status and all it said."""
        done = subprocess.run([PROGRAM, "--config", config, "--check"], capture_output=True,
                              text=True, timeout=30)
        return done.returncode, done.stdout + done.stderr

    @staticmethod
    def insert_hash(user, stored, comment="inserted"):
        """Puts a row into the database as a webmail plug-in would, past cached."""
        return Cached.execute("INSERT INTO app_passwords (uid, password, comment) VALUES (?, ?, ?)"
                              " RETURNING id", user, stored, comment)[0][0]

    def insert_password(self, user, password, comment="inserted"):
        """A row with a password of the test's choice (str or bytes); returns its id."""
        secret = secrets_used.remember(password)
        secret = secret.encode() if isinstance(secret, str) else secret
        return self.insert_hash(user, world.crypt(secret, "$6$rounds=1000$saltsaltsalt"), comment)

    @staticmethod
    def execute(sql, *parameters):
        """Runs SQL on the database past cached, and returns the rows."""
        with sqlite3.connect(DATABASE, timeout=10) as database:
            rows = database.execute(sql, parameters).fetchall()
        database.close()
        return rows

    def audit(self):
        """The audit lines so far, each as a dictionary of its fields."""
        return [dict(re.findall(r"(\w+)=(<[^>]*>|[^,\n]+)", line))
                for line in self.process.log().splitlines() if "mail-audit: " in line]

    def wait_for_audit(self, number=1):
        """The last audit line once there are `number` of them, and no more than that."""
        until(lambda: len(self.audit()) >= number, f"{number} audit lines")
        lines = self.audit()
        assert len(lines) == number, f"{len(lines)} audit lines instead of {number}"
        return lines[-1]
