from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.contracts.ids import ItemId
from services.contracts.ingest import Channel, ChannelGrant, Consent, ConsentRecorded
from services.ingest.domain.consent import (
    Command,
    ConfirmGuardian,
    ConsentState,
    Give,
    TakeBack,
    decide,
    evolve,
    holds,
    lapses_at,
    may_be_shown,
    term_end,
    text_digest,
)
from services.moderation.domain.clearing import consent_obstacle
from tests.builders import CAMPAIGN, MOMENT, a_consent, an_item

NOBODY = ConsentState(ItemId("i-1"), CAMPAIGN)
LATER = MOMENT + timedelta(hours=1)


def after(*commands: Command, state: ConsentState = NOBODY) -> ConsentState:
    for command in commands:
        for event in decide(state, command):
            state = evolve(state, event)
    return state


def everywhere(**changes: Any) -> Consent:
    return a_consent(channels=("web", "print"), **changes)


def held(state: ConsentState, at: datetime = LATER + timedelta(days=1)) -> set[str]:
    return {g.channel for g in state.grants if holds(g, at)}


def test_each_ticked_channel_is_granted_and_no_other() -> None:
    assert held(after(Give(everywhere()))) == {"web", "print"}
    assert held(after(Give(a_consent(channels=("web",))))) == {"web"}


def test_nothing_is_granted_without_the_licence() -> None:
    assert held(after(Give(a_consent(licence=False)))) == set()


def test_one_channel_is_taken_back_and_the_others_stay() -> None:
    state = after(Give(everywhere()), TakeBack("print", LATER))

    assert held(state) == {"web"}
    assert [g.withdrawn_at for g in state.grants] == [None, LATER]


def test_taking_everything_back_leaves_nothing() -> None:
    assert held(after(Give(everywhere()), TakeBack(None, LATER))) == set()


def test_taking_back_twice_is_said_once() -> None:
    state = after(Give(everywhere()), TakeBack("web", LATER))

    assert decide(state, TakeBack("web", LATER + timedelta(hours=1))) == []


def test_there_is_nothing_to_take_back_where_nothing_was_given() -> None:
    assert decide(NOBODY, TakeBack("web", LATER)) == []
    assert decide(NOBODY, ConfirmGuardian()) == []


def test_the_same_consent_again_is_no_news_and_gives_nothing_back() -> None:
    state = after(Give(everywhere()), TakeBack("web", LATER))

    assert decide(state, Give(everywhere())) == []


def test_what_was_taken_back_stays_so_when_older_words_are_heard_later() -> None:
    state = after(Give(everywhere()), TakeBack("web", LATER), Give(everywhere(people=False)))

    assert held(state) == {"print"}


def test_it_can_be_given_anew_afterwards() -> None:
    anew = everywhere(given_at=LATER + timedelta(minutes=1))

    assert held(after(Give(everywhere()), TakeBack(None, LATER), Give(anew))) == {"web", "print"}


def test_a_newer_consent_for_less_does_not_keep_the_rest() -> None:
    less = a_consent(channels=("web",), given_at=LATER)

    assert held(after(Give(everywhere()), Give(less))) == {"web"}


def test_a_parents_word_is_noted_once_and_stays() -> None:
    said = everywhere(minor=True)
    state = after(Give(said), ConfirmGuardian())

    assert state.consent is not None
    assert state.consent.guardian
    assert decide(state, ConfirmGuardian()) == []
    assert decide(state, Give(said)) == []
    assert state.version == 2


def test_no_parent_is_asked_where_no_child_is_shown() -> None:
    assert decide(after(Give(everywhere())), ConfirmGuardian()) == []
    assert decide(NOBODY, ConfirmGuardian(found=True)) == []


def test_a_parents_word_is_heard_where_a_moderator_found_a_child_and_stays() -> None:
    state = after(Give(everywhere()), ConfirmGuardian(found=True))

    assert state.consent is not None
    assert (state.consent.minor, state.consent.guardian) == (False, True)
    assert decide(state, ConfirmGuardian(found=True)) == []
    assert decide(state, Give(everywhere())) == []


def test_a_grant_ends_at_its_term_exactly() -> None:
    grant = ChannelGrant(channel="web", given_at=MOMENT, until=LATER)

    assert holds(grant, LATER - timedelta(microseconds=1))
    assert not holds(grant, LATER)


