from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.contracts.ids import ItemId
from services.contracts.ingest import Attribution, ChannelGrant
from services.ingest.domain.consent import ConsentState
from services.ingest.store.acknowledgements import Acknowledgement, Who
from services.ingest.store.appeals import Appeal, may_appeal
from services.ingest.store.standings import Decision, ReceivedItem, confirmations, state_of
from tests.builders import CAMPAIGN, MOMENT, a_consent, an_item

ITEM = ItemId("i-1")
LATER = MOMENT + timedelta(minutes=1)


def received(**changes: Any) -> ReceivedItem:
    fields: dict[str, Any] = {
        "item": ITEM,
        "campaign": CAMPAIGN,
        "source": None,
        "life": "live",
        "reason": "",
        "review": "pending",
        "review_version": 0,
        "reasons": (),
        "statements": (),
        "path": None,
        "content": an_item(item=ITEM),
        "received_at": MOMENT,
        "changed_at": MOMENT,
        "decided_at": None,
        "visible_since": None,
        "purged_at": None,
        "withdrawn_at": None,
    }
    return ReceivedItem(**(fields | changes))


def said(who: Who, what: str, minutes: int = 0, **facts: Any) -> Acknowledgement:
    return Acknowledgement(ITEM, who, what, MOMENT + timedelta(minutes=minutes), facts)


def consent(**changes: Any) -> ConsentState:
    grant = ChannelGrant(channel="web", given_at=MOMENT, **changes)
    return ConsentState(ITEM, CAMPAIGN, 1, a_consent(), (grant,))


#: Somebody under 18 can be recognised, and no parent has agreed yet.
CHILD = replace(consent(), consent=a_consent(minor=True))


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"life": "unseen"}, "received"),
        ({}, "waiting"),
        ({"review": "pending", "decided_at": LATER}, "waiting"),
        ({"review": "approved", "decided_at": LATER}, "approved"),
        ({"review": "approved", "decided_at": LATER, "path": "/g/x/i/1"}, "visible"),
        ({"review": "rejected", "decided_at": LATER}, "rejected"),
        ({"review": "taken-down", "decided_at": LATER}, "taken-down"),
        ({"life": "ignored", "reason": "outside-window"}, "ignored"),
        ({"life": "withdrawn", "withdrawn_at": LATER}, "withdrawn"),
        ({"life": "withdrawn", "withdrawn_at": LATER, "purged_at": LATER}, "purged"),
        (
            {"path": "/g/x/i/1", "decided_at": LATER, "consent": consent(withdrawn_at=LATER)},
            "kept-back",
        ),
        ({"consent": consent(until=LATER)}, "kept-back"),
        ({"review": "approved", "decided_at": LATER, "consent": CHILD}, "kept-back"),
        ({"consent": consent(), "child": True}, "kept-back"),
        ({"child": True}, "kept-back"),
        ({"review": "rejected", "decided_at": LATER, "consent": CHILD}, "rejected"),
        ({"consent": consent(until=LATER + timedelta(days=9))}, "waiting"),
        (
            {
                "review": "approved",
                "decided_at": LATER,
                "content": an_item(attribution=Attribution(lane="counted", in_series=True)),
            },
            "in-series",
        ),
    ],
)
def test_an_item_stands_as_its_facts_say(facts: dict[str, Any], state: str) -> None:
    assert state_of(received(**facts), LATER) == state


def test_nobody_has_to_confirm_while_it_may_be_shown() -> None:
    assert confirmations(received(path="/g/x/i/1"), LATER) == ()


def test_every_part_must_confirm_a_withdrawal_of_what_was_shown() -> None:
    item = received(life="withdrawn", said=(said("pages", "published"),))

    assert [(c.who, c.at) for c in confirmations(item, LATER)] == [
        ("desk", None),
        ("pages", None),
        ("files", None),
    ]


