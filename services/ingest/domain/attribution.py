"""Attribution: for whose mandate an item counts, by one rule.

The rule is a pure function of all mandates of the campaign and of where and when the item was made.
So it does not matter in which order items and mandates became known: live, late, doubled and in a
replay, the same comes out (`docs/decisions/0007-mandates.md`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.contracts.ingest import Attribution
from services.ingest.domain.mandate import GRACE_DAYS, Mandate, Provenance

#: How long after its end an item is still offered as late.
GRACE = timedelta(days=GRACE_DAYS)
_NOBODY = Attribution()


def attribute(mandates: Sequence[Mandate], came: Provenance, effective_at: datetime) -> Attribution:
    """Say for whom an item counts that took effect at an instant.

    First who: the curator whose link it came by; else the curators who have proven its account;
    else, when its source is handed over, whoever holds that source. Then when: the mandate that
    holds at the instant; of several, by explicit overlap, the one that began last.
    """
    if came.admitted is not None:
        for mandate in mandates:
            if mandate.mandate == came.admitted:
                return _for(mandate, "counted")
    theirs = [m for m in mandates if m.in_force and _concerns(m, came)]
    covering = [m for m in theirs if m.covers(effective_at)]
    holding = [m for m in covering if not m.paused_at(effective_at)]
    if holding:
        return _held(_latest(holding), effective_at)
    if covering:
        return _for(_latest(covering), "paused")
    over = [m for m in theirs if m.ends_at <= effective_at < m.ends_at + GRACE]
    if over:
        return _for(max(over, key=lambda m: (m.ends_at, m.starts_at, m.mandate)), "late")
    return _NOBODY


def _held(mandate: Mandate, effective_at: datetime) -> Attribution:
    """Say that it counts, unless the series had to be complete by then."""
    deadline = mandate.series.deadline if mandate.series else None
    late = deadline is not None and effective_at >= deadline
    return _for(mandate, "late" if late else "counted")


def _concerns(mandate: Mandate, came: Provenance) -> bool:
    if came.curator is not None:
        return mandate.holder.curator == came.curator
    if came.curators:
        return mandate.holder.curator in came.curators
    return mandate.source is not None and mandate.source == came.source


def _latest(mandates: list[Mandate]) -> Mandate:
    return max(mandates, key=lambda m: (m.starts_at, m.mandate))


def _for(mandate: Mandate, lane: str) -> Attribution:
    return Attribution.model_validate(
        {
            "mandate": mandate.mandate,
            "curator": mandate.holder.curator,
            "lane": lane,
            "in_series": lane == "counted" and mandate.series is not None,
        }
    )
