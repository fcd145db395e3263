"""Which messages are due to the holder of a mandate: decided by its dates alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from services.ingest.domain.mandate import Mandate

#: How long before a start or an end its reminder is sent.
BEFORE = timedelta(days=2)
#: How long before a deadline it is told how many photos are still missing: twice.
_BEFORE_DEADLINE = (timedelta(days=2), timedelta(days=1))
#: How long after its start a mandate is still said to begin.
_BEGINS = timedelta(days=2)


@dataclass(frozen=True)
class Due:
    """A message that is due; its key has the date in it, so that a moved date is told anew."""

    key: str
    kind: Literal["reminder", "handover", "deadline"]
    about: Literal["start", "end", "deadline"]


def messages_due(mandate: Mandate, now: datetime) -> Iterator[Due]:
    """Say which messages are due now, whether they were sent already or not.

    Who said yes less than two days before the start needs no reminder of it; who has a pause or was
    stopped gets none at all.
    """
    if mandate.state != "accepted" or mandate.paused:
        return
    start, end, known = mandate.starts_at, mandate.ends_at, mandate.mandate
    said_yes = mandate.accepted.given_at if mandate.accepted else None
    if start - BEFORE <= now < start and (said_yes is None or said_yes < start - BEFORE):
        yield Due(f"start:{known}:{start.isoformat()}", "reminder", "start")
    if start <= now < min(end, start + _BEGINS):
        yield Due(f"handover:{known}:{start.isoformat()}", "handover", "start")
    if max(start, end - BEFORE) <= now < end:
        yield Due(f"reminder:{known}:{end.isoformat()}", "reminder", "end")
    if mandate.series is not None:
        yield from _deadline(mandate, mandate.series.deadline or end, now)


def _deadline(mandate: Mandate, deadline: datetime, now: datetime) -> Iterator[Due]:
    """Give the last warning that is due, never an earlier one that was missed."""
    for n, before in reversed(tuple(enumerate(_BEFORE_DEADLINE))):
        if deadline - before <= now < deadline:
            key = f"deadline:{mandate.mandate}:{deadline.isoformat()}:{n}"
            yield Due(key, "deadline", "deadline")
            return
