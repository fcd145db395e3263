"""What a part of the running system is: a command, what it needs, and how one sees it is ready."""

import http.client
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.folder import CHECKOUT

PROBE_SECONDS = 2.0

Check = Callable[[], bool]


def nothing() -> None:
    """Prepare a part that needs no preparation."""


def always() -> bool:
    """Take a part as ready as soon as it runs."""
    return True


@dataclass(frozen=True, slots=True)
class Account:
    """The system account a part runs as, where that is not our own."""

    uid: int
    gid: int


@dataclass(frozen=True, kw_only=True)
class Part:
    """One process of the system, or one command that must have succeeded before others start."""

    name: str
    command: tuple[str, ...]
    needs: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    #: Runs before every start, in the part's own thread: downloads, formats, clears up.
    prepare: Callable[[], None] = nothing
    ready: Check = always
    #: Seconds from start to ready (a one-shot: to its end), after which a start counts as a crash.
    #: Generous, because ending what is merely slow makes a busy machine busier.
    deadline: float = 180.0
    #: A command that ends by itself; the part is ready once it has ended well.
    one_shot: bool = False
    #: Whether the system stops when this part gives up for good.
    essential: bool = True
    #: Runs after a one-shot ended well.
    finished: Callable[[], None] = nothing
    directory: Path = CHECKOUT
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    #: Seconds between the stop signal and the kill.
    patience: float = 15.0
    #: What the kernel sends to the part when the supervisor dies.
    death_signal: signal.Signals = signal.SIGKILL
    #: Shown when the part is ready.
    address: str = ""


def python(*arguments: str) -> tuple[str, ...]:
    """Give the command that runs one of our own modules with the interpreter we run on."""
    return (sys.executable, "-m", *arguments)


def answers_http(port: int, path: str, *, status: int | None = 200) -> Check:
    """Check that a web server answers on the port; with no status, any answer will do."""

    def check() -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PROBE_SECONDS)
        try:
            connection.request("GET", path)
            found = connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return status is None or found == status

    return check


def answers(port: int, question: bytes, right: Callable[[bytes], bool]) -> Check:
    """Check that the server on the port gives the right first bytes to a question."""

    def check() -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=PROBE_SECONDS) as connection:
                connection.sendall(question)
                return right(connection.recv(64))
        except OSError:
            return False

    return check
