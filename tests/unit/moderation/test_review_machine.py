"""No sequence of commands leaves the table, and the log alone gives the same review."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.contracts.envelope import EventData
from services.contracts.ingest import Item
from services.contracts.moderation import ItemCleared, ItemRevoked, ReviewDecided, ReviewReverted
from services.moderation.domain.clearing import publishable
from services.moderation.domain.errors import ReviewError
from services.moderation.domain.review import (
    Approve,
    Change,
    Command,
    Receive,
    Reject,
    Revert,
    Review,
    TakeDown,
    Withdraw,
    evolve,
)
from services.moderation.domain.transitions import TRANSITIONS
from tests.builders import MOMENT, an_item
from tests.unit.moderation.builders import apply

ACCOUNTS = st.sampled_from(["anna", "bram"])
REASONS = st.lists(st.sampled_from(["quality", "other", "unheard-of"]), max_size=2)
NOTES = st.sampled_from(["", "om deze reden"])
RIGHTS = st.sampled_from(["declared", "unknown"])


class ReviewMachine(RuleBasedStateMachine):
    """Sends commands of every kind, sensible or not."""

    @initialize()
    def begin(self) -> None:
        self.item = an_item()
        self.review = Review(self.item.item, self.item.campaign)
        self.log: list[tuple[EventData, str]] = []

    def send(self, command: Command, by: str) -> None:
        before = self.review
        try:
            self.review, events = apply(before, command, by)
        except ReviewError:
            return
        self.log += [(event, by) for event in events]
        for event in events:
            if isinstance(event, ReviewDecided | ReviewReverted):
                moves = {(m.before, m.after) for m in TRANSITIONS.moves}
                assert (event.before, event.after) in moves
                assert event.before == before.state

    def _version(self, offset: int) -> int:
        return max(0, self.review.version + offset)

    @rule(version=st.integers(1, 12), text=st.sampled_from(["a", "b"]), basis=RIGHTS)
    def receive(self, version: int, text: str, basis: str) -> None:
        item = self.item.model_copy(update={"text": text, "revision": version})
        item = Item.model_validate(item.model_dump() | {"rights": {"basis": basis}})
        kind = Receive if version % 2 else Change
        self.send(kind(item, version), "moderation")

    @rule(version=st.integers(1, 12))
    def withdraw(self, version: int) -> None:
        self.send(Withdraw("author", version), "moderation")

    @rule(by=ACCOUNTS, offset=st.sampled_from([0, 0, 0, -1]))
    def approve(self, by: str, offset: int) -> None:
        self.send(Approve(by, self._version(offset)), by)

    @rule(by=ACCOUNTS, reasons=REASONS, note=NOTES)
    def reject(self, by: str, reasons: list[str], note: str) -> None:
        self.send(Reject(by, self.review.version, reasons, note), by)

    @rule(by=ACCOUNTS, reasons=REASONS, note=NOTES)
    def take_down(self, by: str, reasons: list[str], note: str) -> None:
        self.send(TakeDown(by, self.review.version, reasons, note), by)

    @rule(by=ACCOUNTS, editor=st.booleans(), note=NOTES)
    def revert(self, by: str, note: str, *, editor: bool) -> None:
        self.send(Revert(by, self.review.version, editor, note), by)

    @invariant()
    def the_world_sees_it_exactly_when_the_gate_says_so(self) -> None:
        assert self.review.cleared is publishable(self.review.state, self.review.snapshot)
        shown = [isinstance(e, ItemCleared) for e, _ in self.log if _is_word_to_the_world(e)]
        assert self.review.cleared is bool(shown and shown[-1])
        # Each clearing is followed by its revocation before the next one.
        assert shown == [n % 2 == 0 for n in range(len(shown))]

    @invariant()
    def the_log_alone_gives_the_same_review(self) -> None:
        replayed = Review(self.item.item, self.item.campaign)
        for event, by in self.log:
            replayed = evolve(replayed, event, by, MOMENT)
        assert replayed == replace(self.review, snapshot=None, item_version=0)

    @invariant()
    def no_decision_stands_that_did_not_lead_here(self) -> None:
        last = self.review.decision
        assert (last.after if last else "pending") == self.review.state


def _is_word_to_the_world(event: EventData) -> bool:
    return isinstance(event, ItemCleared | ItemRevoked)


TestReviews = ReviewMachine.TestCase
TestReviews.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)

_ITEM = an_item()
_EVENTS: list[Command] = [
    Receive(_ITEM, 1),
    Change(_ITEM.model_copy(update={"text": "twee", "revision": 2}), 2),
    Withdraw("source", 3),
    Receive(_ITEM.model_copy(update={"text": "vier", "revision": 4}), 4),
]


@given(st.permutations(_EVENTS * 5), st.integers(1, 4))
@settings(deadline=None)
def test_item_events_five_times_and_in_any_order_give_the_same_review(
    events: list[Command], last: int
) -> None:
    wanted = [e for e in events if not isinstance(e, Approve) and _version(e) <= last]
    review = Review(_ITEM.item, _ITEM.campaign)
    for command in wanted:
        review, _ = apply(review, command)
    straight = Review(_ITEM.item, _ITEM.campaign)
    for command in _EVENTS[:last]:
        straight, _ = apply(straight, command)
    assert replace(review, version=0) == replace(straight, version=0)


def _version(command: Command) -> int:
    assert isinstance(command, Receive | Change | Withdraw)
    return command.version
