"""What a mandate, a consent and a second look make of a review."""

from datetime import timedelta
from typing import Any

import pytest

from services.contracts.envelope import EventData
from services.contracts.ingest import Attribution
from services.contracts.moderation import ItemCleared, ItemRevoked, ReviewDecided, ReviewOpened
from services.moderation.domain.clearing import Circumstances
from services.moderation.domain.command import (
    Approve,
    Attribute,
    Change,
    Consented,
    LookAgain,
    Receive,
    Reject,
    Revert,
    Settle,
    TakeDown,
    Withdraw,
)
from services.moderation.domain.deciding import decide
from services.moderation.domain.errors import OwnDecisionError, OwnItemError
from services.moderation.domain.review import Review, SecondLook
from tests.builders import MOMENT, an_item
from tests.unit.moderation.builders import (
    COLLEAGUE,
    ME,
    NOW,
    a_mandate,
    a_review,
    apply,
    approved,
    recorded,
    rejected,
    taken_down,
)

ASKED = LookAgain(MOMENT)
AGAIN = LookAgain(MOMENT + timedelta(hours=1))


def kinds(events: list[EventData]) -> list[str]:
    return [type(event).__name__ for event in events]


def attributed(review: Review, **changes: Any) -> Attribute:
    assert review.snapshot is not None
    fields: dict[str, Any] = {"mandate": "m", "curator": "c", "lane": "counted"}
    attribution = Attribution.model_validate(fields | changes)
    item = review.snapshot.model_copy(update={"attribution": attribution})
    return Attribute(item, review.item_version + 1)


def looked_at_again(review: Review | None = None) -> Review:
    return apply(review or rejected(by=COLLEAGUE), ASKED)[0]


def test_an_attribution_keeps_the_decision_and_says_a_cleared_item_again() -> None:
    review = approved()
    after, events = apply(review, attributed(review, in_series=True))
    [cleared] = events
    assert isinstance(cleared, ItemCleared)
    assert (cleared.item.mandate, cleared.item.in_series) == ("m", True)
    assert (after.state, after.decisions, after.cleared) == ("approved", review.decisions, True)
    again, events = apply(after, attributed(after, in_series=True))
    assert events == []
    assert again.item_version == after.item_version + 1


@pytest.mark.parametrize("review", [a_review(), rejected(), taken_down()])
def test_an_attribution_of_what_is_not_shown_says_nothing(review: Review) -> None:
    after, events = apply(review, attributed(review))
    assert events == []
    assert after.snapshot is not None
    assert after.snapshot.attribution.mandate == "m"


def test_an_old_attribution_changes_nothing() -> None:
    review = approved()
    assert review.snapshot is not None
    old = attributed(review)
    assert apply(review, Attribute(old.snapshot, 1)) == (review, [])


def test_what_moves_to_a_stopped_mandate_goes_and_comes_back_with_it() -> None:
    review = approved()
    stopped = Circumstances(MOMENT, a_mandate(hidden=True))
    gone, events = apply(review, attributed(review), around=stopped)
    [revoked] = events
    assert isinstance(revoked, ItemRevoked)
    assert revoked.reason == "mandate-stopped"
    back, events = apply(gone, Settle(), around=Circumstances(MOMENT, a_mandate()))
    assert kinds(events) == ["ItemCleared"]
    assert apply(back, Settle(), around=Circumstances(MOMENT, a_mandate())) == (back, [])


def test_a_consent_that_came_before_its_item_is_kept() -> None:
    item = an_item()
    withdrawn = recorded(item, grants=())
    review, events = apply(Review(item.item, item.campaign), Consented(withdrawn, 2))
    assert events == []
    review, _ = apply(review, Consented(recorded(item), 1))
    review, _ = apply(review, Receive(item, 1))
    assert review.consent == withdrawn
    assert kinds(decide(review, Approve(ME, 1), NOW)) == ["ReviewDecided"]


def test_a_refusal_that_is_appealed_against_waits_for_somebody_else() -> None:
    review, [opened] = apply(rejected(by=COLLEAGUE), ASKED)
    assert isinstance(opened, ReviewOpened)
    assert opened.second_look
    assert (review.state, review.looked_at_again, review.decisions) == ("pending", True, ())
    assert review.second_look == SecondLook(COLLEAGUE, "rejected", ("quality",))
    with pytest.raises(OwnDecisionError):
        decide(review, Approve(COLLEAGUE, review.version), NOW)
    assert apply(review, ASKED) == (review, [])


