"""Accounts in a directory: who exists, who may log in, and what Dovecot is told of them."""
# SPDX-License-Identifier: MIT
import case
import clients
import dovecot
import secrets_used
import slapd
from slapd_site import WORD, SlapdSite

WRONG = secrets_used.remember("wrong-word-this-is")
NO_SUCH_USER = 67

# None of them has an account, whatever they do to a filter.
NOBODY = [
    "*", "ali*", "a*e", "**", "al?ce", "\\61lice", "\\2a", "\\75ser00001", "al\\69ce",
    "alice)(homeDirectory=/var/mail-homes/alice", "zz)(uid=alice", "a(b", "a)b", "(", ")", "()",
    "alice)", "(alice", "*)(uid=*))(|(uid=*", "zz)(|(uid=*", "alice)(&", "!(uid=zz)",
    "al_ce", "%lice", "%u", "%%", "%n", "%d", "alice%", "(uid=alice)", "alice,ou=people", "a=b",
    "|(uid=alice)", "alice\0", "alice\0x", "\0alice", "\0", "álice", "\\", "alice\\", "alice\\00",
    b"alice\xff", b"\xc1\xa1lice", b"\xf0\x28\x8c\xbc", "alice@example.org", "alice;binary",
    "al\nice", "member\n0", 255 * "a", 255 * "*", 255 * "(", 255 * "\\", 1000 * "ü", 4000 * "*",
]


class LdapAccounts(SlapdSite):
    snippets = []

    def test_an_account_and_an_app_password_together_are_let_in(self):
        """The directory is asked once, by equality, over one connection that stays."""
        self.assert_permitted("alice", "alice", "alice")
        self.assertEqual(self.server.searches(), [("(uid=alice)", 1)] * 3)
        self.assertLessEqual(self.server.log().count(f'BIND dn="{slapd.BIND_DN}" method=128'), 2)
        self.assert_denied("alice", WRONG, "wrong password")

    def test_whoever_is_not_in_the_directory_is_an_unknown_user(self):
        """Though the database has rows for the name."""
        self.let("zoe")
        self.assert_denied("zoe", WORD, "unknown user")
        self.assert_denied("zoe", WRONG, "unknown user")

    def test_whoever_has_no_app_password_is_refused_though_in_the_directory(self):
        """An account alone lets nobody in."""
        self.assert_denied("henry", WORD, "no app password")

    def test_A01_a_disabled_account_is_refused_with_the_right_password(self):
        """Home /dev/null, shell /bin/false or /usr/sbin/nologin: the log says `account disabled`,
        and no log row is written."""
        self.let("bob", "carol", "dave")
        for user in ("bob", "carol", "dave"):
            self.assert_denied(user, WORD, "account disabled")
            self.assert_denied(user, WRONG, "account disabled")
        self.assertEqual(self.cached.execute("SELECT count(*) FROM log"), [(0,)])

    def test_which_homes_and_shells_disable_an_account_is_an_option(self):
        """As with the predecessor, for whom nologin was a shell like others."""
        self.let("bob", "carol", "dave")
        self.reconfigure(disabled_homes="/var/mail-homes/alice /nonexistent",
                         disabled_shells="/bin/false")
        self.assert_permitted("bob", "dave")
        self.assert_denied("alice", WORD, "account disabled")
        self.assert_denied("carol", WORD, "account disabled")

    def test_A06_an_entry_without_home_and_shell_logs_in(self):
        """A person without a UNIX account."""
        self.let("erin")
        self.assert_permitted("erin")
        self.reconfigure(fields="home=%{homeDirectory} uid=%{uidNumber}")
        self.assert_permitted("erin")

    def test_two_entries_of_one_name_are_try_later_and_an_error(self):
        """Nobody can tell which of them is meant; with a narrower base it is one."""
        self.let("twin")
        self.assert_later("twin", "cached: .*twin")
        self.reconfigure(base=slapd.PEOPLE)
        self.assert_permitted("twin")

    def test_base_and_scope_say_where_accounts_are(self):
        """Any depth, one level, or the entry itself."""
        self.let("frank", "grace")
        self.assert_permitted("alice", "frank", "grace")
        self.reconfigure(base=slapd.PEOPLE)
        self.assert_permitted("alice", "frank")
        self.assert_denied("grace", WORD, "unknown user")
        self.reconfigure(base=slapd.PEOPLE, scope="one")
        self.assert_permitted("alice")
        self.assert_denied("frank", WORD, "unknown user")
        self.reconfigure(base=slapd.PEOPLE, scope="base")
        self.assert_denied("alice", WORD, "unknown user")

    def test_the_filter_says_what_an_account_is(self):
        """With %u, %n and %d, each escaped."""
        self.let("erin", "henry@example.org", "*@example.org", "x)(uid=alice@example.org")
        self.reconfigure(filter="(&(objectClass=posixAccount)(uid=%u))")
        self.assert_permitted("alice")
        self.assert_denied("erin", WORD, "unknown user")
        self.reconfigure(filter="(&(uid=%n)(!(cn=%d)))")
        self.assert_permitted("henry@example.org")
        self.assert_denied("*@example.org", WORD, "unknown user")
        self.assert_denied("x)(uid=alice@example.org", WORD, "unknown user")

    def test_a_directory_option_that_makes_no_sense_is_an_error_at_the_start(self):
        """Named with its line."""
        for ldap in ({"uri": "http://localhost"}, {"uri": "localhost"}, {"filter": "(uid=%u"},
                     {"filter": "uid=%u)"}, {"filter": "(uid=alice)(uid=%u)"},
                     {"fields": "home=%{homeDirectory"}, {"fields": "homeDirectory"}):
            (option, _), *_ = ldap.items()
            self.assert_config_error(rf"cached\.conf:\d+: .*{option}", **ldap)


