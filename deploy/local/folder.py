"""The one folder that holds all state of a run: data, logs, keys, process ids and the lock."""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Callable, Generator
from pathlib import Path

from deploy.local.errors import AlreadyRunningError, FolderError

#: Where this code was checked out; commands run from here.
CHECKOUT = Path(__file__).resolve().parents[2]
LOGS_KEPT = 5


class Folder:
    """Paths and small files of one run, readable by nobody but the account that runs it."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def make(self) -> None:
        """Make the folder, so that the account PostgreSQL runs as can pass through but not look."""
        try:
            for folder in (self.root, self.root / "log", self.root / "run"):
                folder.mkdir(parents=True, exist_ok=True)
            self.root.chmod(0o711)
            (self.root / "log").chmod(0o700)
            (self.root / "run").chmod(0o700)
        except PermissionError as error:
            sentence = (
                f"{self.root} belongs to another account, so nothing can be kept there. "
                "Run as that account, or remove the folder to start from nothing."
            )
            raise FolderError(sentence) from error

    def log(self, part: str) -> Path:
        """Say where a part's output goes."""
        return self.root / "log" / f"{part}.log"

    def new_log(self, part: str) -> Path:
        """Begin an empty log for a part and keep the ones of its last few starts."""
        path = self.log(part)
        for age in range(LOGS_KEPT - 1, 0, -1):
            older = path.with_name(f"{path.name}.{age}")
            if older.exists():
                older.replace(path.with_name(f"{path.name}.{age + 1}"))
        if path.exists():
            path.replace(path.with_name(f"{path.name}.1"))
        path.touch(mode=0o600)
        return path

    def pid_file(self, part: str) -> Path:
        """Say where a part's process is remembered."""
        return self.root / "run" / f"{part}.json"

    def kept(self, name: str, make: Callable[[], str] = lambda: secrets.token_hex(32)) -> str:
        """Read a secret that was made once, or make it now; only its owner may read the file."""
        path = self.root / name
        if not path.exists():
            write_private(path, make())
        return path.read_text(encoding="utf-8").strip()

    @contextlib.contextmanager
    def locked(self) -> Generator[None]:
        """Hold the folder for one run; the lock ends with the process, however that ends."""
        with (self.root / "lock").open("a+", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                lock.seek(0)
                holder = lock.read().strip() or "unknown"
                sentence = (
                    f"Dichtbij already runs from {self.root} (process {holder}). "
                    "Stop that run first: press Ctrl-C in its terminal."
                )
                raise AlreadyRunningError(sentence) from error
            lock.seek(0)
            lock.truncate()
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            yield


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{text}\n")
    fresh.replace(path)
