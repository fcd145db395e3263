"""For whom an item counts: half-open terms, whole seconds and less, and no order of events."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.ids import CuratorId, MandateId, SourceId
from services.contracts.ingest import Attribution, Pause, RightsBasis, SeriesTerms
from services.ingest.domain.attribution import GRACE, attribute, verdict_on
from services.ingest.domain.item import Origin
from services.ingest.domain.mandate import Holder, Mandate, Provenance
from tests.builders import CAMPAIGN, a_consent

ZOT = SourceId("bollekesfeest/zot")
OTHER = SourceId("bollekesfeest/hashtag")
#: Monday, 09:00:00 in Brussels, the day after the clocks went back.
CHANGE = datetime(2026, 10, 26, 8, tzinfo=UTC)
TERM = timedelta(days=14)
TICK = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)


def a_mandate(name: str, start: datetime, end: datetime, **changes: Any) -> Mandate:
    mandate = Mandate(
        MandateId(f"m-{name}"),
        CAMPAIGN,
        Holder(CuratorId(f"k-{name}"), name),
        start,
        end,
        "Europe/Brussels",
        state="accepted",
        source=ZOT,
        accepted=a_consent(),
    )
    return replace(mandate, **changes)


FATIMA = a_mandate("fatima", CHANGE - TERM, CHANGE)
JEF = a_mandate("jef", CHANGE, CHANGE + TERM)
BOTH = (FATIMA, JEF)


def found(
    at: datetime, *mandates: Mandate, source: SourceId = ZOT, **came: Any
) -> tuple[str | None, str]:
    provenance = Provenance(source, **came)
    attribution = attribute(mandates or BOTH, provenance, at)
    return attribution.mandate, attribution.lane


def by(name: str) -> dict[str, Any]:
    return {"source": OTHER, "curator": CuratorId(f"k-{name}")}


def proven(*names: str) -> dict[str, Any]:
    return {"curators": frozenset(CuratorId(f"k-{name}") for name in names)}


@pytest.mark.parametrize("before", [TICK, timedelta(milliseconds=1), SECOND, timedelta(hours=1)])
def test_up_to_the_change_it_is_hers_and_from_the_change_on_it_is_his(before: timedelta) -> None:
    assert found(CHANGE - before) == ("m-fatima", "counted")
    assert found(CHANGE) == ("m-jef", "counted")
    assert found(CHANGE + before) == ("m-jef", "counted")


def test_before_the_first_term_it_is_nobodys_and_after_the_last_it_is_late_for_a_while() -> None:
    assert found(FATIMA.starts_at - TICK) == (None, "open")
    assert found(FATIMA.starts_at) == ("m-fatima", "counted")
    assert found(JEF.ends_at) == ("m-jef", "late")
    assert found(JEF.ends_at + GRACE - TICK) == ("m-jef", "late")
    assert found(JEF.ends_at + GRACE) == (None, "open")


def test_what_she_gives_by_her_own_link_is_hers_and_late_while_he_holds_the_mandate() -> None:
    assert found(CHANGE - TICK, **by("fatima")) == ("m-fatima", "counted")
    assert found(CHANGE, **by("fatima")) == ("m-fatima", "late")
    assert found(CHANGE - TICK, **by("jef")) == (None, "open")
    assert found(CHANGE, **by("stranger")) == (None, "open")


def test_a_stranger_with_the_hashtag_counts_for_nobody() -> None:
    assert found(CHANGE, source=OTHER) == (None, "open")


def test_a_proven_account_counts_for_its_curator_wherever_it_posts() -> None:
    assert found(CHANGE, source=OTHER, **proven("jef")) == ("m-jef", "counted")
    assert found(CHANGE, source=OTHER, **proven("fatima")) == ("m-fatima", "late")


def test_who_proved_a_shared_account_long_ago_takes_nothing_from_who_holds_it_now() -> None:
    assert found(CHANGE, **proven("fatima")) == ("m-jef", "counted")
    paused = replace(JEF, pauses=(Pause(since=CHANGE),))
    assert found(CHANGE, FATIMA, paused, **proven("fatima")) == ("m-jef", "paused")


def test_an_account_goes_before_the_source_where_both_hold() -> None:
    amina = a_mandate("amina", CHANGE - TERM, CHANGE + TERM, source=None)
    assert found(CHANGE, *BOTH, amina, **proven("amina")) == ("m-amina", "counted")


def test_of_two_that_overlap_the_one_that_began_last_counts() -> None:
    guest = a_mandate("guest", CHANGE + SECOND, CHANGE + 2 * SECOND)
    assert found(CHANGE, *BOTH, guest) == ("m-jef", "counted")
    assert found(CHANGE + SECOND, *BOTH, guest) == ("m-guest", "counted")
    assert found(CHANGE + 2 * SECOND, *BOTH, guest) == ("m-jef", "counted")


def test_a_pause_counts_from_its_first_instant_to_its_last() -> None:
    paused = replace(JEF, pauses=(Pause(since=CHANGE + SECOND, until=CHANGE + 2 * SECOND),))
    assert found(CHANGE + SECOND - TICK, FATIMA, paused) == ("m-jef", "counted")
    assert found(CHANGE + SECOND, FATIMA, paused) == ("m-jef", "paused")
    assert found(CHANGE + 2 * SECOND - TICK, FATIMA, paused) == ("m-jef", "paused")
    assert found(CHANGE + 2 * SECOND, FATIMA, paused) == ("m-jef", "counted")


def test_while_one_of_two_is_paused_the_other_counts() -> None:
    guest = a_mandate("guest", CHANGE, CHANGE + TERM, pauses=(Pause(since=CHANGE),))
    assert found(CHANGE, JEF, guest) == ("m-jef", "counted")


@pytest.mark.parametrize("state", ["planned", "invited", "declined", "cancelled"])
def test_what_was_never_accepted_gives_no_right(state: Any) -> None:
    assert found(CHANGE, FATIMA, replace(JEF, state=state)) == ("m-fatima", "late")


def test_a_mandate_that_was_stopped_before_it_began_leaves_nothing_late() -> None:
    never = replace(JEF, state="stopped", ends_at=JEF.starts_at)
    assert found(CHANGE + SECOND, never) == (None, "open")


def test_what_came_after_the_deadline_of_a_series_is_late_and_not_in_it() -> None:
    terms = SeriesTerms(places=10, deadline=CHANGE + SECOND)
    jef = replace(JEF, series=terms)
    for at, lane in (
        (CHANGE, "counted"),
        (CHANGE + SECOND - TICK, "counted"),
        (CHANGE + SECOND, "late"),
    ):
        attribution = attribute([FATIMA, jef], Provenance(ZOT), at)
        assert (attribution.lane, attribution.in_series) == (lane, lane == "counted")


def test_what_editors_admit_counts_for_that_mandate_whenever_it_came() -> None:
    admitted: dict[str, Any] = {"admitted": FATIMA.mandate}
    assert found(CHANGE + 9 * TERM, **admitted) == ("m-fatima", "counted")
    gone = replace(FATIMA, state="cancelled")
    assert found(CHANGE, gone, JEF, **admitted) == ("m-jef", "counted")


def test_the_consent_for_a_mandate_goes_with_what_counts_for_it_and_with_nothing_else() -> None:
    came, rights = Provenance(ZOT), RightsBasis()
    assert verdict_on(BOTH, came, Origin(effective_at=CHANGE), rights).agreed == a_consent()
    late = verdict_on(BOTH, came, Origin(effective_at=JEF.ends_at), rights)
    assert (late.attribution.lane, late.agreed) == ("late", None)
    assert verdict_on(BOTH, came, Origin(), rights).attribution == Attribution()


NAMES = ["ann", "bert", "cil"]
HOURS = st.integers(-40, 40)


@st.composite
def some_mandate(draw: st.DrawFn) -> Mandate:
    start = CHANGE + timedelta(hours=draw(HOURS))
    pauses = [CHANGE + timedelta(hours=hour) for hour in draw(st.lists(HOURS, max_size=2))]
    return a_mandate(
        draw(st.sampled_from(NAMES)),
        start,
        start + timedelta(hours=draw(st.integers(1, 30))),
        mandate=MandateId(f"m-{draw(st.integers(0, 999)):03}"),
        pauses=tuple(Pause(since=since, until=since + timedelta(hours=2)) for since in pauses),
        state=draw(st.sampled_from(["accepted", "ended", "stopped", "planned", "cancelled"])),
        source=draw(st.sampled_from([ZOT, None])),
    )


def identity(mandate: Mandate) -> str:
    return mandate.mandate


def moment(hours: int, ticks: int) -> datetime:
    return CHANGE + timedelta(hours=hours, microseconds=ticks)


MANDATES = st.lists(some_mandate(), max_size=6, unique_by=identity)
WAYS = st.builds(
    Provenance,
    st.sampled_from([ZOT, OTHER]),
    st.none() | st.sampled_from([CuratorId(f"k-{n}") for n in NAMES]),
    st.frozensets(st.sampled_from([CuratorId(f"k-{n}") for n in NAMES])),
)
MOMENTS = st.builds(moment, st.integers(-60, 460), st.integers(-1, 1))


@given(MANDATES, WAYS, MOMENTS, st.randoms(use_true_random=False))
def test_the_order_in_which_mandates_became_known_does_not_matter(
    mandates: list[Mandate], came: Provenance, at: datetime, shuffle: Random
) -> None:
    once = attribute(mandates, came, at)
    shuffle.shuffle(mandates)
    assert attribute(mandates, came, at) == once


@given(MANDATES, WAYS, MOMENTS)
def test_an_item_counts_only_for_a_mandate_that_holds_and_concerns_it(
    mandates: list[Mandate], came: Provenance, at: datetime
) -> None:
    attribution = attribute(mandates, came, at)
    theirs = [
        m
        for m in mandates
        if m.state in {"accepted", "ended", "stopped"}
        and (
            m.holder.curator == came.curator
            if came.curator
            else m.holder.curator in came.curators or m.source == came.source
        )
    ]
    holding = [m.mandate for m in theirs if m.starts_at <= at < m.ends_at and not m.paused_at(at)]
    within = [m.mandate for m in theirs if m.starts_at <= at < m.ends_at]
    over = [m.mandate for m in theirs if m.ends_at <= at < m.ends_at + GRACE]
    wanted = {"counted": holding, "paused": within, "late": over, "open": [None]}
    assert attribution.mandate in wanted[attribution.lane]
    # No weaker lane where a stronger one is possible, so nothing is lost.
    order = ["counted", "paused", "late", "open"]
    for stronger in order[: order.index(attribution.lane)]:
        assert wanted[stronger] == []
