"""A review: where an item stands, what may be decided about it, and what follows from that."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeAlias, assert_never

from services.contracts.envelope import EventData
from services.contracts.ids import CampaignId, ItemId
from services.contracts.ingest import Item
from services.contracts.moderation import (
    ItemCleared,
    ItemRevoked,
    ReviewClosed,
    ReviewDecided,
    ReviewOpened,
    ReviewReverted,
    ReviewStateName,
)
from services.moderation.domain.clearing import cleared_item, publishable
from services.moderation.domain.errors import (
    ForbiddenTransitionError,
    ItemWithdrawnError,
    NotYourDecisionError,
    ReasonMissingError,
    StaleReviewError,
)
from services.moderation.domain.reason import insist_on_reasons, statements_of
from services.moderation.domain.transitions import TRANSITIONS, CommandName

Life = Literal["live", "withdrawn"]
WithdrawalReason = Literal["author", "source", "account", "no-longer-matches"]
RevocationReason = Literal["taken-down", "reverted", "withdrawn", "changed"]


@dataclass(frozen=True)
class Decision:
    """What a moderator decided; its id is the review's version that it made."""

    id: int
    before: ReviewStateName
    after: ReviewStateName
    reasons: tuple[str, ...]
    by: str
    at: datetime


@dataclass(frozen=True)
class Review:
    """Where an item stands.

    `version` counts the review's own events, `item_version` is that of the last item event applied.
    `snapshot` is the item as it now is, None before it arrived and after it was withdrawn.
    `decisions` are those that still stand, the last of them last.
    """

    item: ItemId
    campaign: CampaignId
    state: ReviewStateName = TRANSITIONS.initial
    version: int = 0
    item_version: int = 0
    snapshot: Item | None = None
    life: Life = "withdrawn"
    cleared: bool = False
    decisions: tuple[Decision, ...] = ()

    @property
    def decision(self) -> Decision | None:
        """Give the decision that stands."""
        return self.decisions[-1] if self.decisions else None


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
class Withdraw:
    """An item must go."""

    reason: WithdrawalReason
    version: int


@dataclass(frozen=True)
class Approve:
    """A moderator lets the item through. `seen` is the version of the review that was looked at."""

    by: str
    seen: int


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


Arrival: TypeAlias = Receive | Change
Judgement: TypeAlias = Approve | Reject | TakeDown | Revert
Command: TypeAlias = Arrival | Withdraw | Judgement

NAMES: dict[type[Command], CommandName] = {
    Receive: "receive",
    Change: "change",
    Withdraw: "withdraw",
    Approve: "approve",
    Reject: "reject",
    TakeDown: "take-down",
    Revert: "revert",
}


def decide(review: Review, command: Command) -> list[EventData]:
    """Say what follows from a command; nothing follows from item events that are old.

    Raises ForbiddenTransitionError, StaleReviewError, ItemWithdrawnError, ReasonMissingError and
    NotYourDecisionError.
    """
    match command:
        case Receive() | Change():
            return _arrive(review, command)
        case Withdraw():
            return _withdraw(review, command)
        case Approve() | Reject() | TakeDown() | Revert():
            return _judge(review, command)
        case _:
            assert_never(command)


def _arrive(review: Review, command: Arrival) -> list[EventData]:
    item = command.snapshot
    if command.version <= review.item_version or _same_to_see(review.snapshot, item):
        return []
    opened = ReviewOpened(item=item.item, campaign=item.campaign, revision=item.revision)
    return [opened, *_revoke(review, "changed")]


def _same_to_see(known: Item | None, new: Item) -> bool:
    """Whether an item came again with nothing to judge anew."""
    if known is None:
        return False
    return known == new.model_copy(
        update={"revision": known.revision, "observed_at": known.observed_at}
    )


def _withdraw(review: Review, command: Withdraw) -> list[EventData]:
    if command.version <= review.item_version or review.life == "withdrawn":
        return []
    closed = ReviewClosed(item=review.item, campaign=review.campaign)
    return [closed, *_revoke(review, "withdrawn")]


def _judge(review: Review, command: Judgement) -> list[EventData]:
    if review.snapshot is None:
        raise ItemWithdrawnError(review.item)
    if command.seen != review.version:
        winner = review.decision.by if review.decision else None
        raise StaleReviewError(review.item, review.version, winner, review.state)
    name = NAMES[type(command)]
    after = TRANSITIONS.after(review.state, name)
    if after is None:
        raise ForbiddenTransitionError(review.item, review.state, name)
    if isinstance(command, Revert):
        _insist_may_revert(review, command)
        said: EventData = ReviewReverted(
            item=review.item, campaign=review.campaign, before=review.state, after=after
        )
        because: RevocationReason = "reverted"
    else:
        refusal = isinstance(command, Reject | TakeDown)
        reasons = (
            insist_on_reasons(review.item, command.reasons, command.note)
            if isinstance(command, Reject | TakeDown)
            else ()
        )
        said = ReviewDecided(
            item=review.item,
            campaign=review.campaign,
            before=review.state,
            after=after,
            reasons=reasons,
            statements=statements_of(reasons),
        )
        because = "taken-down" if refusal else "changed"
    if publishable(after, review.snapshot):
        return [said, ItemCleared(item=cleared_item(review.snapshot))]
    return [said, *_revoke(review, because)]


def _insist_may_revert(review: Review, command: Revert) -> None:
    last = review.decision
    if last is None or last.by == command.by:
        return
    if not command.editor:
        raise NotYourDecisionError(review.item, last.by)
    if not command.note.strip():
        raise ReasonMissingError(review.item, "undoing a colleague's decision needs a note")


def _revoke(review: Review, reason: RevocationReason) -> list[EventData]:
    if not review.cleared:
        return []
    return [ItemRevoked(item=review.item, campaign=review.campaign, reason=reason)]


def observe(review: Review, command: Command) -> Review:
    """Take over what an item event says about the item itself; decisions say nothing about it.

    Content stays out of the review's own events, so that the log holds ids only and a person can be
    forgotten.
    """
    match command:
        case Receive() | Change() if command.version > review.item_version:
            return replace(
                review, snapshot=command.snapshot, life="live", item_version=command.version
            )
        case Withdraw() if command.version > review.item_version:
            return replace(review, snapshot=None, life="withdrawn", item_version=command.version)
        case _:
            return review


def evolve(review: Review, event: EventData, by: str, at: datetime) -> Review:
    """Fold one event of the review into it."""
    version = review.version + 1
    after = replace(review, version=version)
    match event:
        case ReviewOpened():
            after = replace(after, state=TRANSITIONS.initial, life="live", decisions=())
        case ReviewClosed():
            after = replace(after, life="withdrawn")
        case ReviewDecided():
            decision = Decision(version, event.before, event.after, event.reasons, by, at)
            after = replace(after, state=event.after, decisions=(*review.decisions, decision))
        case ReviewReverted():
            after = replace(after, state=event.after, decisions=review.decisions[:-1])
        case ItemCleared() | ItemRevoked():
            after = replace(after, cleared=isinstance(event, ItemCleared))
        case _:
            pass
    return after
