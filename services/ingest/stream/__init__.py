"""Which event leads to which function in ingest."""

from collections.abc import Mapping

from services.chassis.streams import Handler
from services.contracts.envelope import EventData
from services.contracts.gallery import (
    ItemPublished,
    ItemPurged,
    ItemUnpublished,
    SeriesPublished,
    ShowingsCounted,
)
from services.contracts.ingest import SubmissionReceived, SubmissionRetracted
from services.contracts.moderation import ReviewClosed, ReviewDecided, ReviewOpened, ReviewReverted
from services.ingest.stream.deps import Deps
from services.ingest.stream.series import on_review_opened
from services.ingest.stream.standings import (
    on_closed,
    on_decision,
    on_published,
    on_purged,
    on_series_published,
    on_showings,
    on_unpublished,
)
from services.ingest.stream.submissions import on_submission_received, on_submission_retracted

SUBSCRIPTIONS: Mapping[type[EventData], Handler[Deps]] = {
    SubmissionReceived: on_submission_received,
    SubmissionRetracted: on_submission_retracted,
    ReviewOpened: on_review_opened,
    ReviewDecided: on_decision,
    ReviewReverted: on_decision,
    ReviewClosed: on_closed,
    ItemPublished: on_published,
    SeriesPublished: on_series_published,
    ItemUnpublished: on_unpublished,
    ItemPurged: on_purged,
    ShowingsCounted: on_showings,
}

__all__ = ["SUBSCRIPTIONS", "Deps"]
