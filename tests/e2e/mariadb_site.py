"""The base of the tests on MariaDB: cached on the shared server, which begins with empty tables."""
# SPDX-License-Identifier: MIT
import case
import dovecot
import mariadb
import secrets_used
from processes import until

SHOWN = "abcd-efgh-ijkl-mnop"  # 16 characters, as the webmail plug-in shows them


class MariaDbSite(case.Site):
    """`servers` are the names of its servers, in the order of [database] hosts; the first one has
    alice's app password."""

    servers = ("first",)
    sections = {}  # more settings
    database = {}  # more of its section

    @property
    def settings(self):
        return self.configured()

    def configured(self, **database):
        """The settings with options of [database] laid over them."""
        database = {
            "backend": "mysql", "hosts": " ".join(server.host for server in self.machines),
            "name": mariadb.NAME, "user": mariadb.USER, "password": mariadb.PASSWORD,
            **self.database, **database}
        return {**self.sections, "database": {k: v for k, v in database.items() if v is not None}}

    def setUp(self):
        self.machines = [mariadb.server(name) for name in self.servers]
        self.server = self.machines[0]
        for machine in self.machines:
            machine.reset()
        super().setUp()

    def furnish(self):
        self.row = self.insert("alice", SHOWN, "phone")
        dovecot.deliver("alice")

    def insert(self, user, password, comment="inserted"):
        """The same row in all servers, as in a cluster; its id."""
        stored = mariadb.crypt_of(password)
        return [machine.insert_hash(user, stored, comment) for machine in self.machines][0]

    def reconfigure(self, **database):
        """Starts cached again with other options in [database]."""
        self.cached.stop()
        self.cached.configure(**self.configured(**database))
        self.cached.start()

    def keep_logs(self):
        super().keep_logs()
        for machine in self.machines:
            with open(f"{self.logs}/{machine.process.name}.log", "w") as out:
                out.writelines(f"{line}\n" for line in machine.process.log().splitlines()
                               if "[Note]" not in line)

    def log_rows(self, number=None):
        """All rows of the log table; with a number, once there are that many."""
        def rows():
            return self.server.execute("SELECT pwid, service, src_ip FROM log ORDER BY id")
        if number is not None:
            until(lambda: len(rows()) >= number, f"{number} rows in the log table")
        return list(rows())

    def assert_denied(self, user, password, reason, *more, **where):
        """Refused, once more, and the last audit line says why."""
        audited = len(self.cached.audit())
        self.assertEqual(self.ask(user, password, *more, **where), "deny", self.said(user))
        return self.assert_audit(audited + 1, result="deny", reason=f"<{reason}>")

    def assert_permitted(self, user, password, *more, **where):
        audited = len(self.cached.audit())
        self.assertEqual(self.ask(user, password, *more, **where), "permit", self.said(user))
        return self.assert_audit(audited + 1, result="permit")

    def said(self, user):
        """For the message of a failure."""
        return f"{user!r:.60}: {self.cached.process.log()[-300:]}"


secrets_used.remember(SHOWN)
secrets_used.remember(mariadb.PASSWORD)
