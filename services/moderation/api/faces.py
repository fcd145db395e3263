"""A card as the desk shows it: which photo, which words, and what a moderator must notice."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from services.contracts.ids import ItemId
from services.contracts.ingest import (
    Attachment,
    CampaignAnnounced,
    Channel,
    ChannelGrant,
    Consent,
    Item,
    MandateAnnounced,
    Rendition,
)
from services.contracts.moderation import People
from services.moderation.domain.clearing import Circumstances, obstacle
from services.moderation.domain.deciding import own_approval, own_decision, own_item
from services.moderation.domain.review import presumed
from services.moderation.store.queue import Card

#: Why somebody may not decide on an item: it is theirs, or the decision that it is about is.
Own = Literal["", "own-item", "own-decision", "own-approval"]

#: Widths in pixels that a card, and the enlarged photo, ask for.
_ON_CARD, _ENLARGED = 640, 1600


@dataclass(frozen=True)
class Photo:
    """A photo's addresses behind the sign-in; `light` is AVIF, `plain` what every browser shows."""

    plain: str
    light: str | None
    large: str
    width: int
    height: int
    alt: str | None


@dataclass(frozen=True)
class Use:
    """Where an item may be used: until when, or that it was taken back."""

    channel: Channel
    withdrawn: bool
    until: str | None


@dataclass(frozen=True)
class Face:
    """Everything that a card shows; `own` says why only a colleague may decide on it.

    `people` says who can be singled out: as it was answered or, while it waits, as a plain approval
    says. `asks`: nobody told whether who is shown agreed, so the card puts the question.
    """

    card: Card
    item: Item
    photos: tuple[Photo, ...]
    author: str
    source: str
    posted_at: str
    posted_iso: str
    obstacle: str | None
    consent: Consent | None
    uses: tuple[Use, ...]
    curator: str
    term: tuple[str, str] | None
    own: Own
    people: People | None
    asks: bool

    @property
    def alt_missing(self) -> bool:
        """Whether a photo has no words for those who cannot see it."""
        return any(not photo.alt for photo in self.photos)


def face_of(card: Card, campaign: CampaignAnnounced | None, account: str) -> Face | None:
    """Make a card's face for a moderator, None when its item was withdrawn."""
    review, item = card.review, card.review.snapshot
    if item is None:
        return None
    titles = {s.source: s.title for s in campaign.sources} if campaign else {}
    author = item.author
    around = Circumstances(datetime.now(UTC), card.mandate)
    consent = review.given_consent
    people = presumed(review) if review.state == "pending" else review.people
    return Face(
        card=card,
        item=item,
        photos=tuple(photo for a in item.attachments if (photo := _photo(item.item, a))),
        author=author.name or author.handle or "",
        source=titles.get(item.source) or item.source,
        posted_at=local_time(item.published_at, campaign),
        posted_iso=item.published_at.isoformat(),
        obstacle=obstacle("approved", item, review.consent, around, people),
        consent=consent,
        uses=_uses(card, item, campaign),
        curator=card.mandate.name if card.mandate else "",
        term=_term(card.mandate) if card.mandate else None,
        own=_own(card, account, around),
        people=people,
        asks=review.state == "pending" and bool(item.attachments) and _untold(consent),
    )


def _untold(consent: Consent | None) -> bool:
    """Whether nobody said that who is shown agreed; of a child, a parent must."""
    return consent is None or consent.minor or not consent.people


def _own(card: Card, account: str, around: Circumstances) -> Own:
    if own_item(card.review, account, around):
        return "own-item"
    if own_approval(card.review, account):
        return "own-approval"
    return "own-decision" if own_decision(card.review, account) else ""


def _uses(card: Card, item: Item, campaign: CampaignAnnounced | None) -> tuple[Use, ...]:
    """List where the giver agreed that the item may be used."""
    recorded, said = card.review.consent, item.consent
    grants: tuple[ChannelGrant, ...] = recorded.grants if recorded else ()
    if recorded is None and said is not None:
        grants = tuple(
            ChannelGrant(channel=channel, given_at=said.given_at, until=said.until)
            for channel in said.channels
        )
    return tuple(
        Use(
            grant.channel,
            grant.withdrawn_at is not None,
            local_time(grant.until, campaign)[:10] if grant.until else None,
        )
        for grant in grants
    )


def _term(mandate: MandateAnnounced) -> tuple[str, str]:
    """Write from when until when somebody has a mandate."""
    zone = ZoneInfo(mandate.time_zone)
    first, last = (at.astimezone(zone) for at in (mandate.starts_at, mandate.ends_at))
    return f"{first:%d/%m/%Y}", f"{last:%d/%m/%Y}"


def local_time(moment: datetime, campaign: CampaignAnnounced | None) -> str:
    """Write a moment as the clocks of the campaign show it."""
    zone = ZoneInfo(campaign.time_zone if campaign else "Europe/Brussels")
    return moment.astimezone(zone).strftime("%d/%m/%Y %H:%M")


def campaign_name(campaign: CampaignAnnounced, language: str) -> str:
    """Call a campaign by its name in a language, or in whichever it has."""
    return campaign.name.get(language) or next(iter(campaign.name.values()), campaign.campaign)


def _photo(item: ItemId, attachment: Attachment) -> Photo | None:
    plain = _nearest(attachment, "image/jpeg", _ON_CARD) or _nearest(attachment, "", _ON_CARD)
    if plain is None:
        return None
    light = _nearest(attachment, "image/avif", _ON_CARD)
    large = _nearest(attachment, plain.media_type, _ENLARGED) or plain
    return Photo(
        plain=_address(item, plain),
        light=_address(item, light) if light else None,
        large=_address(item, large),
        width=plain.width,
        height=plain.height,
        alt=attachment.alt,
    )


def _nearest(attachment: Attachment, media_type: str, width: int) -> Rendition | None:
    """Choose the smallest rendition that is wide enough, else the widest."""
    fit = [r for r in attachment.renditions if not media_type or r.media_type == media_type]
    wide = [r for r in fit if r.width >= width]
    if wide:
        return min(wide, key=lambda r: r.width)
    return max(fit, key=lambda r: r.width, default=None)


def _address(item: ItemId, rendition: Rendition) -> str:
    return f"/desk/media/{item}/{rendition.sha256}"
