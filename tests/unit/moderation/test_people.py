"""Who can be singled out in a photo: what is answered, what a child asks for, and what stays."""

import pytest

from services.contracts.envelope import EventData
from services.contracts.moderation import ItemCleared, People, ReviewDecided, ReviewReverted
from services.moderation.domain.command import (
    Approve,
    Change,
    Consented,
    LookAgain,
    Reject,
    Revert,
    TakeDown,
)
from services.moderation.domain.deciding import decide
from services.moderation.domain.errors import (
    ForbiddenTransitionError,
    NotYourDecisionError,
    OwnApprovalError,
)
from services.moderation.domain.review import Review, presumed
from tests.builders import MOMENT, a_consent, an_item
from tests.unit.moderation.builders import COLLEAGUE, ME, NOW, a_review, apply, approved, recorded

AGREED = a_consent(guardian=True)


def found_by(review: Review, by: str) -> tuple[Review, list[EventData]]:
    """Have a member of staff approve, and say that a child is shown."""
    return apply(review, Approve(by, review.version, "child"), by)


def proposed(review: Review | None = None) -> Review:
    """A review that a first person approved, who saw a child."""
    return found_by(review or a_review(consent=AGREED), ME)[0]


def said(events: list[EventData]) -> tuple[str, People | None]:
    [decided] = [e for e in events if isinstance(e, ReviewDecided | ReviewReverted)]
    return decided.after, decided.people


def shown(events: list[EventData]) -> bool:
    return any(isinstance(event, ItemCleared) for event in events)


@pytest.mark.parametrize("people", ["nobody", "agreed", "public-figure"])
def test_an_answer_is_kept_with_the_approval_and_shows_the_photo(people: People) -> None:
    review, events = apply(a_review(), Approve(ME, 1, people), ME)

    assert said(events) == ("approved", people)
    assert shown(events)
    assert review.people == people


def test_a_plain_approval_says_that_nobody_is_singled_out_and_of_a_text_nothing() -> None:
    assert said(decide(a_review(), Approve(ME, 1), NOW)) == ("approved", "nobody")
    text = a_review(kind="text", attachments=())
    assert said(decide(text, Approve(ME, 1), NOW)) == ("approved", None)


def test_a_plain_approval_finds_a_child_where_the_giver_told_of_one() -> None:
    child = a_consent(minor=True, guardian=True)
    assert said(decide(a_review(consent=child), Approve(ME, 1), NOW)) == ("pending", "child")
    item = an_item()
    told = Consented(recorded(item, consent=child), 1)
    review, _ = apply(a_review(item), told)
    assert said(decide(review, Approve(ME, 1), NOW)) == ("pending", "child")
    # The giver knows of a child in it; the moderator sees that it is not singled out.
    assert said(decide(review, Approve(ME, 1, "nobody"), NOW)) == ("approved", "nobody")


def test_a_child_is_shown_once_a_second_person_says_the_same() -> None:
    first, events = found_by(a_review(consent=AGREED), ME)
    assert said(events) == ("pending", "child")
    assert not shown(events)
    # That is what a plain approval says from then on.
    second, events = apply(first, Approve(COLLEAGUE, first.version), COLLEAGUE)
    assert said(events) == ("approved", "child")
    assert shown(events)
    assert second.cleared


def test_nobody_is_their_own_second_person() -> None:
    review = proposed()
    for people in (None, "child", "nobody"):
        with pytest.raises(OwnApprovalError):
            decide(review, Approve(ME, review.version, people), NOW)


def test_without_a_parents_word_two_people_are_not_enough_and_the_word_may_come_later() -> None:
    item = an_item()
    first = proposed(a_review(item))
    second, events = found_by(first, COLLEAGUE)
    assert said(events) == ("approved", "child")
    assert not shown(events)
    heard, events = apply(second, Consented(recorded(item, consent=AGREED), 1))
    assert shown(events)
    assert heard.cleared


def test_a_parents_word_between_the_two_shows_nothing_yet() -> None:
    item = an_item()
    first = proposed(a_review(item))
    heard, events = apply(first, Consented(recorded(item, consent=AGREED), 1))
    assert not shown(events)
    assert shown(found_by(heard, COLLEAGUE)[1])


