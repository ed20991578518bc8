"""A private MariaDB on a UNIX socket in a benchmark's world: small, and none of it has to last."""
# SPDX-License-Identifier: MIT
import os
import pathlib
import shutil
import subprocess

from harness import Failure

NAME = USER = "checkpass"
SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "sql" / "mysql.sql"
SMALL = ["--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M"]
OPTIONS = [*SMALL, "--skip-networking", "--innodb-flush-log-at-trx-commit=2",
           "--innodb-doublewrite=0", "--performance-schema=0", "--skip-log-bin",
           "--character-set-server=utf8mb4", "--max-connections=50"]


class PrivateMariaDb:
    """It runs and has the tables; all goes with the world."""

    def __init__(self, world):
        directory = world.scratch / "mariadb"
        directory.mkdir(mode=0o755)
        self.socket = directory / "sock"
        data = directory / "data"
        owner = "nobody" if os.geteuid() == 0 else None  # as cached: Debian's core has no user
        self._run(["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db",
                   "--auth-root-authentication-method=normal", *SMALL])
        if owner:
            self._run(["chown", "-R", owner, directory])
        server = shutil.which("mariadbd", path="/usr/sbin:/usr/bin:" + os.environ["PATH"])
        if not server:
            raise Failure("mariadbd is missing: scripts/install-packages bench")
        world.start("mariadb", [
            server, "--no-defaults", f"--datadir={data}", f"--socket={self.socket}",
            f"--pid-file={directory / 'pid'}", *OPTIONS, *([f"--user={owner}"] if owner else [])],
            self.socket)
        self._client(f"CREATE DATABASE {NAME}; USE {NAME};\n" + SCHEMA.read_text() +
                     f"GRANT SELECT, INSERT, UPDATE ON {NAME}.* TO {USER}@localhost "
                     "IDENTIFIED BY 'secret';")

    def settings(self):
        """As cached has it."""
        return (f"backend = mysql\nhosts = {self.socket}\nname = {NAME}\n"
                f"user = {USER}\npassword = secret")

    def query(self, sql):
        return self._client(sql, NAME).partition("\n")[0]

    def times_of(self, statements):
        """How many seconds each of them takes, on one connection."""
        script = "SET profiling = 1, profiling_history_size = 100;"
        times = []
        for first in range(0, len(statements), 50):
            part = "".join(f"{sql};" for sql in statements[first:first + 50])
            shown = self._client(script + part + "SHOW PROFILES;", NAME)
            times += [line.split("\t")[1] for line in shown.splitlines()
                      if "\t" in line and "app_passwords_with_log" in line]
        return times

    def _client(self, sql, *arguments):
        return self._run(["mariadb", "--no-defaults", "--batch", "--skip-column-names",
                          "--user=root", f"--socket={self.socket}", *arguments], sql)

    @staticmethod
    def _run(command, text=""):
        done = subprocess.run([str(word) for word in command], input=text, check=False,
                              capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise Failure(f"{command[0]}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout
