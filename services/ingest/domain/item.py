"""Items: what a submission becomes, and how its versions are folded into one state.

The fold does not mind order or repetition: the highest revision wins, and a retraction wins over
all. So a delete that comes before its create, or an edit before the post, ends in the same state.
For whom an item counts is no part of its version: it is told apart, and never makes two of one.
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypeAlias

from services.contracts.envelope import EventData
from services.contracts.ids import CampaignId, CuratorId, ItemId, MandateId, SourceId
from services.contracts.ingest import (
    Attachment,
    Attribution,
    CampaignAnnounced,
    Consent,
    Item,
    ItemAttributed,
    ItemChanged,
    ItemIgnored,
    ItemKind,
    ItemReceived,
    ItemWithdrawn,
    RightsBasis,
    SubmissionReceived,
)
from services.ingest.domain.campaign import effective_time
from services.ingest.domain.hashtag import matches
from services.ingest.domain.reference import kind_of_link

Life = Literal["unseen", "live", "ignored", "withdrawn"]
RetractionReason = Literal["author", "source", "account"]


@dataclass(frozen=True)
class Origin:
    """Where and when an item came from, as far as it says for whom it counts.

    `giver` is the curator through whose own link it came.
    """

    author_key: str | None = None
    giver: CuratorId | None = None
    effective_at: datetime | None = None


@dataclass(frozen=True)
class Verdict:
    """For whom an item counts, and what follows: `agreed` is the consent given for the mandate."""

    attribution: Attribution = field(default_factory=Attribution)
    agreed: Consent | None = None
    rights: RightsBasis = field(default_factory=RightsBasis)


@dataclass(frozen=True)
class ItemState:
    """An item as ingest keeps it; `digest` breaks the tie between two versions of one revision.

    `admitted` is the mandate for which editors count it although it came late.
    """

    item: ItemId
    campaign: CampaignId
    version: int = 0
    life: Life = "unseen"
    revision: int = -1
    digest: str = ""
    retracted: bool = False
    reason: str = ""
    content: Item | None = None
    admitted: MandateId | None = None
    origin: Origin = field(default_factory=Origin)

    @property
    def mandate(self) -> MandateId | None:
        """Give the mandate for which it counts, if any."""
        return self.content.attribution.mandate if self.content else None


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


@dataclass(frozen=True)
class Attribute:
    """The item counts for somebody else, because of a mandate, a proof or an editor."""

    verdict: Verdict


@dataclass(frozen=True)
class Exclude:
    """The item as it is no longer belongs to the campaign, though nobody edited it."""

    reason: str


Command: TypeAlias = Accept | Ignore | Retract | Attribute | Exclude


#: Our own clock is no content, nor is what follows from a mandate: the same version seen twice must
#: not look like two.
_NOT_CONTENT = {"observed_at", "effective_at", "published_at", "attribution", "rights"}


def digest_of(item: Item) -> str:
    """Give a digest of an item's content, for telling two versions apart."""
    own = item.consent is not None and item.consent.evidence != "mandate"
    left_out = _NOT_CONTENT if own else _NOT_CONTENT | {"consent"}
    return hashlib.sha256(item.model_dump_json(exclude=left_out).encode()).hexdigest()


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
            return [] if revision <= state.revision else [_left_out(state, revision, reason)]
        case Exclude(reason):
            return [_left_out(state, state.revision, reason)] if state.life == "live" else []
        case Attribute(verdict):
            if state.content is None:
                return []
            after = credited(state.content, verdict, state.origin.giver)
            return [] if after == state.content else [ItemAttributed(item=after)]
        case Accept(item):
            if (item.revision, digest_of(item)) <= (state.revision, _known_digest(state)):
                return []
            return [ItemReceived(item=item) if state.life != "live" else ItemChanged(item=item)]


def credited(item: Item, verdict: Verdict, giver: CuratorId | None) -> Item:
    """Give an item as it is when it counts for somebody.

    What counts for a mandate and came from its source or account, without a consent of its own, is
    given under what the curator agreed to for the whole mandate; that is lent, and goes again when
    it no longer counts.
    """
    lent = giver is None and item.consent is not None and item.consent.evidence == "mandate"
    own = None if lent else item.consent
    change: dict[str, object] = {"attribution": verdict.attribution}
    if own is not None:
        change["consent"] = _narrowed(own, verdict.agreed)
    if own is None and giver is None and verdict.agreed is not None:
        change["consent"] = verdict.agreed.model_copy(update={"evidence": "mandate"})
        change["rights"] = RightsBasis(
            basis="declared", evidence=f"mandate {verdict.attribution.mandate}"
        )
    elif lent:
        change |= {"consent": None, "rights": verdict.rights}
    return item.model_copy(update=change)


def _narrowed(own: Consent, agreed: Consent | None) -> Consent:
    """Leave out what was taken back for the whole mandate while the item was on its way."""
    if agreed is None or own.evidence != "mandate" or own.given_at != agreed.given_at:
        return own
    kept = tuple(channel for channel in own.channels if channel in agreed.channels)
    return own if kept == own.channels else own.model_copy(update={"channels": kept})


def _known_digest(state: ItemState) -> str:
    """Digest what is kept, so that a new way of digesting makes no version look new."""
    return digest_of(state.content) if state.content else state.digest


def _left_out(state: ItemState, revision: int, reason: str) -> EventData:
    if state.life == "live":
        return ItemWithdrawn(
            item=state.item,
            campaign=state.campaign,
            revision=revision,
            reason="no-longer-matches",
            detail=reason,
        )
    return ItemIgnored(item=state.item, campaign=state.campaign, revision=revision, reason=reason)


def _gone(state: ItemState, reason: RetractionReason) -> EventData:
    if state.life == "live":
        return ItemWithdrawn(item=state.item, campaign=state.campaign, reason=reason)
    # It was never announced, so nobody needs to hear; it must be remembered all the same.
    return ItemIgnored(
        item=state.item, campaign=state.campaign, revision=0, reason=f"retracted-{reason}"
    )


def evolve(  # noqa: PLR0911 - one for each way it can go
    state: ItemState, event: EventData
) -> ItemState:
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
        case ItemAttributed(item=item):
            return replace(state, version=version, content=item)
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
                state,
                version=version,
                life="ignored",
                revision=revision,
                digest="",
                reason=reason,
                content=None,
            )
        case _:
            return state


def _retracted(state: ItemState, version: int, reason: str) -> ItemState:
    return ItemState(
        state.item,
        state.campaign,
        version,
        life="withdrawn",
        retracted=True,
        reason=reason,
        admitted=state.admitted,
        origin=replace(state.origin, author_key=None),
    )


#: Reasons that lie with the campaign and its mandates, so that they can pass without an edit.
PASSING = ("no-mandate", "kind-not-taken", "campaign-draft", "campaign-archived")
_NOBODY = Attribution()


def refusal(
    submission: SubmissionReceived,
    campaign: CampaignAnnounced | None,
    usable_photos: int,
    attribution: Attribution = _NOBODY,
    *,
    live: bool = False,
) -> str | None:
    """Say why a submission is not for a campaign; None when it is.

    `live` says that it is the next version of an item that is for the campaign already.
    """
    if campaign is None:
        return "campaign-unknown"
    # What was published stays where it is, and can be mended there.
    if campaign.phase in {"draft", "archived"} and not live:
        return f"campaign-{campaign.phase}"
    reason = _unfit(submission, campaign) or _nothing_to_show(submission, usable_photos)
    if reason is None and not _takes(campaign, kind_of(submission, usable_photos)):
        return "kind-not-taken"
    if reason is None and campaign.contributors == "curators" and attribution.lane == "open":
        return "no-mandate"
    return reason


def _unfit(submission: SubmissionReceived, campaign: CampaignAnnounced) -> str | None:
    # A paused or closed campaign is no reason: what was made while it was live may be read later.
    if submission.visibility != "public":
        return "not-public"
    moment = effective_time(submission.published_at, submission.observed_at)
    if not campaign.opens_at <= moment < campaign.closes_at:
        return "outside-window"
    if submission.connector != "upload" and not matches(campaign.hashtags, submission.tags):
        return "no-matching-hashtag"
    return None


def _nothing_to_show(submission: SubmissionReceived, usable_photos: int) -> str | None:
    shows = usable_photos or submission.text.strip() or submission.link is not None
    return None if shows else "nothing-to-show"


def _takes(campaign: CampaignAnnounced, kind: ItemKind) -> bool:
    # Whoever asks for photos takes several in one post too.
    return kind in campaign.kinds or (kind == "album" and "photo" in campaign.kinds)


def kind_of(submission: SubmissionReceived, photos: int) -> ItemKind:
    """Say what a submission is, with so many photos that can be shown."""
    if photos:
        return "photo" if photos == 1 else "album"
    return "text" if submission.link is None else kind_of_link(submission.link.url)


def origin_of(submission: SubmissionReceived) -> Origin:
    """Give what says for whom a submission counts."""
    return Origin(
        author_key=submission.author.key,
        giver=submission.curator,
        effective_at=effective_time(submission.published_at, submission.observed_at),
    )


def compose(
    submission: SubmissionReceived,
    verdict: Verdict,
    attachments: tuple[Attachment, ...],
    refused: tuple[str, ...],
) -> Item:
    """Make an item of a submission whose photos have been rendered."""
    item = Item(
        item=submission.item,
        campaign=submission.campaign,
        source=submission.source,
        connector=submission.connector,
        revision=submission.revision,
        kind=kind_of(submission, len(attachments)),
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
        effective_at=effective_time(submission.published_at, submission.observed_at),
        licence=submission.licence,
        rights=verdict.rights,
        consent=submission.consent,
        giver_account=submission.giver_account,
        link=submission.link,
        place=submission.place,
    )
    return credited(item, verdict, submission.curator)


def rights_of(campaign: CampaignAnnounced, source: SourceId) -> RightsBasis:
    """Say why what comes from a source may be shown, where nothing else is agreed."""
    for described in campaign.sources:
        if described.source == source:
            return described.rights
    return RightsBasis()
