"""The gate, by its truth table."""

from datetime import timedelta
from itertools import product
from typing import Any, get_args

import pytest

from services.contracts.ids import CuratorId, MandateId
from services.contracts.ingest import (
    Attribution,
    ChannelGrant,
    Consent,
    ConsentRecorded,
    Link,
)
from services.contracts.moderation import People
from services.moderation.domain.clearing import (
    Circumstances,
    cleared_item,
    consent_obstacle,
    obstacle,
    publishable,
)
from services.moderation.domain.transitions import STATES
from tests.builders import CAMPAIGN, MOMENT, a_consent, an_item
from tests.unit.moderation.builders import NOW, a_mandate, recorded

LATER, BEFORE = MOMENT + timedelta(hours=1), MOMENT - timedelta(hours=1)


def _expected(
    state: str, basis: str, connector: str, ticks: tuple[bool, ...] | None, found: People | None
) -> bool:
    if state != "approved" or basis == "unknown":
        return False
    if ticks is None:
        return connector != "upload" and found != "child"
    made, licence, people, minor, guardian = ticks
    # Forms that kept no text asked a parent's word together with people's, where they ticked minor.
    parents = guardian or (minor and people)
    return made and licence and (parents or not (minor or found == "child"))


def test_an_item_is_publishable_exactly_when_every_axis_says_so() -> None:
    seen = 0
    ticked = [None, *product([True, False], repeat=5)]
    answers: tuple[People | None, ...] = (None, *get_args(People))
    for state, basis, connector, ticks, found in product(
        STATES, ["declared", "agreement", "unknown"], ["upload", "mastodon"], ticked, answers
    ):
        consent = None
        if ticks is not None:
            made, licence, people, minor, guardian = ticks
            consent = Consent(
                version="1",
                given_at=MOMENT,
                made=made,
                licence=licence,
                people=people,
                minor=minor,
                guardian=guardian,
            )
        item = an_item(connector=connector, rights={"basis": basis}, consent=consent)
        allowed = publishable(state, item, None, NOW, found)
        case = (state, basis, connector, ticks, found)
        assert allowed is _expected(*case), case
        assert allowed is (obstacle(state, item, None, NOW, found) is None)
        seen += allowed
    # With each of the four other answers; and with a child, where a parent agreed.
    assert seen == 4 * 2 * (2 * 7 + 1) + 2 * 2 * 5


