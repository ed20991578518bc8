"""A private slapd with the accounts of a small site. A server is made when a test first asks for it
and stays until the end of the run; what a test does to it is undone by reset()."""
# SPDX-License-Identifier: MIT
import functools
import os
import re
import shutil
import socket
import subprocess

import certificates
import secrets_used
import world
from processes import Process, Server, until

SUFFIX = "dc=example,dc=org"
PEOPLE, GUESTS = f"ou=people,{SUFFIX}", f"ou=guests,{SUFFIX}"
BIND_DN, BIND_PASSWORD = f"cn=checkpass,{SUFFIX}", secrets_used.remember("the-directory-word")
SCHEMAS = ("core", "cosine", "nis", "inetorgperson")
MANY = 300  # accounts named member0 and so on

CONFIG = """
{schemas}
pidfile {place}/pid
argsfile {place}/args
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile {certificate}
TLSCertificateKeyFile {key}
idletimeout {idle}
database mdb
maxsize 67108864
suffix "{suffix}"
directory {place}/data
index objectClass,uid eq
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{bind_dn}" read by * none
"""
TREE = f"""dn: {SUFFIX}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: {BIND_DN}
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: checkpass
userPassword: {BIND_PASSWORD}

dn: {PEOPLE}
objectClass: organizationalUnit
ou: people

dn: {GUESTS}
objectClass: organizationalUnit
ou: guests

dn: ou=staff,{PEOPLE}
objectClass: organizationalUnit
ou: staff
"""
_number = iter(range(1, 10**6))


def person(uid, under=PEOPLE, *classes):
    """An entry, in LDIF, of a person who has no UNIX account."""
    name = f"person {next(_number)}"
    return (f"\ndn: cn={name},{under}\n"
            + "".join(f"objectClass: {each}\n" for each in ("inetOrgPerson", *classes))
            + f"cn: {name}\nsn: {uid}\nuid: {uid}\n")


def account(uid, under=PEOPLE, home=None, shell="/bin/bash", number=world.MAIL_UID):
    """One who has."""
    return person(uid, under, "posixAccount") + (
        f"uidNumber: {number}\ngidNumber: {number}\nroomNumber: 4711\n"
        f"homeDirectory: {home or '/var/mail-homes/' + uid}\nloginShell: {shell}\n")


def people():
    """All entries, in LDIF."""
    return "".join([
        TREE, account("alice"), account("bob", home="/dev/null"),
        account("carol", shell="/bin/false"), account("dave", shell="/usr/sbin/nologin"),
        person("erin"), account("twin"), account("twin", GUESTS), account("grace", GUESTS),
        account("frank", f"ou=staff,{PEOPLE}", home="/var/mail-homes/of-staff/frank"),
        account("al_ice"), account("alxice"), account("a*b"), account("a(b)c"), account("%"),
        account("back\\slash"), account("henry"),
        *[account(f"member{number}") for number in range(MANY)]])


@functools.cache
def server(name="first"):
    """The shared server of this name; it runs."""
    return Slapd(name, len(os.listdir(world.make_dir(world.path("slapd"))))).make()


class Slapd(Server):
    def __init__(self, name, number):
        self.name = name
        self.port, self.tls_port = 389 + 1000 * number, 636 + 1000 * number
        self.directory = world.make_dir(world.path("slapd", name), "openldap", "openldap")
        self.good_tls = self.tls = certificates.issue(
            "slapd", "site", "openldap", "DNS:ldap.example.org", "IP:127.0.0.1")
        self.process = Process(f"slapd-{name}", [])
        self.process.log_path = self._path("log")
        self.idle = 0
        self._seen = 0  # of the log, before the test

    def make(self):
        world.make_dir(self._path("data"), "openldap", "openldap", 0o700)
        self._configure()
        with open(self._path("people.ldif"), "w") as out:
            out.write(people())
        done = subprocess.run(["slapadd", "-q", "-f", self._path("conf"), "-l",
                               self._path("people.ldif")], capture_output=True, text=True,
                              timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        for name in os.listdir(self._path("data")):
            shutil.chown(self._path("data/" + name), "openldap", "openldap")
        self.start()
        return self

    def _path(self, name):
        return os.path.join(self.directory, name)

    def _configure(self):
        schemas = world.path("unpacked", "slapd", "etc", "ldap", "schema")
        with open(self._path("conf"), "w") as out:
            out.write(CONFIG.format(
                schemas="\n".join(f"include {schemas}/{name}.schema" for name in SCHEMAS),
                place=self.directory, certificate=self.tls[0], key=self.tls[1], idle=self.idle,
                suffix=SUFFIX, bind_dn=BIND_DN))

    @property
    def uri(self):
        return f"ldap://127.0.0.1:{self.port}"

    @property
    def tls_uri(self):
        return f"ldaps://127.0.0.1:{self.tls_port}"

    @property
    def socket_uri(self):
        return "ldapi://" + self._path("socket").replace("/", "%2F")

    def launch(self):
        """Starts it and does not wait. Its log has each connection, bind and search."""
        self._configure()
        self.process.command = [
            "/usr/sbin/slapd", "-d", "stats", "-u", "openldap", "-g", "openldap",
            "-f", self._path("conf"), "-h", f"{self.uri}/ {self.tls_uri}/ {self.socket_uri}/"]
        self.process.start()

    def answers(self):
        assert self.process.running(), "slapd left at once:\n" + self.process.log()[-2000:]
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def restart(self, tls=None, idle=0):
        """idle: after how many seconds connections are closed."""
        self.idle = idle
        super().restart(tls)

    def reset(self):
        """And it has been asked nothing."""
        super().reset()
        self.forget_log()

    def forget_log(self):
        self._seen = len(self.process.log())

    def log(self):
        """What it has logged in this test, or since forget_log()."""
        return self.process.log()[self._seen:]

    def asked(self):
        """The filters it has been asked for. The one by which cached tries itself at its start is
        left out."""
        return [text for _, text in self._searches()]

    def searches(self):
        """The same, and how many entries each found. It writes that behind its answer."""
        def found():
            ends = r"(conn=\d+ op=\d+) SEARCH RESULT .* nentries=(\d+)"
            return dict(re.findall(ends, self.log()))
        until(lambda: all(operation in found() for operation, _ in self._searches()),
              "slapd's log has the end of every search")
        numbers = found()
        return [(text, int(numbers[operation])) for operation, text in self._searches()]

    def _searches(self):
        filters = re.findall(r'(conn=\d+ op=\d+) SRCH base=.* filter="(.*)"', self.log())
        return [(operation, text) for operation, text in filters if "cached-rehearsal" not in text]
