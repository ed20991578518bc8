"""Server processes of a test: started in the foreground, logging to a file, ended with the test."""
# SPDX-License-Identifier: MIT
import os
import signal
import subprocess
import time

import world

# No test says how fast something has to be: these are for what never comes.
SECONDS = 30
STOP_SECONDS = 30


def until(condition, what, seconds=SECONDS):
    """Waits until condition() is true and returns its value; fails the test after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"after {seconds} s still not: {what}")
        time.sleep(0.02)


class Process:
    """One server and its log file. A second start() of the same object appends to the same log."""

    def __init__(self, name, command, environment=None):
        self.name = name
        self.command = command
        self.environment = environment
        self.log_path = world.path("logs", name + ".log")
        self.child = None

    def start(self, **popen):
        world.make_dir(world.path("logs"))
        with open(self.log_path, "ab") as log:
            self.child = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.environment, start_new_session=True, **popen)
        return self

    @property
    def pid(self):
        return self.child.pid

    def running(self):
        return self.child is not None and self.child.poll() is None

    def send(self, number):
        os.kill(self.child.pid, number)

    def freeze(self):
        """All of its threads have stopped when this returns."""
        self.send(signal.SIGSTOP)
        os.waitid(os.P_PID, self.child.pid, os.WSTOPPED)

    def thaw(self):
        self.send(signal.SIGCONT)

    def worked(self):
        """The processor time it has used, in seconds."""
        with open(f"/proc/{self.child.pid}/stat") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self):
        """Ends it and all it started at once, as at the end of a test."""
        return self.stop(signal.SIGKILL)

    def stop(self, number=signal.SIGTERM):
        """Ends it and everything it started (its process group), and returns its exit status."""
        if self.child is None:
            return None
        if self.running() and number != signal.SIGKILL:
            self.send(number)
            try:
                self.child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        return self.child.wait(STOP_SECONDS)

    def leaves(self):
        """Waits for it to end by itself and returns its exit status."""
        return self.child.wait(STOP_SECONDS)

    def log(self):
        if not os.path.exists(self.log_path):
            return ""
        with open(self.log_path, errors="backslashreplace") as log:
            return log.read()

    def wait_for_log(self, text, times=1):
        until(lambda: self.log().count(text) >= times, f"'{text}' in {self.name}'s log")


class Server:
    """A server that stays for the whole run. Its class has launch(), which starts it as configured
    and does not wait, answers(), and these."""

    process = None
    tls = good_tls = ()  # its certificate and key, and those it has unless a test wants others

    def start(self):
        if not self.process.running():
            self.launch()
        until(self.answers, f"{self.process.name} answers")

    def stop(self):
        self.process.stop()

    def kill(self):
        self.process.kill()

    def freeze(self):
        self.process.freeze()

    def thaw(self):
        if self.process.running():
            self.process.thaw()

    def restart(self, tls=None):
        """With another certificate and key, or with () for none where there may be none."""
        self.tls = self.tls if tls is None else tls
        self.stop()
        self.start()

    def reset(self):
        """It runs, as if nothing had been done to it."""
        self.thaw()
        if self.tls != self.good_tls:
            self.restart(self.good_tls)
        self.start()
