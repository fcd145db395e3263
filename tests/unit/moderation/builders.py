"""Reviews for the tests of moderation."""

from datetime import timedelta
from typing import Any

from services.contracts.envelope import EventData
from services.contracts.ids import CuratorId, MandateId
from services.contracts.ingest import ChannelGrant, ConsentRecorded, Item, MandateAnnounced
from services.moderation.domain.clearing import Circumstances
from services.moderation.domain.command import Approve, Command, Receive, Reject, TakeDown
from services.moderation.domain.deciding import decide
from services.moderation.domain.review import Review, evolve, observe
from tests.builders import CAMPAIGN, MOMENT, a_consent, an_item

ME, COLLEAGUE = "anna", "bram"
#: An ordinary moment: no mandate is known.
NOW = Circumstances(MOMENT)


def apply(
    review: Review, command: Command, by: str = "moderation", around: Circumstances = NOW
) -> tuple[Review, list[EventData]]:
    """Decide, observe and evolve, as the store does."""
    events = decide(review, command, around)
    after = observe(review, command)
    for event in events:
        after = evolve(after, event, by, MOMENT)
    return after, events


def a_review(item: Item | None = None, **changes: Any) -> Review:
    """A review that waits for a moderator."""
    item = item or an_item(**changes)
    review, _ = apply(Review(item.item, item.campaign), Receive(item, 1))
    return review


def approved(review: Review | None = None, by: str = ME, around: Circumstances = NOW) -> Review:
    review = review or a_review()
    return apply(review, Approve(by, review.version), by, around)[0]


def rejected(review: Review | None = None, by: str = ME) -> Review:
    review = review or a_review()
    return apply(review, Reject(by, review.version, ["quality"]), by)[0]


def taken_down(review: Review | None = None, by: str = ME) -> Review:
    review = approved(review, by)
    return apply(review, TakeDown(by, review.version, ["privacy"]), by)[0]


def a_mandate(**changes: Any) -> MandateAnnounced:
    """A mandate that holds for a year."""
    fields: dict[str, Any] = {
        "mandate": MandateId("m"),
        "campaign": CAMPAIGN,
        "curator": CuratorId("c"),
        "name": "Tinne Maes",
        "starts_at": MOMENT,
        "ends_at": MOMENT + timedelta(days=365),
        "time_zone": "Europe/Brussels",
        "state": "accepted",
    }
    return MandateAnnounced(**(fields | changes))


def recorded(item: Item, **changes: Any) -> ConsentRecorded:
    """A consent for the web as it was recorded."""
    fields: dict[str, Any] = {
        "item": item.item,
        "campaign": item.campaign,
        "consent": a_consent(),
        "grants": (ChannelGrant(channel="web", given_at=MOMENT),),
    }
    return ConsentRecorded(**(fields | changes))
