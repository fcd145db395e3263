"""Attribution: for whose mandate an item counts, by one rule.

The rule is a pure function of all mandates of the campaign and of where and when the item was made.
So it does not matter in which order items and mandates became known: live, late, doubled and in a
replay, the same comes out (`docs/decisions/0007-mandates.md`).
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from services.contracts.ingest import Attribution, RightsBasis
from services.ingest.domain.item import Origin, Verdict
from services.ingest.domain.mandate import GRACE_DAYS, Mandate, Provenance

#: How long after its end an item is still offered as late.
GRACE = timedelta(days=GRACE_DAYS)
_NOBODY = Attribution()


def attribute(mandates: Sequence[Mandate], came: Provenance, effective_at: datetime) -> Attribution:
    """Say for whom an item counts that took effect at an instant.

    First who: the curator whose link it came by; else the curators who have proven its account,
    before whoever holds the source where that is handed over. Then when: the mandate that holds at
    the instant; of several, by explicit overlap, the one that began last. One that holds goes
    before one that is paused, and that before one that is over: an account that somebody proved
    long ago takes nothing from the present holder.
    """
    in_force = [m for m in mandates if m.in_force and m.starts_at < m.ends_at]
    for mandate in in_force:
        if mandate.mandate == came.admitted:
            return _for(mandate, "counted")
    claims = [[m for m in in_force if concerns(m)] for concerns in _claims(came)]
    for theirs in claims:
        if holding := [m for m in theirs if m.holds(effective_at)]:
            return _held(_latest(holding), effective_at)
    for theirs in claims:
        if covering := [m for m in theirs if m.covers(effective_at)]:
            return _for(_latest(covering), "paused")
    for theirs in claims:
        if over := [m for m in theirs if m.ends_at <= effective_at < m.ends_at + GRACE]:
            return _for(max(over, key=lambda m: (m.ends_at, m.starts_at, m.mandate)), "late")
    return _NOBODY


def _claims(came: Provenance) -> list[Callable[[Mandate], bool]]:
    """Give the ways in which a mandate may have to do with an item, the strongest first."""
    if came.curator is not None:
        return [lambda m: m.holder.curator == came.curator]
    return [lambda m: m.holder.curator in came.curators, lambda m: m.source == came.source]


def _held(mandate: Mandate, effective_at: datetime) -> Attribution:
    """Say that it counts, unless the series had to be complete by then."""
    deadline = mandate.series.deadline if mandate.series else None
    late = deadline is not None and effective_at >= deadline
    return _for(mandate, "late" if late else "counted")


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


def verdict_on(
    mandates: Sequence[Mandate], came: Provenance, origin: Origin, rights: RightsBasis
) -> Verdict:
    """Say for whom an item counts, and under which consent and rights it then is given."""
    if origin.effective_at is None:
        return Verdict(rights=rights)
    attribution = attribute(mandates, came, origin.effective_at)
    agreed = [
        m.accepted
        for m in mandates
        if m.mandate == attribution.mandate and attribution.lane == "counted"
    ]
    return Verdict(attribution, agreed[0] if agreed else None, rights)
