"""Reviews for the tests of moderation."""

from typing import Any

from services.contracts.envelope import EventData
from services.contracts.ingest import Item
from services.moderation.domain.review import (
    Approve,
    Command,
    Receive,
    Reject,
    Review,
    TakeDown,
    decide,
    evolve,
    observe,
)
from tests.builders import MOMENT, an_item

ME, COLLEAGUE = "anna", "bram"


def apply(
    review: Review, command: Command, by: str = "moderation"
) -> tuple[Review, list[EventData]]:
    """Decide, observe and evolve, as the store does."""
    events = decide(review, command)
    after = observe(review, command)
    for event in events:
        after = evolve(after, event, by, MOMENT)
    return after, events


def a_review(item: Item | None = None, **changes: Any) -> Review:
    """A review that waits for a moderator."""
    item = item or an_item(**changes)
    review, _ = apply(Review(item.item, item.campaign), Receive(item, 1))
    return review


def approved(review: Review | None = None, by: str = ME) -> Review:
    review = review or a_review()
    return apply(review, Approve(by, review.version), by)[0]


def rejected(review: Review | None = None, by: str = ME) -> Review:
    review = review or a_review()
    return apply(review, Reject(by, review.version, ["quality"]), by)[0]


def taken_down(review: Review | None = None, by: str = ME) -> Review:
    review = approved(review, by)
    return apply(review, TakeDown(by, review.version, ["privacy"]), by)[0]