def test_an_appeal_that_arrives_again_after_its_answer_begins_nothing() -> None:
    review = looked_at_again()
    lifted, _ = apply(review, Approve(ME, review.version), ME)
    down, _ = apply(lifted, TakeDown(ME, lifted.version, ["privacy"]), ME)
    assert apply(down, ASKED) == (down, [])
    assert kinds(decide(down, AGAIN, NOW)) == ["ReviewOpened"]


@pytest.mark.parametrize("before", [rejected(by=COLLEAGUE), taken_down(by=COLLEAGUE)])
def test_the_outcome_of_a_second_look_is_said_with_the_decision(before: Review) -> None:
    review = looked_at_again(before)
    [lifted, *_] = decide(review, Approve(ME, review.version), NOW)
    [stands] = decide(review, Reject(ME, review.version, ["quality"]), NOW)
    assert isinstance(lifted, ReviewDecided)
    assert isinstance(stands, ReviewDecided)
    assert (lifted.appeal, stands.appeal) == ("overturned", "upheld")


def test_an_answer_that_is_undone_can_be_given_again_but_not_appealed_against() -> None:
    review = looked_at_again()
    stands, _ = apply(review, Reject(ME, review.version, ["quality"]), ME)
    assert apply(stands, AGAIN)[1] == []
    with pytest.raises(OwnDecisionError):
        decide(stands, Revert(COLLEAGUE, stands.version, editor=True, note="toch"), NOW)
    undone, _ = apply(stands, Revert(ME, stands.version), ME)
    assert undone.looked_at_again
    [lifted, _] = decide(undone, Approve(ME, undone.version), NOW)
    assert isinstance(lifted, ReviewDecided)
    assert lifted.appeal == "overturned"


def test_a_change_keeps_a_second_look_that_waits_and_ends_one_that_was_answered() -> None:
    review = looked_at_again()
    assert review.snapshot is not None
    edited = review.snapshot.model_copy(update={"text": "Beter"})
    assert apply(review, Change(edited, 2))[0].looked_at_again
    answered, _ = apply(review, Approve(ME, review.version), ME)
    fresh, _ = apply(answered, Change(edited, 2))
    assert fresh.second_look is None
    assert kinds(decide(fresh, Approve(COLLEAGUE, fresh.version), NOW))[0] == "ReviewDecided"


def test_an_appeal_about_what_is_gone_is_ignored_and_a_withdrawal_ends_one() -> None:
    for review in (rejected(), a_review()):
        gone, _ = apply(review, Withdraw("author", 2))
        assert apply(gone, Withdraw("author", 3))[1] == []
        after, events = apply(gone, ASKED)
        assert (events, after.parked) == ([], False)
    gone, _ = apply(looked_at_again(), Withdraw("author", 2))
    back, _ = apply(gone, Receive(an_item(), 3))
    assert back.second_look is None


def test_an_appeal_about_what_is_approved_is_ignored() -> None:
    after, events = apply(approved(), ASKED)
    assert (events, after.parked) == ([], False)


@pytest.mark.parametrize("known", [True, False])
def test_an_appeal_that_came_before_its_refusal_waits_for_it(*, known: bool) -> None:
    item = an_item()
    review = a_review(item) if known else Review(item.item, item.campaign)
    review, events = apply(review, ASKED)
    assert events == []
    review, _ = apply(review, Receive(item, 2))
    [approval, _] = decide(review, Approve(ME, review.version), NOW)
    assert isinstance(approval, ReviewDecided)
    assert approval.appeal == "overturned"
    assert not apply(review, Approve(ME, review.version), ME)[0].parked
    refused, events = apply(review, Reject(ME, review.version, ["quality"]), ME)
    assert kinds(events) == ["ReviewDecided", "ReviewOpened"]
    assert refused.looked_at_again
    assert not refused.parked
    with pytest.raises(OwnDecisionError):
        decide(refused, Approve(ME, refused.version), NOW)


def test_nobody_decides_on_what_they_gave_or_hold() -> None:
    given = a_review(giver_account=ME)
    held = a_review(attribution={"mandate": "m", "curator": "c", "lane": "late"})
    mine = Circumstances(MOMENT, a_mandate(staff_account=ME))
    for review, around in ((given, NOW), (held, mine)):
        with pytest.raises(OwnItemError):
            decide(review, Approve(ME, review.version), around)
        assert decide(review, Approve(COLLEAGUE, review.version), around)
