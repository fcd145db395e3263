"""Terms: told by the calendar of their own zone, and nameless where nobody may be named."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.contracts.ids import CuratorId, MandateId
from services.contracts.ingest import MandateAnnounced
from services.gallery.domain.term import Term, announce, unheard
from tests.builders import CAMPAIGN


def said(**changes: Any) -> MandateAnnounced:
    fields: dict[str, Any] = {
        "mandate": MandateId("m1"),
        "campaign": CAMPAIGN,
        "curator": CuratorId("fatima"),
        "name": "Fatima",
        "intro": "Ik woon hier.",
        "starts_at": datetime(2027, 3, 22, 8, 0, tzinfo=UTC),
        "ends_at": datetime(2027, 4, 5, 7, 0, tzinfo=UTC),
        "time_zone": "Europe/Brussels",
        "state": "accepted",
        "accounts": ("https://social.example/@fatima",),
    }
    return MandateAnnounced(**(fields | changes))


def a_term(**changes: Any) -> Term:
    words = said(**changes)
    return announce(unheard(words), words, 1)


def test_two_weeks_from_monday_to_monday_morning_are_two_weeks() -> None:
    # 09:00 to 09:00 in Brussels, across the change to summer time.
    term = a_term()

    assert term.weeks == (12, 13)
    assert (term.first_day, term.last_day) == (date(2027, 3, 22), date(2027, 4, 4))


def test_a_term_of_some_hours_is_one_day() -> None:
    term = a_term(
        starts_at=datetime(2027, 3, 22, 8, tzinfo=UTC), ends_at=datetime(2027, 3, 22, 9, tzinfo=UTC)
    )

    assert term.first_day == term.last_day == date(2027, 3, 22)


def test_weeks_are_those_of_the_zone_in_which_it_was_held() -> None:
    # Sunday 23:30 in UTC is Monday in Brussels.
    start = datetime(2027, 1, 3, 23, 30, tzinfo=UTC)

    assert a_term(starts_at=start).weeks[0] == 1
    assert a_term(starts_at=start, time_zone="UTC").weeks[0] == 53
    assert a_term(starts_at=start, time_zone="../etc").weeks[0] == 1


def test_a_term_runs_from_its_start_included_to_its_end_excluded() -> None:
    term = a_term()
    just_before = datetime(2027, 3, 22, 7, 59, 59, 999_999, tzinfo=UTC)

    assert not term.running(just_before)
    assert not term.begun(just_before)
    assert term.running(term.starts_at)
    assert not term.running(term.ends_at)
    assert not a_term(state="stopped").running(term.starts_at)


@pytest.mark.parametrize("state", ["planned", "invited", "declined", "cancelled"])
def test_who_did_not_say_yes_is_not_named(state: str) -> None:
    term = a_term(state=state)

    assert (term.name, term.intro, term.accounts) == ("", "", ())


def test_who_must_not_be_shown_is_forgotten_and_may_come_back() -> None:
    term = a_term()

    hidden = announce(term, said(state="stopped", hidden=True), 2)
    shown = announce(hidden, said(state="stopped"), 3)

    assert (hidden.name, hidden.intro, hidden.accounts) == ("", "", ())
    assert shown.name == "Fatima"


def test_an_older_word_changes_nothing() -> None:
    hidden = announce(a_term(), said(hidden=True), 4)

    assert announce(hidden, said(), 3) == hidden


@pytest.mark.parametrize("account", ["javascript:alert(1)", "@fatima", 'https://x/" onload="'])
def test_an_account_that_is_no_web_address_is_not_linked(account: str) -> None:
    assert a_term(accounts=(account,)).accounts == ()
