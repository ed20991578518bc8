"""A private world for the benchmarks: scratch directory, programs, servers, Dovecots, load.

Everything lives in one directory below /tmp and dies with it, whichever way the run ends.
"""
# SPDX-License-Identifier: MIT
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

REPLY_PROGRAM = "/usr/lib/dovecot/checkpassword-reply"
USER = "alice"
# As small as a Dovecot with an auth service can be: no mail protocol, no port, no failure delay.
DOVECOT_CONFIG = """\
base_dir = {base}
state_dir = {base}
log_path = {log}
protocols =
listen = 127.0.0.1
ssl = no
mail_location = maildir:{base}/mail
auth_mechanisms = plain
auth_failure_delay = 0
passdb {{
  driver = checkpassword
  args = {program}
}}
userdb {{
  driver = static
  args = uid=dovecot gid=dovecot home={base}/mail
}}
service auth {{
  unix_listener auth-client {{
    mode = 0666
  }}
}}
"""


class Failure(Exception):
    """Something the benchmarks stand on is broken; the message says what."""


def accepts(path):
    """Does anybody listen on this UNIX socket?"""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


class World:
    """The scratch directory and all that runs in it. Use it in a `with` statement."""

    def __init__(self, build):
        self.build = pathlib.Path(build).resolve()
        self.children = {}  # name: process, in the order they were started

    def __enter__(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._interrupted)
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="checkpass-bench-", dir="/tmp"))
        self.scratch.chmod(0o755)
        self.bin = self.scratch / "bin"  # Dovecot's user may not be able to read the checkout
        self.bin.mkdir(mode=0o755)
        return self

    def __exit__(self, *exception):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for name, child in reversed(self.children.items()):
            self._stop(name, child)
        if exception[0] not in (None, SystemExit):
            self._show_logs()
        shutil.rmtree(self.scratch, ignore_errors=True)

    @staticmethod
    def _interrupted(number, _frame):
        raise SystemExit(128 + number)

    @staticmethod
    def _stop(name, child):
        """SIGTERM to the child, time to leave, then SIGKILL to whatever is left of its session."""
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                print(f"# {name} did not stop on SIGTERM", flush=True)
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        child.wait()

    def _show_logs(self):
        for log in sorted(self.scratch.glob("*.log")):
            for line in log.read_text(errors="replace").splitlines()[-10:]:
                print(f"# {log.name}: {line}", flush=True)

    def program(self, name):
        """The path of a built program, copied to where every user may run it."""
        copy = self.bin / name
        if not copy.exists():
            for candidate in (self.build / name, self.build / "bench" / name):
                if candidate.exists():
                    shutil.copy(candidate, copy)
                    copy.chmod(0o755)
                    break
            else:
                raise Failure(f"{name} is not built: run `make`, or use `make bench`")
        return copy

    def start(self, name, command, ready, environment=None):
        """Runs a server in a session of its own until `ready` accepts connections."""
        with open(self.scratch / f"{name}.log", "ab") as log:
            child = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, cwd=self.scratch,
                env={**os.environ, **(environment or {})})
        self.children[name] = child
        deadline = time.monotonic() + 20
        while not accepts(ready):
            if child.poll() is not None:
                raise Failure(f"{name} ended with {child.returncode}")
            if time.monotonic() > deadline:
                raise Failure(f"{name} does not listen on {ready}")
            time.sleep(0.02)
        return child

    def stop(self, name):
        """Ends a server before the others."""
        self._stop(name, self.children.pop(name))

    def start_load(self, name, command):
        """Runs a load client in the background; stop_load() ends it."""
        self.children[name] = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, start_new_session=True)

    def stop_load(self, name):
        """What it printed. It is a failure when it has left by itself: at a wrong answer."""
        client = self.children.pop(name)
        client.terminate()
        output, complaint = client.communicate(timeout=10)
        if client.returncode != 0 or not output:
            raise Failure(f"{name}: {complaint.strip() or 'nothing was answered'}")
        return output

    def processor_time(self):
        """Seconds of processor time used by everything in here, our own load clients included."""
        ticks = 0
        sessions = {child.pid for child in self.children.values()}
        for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                text = path.read_text(encoding="ascii", errors="replace")
            except OSError:
                continue  # gone meanwhile; its time is in its parent's
            fields = text.rpartition(")")[2].split()
            if int(fields[3]) in sessions:
                ticks += sum(int(field) for field in fields[11:15])
        own = os.times()
        return ticks / os.sysconf("SC_CLK_TCK") + sum(own[:4])

    def start_echo(self, name, answer=None):
        """The libuv echo server, or one that has one answer for all. Returns its socket."""
        path = self.scratch / f"{name}.sock"
        command = [self.program("echo_server"), path]
        self.start(name, command + ([answer] if answer else []), path)
        return path

    def start_dovecot(self, name, program):
        """A private Dovecot whose only passdb runs `program`. Returns its auth-client socket."""
        if os.geteuid() != 0:
            raise Failure("Dovecot must be started as root")
        base = self.scratch / name
        base.mkdir(mode=0o755)
        config = self.scratch / f"{name}.conf"
        config.write_text(DOVECOT_CONFIG.format(
            base=base, log=self.scratch / f"{name}.log", program=program))
        self.start(name, ["/usr/sbin/dovecot", "-F", "-c", config], base / "auth-client")
        return base / "auth-client"
