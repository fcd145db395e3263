"""Failures in our own words: what kind they are and where they arose, never what they say.

The text of an exception may hold what somebody wrote or is called: PostgreSQL names the row that
it refused, a validator the value. Logs, traces and dead letters are kept long and read by many.
"""

import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from services.contracts.envelope import misfits

_SERVICES = Path(__file__).parents[1]
#: Errors that caused each other, and frames of each, beyond which nobody reads on.
_LINKS, _FRAMES = 8, 40


def reason_of(error: BaseException) -> str:
    """Say of what kind an error is: PostgreSQL's code and constraint, or the fields that misfit."""
    name = type(error).__name__
    if isinstance(error, ValidationError):
        return f"{name} {misfits(error)}"
    diagnosis = getattr(error, "diag", None)
    named = (getattr(diagnosis, f"{kind}_name", None) for kind in ("table", "column", "constraint"))
    told = (getattr(error, "sqlstate", None), *named)
    return " ".join([name, *(part for part in told if isinstance(part, str))])


def reason_and_place(error: BaseException) -> str:
    """Say of what kind an error is, what caused it, and the line of ours at which it arose."""
    reasons = " from ".join(reason_of(one) for one in _caused(error))
    ours = [f for f in _frames(error) if Path(f["file"]).is_relative_to(_SERVICES)]
    if not ours:
        return reasons
    file = Path(ours[-1]["file"]).relative_to(_SERVICES.parent)
    return f"{reasons} at {file}:{ours[-1]['line']} in {ours[-1]['function']}"


def failure_facts(error: BaseException) -> list[dict[str, Any]]:
    """Give an error and what caused it, each with its frames, the innermost last."""
    return [
        {"type": type(one).__name__, "reason": reason_of(one), "frames": _frames(one)}
        for one in _caused(error)
    ]


def failure_lines(error: BaseException) -> str:
    """Give the same for a person who reads a terminal."""
    return "\n".join(
        line
        for failure in failure_facts(error)
        for line in (
            failure["reason"],
            *(f"  {f['file']}:{f['line']} in {f['function']}" for f in failure["frames"]),
        )
    )


def without_words(given: tuple[object, ...] | Mapping[str, object]) -> Any:  # noqa: ANN401 - of any sort
    """Give the arguments of a library's log line with each error by its kind only."""
    if isinstance(given, tuple):
        return tuple(_told(one) for one in given)
    return {name: _told(one) for name, one in given.items()}


def _told(given: object) -> object:
    return reason_of(given) if isinstance(given, BaseException) else given


def _caused(error: BaseException) -> Iterator[BaseException]:
    """Give an error, what caused it, and what caused that; of a group, its first member."""
    found: BaseException | None = error
    for _ in range(_LINKS):
        if found is None:
            return
        yield found
        if isinstance(found, BaseExceptionGroup):
            found = cast("BaseExceptionGroup[BaseException]", found).exceptions[0]
        else:
            found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def _frames(error: BaseException) -> list[dict[str, Any]]:
    walked = traceback.walk_tb(error.__traceback__)
    return [
        {"file": frame.f_code.co_filename, "line": line, "function": frame.f_code.co_qualname}
        for frame, line in walked
    ][-_FRAMES:]
