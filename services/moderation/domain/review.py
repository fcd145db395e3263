"""A review: where an item stands, folded from its own events and what is known of its item."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.contracts.envelope import EventData
from services.contracts.ids import CampaignId, ItemId
from services.contracts.ingest import Consent, ConsentRecorded, Item
from services.contracts.moderation import (
    ItemCleared,
    ItemRevoked,
    People,
    ReviewClosed,
    ReviewDecided,
    ReviewOpened,
    ReviewReverted,
    ReviewStateName,
)
from services.moderation.domain.command import (
    Approve,
    Attribute,
    Change,
    Command,
    Consented,
    LookAgain,
    Receive,
    Reject,
    Withdraw,
)
from services.moderation.domain.transitions import TRANSITIONS

Life = Literal["live", "withdrawn"]
Outcome = Literal["upheld", "overturned"]
#: States at which a giver can ask for a second look.
REFUSED: tuple[ReviewStateName, ...] = ("rejected", "taken-down")


@dataclass(frozen=True)
class Decision:
    """What a moderator decided; its id is the review's version that it made.

    `appeal` is how a second look ended, when this was one. `people` is what was answered last about
    who can be singled out, None while nobody was asked.
    """

    id: int
    before: ReviewStateName
    after: ReviewStateName
    reasons: tuple[str, ...]
    by: str
    at: datetime
    appeal: Outcome | None = None
    people: People | None = None


@dataclass(frozen=True)
class SecondLook:
    """The giver asked to look again: at which refusal, who had decided on it, and why."""

    decided_by: str
    before: ReviewStateName
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Review:
    """Where an item stands.

    `version` counts the review's own events, `item_version` is that of the last item event applied,
    `consent_version` that of the last consent. `snapshot` is the item as it now is, None before it
    arrived and after it was withdrawn. `decisions` are those that still stand, the last of them
    last. `appealed_at` is when the last appeal was lodged; one that is `parked` came before the
    refusal that it is about. `child_seen`: a child was found in the item before it changed.
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
    consent: ConsentRecorded | None = None
    consent_version: int = 0
    second_look: SecondLook | None = None
    appealed_at: datetime | None = None
    parked: bool = False
    child_seen: bool = False

    @property
    def decision(self) -> Decision | None:
        """Give the decision that stands."""
        return self.decisions[-1] if self.decisions else None

    @property
    def people(self) -> People | None:
        """Give the last answer about who can be singled out; that of a child outlives a change."""
        last = self.decision
        if last is not None:
            return last.people
        return "child" if self.child_seen else None

    @property
    def proposal(self) -> Decision | None:
        """Give the approval that found a child, while it waits for a second person."""
        return self.decision if self.state == "pending" else None

    @property
    def given_consent(self) -> Consent | None:
        """Give what the giver ticked, as it was last recorded."""
        if self.consent is not None:
            return self.consent.consent
        return self.snapshot.consent if self.snapshot else None

    @property
    def looked_at_again(self) -> bool:
        """Whether it waits for a second look."""
        return self.second_look is not None and self.state == "pending"

    @property
    def appealable(self) -> bool:
        """Whether a second look can be asked for: at a refusal that is not the answer to one."""
        last = self.decision
        return last is not None and self.state in REFUSED and last.appeal is None

    @property
    def unknown(self) -> bool:
        """Whether nothing was heard of the item itself yet."""
        return self.version == 0 and self.item_version == 0


def observe(review: Review, command: Command) -> Review:
    """Take over what a command says about the item, its consent or an appeal; no event repeats it.

    Content stays out of the review's own events, so that the log holds ids only and a person can be
    forgotten.
    """
    match command:
        case Receive() | Change() | Attribute() if command.version > review.item_version:
            return replace(
                review, snapshot=command.snapshot, life="live", item_version=command.version
            )
        case Withdraw() if command.version > review.item_version:
            return replace(
                review,
                snapshot=None,
                life="withdrawn",
                item_version=command.version,
                parked=False,
            )
        case Consented() if command.version > review.consent_version:
            return replace(review, consent=command.consent, consent_version=command.version)
        case LookAgain() if _is_new(review, command):
            waits = review.state == "pending" and not review.looked_at_again
            early = review.unknown or (review.life == "live" and waits)
            return replace(review, appealed_at=command.at, parked=early)
        case Approve() | Reject():
            return replace(review, parked=review.parked and _proposes(review, command))
        case _:
            return review


def presumed(review: Review) -> People | None:
    """Say what a plain approval means about who can be singled out.

    A child, where its giver or somebody at the desk said so. Else nobody; of what has no photo it
    says nothing.
    """
    consent = review.given_consent
    if review.people == "child" or (consent is not None and consent.minor):
        return "child"
    return "nobody" if review.snapshot is not None and review.snapshot.attachments else None


def answered(review: Review, approval: Approve) -> People | None:
    """Give an approval's answer about who can be singled out."""
    return approval.people or presumed(review)


def needs_second_person(review: Review, people: People | None) -> bool:
    """Whether an approval with this answer only counts once somebody else gives it too."""
    return people == "child" and review.proposal is None


def _proposes(review: Review, command: Approve | Reject) -> bool:
    return isinstance(command, Approve) and needs_second_person(review, answered(review, command))


def _is_new(review: Review, appeal: LookAgain) -> bool:
    return review.appealed_at is None or appeal.at > review.appealed_at


def asks_again(review: Review, appeal: LookAgain) -> bool:
    """Whether an appeal brings a review back to the queue now."""
    return _is_new(review, appeal) and review.life == "live" and review.appealable


def evolve(review: Review, event: EventData, by: str, at: datetime) -> Review:
    """Fold one event of the review into it."""
    version = review.version + 1
    after = replace(review, version=version)
    match event:
        case ReviewOpened():
            after = replace(
                after,
                state=TRANSITIONS.initial,
                life="live",
                decisions=(),
                second_look=_second_look(review, event),
                child_seen=review.people == "child",
            )
        case ReviewClosed():
            after = replace(after, life="withdrawn", second_look=None)
        case ReviewDecided():
            decision = Decision(
                version,
                event.before,
                event.after,
                event.reasons,
                by,
                at,
                event.appeal,
                event.people,
            )
            after = replace(after, state=event.after, decisions=(*review.decisions, decision))
        case ReviewReverted():
            after = replace(after, state=event.after, decisions=review.decisions[:-1])
        case ItemCleared() | ItemRevoked():
            after = replace(after, cleared=isinstance(event, ItemCleared))
        case _:
            pass
    return after


def _second_look(review: Review, opened: ReviewOpened) -> SecondLook | None:
    """Begin a second look; one that is not answered yet outlives a change of the item."""
    last = review.decision
    if opened.second_look and last is not None:
        return SecondLook(last.by, review.state, last.reasons)
    return review.second_look if review.looked_at_again else None
