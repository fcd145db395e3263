"""What may be decided about an item, by whom, and what follows from it."""

from collections.abc import Callable

import pytest

from services.contracts.envelope import EventData
from services.contracts.ingest import RightsBasis
from services.contracts.moderation import ItemCleared, ItemRevoked, ReviewDecided, ReviewOpened
from services.moderation.domain.command import (
    Approve,
    Change,
    Judgement,
    Receive,
    Reject,
    Revert,
    TakeDown,
    Withdraw,
)
from services.moderation.domain.deciding import decide
from services.moderation.domain.errors import (
    ForbiddenTransitionError,
    ItemWithdrawnError,
    NotYourDecisionError,
    ReasonMissingError,
    StaleReviewError,
)
from services.moderation.domain.review import Review
from services.moderation.domain.transitions import TRANSITIONS
from tests.builders import an_item
from tests.unit.moderation.builders import (
    COLLEAGUE,
    ME,
    NOW,
    a_review,
    apply,
    approved,
    rejected,
    taken_down,
)

IN: dict[str, Callable[[], Review]] = {
    "pending": a_review,
    "approved": approved,
    "rejected": rejected,
    "taken-down": taken_down,
}


def _judgements(seen: int) -> dict[str, Judgement]:
    return {
        "approve": Approve(ME, seen),
        "reject": Reject(ME, seen, ["quality"]),
        "take-down": TakeDown(ME, seen, ["privacy"]),
        "revert": Revert(ME, seen),
    }


def kinds(events: list[EventData]) -> list[str]:
    return [type(event).__name__ for event in events]


@pytest.mark.parametrize("state", IN)
@pytest.mark.parametrize("name", ["approve", "reject", "take-down", "revert"])
def test_a_judgement_follows_the_table_or_is_refused(state: str, name: str) -> None:
    review = IN[state]()
    command = _judgements(review.version)[name]
    after = TRANSITIONS.after(review.state, name)  # type: ignore[arg-type]
    # What waits can only be undone where a first approval waits for a second person.
    if after is None or (state, name) == ("pending", "revert"):
        with pytest.raises(ForbiddenTransitionError) as refused:
            decide(review, command, NOW)
        assert (refused.value.state, refused.value.command) == (state, name)
    else:
        assert apply(review, command, ME)[0].state == after


def test_a_new_item_waits_and_nobody_sees_it() -> None:
    item = an_item()
    review, events = apply(Review(item.item, item.campaign), Receive(item, 1))
    assert kinds(events) == ["ReviewOpened"]
    assert (review.state, review.life, review.cleared) == ("pending", "live", False)


def test_an_approval_clears_the_item_and_a_take_down_revokes_it() -> None:
    review, events = apply(a_review(), Approve(ME, 1), ME)
    assert kinds(events) == ["ReviewDecided", "ItemCleared"]
    assert review.cleared
    review, events = apply(review, TakeDown(ME, review.version, ["privacy"]), ME)
    assert kinds(events) == ["ReviewDecided", "ItemRevoked"]
    assert isinstance(events[1], ItemRevoked)
    assert events[1].reason == "taken-down"
    assert not review.cleared


def test_an_undone_approval_revokes_and_an_undone_take_down_clears_again() -> None:
    review, events = apply(approved(), Revert(ME, approved().version), ME)
    assert kinds(events) == ["ReviewReverted", "ItemRevoked"]
    assert (review.state, review.decision) == ("pending", None)
    down = taken_down()
    review, events = apply(down, Revert(ME, down.version), ME)
    assert kinds(events) == ["ReviewReverted", "ItemCleared"]
    assert review.decision is not None
    assert review.decision.after == "approved"


def test_an_approved_item_without_known_rights_is_not_cleared() -> None:
    review, events = apply(a_review(rights=RightsBasis(basis="unknown")), Approve(ME, 1), ME)
    assert kinds(events) == ["ReviewDecided"]
    assert review.state == "approved"
    assert not review.cleared


@pytest.mark.parametrize("state", IN)
def test_a_change_reopens_whatever_was_decided(state: str) -> None:
    review = IN[state]()
    assert review.snapshot is not None
    edited = review.snapshot.model_copy(update={"text": "Iets heel anders", "revision": 2})
    after, events = apply(review, Change(edited, 2))
    assert isinstance(events[0], ReviewOpened)
    assert events[0].revision == 2
    assert ("ItemRevoked" in kinds(events)) is (state == "approved")
    assert (after.state, after.cleared, after.decisions) == ("pending", False, ())
    assert after.snapshot == edited


