"""A card as the desk shows it: which photo, which words, and what a moderator must notice."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from services.contracts.ids import ItemId
from services.contracts.ingest import Attachment, CampaignAnnounced, Item, Rendition
from services.moderation.domain.clearing import consent_obstacle, obstacle
from services.moderation.store.queue import Card

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
class Face:
    """Everything that a card shows."""

    card: Card
    item: Item
    photos: tuple[Photo, ...]
    author: str
    source: str
    posted_at: str
    posted_iso: str
    obstacle: str | None
    consent: str | None

    @property
    def alt_missing(self) -> bool:
        """Whether a photo has no words for those who cannot see it."""
        return any(not photo.alt for photo in self.photos)


def face_of(card: Card, campaign: CampaignAnnounced | None) -> Face | None:
    """Make a card's face, None when its item was withdrawn."""
    item = card.review.snapshot
    if item is None:
        return None
    titles = {s.source: s.title for s in campaign.sources} if campaign else {}
    author = item.author
    return Face(
        card=card,
        item=item,
        photos=tuple(photo for a in item.attachments if (photo := _photo(item.item, a))),
        author=author.name or author.handle or "",
        source=titles.get(item.source) or item.source,
        posted_at=local_time(item.published_at, campaign),
        posted_iso=item.published_at.isoformat(),
        obstacle=obstacle("approved", item),
        consent=consent_obstacle(item),
    )


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
