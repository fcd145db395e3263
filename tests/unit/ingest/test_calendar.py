"""Calendars of mandates: read back by another reader's eyes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from services.contracts.ids import CampaignId, CuratorId, MandateId
from services.ingest.domain.mandate import Holder, Mandate
from services.ingest.store.calendar import calendar_of

START = datetime(2026, 10, 19, 7, tzinfo=UTC)


def a_mandate(name: str = "Fatima", **changes: Any) -> Mandate:
    mandate = Mandate(
        mandate=MandateId(f"m-{name.lower()}"),
        campaign=CampaignId("zot"),
        holder=Holder(CuratorId("k-1"), name),
        starts_at=START,
        ends_at=START + timedelta(days=14, hours=1),
        time_zone="Europe/Brussels",
        state="accepted",
        version=3,
    )
    return replace(mandate, **changes)


def written(*mandates: Mandate) -> bytes:
    page = "https://foto.example/c/zot"
    return calendar_of(mandates, name="Zot van A", zone="Europe/Brussels", address=page)


def events(calendar: bytes) -> list[Any]:
    read: Any = Calendar.from_ical(calendar)
    return read.walk("VEVENT")


def test_a_mandate_is_an_event_in_local_time_with_its_zone() -> None:
    calendar = written(a_mandate())

    assert b"DTSTART;TZID=Europe/Brussels:20261019T090000" in calendar
    assert b"DTEND;TZID=Europe/Brussels:20261102T090000" in calendar
    assert b"BEGIN:VTIMEZONE\r\nTZID:Europe/Brussels" in calendar
    [event] = events(calendar)
    assert event["SUMMARY"] == "Zot van A: Fatima"
    assert event["UID"] == "m-fatima@mandates.dichtbij"
    assert event["SEQUENCE"] == 3
    assert event["STATUS"] == "CONFIRMED"
    assert event["TRANSP"] == "TRANSPARENT"


def test_the_zone_that_is_written_says_when_the_clocks_change() -> None:
    read: Any = Calendar.from_ical(written(a_mandate()))

    [zone] = read.walk("VTIMEZONE")
    local = zone.to_tz(lookup_tzid=False)
    before = datetime(2026, 10, 25, 1, 59, 59, tzinfo=local)
    after = datetime(2026, 10, 25, 3, 0, tzinfo=local)
    assert before.utcoffset() == timedelta(hours=2)
    assert after.utcoffset() == timedelta(hours=1)


def test_the_same_mandates_give_the_same_bytes_in_any_order() -> None:
    one, two = a_mandate(), a_mandate("Piet", starts_at=START + timedelta(days=14))

    assert written(one, two) == written(two, one) == written(one, two)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("planned", "TENTATIVE"),
        ("invited", "TENTATIVE"),
        ("accepted", "CONFIRMED"),
        ("ended", "CONFIRMED"),
        ("stopped", "CONFIRMED"),
        ("declined", "CANCELLED"),
        ("cancelled", "CANCELLED"),
    ],
)
def test_the_state_of_a_mandate_is_told(state: str, status: str) -> None:
    [event] = events(written(a_mandate(state=state)))

    assert event["STATUS"] == status


def test_a_change_is_known_by_its_sequence_and_keeps_its_name() -> None:
    [before] = events(written(a_mandate()))
    [after] = events(written(a_mandate(version=4, ends_at=START + timedelta(days=7))))

    assert before["UID"] == after["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["DTSTAMP"].dt > before["DTSTAMP"].dt


def test_the_second_of_two_like_hours_is_written_in_utc() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

    assert b"DTSTART;TZID=Europe/Brussels:20261025T023000" in written(a_mandate(starts_at=first))
    later = written(a_mandate(starts_at=first + timedelta(hours=1)))
    assert b"DTSTART:20261025T013000Z" in later


def test_words_with_commas_and_lines_come_back_as_they_were() -> None:
    [event] = events(written(a_mandate("Jan; Piet, Joris\nen Korneel " + "é" * 80)))

    assert event["SUMMARY"] == "Zot van A: Jan; Piet, Joris\nen Korneel " + "é" * 80


def test_an_empty_calendar_can_be_read() -> None:
    assert events(written()) == []


@given(
    st.integers(min_value=0, max_value=15 * 366 * 24 * 3600),
    st.sampled_from(["Europe/Brussels", "Europe/London", "UTC", "America/St_Johns"]),
)
def test_every_instant_comes_back_as_it_was(seconds: int, zone: str) -> None:
    moment = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    mandate = a_mandate(starts_at=moment, ends_at=moment + timedelta(days=1), time_zone=zone)

    [event] = events(written(mandate))
    assert event["DTSTART"].dt.astimezone(UTC) == moment
