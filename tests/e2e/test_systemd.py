"""cached started as systemd starts it; the tests play systemd."""
# SPDX-License-Identifier: MIT
import os
import signal
import socket
import time

import case
import clients
import world
from cached import CONTROL_SOCKET, PROGRAM, SOCKET


class Systemd(case.Site):
    snippets = []

    def setUp(self):
        super().setUp()
        self.cached.stop()
        self.notify_path = world.path("notify")
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(self.notify_path)
        os.chmod(self.notify_path, 0o666)
        self.notify.settimeout(clients.SECONDS)
        self.addCleanup(os.remove, self.notify_path)
        self.addCleanup(self.notify.close)

    def start(self, **variables):
        self.cached.process.environment = {
            "PATH": "/usr/bin:/bin", "NOTIFY_SOCKET": self.notify_path, **variables}
        self.cached.process.start()

    def wait_for_notice(self, wanted):
        """The notification that has the line `wanted`; others before it are skipped."""
        while True:
            notice = self.notify.recv(4096).decode().split("\n")
            if wanted in notice:
                return notice

    def test_ready_reloading_and_stopping_are_notified(self):
        """READY when it answers; RELOADING with its time, then READY; STOPPING at the end."""
        self.start()
        self.wait_for_notice("READY=1")
        with clients.Wire() as wire:
            self.assertIn(b"permit", wire.ask("request=lookup", "user=alice"))
        self.cached.reload()
        notice = self.wait_for_notice("RELOADING=1")
        self.assertTrue(any(line.startswith("MONOTONIC_USEC=") for line in notice), notice)
        self.wait_for_notice("READY=1")
        self.cached.write_config("this is no line\n")
        self.cached.reload()
        self.wait_for_notice("RELOADING=1")
        self.wait_for_notice("READY=1")
        self.cached.process.send(signal.SIGTERM)
        self.wait_for_notice("STOPPING=1")
        self.assertEqual(self.cached.process.leaves(), 0)

    def test_the_watchdog_is_fed(self):
        """WATCHDOG_USEC = 0.4 s: signs of life come that often. (Not each, on a busy machine.)"""
        self.start(WATCHDOG_USEC="400000")
        self.wait_for_notice("READY=1")
        beats = []
        for _ in range(8):
            self.wait_for_notice("WATCHDOG=1")
            beats.append(time.monotonic())
        self.assertLess(min(later - beat for beat, later in zip(beats, beats[1:])), 0.4)

    def test_a_hanging_daemon_does_not_feed_the_watchdog(self):
        """Stopped by the kernel it is silent, so systemd would restart it."""
        self.start(WATCHDOG_USEC="400000")
        self.wait_for_notice("WATCHDOG=1")
        self.cached.process.freeze()
        self.notify.setblocking(False)
        try:
            while True:
                self.notify.recv(4096)
        except BlockingIOError:
            pass
        self.notify.settimeout(1)
        with self.assertRaises(socket.timeout):
            self.notify.recv(4096)
        self.cached.process.thaw()

    def test_a_socket_handed_over_by_systemd_is_used(self):
        """LISTEN_FDS=1: cached answers there, also what was asked before it started."""
        if os.path.exists(SOCKET):
            os.remove(SOCKET)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(SOCKET)
            os.chmod(SOCKET, 0o666)
            listener.listen(16)
            with clients.Wire() as wire:
                wire.send(clients.login_request("alice", self.phone))
                self.start_with_socket(listener)
                self.wait_for_notice("READY=1")
                self.assertIn(b"answer=permit", wire.receive())
            self.assertTrue(os.path.exists(CONTROL_SOCKET), "that one cached makes itself")
            self.assertEqual(self.cached.stop(), 0)
            self.assertTrue(os.path.exists(SOCKET), "the socket is systemd's, not cached's")

    def start_with_socket(self, listener):
        """As systemd does: the socket as descriptor 3, LISTEN_PID the process itself."""
        self.cached.process.command = [
            "/bin/bash", "-c", f"LISTEN_PID=$$ exec {PROGRAM} 3<&{listener.fileno()}"]
        self.cached.process.environment = {
            "PATH": "/usr/bin:/bin", "NOTIFY_SOCKET": self.notify_path, "LISTEN_FDS": "1"}
        self.cached.process.start(pass_fds=[listener.fileno()])
