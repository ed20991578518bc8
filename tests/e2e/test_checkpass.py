"""checkpass by itself, called as Dovecot calls it: exit codes, record, the program it runs."""
# SPDX-License-Identifier: MIT
import os
import subprocess
import time

import case
import clients
import secrets_used
from cached import SOCKET
from fake_cached import FakeCached

PROGRAM = "/usr/lib/checkpass/checkpass"
REPLY = "/usr/lib/dovecot/checkpassword-reply"
YES, NO, MISUSED, FOUND, UNKNOWN, LATER = 0, 1, 2, 2, 3, 111
RECORD = b"userdb_uid=61005\tuserdb_gid=61005\tuserdb_home=/var/mail-homes/alice\t"
WRONG = secrets_used.remember("wrong-word-this-is")


def credentials(user, password):
    return f"{user}\0{password}\0\0".encode()


def run(given, *arguments, program=(REPLY,), keep_open=False, **environment):
    """Runs checkpass as Dovecot's user with `given` on descriptor 3: (exit code, what it wrote to
    descriptor 4, stderr). keep_open: somebody else holds the pipe's other end, as in Dovecot."""
    read_given, write_given = os.pipe()
    read_record, write_record = os.pipe()
    os.write(write_given, given)
    if not keep_open:
        os.close(write_given)

    def arrange():
        sources = os.dup(read_given), os.dup(write_record)
        for source, number in zip(sources, (3, 4)):
            os.dup2(source, number)
    child = subprocess.Popen(
        [PROGRAM, *arguments, *program], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, env=environment, user="dovecot", group="dovecot", extra_groups=[],
        close_fds=False, preexec_fn=arrange)
    for number in (read_given, write_record):
        os.close(number)
    output, errors = child.communicate(timeout=clients.SECONDS)
    with os.fdopen(read_record, "rb") as record:
        result = child.returncode, record.read() + output, errors.decode()
    if keep_open:
        os.close(write_given)
    return result


