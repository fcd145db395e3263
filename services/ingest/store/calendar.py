"""Mandates as iCalendar (RFC 5545), for attachments and for calendars that are subscribed to."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vDuration

from services.ingest.domain.mandate import Mandate

#: How each state of a mandate is called in a calendar.
_STATUS = {
    "planned": "TENTATIVE",
    "invited": "TENTATIVE",
    "declined": "CANCELLED",
    "cancelled": "CANCELLED",
}
#: The instant from which DTSTAMP is counted: it must grow with each version and with nothing else,
#: so that the same mandates give the same bytes.
_FIRST_STAMP = datetime(2020, 1, 1, tzinfo=UTC)
#: How often a program that subscribed may look again.
_REFRESH = timedelta(hours=1)


def calendar_of(mandates: Sequence[Mandate], *, name: str, zone: str, address: str) -> bytes:
    """Write mandates as a calendar: the same mandates give the same bytes.

    `name` is the calendar's and begins every title, `zone` is its time zone, `address` the page
    that tells more; never a private link, since calendars are shared.
    """
    calendar: Any = Calendar()
    calendar.add("prodid", "-//Dichtbij//Mandates//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", zone)
    calendar.add("refresh-interval", vDuration(_REFRESH), parameters={"VALUE": "DURATION"})
    calendar.add("url", address)
    for known in sorted({zone, *(m.time_zone for m in mandates)}):
        if known != "UTC":
            calendar.add_component(_zone_of(known, *_years(mandates)))
    for mandate in sorted(mandates, key=lambda m: (m.starts_at, m.mandate)):
        calendar.add_component(_event(mandate, name, address))
    written: bytes = calendar.to_ical()
    return written


def _years(mandates: Sequence[Mandate]) -> tuple[int, int]:
    years = [m.starts_at.year for m in mandates] + [m.ends_at.year for m in mandates]
    return min(years, default=_FIRST_STAMP.year) - 1, max(years, default=_FIRST_STAMP.year) + 2


@cache
def _zone_of(zone: str, first: int, last: int) -> Timezone:
    written: Any = Timezone.from_tzinfo(ZoneInfo(zone), zone, date(first, 1, 1), date(last, 1, 1))
    # It says in English for which years it is good; nobody needs to read that.
    written.pop("COMMENT", None)
    return written


def _event(mandate: Mandate, name: str, address: str) -> Event:
    event: Any = Event()
    event.add("uid", f"{mandate.mandate}@mandates.dichtbij")
    event.add("sequence", mandate.version)
    event.add("dtstamp", _FIRST_STAMP + timedelta(seconds=mandate.version))
    event.add("dtstart", _written(mandate.starts_at, mandate.time_zone))
    event.add("dtend", _written(mandate.ends_at, mandate.time_zone))
    event.add("summary", f"{name}: {mandate.holder.name}")
    event.add("status", _STATUS.get(mandate.state, "CONFIRMED"))
    # Two weeks of a mandate are not two weeks of being busy.
    event.add("transp", "TRANSPARENT")
    event.add("url", address)
    return event


def _written(moment: datetime, zone: str) -> datetime:
    """Give an instant in local time, or in UTC where the local time would mean another one."""
    local = moment.astimezone(ZoneInfo(zone))
    # In the doubled hour RFC 5545 takes a local time for the first of the two.
    return moment.astimezone(UTC) if local.fold or zone == "UTC" else local
