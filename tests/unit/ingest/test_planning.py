"""Planning by the clock on the wall: exact through both changes, and plain words where it fails."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.ids import CuratorId, MandateId
from services.ingest.domain.gaps import MOST_SHOWN, overlaps_and_gaps, terms_between
from services.ingest.domain.mandate import BadDatesError, Holder, Mandate
from services.ingest.domain.planning import (
    DoubledHourError,
    MissingHourError,
    OverlapError,
    insist_on_room,
    local_instant,
    slots,
    week_label,
)
from tests.builders import CAMPAIGN

BRUSSELS = "Europe/Brussels"
DAY = datetime(2026, 10, 1, 7, tzinfo=UTC)


def wall(written: str) -> datetime:
    return datetime.fromisoformat(written)


def from_to(name: str, first: float, last: float, **changes: Any) -> Mandate:
    mandate = Mandate(
        MandateId(name),
        CAMPAIGN,
        Holder(CuratorId(f"k-{name}"), name.title()),
        DAY + timedelta(days=first),
        DAY + timedelta(days=last),
        BRUSSELS,
    )
    return replace(mandate, **changes)


def test_two_week_terms_change_at_nine_on_the_wall_through_both_clock_changes() -> None:
    terms = slots(wall("2026-10-12T09:00"), 14, 26, BRUSSELS)
    changes = [start for start, _ in terms] + [terms[-1][1]]
    assert [end for _, end in terms] == changes[1:]
    assert {change.astimezone(ZoneInfo(BRUSSELS)).time().hour for change in changes} == {9}
    assert changes[0] == datetime(2026, 10, 12, 7, tzinfo=UTC)
    assert changes[1] == datetime(2026, 10, 26, 8, tzinfo=UTC)
    assert datetime(2027, 3, 29, 7, tzinfo=UTC) in changes
    assert changes[1] - changes[0] == timedelta(days=14, hours=1)


@given(
    st.datetimes(wall("2000-01-01T00:00"), wall("2037-01-01T00:00")).map(
        lambda d: d.replace(hour=12 + d.hour % 12)
    ),
    st.integers(1, 40),
    st.integers(1, 30),
    st.sampled_from([BRUSSELS, "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
)
def test_terms_lie_end_to_end_at_the_same_local_time(
    first: datetime, days: int, count: int, zone: str
) -> None:
    terms = slots(first, days, count, zone)
    assert len(terms) == count
    for n, (start, end) in enumerate(terms):
        assert start.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == first + n * timedelta(days)
        assert n == 0 or terms[n - 1][1] == start
        assert start < end


def test_a_time_in_the_missing_hour_is_refused_with_the_first_time_that_exists() -> None:
    with pytest.raises(MissingHourError) as refused:
        local_instant(wall("2027-03-28T02:30"), BRUSSELS)
    assert str(refused.value) == (
        "28/03/2027 02:30 does not exist in Europe/Brussels: the clocks are put forward then. "
        "Write 03:00 or later, or a time before the clocks change."
    )
    assert refused.value.resumes == wall("2027-03-28T03:00")
    for either in (False, True):
        with pytest.raises(MissingHourError):
            local_instant(wall("2027-03-28T02:00"), BRUSSELS, later=either)


def test_a_time_in_the_doubled_hour_is_refused_unless_one_of_both_is_named() -> None:
    twice = wall("2026-10-25T02:30")
    with pytest.raises(DoubledHourError) as refused:
        local_instant(twice, BRUSSELS)
    assert "Write 2026-10-25T02:30+02:00 for the first" in str(refused.value)
    first, second = (local_instant(twice, BRUSSELS, later=later) for later in (False, True))
    assert (first, second) == (
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    )
    named = twice.replace(tzinfo=timezone(timedelta(hours=1)))
    assert local_instant(named, BRUSSELS) == second


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-10-25T01:59:59", "2026-10-24T23:59:59+00:00"),
        ("2026-10-25T03:00:00", "2026-10-25T02:00:00+00:00"),
        ("2027-03-28T01:59:59", "2027-03-28T00:59:59+00:00"),
        ("2027-03-28T03:00:00", "2027-03-28T01:00:00+00:00"),
    ],
)
def test_the_seconds_beside_a_clock_change_are_ordinary(written: str, instant: str) -> None:
    assert local_instant(wall(written), BRUSSELS) == datetime.fromisoformat(instant)


def test_terms_that_would_change_in_a_missing_or_doubled_hour_are_refused() -> None:
    with pytest.raises(MissingHourError):
        slots(wall("2027-03-14T02:30"), 14, 2, BRUSSELS)
    with pytest.raises(DoubledHourError):
        slots(wall("2026-10-11T02:30"), 14, 2, BRUSSELS)


@pytest.mark.parametrize(("days", "count"), [(0, 1), (-14, 3), (14, 0), (14, 1000), (3_000_000, 5)])
def test_terms_that_nobody_can_mean_are_refused(days: int, count: int) -> None:
    with pytest.raises(BadDatesError):
        slots(wall("2026-10-12T09:00"), days, count, BRUSSELS)


def test_overlaps_and_gaps_are_shown_while_planning() -> None:
    one, two = from_to("one", 0, 14), from_to("two", 13, 28)
    three, gone = from_to("three", 30, 44), from_to("gone", 28, 30, state="declined")
    pairs, gaps = overlaps_and_gaps([three, gone, two, one], DAY, DAY + timedelta(days=60))
    assert pairs == [(one, two)]
    assert gaps == [
        (two.ends_at, three.starts_at),
        (three.ends_at, DAY + timedelta(days=60)),
    ]


def test_a_gap_is_split_where_the_turns_of_a_rotation_would_change() -> None:
    since, until = datetime(2026, 10, 20, 12, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)
    terms = terms_between(since, until, wall("2026-10-12T09:00"), 14, BRUSSELS)
    assert terms == [
        (since, datetime(2026, 10, 26, 8, tzinfo=UTC)),
        (datetime(2026, 10, 26, 8, tzinfo=UTC), datetime(2026, 11, 9, 8, tzinfo=UTC)),
        (datetime(2026, 11, 9, 8, tzinfo=UTC), until),
    ]
    # The turns go back in time as well, and a gap as long as one turn is one.
    assert terms_between(*terms[1], wall("2026-12-07T09:00"), 14, BRUSSELS) == [terms[1]]
    years = terms_between(since, until.replace(year=2099), wall("2026-10-12T09:00"), 1, BRUSSELS)
    assert len(years) == MOST_SHOWN
    assert years[-1][1] == until.replace(year=2099)


def test_a_plan_that_begins_after_the_time_asked_for_leaves_one_gap() -> None:
    until = DAY + timedelta(days=10)
    assert overlaps_and_gaps([from_to("later", 20, 30)], DAY, until) == ([], [(DAY, until)])
    assert overlaps_and_gaps([from_to("all", -1, 30)], DAY, until) == ([], [])


def test_time_that_somebody_has_is_refused_with_their_name_unless_it_may_overlap() -> None:
    fatima = from_to("fatima", 0, 14)
    with pytest.raises(OverlapError) as refused:
        insist_on_room(from_to("jef", 13.99, 28), [fatima])
    assert str(refused.value) == (
        "Fatima has the mandate from 01/10/2026 09:00 to 15/10/2026 09:00. "
        "Choose other dates, or say that these two may overlap."
    )
    insist_on_room(from_to("jef", 14, 28), [fatima])
    insist_on_room(from_to("jef", 13, 28, overlap=True), [fatima])
    insist_on_room(from_to("jef", 13, 28), [replace(fatima, state="cancelled")])
    insist_on_room(fatima, [fatima])


@pytest.mark.parametrize(
    ("first", "last", "label"),
    [
        ("2027-03-22T08:00+00:00", "2027-04-05T07:00+00:00", "12\u201313"),
        ("2027-03-22T08:00+00:00", "2027-03-29T07:00+00:00", "12"),
        ("2027-03-22T08:00+00:00", "2027-03-22T20:00+00:00", "12"),
        ("2026-12-28T08:00+00:00", "2027-01-11T08:00+00:00", "53\u20131"),
    ],
)
def test_a_term_is_called_by_its_weeks(first: str, last: str, label: str) -> None:
    starts_at, ends_at = datetime.fromisoformat(first), datetime.fromisoformat(last)
    assert week_label(starts_at, ends_at, BRUSSELS) == label
