"""A private MariaDB with the predecessor's tables, users and grants, exactly as its manual says.

A server is made when a test first asks for it and stays until the end of the run; what a test does
to it is undone by reset(), at the start of the next one.
"""
# SPDX-License-Identifier: MIT
import contextlib
import functools
import os
import shutil
import subprocess

import pymysql

import certificates
import secrets_used
import world
from processes import Process, Server

NAME = "mail_auth"
USER, PASSWORD = "mailserver", "p@ss/w:rd%123"  # what a data source name has to escape
WEBMAIL, WEBMAIL_PASSWORD = "roundcube", "password123"
WEBMAIL_ADDRESS = "127.0.0.9"  # that of webmail.example.com, the host the grants name
SCHEMA = os.path.join(world.REPO, "sql", "mysql.sql")

# dovecot_web_auth's manual word for word, but for the passwords; and what soft deletion and
# connection_log need.
GRANTS = f"""
GRANT USAGE ON *.* TO `mailserver`@`localhost` IDENTIFIED BY '{PASSWORD}';
GRANT USAGE ON *.* TO `roundcube`@`webmail.example.com` IDENTIFIED BY '{WEBMAIL_PASSWORD}';

GRANT SELECT ON `mail_auth`.`log` TO `roundcube`@`webmail.example.com`;
GRANT SELECT, SHOW VIEW ON `mail_auth`.`app_passwords_with_log`
  TO `roundcube`@`webmail.example.com`;
GRANT SELECT, INSERT, UPDATE (`comment`), DELETE ON `mail_auth`.`app_passwords`
  TO `roundcube`@`webmail.example.com`;

GRANT SELECT ON `mail_auth`.`app_passwords` TO `mailserver`@`localhost`;
GRANT SELECT, INSERT ON `mail_auth`.`log` TO `mailserver`@`localhost`;
GRANT SELECT, INSERT, UPDATE, DELETE ON `mail_auth`.`connection_log`
  TO `mailserver`@`localhost`;

GRANT UPDATE (`deleted`) ON `mail_auth`.`app_passwords` TO `roundcube`@`webmail.example.com`;
"""
# Small, and nothing of it has to survive the machine.
OPTIONS = ["--bind-address=127.0.0.1", "--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M",
           "--innodb-flush-log-at-trx-commit=2", "--innodb-doublewrite=0", "--performance-schema=0",
           "--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci",
           "--skip-log-bin", "--max-connections=200"]


@functools.cache
def server(name="first"):
    """The shared server of this name, with tables and users; it runs."""
    return MariaDb(name, 3306 + len(os.listdir(world.make_dir(world.path("mariadb"))))).make()


@functools.cache
def _template():
    """A data directory with the system tables, to be copied."""
    place = world.path("mariadb-template")
    made = subprocess.run(
        ["mariadb-install-db", "--no-defaults", "--datadir=" + place, "--skip-test-db",
         "--auth-root-authentication-method=normal", "--innodb-log-file-size=8M",
         "--innodb-buffer-pool-size=16M"],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120)
    assert made.returncode == 0, made.stdout
    return place