class Answers(case.Site):
    snippets = []

    def test_the_exit_codes_of_a_login_are_0_1_and_111(self):
        """Right with the record, wrong without a word, and 111 when cached is away."""
        self.assertEqual(run(credentials("alice", self.phone)), (YES, RECORD, ""))
        self.assertEqual(run(credentials("alice", WRONG)), (NO, b"", ""))
        self.assertEqual(run(credentials("nobody-here", WRONG)), (NO, b"", ""))
        self.cached.stop()
        code, record, errors = run(credentials("alice", self.phone), "--timeout", "1")
        self.assertEqual((code, record, errors.count("\n")), (LATER, b"", 1))

    def test_the_exit_codes_of_a_lookup_are_2_3_and_111(self):
        """AUTHORIZED set: found with the record, unknown, and 111 when nobody can tell."""
        self.assertEqual(run(credentials("alice", ""), AUTHORIZED="1"), (FOUND, RECORD, ""))
        self.assertEqual(run(credentials("nobody-here", ""), AUTHORIZED="1"), (UNKNOWN, b"", ""))
        self.cached.stop()
        code, _, _ = run(credentials("alice", ""), "--timeout", "1", AUTHORIZED="1")
        self.assertEqual(code, LATER)

    def test_an_audit_answers_with_a_lone_tab(self):
        """A login, a lookup, and CRAM-MD5's lookup: never a field that was there before."""
        self.assertEqual(run(credentials("alice", WRONG), "--audit"), (YES, b"\t", ""))
        self.assertEqual(run(credentials("alice", ""), "--audit", AUTHORIZED="1",
                             CREDENTIALS_LOOKUP="1"), (FOUND, b"\t", ""))
        self.assertEqual(run(credentials("alice", ""), "--audit", AUTHORIZED="1",
                             CREDENTIALS_LOOKUP="1", AUTH_MECH="CRAM-MD5"), (FOUND, b"\t", ""))

    def test_an_audited_lookup_needs_no_cached(self):
        """doveadm goes on working while it is away: nobody logs in."""
        self.cached.stop()
        self.assertEqual(run(credentials("alice", ""), "--audit", AUTHORIZED="1",
                             CREDENTIALS_LOOKUP="1"), (FOUND, b"\t", ""))

    def test_credentials_for_cram_md5_are_never_found(self):
        """3, "unknown": the next passdb gets its turn, whether the user exists here or not."""
        for user in ("alice", "nobody-here"):
            self.assertEqual(run(credentials(user, ""), AUTHORIZED="1", CREDENTIALS_LOOKUP="1",
                                 AUTH_MECH="CRAM-MD5"), (UNKNOWN, b"", ""))

    def test_reading_ends_at_the_third_nul_and_not_at_the_end_of_the_pipe(self):
        """Dovecot's other children hold the pipe open: who waits for its end waits for them."""
        code, _, _ = run(credentials("alice", self.phone), keep_open=True)
        self.assertEqual(code, YES)

    def test_truncated_or_overlong_credentials_are_exit_2_with_one_line(self):
        """Nothing is guessed, and cached is not asked."""
        for given in (b"", b"alice", b"alice\0" + self.phone.encode(),
                      b"alice\0" + self.phone.encode() + b"\0", b"alice\0" + b"x" * 600 + b"\0\0",
                      b"a" * 512):
            code, record, errors = run(given)
            self.assertEqual((code, record, errors.count("\n")), (MISUSED, b"", 1), given[:20])
        self.assertEqual(self.cached.audit(), [])

    def test_wrong_arguments_are_exit_2_with_one_line(self):
        """No program to run, an option nobody knows, a time that is none."""
        for arguments, program in (
                ((), ()), (("--socket",), ()), (("--what",), (REPLY,)),
                (("--timeout", "x"), (REPLY,)), (("--timeout", "0"), (REPLY,)),
                (("--gate",), (REPLY,))):
            code, _, errors = run(credentials("alice", self.phone), *arguments, program=program)
            self.assertEqual((code, errors.count("\n")), (MISUSED, 1), arguments)

    def test_another_program_is_run_the_checkpassword_way(self):
        """USER, HOME and the other fields in its environment; no password, no descriptor 3."""
        show = ("/bin/sh", "-c", "env; if (: <&3) 2>&-; then echo descriptor 3; fi; exit 7")
        code, output, _ = run(credentials("alice", self.phone), program=show, SERVICE="imap",
                              PATH="/bin:/usr/bin")
        self.assertEqual(code, 7, "the exit status is the program's own")
        lines = output.decode().splitlines()
        for line in ("USER=alice", "HOME=/var/mail-homes/alice", "userdb_uid=61005",
                     "SERVICE=imap"):
            self.assertIn(line, lines)
        self.assertTrue(any(line.startswith("EXTRA=") and "userdb_uid" in line for line in lines))
        self.assertNotIn(self.phone.encode(), output)
        self.assertNotIn("descriptor 3", lines)

    def test_a_program_that_cannot_be_run_is_try_later(self):
        """An admin's typing error must not look like a wrong password."""
        code, record, errors = run(credentials("alice", self.phone), program=("/no/such/program",))
        self.assertEqual((code, record, errors.count("\n")), (LATER, b"", 1))

    def test_a_socket_out_of_reach_is_tried_again_and_then_try_later(self):
        """A service manager may give it to its group only after it has made it."""
        os.chmod(os.path.dirname(SOCKET), 0o700)
        before = time.monotonic()
        code, _, errors = run(credentials("alice", self.phone))
        self.assertEqual((code, errors.count("\n")), (LATER, 1))
        self.assertGreater(time.monotonic() - before, 4)