def test_a_second_person_who_sees_no_child_decides_so() -> None:
    review = proposed()
    events = decide(review, Approve(COLLEAGUE, review.version, "agreed"), NOW)
    assert said(events) == ("approved", "agreed")
    events = decide(review, Reject(COLLEAGUE, review.version, ["privacy"]), NOW)
    assert said(events) == ("rejected", "child")


def test_the_first_person_undoes_it_and_answers_anew() -> None:
    review = proposed()
    with pytest.raises(NotYourDecisionError):
        decide(review, Revert(COLLEAGUE, review.version), NOW)
    undone, events = apply(review, Revert(ME, review.version), ME)
    assert said(events) == ("pending", None)
    assert (undone.state, undone.proposal, presumed(undone)) == ("pending", None, "nobody")
    with pytest.raises(ForbiddenTransitionError):
        decide(undone, Revert(ME, undone.version), NOW)
    assert shown(decide(undone, Approve(ME, undone.version), NOW))


def test_undoing_the_second_approval_leaves_the_first() -> None:
    review = found_by(proposed(), COLLEAGUE)[0]
    undone, events = apply(review, Revert(COLLEAGUE, review.version), COLLEAGUE)
    assert said(events) == ("pending", "child")
    assert undone.proposal is not None
    assert undone.proposal.by == ME
    assert not undone.cleared
    assert shown(found_by(undone, COLLEAGUE)[1])


def test_a_child_that_was_found_is_not_forgotten_when_the_item_changes() -> None:
    item = an_item(consent=AGREED)
    for before in (proposed(a_review(item)), found_by(proposed(a_review(item)), COLLEAGUE)[0]):
        edited = item.model_copy(update={"text": "Beter gezegd", "revision": 2})
        again, _ = apply(before, Change(edited, 2))
        assert (again.proposal, again.people) == (None, "child")
        assert said(decide(again, Approve(ME, again.version), NOW)) == ("pending", "child")


def test_an_answer_that_was_not_a_child_is_given_anew_when_the_item_changes() -> None:
    item = an_item()
    review, _ = apply(a_review(item), Approve(ME, 1, "agreed"), ME)
    edited = item.model_copy(update={"text": "Beter gezegd", "revision": 2})
    again, _ = apply(review, Change(edited, 2))
    assert again.people is None
    assert presumed(again) == "nobody"


def test_a_child_in_what_was_shown_already_is_found_by_undoing_and_deciding_again() -> None:
    review = approved()
    undone, _ = apply(review, Revert(ME, review.version), ME)
    first, events = found_by(undone, ME)
    assert said(events) == ("pending", "child")
    assert not first.cleared


def test_taking_down_and_putting_back_keeps_the_answer() -> None:
    review = found_by(proposed(), COLLEAGUE)[0]
    down, events = apply(review, TakeDown(ME, review.version, ["privacy"]), ME)
    assert said(events) == ("taken-down", "child")
    back, events = apply(down, Revert(ME, down.version), ME)
    assert said(events) == ("approved", "child")
    assert back.cleared


def test_a_first_approval_does_not_answer_a_second_look() -> None:
    refused, _ = apply(a_review(consent=AGREED), Reject(ME, 1, ["quality"]), ME)
    again, _ = apply(refused, LookAgain(MOMENT))
    first, [decided] = found_by(again, COLLEAGUE)
    assert isinstance(decided, ReviewDecided)
    assert decided.appeal is None
    assert first.looked_at_again
    third = "chloe"
    _, [decided, *_] = found_by(first, third)
    assert isinstance(decided, ReviewDecided)
    assert decided.appeal == "overturned"


def test_a_parked_appeal_outlives_a_first_approval() -> None:
    parked, _ = apply(a_review(consent=AGREED), LookAgain(MOMENT))
    assert found_by(parked, ME)[0].parked
    answered = found_by(found_by(parked, ME)[0], COLLEAGUE)[0]
    assert not answered.parked


def test_events_from_before_the_question_say_that_nobody_was_asked() -> None:
    item = an_item()
    old = ReviewDecided(item=item.item, campaign=item.campaign, before="pending", after="approved")
    assert old.people is None
    written = {
        "item": item.item,
        "campaign": item.campaign,
        "before": "approved",
        "after": "pending",
    }
    assert ReviewReverted.model_validate(written).people is None
