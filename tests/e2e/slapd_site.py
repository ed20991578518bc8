"""The base of the tests with a directory: cached on SQLite, and accounts in the shared slapd."""
# SPDX-License-Identifier: MIT
import case
import secrets_used
import slapd
from cached import Cached

WORD = secrets_used.remember("abcd-efgh-ijkl-mnop")


class SlapdSite(case.Site):
    """`servers` are the names of its servers, in the order of [ldap] uri."""

    servers = ("first",)
    sections = {}  # more settings
    ldap = {}  # more of its section

    @property
    def settings(self):
        return self.configured()

    def configured(self, **ldap):
        """The settings with options of [ldap] laid over them."""
        ldap = {"uri": " ".join(machine.uri for machine in self.machines), "base": slapd.SUFFIX,
                "bind_dn": slapd.BIND_DN, "bind_password": slapd.BIND_PASSWORD,
                **self.ldap, **ldap}
        return {**self.sections, "ldap": {k: v for k, v in ldap.items() if v is not None}}

    def setUp(self):
        self.machines = [slapd.server(name) for name in self.servers]
        self.server = self.machines[0]
        for machine in self.machines:
            machine.reset()
        super().setUp()

    def furnish(self):
        self.let("alice")

    def let(self, *users):
        """Each has WORD for an app password: whether they get in is the directory's to say."""
        for user in users:
            self.cached.insert_password(user, WORD)

    def reconfigure(self, sections=None, **ldap):
        """Starts cached again with other options in [ldap]; the servers' logs begin anew."""
        self.cached.stop()
        for machine in self.machines:
            machine.forget_log()
        self.cached.configure(**{**self.configured(**ldap), **(sections or {})})
        self.cached.start()

    def keep_logs(self):
        super().keep_logs()
        for machine in self.machines:
            with open(f"{self.logs}/{machine.process.name}.log", "w") as out:
                out.write(machine.log())

    def assert_denied(self, user, password, reason):
        """Refused, once more, and the last audit line says why."""
        audited = len(self.cached.audit())
        self.assertEqual(self.ask(user, password), "deny", self.said(user))
        return self.assert_audit(audited + 1, result="deny", reason=f"<{reason}>")

    def assert_permitted(self, *users):
        for user in users:
            self.assertEqual(self.ask(user, WORD), "permit", self.said(user))

    def assert_later(self, user, *complaints):
        """Nobody can tell, right password or wrong, and the log says why."""
        for password in (WORD, "wrong-word-this-is"):
            self.assertEqual(self.ask(user, password), "later", self.said(user))
        for complaint in complaints:
            self.assertRegex(self.cached.process.log(), complaint)

    def assert_config_error(self, complaint, **ldap):
        """`cached --check` names what is wrong, with its line."""
        self.cached.configure(**self.configured(**ldap))
        status, said = Cached.check()
        self.assertNotEqual(status, 0, ldap)
        self.assertRegex(said, complaint)

    def said(self, user):
        """For the message of a failure."""
        return f"{user!r:.60}: {self.cached.process.log()[-300:]}"
