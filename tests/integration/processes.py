"""Processes of ours under test: started, watched for readiness, killed, and always ended."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]


def a_free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def until(question: Callable[[], bool], what: str, seconds: float = 60) -> None:
    """Wait for an outcome, never for a time; says what did not happen."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if question():
            return
        time.sleep(0.05)
    message = f"waited {seconds:.0f} s in vain: {what}"
    raise AssertionError(message)


async def until_true(question: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait for an outcome inside a running loop."""
    for _ in range(1200):
        if await question():
            return
        await asyncio.sleep(0.05)
    message = f"waited 60 s in vain: {what}"
    raise AssertionError(message)


class Process:
    """A process of ours with its log, its own port, and its readiness."""

    def __init__(
        self, log: Path, environment: Mapping[str, str], *command: str, port: int | None = None
    ) -> None:
        self.port = port or a_free_port()
        self.log = log
        self._environment = {**os.environ, **environment, "DICHTBIJ_PORT": str(self.port)}
        self._command = [sys.executable, *command]
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> "Process":
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                self._command, cwd=CHECKOUT, env=self._environment, stdout=log, stderr=log
            )
        return self

    def ready(self) -> bool:
        assert self._child is not None
        if self._child.poll() is not None:
            message = f"it ended by itself; its log ends:\n{self.log.read_text()[-3000:]}"
            raise AssertionError(message)
        try:
            address = f"http://127.0.0.1:{self.port}/readyz"
            with urllib.request.urlopen(address, timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def ended(self) -> bool:
        assert self._child is not None
        return self._child.poll() is not None

    def until_ready(self, seconds: float = 60) -> "Process":
        until(self.ready, f"{self._command} is ready; log: {self.log}", seconds)
        return self

    @property
    def pid(self) -> int:
        assert self._child is not None
        return self._child.pid

    def kill(self) -> None:
        """End it without any chance to clean up, as a power cut would."""
        if self._child is not None:
            self._child.send_signal(signal.SIGKILL)
            self._child.wait()

    def stop(self) -> int:
        """Ask it to stop and give its exit code."""
        assert self._child is not None
        if self._child.poll() is None:
            self._child.send_signal(signal.SIGTERM)
            try:
                self._child.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()
        return int(self._child.returncode)