class LdapNames(SlapdSite):
    snippets = []

    def test_A02_an_underscore_is_no_wildcard_in_the_directory(self):
        """al_ice and alxice are two."""
        self.cached.insert_password("al_ice", "the-one-of-al_ice")
        self.cached.insert_password("alxice", "the-one-of-alxice")
        self.assert_denied("al_ice", "the-one-of-alxice", "wrong password")
        self.assertEqual(self.ask("al_ice", "the-one-of-al_ice"), "permit")
        self.assertEqual(self.ask("alxice", "the-one-of-alxice"), "permit")

    def test_A04_A03_no_name_finds_the_account_of_another(self):
        """Each of them has an app password that is right, so that only the directory can refuse:
        it is an unknown user, never "try later", never `account disabled`."""
        for name in NOBODY:
            if isinstance(name, str):
                self.let(name)
        for name in NOBODY:
            self.assert_denied(name, WORD, "unknown user")
        self.assert_permitted("alice")
        self.assertEqual(max(found for _, found in self.server.searches()), 1)

    def test_A04_a_prefix_does_not_tell_what_another_account_is_like(self):
        """bob's is disabled; `bo*` is no way to find that out."""
        for name in ("bo*", "b*", "bob)(homeDirectory=/dev/null"):
            self.let(name)
            self.assert_denied(name, WORD, "unknown user")

    def test_D03_a_star_costs_no_search_of_all_entries(self):
        """It is asked for as a letter and finds nothing."""
        self.let("*")
        self.assert_denied("*", WORD, "unknown user")
        (text, found), = self.server.searches()
        self.assertEqual((text.lower(), found), ("(uid=\\2a)", 0))

    def test_accounts_whose_names_need_escapes_log_in(self):
        """They are asked for as what they are."""
        names = ("a*b", "a(b)c", "back\\slash", "%")
        self.let(*names, "axb", "a(b", "back\\\\slash", "a*")
        self.assert_permitted(*names)
        for name in ("axb", "a(b", "back\\\\slash", "a*"):
            self.assert_denied(name, WORD, "unknown user")

    def test_what_the_directory_takes_for_equal_is_not_equal_in_the_database(self):
        """Case, blanks and width do not matter to it; alice's rows are alice's."""
        for name in ("ALICE", "ａlice"):
            self.assert_denied(name, WORD, "no app password")
        for name in (" alice", "alice ", "alice  smith"):
            self.assert_denied(name, WORD, "unknown user")
            with clients.Wire() as wire:
                self.assertIn(b"answer=deny", wire.ask("request=lookup", f"user={name}"))

    def test_a_name_is_looked_up_in_the_directory_as_in_the_database(self):
        """[auth] username decides for both."""
        self.let("henry")
        self.reconfigure(sections={"auth": {"username": "local_part"}})
        self.assert_permitted("henry", "Henry@Example.org")
        self.assertEqual({text for text, _ in self.server.searches()}, {"(uid=henry)"})
        self.reconfigure(sections={"auth": {"username": "lower"}})
        self.assert_permitted("HENRY")
        self.assert_denied("Henry@Example.org", WORD, "unknown user")


