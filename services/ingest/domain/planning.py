"""Planning: terms by the clock on the wall, so that every change is at the same local hour.

Local times that do not exist, or exist twice, are refused by name: a mandate must not begin an hour
from when its curator thinks it does.

LocalTimeError
├── MissingHourError   the clocks were put forward over it
└── DoubledHourError   the clocks were put back over it, and nobody said which of both is meant

BadDatesError (`domain/mandate.py`)
├── OverlapError       somebody else has that time
├── OutsideWindowError the campaign does not take posts then
├── ShortTermError     a term of less than a day
├── TermCountError     no term, or too many at a time
└── FarTermError       terms beyond what can be written
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from services.contracts.ingest import CampaignAnnounced
from services.ingest.domain.mandate import BadDatesError, Mandate

#: More terms than this are no plan but a mistake.
MOST_SLOTS = 520


class LocalTimeError(ValueError):
    """A local time names no instant, or two; the message is a sentence for people."""

    def __init__(self, message: str, local: datetime, zone: str) -> None:
        """Keep what was written, for pages that say it in another language."""
        super().__init__(message)
        self.local = local
        self.zone = zone


class MissingHourError(LocalTimeError):
    """The clocks were put forward over this local time; `resumes` is the first that exists."""

    def __init__(self, local: datetime, zone: str, resumes: datetime) -> None:
        """Say why it does not exist and what to write."""
        super().__init__(
            f"{local:%d/%m/%Y %H:%M} does not exist in {zone}: the clocks are put forward then. "
            f"Write {resumes:%H:%M} or later, or a time before the clocks change.",
            local,
            zone,
        )
        self.resumes = resumes


class DoubledHourError(LocalTimeError):
    """The clocks were put back over this local time, so that it comes twice."""

    def __init__(self, local: datetime, zone: str, earlier: datetime, later: datetime) -> None:
        """Say which two instants it could be and what to write."""
        super().__init__(
            f"{local:%d/%m/%Y %H:%M} comes twice in {zone}: the clocks are put back then. "
            f"Write {earlier.isoformat(timespec='minutes')} for the first or "
            f"{later.isoformat(timespec='minutes')} for the second, "
            "or choose another hour.",
            local,
            zone,
        )


class OverlapError(BadDatesError):
    """A mandate would hold at the same time as another, and nobody said that it may."""

    def __init__(self, other: Mandate) -> None:
        """Name the time that is taken and what to do."""
        zone = ZoneInfo(other.time_zone)
        super().__init__(
            f"{other.holder.name} has the mandate from "
            f"{other.starts_at.astimezone(zone):%d/%m/%Y %H:%M} to "
            f"{other.ends_at.astimezone(zone):%d/%m/%Y %H:%M}. "
            "Choose other dates, or say that these two may overlap."
        )
        self.other = other


class OutsideWindowError(BadDatesError):
    """A mandate would hold when its campaign takes no posts."""

    def __init__(self, campaign: CampaignAnnounced) -> None:
        """Name the time within which turns can be planned."""
        self.opens_at, self.closes_at = campaign.opens_at, campaign.closes_at
        self.zone = campaign.time_zone
        opens, closes = (
            at.astimezone(ZoneInfo(self.zone)) for at in (self.opens_at, self.closes_at)
        )
        super().__init__(
            f"The campaign takes posts from {opens:%d/%m/%Y %H:%M} to {closes:%d/%m/%Y %H:%M}. "
            "Choose dates between these, or change those of the campaign first."
        )


class ShortTermError(BadDatesError):
    """A term would last less than a day."""

    def __init__(self) -> None:
        """Say what to write."""
        super().__init__("A term must last at least one day. Write a number from 1.")


class TermCountError(BadDatesError):
    """No term was asked for, or more than `most` at a time."""

    def __init__(self, most: int) -> None:
        """Say how many there can be."""
        super().__init__(f"Plan between 1 and {most} terms at a time.")
        self.most = most


class FarTermError(BadDatesError):
    """Terms would end later than any date that can be written."""

    def __init__(self) -> None:
        """Say what to do instead."""
        super().__init__("These terms would end after the year 9999. Plan fewer, or shorter ones.")


def local_instant(local: datetime, zone: str, *, later: bool | None = None) -> datetime:
    """Give the instant, in UTC, of a time as clocks on the wall show it.

    A time with an offset names its own instant. `later` says which is meant of two. Raises
    MissingHourError and DoubledHourError.
    """
    if local.tzinfo is not None:
        return local.astimezone(UTC)
    there = ZoneInfo(zone)
    first = local.replace(tzinfo=there, fold=0)
    second = local.replace(tzinfo=there, fold=1)
    instants = first.astimezone(UTC), second.astimezone(UTC)
    # Outside of a change both folds are one instant; in a gap neither comes back as it was written.
    if instants[0] == instants[1]:
        return instants[0]
    if instants[0].astimezone(there).replace(tzinfo=None) != local:
        raise MissingHourError(local, zone, _resumes(local, there))
    if later is None:
        raise DoubledHourError(local, zone, first, second)
    return instants[later]


def _resumes(local: datetime, there: ZoneInfo) -> datetime:
    """Find the first local time after a gap, by the minute."""
    minute = local.replace(second=0, microsecond=0)
    while _offset(minute, there, 0) != _offset(minute, there, 1):
        minute += timedelta(minutes=1)
    return minute


def _offset(local: datetime, there: ZoneInfo, fold: Literal[0, 1]) -> timedelta | None:
    return local.replace(tzinfo=there, fold=fold).utcoffset()


def about(local: datetime, zone: str) -> datetime:
    """Give an instant for any local time: the first of two, and an hour later for a missing one."""
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def slots(
    first_local: datetime, days: int, count: int, zone: str, *, later: bool | None = None
) -> list[tuple[datetime, datetime]]:
    """Give so many terms of so many days, in UTC; each ends where the next begins.

    Every change is at the local hour of the first, also when the clocks changed in between; `later`
    says which is meant of two. Raises BadDatesError, and MissingHourError or DoubledHourError when
    a change falls on such an hour.
    """
    if days < 1:
        raise ShortTermError
    if not 1 <= count <= MOST_SLOTS:
        raise TermCountError(MOST_SLOTS)
    written = first_local
    if first_local.tzinfo is not None:
        written = first_local.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    try:
        locals_ = [written + timedelta(days=days * n) for n in range(count + 1)]
    except OverflowError:
        raise FarTermError from None
    changes = [local_instant(local, zone, later=later) for local in locals_[1:]]
    return list(pairwise([local_instant(first_local, zone, later=later), *changes]))


def up_to(
    terms: Sequence[tuple[datetime, datetime]], campaign: CampaignAnnounced
) -> list[tuple[datetime, datetime]]:
    """Give terms as far as their campaign goes: the last one may be cut short."""
    closes = campaign.closes_at
    return [(starts, min(ends, closes)) for starts, ends in terms if starts < closes]


def leaves_window(starts_at: datetime, ends_at: datetime, campaign: CampaignAnnounced) -> bool:
    """Say whether a mandate would hold when its campaign takes no posts."""
    return starts_at < campaign.opens_at or ends_at > campaign.closes_at


def insist_on_window(
    starts_at: datetime,
    ends_at: datetime,
    campaign: CampaignAnnounced,
    before: Mandate | None = None,
) -> None:
    """Refuse dates outside of a campaign's, unless the mandate had that time before.

    Raises OutsideWindowError.
    """
    had_start = before is not None and before.starts_at <= starts_at
    had_end = before is not None and ends_at <= before.ends_at
    if (starts_at < campaign.opens_at and not had_start) or (
        ends_at > campaign.closes_at and not had_end
    ):
        raise OutsideWindowError(campaign)


def standing(mandates: Sequence[Mandate]) -> list[Mandate]:
    """Give the mandates that take up time on the calendar, in order of their start."""
    return sorted(
        (
            m
            for m in mandates
            if m.state not in {"declined", "cancelled"} and m.starts_at < m.ends_at
        ),
        key=lambda m: (m.starts_at, m.mandate),
    )


def insist_on_room(mandate: Mandate, mandates: Sequence[Mandate]) -> None:
    """Refuse dates that somebody else has, unless this mandate may overlap. Raises OverlapError."""
    if mandate.overlap:
        return
    for other in standing(mandates):
        if other.mandate != mandate.mandate and overlap(mandate, other):
            raise OverlapError(other)


def overlap(first: Mandate, second: Mandate) -> bool:
    """Say whether there is an instant that two mandates have in common."""
    return first.starts_at < second.ends_at and second.starts_at < first.ends_at


def week_label(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """Give the ISO weeks of a term by its local dates, as `12` or `12` to `13`.

    A change on Monday morning belongs to the next term's week, so the last day counts only from the
    hour at which the first began.
    """
    there = ZoneInfo(zone)
    first = starts_at.astimezone(there).date()
    last = max(first, (ends_at.astimezone(there) - timedelta(days=1)).date())
    weeks = (_week(first), _week(last))
    return str(weeks[0][1]) if weeks[0] == weeks[1] else f"{weeks[0][1]}\N{EN DASH}{weeks[1][1]}"


def _week(day: date) -> tuple[int, int]:
    year, week, _ = day.isocalendar()
    return year, week
