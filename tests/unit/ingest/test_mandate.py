"""Mandates: which moves there are, when, and that their history gives their state."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.envelope import EventData
from services.contracts.ids import CuratorId, MandateId
from services.contracts.ingest import MandateAnnounced, MandateEnded, MandateStateName, Pause
from services.ingest.domain.mandate import (
    MOVES,
    AcceptMandate,
    BadDatesError,
    Cancel,
    Command,
    Decline,
    End,
    ForbiddenMandateMoveError,
    Holder,
    Invite,
    Mandate,
    MandateError,
    MandateOverError,
    Move,
    Narrow,
    PauseMandate,
    Plan,
    Resume,
    Show,
    Stop,
    TurnTakenError,
    decide,
    evolve,
)
from services.ingest.domain.mandate_words import STANDS, for_curator
from tests.builders import CAMPAIGN, a_consent

START = datetime(2026, 10, 12, 7, tzinfo=UTC)
END = START + timedelta(days=14)
BEFORE, DURING, AFTER = START - timedelta(days=1), START + timedelta(days=1), END
NEW = Mandate(
    MandateId("m-1"), CAMPAIGN, Holder(CuratorId("k-1"), "Fatima"), START, END, "Europe/Brussels"
)
ACCEPT = AcceptMandate("2", a_consent(evidence="mandate"), ("link",))
COMMANDS: dict[str, Command] = {
    "plan": Plan(),
    "move": Move(START, END + timedelta(days=7)),
    "invite": Invite("a-link"),
    "accept": ACCEPT,
    "narrow": Narrow("web"),
    "decline": Decline(),
    "pause": PauseMandate(),
    "resume": Resume(),
    "end": End(),
    "stop": Stop(hide=True),
    "show": Show(),
    "cancel": Cancel(),
}


def after(*steps: tuple[Command, datetime], mandate: Mandate = NEW) -> Mandate:
    for command, now in steps:
        for event in decide(mandate, command, now):
            mandate = evolve(mandate, event)
    return mandate


ACCEPTED = after((Plan(), BEFORE), (Invite("a-link"), BEFORE), (ACCEPT, BEFORE))


def test_every_command_has_its_row_in_the_table_of_moves() -> None:
    assert set(MOVES) == set(get_args(Command)) == {type(c) for c in COMMANDS.values()}


@pytest.mark.parametrize("state", get_args(MandateStateName))
@pytest.mark.parametrize("name", COMMANDS)
def test_a_move_that_the_table_does_not_have_is_refused_with_a_sentence(
    state: MandateStateName, name: str
) -> None:
    command = COMMANDS[name]
    mandate = replace(NEW, state=state)
    word, states = MOVES[type(command)]
    if state in states:
        decide(mandate, command, BEFORE)
        return
    with pytest.raises(ForbiddenMandateMoveError) as refused:
        decide(mandate, command, BEFORE)
    assert str(refused.value) == f"A mandate that is {state} cannot be {word}."
    assert STANDS[state]


@pytest.mark.parametrize("length", [timedelta(0), timedelta(seconds=-1), timedelta(days=-14)])
def test_a_mandate_that_ends_before_it_starts_is_refused(length: timedelta) -> None:
    wrong = replace(NEW, ends_at=START + length)
    with pytest.raises(BadDatesError, match="must end after it starts"):
        decide(wrong, Plan(), BEFORE)
    with pytest.raises(BadDatesError, match="must end after it starts"):
        decide(ACCEPTED, Move(START, START + length), BEFORE)


def test_an_accepted_mandate_knows_what_was_agreed_to() -> None:
    assert (ACCEPTED.state, ACCEPTED.rules_version) == ("accepted", "2")
    assert (ACCEPTED.accepted, ACCEPTED.ways) == (ACCEPT.consent, ("link",))
    assert ACCEPTED.holds(START)
    assert ACCEPTED.holds(END - timedelta(microseconds=1))
    assert not ACCEPTED.holds(START - timedelta(microseconds=1))
    assert not ACCEPTED.holds(END)


def test_a_use_is_taken_back_for_a_whole_mandate_once_and_given_anew_with_a_new_yes() -> None:
    everywhere = replace(ACCEPT, consent=a_consent(channels=("web", "print")))
    agreed = after((Invite("x"), BEFORE), (everywhere, BEFORE))
    narrowed = after((Narrow("print"), AFTER + timedelta(days=9)), mandate=agreed)
    assert narrowed.accepted is not None
    assert narrowed.accepted.channels == ("web",)
    assert (narrowed.state, narrowed.ends_at) == ("accepted", END)
    assert decide(narrowed, Narrow("print"), DURING) == []
    assert decide(narrowed, Narrow("tv"), DURING) == []
    anew = after((Decline(), BEFORE), (everywhere, BEFORE), mandate=narrowed)
    assert anew.accepted == everywhere.consent


def test_who_declined_can_still_say_yes_and_who_said_yes_can_still_decline() -> None:
    declined = after((Decline(), BEFORE), mandate=ACCEPTED)
    assert (declined.state, declined.in_force) == ("declined", False)
    assert after((ACCEPT, BEFORE), mandate=declined).state == "accepted"


def test_declining_a_running_mandate_ends_it_and_keeps_what_was_given() -> None:
    ended = after((Decline(), DURING), mandate=ACCEPTED)
    assert (ended.state, ended.ends_at, ended.in_force) == ("ended", DURING, True)


def test_a_mandate_that_is_over_can_no_longer_be_declined() -> None:
    with pytest.raises(TurnTakenError) as refused:
        decide(ACCEPTED, Decline(), AFTER + timedelta(days=3))
    assert "nothing left to decline" in for_curator(refused.value)
    late = MandateEnded(mandate=ACCEPTED.mandate, at=AFTER + timedelta(days=3))
    assert evolve(ACCEPTED, late).ends_at == END


def test_an_early_end_before_the_start_takes_it_off_the_calendar() -> None:
    assert after((End(), BEFORE), mandate=ACCEPTED).state == "cancelled"


def test_a_running_mandate_is_ended_not_cancelled() -> None:
    with pytest.raises(ForbiddenMandateMoveError, match="A mandate that is running") as refused:
        decide(ACCEPTED, Cancel(), DURING)
    assert "End it instead" in STANDS[refused.value.state]


def test_pauses_begin_and_end_once() -> None:
    hour = timedelta(hours=1)
    steps = [(PauseMandate(), 0), (PauseMandate(), 1), (Resume(), 2), (Resume(), 3)]
    paused = after(*((c, DURING + n * hour) for c, n in steps), mandate=ACCEPTED)
    assert paused.pauses == (Pause(since=DURING, until=DURING + 2 * hour),)
    assert not paused.paused
    again = after((PauseMandate(), DURING + 4 * hour), mandate=paused)
    assert again.paused
    assert again.paused_at(END)


def test_of_a_running_mandate_only_the_end_can_be_moved() -> None:
    with pytest.raises(BadDatesError, match="only its end"):
        decide(ACCEPTED, Move(START + timedelta(hours=1), END), DURING)
    with pytest.raises(BadDatesError, match="has passed already"):
        decide(ACCEPTED, Move(START, DURING), DURING)
    longer = after((Move(START, END + timedelta(days=7)), DURING), mandate=ACCEPTED)
    assert longer.ends_at == END + timedelta(days=7)
    assert decide(longer, Move(START, longer.ends_at), DURING) == []


@pytest.mark.parametrize("command", [COMMANDS["move"], Invite("x"), PauseMandate(), End()])
def test_nothing_can_be_changed_about_a_mandate_that_is_over(command: Command) -> None:
    with pytest.raises(MandateOverError):
        decide(ACCEPTED, command, AFTER)


def test_nobody_can_say_yes_to_a_mandate_that_is_over() -> None:
    with pytest.raises(MandateOverError):
        decide(replace(NEW, state="invited"), ACCEPT, AFTER)


def test_an_emergency_stop_ends_it_now_and_hides_until_it_is_shown() -> None:
    stopped = after((Stop(hide=False), DURING), mandate=ACCEPTED)
    assert (stopped.state, stopped.ends_at, stopped.hidden) == ("stopped", DURING, False)
    hidden = after((Stop(hide=True), DURING + timedelta(hours=1)), mandate=stopped)
    assert (hidden.ends_at, hidden.hidden) == (DURING, True)
    assert decide(hidden, Stop(hide=False), DURING) == []
    shown = after((Show(), AFTER), mandate=hidden)
    assert (shown.state, shown.hidden) == ("stopped", False)
    assert after((Stop(hide=True), AFTER), mandate=ACCEPTED).ends_at == END


def test_a_mandate_that_is_stopped_before_it_starts_has_no_time_left() -> None:
    stopped = after((Stop(hide=True), BEFORE), mandate=ACCEPTED)
    assert stopped.starts_at == stopped.ends_at


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(COMMANDS)), st.sampled_from([BEFORE, DURING, AFTER])),
        max_size=12,
    )
)
def test_whatever_people_wish_the_mandate_stays_sound_and_its_history_tells_it_whole(
    wishes: list[tuple[str, datetime]],
) -> None:
    mandate, history = NEW, list[EventData]()
    for name, now in sorted(wishes, key=lambda wish: wish[1]):
        try:
            events = decide(mandate, COMMANDS[name], now)
        except MandateError:
            continue
        for event in events:
            mandate = evolve(mandate, event)
        history += events
        told = mandate.announcement()
        assert told.starts_at <= told.ends_at
        assert sum(pause.until is None for pause in told.pauses) <= 1
        assert not (told.hidden and told.state != "stopped")
    again = NEW
    for event in history:
        again = evolve(again, event)
    assert again == mandate
    assert evolve(mandate, cast("EventData", mandate.announcement())) == replace(
        mandate, version=mandate.version + 1
    )
    read = MandateAnnounced.model_validate_json(mandate.announcement().model_dump_json())
    assert read == mandate.announcement()
