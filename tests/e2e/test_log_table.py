"""The rows of the log table: what they say, who is told apart in them, and at a site that has the
predecessor's table."""
# SPDX-License-Identifier: MIT
import re

import listed
import mariadb
import world
from mariadb_site import SHOWN, MariaDbSite

WRONG = "wrong-word-this-is"

# dovecot_web_auth's own, but for the column that its plug-in needs, and for an ON UPDATE that this MariaDB
# does not take; its view is made of a rank over the whole table.
PREDECESSOR = """
create table app_passwords
(
    id       bigint auto_increment
        primary key,
    uid      varchar(256)                         not null,
    password varchar(256)                         not null,
    created  datetime default current_timestamp() not null,
    comment  text                                 null,
    deleted  datetime                             null,
    constraint app_passwords_pk
        unique (uid, password)
);
create index app_passwords_uid_index
    on app_passwords (uid);
create table log
(
    id        bigint auto_increment
        primary key,
    pwid      bigint                                   not null,
    service   varchar(255)                             null,
    src_ip    text                                     null,
    src_rdns  text                                     null,
    src_loc   text                                     null,
    src_isp   text                                     null,
    timestamp datetime(3) default utc_timestamp(3) not null,
    constraint log_app_passwords_id_fk
        foreign key (pwid) references app_passwords (id)
            on delete cascade
);
create view app_passwords_with_log as
select p.id, p.uid, p.password, p.created, p.comment, l.timestamp as last_used_timestamp,
       l.src_ip as last_used_src_ip, l.src_rdns as last_used_src_rdns,
       l.src_loc as last_used_src_loc, l.src_isp as last_used_src_isp
from app_passwords p left join (
  with s1 as (select log.*, rank() over (partition by pwid order by timestamp desc) as r from log)
  select * from s1 where r = 1) l on l.pwid = p.id order by p.created;
"""


class LogSite(MariaDbSite):
    snippets = []
    sections = {"maxmind": listed.MAXMIND, "auth": {"disallow_passwords_from": "192.0.2.0/24"}}

    def setUp(self):
        listed.put_maxmind()
        super().setUp()

    def come_from(self, address, answer, password=SHOWN):
        self.assertEqual(self.ask("alice", password, f"rip={address}", "session=s-1"), answer,
                         self.said("alice"))

    def last_use(self):
        (used,), = self.server.execute_as_webmail(
            "SELECT last_used_src_ip FROM app_passwords_with_log WHERE id = %s", self.row)
        return used


