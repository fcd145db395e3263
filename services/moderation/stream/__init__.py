"""Which event leads to which function in moderation."""

from collections.abc import Mapping

from services.chassis.streams import Handler
from services.contracts.envelope import EventData
from services.contracts.gallery import ItemPublished, ItemUnpublished
from services.contracts.ingest import (
    AppealLodged,
    CampaignAnnounced,
    ConsentRecorded,
    ItemAttributed,
    ItemChanged,
    ItemReceived,
    ItemWithdrawn,
    MandateAnnounced,
)
from services.moderation.stream.appeals import on_appeal_lodged
from services.moderation.stream.campaigns import on_campaign_announced
from services.moderation.stream.consents import on_consent_recorded
from services.moderation.stream.deps import Deps
from services.moderation.stream.items import (
    on_item_attributed,
    on_item_changed,
    on_item_received,
    on_item_withdrawn,
)
from services.moderation.stream.mandates import on_mandate_announced
from services.moderation.stream.visibility import on_item_published, on_item_unpublished

SUBSCRIPTIONS: Mapping[type[EventData], Handler[Deps]] = {
    CampaignAnnounced: on_campaign_announced,
    ItemReceived: on_item_received,
    ItemChanged: on_item_changed,
    ItemAttributed: on_item_attributed,
    ItemWithdrawn: on_item_withdrawn,
    MandateAnnounced: on_mandate_announced,
    ConsentRecorded: on_consent_recorded,
    AppealLodged: on_appeal_lodged,
    ItemPublished: on_item_published,
    ItemUnpublished: on_item_unpublished,
}

__all__ = ["SUBSCRIPTIONS", "Deps"]
