"""A real systemd-journald in the tests' own /run, and what it has kept, by journalctl."""
# SPDX-License-Identifier: MIT
import json
import os
import shutil
import subprocess

import world
from processes import Process, until

SOCKET = "/run/systemd/journal/socket"
SYSLOG = "/run/systemd/journal/dev-log"
# In memory, everything, and nothing of the machine's kernel.
CONFIG = "[Journal]\nStorage=volatile\nRateLimitIntervalSec=0\nReadKMsg=no\nAudit=no\n"
NODES = ("null", "zero", "full", "random", "urandom", "tty")


class Journald:
    """Ends, with all it has kept, when the test does."""

    def __init__(self, test):
        test.addCleanup(self.forget)
        self.forget()
        world.make_dir("/run/systemd/journal")
        world.make_dir("/run/log/journal")
        world.make_dir("/etc/systemd/journald.conf.d")
        with open("/etc/systemd/journald.conf.d/e2e.conf", "w") as out:
            out.write(CONFIG)
        if not os.path.exists("/etc/machine-id"):  # a bare machine has none, and journald wants one
            with open("/etc/machine-id", "w") as out:
                out.write("0123456789abcdef0123456789abcdef\n")
        with open("/proc/mounts") as mounts:
            has_cgroups = " /sys/fs/cgroup" in mounts.read()
        if not has_cgroups:  # nor has it these, in a chroot, and journald leaves at once
            subprocess.run(["mount", "-t", "cgroup2", "none", "/sys/fs/cgroup"], check=True)
        self.process = Process("journald", ["/lib/systemd/systemd-journald"])
        self.start()

    def start(self):
        self.process.start()
        until(lambda: os.path.exists(SOCKET) and os.path.exists(SYSLOG), "journald listens")

    def forget(self):
        if hasattr(self, "process"):
            self.process.thaw()
            self.process.kill()
        for directory in ("/run/systemd/journal", "/run/log/journal"):
            shutil.rmtree(directory, ignore_errors=True)

    @staticmethod
    def print(*matches):
        """The entries under mail-audit, or those that match: what journalctl -o json prints."""
        done = subprocess.run(["journalctl", "-o", "json", "--all", "--no-pager",
                               *(matches or ("-t", "mail-audit"))],
                              capture_output=True, timeout=60)
        return done.stdout

    def entries(self, *matches):
        return [json.loads(line) for line in self.print(*matches).splitlines()]

    def wait_for(self, number, *matches):
        """The last of `number` entries; there are no more."""
        until(lambda: len(self.entries(*matches)) >= number, f"{number} entries in the journal")
        entries = self.entries(*matches)
        assert len(entries) == number, f"{len(entries)} entries instead of {number}"
        return entries[-1]


def private_dev(test):
    """A /dev of the test's own, where it may make things. It has what programs need."""
    place = world.make_dir(world.path("dev"))
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", place], check=True)
    for name in NODES:
        with open(os.path.join(place, name), "w"):
            pass
        subprocess.run(["mount", "--bind", "/dev/" + name, os.path.join(place, name)], check=True)
    for name, target in (("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"),
                         ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2")):
        os.symlink(target, os.path.join(place, name))
    subprocess.run(["mount", "--rbind", place, "/dev"], check=True)
    test.addCleanup(subprocess.run, ["umount", "--recursive", "--lazy", place], check=True)
    test.addCleanup(subprocess.run, ["umount", "--recursive", "--lazy", "/dev"], check=True)
