"""Placements: every move, every refusal, and the same end whatever the order of arrival."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.gallery import ItemPublished, ItemPurged, ItemUnpublished
from services.contracts.ids import ItemId, MandateId
from services.contracts.moderation import ClearedItem
from services.gallery.domain.placement import (
    MOVES,
    Command,
    ForbiddenMoveError,
    Hold,
    Placement,
    Publish,
    Purge,
    Release,
    Retain,
    Standing,
    Unpublish,
    apply,
    decide,
    evolve,
    faults_of,
)
from tests.builders import CAMPAIGN, a_cleared_item

ITEM = ItemId("0b0e")
NOTHING_YET = Placement(ITEM, CAMPAIGN)
SHOWN = a_cleared_item(item=ITEM)
SHOWN_ANEW = a_cleared_item(item=ITEM, text="Meer vuurwerk!")
FIRST, SECOND = MandateId("m1"), MandateId("m2")
OF_SERIES = a_cleared_item(item=ITEM, mandate=FIRST, in_series=True)
SINCE = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
EVENTS = (
    ItemPublished(item=ITEM, campaign=CAMPAIGN, gallery=CAMPAIGN, position=4, path="/g"),
    ItemUnpublished(
        item=ITEM, campaign=CAMPAIGN, gallery=CAMPAIGN, position=4, reason="taken-down"
    ),
    ItemPurged(item=ITEM, campaign=CAMPAIGN, deleted=3, absent=0),
)


def after(placement: Placement, *commands: Command) -> Placement:
    for command in commands:
        placement, _ = apply(placement, command, placement.position + 1)
    return placement


def test_a_cleared_item_is_published_at_the_next_position() -> None:
    [event] = decide(NOTHING_YET, Publish(SHOWN, 3), 8)

    assert isinstance(event, ItemPublished)
    assert (event.position, event.path) == (8, f"/g/{CAMPAIGN}/i/{ITEM}")


def test_a_revoked_item_is_unpublished_and_its_content_forgotten() -> None:
    placement = after(NOTHING_YET, Publish(SHOWN, 3), Unpublish("taken-down", 4))

    assert not placement.shown
    assert placement.content is None


def test_a_revocation_of_what_was_never_shown_says_nothing_but_is_remembered() -> None:
    command = Unpublish("taken-down", 4)

    assert decide(NOTHING_YET, command, 1) == []
    late = after(NOTHING_YET, command, Publish(SHOWN, 3))
    assert not late.shown


def test_the_same_content_again_is_no_change() -> None:
    placement = after(NOTHING_YET, Publish(SHOWN, 3))

    assert decide(placement, Publish(SHOWN, 7), 9) == []
    assert after(placement, Publish(SHOWN, 7)).heard == 7


def test_other_content_is_published_anew() -> None:
    placement = after(NOTHING_YET, Publish(SHOWN, 3))

    [event] = decide(placement, Publish(SHOWN_ANEW, 4), 9)

    assert isinstance(event, ItemPublished)
    assert after(placement, Publish(SHOWN_ANEW, 4)).content == SHOWN_ANEW


def test_the_files_of_an_item_in_view_cannot_be_purged() -> None:
    placement = after(NOTHING_YET, Publish(SHOWN, 3))

    with pytest.raises(ForbiddenMoveError, match="published"):
        decide(placement, Purge(3, 0), 5)


def test_a_purge_tells_what_was_deleted_and_moves_nothing() -> None:
    placement = after(NOTHING_YET, Publish(SHOWN, 3), Unpublish("withdrawn", 4))

    [event] = decide(placement, Purge(8, 2), 5)

    assert isinstance(event, ItemPurged)
    assert (event.deleted, event.absent) == (8, 2)
    assert evolve(placement, event).position == placement.position


def test_a_purge_is_told_once_until_the_item_is_shown_again() -> None:
    purged = after(NOTHING_YET, Publish(SHOWN, 3), Unpublish("withdrawn", 4), Purge(8, 0))

    assert purged.purged
    assert decide(purged, Purge(0, 0), 5) == []
    # Files that a crash left are told of, though nobody saw them.
    assert len(decide(purged, Purge(1, 0), 5)) == 1
    again = after(purged, Publish(SHOWN, 5))
    assert not again.purged
    assert len(decide(after(again, Unpublish("withdrawn", 6)), Purge(0, 0), 7)) == 1


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


def test_a_photo_of_a_series_is_kept_and_not_seen() -> None:
    held = after(NOTHING_YET, Hold(OF_SERIES, 3))

    assert decide(NOTHING_YET, Hold(OF_SERIES, 3), 8) == []
    assert (held.held, held.shown, held.content, held.version) == (True, False, OF_SERIES, 0)


def test_a_released_photo_is_published_at_its_place_in_the_series() -> None:
    held = after(NOTHING_YET, Hold(OF_SERIES, 3))

    [event] = decide(held, Release(4, SINCE), 8)

    assert isinstance(event, ItemPublished)
    shown = after(held, Release(4, SINCE))
    assert (shown.shown, shown.sequence, shown.moment) == (True, 4, SINCE)
    # Another order is no news about the item.
    assert decide(shown, Release(5, SINCE), 9) == []
    assert after(shown, Release(5, SINCE)).sequence == 5


def test_nothing_is_released_that_is_not_held() -> None:
    assert decide(NOTHING_YET, Release(1, SINCE), 8) == []


def test_a_held_photo_that_is_revoked_is_forgotten_and_nothing_is_told() -> None:
    held = after(NOTHING_YET, Hold(OF_SERIES, 3))
    command = Unpublish("consent-withdrawn", 4)

    assert decide(held, command, 8) == []
    gone = after(held, command)
    assert (gone.content, gone.held) == (None, False)
    assert decide(gone, Release(1, SINCE), 9) == []


def test_a_photo_in_view_that_becomes_part_of_a_series_waits_with_it() -> None:
    shown = after(NOTHING_YET, Publish(SHOWN, 3))

    [event] = decide(shown, Hold(OF_SERIES, 4), 9)

    assert isinstance(event, ItemUnpublished)
    assert event.reason == "changed"
    assert after(shown, Hold(OF_SERIES, 4)).held


def test_a_photo_that_its_series_no_longer_names_is_held_again() -> None:
    shown = after(NOTHING_YET, Hold(OF_SERIES, 3), Release(2, SINCE))

    [event] = decide(shown, Retain(), 9)
    held = after(shown, Retain())

    assert isinstance(event, ItemUnpublished)
    assert (held.held, held.sequence, held.since, held.content) == (True, 0, None, OF_SERIES)


def test_what_counts_for_a_stopped_mandate_is_held_and_comes_back_as_it_was() -> None:
    shown = after(NOTHING_YET, Publish(SHOWN, 3))

    [event] = decide(shown, Retain("mandate-stopped"), 9)
    held = after(shown, Retain("mandate-stopped"))

    assert isinstance(event, ItemUnpublished)
    assert event.reason == "mandate-stopped"
    assert decide(held, Retain("mandate-stopped"), 10) == []
    back = after(held, Release())
    assert (back.shown, back.content, back.sequence) == (True, SHOWN, 0)
    assert back.moment == SHOWN.effective_at


def test_what_is_cleared_for_a_stopped_mandate_is_held_and_says_why_it_went() -> None:
    shown = after(NOTHING_YET, Publish(SHOWN, 3))
    command = Hold(SHOWN_ANEW, 4, "mandate-stopped")

    assert decide(NOTHING_YET, command, 8) == []
    [event] = decide(shown, command, 9)
    assert isinstance(event, ItemUnpublished)
    assert event.reason == "mandate-stopped"
    assert after(shown, command).content == SHOWN_ANEW


@given(st.permutations([Retain("mandate-stopped"), Unpublish("mandate-stopped", 4), Purge(2, 0)]))
def test_a_stop_and_its_revocation_in_any_order_are_one_disappearance(
    said: list[Command],
) -> None:
    placement = after(NOTHING_YET, Publish(SHOWN, 3))
    happened: list[type] = []
    for command in [*said, *said, Purge(0, 0)]:
        if isinstance(command, Purge) and placement.shown:
            continue
        gone = Purge(0, 0) if isinstance(command, Purge) and placement.purged else command
        placement, events = apply(placement, gone, placement.position + 1)
        happened += [type(event) for event in events]

    assert happened == [ItemUnpublished, ItemPurged]
    assert (placement.content, placement.heard) == (None, 4)


def test_new_words_leave_a_photo_at_its_place_in_the_series() -> None:
    shown = after(NOTHING_YET, Hold(OF_SERIES, 3), Release(2, SINCE))
    reworded = OF_SERIES.model_copy(update={"text": "Nieuw"})
    elsewhere = OF_SERIES.model_copy(update={"mandate": SECOND})

    assert shown.stays_for(reworded)
    assert not shown.stays_for(elsewhere)
    assert not after(shown, Retain()).stays_for(reworded)
    assert after(shown, Publish(reworded, 4)).sequence == 2
    # One that leaves the series stands at its own moment.
    left = after(shown, Publish(SHOWN, 4))
    assert (left.sequence, left.moment) == (0, SHOWN.effective_at)


def test_a_held_photo_has_no_public_files_to_keep() -> None:
    held = after(NOTHING_YET, Hold(OF_SERIES, 3), Release(1, SINCE), Retain())

    [event] = decide(held, Purge(2, 0), 9)

    assert isinstance(event, ItemPurged)


def words() -> st.SearchStrategy[list[Command]]:
    """What moderation said of one item, each with its version, as it was said."""
    content = st.sampled_from([SHOWN, SHOWN_ANEW, OF_SERIES])
    said = st.lists(st.one_of(content, st.just(None)), min_size=1, max_size=6)
    return said.map(lambda contents: [_word(c, n) for n, c in enumerate(contents, 1)])


def _word(content: ClearedItem | None, number: int) -> Command:
    if content is None:
        return Unpublish("taken-down", number)
    return Hold(content, number) if content.in_series else Publish(content, number)


@given(words(), st.data())
def test_any_order_and_five_arrivals_of_each_lead_to_the_last_word(
    said: list[Command], data: st.DataObject
) -> None:
    placement = NOTHING_YET
    for command in data.draw(st.permutations(said * 5)):
        placement = after(placement, command)
        assert (placement.content is not None) == (placement.shown or placement.held)

    last = said[-1]
    assert placement.heard == len(said)
    assert placement.shown is isinstance(last, Publish)
    assert placement.held is isinstance(last, Hold)
    assert placement.content == (last.content if isinstance(last, Publish | Hold) else None)
