"""What can be asked of a review: by events about its item, by moderators, and by the clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from services.contracts.ingest import ConsentRecorded, Item
from services.contracts.moderation import People
from services.moderation.domain.transitions import CommandName

WithdrawalReason = Literal["author", "source", "account", "no-longer-matches"]


@dataclass(frozen=True)
class Receive:
    """An item arrived; `version` is the subjectversion of its event."""

    snapshot: Item
    version: int


@dataclass(frozen=True)
class Change:
    """An item was edited at its source."""

    snapshot: Item
    version: int


@dataclass(frozen=True)
class Attribute:
    """An item counts for somebody else than before."""

    snapshot: Item
    version: int


@dataclass(frozen=True)
class Withdraw:
    """An item must go."""

    reason: WithdrawalReason
    version: int


@dataclass(frozen=True)
class Consented:
    """What the giver agrees to is something else than before; it may come before the item."""

    consent: ConsentRecorded
    version: int


@dataclass(frozen=True)
class LookAgain:
    """The giver asks for a second look at a refusal."""

    at: datetime


@dataclass(frozen=True)
class Settle:
    """Time passed or a mandate changed: clear or revoke the item where that follows."""


@dataclass(frozen=True)
class Approve:
    """A moderator lets the item through. `seen` is the version of the review that was looked at.

    `people` says who can be singled out in it; None says what `presumed` presumes.
    """

    by: str
    seen: int
    people: People | None = None


@dataclass(frozen=True)
class Reject:
    """A moderator keeps the item out."""

    by: str
    seen: int
    reasons: Sequence[str]
    note: str = ""


@dataclass(frozen=True)
class TakeDown:
    """A moderator removes an item that was let through."""

    by: str
    seen: int
    reasons: Sequence[str]
    note: str = ""


@dataclass(frozen=True)
class Revert:
    """Undo the last decision: one's own, or as an editor with a note that says why."""

    by: str
    seen: int
    editor: bool = False
    note: str = ""


Arrival: TypeAlias = Receive | Change | Attribute
Judgement: TypeAlias = Approve | Reject | TakeDown | Revert
Command: TypeAlias = Arrival | Withdraw | Consented | LookAgain | Settle | Judgement

#: What each judgement is called in the table of transitions.
NAMES: dict[type[Judgement], CommandName] = {
    Approve: "approve",
    Reject: "reject",
    TakeDown: "take-down",
    Revert: "revert",
}