class OddAnswers(case.Site):
    """Something else listens in cached's place."""

    snippets = []

    def furnish(self):
        self.cached.stop()
        self.fake = FakeCached()
        self.addCleanup(self.fake.close)

    def run_with(self, answer):
        self.fake.answer = answer
        patience = () if answer else ("--timeout", "1")  # it asks until then
        code, record, errors = run(credentials("alice", WRONG), *patience)
        self.assertTrue(code == YES or record == b"", record)
        self.assertLessEqual(errors.count("\n"), 1, errors)
        return code

    def test_only_a_whole_and_clear_answer_counts(self):
        """Everything else is try later: never yes, and never no."""
        for answer, code in (
                (b"checkpass/1\tanswer=permit\n", YES), (b"checkpass/1\tanswer=deny\n", NO),
                (b"checkpass/1\tanswer=later\ttext=busy\n", LATER),
                (b"", LATER), (b"\n", LATER), (b"checkpass/1\n", LATER),
                (b"checkpass/1\tanswer=permit", LATER), (b"checkpass/2\tanswer=permit\n", LATER),
                (b"answer=permit\n", LATER), (b"checkpass/1\tanswer=yes\n", LATER),
                (b"checkpass/1\tanswer=\n", LATER), (b"checkpass/10\tanswer=permit\n", LATER),
                (b"checkpass/1\tanswer=deny\tanswer=permit\n", LATER),
                (b"checkpass/1\tanswer=permit\tx\x01z=1\n", LATER),
                (b"checkpass/1\tanswer=permit\ta=" + b"x" * 9000 + b"\n", LATER)):
            self.assertEqual(self.run_with(answer), code, answer[:60])


class Gate(case.Site):
    """--audit --gate, with answers of the test's choice."""

    snippets = []
    OPEN, SHUT = b"audit_nets=0.0.0.0/0,::/0,local\t", b"audit_nets=255.255.255.255/32\t"

    def furnish(self):
        self.cached.stop()
        self.fake = FakeCached()
        self.addCleanup(self.fake.close)

    def run_gate(self, answer, **environment):
        self.fake.answer = b"checkpass/1\tanswer=" + answer + b"\n"
        code, record, _ = run(credentials("alice", WRONG), "--audit", "--gate", **environment)
        return code, record

    def test_a_gate_is_opened_shut_or_left_alone(self):
        """Exit 0 with the networks for either answer; try later is 111 as ever."""
        self.assertEqual(self.run_gate(b"permit", AUTH_MECH="PLAIN"), (YES, self.OPEN))
        self.assertEqual(self.run_gate(b"deny", AUTH_MECH="PLAIN"), (YES, self.SHUT))
        self.assertEqual(self.run_gate(b"deny\ttext=log\tmessage=Go away.", AUTH_MECH="LOGIN"),
                         (YES, self.SHUT + b"reason=Go away.\t"))
        self.assertEqual(self.run_gate(b"permit\tmessage=hello", AUTH_MECH="LOGIN"),
                         (YES, self.OPEN))
        for answer in (b"later\tmessage=x", b"yes", b"", b"deny\tanswer=permit"):
            self.assertEqual(self.run_gate(answer, AUTH_MECH="PLAIN"), (LATER, b""))

    def test_where_no_gate_stands_a_denial_is_a_plain_no(self):
        """`mechanisms = plain login`: others would get by. 3 for a lookup of credentials."""
        for mechanism in ("OAUTHBEARER", "XOAUTH2", "EXTERNAL", ""):
            self.assertEqual(self.run_gate(b"deny", AUTH_MECH=mechanism), (NO, b""))
        lookup = {"AUTHORIZED": "1", "CREDENTIALS_LOOKUP": "1"}
        for mechanism in ("CRAM-MD5", "PLAIN"):
            self.assertEqual(self.run_gate(b"deny", AUTH_MECH=mechanism, **lookup), (UNKNOWN, b""))
            self.assertEqual(self.run_gate(b"permit", AUTH_MECH=mechanism, **lookup),
                             (FOUND, self.OPEN))

    def test_the_gate_is_open_for_a_lookup_that_is_no_login(self):
        """Without asking: nobody logs in."""
        self.assertEqual(self.run_gate(b"deny", AUTHORIZED="1"), (FOUND, self.OPEN))
        self.assertEqual(self.fake.requests, [])
