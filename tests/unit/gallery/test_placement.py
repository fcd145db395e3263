"""Placements: every move, every refusal, and the same end whatever the order of arrival."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.gallery import ItemPublished, ItemPurged, ItemUnpublished
from services.contracts.ids import ItemId
from services.gallery.domain.placement import (
    MOVES,
    ForbiddenMoveError,
    Placement,
    Publish,
    Purge,
    Standing,
    Unpublish,
    decide,
    evolve,
    faults_of,
    settle,
)
from tests.builders import CAMPAIGN, a_cleared_item

ITEM = ItemId("0b0e")
NOTHING_YET = Placement(ITEM, CAMPAIGN)
SHOWN = a_cleared_item(item=ITEM)
SHOWN_ANEW = a_cleared_item(item=ITEM, text="Meer vuurwerk!")
EVENTS = (
    ItemPublished(item=ITEM, campaign=CAMPAIGN, gallery=CAMPAIGN, position=4, path="/g"),
    ItemUnpublished(
        item=ITEM, campaign=CAMPAIGN, gallery=CAMPAIGN, position=4, reason="taken-down"
    ),
    ItemPurged(item=ITEM, campaign=CAMPAIGN, deleted=3, absent=0),
)


def apply(placement: Placement, command: Publish | Unpublish) -> Placement:
    settled = settle(placement, command)
    for event in decide(placement, command, placement.position + 1):
        settled = evolve(settled, event)
    return settled


def test_a_cleared_item_is_published_at_the_next_position() -> None:
    [event] = decide(NOTHING_YET, Publish(SHOWN, 3), 8)

    assert isinstance(event, ItemPublished)
    assert (event.position, event.path) == (8, f"/g/{CAMPAIGN}/i/{ITEM}")


def test_a_revoked_item_is_unpublished_and_its_content_forgotten() -> None:
    placement = apply(NOTHING_YET, Publish(SHOWN, 3))

    after = apply(placement, Unpublish("taken-down", 4))

    assert not after.shown
    assert after.content is None


def test_a_revocation_of_what_was_never_shown_says_nothing_but_is_remembered() -> None:
    command = Unpublish("taken-down", 4)

    assert decide(NOTHING_YET, command, 1) == []
    late = apply(apply(NOTHING_YET, command), Publish(SHOWN, 3))
    assert not late.shown


def test_the_same_content_again_is_no_change() -> None:
    placement = apply(NOTHING_YET, Publish(SHOWN, 3))

    assert decide(placement, Publish(SHOWN, 7), 9) == []
    assert apply(placement, Publish(SHOWN, 7)).heard == 7


def test_other_content_is_published_anew() -> None:
    placement = apply(NOTHING_YET, Publish(SHOWN, 3))

    [event] = decide(placement, Publish(SHOWN_ANEW, 4), 9)

    assert isinstance(event, ItemPublished)
    assert apply(placement, Publish(SHOWN_ANEW, 4)).content == SHOWN_ANEW


def test_the_files_of_an_item_in_view_cannot_be_purged() -> None:
    placement = apply(NOTHING_YET, Publish(SHOWN, 3))

    with pytest.raises(ForbiddenMoveError, match="published"):
        decide(placement, Purge(3, 0), 5)


def test_a_purge_tells_what_was_deleted_and_moves_nothing() -> None:
    placement = apply(apply(NOTHING_YET, Publish(SHOWN, 3)), Unpublish("withdrawn", 4))

    [event] = decide(placement, Purge(8, 2), 5)

    assert isinstance(event, ItemPurged)
    assert (event.deleted, event.absent) == (8, 2)
    assert evolve(placement, event).position == placement.position


@pytest.mark.parametrize("standing", list(Standing))
@pytest.mark.parametrize("event", EVENTS, ids=lambda e: type(e).__name__)
def test_only_the_moves_of_the_table_happen(
    standing: Standing, event: ItemPublished | ItemUnpublished | ItemPurged
) -> None:
    content = SHOWN if standing is Standing.PUBLISHED else None
    placement = Placement(ITEM, CAMPAIGN, standing, version=2, content=content)

    if (standing, type(event)) in MOVES:
        moved = evolve(placement, event)
        assert (moved.standing, moved.version) == (MOVES[standing, type(event)], 3)
    else:
        with pytest.raises(ForbiddenMoveError):
            evolve(placement, event)


def test_a_table_that_purges_in_view_or_traps_an_item_is_refused() -> None:
    assert faults_of(MOVES) == []
    assert faults_of({**MOVES, (Standing.PUBLISHED, ItemPurged): Standing.PUBLISHED}) == [
        "the files of a published item must not be purged"
    ]
    trapped = {k: v for k, v in MOVES.items() if k != (Standing.PUBLISHED, ItemUnpublished)}
    assert faults_of(trapped) == [
        "nothing leads to unpublished",
        "nothing leads away from published",
    ]


def commands() -> st.SearchStrategy[list[Publish | Unpublish]]:
    """What moderation said of one item, each with its version, as it was said."""
    content = st.sampled_from([SHOWN, SHOWN_ANEW])
    said = st.lists(st.one_of(content, st.just(None)), min_size=1, max_size=6)
    return said.map(
        lambda contents: [
            Publish(c, n) if c else Unpublish("taken-down", n) for n, c in enumerate(contents, 1)
        ]
    )


@given(commands(), st.data())
def test_any_order_and_five_arrivals_of_each_lead_to_the_last_word(
    said: list[Publish | Unpublish], data: st.DataObject
) -> None:
    arrivals = data.draw(st.permutations(said * 5))

    placement = NOTHING_YET
    for command in arrivals:
        placement = apply(placement, command)

    last = said[-1]
    assert placement.heard == len(said)
    assert placement.shown is isinstance(last, Publish)
    assert placement.content == (last.content if isinstance(last, Publish) else None)