@pytest.mark.parametrize("state", STATES)
def test_an_item_that_is_not_there_is_never_publishable(state: str) -> None:
    assert not publishable(state, None, None, NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize("minor", [True, False])
@pytest.mark.parametrize("guardian", [True, False])
@pytest.mark.parametrize("people", [True, False])
def test_a_child_is_shown_only_when_a_parent_agreed(
    *, minor: bool, guardian: bool, people: bool
) -> None:
    consent = a_consent(minor=minor, guardian=guardian, people=people)
    asked = consent.model_copy(update={"text_digest": "d" * 64})
    wanted = None if guardian or not minor else "minor-without-consent"

    assert consent_obstacle(an_item(consent=asked), None, MOMENT) == wanted
    item = an_item()
    assert consent_obstacle(item, recorded(item, consent=consent), MOMENT) == wanted


@pytest.mark.parametrize(
    ("grant", "wanted"),
    [
        ({}, None),
        ({"until": LATER}, None),
        ({"until": MOMENT}, "consent-lapsed"),
        ({"until": BEFORE}, "consent-lapsed"),
        ({"withdrawn_at": BEFORE}, "consent-withdrawn"),
        ({"withdrawn_at": BEFORE, "until": BEFORE}, "consent-withdrawn"),
        ({"channel": "print"}, "consent-missing"),
    ],
)
def test_a_consent_for_the_web_must_be_there_and_live(
    grant: dict[str, Any], wanted: str | None
) -> None:
    item = an_item()
    fields: dict[str, Any] = {"channel": "web", "given_at": BEFORE}
    given = ChannelGrant(**(fields | grant))
    consent = ConsentRecorded(
        item=item.item, campaign=CAMPAIGN, consent=a_consent(), grants=(given,)
    )

    assert obstacle("approved", item, consent, NOW) == wanted


@pytest.mark.parametrize("guardian", [True, False])
@pytest.mark.parametrize("people", [True, False])
def test_a_child_that_a_moderator_found_waits_for_a_parents_own_word(
    *, guardian: bool, people: bool
) -> None:
    item = an_item(consent=a_consent(guardian=guardian, people=people))
    wanted = None if guardian else "minor-without-consent"

    assert obstacle("approved", item, None, NOW, "child") == wanted
    told = recorded(item, consent=item.consent)
    assert obstacle("approved", item, told, NOW, "child") == wanted
    assert publishable("approved", item, told, NOW, "agreed")


def test_a_child_in_a_post_of_which_nobody_was_asked_anything_is_never_shown() -> None:
    post = an_item(connector="mastodon", consent=None)

    assert obstacle("approved", post, None, NOW, "child") == "minor-without-consent"
    assert publishable("approved", post, None, NOW, "nobody")


def test_another_channel_that_is_taken_back_does_not_touch_the_web() -> None:
    item = an_item()
    grants = (
        ChannelGrant(channel="print", given_at=BEFORE, withdrawn_at=BEFORE),
        ChannelGrant(channel="web", given_at=BEFORE),
    )
    consent = recorded(item, grants=grants)

    assert publishable("approved", item, consent, NOW)


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"channels": ("web", "print")}, None),
        ({"channels": ("print",)}, "consent-missing"),
        ({"until": BEFORE}, "consent-lapsed"),
    ],
)
def test_an_item_without_a_recorded_consent_is_judged_by_its_own(
    changes: dict[str, Any], wanted: str | None
) -> None:
    item = an_item(consent=a_consent(**changes))

    assert obstacle("approved", item, None, NOW) == wanted


def test_what_was_recorded_overrules_what_the_item_says() -> None:
    item = an_item(consent=a_consent(channels=("print",)))

    assert publishable("approved", item, recorded(item), NOW)


@pytest.mark.parametrize("lane", ["counted", "late", "paused"])
def test_an_emergency_stop_keeps_everything_of_the_mandate_back(lane: str) -> None:
    item = an_item(attribution={"mandate": "m", "curator": "c", "lane": lane})

    assert obstacle("approved", item, None, Circumstances(MOMENT, a_mandate())) is None
    stopped = Circumstances(MOMENT, a_mandate(hidden=True))
    assert obstacle("approved", item, None, stopped) == "mandate-stopped"


def test_a_cleared_item_says_where_it_was_made_what_it_refers_to_and_for_whom_it_counts() -> None:
    link = Link(url="https://lied.voorbeeld.be/17", host="lied.voorbeeld.be", title="Een lied")
    counted = Attribution(
        mandate=MandateId("m"), curator=CuratorId("c"), lane="counted", in_series=True
    )
    shown = cleared_item(an_item(kind="song", link=link, place="Het Steen", attribution=counted))

    assert (shown.kind, shown.link, shown.place) == ("song", link, "Het Steen")
    assert (shown.mandate, shown.in_series) == ("m", True)


@pytest.mark.parametrize("lane", ["open", "late", "paused"])
def test_an_item_that_does_not_count_names_no_mandate_to_the_world(lane: str) -> None:
    item = an_item(attribution={"mandate": "m", "curator": "c", "lane": lane, "in_series": True})
    shown = cleared_item(item)

    assert (shown.mandate, shown.in_series) == (None, False)


def test_a_text_that_counts_is_no_photo_of_its_curators_series() -> None:
    counted = {"mandate": "m", "curator": "c", "lane": "counted", "in_series": True}
    shown = cleared_item(an_item(kind="text", attachments=(), attribution=counted))

    assert (shown.mandate, shown.in_series) == ("m", False)