class LogTable(LogSite):
    def test_a_row_says_from_where_with_which_provider_and_how_it_ended(self):
        self.come_from(listed.FRANKFURT, "permit")
        self.log_rows(1)
        row, = self.server.execute(
            "SELECT service, src_ip, src_loc, src_isp, result, reason, rule, session, "
            "host = %s, MICROSECOND(timestamp) %% 1000 FROM log",
            open("/proc/sys/kernel/hostname").read().strip())
        self.assertEqual(row, ("imap", listed.FRANKFURT, "60313 Frankfurt am Main, HE, Germany",
                               "Akamai Connected Cloud", "permit", None, None, "s-1", 1, 0))

    def test_C07_C08_a_refused_use_is_a_row_with_its_refusal_and_no_last_use(self):
        """By a list, by a network app passwords are not taken from, and because it was deleted."""
        self.come_from(listed.VODAFONE, "permit")
        self.come_from("192.0.2.9", "deny")
        self.come_from(listed.VODAFONE, "deny", WRONG)
        self.cached.configure(**self.settings, **listed.sections({"as_numbers": "AS63949"}))
        self.cached.control("reload")
        self.come_from(listed.FRANKFURT, "deny")
        self.assertEqual(len(self.log_rows(3)), 3)
        self.assertEqual(self.last_use(), listed.VODAFONE)
        self.server.execute("UPDATE app_passwords SET deleted = UTC_TIMESTAMP()")
        self.come_from(listed.VODAFONE, "deny")
        self.log_rows(4)
        rows = self.server.execute(
            "SELECT uid, comment, src_ip, result, reason, rule FROM app_password_uses "
            "ORDER BY timestamp")
        self.assertEqual(rows, (
            ("alice", "phone", listed.VODAFONE, "permit", None, None),
            ("alice", "phone", "192.0.2.9", "deny", "not from this network", None),
            ("alice", "phone", listed.FRANKFURT, "deny", "on the list as_numbers",
             f"{listed.DIRECTORY}/as_numbers.lst:1"),
            ("alice", "phone", listed.VODAFONE, "deny", "deleted", None)))

    def test_the_view_reads_as_many_rows_for_a_user_however_many_there_are(self):
        """Of 40,000 rows, half of them refused ones: those of the index it needs."""
        bob = self.insert("bob", "the-one-of-bob")
        self.server.execute(
            "INSERT INTO log (pwid, service, src_ip, timestamp, result) SELECT IF(seq %% 2, %s, %s), "
            "'imap', '192.0.2.1', UTC_TIMESTAMP(3) - INTERVAL seq SECOND, "
            "IF(seq < 20000, 'deny', 'permit') FROM seq_1_to_40000", self.row, bob)
        for sql in ("SELECT * FROM app_passwords_with_log WHERE uid = 'alice'",
                    "SELECT id FROM app_passwords_with_log WHERE uid = 'alice' "
                    "ORDER BY last_used_timestamp"):
            self.assertLess(self.rows_read(sql), 20, sql)

    def rows_read(self, sql):
        counted = self.server.execute_all(
            "FLUSH STATUS", sql, "SHOW SESSION STATUS LIKE 'Handler_read%'")
        return sum(int(row[1]) for row in counted)


class OldLogTable(LogSite):
    """dovecot_web_auth's tables, with no more than its grants."""

    def setUp(self):
        self.addCleanup(mariadb.server("first").load, mariadb.SCHEMA)
        with open(world.path("predecessor.sql"), "w") as out:
            out.write(PREDECESSOR)
        mariadb.server("first").load(world.path("predecessor.sql"))
        super().setUp()

    def test_it_is_written_as_it_stands_without_what_it_could_not_tell_apart(self):
        """A refused use would be shown as the last one."""
        self.come_from(listed.FRANKFURT, "permit")
        self.come_from("192.0.2.9", "deny")
        self.come_from(listed.VODAFONE, "permit")
        self.assertEqual([row[2] for row in self.log_rows(2)], [listed.FRANKFURT, listed.VODAFONE])
        self.assertEqual(self.server.execute("SELECT src_loc, src_isp FROM log")[0],
                         ("60313 Frankfurt am Main, HE, Germany", "Akamai Connected Cloud"))
        self.assertEqual(self.last_use(), listed.VODAFONE)
        self.assertEqual(self.cached.rows("alice")[0]["comment"], "phone")

    def test_with_our_columns_added_as_sql_says_refused_uses_are_recorded_too(self):
        self.come_from(listed.FRANKFURT, "permit")
        self.log_rows(1)
        with open(mariadb.SCHEMA) as schema:
            text = schema.read()
        steps = re.findall(r"^--   ((?:ALTER TABLE log|CREATE INDEX)[^;]*);",
                           text, re.MULTILINE)
        self.assertEqual(len(steps), 2)
        views = re.findall(r"^(CREATE OR REPLACE VIEW [^;]*);", text, re.MULTILINE)
        self.assertEqual(len(views), 2)
        for step in steps + views:
            self.server.execute(step.replace("\n--", "\n").replace("%", "%%"))
        self.cached.restart()
        self.come_from("192.0.2.9", "deny")
        self.assertEqual([row[2] for row in self.log_rows(2)], [listed.FRANKFURT, "192.0.2.9"])
        self.assertEqual(self.last_use(), listed.FRANKFURT)
