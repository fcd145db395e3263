"""What gallery says: items are published, unpublished, and their public files purged."""

from typing import ClassVar, Literal

from services.contracts.envelope import EventData
from services.contracts.ids import CampaignId, ItemId


class ItemPublished(EventData):
    """An item is visible in a gallery; `position` is the gallery's version that shows it first."""

    TYPE: ClassVar[str] = "dichtbij.item.published.v1"

    item: ItemId
    campaign: CampaignId
    gallery: str
    position: int
    path: str


class ItemUnpublished(EventData):
    """An item is no longer on any page of a gallery."""

    TYPE: ClassVar[str] = "dichtbij.item.unpublished.v1"

    item: ItemId
    campaign: CampaignId
    gallery: str
    position: int
    reason: Literal["taken-down", "reverted", "withdrawn", "changed"]


class ItemPurged(EventData):
    """The public files of an item are gone; `absent` counts those that were not there."""

    TYPE: ClassVar[str] = "dichtbij.item.purged.v1"

    item: ItemId
    campaign: CampaignId
    deleted: int
    absent: int
