"""What moderation says: reviews are decided or reverted, items cleared for showing or revoked."""

from typing import ClassVar, Literal

from services.contracts.envelope import EventData, Instant, Record
from services.contracts.ids import CampaignId, ItemId, MandateId
from services.contracts.ingest import Attachment, Author, ItemKind, Link, Localised, Tag

ReviewStateName = Literal["pending", "approved", "rejected", "taken-down"]
#: Who can be singled out in a photo: nobody (a crowd, in passing, no people at all), adults who
#: agreed, somebody public as news, or a child. A person answers; nothing is guessed.
People = Literal["nobody", "agreed", "public-figure", "child"]
#: Why an item that was shown may no longer be.
RevocationReason = Literal[
    "taken-down",
    "reverted",
    "withdrawn",
    "changed",
    "consent-withdrawn",
    "consent-lapsed",
    "mandate-stopped",
]


class ReviewOpened(EventData):
    """An item waits for a moderator: for the first time, or again.

    Again because it changed; or, as a `second_look`, because its giver asked for one at a refusal.
    """

    TYPE: ClassVar[str] = "dichtbij.review.opened.v1"

    item: ItemId
    campaign: CampaignId
    revision: int
    second_look: bool = False


class ReviewDecided(EventData):
    """A moderator decided; `reasons` are codes of the register, empty for an approval.

    `statements` say the same to the giver, one for each reason, each in every language. `appeal` is
    how a second look ended, when this was one. `people` is what was answered last about who can be
    singled out, None while nobody was asked. A first approval that found a child leaves the review
    `pending`: it counts when a second person says the same.
    """

    TYPE: ClassVar[str] = "dichtbij.review.decided.v1"

    item: ItemId
    campaign: CampaignId
    before: ReviewStateName
    after: ReviewStateName
    reasons: tuple[str, ...] = ()
    statements: tuple[Localised, ...] = ()
    appeal: Literal["upheld", "overturned"] | None = None
    people: People | None = None


class ReviewReverted(EventData):
    """A decision was undone: the review stands where it stood before it, `people` too."""

    TYPE: ClassVar[str] = "dichtbij.review.reverted.v1"

    item: ItemId
    campaign: CampaignId
    before: ReviewStateName
    after: ReviewStateName
    people: People | None = None


class ReviewClosed(EventData):
    """The item was withdrawn: there is nothing left to decide."""

    TYPE: ClassVar[str] = "dichtbij.review.closed.v1"

    item: ItemId
    campaign: CampaignId


class Credit(Record):
    """How the author is named beside the item."""

    name: str
    url: str | None = None
    licence: str | None = None


class ClearedItem(Record):
    """What the world may see of an item, and nothing more."""

    item: ItemId
    campaign: CampaignId
    kind: ItemKind
    url: str | None = None
    credit: Credit
    author: Author
    text: str
    content_warning: str | None = None
    lang: tuple[str, ...] = ()
    tags: tuple[Tag, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    effective_at: Instant
    link: Link | None = None
    place: str | None = None
    mandate: MandateId | None = None
    in_series: bool = False


class ItemCleared(EventData):
    """An item passed `publishable()`: every gallery of its campaign may show it."""

    TYPE: ClassVar[str] = "dichtbij.item.cleared.v1"

    item: ClearedItem


class ItemRevoked(EventData):
    """An item may no longer be shown anywhere; its files must go."""

    TYPE: ClassVar[str] = "dichtbij.item.revoked.v1"
    OVERTAKES: ClassVar[bool] = True

    item: ItemId
    campaign: CampaignId
    reason: RevocationReason
