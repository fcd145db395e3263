"""A Mastodon-compatible server that others wrote, as a process of its own."""

import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager

import httpx

from tests.integration.processes import a_free_port

#: The account that the server has from the start, and its token.
OWNER = "mock"
TOKEN = "mock_token"


@contextmanager
def a_mastodon_server() -> Generator[str]:
    """Start the server and give its address."""
    port = a_free_port()
    command = [sys.executable, "-m", "mastodon_mock", "serve", "--in-memory"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--log-level", "error"]
    # As any server it names accounts and posts by the address at which it is asked.
    command += ["--domain", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_until_ready(f"http://127.0.0.1:{port}", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait_until_ready(server: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx.get(f"{server}/api/v1/instance", timeout=2, trust_env=False).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    message = "the server did not start"
    raise AssertionError(message)
