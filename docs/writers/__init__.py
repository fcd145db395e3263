"""One module for each kind of generated file; together they give all of them."""

import json
from pathlib import Path

from docs.writers import asyncapi, commands, events, metrics, schemas, settings
from docs.writers.compatibility import breaks

#: Every generated file: its path within the checkout, and its text.
Written = dict[str, str]


def written() -> Written:
    """Give every generated file as it should be now."""
    return (
        schemas.written()
        | asyncapi.written()
        | events.written()
        | settings.written()
        | metrics.written()
        | commands.written()
    )


def stale(root: Path, files: Written) -> list[str]:
    """List the files of a checkout that are missing, differ, or belong to no event any more."""
    behind = [path for path, text in files.items() if _read(root / path) != text]
    schemas_kept = {str(path.relative_to(root)) for path in (root / schemas.FOLDER).glob("*.json")}
    return sorted({*behind, *(schemas_kept - set(files))})


def breaking(root: Path, files: Written) -> list[str]:
    """List the changes to events that a consumer of the checked-in schema could not read."""
    faults: list[str] = []
    for path, text in files.items():
        before = _read(root / path)
        if path.startswith(f"{schemas.FOLDER}/") and before is not None:
            kind = Path(path).stem
            faults += [f"{kind}: {x}" for x in breaks(json.loads(before), json.loads(text))]
    return faults


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
