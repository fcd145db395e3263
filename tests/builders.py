"""Valid things by default; a test overrides what it is about."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from services.contracts.envelope import Envelope, EventData
from services.contracts.ids import CampaignId, ItemId, SourceId
from services.contracts.ingest import (
    Attachment,
    Author,
    CampaignAnnounced,
    Consent,
    Hashtag,
    Item,
    Rendition,
    RightsBasis,
    SourceDescription,
    SubmissionReceived,
)
from services.contracts.moderation import ClearedItem, Credit

MOMENT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CAMPAIGN = CampaignId("bollekesfeest")
SOURCE = SourceId("bollekesfeest/upload")


def an_item_id() -> ItemId:
    return ItemId(str(uuid4()))


def an_event(data: EventData, subject: str, version: int = 1, **changes: Any) -> Envelope[Any]:
    fields: dict[str, Any] = {
        "id": str(uuid4()),
        "source": "/dichtbij/test",
        "type": data.TYPE,
        "subject": subject,
        "time": MOMENT,
        "subjectversion": version,
        "correlationid": str(uuid4()),
        "actor": "system:test",
        "data": data,
    }
    return Envelope[EventData](**(fields | changes))


def a_campaign(**changes: Any) -> CampaignAnnounced:
    fields: dict[str, Any] = {
        "campaign": CAMPAIGN,
        "name": {"nl": "Bollekesfeest"},
        "time_zone": "Europe/Brussels",
        "opens_at": datetime(2026, 1, 1, tzinfo=UTC),
        "closes_at": datetime(2027, 12, 31, tzinfo=UTC),
        "hashtags": (Hashtag(tag="bollekesfeest", key="bollekesfeest"),),
        "sources": (
            SourceDescription(
                source=SOURCE, connector="upload", rights=RightsBasis(basis="declared")
            ),
        ),
    }
    return CampaignAnnounced(**(fields | changes))


def a_consent(**changes: Any) -> Consent:
    fields: dict[str, Any] = {
        "version": "1",
        "given_at": MOMENT,
        "made": True,
        "licence": True,
        "people": True,
        "minor": False,
    }
    return Consent(**(fields | changes))


def an_attachment(**changes: Any) -> Attachment:
    fields: dict[str, Any] = {
        "media_type": "image/jpeg",
        "original": "a" * 64,
        "width": 1600,
        "height": 1200,
        "alt": "Vuurwerk boven de Schelde",
        "dominant_colour": "#203040",
        "renditions": (
            Rendition(
                key=f"{'b' * 64}.jpg",
                sha256="b" * 64,
                media_type="image/jpeg",
                width=640,
                height=480,
                size=1000,
            ),
        ),
    }
    return Attachment(**(fields | changes))


def an_item(**changes: Any) -> Item:
    fields: dict[str, Any] = {
        "item": an_item_id(),
        "campaign": CAMPAIGN,
        "source": SOURCE,
        "connector": "upload",
        "revision": 1,
        "kind": "photo",
        "author": Author(name="An Peeters"),
        "text": "Vuurwerk!",
        "attachments": (an_attachment(),),
        "published_at": MOMENT,
        "observed_at": MOMENT,
        "effective_at": MOMENT,
        "rights": RightsBasis(basis="declared"),
        "consent": a_consent(),
    }
    return Item(**(fields | changes))


def a_submission(**changes: Any) -> SubmissionReceived:
    fields: dict[str, Any] = {
        "item": an_item_id(),
        "campaign": CAMPAIGN,
        "source": SOURCE,
        "connector": "upload",
        "native_id": "form#1",
        "revision": 1,
        "text": "Vuurwerk!",
        "observed_at": MOMENT,
        "published_at": MOMENT,
    }
    return SubmissionReceived(**(fields | changes))


def a_cleared_item(**changes: Any) -> ClearedItem:
    fields: dict[str, Any] = {
        "item": an_item_id(),
        "campaign": CAMPAIGN,
        "kind": "text",
        "credit": Credit(name="An Peeters"),
        "author": Author(name="An Peeters"),
        "text": "Vuurwerk!",
        "effective_at": MOMENT,
    }
    return ClearedItem(**(fields | changes))
