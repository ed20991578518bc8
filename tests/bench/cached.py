"""One cached in a benchmark's world, on SQLite or on MariaDB, with rows of a given cost."""
# SPDX-License-Identifier: MIT
import contextlib
import grp
import os
import pwd
import shutil
import sqlite3
import subprocess
import time

from harness import USER, Failure
from rounds import measure

CHEAP = (64, 1)  # KiB of memory and passes of the rows, where it is the path that is measured
DEFAULT = (19456, 2)  # what the options table says

CONFIG = """\
[server]
socket = {socket}
control = {control}
group = {group}
user = {user}
[log]
to = stderr
[userdb]
uid =
gid =
home =
[registry]
{registry}[database]
{database}
[audit]
log_bucket = 0
spool = {spool}
spool_buffer = {buffer}
[hash]
argon2_memory_kib = {memory}
argon2_passes = {passes}
"""

PERMIT = "checkpass/1\tanswer=permit"
DENY = "checkpass/1\tanswer=deny"
FACTS = ("service=imap\trip=127.0.0.1\trport=55555\tlip=127.0.0.1\tlport=143\t"
         "session=oVJ6bQAbnNh/AAAB\tsecured=secured\tmech=PLAIN\torig_user=alice")


def auth_line(user, password, facts=FACTS):
    return f"checkpass/1\trequest=auth\tuser={user}\tpassword={password}\t{facts}"


class Cached:
    """`name` is that of its process and files; `argon2` the cost of its rows; `options` lines for
    [hash], and sections; `registry` lines for [registry]; `spool` whether it has one; `mariadb`
    where its database is, or none: SQLite. USER has one row; `password` opens it.
    """

    def __init__(self, world, name="cached", argon2=CHEAP, options="", mariadb=None,
                 environment=None, registry="ask = never\ncache =\n", spool=True):
        self.world, self.name, self.mariadb = world, name, mariadb
        is_root = os.geteuid() == 0
        user = "nobody" if is_root else pwd.getpwuid(os.geteuid()).pw_name
        group = "dovecot" if is_root else grp.getgrgid(os.getegid()).gr_name
        state = world.scratch / name
        state.mkdir(mode=0o755)
        if is_root:
            shutil.chown(state, user)
        self.socket = state / "cached.sock"
        self.control = state / "control.sock"
        self.file = state / "checkpass.db"
        self.config = world.scratch / f"{name}.conf"
        database = mariadb.settings() if mariadb else f"backend = sqlite\npath = {self.file}"
        self.config.write_text(CONFIG.format(
            socket=self.socket, control=self.control, group=group, user=user, database=database,
            registry=registry, memory=argon2[0], passes=argon2[1],
            spool=state / "spool.db" if spool else "", buffer=state / "spool.buffer") + options)
        self.process = world.start(name, [world.program("cached"), "--config", self.config],
                                   self.socket, environment)
        self.password = self.add_password(USER)

    def add_password(self, user):
        """A new app password of the user."""
        added = subprocess.run(
            [self.world.program("cachedctl"), "--config", self.config, "password", "add", user],
            check=False, capture_output=True, text=True)
        if added.returncode != 0:
            raise Failure(f"cachedctl password add: {added.stderr.strip()}")
        return added.stdout.strip()

    def copy_rows(self, user, others):
        """Gives other users the same app passwords."""
        for other in others:
            self.query(f"INSERT INTO app_passwords (uid, password, comment) SELECT '{other}', "
                       f"password, comment FROM app_passwords WHERE uid = '{user}'")

    def query(self, sql):
        """The first field of its first row, if it has one."""
        if self.mariadb:
            return self.mariadb.query(sql)
        with contextlib.closing(sqlite3.connect(self.file, timeout=10)) as database:
            with database:
                row = database.execute(sql).fetchone()
            return row and row[0]

    def client(self, clients, count, line, expected, *pause):
        """The command of a load client."""
        return [self.world.program("sock_client"), self.socket, clients, count, line, expected,
                *pause]

    def must_refuse(self):
        """A wrong password must not be let in: otherwise we measure something else."""
        measure(self.client(1, 1, auth_line(USER, "wrong"), DENY))

    def reload(self):
        """By cachedctl, which returns when it is done. The seconds it took."""
        begin = time.monotonic()
        done = subprocess.run([self.world.program("cachedctl"), "--config", self.config, "reload"],
                              check=False, capture_output=True, text=True)
        if done.returncode != 0:
            raise Failure(f"cachedctl reload: {done.stdout.strip()} {done.stderr.strip()}")
        return time.monotonic() - begin

    def forget_proofs(self):
        """From now on it hashes at every login. [hash] is the last section of its config."""
        with open(self.config, "a", encoding="ascii") as config:
            config.write("proofs = 0\n")
        self.reload()

    def log(self):
        return (self.world.scratch / f"{self.name}.log").read_text(errors="replace")

    def permitted(self):
        """How many logins it has let in."""
        return self.log().count("result=permit")

    def check_recorded(self):
        """Every login that was let in must be in the log table, a moment later: a daemon that drops
        what it cannot keep up with is not fast."""
        deadline = time.monotonic() + 10
        permitted, rows = 0, -1  # the line of a login may be later than its row
        while rows != permitted and time.monotonic() < deadline:
            time.sleep(0.1)
            rows = int(self.query("SELECT count(*) FROM log"))
            permitted = self.permitted()
        if rows != permitted:
            raise Failure(f"{self.name}: {permitted} logins were let in, {rows} are in the table")