CONSENTS = st.builds(
    a_consent,
    made=st.booleans(),
    licence=st.booleans(),
    minor=st.booleans(),
    guardian=st.booleans(),
    people=st.booleans(),
    channels=st.sampled_from([(), ("web",), ("print",), ("web", "print")]),
    until=st.sampled_from([None, MOMENT, LATER, LATER + timedelta(days=9)]),
    text_digest=st.sampled_from(["", "a" * 64]),
)
CHANGES = st.lists(
    st.sampled_from(
        [
            TakeBack("web", LATER),
            TakeBack("print", LATER),
            ConfirmGuardian(),
            ConfirmGuardian(found=True),
        ]
    )
)


@given(agreed=CONSENTS, changes=CHANGES, child=st.booleans())
def test_what_its_giver_is_told_is_what_the_desks_gate_says(
    agreed: Consent, changes: list[Command], *, child: bool
) -> None:
    state = after(Give(agreed), *changes)
    assert state.consent is not None
    recorded = ConsentRecorded(
        item=state.item, campaign=CAMPAIGN, consent=state.consent, grants=state.grants
    )

    people = "child" if child else "nobody"
    gate = consent_obstacle(an_item(consent=agreed), recorded, LATER, people)
    assert may_be_shown(state, LATER, child=child) == (gate is None)


def test_where_no_consent_was_asked_none_is_missing() -> None:
    assert may_be_shown(None, LATER)
    assert may_be_shown(NOBODY, LATER)
    post = an_item(connector="mastodon", consent=None)
    assert consent_obstacle(post, None, LATER, "child") is not None
    assert not may_be_shown(None, LATER, child=True)
    assert not may_be_shown(NOBODY, LATER, child=True)


def test_only_a_consent_for_the_web_that_has_a_term_lapses_by_itself() -> None:
    assert lapses_at(after(Give(everywhere(until=LATER)))) == LATER
    assert lapses_at(after(Give(everywhere(until=LATER)), TakeBack("web", MOMENT))) is None
    assert lapses_at(after(Give(everywhere()))) is None
    assert lapses_at(None) is None


def test_a_term_of_months_ends_on_the_last_day_of_a_shorter_month() -> None:
    given_at = datetime(2027, 1, 31, 9, tzinfo=UTC)

    assert term_end(given_at, 1) == datetime(2027, 2, 28, 9, tzinfo=UTC)
    assert term_end(given_at, 13) == datetime(2028, 2, 29, 9, tzinfo=UTC)
    assert term_end(given_at, 12) == datetime(2028, 1, 31, 9, tzinfo=UTC)
    assert term_end(given_at, None) is None


@given(st.datetimes(datetime(2000, 1, 1), datetime(2900, 1, 1)), st.integers(1, 1200))  # noqa: DTZ001 - made aware below
def test_a_longer_term_never_ends_sooner(given_at: datetime, months: int) -> None:
    aware = given_at.replace(tzinfo=UTC)
    shorter, longer = term_end(aware, months), term_end(aware, months + 1)

    assert shorter is not None
    assert longer is not None
    assert aware < shorter < longer


def test_one_changed_sign_of_the_text_is_another_digest() -> None:
    assert text_digest("You may show it.") != text_digest("You may show it!")


_MINUTES = st.integers(0, 20)
_CHANNEL: st.SearchStrategy[Channel] = st.sampled_from(("web", "print", "tv"))


def giving(minute: int, channels: set[Channel]) -> Command:
    given_at = MOMENT + timedelta(minutes=minute)
    return Give(a_consent(given_at=given_at, channels=tuple(sorted(channels))))


def taking_back(channel: Channel, minute: int) -> Command:
    return TakeBack(channel, MOMENT + timedelta(minutes=minute))


_COMMANDS = st.one_of(
    st.builds(giving, _MINUTES, st.sets(_CHANNEL)), st.builds(taking_back, _CHANNEL, _MINUTES)
)


@given(st.lists(_COMMANDS, max_size=12))
def test_a_channel_never_holds_beyond_what_the_last_consent_ticked(commands: list[Command]) -> None:
    state = after(*commands)
    ticked = state.consent.channels if state.consent else ()

    assert held(state) <= set(ticked)
    assert len({g.channel for g in state.grants}) == len(state.grants)
