"""Items: what a submission becomes, and how its versions are folded into one state.

The fold does not mind order or repetition: the highest revision wins, and a retraction wins over
all. So a delete that comes before its create, or an edit before the post, ends in the same state.
"""

import hashlib
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from services.contracts.envelope import EventData
from services.contracts.ids import CampaignId, ItemId
from services.contracts.ingest import (
    Attachment,
    CampaignAnnounced,
    Item,
    ItemChanged,
    ItemIgnored,
    ItemReceived,
    ItemWithdrawn,
    RightsBasis,
    SubmissionReceived,
)
from services.ingest.domain.campaign import effective_time
from services.ingest.domain.hashtag import matches

Life = Literal["unseen", "live", "ignored", "withdrawn"]
RetractionReason = Literal["author", "source", "account"]


@dataclass(frozen=True)
class ItemState:
    """An item as ingest keeps it; `digest` breaks the tie between two versions of one revision."""

    item: ItemId
    campaign: CampaignId
    version: int = 0
    life: Life = "unseen"
    revision: int = -1
    digest: str = ""
    retracted: bool = False
    reason: str = ""
    content: Item | None = None


@dataclass(frozen=True)
class Accept:
    """The submission is for the campaign; here is the item it makes."""

    item: Item


@dataclass(frozen=True)
class Ignore:
    """The submission is not for the campaign."""

    revision: int
    reason: str


@dataclass(frozen=True)
class Retract:
    """The post is gone at its source, or its giver took it back."""

    reason: RetractionReason


Command: TypeAlias = Accept | Ignore | Retract


#: Our own clock is no content: the same version seen twice must not look like two.
_WHEN = {"observed_at", "effective_at", "published_at"}


def digest_of(item: Item) -> str:
    """Give a digest of an item's content, for telling two versions apart."""
    return hashlib.sha256(item.model_dump_json(exclude=_WHEN).encode()).hexdigest()


def decide(  # noqa: PLR0911 - one for each way it can go
    state: ItemState, command: Command
) -> list[EventData]:
    """Say what happens to an item; nothing, when this is not news."""
    if state.retracted:
        return []
    match command:
        case Retract(reason):
            return [_gone(state, reason)]
        case Ignore(revision, reason):
            if revision <= state.revision:
                return []
            if state.life == "live":
                return [
                    ItemWithdrawn(
                        item=state.item,
                        campaign=state.campaign,
                        revision=revision,
                        reason="no-longer-matches",
                        detail=reason,
                    )
                ]
            return [
                ItemIgnored(
                    item=state.item, campaign=state.campaign, revision=revision, reason=reason
                )
            ]
        case Accept(item):
            if (item.revision, digest_of(item)) <= (state.revision, state.digest):
                return []
            return [ItemReceived(item=item) if state.life != "live" else ItemChanged(item=item)]


def _gone(state: ItemState, reason: RetractionReason) -> EventData:
    if state.life == "live":
        return ItemWithdrawn(item=state.item, campaign=state.campaign, reason=reason)
    # It was never announced, so nobody needs to hear; it must be remembered all the same.
    return ItemIgnored(
        item=state.item, campaign=state.campaign, revision=0, reason=f"retracted-{reason}"
    )


def evolve(state: ItemState, event: EventData) -> ItemState:
    """Give the state after an event; a withdrawn item keeps nothing of its content."""
    version = state.version + 1
    match event:
        case ItemReceived(item=item) | ItemChanged(item=item):
            return replace(
                state,
                version=version,
                life="live",
                revision=item.revision,
                digest=digest_of(item),
                reason="",
                content=item,
            )
        case ItemWithdrawn(reason="no-longer-matches", revision=revision, detail=detail):
            # As if it had never been live: which version was seen first must not show.
            return replace(
                state,
                version=version,
                life="ignored",
                revision=revision,
                digest="",
                reason=detail,
                content=None,
            )
        case ItemWithdrawn(reason=reason):
            return _retracted(state, version, reason)
        case ItemIgnored(reason=reason) if reason.startswith("retracted-"):
            return _retracted(state, version, reason.removeprefix("retracted-"))
        case ItemIgnored(reason=reason, revision=revision):
            return replace(
                state, version=version, life="ignored", revision=revision, digest="", reason=reason
            )
        case _:
            return state


def _retracted(state: ItemState, version: int, reason: str) -> ItemState:
    return ItemState(
        state.item, state.campaign, version, life="withdrawn", retracted=True, reason=reason
    )


def refusal(
    submission: SubmissionReceived, campaign: CampaignAnnounced | None, usable_photos: int
) -> str | None:
    """Say why a submission is not for a campaign; None when it is."""
    if campaign is None:
        return "campaign-unknown"
    if submission.visibility != "public":
        return "not-public"
    moment = effective_time(submission.published_at, submission.observed_at)
    if not campaign.opens_at <= moment < campaign.closes_at:
        return "outside-window"
    if submission.connector != "upload" and not matches(campaign.hashtags, submission.tags):
        return "no-matching-hashtag"
    if not usable_photos and not submission.text.strip():
        return "nothing-to-show"
    return None


def compose(
    submission: SubmissionReceived,
    rights: RightsBasis,
    attachments: tuple[Attachment, ...],
    refused: tuple[str, ...],
) -> Item:
    """Make an item of a submission whose photos have been rendered."""
    kind: Literal["photo", "album", "text"] = (
        "text" if not attachments else "photo" if len(attachments) == 1 else "album"
    )
    effective = effective_time(submission.published_at, submission.observed_at)
    return Item(
        item=submission.item,
        campaign=submission.campaign,
        source=submission.source,
        connector=submission.connector,
        revision=submission.revision,
        kind=kind,
        url=submission.url,
        author=submission.author,
        text=submission.text,
        content_warning=submission.content_warning,
        sensitive=submission.sensitive,
        lang=submission.lang,
        tags=submission.tags,
        attachments=attachments,
        refused_media=refused,
        published_at=submission.published_at or submission.observed_at,
        observed_at=submission.observed_at,
        effective_at=effective,
        licence=submission.licence,
        rights=rights,
        consent=submission.consent,
    )
