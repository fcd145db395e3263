"""Deciding: what follows from a command about a review."""

from dataclasses import replace
from typing import assert_never

from services.contracts.envelope import EventData
from services.contracts.ingest import Attribution, Item
from services.contracts.moderation import (
    ItemCleared,
    ItemRevoked,
    ReviewClosed,
    ReviewDecided,
    ReviewOpened,
    ReviewReverted,
    ReviewStateName,
    RevocationReason,
)
from services.moderation.domain.clearing import (
    Circumstances,
    cleared_item,
    obstacle,
    revocation_reason,
)
from services.moderation.domain.command import (
    NAMES,
    Approve,
    Arrival,
    Attribute,
    Change,
    Command,
    Consented,
    Judgement,
    LookAgain,
    Receive,
    Reject,
    Revert,
    Settle,
    TakeDown,
    Withdraw,
)
from services.moderation.domain.errors import (
    ForbiddenTransitionError,
    ItemWithdrawnError,
    NotYourDecisionError,
    OwnApprovalError,
    OwnDecisionError,
    OwnItemError,
    ReasonMissingError,
    StaleReviewError,
)
from services.moderation.domain.reason import insist_on_reasons, statements_of
from services.moderation.domain.review import (
    Outcome,
    Review,
    answered,
    asks_again,
    needs_second_person,
    observe,
)
from services.moderation.domain.transitions import TRANSITIONS, CommandName


def decide(review: Review, command: Command, around: Circumstances) -> list[EventData]:
    """Say what follows from a command; nothing follows from events that are old.

    Raises ForbiddenTransitionError, StaleReviewError, ItemWithdrawnError, ReasonMissingError,
    NotYourDecisionError, OwnItemError, OwnDecisionError and OwnApprovalError.
    """
    match command:
        case Receive() | Change() | Attribute():
            return _arrive(review, command, around)
        case Withdraw():
            return _withdraw(review, command)
        case Consented() | Settle():
            return _settle(review, observe(review, command), around)
        case LookAgain():
            return _look_again(review) if asks_again(review, command) else []
        case Approve() | Reject() | TakeDown() | Revert():
            return _judge(review, command, around)
        case _:
            assert_never(command)


def _arrive(review: Review, command: Arrival, around: Circumstances) -> list[EventData]:
    if command.version <= review.item_version:
        return []
    item = command.snapshot
    if _same_to_see(review.snapshot, item):
        return _settle(review, observe(review, command), around)
    opened = ReviewOpened(item=item.item, campaign=item.campaign, revision=item.revision)
    return [opened, *_revoke(review, "changed")]


def _same_to_see(known: Item | None, new: Item) -> bool:
    """Whether an item came again with nothing to judge anew; whom it counts for is not judged."""
    return known is not None and _judged(known) == _judged(new)


def _judged(item: Item) -> Item:
    return item.model_copy(
        update={"revision": 0, "observed_at": item.effective_at, "attribution": Attribution()}
    )


def _settle(before: Review, after: Review, around: Circumstances) -> list[EventData]:
    """Clear or revoke what changed without a decision; say it again where other facts are shown."""
    found = obstacle(after.state, after.snapshot, after.consent, around, after.people)
    if found is not None:
        return _revoke(before, revocation_reason(found))
    return _clear(before, after)


def _clear(before: Review, after: Review) -> list[EventData]:
    if after.snapshot is None:
        return []
    shown = cleared_item(after.snapshot)
    known = before.cleared and before.snapshot is not None and cleared_item(before.snapshot)
    return [] if known == shown else [ItemCleared(item=shown)]


def _withdraw(review: Review, command: Withdraw) -> list[EventData]:
    if command.version <= review.item_version or review.life == "withdrawn":
        return []
    closed = ReviewClosed(item=review.item, campaign=review.campaign)
    return [closed, *_revoke(review, "withdrawn")]


def _look_again(review: Review) -> list[EventData]:
    revision = review.snapshot.revision if review.snapshot else 0
    return [
        ReviewOpened(
            item=review.item, campaign=review.campaign, revision=revision, second_look=True
        )
    ]


