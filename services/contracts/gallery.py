"""What gallery says: items are published, shown, unpublished, and their public files purged."""

from typing import ClassVar

from services.contracts.envelope import EventData
from services.contracts.ids import CampaignId, ItemId, MandateId
from services.contracts.moderation import RevocationReason


class ItemPublished(EventData):
    """An item is visible in a gallery; `position` is the gallery's version that shows it first."""

    TYPE: ClassVar[str] = "dichtbij.item.published.v1"

    item: ItemId
    campaign: CampaignId
    gallery: str
    position: int
    path: str


class SeriesPublished(EventData):
    """A series is visible as one whole; `position` is the gallery's version that shows it."""

    TYPE: ClassVar[str] = "dichtbij.series.published.v1"

    mandate: MandateId
    campaign: CampaignId
    gallery: str
    position: int
    path: str
    items: tuple[ItemId, ...]


class ItemUnpublished(EventData):
    """An item is no longer on any page of a gallery."""

    TYPE: ClassVar[str] = "dichtbij.item.unpublished.v1"

    item: ItemId
    campaign: CampaignId
    gallery: str
    position: int
    reason: RevocationReason


class ItemPurged(EventData):
    """The public files of an item are gone; `absent` counts those that were not there."""

    TYPE: ClassVar[str] = "dichtbij.item.purged.v1"

    item: ItemId
    campaign: CampaignId
    deleted: int
    absent: int


class ShowingsCounted(EventData):
    """How often an item was shown so far: `times` is a total, which only grows.

    It counts answers with the item's first photo, or with its own page where it has none, and says
    nothing of who saw them.
    """

    TYPE: ClassVar[str] = "dichtbij.showings.counted.v1"

    item: ItemId
    campaign: CampaignId
    times: int
