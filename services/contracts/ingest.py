"""What ingest says: campaigns, mandates, series, submissions, items, consents and appeals."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from services.contracts.envelope import EventData, Instant, Record
from services.contracts.ids import CampaignId, CuratorId, ItemId, MandateId, SourceId

Localised = dict[str, str]

#: What an item can be. A link, a song and a video stand elsewhere: only their address is kept.
ItemKind = Literal["photo", "album", "text", "link", "song", "video"]
#: Where an item may be used, each with a consent of its own.
Channel = Literal["web", "wall", "print", "tv", "staff-paper"]
#: How a campaign stands. Only a live one takes anything; what is published stays published.
Phase = Literal["draft", "live", "paused", "closed", "archived"]


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
    """A place that content comes from, as far as other services need to know it.

    What comes from one that is `handed_over` counts for whoever holds the mandate at its time,
    whatever account posted it.
    """

    source: SourceId
    connector: str
    title: str = ""
    rights: RightsBasis = RightsBasis()
    handed_over: bool = False


class SeriesTerms(Record):
    """What each curator's series is: so many photos, complete before the deadline."""

    places: int
    deadline: Instant | None = None


class CampaignAnnounced(EventData):
    """The whole of a campaign as it is from now on.

    `afterwards` says what happens with what people give, `moderated_by` who decides, `consent_text`
    what givers agree to; `consent_months` is how long that holds, None until they take it back.
    """

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
    phase: Phase = "live"
    kinds: tuple[ItemKind, ...] = ("photo", "album", "text")
    channels: tuple[Channel, ...] = ("web",)
    places: tuple[str, ...] = ()
    contributors: Literal["everyone", "curators"] = "everyone"
    series: SeriesTerms | None = None
    rules: Localised = Field(default_factory=dict)
    rules_version: str = "1"
    moderated_by: Localised = Field(default_factory=dict)
    afterwards: Localised = Field(default_factory=dict)
    consent_text: Localised = Field(default_factory=dict)
    consent_months: int | None = None


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
    """What the giver ticked, under which version of the text, and when.

    `people`: who can be recognised agreed; `minor`: somebody under 18 can be recognised;
    `guardian`: then, that a parent agreed. `channels` are where it may be used until `until`;
    `text_digest` is the SHA-256 of the text that was shown, in `language`; `evidence` says how the
    giver agreed: by ticking boxes at the upload, or once for a whole mandate.
    """

    version: str
    given_at: Instant
    made: bool
    licence: bool
    people: bool
    minor: bool
    guardian: bool = False
    channels: tuple[Channel, ...] = ("web",)
    until: Instant | None = None
    text_digest: str = ""
    language: str = ""
    evidence: Literal["upload", "mandate", "reply"] = "upload"


class Link(Record):
    """Something that stands elsewhere and is only referred to: a page, a song, a video."""

    url: str
    host: str
    title: str = ""


class Attribution(Record):
    """For whom an item counts: its curator and mandate, by the one rule, and in which lane.

    `open`: for nobody, an item like any other; `counted`: for this mandate; `late`: it came after
    the end, and editors may still take it; `paused`: it came during a pause. An item `in_series`
    is shown only with its series.
    """

    mandate: MandateId | None = None
    curator: CuratorId | None = None
    lane: Literal["open", "counted", "late", "paused"] = "open"
    in_series: bool = False


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
    at the source where it states one, else of the moment when the change was noticed. `curator` is
    known when it came through a curator's own link, `giver_account` when its giver is staff.
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
    curator: CuratorId | None = None
    giver_account: str | None = None
    link: Link | None = None
    place: str | None = None


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
    kind: ItemKind
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
    attribution: Attribution = Attribution()
    giver_account: str | None = None
    link: Link | None = None
    place: str | None = None


class ItemReceived(EventData):
    """A new item that matches its campaign is ready to be judged."""

    TYPE: ClassVar[str] = "dichtbij.item.received.v1"

    item: Item


class ItemChanged(EventData):
    """An item was edited at its source; earlier decisions were about something else."""

    TYPE: ClassVar[str] = "dichtbij.item.changed.v1"

    item: Item


class ItemAttributed(EventData):
    """An item counts for somebody else than before; nothing that is judged or shown has changed."""

    TYPE: ClassVar[str] = "dichtbij.item.attributed.v1"

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


class Pause(Record):
    """A time in which a mandate gives no right; `until` is None while it lasts."""

    since: Instant
    until: Instant | None = None


MandateStateName = Literal[
    "planned", "invited", "accepted", "declined", "cancelled", "ended", "stopped"
]


class MandateAnnounced(EventData):
    """The whole of a mandate as it is from now on: a curator's right to post.

    It holds from `starts_at` (included) to `ends_at` (excluded), outside of `pauses`, once it was
    accepted. `source` is the source that is handed over with it, None where the curator posts by
    link or from accounts of their own. `hidden` is set by an emergency stop: nothing that counts
    for this mandate may be shown. `staff_account` is the curator's account at the desk, if any;
    `accounts` are the addresses of accounts that they proved to be theirs.
    """

    TYPE: ClassVar[str] = "dichtbij.mandate.announced.v1"
    OVERTAKES: ClassVar[bool] = True

    mandate: MandateId
    campaign: CampaignId
    curator: CuratorId
    name: str
    intro: str = ""
    source: SourceId | None = None
    starts_at: Instant
    ends_at: Instant
    time_zone: str
    state: MandateStateName
    pauses: tuple[Pause, ...] = ()
    quota: int | None = None
    rules_version: str = "1"
    series: SeriesTerms | None = None
    hidden: bool = False
    staff_account: str | None = None
    accounts: tuple[str, ...] = ()