def _judge(review: Review, command: Judgement, around: Circumstances) -> list[EventData]:
    if review.snapshot is None:
        raise ItemWithdrawnError(review.item)
    _insist_on_another(review, command.by, around)
    if command.seen != review.version:
        winner = review.decision.by if review.decision else None
        raise StaleReviewError(review.item, review.version, winner, review.state)
    after = _after(review, command)
    if isinstance(command, Revert):
        _insist_may_revert(review, command)
        said: ReviewDecided | ReviewReverted = _reverted(review, after)
    else:
        said = _decided(review, command, after)
    events: list[EventData] = [said, *_shown_or_gone(review, said, _because(command), around)]
    if review.parked and isinstance(command, Reject):
        events += _look_again(review)
    return events


def _after(review: Review, command: Judgement) -> ReviewStateName:
    """Say where a judgement leads. Raises OwnApprovalError and ForbiddenTransitionError."""
    name = _name(review, command)
    after = TRANSITIONS.after(review.state, name)
    if after is None or (name == "revert" and review.decision is None):
        raise ForbiddenTransitionError(review.item, review.state, name)
    return after


def _name(review: Review, command: Judgement) -> CommandName:
    """Call a judgement by its name in the table: an approval may be one of two that it takes."""
    if not isinstance(command, Approve):
        return NAMES[type(command)]
    if own_approval(review, command.by):
        raise OwnApprovalError(review.item)
    return "propose" if needs_second_person(review, answered(review, command)) else "approve"


def own_item(review: Review, account: str, around: Circumstances) -> bool:
    """Whether an item is a member of staff's own: given by them, or under their mandate."""
    giver = review.snapshot.giver_account if review.snapshot else None
    holder = around.mandate.staff_account if around.mandate else None
    return account in {giver, holder}


def own_decision(review: Review, account: str) -> bool:
    """Whether a second look was asked for at this member of staff's decision."""
    return review.second_look is not None and review.second_look.decided_by == account


def own_approval(review: Review, account: str) -> bool:
    """Whether this member of staff approved it already, and a second person must say the same."""
    return review.proposal is not None and review.proposal.by == account


def _insist_on_another(review: Review, account: str, around: Circumstances) -> None:
    """Insist that nobody decides on what is theirs, nor again on what was appealed against."""
    if own_item(review, account, around):
        raise OwnItemError(review.item)
    if own_decision(review, account):
        raise OwnDecisionError(review.item)


def _decided(
    review: Review, command: Approve | Reject | TakeDown, after: ReviewStateName
) -> ReviewDecided:
    reasons: tuple[str, ...] = ()
    if not isinstance(command, Approve):
        reasons = insist_on_reasons(review.item, command.reasons, command.note)
    return ReviewDecided(
        item=review.item,
        campaign=review.campaign,
        before=review.state,
        after=after,
        reasons=reasons,
        statements=statements_of(reasons),
        appeal=_outcome(review, command, after),
        people=answered(review, command) if isinstance(command, Approve) else review.people,
    )


def _reverted(review: Review, after: ReviewStateName) -> ReviewReverted:
    before = replace(review, decisions=review.decisions[:-1])
    return ReviewReverted(
        item=review.item,
        campaign=review.campaign,
        before=review.state,
        after=after,
        people=before.people,
    )


def _outcome(
    review: Review, command: Approve | Reject | TakeDown, after: ReviewStateName
) -> Outcome | None:
    """Say how a second look ends; one that came early is answered by an approval all the same."""
    if after == "pending":
        return None
    if isinstance(command, Approve):
        return "overturned" if review.looked_at_again or review.parked else None
    return "upheld" if review.looked_at_again else None


def _because(command: Judgement) -> RevocationReason:
    if isinstance(command, Revert):
        return "reverted"
    return "changed" if isinstance(command, Approve) else "taken-down"


def _shown_or_gone(
    review: Review,
    said: ReviewDecided | ReviewReverted,
    because: RevocationReason,
    around: Circumstances,
) -> list[EventData]:
    """Say what a decision means to the world."""
    snapshot, consent = review.snapshot, review.consent
    if snapshot is None or obstacle(said.after, snapshot, consent, around, said.people):
        return _revoke(review, because)
    return [ItemCleared(item=cleared_item(snapshot))]


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
