"""The fold of submissions: any order, any repetition, the same item."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.ingest import ItemChanged, ItemIgnored, ItemReceived, ItemWithdrawn
from services.ingest.domain.item import (
    Accept,
    Command,
    Ignore,
    ItemState,
    Retract,
    decide,
    evolve,
    refusal,
)
from tests.builders import CAMPAIGN, MOMENT, a_campaign, a_submission, an_item, an_item_id

ITEM = an_item_id()
UNSEEN = ItemState(ITEM, CAMPAIGN)


def after(*commands: Command, state: ItemState = UNSEEN) -> ItemState:
    for command in commands:
        for event in decide(state, command):
            state = evolve(state, event)
    return state


def accepted(revision: int, text: str = "Vuurwerk!") -> Accept:
    return Accept(an_item(item=ITEM, revision=revision, text=text))


def outcome(state: ItemState) -> ItemState:
    """What counts of a state: how many events led there does not."""
    return replace(state, version=0)


HISTORIES = st.lists(
    st.one_of(
        st.builds(accepted, st.integers(1, 4), st.sampled_from(["a", "b"])),
        st.builds(Ignore, st.integers(1, 4), st.just("no-matching-hashtag")),
        st.just(Retract("author")),
    ),
    min_size=1,
    max_size=6,
)


@given(HISTORIES, st.randoms(use_true_random=False))
def test_five_deliveries_in_any_order_end_as_one_delivery_in_order(
    history: list[Command], shuffle: Random
) -> None:
    once = outcome(after(*sorted(history, key=_source_order)))
    many = history * 5
    shuffle.shuffle(many)
    assert outcome(after(*many)) == once


def _source_order(command: Command) -> tuple[int, int, str]:
    match command:
        case Ignore(revision, reason):
            return (0, revision, reason)
        case Accept(item):
            return (0, item.revision, item.text)
        case Retract():
            return (1, 0, "")


@pytest.mark.parametrize("late", [accepted(1), accepted(9), Ignore(9, "not-public")])
def test_what_was_retracted_never_comes_back(late: Command) -> None:
    assert outcome(after(Retract("author"), late)) == outcome(after(Retract("author")))
    assert after(accepted(1), Retract("source"), late).life == "withdrawn"


def test_a_withdrawn_item_keeps_nothing_of_its_content() -> None:
    state = after(accepted(1), Retract("author"))
    assert state.content is None
    assert state.digest == ""


def test_an_edit_that_comes_before_the_post_wins() -> None:
    assert after(accepted(2, "edit"), accepted(1, "post")).content == accepted(2, "edit").item


def test_an_edit_that_drops_the_hashtag_withdraws_and_one_that_adds_it_brings_back() -> None:
    [gone] = decide(after(accepted(1)), Ignore(2, "no-matching-hashtag"))
    assert isinstance(gone, ItemWithdrawn)
    assert gone.reason == "no-longer-matches"
    [back] = decide(after(accepted(1), Ignore(2, "no-matching-hashtag")), accepted(3))
    assert isinstance(back, ItemReceived)


def test_an_edit_of_a_live_item_is_a_change() -> None:
    [event] = decide(after(accepted(1)), accepted(2))
    assert isinstance(event, ItemChanged)


def test_a_delete_of_something_unseen_is_remembered_but_not_announced() -> None:
    [event] = decide(UNSEEN, Retract("source"))
    assert isinstance(event, ItemIgnored)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"visibility": "unlisted"}, "not-public"),
        ({"text": " ", "media": ()}, "nothing-to-show"),
        ({"connector": "feed"}, "no-matching-hashtag"),
    ],
)
def test_a_submission_that_is_not_for_the_campaign_says_why(
    changes: dict[str, object], reason: str | None
) -> None:
    assert refusal(a_submission(**changes), a_campaign(), 0) == reason


def test_a_post_outside_the_campaigns_dates_is_ignored() -> None:
    campaign = a_campaign(closes_at=MOMENT)
    assert refusal(a_submission(), campaign, 1) == "outside-window"


def test_a_post_for_a_campaign_that_does_not_exist_is_ignored() -> None:
    assert refusal(a_submission(), None, 1) == "campaign-unknown"


def test_the_same_version_seen_again_later_is_no_news() -> None:
    again = an_item(item=ITEM, revision=1, observed_at=MOMENT.replace(year=2027))
    assert decide(after(Accept(an_item(item=ITEM, revision=1))), Accept(again)) == []
