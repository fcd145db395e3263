"""Gaps: the times of a calendar that nobody has, and that somebody could be given."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from services.contracts.ingest import CampaignAnnounced
from services.ingest.domain.mandate import Mandate
from services.ingest.domain.planning import about, leaves_window, overlap, standing

#: More terms than this that nobody has are shown as one.
MOST_SHOWN = 60


def terms_between(
    since: datetime, until: datetime, first_local: datetime, days: int, zone: str
) -> list[tuple[datetime, datetime]]:
    """Split a time that nobody has where the terms of a rotation would change.

    The first and the last may be shorter, and the last longer where there would be too many.
    """
    here = since.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    number = (here - first_local) // timedelta(days=days)
    cuts = [since]
    while len(cuts) < MOST_SHOWN:
        number += 1
        cut = about(first_local + timedelta(days=days * number), zone)
        if cut >= until:
            break
        if cut > since:
            cuts.append(cut)
    return list(pairwise([*cuts, until]))


def is_free(
    mandate: Mandate, planned: Sequence[Mandate], campaign: CampaignAnnounced, now: datetime
) -> bool:
    """Say whether somebody else can have the time of a mandate that came to nothing."""
    return (
        mandate.state in {"declined", "cancelled"}
        and max(now, mandate.starts_at) < mandate.ends_at
        and not leaves_window(mandate.starts_at, mandate.ends_at, campaign)
        and not any(overlap(mandate, other) for other in planned)
    )


def overlaps_and_gaps(
    mandates: Sequence[Mandate], since: datetime, until: datetime
) -> tuple[list[tuple[Mandate, Mandate]], list[tuple[datetime, datetime]]]:
    """Give the pairs of mandates that overlap, and the times that nobody covers, while planning."""
    planned = standing(mandates)
    pairs = [
        (first, second)
        for n, first in enumerate(planned)
        for second in planned[n + 1 :]
        if second.starts_at < first.ends_at
    ]
    gaps: list[tuple[datetime, datetime]] = []
    covered = since
    for mandate in planned:
        if mandate.starts_at >= until:
            break
        if mandate.starts_at > covered:
            gaps.append((covered, mandate.starts_at))
        covered = max(covered, mandate.ends_at)
    if covered < until:
        gaps.append((covered, until))
    return pairs, gaps