def test_an_item_that_comes_again_unchanged_is_not_judged_again() -> None:
    review = approved()
    assert review.snapshot is not None
    again = review.snapshot.model_copy(update={"revision": 7})
    after, events = apply(review, Receive(again, 3))
    assert events == []
    assert (after.state, after.item_version, after.snapshot) == ("approved", 3, again)


def test_a_withdrawn_item_is_revoked_closed_and_forgotten() -> None:
    after, events = apply(approved(), Withdraw("author", 2))
    assert kinds(events) == ["ReviewClosed", "ItemRevoked"]
    assert (after.life, after.snapshot, after.cleared) == ("withdrawn", None, False)


def test_a_withdrawal_stays_until_a_later_version_of_the_item_arrives() -> None:
    item = an_item()
    gone, events = apply(Review(item.item, item.campaign), Withdraw("author", 2))
    assert events == []
    late, events = apply(gone, Receive(item, 1))
    assert (events, late.life) == ([], "withdrawn")
    back, events = apply(late, Receive(item, 3))
    assert kinds(events) == ["ReviewOpened"]
    assert (back.life, back.state) == ("live", "pending")


@pytest.mark.parametrize("name", ["approve", "reject", "take-down", "revert"])
def test_nothing_can_be_decided_about_a_withdrawn_item(name: str) -> None:
    review, _ = apply(a_review(), Withdraw("source", 2))
    with pytest.raises(ItemWithdrawnError):
        decide(review, _judgements(review.version)[name], NOW)


def test_the_second_of_two_moderators_learns_who_was_first_and_how() -> None:
    review = approved(by=COLLEAGUE)
    with pytest.raises(StaleReviewError) as refused:
        decide(review, Reject(ME, 1, ["quality"]), NOW)
    assert (refused.value.winner, refused.value.verdict) == (COLLEAGUE, "approved")


def test_who_decides_on_an_item_that_changed_meanwhile_is_told_that_nobody_was_first() -> None:
    review = a_review()
    assert review.snapshot is not None
    edited = review.snapshot.model_copy(update={"text": "Anders"})
    changed, _ = apply(review, Change(edited, 2))
    with pytest.raises(StaleReviewError) as refused:
        decide(changed, Approve(ME, review.version), NOW)
    assert refused.value.winner is None


@pytest.mark.parametrize("reasons", [[], ["no-such-reason"], ["other"]])
def test_a_refusal_needs_a_reason_of_the_register_and_some_a_note(reasons: list[str]) -> None:
    review = a_review()
    with pytest.raises(ReasonMissingError):
        decide(review, Reject(ME, review.version, reasons), NOW)


def test_reasons_are_kept_once_each_in_the_order_of_the_register() -> None:
    review = a_review()
    wished = ["privacy", "off-topic", "privacy", "other"]
    [decided] = decide(review, Reject(ME, review.version, wished, "zie mail"), NOW)
    assert isinstance(decided, ReviewDecided)
    assert decided.reasons == ("off-topic", "privacy", "other")


def test_only_an_editor_with_a_note_undoes_a_colleagues_decision() -> None:
    review = rejected(by=COLLEAGUE)
    with pytest.raises(NotYourDecisionError) as refused:
        decide(review, Revert(ME, review.version, note="toch goed"), NOW)
    assert refused.value.winner == COLLEAGUE
    with pytest.raises(ReasonMissingError):
        decide(review, Revert(ME, review.version, editor=True, note=" "), NOW)
    events = decide(review, Revert(ME, review.version, editor=True, note="toch goed"), NOW)
    assert kinds(events) == ["ReviewReverted"]


def test_what_the_world_may_see_has_no_consent_no_evidence_and_no_author_key() -> None:
    item = an_item(
        rights=RightsBasis(basis="declared", evidence="mail van 3 mei"),
        refused_media=("too-large",),
        author={"key": "acct:17", "name": "An Peeters", "handle": "@an"},
        text="Vuurwerk!",
    )
    review = approved(a_review(item))
    [_, cleared] = decide(a_review(item), Approve(ME, 1), NOW)
    assert isinstance(cleared, ItemCleared)
    said = cleared.model_dump_json()
    assert review.cleared
    for hidden in ("consent", "evidence", "mail van 3 mei", "refused", "acct:17"):
        assert hidden not in said
    assert cleared.item.credit.name == "An Peeters"