class MariaDb(Server):
    def __init__(self, name, port):
        self.name = name
        self.port = port
        self.directory = world.make_dir(world.path("mariadb", name), "mysql", "mysql", 0o755)
        self.socket = self._path("sock")
        self.options = []  # more of them
        self.process = Process(f"mariadb-{name}", [])
        self.process.log_path = self._path("log")
        self.good_tls = self.tls = certificates.issue(
            "mariadb", "site", "mysql", "DNS:localhost", "IP:127.0.0.1")

    def make(self):
        shutil.copytree(_template(), self._path("data"))
        subprocess.run(["chown", "-R", "mysql:mysql", self._path("data")], check=True)
        with open("/etc/hosts", "a") as hosts:
            hosts.write(f"{WEBMAIL_ADDRESS} webmail.example.com\n")
        self.start()
        self.load(SCHEMA)
        self.grant()
        return self

    def grant(self):
        self._client(GRANTS)

    def _path(self, name):
        return os.path.join(self.directory, name)

    @property
    def host(self):
        """As [database] hosts has it."""
        return f"127.0.0.1:{self.port}"

    # Being there or not.

    def launch(self):
        """Starts it and does not wait."""
        tls = [f"--ssl-cert={self.tls[0]}", f"--ssl-key={self.tls[1]}"] if self.tls else []
        self.process.command = [
            "/usr/sbin/mariadbd", "--no-defaults", "--user=mysql", f"--port={self.port}",
            f"--datadir={self._path('data')}", f"--socket={self.socket}",
            f"--pid-file={self._path('pid')}", *OPTIONS, *tls, *self.options]
        self.process.start()

    def answers(self):
        assert self.process.running(), "MariaDB left at once:\n" + self.process.log()[-2000:]
        try:
            pymysql.connect(user="root", unix_socket=self.socket, connect_timeout=5).close()
        except pymysql.Error:
            return False
        return True

    def on_a_small_disk(self):
        """Its files move to a tmpfs with a little room left; where that is."""
        self.stop()
        data = self._path("data")
        os.rename(data, data + ".usual")
        os.mkdir(data)
        size = int(subprocess.run(["du", "-sk", data + ".usual"], check=True, capture_output=True,
                                  text=True).stdout.split()[0]) + 24 * 1024
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", data], check=True)
        subprocess.run(["cp", "-a", data + ".usual/.", data], check=True)
        self.start()
        return data

    def on_the_usual_disk(self):
        self.stop()
        data = self._path("data")
        subprocess.run(["umount", "--lazy", data], check=True)
        os.rmdir(data)
        os.rename(data + ".usual", data)
        self.start()

    def reset(self):
        """And its tables are empty."""
        super().reset()
        tables = self.execute("SELECT table_name FROM information_schema.tables "
                              "WHERE table_schema = database() AND table_type = 'BASE TABLE'")
        self._client("SET FOREIGN_KEY_CHECKS = 0;" +
                     "".join(f"TRUNCATE `{name}`;" for name, in tables), NAME)

    # What is in it.

    def load(self, *files):
        """Makes the database anew, out of files with SQL."""
        text = f"DROP DATABASE IF EXISTS {NAME}; CREATE DATABASE {NAME}; USE {NAME};\n"
        for file in files:
            with open(file) as sql:
                text += sql.read()
        self._client(text)

    def _client(self, text, *arguments):
        done = subprocess.run(
            ["mariadb", "--no-defaults", "--user=root", "--socket=" + self.socket, *arguments],
            input=text, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr

    def execute(self, sql, *parameters):
        """Runs a statement as root; the rows."""
        return self._run(sql, parameters, user="root", unix_socket=self.socket)

    def execute_all(self, *statements):
        """Several on one connection; the rows of the last."""
        with pymysql.connect(database=NAME, user="root", unix_socket=self.socket) as connection:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
                return cursor.fetchall()

    @contextlib.contextmanager
    def locked(self, table):
        """Nobody else can write to the table meanwhile."""
        with pymysql.connect(database=NAME, user="root", unix_socket=self.socket) as connection:
            with connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLES {table} WRITE")
                yield

    def execute_as_webmail(self, sql, *parameters):
        """Runs a statement as the webmail plug-in does: as its user, from its host."""
        return self._run(sql, parameters, user=WEBMAIL, password=WEBMAIL_PASSWORD,
                         host="127.0.0.1", port=self.port, bind_address=WEBMAIL_ADDRESS)

    @staticmethod
    def _run(sql, parameters, **where):
        with pymysql.connect(database=NAME, charset="utf8mb4", autocommit=True,
                             connect_timeout=5, read_timeout=10, **where) as connection:
            with connection.cursor() as cursor:
                cursor.execute(sql, parameters or None)
                return cursor.fetchall()

    def insert_hash(self, user, stored, comment="inserted"):
        """A row as the webmail plug-in makes it; its id."""
        return self.execute("INSERT INTO app_passwords (uid, password, comment) VALUES (%s, %s, %s)"
                            " RETURNING id", user, stored, comment)[0][0]

    def insert_password(self, user, password, comment="inserted"):
        """A row with a password of the test's choice; its id."""
        return self.insert_hash(user, crypt_of(password), comment)

    def connections(self):
        """How many connections cached has to it."""
        return self.execute("SELECT count(*) FROM information_schema.processlist"
                            " WHERE user = %s", USER)[0][0]


def crypt_of(password):
    """As the plug-in stores it: "{CRYPT}" . crypt(password, "$6$salt"), with few rounds."""
    secret = secrets_used.remember(password)
    secret = secret.encode() if isinstance(secret, str) else secret
    return "{CRYPT}" + world.crypt(secret, "$6$rounds=1000$saltsaltsalt")
