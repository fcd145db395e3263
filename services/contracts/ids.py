"""Identifiers that cross a service boundary, each a type of its own."""

from typing import NewType
from uuid import UUID, uuid5

CampaignId = NewType("CampaignId", str)
SourceId = NewType("SourceId", str)
ItemId = NewType("ItemId", str)
CuratorId = NewType("CuratorId", str)
MandateId = NewType("MandateId", str)

#: The name space of item ids: an arbitrary constant that must never change.
_ITEMS = UUID("6f1d1c1e-7c6d-5b0a-9b0e-d1c47b1e0001")


def item_id(campaign: CampaignId, source: SourceId, native_id: str) -> ItemId:
    """Derive an item's id from where it came from, so that the same post seen twice is one item."""
    return ItemId(str(uuid5(_ITEMS, f"{campaign}\n{source}\n{native_id}")))
