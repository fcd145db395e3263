"""The fold of a series: any order of its photos, the same places; nothing lost, none too many."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.ids import CampaignId, CuratorId, ItemId, MandateId
from services.contracts.ingest import Crop, SeriesPhoto, SeriesTerms
from services.ingest.domain.arrangement import (
    Arrangement,
    BadCropError,
    EmptySeriesError,
    Wish,
    rearranged,
)
from services.ingest.domain.mandate import Holder, Mandate
from services.ingest.domain.series import (
    Candidate,
    Other,
    Series,
    Stage,
    alike,
    announcement,
    due_at,
    fold,
    photo_key,
    released_partly,
    terms_of,
)
from tests.builders import MOMENT

NOW = MOMENT + timedelta(days=1)
THREE = SeriesTerms(places=3)
LEFT = Crop(x=0, y=0.25, width=1, height=0.5)


def a_photo(number: int, review: Any = "approved", **changes: Any) -> Candidate:
    fields: dict[str, Any] = {
        "item": ItemId(f"item-{number:02}"),
        "original": f"{number:064x}",
        "effective_at": MOMENT + timedelta(minutes=number),
        "review": review,
        "alt": True,
    }
    return Candidate(**(fields | changes))


def some_photos(*reviews: str) -> list[Candidate]:
    return [a_photo(number, review) for number, review in enumerate(reviews, start=1)]


def keys(series: Series) -> list[str | None]:
    return [place.key for place in series.places]


def others(series: Series) -> dict[str, str]:
    return {other.key: other.standing for other in series.others}


@st.composite
def photos(draw: st.DrawFn) -> list[Candidate]:
    """Up to a dozen photos: twins, albums, late ones, and those that were taken back."""
    found: list[Candidate] = []
    for number in range(draw(st.integers(0, 12))):
        withdrawn = draw(st.sampled_from([False, False, False, True]))
        found.append(
            Candidate(
                ItemId(f"item-{number // 2:02}"),
                # A withdrawn photo has nothing left to be told by.
                "" if withdrawn else draw(st.sampled_from("abcdefghijklmnop")) * 64,
                MOMENT + timedelta(minutes=draw(st.integers(0, 5))),
                draw(st.sampled_from(["received", "waiting", "approved", "refused"])),
                withdrawn,
                late=draw(st.booleans()) and draw(st.booleans()),
                alt=draw(st.booleans()),
                mark=draw(st.sampled_from(["", f"{0:016x}", f"{7:016x}", f"{(1 << 60) - 1:016x}"])),
                attachment=number % 2,
                paused=draw(st.booleans()) and draw(st.booleans()),
                shape=1.5,
                kept_back=draw(st.booleans()) and draw(st.booleans()),
            )
        )
    return found


@st.composite
def arrangements(draw: st.DrawFn) -> Arrangement:
    names = [photo_key(ItemId(f"item-{n // 2:02}"), n % 2) for n in range(12)]
    some = st.lists(st.sampled_from(names), unique=True, max_size=6).map(tuple)
    return Arrangement(
        order=draw(some),
        cover=draw(st.none() | st.sampled_from(names)),
        done=draw(st.none() | st.just(NOW)),
        released=draw(st.booleans()),
        apart=draw(some),
    )


STAGES = st.builds(Stage, st.booleans(), st.booleans())
TERMS = st.builds(SeriesTerms, places=st.integers(1, 5))


@given(TERMS, photos(), arrangements(), STAGES, st.randoms(use_true_random=False))
def test_it_does_not_matter_in_which_order_photos_became_known(
    terms: SeriesTerms,
    given_photos: list[Candidate],
    arrangement: Arrangement,
    stage: Stage,
    shuffle: Random,
) -> None:
    once = fold(terms, given_photos, arrangement, stage)
    again = given_photos * 2
    shuffle.shuffle(again)
    assert fold(terms, again, arrangement, stage) == once


@given(TERMS, photos(), arrangements(), STAGES)
def test_no_photo_is_lost_and_no_place_is_given_twice(
    terms: SeriesTerms, given_photos: list[Candidate], arrangement: Arrangement, stage: Stage
) -> None:
    series = fold(terms, given_photos, arrangement, stage)
    placed = [key for key in keys(series) if key is not None]
    assert [place.number for place in series.places] == list(range(1, terms.places + 1))
    assert sorted([*placed, *others(series)]) == sorted(photo.key for photo in given_photos)
    # Free places are the last ones, so that a page can say "3 of 10" and mean the first three.
    assert keys(series) == placed + [None] * (terms.places - len(placed))


@given(TERMS, photos(), arrangements(), STAGES)
def test_only_what_may_stand_there_has_a_place(
    terms: SeriesTerms, given_photos: list[Candidate], arrangement: Arrangement, stage: Stage
) -> None:
    series = fold(terms, given_photos, arrangement, stage)
    known = {photo.key: photo for photo in given_photos}
    placed = [known[key] for key in keys(series) if key is not None]
    for photo in placed:
        assert photo.review != "refused"
        assert not any((photo.withdrawn, photo.late, photo.paused))
    assert len({photo.original for photo in placed}) == len(placed)
    assert "spare" not in others(series).values() or len(placed) == terms.places
    for other in series.others:
        if other.standing == "double":
            assert other.double_of in known
            assert other.double_of != other.key
    shown = [photo_key(p.item, p.attachment) for p in series.photos]
    assert shown == [photo.key for photo in placed if photo.review == "approved"]
    assert series.cover in shown if shown else series.cover is None


@given(TERMS, photos(), arrangements(), STAGES)
def test_a_series_is_let_out_only_when_full_and_ready_or_due_and_stays_out(
    terms: SeriesTerms, given_photos: list[Candidate], arrangement: Arrangement, stage: Stage
) -> None:
    series = fold(terms, given_photos, arrangement, stage)
    may = series.full and (arrangement.done is not None or stage.over) and not stage.hidden
    assert series.arrangement.released == (arrangement.released or may)
    assert series.arrangement.partial == arrangement.partial
    settled = fold(terms, given_photos, series.arrangement, stage)
    assert settled == series


@given(photos(), arrangements(), st.integers(1, 5), st.data())
def test_a_photo_that_is_shown_makes_way_only_for_one_that_is_named(
    given_photos: list[Candidate], arrangement: Arrangement, places: int, data: st.DataObject
) -> None:
    terms = SeriesTerms(places=places)
    unmarked = [replace(photo, mark="", original=photo.key) for photo in given_photos]
    released = replace(arrangement, released=True, order=())
    before = fold(terms, unmarked, released)
    shown = tuple(photo_key(p.item, p.attachment) for p in before.photos)
    # Any of the others may be approved now, and earlier ones may turn up.
    later = [
        photo
        if photo.key in shown
        else replace(photo, review=data.draw(st.sampled_from(["waiting", "approved"])))
        for photo in unmarked
    ]
    early = replace(a_photo(90), effective_at=MOMENT - timedelta(days=1))
    after = fold(terms, [*later, early], released, Stage(shown=shown))
    assert set(shown) <= {photo_key(p.item, p.attachment) for p in after.photos}


def test_the_eleventh_photo_is_spare_and_moves_up_when_one_is_refused() -> None:
    ten = SeriesTerms(places=10)
    given_photos = [a_photo(n, "waiting") for n in range(1, 12)]
    series = fold(ten, given_photos, Arrangement())
    assert others(series) == {"item-11": "spare"}
    given_photos[3] = a_photo(4, "refused")
    series = fold(ten, given_photos, Arrangement())
    assert others(series) == {"item-04": "refused"}
    assert keys(series)[-1] == "item-11"


@pytest.mark.parametrize(
    ("change", "standing"),
    [
        ({"withdrawn": True}, "withdrawn"),
        ({"review": "refused"}, "refused"),
        ({"late": True}, "late"),
        ({"paused": True}, "paused"),
    ],
)
def test_what_has_no_place_frees_it(change: dict[str, Any], standing: str) -> None:
    series = fold(THREE, [a_photo(1, **change), *map(a_photo, (2, 3, 4))], Arrangement())
    assert keys(series) == ["item-02", "item-03", "item-04"]
    assert others(series) == {"item-01": standing}


def test_each_photo_of_an_album_has_a_place() -> None:
    album = [a_photo(1, attachment=n, original=f"{n:064x}") for n in range(4)]
    series = fold(THREE, album, Arrangement())
    assert keys(series) == ["item-01", "item-01#1", "item-01#2"]
    assert others(series) == {"item-01#3": "spare"}
    assert [photo.attachment for photo in series.photos] == [0, 1, 2]


def test_the_same_bytes_by_two_ways_count_once_and_the_other_stands_in_when_one_goes() -> None:
    upload, post = a_photo(1), a_photo(2, original=a_photo(1).original)
    series = fold(THREE, [post, upload], Arrangement(apart=("item-02",)))
    assert keys(series) == ["item-01", None, None]
    assert series.others == (Other(ItemId("item-02"), "double", 0, "item-01", certain=True),)
    series = fold(THREE, [post, replace(upload, withdrawn=True)], Arrangement())
    assert keys(series) == ["item-02", None, None]


def test_photos_that_look_the_same_are_doubles_until_the_curator_says_otherwise() -> None:
    first = a_photo(1, mark="00000000000000ff", shape=1.5)
    copy = a_photo(2, mark="00000000000000fe", shape=1.502)
    series = fold(THREE, [first, copy], Arrangement())
    assert series.others == (Other(ItemId("item-02"), "double", 0, "item-01", certain=False),)
    assert keys(fold(THREE, [first, copy], Arrangement(apart=("item-02",))))[:2] == [
        "item-01",
        "item-02",
    ]
    assert keys(fold(THREE, [first, copy], Arrangement(apart=("item-01",))))[1] == "item-02"


def test_a_double_of_a_spare_is_told_as_one() -> None:
    twins = [a_photo(4), a_photo(5, original=a_photo(4).original)]
    series = fold(THREE, [*map(a_photo, (1, 2, 3)), *twins], Arrangement())
    assert others(series) == {"item-04": "spare", "item-05": "double"}
    assert series.others[1].double_of == "item-04"


@pytest.mark.parametrize(
    ("mark", "shape"),
    [
        ("00000000000000e0", 1.5),  # five bits differ
        ("", 1.5),  # kept before there were marks, or fog
        ("ff", 1.5),  # a mark of another kind
        ("00000000000000ff", 0.67),  # the same in portrait: not the same photo
    ],
)
def test_photos_that_do_not_look_the_same_each_have_a_place(mark: str, shape: float) -> None:
    first = a_photo(1, mark="00000000000000ff", shape=1.5)
    series = fold(THREE, [first, a_photo(2, mark=mark, shape=shape)], Arrangement())
    assert keys(series)[:2] == ["item-01", "item-02"]


def test_four_bits_of_sixty_four_are_alike_and_five_are_not() -> None:
    assert alike("00000000000000ff", "00000000000000f0")
    assert not alike("00000000000000ff", "00000000000000e0")
    assert not alike("", "")


def test_the_curators_order_says_who_stands_where_and_who_has_a_place() -> None:
    given_photos = list(map(a_photo, (1, 2, 3, 4)))
    series = fold(THREE, given_photos, Arrangement(order=("item-04", "item-02")))
    assert keys(series) == ["item-04", "item-02", "item-01"]
    assert others(series) == {"item-03": "spare"}


def test_an_approved_photo_that_may_not_be_shown_has_no_place_and_a_spare_moves_up() -> None:
    arrangement = Arrangement(done=NOW)
    child = a_photo(1, kept_back=True)
    waits = fold(THREE, [child, a_photo(2), a_photo(3)], arrangement)
    assert keys(waits) == ["item-02", "item-03", None]
    assert (others(waits), waits.arrangement.released) == ({"item-01": "kept-back"}, False)

    goes = fold(THREE, [child, *(a_photo(n) for n in (2, 3, 4))], arrangement)
    assert keys(goes) == ["item-02", "item-03", "item-04"]
    assert goes.arrangement.released
    assert photo_key(child.item) not in {photo.item for photo in goes.photos}


def test_a_refusal_is_told_before_what_keeps_a_photo_back() -> None:
    series = fold(THREE, [a_photo(1, "refused", kept_back=True)], Arrangement())
    assert others(series) == {"item-01": "refused"}


def test_the_cover_is_the_chosen_photo_while_it_may_be_shown_and_else_the_first() -> None:
    chosen = Arrangement(cover="item-02")
    assert fold(THREE, some_photos("approved", "approved"), chosen).cover == "item-02"
    assert fold(THREE, some_photos("approved", "waiting"), chosen).cover == "item-01"
    assert fold(THREE, some_photos("waiting", "waiting"), chosen).cover is None


def test_a_full_series_waits_for_its_curator_or_its_deadline() -> None:
    full = some_photos("approved", "approved", "approved")
    done = Arrangement(done=NOW)
    assert not fold(THREE, full, Arrangement()).arrangement.released
    assert fold(THREE, full, done).arrangement.released
    assert fold(THREE, full, Arrangement(), Stage(over=True)).arrangement.released
    assert not fold(THREE, full, done, Stage(over=True, hidden=True)).arrangement.released
    missing = some_photos("approved", "approved", "waiting")
    assert not fold(THREE, missing, done, Stage(over=True)).arrangement.released


def test_after_its_release_an_approved_spare_takes_the_place_of_a_withdrawn_photo() -> None:
    given_photos = [*some_photos("approved", "approved", "approved"), a_photo(4, "waiting")]
    given_photos.append(a_photo(5, "approved"))
    released = fold(THREE, given_photos, Arrangement(done=NOW)).arrangement
    given_photos[0] = replace(given_photos[0], withdrawn=True, original="")
    series = fold(THREE, given_photos, released, Stage(shown=("item-01", "item-02", "item-03")))
    assert [photo.item for photo in series.photos] == ["item-02", "item-03", "item-05"]
    # The earlier one, approved at last, does not push it out again.
    given_photos[3] = a_photo(4, "approved")
    series = fold(THREE, given_photos, released, Stage(shown=("item-02", "item-03", "item-05")))
    assert [photo.item for photo in series.photos] == ["item-02", "item-03", "item-05"]
    assert series.arrangement.released


def test_a_partial_release_shows_what_is_approved_and_the_rest_joins_later() -> None:
    series = fold(THREE, some_photos("approved", "waiting"), Arrangement(version=4))
    arrangement = released_partly(series)
    assert (arrangement.released, arrangement.partial, arrangement.version) == (True, True, 5)
    later = fold(THREE, some_photos("approved", "approved"), arrangement)
    assert [photo.item for photo in later.photos] == ["item-01", "item-02"]
    assert released_partly(later) == later.arrangement


def test_nothing_cannot_be_released() -> None:
    with pytest.raises(EmptySeriesError):
        released_partly(fold(THREE, some_photos("waiting", "refused"), Arrangement()))


KNOWN = ["item-01", "item-02", "item-03"]


def test_an_arrangement_forgets_photos_that_it_does_not_know() -> None:
    wish = Wish(order=["item-09", "item-02", "item-02", "item-01"], cover="item-09")
    after = rearranged(Arrangement(cover="item-03"), wish, KNOWN, NOW)
    assert (after.order, after.cover, after.version) == (("item-02", "item-01"), "item-03", 1)


def test_what_a_wish_does_not_name_stays() -> None:
    wish = Wish(["item-02"], "item-02", {"item-01": LEFT}, ["item-03"], done=True)
    before = rearranged(Arrangement(), wish, KNOWN, NOW)
    after = rearranged(before, Wish(), KNOWN, NOW + timedelta(hours=1))
    assert after == replace(before, version=2)
    assert before.crops == (("item-01", LEFT),)
    assert rearranged(before, Wish(crops={"item-01": None}), KNOWN, NOW).crops == ()


def test_arranging_after_done_keeps_done_and_done_can_be_taken_back_until_it_is_released() -> None:
    done = rearranged(Arrangement(), Wish(done=True), KNOWN, NOW)
    later = NOW + timedelta(hours=1)
    assert rearranged(done, Wish(order=["item-03"]), KNOWN, later).done == NOW
    assert rearranged(done, Wish(done=True), KNOWN, later).done == NOW
    assert rearranged(done, Wish(done=False), KNOWN, later).done is None
    released = replace(done, released=True)
    assert rearranged(released, Wish(done=False), KNOWN, later).done == NOW


@pytest.mark.parametrize(
    "edges", [(-0.1, 0, 1, 0.5), (0, 0, 0, 0.5), (0.6, 0, 0.5, 0.5), (0, 0.6, 0.5, 0.5)]
)
def test_a_wide_part_outside_of_the_photo_is_refused(edges: Sequence[float]) -> None:
    x, y, width, height = edges
    crop = Crop(x=x, y=y, width=width, height=height)
    with pytest.raises(BadCropError):
        rearranged(Arrangement(), Wish(crops={"item-01": crop}), KNOWN, NOW)


def a_mandate(**changes: Any) -> Mandate:
    fields: dict[str, Any] = {
        "mandate": MandateId("m-1"),
        "campaign": CampaignId("bollekesfeest"),
        "holder": Holder(CuratorId("k-1"), "Fatima"),
        "starts_at": MOMENT,
        "ends_at": MOMENT + timedelta(days=14),
        "time_zone": "Europe/Brussels",
        "state": "accepted",
        "series": THREE,
    }
    return Mandate(**(fields | changes))


def test_what_is_told_of_a_series_is_what_may_be_shown_of_it() -> None:
    album = [a_photo(1, attachment=n, original=f"{n:064x}") for n in range(2)]
    wish = Wish(cover="item-01#1", crops={"item-01": LEFT})
    arranged = rearranged(Arrangement(), wish, ["item-01", "item-01#1"], NOW)
    told = announcement(a_mandate(), fold(THREE, [*album, a_photo(2, "waiting")], arranged))
    assert told.photos == (
        SeriesPhoto(item=ItemId("item-01"), wide=LEFT),
        SeriesPhoto(item=ItemId("item-01"), attachment=1),
    )
    assert (told.cover, told.cover_attachment) == ("item-01", 1)
    assert (told.places, told.name, told.released) == (3, "Fatima", False)


def test_a_quota_counts_as_places_and_the_end_of_a_mandate_as_a_deadline() -> None:
    deadline = datetime(2026, 12, 1, tzinfo=UTC)
    assert terms_of(a_mandate()) == THREE
    assert terms_of(a_mandate(series=None, quota=7)) == SeriesTerms(places=7)
    assert terms_of(a_mandate(series=None)) is None
    assert due_at(a_mandate()) == MOMENT + timedelta(days=14)
    assert due_at(a_mandate(series=SeriesTerms(places=3, deadline=deadline))) == deadline
