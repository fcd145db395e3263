"""What ingest says: campaigns, submissions, and items received, changed and withdrawn."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from services.contracts.envelope import EventData, Instant, Record
from services.contracts.ids import CampaignId, ItemId, SourceId

Localised = dict[str, str]


class Hashtag(Record):
    """A hashtag that a campaign listens to, with the other spellings that a person chose for it."""

    tag: str
    aliases: tuple[str, ...] = ()
    key: str = ""
    alias_keys: tuple[str, ...] = ()


class Curator(Record):
    """Someone who was invited to post for a campaign, as shown to readers."""

    handle: str
    name: str
    bio: str = ""


class RightsBasis(Record):
    """Why a source's items may be shown: declared by the giver, agreed, or not known."""

    basis: Literal["declared", "agreement", "unknown"] = "unknown"
    evidence: str = ""


class SourceDescription(Record):
    """A place that content comes from, as far as other services need to know it."""

    source: SourceId
    connector: str
    title: str = ""
    rights: RightsBasis = RightsBasis()


class CampaignAnnounced(EventData):
    """The whole of a campaign as it is from now on."""

    TYPE: ClassVar[str] = "dichtbij.campaign.announced.v1"

    campaign: CampaignId
    name: Localised
    brief: Localised = Field(default_factory=dict)
    time_zone: str
    opens_at: Instant
    closes_at: Instant
    hashtags: tuple[Hashtag, ...]
    sources: tuple[SourceDescription, ...]
    curators: tuple[Curator, ...] = ()
    embed_origins: tuple[str, ...] = ()
    consent_version: str = "1"


class Author(Record):
    """Who made an item; `key` is stable at the source, the rest is for display."""

    key: str | None = None
    handle: str | None = None
    name: str | None = None
    url: str | None = None


class Tag(Record):
    """A hashtag of an item: as it was written, and the key by which it is compared."""

    as_written: str
    key: str
    origin: Literal["facet", "tags", "category", "text"]


class Consent(Record):
    """What the giver ticked, under which version of the text, and when."""

    version: str
    given_at: Instant
    made: bool
    licence: bool
    people: bool
    minor: bool


class SubmittedMedia(Record):
    """One medium of a submission: stored already, or the reason why it could not be."""

    origin_url: str | None = None
    original: str | None = None
    alt: str | None = None
    alt_origin: Literal["author", "editor"] | None = None
    refused: str | None = None


class SubmissionReceived(EventData):
    """A post as a connector or the upload page handed it over, in the common post schema.

    `revision` orders the versions of one post and nothing else: milliseconds since 1970 of the edit
    at the source where it states one, else of the moment when the change was noticed.
    """

    TYPE: ClassVar[str] = "dichtbij.submission.received.v1"

    item: ItemId
    campaign: CampaignId
    source: SourceId
    connector: str
    native_id: str
    revision: int
    url: str | None = None
    author: Author = Author()
    text: str = ""
    content_warning: str | None = None
    sensitive: bool = False
    lang: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = ()
    media: tuple[SubmittedMedia, ...] = ()
    published_raw: str | None = None
    published_at: Instant | None = None
    edited_at: Instant | None = None
    observed_at: Instant
    visibility: Literal["public", "unlisted", "followers", "direct"] = "public"
    in_reply_to: str | None = None
    licence: str | None = None
    consent: Consent | None = None


class SubmissionRetracted(EventData):
    """The post is gone at its source, or its giver took it back; it must go everywhere."""

    TYPE: ClassVar[str] = "dichtbij.submission.retracted.v1"
    OVERTAKES: ClassVar[bool] = True

    item: ItemId
    campaign: CampaignId
    source: SourceId
    reason: Literal["author", "source", "account"]
    observed_at: Instant


class Rendition(Record):
    """An image made for one width and format; `key` finds it in the renditions bucket."""

    key: str
    sha256: str
    media_type: str
    width: int
    height: int
    size: int


class Attachment(Record):
    """One photo of an item, ready to show."""

    media_type: str
    original: str
    width: int
    height: int
    alt: str | None = None
    alt_origin: Literal["author", "editor"] | None = None
    dominant_colour: str
    placeholder: str = ""
    captured_at: datetime | None = None
    renditions: tuple[Rendition, ...]


class Item(Record):
    """An item as it now is: everything that a moderator judges and a gallery shows."""

    item: ItemId
    campaign: CampaignId
    source: SourceId
    connector: str
    revision: int
    kind: Literal["photo", "album", "text"]
    url: str | None = None
    author: Author
    text: str
    content_warning: str | None = None
    sensitive: bool = False
    lang: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    refused_media: tuple[str, ...] = ()
    published_at: Instant
    observed_at: Instant
    effective_at: Instant
    licence: str | None = None
    rights: RightsBasis
    consent: Consent | None = None


class ItemReceived(EventData):
    """A new item that matches its campaign is ready to be judged."""

    TYPE: ClassVar[str] = "dichtbij.item.received.v1"

    item: Item


class ItemChanged(EventData):
    """An item was edited at its source; earlier decisions were about something else."""

    TYPE: ClassVar[str] = "dichtbij.item.changed.v1"

    item: Item


class ItemWithdrawn(EventData):
    """An item must go: its author or its source took it away, or it matches no longer."""

    TYPE: ClassVar[str] = "dichtbij.item.withdrawn.v1"
    OVERTAKES: ClassVar[bool] = True

    item: ItemId
    campaign: CampaignId
    revision: int = 0
    reason: Literal["author", "source", "account", "no-longer-matches"]
    detail: str = ""


class ItemIgnored(EventData):
    """A submission that is not for this campaign, kept by its reason only."""

    TYPE: ClassVar[str] = "dichtbij.item.ignored.v1"

    item: ItemId
    campaign: CampaignId
    revision: int
    reason: str