class LdapUserdb(SlapdSite):
    ldap = {"fields": "home=%{homeDirectory} uid=%{uidNumber} gid=%{gidNumber}"
                      " quota_rule=*:bytes=%{roomNumber}"}
    sections = {"userdb": {"uid": "61006", "gid": "61006", "home": "/var/mail-homes/nowhere"}}

    def furnish(self):
        super().furnish()
        self.let("frank", "bob", "twin", "zoe")
        dovecot.deliver("of-staff")
        dovecot.deliver("of-staff/frank")

    def test_attributes_become_the_fields_of_the_userdb(self):
        """Mail is read in the home, and as the uid, that the directory names."""
        self.assert_reads_mail("frank", WORD)
        self.assert_audit(1, user="<frank>", service="imap", result="permit")

    def test_a_disabled_account_and_an_ambiguous_one_over_imap(self):
        """Refused like a wrong password, and told to try later."""
        self.assertEqual(self.imap_login("bob", WORD), case.REFUSED)
        self.assert_audit(1, reason="<account disabled>")
        answer = self.imap_login("twin", WORD)
        self.assertTrue(answer.startswith(case.LATER), answer)

    def test_lookups_are_answered_out_of_the_directory(self):
        """doveadm user has home, uid, gid and quota; henry has no app password, and mail."""
        for user, home in (("frank", "of-staff/frank"), ("henry", "henry")):
            code, output = self.dovecot.doveadm("user", user)
            self.assertEqual(code, 0, output)
            for line in ("uid\t61005", "gid\t61005", f"home\t/var/mail-homes/{home}",
                         "quota_rule\t*:bytes=4711"):
                self.assertIn(line, output)
            code, output = self.dovecot.doveadm("auth", "lookup", user)
            self.assertEqual(code, 0, output)
        self.assertEqual(self.cached.audit(), [])

    def test_lookups_know_whom_the_directory_does_not_know(self):
        """Not even who has app passwords; with two entries it is a temporary failure."""
        for question in (("user",), ("auth", "lookup")):
            code, output = self.dovecot.doveadm(*question, "zoe")
            self.assertEqual(code, NO_SUCH_USER, output)
            code, output = self.dovecot.doveadm(*question, "twin")
            self.assertEqual(code, 75, output)
            self.assertNotIn("doesn't exist", output)

    def test_a_field_whose_attribute_is_missing_is_that_of_the_config(self):
        """erin has no home in the directory; [userdb] home is for her."""
        code, output = self.dovecot.doveadm("user", "erin")
        self.assertEqual(code, 0, output)
        self.assertIn("home\t/var/mail-homes/nowhere", output)
        self.assertIn("uid\t61006", output)
        self.assertNotIn("quota_rule", output)
