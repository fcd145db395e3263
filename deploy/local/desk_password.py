"""The local coordinator's first password, printed once by the migration and kept for the person."""

import re

from deploy.local.addresses import COORDINATOR
from deploy.local.folder import Folder, write_private

PRINTED = re.compile(rf"first-run password for {COORDINATOR}: (\S+)")
KEPT = "(kept in desk-password)"


def take(folder: Folder) -> None:
    """Move the password from the migration's log to a file that only its owner can read.

    Older logs are searched too: a run that was killed in between left it there.
    """
    log = folder.log("migrate")
    for path in (log, *sorted(log.parent.glob(f"{log.name}.*"))):
        text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        found = PRINTED.search(text)
        if found and found[1] not in KEPT.split():
            write_private(folder.root / "desk-password", found[1])
            path.write_text(text.replace(found[1], KEPT), encoding="utf-8")
            return


def read(folder: Folder) -> str:
    """Give the password, or nothing where the migration never printed one."""
    path = folder.root / "desk-password"
    return path.read_text(encoding="utf-8").strip() if path.exists() else ""
