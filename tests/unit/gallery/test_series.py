"""Series: nothing of one is due before all of it is there, and every change has its turn once."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.contracts.ids import CuratorId, ItemId, MandateId
from services.contracts.ingest import SeriesAnnounced, SeriesPhoto
from services.gallery.domain.placement import Hold, Placement, Release, apply
from services.gallery.domain.series import Series, Turn, announce, due, seats
from tests.builders import CAMPAIGN, MOMENT, a_cleared_item

MANDATE = MandateId("m1")
A, B, C = ItemId("a"), ItemId("b"), ItemId("c")
UNHEARD = Series(MANDATE, CAMPAIGN)


def said(*items: ItemId, **changes: Any) -> SeriesAnnounced:
    fields: dict[str, Any] = {
        "mandate": MANDATE,
        "campaign": CAMPAIGN,
        "curator": CuratorId("fatima"),
        "name": "Fatima",
        "places": 3,
        "photos": tuple(SeriesPhoto(item=item) for item in items),
        "released": True,
    }
    return SeriesAnnounced(**(fields | changes))


def of(*items: ItemId, **changes: Any) -> Series:
    return announce(UNHEARD, said(*items, **changes), 1, MOMENT)


def held(*items: ItemId) -> dict[ItemId, Placement]:
    def one(item: ItemId) -> Placement:
        content = a_cleared_item(item=item, mandate=MANDATE, in_series=True)
        return apply(Placement(item, CAMPAIGN), Hold(content, 1), 1)[0]

    return {item: one(item) for item in items}


def shown(*items: ItemId) -> dict[ItemId, Placement]:
    waiting = held(*items)
    return {i: apply(waiting[i], Release(n, MOMENT), n)[0] for n, i in enumerate(items, 1)}


def test_nothing_is_due_before_the_series_is_released() -> None:
    assert due(UNHEARD, held(A, B)) is None
    assert due(of(A, B, released=False), held(A, B)) is None


def test_nothing_is_due_while_a_named_photo_is_missing() -> None:
    assert due(of(A, B, C), held(A, B)) is None


def test_all_of_it_is_due_when_the_last_photo_is_there() -> None:
    assert due(of(C, A, B), held(A, B, C)) == Turn(show=(C, A, B), hide=())


def test_a_photo_named_twice_is_shown_once() -> None:
    assert due(of(A, B, A), held(A, B)) == Turn(show=(A, B), hide=())


def test_what_is_not_named_stays_unseen() -> None:
    assert due(of(A), held(A, B)) == Turn(show=(A,), hide=())


def test_a_partial_series_waits_for_nobody() -> None:
    assert due(of(A, B, C, partial=True), held(C, A)) == Turn(show=(A, C), hide=())


def test_what_is_shown_as_said_has_no_further_turn() -> None:
    assert due(of(A, B), shown(A, B)) is None


def test_a_new_order_is_due() -> None:
    assert due(of(B, A), shown(A, B)) == Turn(show=(B, A), hide=())


def test_a_swap_is_due_only_when_the_new_photo_is_there() -> None:
    swapped = of(A, C)

    assert due(swapped, shown(A, B)) is None
    assert due(swapped, shown(A, B) | held(C)) == Turn(show=(A, C), hide=(B,))


def test_a_series_that_is_no_longer_released_goes() -> None:
    assert due(of(A, B, released=False), shown(A, B)) == Turn(show=(), hide=(A, B))


def test_its_moment_is_when_it_was_first_released() -> None:
    later = MOMENT + timedelta(days=3)
    series = announce(UNHEARD, said(A, released=False), 1, MOMENT)
    assert series.released_at is None

    series = announce(series, said(A), 2, later)
    series = announce(series, said(A, B), 3, later + timedelta(days=1))

    assert series.released_at == later
    assert seats(series, (A, B)) == {A: Release(1, later), B: Release(2, later)}


def test_an_older_word_changes_nothing() -> None:
    series = announce(UNHEARD, said(B, A), 2, MOMENT)

    assert announce(series, said(A, B), 1, datetime.now(UTC)) == series