def test_each_confirmation_has_its_time_and_the_files_their_number() -> None:
    item = received(
        life="withdrawn",
        said=(
            said("pages", "published"),
            said("desk", "closed", 1),
            said("pages", "unpublished", 2),
            said("files", "purged", 3, deleted=8, absent=0),
        ),
    )

    assert [(c.at - MOMENT).seconds // 60 for c in confirmations(item, LATER) if c.at] == [1, 2, 3]
    assert confirmations(item, LATER)[2].files == 8


def test_what_was_confirmed_before_it_was_shown_again_does_not_count() -> None:
    item = received(
        life="withdrawn",
        said=(
            said("pages", "published"),
            said("pages", "unpublished", 1),
            said("files", "purged", 2, deleted=8),
            said("pages", "published", 3),
        ),
    )

    assert all(c.at is None for c in confirmations(item, LATER))


def test_only_the_desk_confirms_what_was_never_shown() -> None:
    assert [c.who for c in confirmations(received(life="withdrawn"), LATER)] == ["desk"]


def test_without_the_web_the_pages_and_files_must_confirm() -> None:
    item = received(consent=consent(withdrawn_at=MOMENT), said=(said("pages", "published"),))

    assert [c.who for c in confirmations(item, LATER)] == ["pages", "files"]


def appeal(against: int, answered: int | None = None) -> Appeal:
    outcome = "upheld" if answered else None
    return Appeal(ITEM, MOMENT, "", against, answered, LATER if answered else None, outcome)


def test_there_is_one_second_look_for_each_decision() -> None:
    assert may_appeal((), 2)
    assert not may_appeal((appeal(2),), 2)
    assert not may_appeal((appeal(2, 3),), 2)


def test_the_answer_to_a_second_look_has_no_second_look() -> None:
    assert not may_appeal((appeal(2, 3),), 3)


def test_a_later_decision_about_something_new_can_be_looked_at_again() -> None:
    assert may_appeal((appeal(2, 3),), 6)


def test_while_one_is_open_no_other_begins() -> None:
    assert not may_appeal((appeal(2),), 4)


def test_only_a_refusal_of_a_living_item_can_be_looked_at_again() -> None:
    refused = {"review": "rejected", "review_version": 2, "decided_at": LATER}

    assert received(**refused).appealable
    assert not received(**refused, appeals=(appeal(2),)).appealable
    assert not received(**(refused | {"review": "approved"})).appealable
    assert not received(**(refused | {"life": "withdrawn"})).appealable


def test_a_child_without_a_parents_word_waits() -> None:
    child = a_consent(minor=True)
    known = ConsentState(ITEM, CAMPAIGN, 2, child.model_copy(update={"guardian": True}))

    assert received(content=an_item(consent=child)).needs_guardian
    assert not received(content=an_item(consent=child), consent=known).needs_guardian
    assert not received().needs_guardian
    assert received(consent=consent(), child=True).needs_guardian
    heard = replace(consent(), consent=a_consent(guardian=True))
    assert not received(consent=heard, child=True).needs_guardian
    # Nobody was asked anything, so there is nothing that a parent's word could be added to.
    assert not received(content=an_item(consent=None), child=True).needs_guardian


def test_every_visible_change_gives_another_stamp() -> None:
    plain = received()

    assert plain.stamp == received().stamp
    assert plain.stamp != received(decided_at=LATER).stamp
    assert plain.stamp != received(said=(said("desk", "closed"),)).stamp
    assert plain.stamp != received(content=an_item(item=ITEM, revision=9)).stamp


def test_a_giver_sees_their_own_photo_only() -> None:
    item = received()

    assert item.small_photo("a" * 64) is not None
    assert item.small_photo("c" * 64) is None


def decided(*history: tuple[int, str], review: str, **changes: Any) -> Decision | None:
    """What stands of the desk's words; those who heard them may not have heard them in order."""
    heard = [said("desk", what, version=version) for version, what in reversed(history)]
    facts: dict[str, Any] = {"review": review, "decided_at": LATER, "said": tuple(heard)}
    return received(**(facts | changes)).decision


def test_the_last_decision_stands() -> None:
    assert decided((2, "approved"), (3, "taken-down"), review="taken-down") == Decision(
        3, "taken-down"
    )


def test_a_decision_that_was_undone_does_not_stand_and_the_one_before_it_does() -> None:
    undone = (2, "rejected"), (3, "reverted")

    assert decided(*undone, review="pending") is None
    assert decided(*undone, (4, "approved"), review="approved") == Decision(4, "approved")
    again = decided((2, "approved"), (3, "taken-down"), (4, "reverted"), review="approved")
    assert again == Decision(2, "approved")


def test_no_decision_stands_about_what_waits_again_or_is_gone() -> None:
    assert decided((2, "rejected"), review="pending") is None
    assert decided((2, "approved"), review="approved", life="withdrawn") is None
    assert decided((2, "approved"), review="approved", life="ignored") is None


def test_a_decision_is_known_with_its_reasons_and_as_the_answer_that_it_is() -> None:
    why = {"nl": "Onscherp."}
    heard = said("desk", "rejected", version=5, appeal="upheld", statements=[why])
    known = received(review="rejected", decided_at=LATER, said=(heard,)).decision

    assert known == Decision(5, "upheld", (why,))
