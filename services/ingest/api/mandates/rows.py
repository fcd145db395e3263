"""The lines of a campaign's calendar: who has the mandate when, and the times that nobody has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.contracts.ingest import CampaignAnnounced
from services.ingest.api.mandates.forms import local
from services.ingest.domain.campaign_written import Rotation
from services.ingest.domain.gaps import is_free, overlaps_and_gaps, terms_between
from services.ingest.domain.mandate import Mandate
from services.ingest.domain.planning import about, leaves_window, standing

#: How far ahead of the last turn a calendar shows that nobody has a turn yet.
_HORIZON = timedelta(days=366)
#: Times after the last turn that are shown at first; the others are one tap away.
_SHOWN_AHEAD = 3


@dataclass(frozen=True)
class Row:
    """A line of the calendar: a mandate, or a time that nobody has.

    A time is `free` when somebody can be given a turn then, as in the mandate `like` this one.
    """

    starts_at: datetime
    ends_at: datetime
    mandate: Mandate | None = None
    now: bool = False
    past: bool = False
    clash: bool = False
    outside: bool = False
    free: bool = False
    like: Mandate | None = None


def rows_of(
    mandates: Sequence[Mandate],
    campaign: CampaignAnnounced,
    rotation: Rotation | None,
    now: datetime,
) -> list[Row]:
    """Order mandates and gaps by time, in local time.

    Gaps count from now on. Where mandates follow each other by a rotation, they count from its
    first turn to the campaign's end, or a year after the last turn, in turns of the rotation;
    elsewhere between the first turn and the last.
    """
    planned = standing(mandates)
    since, until = _span(planned, campaign, rotation, now)
    pairs, gaps = overlaps_and_gaps(planned, since, max(since, until))
    clashing = {m.mandate for pair in pairs for m in pair}
    zone = campaign.time_zone
    rows = [
        Row(
            local(m.starts_at, zone),
            local(m.ends_at, zone),
            m,
            now=m in planned and m.starts_at <= now < m.ends_at,
            past=m.ends_at <= now,
            clash=m.mandate in clashing and m.series is None,
            outside=m in planned and leaves_window(m.starts_at, m.ends_at, campaign),
            free=is_free(m, planned, campaign, now),
            like=m,
        )
        for m in mandates
    ]
    rows += [
        Row(local(a, zone), local(b, zone), free=True, like=_before(planned, a))
        for gap in gaps
        for a, b in _turns(gap, planned, rotation, zone)
    ]
    return sorted(rows, key=lambda row: (row.starts_at, row.mandate is None))


def ahead(rows: Sequence[Row]) -> int:
    """Say how many lines at the end of a calendar need not be seen at first."""
    last = max((n for n, row in enumerate(rows, 1) if row.mandate is not None), default=0)
    return max(0, len(rows) - last - _SHOWN_AHEAD)


def _span(
    planned: Sequence[Mandate],
    campaign: CampaignAnnounced,
    rotation: Rotation | None,
    now: datetime,
) -> tuple[datetime, datetime]:
    """Say from when to when it matters that nobody has a turn."""
    first = min((m.starts_at for m in planned), default=None)
    last = max((m.ends_at for m in planned), default=now)
    if rotation is None:
        return max(now, first or now), last
    begins = about(rotation.first_local, campaign.time_zone)
    since = max(now, campaign.opens_at, begins if first is None else min(first, begins))
    return since, min(campaign.closes_at, max(since, last) + _HORIZON)


def _turns(
    gap: tuple[datetime, datetime],
    planned: Sequence[Mandate],
    rotation: Rotation | None,
    zone: str,
) -> list[tuple[datetime, datetime]]:
    """Split a gap where turns would change, counted from the turn before it."""
    if rotation is None:
        return [gap]
    before, anchor = _before(planned, gap[0]), rotation.first_local
    if before is not None:
        # One that was ended early says by its start how the rotation goes.
        early = before.state in {"ended", "stopped"}
        anchor = local(before.starts_at if early else before.ends_at, zone).replace(tzinfo=None)
    return terms_between(*gap, anchor, rotation.days, zone)


def _before(planned: Sequence[Mandate], moment: datetime) -> Mandate | None:
    """Give the last mandate that begins before an instant: the next one is probably like it."""
    return next((m for m in reversed(planned) if m.starts_at < moment), None)
