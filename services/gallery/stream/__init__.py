"""Which event leads to which function."""

from collections.abc import Mapping

from services.chassis.streams import Handler
from services.contracts.envelope import EventData
from services.contracts.ingest import CampaignAnnounced, MandateAnnounced, SeriesAnnounced
from services.contracts.moderation import ItemCleared, ItemRevoked
from services.gallery.stream.campaigns import on_campaign_announced
from services.gallery.stream.deps import Deps
from services.gallery.stream.mandates import on_mandate_announced
from services.gallery.stream.publications import on_item_cleared, on_item_revoked
from services.gallery.stream.series import on_series_announced

SUBSCRIPTIONS: Mapping[type[EventData], Handler[Deps]] = {
    CampaignAnnounced: on_campaign_announced,
    MandateAnnounced: on_mandate_announced,
    SeriesAnnounced: on_series_announced,
    ItemCleared: on_item_cleared,
    ItemRevoked: on_item_revoked,
}

__all__ = ["SUBSCRIPTIONS", "Deps"]
