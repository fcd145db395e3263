"""No sequence of commands leaves the table, and the log alone gives the same review."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.contracts.envelope import EventData
from services.contracts.ingest import ChannelGrant, Item
from services.contracts.moderation import (
    ItemCleared,
    ItemRevoked,
    People,
    ReviewClosed,
    ReviewDecided,
    ReviewReverted,
)
from services.moderation.domain.clearing import Circumstances, cleared_item, publishable
from services.moderation.domain.command import (
    Approve,
    Attribute,
    Change,
    Command,
    Consented,
    LookAgain,
    Receive,
    Reject,
    Revert,
    Settle,
    TakeDown,
    Withdraw,
)
from services.moderation.domain.errors import (
    OwnApprovalError,
    OwnDecisionError,
    OwnItemError,
    ReviewError,
)
from services.moderation.domain.review import Review, evolve
from services.moderation.domain.transitions import TRANSITIONS
from tests.builders import MOMENT, a_consent, an_item
from tests.unit.moderation.builders import a_mandate, apply, recorded

ACCOUNTS = st.sampled_from(["anna", "bram"])
REASONS = st.lists(st.sampled_from(["quality", "other", "unheard-of"]), max_size=2)
NOTES = st.sampled_from(["", "om deze reden"])
RIGHTS = st.sampled_from(["declared", "unknown"])
LANES = st.sampled_from(["open", "counted", "late", "paused"])
HOURS = st.sampled_from([None, 1, 2, 3])
ANSWERS = st.sampled_from([None, None, "child", "nobody", "agreed"])
#: Mostly what comes next, sometimes what came before, twice, or with a gap.
STEPS = st.sampled_from([1, 1, 1, 2, 0, -1])


class ReviewMachine(RuleBasedStateMachine):
    """Sends commands of every kind, sensible or not."""

    @initialize(holder=st.sampled_from([None, "bram"]))
    def begin(self, holder: str | None) -> None:
        self.item = an_item()
        self.review = Review(self.item.item, self.item.campaign)
        self.log: list[tuple[EventData, str]] = []
        self.now = MOMENT
        self.holder = holder
        self.hidden = False
        self.appeals = 0

    def around(self, item: Item | None) -> Circumstances:
        """What the store finds: the mandate that the item came for, and the time."""
        mandate = None
        if item is not None and item.attribution.mandate:
            mandate = a_mandate(hidden=self.hidden, staff_account=self.holder)
        return Circumstances(self.now, mandate)

    def send(self, command: Command, by: str) -> None:
        before = self.review
        given = isinstance(command, Receive | Change | Attribute)
        fresh = given and command.version > before.item_version
        around = self.around(command.snapshot if given and fresh else before.snapshot)
        try:
            self.review, events = apply(before, command, by, around)
        except ReviewError as error:
            self._is_rightly_refused(error, before, by)
            return
        self.log += [(event, by) for event in events]
        for event in events:
            self._is_a_move(event, before, by)

    def _is_a_move(self, event: EventData, before: Review, by: str) -> None:
        if isinstance(event, ReviewDecided | ReviewReverted):
            moves = {(m.before, m.after) for m in TRANSITIONS.moves}
            assert (event.before, event.after) in moves
            assert event.before == before.state
            assert before.snapshot is not None
            assert by != before.snapshot.giver_account
            assert not (before.snapshot.attribution.mandate and by == self.holder)
            assert before.second_look is None or before.second_look.decided_by != by
        if isinstance(event, ReviewDecided):
            waited = before.looked_at_again or (before.parked and event.after == "approved")
            waited = waited and event.after != "pending"
            assert (event.appeal is not None) is waited
            assert event.appeal in {None, "overturned" if event.after == "approved" else "upheld"}
            if event.after == "approved" and event.people == "child":
                assert before.proposal is not None
                assert before.proposal.by != by
        if isinstance(event, ReviewClosed):
            assert before.life == "live"

    def _is_rightly_refused(self, error: ReviewError, before: Review, by: str) -> None:
        if isinstance(error, OwnDecisionError):
            assert before.second_look is not None
            assert before.second_look.decided_by == by
        if isinstance(error, OwnApprovalError):
            assert before.proposal is not None
            assert before.proposal.by == by
        if isinstance(error, OwnItemError):
            assert before.snapshot is not None
            mine = before.snapshot.attribution.mandate and by == self.holder
            assert mine or before.snapshot.giver_account == by

    def _next(self, step: int) -> int:
        return max(1, self.review.item_version + step)

    def _version(self, offset: int) -> int:
        return max(0, self.review.version + offset)

    @rule(
        step=STEPS,
        text=st.sampled_from(["a", "b"]),
        basis=RIGHTS,
        giver=st.sampled_from([None, None, "anna"]),
        until=HOURS,
    )
    def receive(
        self, step: int, text: str, basis: str, giver: str | None, until: int | None
    ) -> None:
        version = self._next(step)
        consent = a_consent(until=MOMENT + timedelta(hours=until) if until else None)
        facts: dict[str, Any] = {
            "text": text,
            "revision": version,
            "rights": {"basis": basis},
            "giver_account": giver,
            "consent": consent,
        }
        kind = Receive if version % 2 else Change
        self.send(kind(Item.model_validate(self.item.model_dump() | facts), version), "moderation")

    @rule(step=STEPS, lane=LANES, series=st.booleans())
    def attribute(self, step: int, lane: str, *, series: bool) -> None:
        known = self.review.snapshot or self.item
        mandate = None if lane == "open" else "m"
        facts = {"attribution": {"lane": lane, "mandate": mandate, "in_series": series}}
        item = Item.model_validate(known.model_dump() | facts)
        decided = self.review.decisions
        self.send(Attribute(item, self._next(step)), "moderation")
        if known is self.review.snapshot:
            assert self.review.decisions == decided

    @rule(step=STEPS)
    def withdraw(self, step: int) -> None:
        self.send(Withdraw("author", self._next(step)), "moderation")

    @rule(
        step=STEPS,
        withdrawn=st.booleans(),
        until=HOURS,
        minor=st.booleans(),
        guardian=st.booleans(),
    )
    def consent(
        self, step: int, until: int | None, *, withdrawn: bool, minor: bool, guardian: bool
    ) -> None:
        version = max(1, self.review.consent_version + step)
        grant = ChannelGrant(
            channel="web",
            given_at=MOMENT,
            until=MOMENT + timedelta(hours=until) if until else None,
            withdrawn_at=MOMENT if withdrawn else None,
        )
        ticked = a_consent(minor=minor, guardian=guardian)
        told = recorded(self.item, consent=ticked, grants=(grant,))
        self.send(Consented(told, version), "moderation")

    @rule(again=st.booleans())
    def appeal(self, *, again: bool) -> None:
        self.appeals += not again
        before = self.review
        self.send(LookAgain(MOMENT + timedelta(minutes=self.appeals)), "moderation")
        if before.state != "pending" and self.review.state == "pending":
            assert before.state in {"rejected", "taken-down"}
            assert before.life == "live"
            assert before.decision is not None
            assert before.decision.appeal is None

    @rule()
    def an_hour_passes(self) -> None:
        self.now += timedelta(hours=1)
        self.send(Settle(), "moderation")

    @rule(hidden=st.booleans(), holder=st.sampled_from([None, "bram"]))
    def the_mandate_changes(self, holder: str | None, *, hidden: bool) -> None:
        self.hidden, self.holder = hidden, holder
        self.send(Settle(), "moderation")

    @rule(by=ACCOUNTS, offset=st.sampled_from([0, 0, 0, -1]), people=ANSWERS)
    def approve(self, by: str, offset: int, people: People | None) -> None:
        self.send(Approve(by, self._version(offset), people), by)

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
        review = self.review
        around = self.around(review.snapshot)
        told = review.consent
        seen = publishable(review.state, review.snapshot, told, around, review.people)
        assert review.cleared is seen
        words = [event for event, _ in self.log if isinstance(event, ItemCleared | ItemRevoked)]
        assert review.cleared is bool(words and isinstance(words[-1], ItemCleared))
        if review.cleared and review.snapshot and isinstance(words[-1], ItemCleared):
            assert words[-1].item == cleared_item(review.snapshot)
        # Nothing is revoked that was not cleared, and nothing is said twice.
        for last, following in zip([None, *words], words, strict=False):
            if isinstance(following, ItemRevoked):
                assert isinstance(last, ItemCleared)
            elif isinstance(last, ItemCleared):
                assert last.item != following.item

    @invariant()
    def a_child_is_seen_only_with_a_parents_word_and_by_four_eyes(self) -> None:
        review = self.review
        if not (review.cleared and review.people == "child"):
            return
        consent = review.given_consent
        assert consent is not None
        # Before a consent is recorded, the item's own counts, which here asks both together.
        assert consent.guardian or (review.consent is None and consent.minor and consent.people)
        approvals = {d.by for d in review.decisions if d.people == "child" and not d.reasons}
        assert len(approvals) > 1

    @invariant()
    def the_log_alone_gives_the_same_review(self) -> None:
        replayed = Review(self.item.item, self.item.campaign)
        for event, by in self.log:
            replayed = evolve(replayed, event, by, MOMENT)
        heard = replace(
            self.review,
            snapshot=None,
            item_version=0,
            consent=None,
            consent_version=0,
            appealed_at=None,
            parked=False,
        )
        assert replayed == heard

    @invariant()
    def no_decision_stands_that_did_not_lead_here(self) -> None:
        last = self.review.decision
        assert (last.after if last else "pending") == self.review.state

    @invariant()
    def a_second_look_is_not_lost_while_it_waits(self) -> None:
        if self.review.parked:
            assert not self.review.looked_at_again
            assert self.review.state == "pending"


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