class Crop(Record):
    """A part of a photo, in fractions of its width and height from the upper left corner."""

    x: float
    y: float
    width: float
    height: float


class SeriesPhoto(Record):
    """One photo of a series, with the part of it that is shown where a wide photo is wanted.

    Of an album each photo counts: `attachment` says which one of the item's attachments this is,
    counted from 0. The others of the item, not named, are not shown with the series.
    """

    item: ItemId
    wide: Crop | None = None
    attachment: int = 0


class SeriesAnnounced(EventData):
    """The whole of a curator's series as it is from now on.

    Its photos may be shown only when it is `released`, and then appear as one whole, in this order;
    `partial` says that somebody chose not to wait for the missing ones. On the cover is the
    attachment `cover_attachment` of the item `cover`.
    """

    TYPE: ClassVar[str] = "dichtbij.series.announced.v1"

    mandate: MandateId
    campaign: CampaignId
    curator: CuratorId
    name: str
    places: int
    photos: tuple[SeriesPhoto, ...] = ()
    cover: ItemId | None = None
    cover_attachment: int = 0
    released: bool = False
    partial: bool = False


class ChannelGrant(Record):
    """A consent for one channel, and since when it is taken back, if it is."""

    channel: Channel
    given_at: Instant
    until: Instant | None = None
    withdrawn_at: Instant | None = None


class ConsentRecorded(EventData):
    """The whole of what an item's giver agrees to, from now on; it overrules what the item says."""

    TYPE: ClassVar[str] = "dichtbij.consent.recorded.v1"
    OVERTAKES: ClassVar[bool] = True

    item: ItemId
    campaign: CampaignId
    consent: Consent
    grants: tuple[ChannelGrant, ...]


class AppealLodged(EventData):
    """A giver asks for a second look at a decision; another moderator gives it."""

    TYPE: ClassVar[str] = "dichtbij.appeal.lodged.v1"

    item: ItemId
    campaign: CampaignId
    words: str = ""
    lodged_at: Instant


class MandatePlanned(EventData):
    """A mandate was planned for a curator."""

    TYPE: ClassVar[str] = "dichtbij.mandate.planned.v1"

    mandate: MandateId
    campaign: CampaignId
    curator: CuratorId
    starts_at: Instant
    ends_at: Instant


class MandateMoved(EventData):
    """A mandate got other dates."""

    TYPE: ClassVar[str] = "dichtbij.mandate.moved.v1"

    mandate: MandateId
    starts_at: Instant
    ends_at: Instant


class MandateInvited(EventData):
    """The curator was asked; `link` is the id of the link by which they answer."""

    TYPE: ClassVar[str] = "dichtbij.mandate.invited.v1"

    mandate: MandateId
    link: str


class MandateAccepted(EventData):
    """The curator said yes, under this version of rules and consent text."""

    TYPE: ClassVar[str] = "dichtbij.mandate.accepted.v1"

    mandate: MandateId
    rules_version: str
    consent: Consent
    ways: tuple[Literal["link", "account"], ...]


class MandateNarrowed(EventData):
    """The curator no longer agrees to one channel, for all that counts or will count for it."""

    TYPE: ClassVar[str] = "dichtbij.mandate.narrowed.v1"

    mandate: MandateId
    channel: Channel
    at: Instant


class MandateDeclined(EventData):
    """The curator said no."""

    TYPE: ClassVar[str] = "dichtbij.mandate.declined.v1"

    mandate: MandateId


class MandatePaused(EventData):
    """A mandate gives no right from now until it is resumed."""

    TYPE: ClassVar[str] = "dichtbij.mandate.paused.v1"

    mandate: MandateId
    at: Instant


class MandateResumed(EventData):
    """A pause is over."""

    TYPE: ClassVar[str] = "dichtbij.mandate.resumed.v1"

    mandate: MandateId
    at: Instant


class MandateEnded(EventData):
    """A mandate ends before its planned end; what was given stays."""

    TYPE: ClassVar[str] = "dichtbij.mandate.ended.v1"

    mandate: MandateId
    at: Instant


class MandateStopped(EventData):
    """A mandate ends at once, in an emergency; `hidden` takes what counts for it out of view."""

    TYPE: ClassVar[str] = "dichtbij.mandate.stopped.v1"

    mandate: MandateId
    at: Instant
    hidden: bool


class MandateShown(EventData):
    """What an emergency stop took out of view may be shown again."""

    TYPE: ClassVar[str] = "dichtbij.mandate.shown.v1"

    mandate: MandateId


class MandateCancelled(EventData):
    """A mandate was taken off the calendar before it began."""

    TYPE: ClassVar[str] = "dichtbij.mandate.cancelled.v1"

    mandate: MandateId
