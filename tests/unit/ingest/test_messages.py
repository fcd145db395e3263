"""Letters and when they are due: decided by dates, written in four languages."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from services.chassis.settings import ServiceSettings
from services.chassis.web import Pages, Site
from services.contracts.ids import CampaignId, CuratorId, MandateId
from services.contracts.ingest import Pause, SeriesTerms
from services.ingest.domain.mandate import Holder, Mandate
from services.ingest.domain.reminders import messages_due
from services.ingest.store.letters import Letter, Pen, in_language, write_letter
from services.ingest.store.links import Links
from services.ingest.store.messages import Message, MessageKind
from services.ingest.stream.messages import mail_of
from services.ingest.stream.post import MailServer, mail_server
from tests.builders import a_consent

INGEST = Path(__file__).parents[3] / "services" / "ingest"
LANGUAGES = ("nl", "fr", "en", "de")
START = datetime(2026, 10, 19, 7, tzinfo=UTC)
END = START + timedelta(days=14)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
TOLD: Mapping[str, Any] = {
    "name": "Fatima",
    "campaign": {"nl": "Zot van A", "en": "Mad about A"},
    "brief": {"nl": "Toon je stad."},
    "starts_at": START.isoformat(),
    "ends_at": END.isoformat(),
    "deadline_at": END.isoformat(),
    "zone": "Europe/Brussels",
    "note": "Vergeet de haven niet!",
    "places": 10,
    "missing": 3,
    "photos": 2,
    "decisions": [
        {"photo": "Haven", "outcome": "rejected", "statements": [{"nl": "Onscherp."}]},
        {"photo": "", "outcome": "approved", "address": "/g/zot/i/1"},
    ],
}
LINK = "https://foto.example/k/abc.def"


def a_mandate(**changes: Any) -> Mandate:
    mandate = Mandate(
        mandate=MandateId("m-1"),
        campaign=CampaignId("zot"),
        holder=Holder(CuratorId("k-1"), "Fatima"),
        starts_at=START,
        ends_at=END,
        time_zone="Europe/Brussels",
        state="accepted",
        accepted=a_consent(given_at=START - 30 * DAY),
    )
    return replace(mandate, **changes)


def due(now: datetime, **changes: Any) -> list[tuple[str, str]]:
    return [(d.kind, d.about) for d in messages_due(a_mandate(**changes), now)]


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        (START - 2 * DAY - SECOND, []),
        (START - 2 * DAY, [("reminder", "start")]),
        (START - SECOND, [("reminder", "start")]),
        (START, [("handover", "start")]),
        (START + 2 * DAY - SECOND, [("handover", "start")]),
        (START + 2 * DAY, []),
        (END - 2 * DAY - SECOND, []),
        (END - 2 * DAY, [("reminder", "end")]),
        (END - SECOND, [("reminder", "end")]),
        (END, []),
    ],
)
def test_what_is_due_follows_from_the_dates(now: datetime, wanted: list[tuple[str, str]]) -> None:
    assert due(now) == wanted


def test_who_said_yes_just_before_the_start_is_not_reminded_of_it() -> None:
    assert due(START - DAY, accepted=a_consent(given_at=START - DAY)) == []


@pytest.mark.parametrize("state", ["planned", "invited", "declined", "cancelled", "stopped"])
def test_only_who_said_yes_is_reminded(state: str) -> None:
    assert due(START, state=state) == due(END - DAY, state=state) == []


def test_a_pause_is_not_disturbed() -> None:
    assert due(START + DAY, pauses=(Pause(since=START),)) == []


def test_a_short_mandate_is_not_told_of_its_end_before_it_starts() -> None:
    assert due(START - DAY, ends_at=START + DAY) == [("reminder", "start")]
    assert due(START, ends_at=START + DAY) == [("handover", "start"), ("reminder", "end")]


def test_missing_photos_are_told_two_days_and_one_day_before_the_deadline() -> None:
    deadline = START + 7 * DAY
    series = SeriesTerms(places=10, deadline=deadline)

    def keys(now: datetime) -> list[str]:
        found = messages_due(a_mandate(series=series), now)
        return [d.key for d in found if d.kind == "deadline"]

    assert keys(deadline - 2 * DAY - SECOND) == []
    assert keys(deadline - 2 * DAY) == [f"deadline:m-1:{deadline.isoformat()}:0"]
    assert keys(deadline - DAY - SECOND) == [f"deadline:m-1:{deadline.isoformat()}:0"]
    assert keys(deadline - DAY) == [f"deadline:m-1:{deadline.isoformat()}:1"]
    assert keys(deadline) == []


def test_a_moved_date_is_told_anew() -> None:
    [before] = messages_due(a_mandate(), END - DAY)
    [after] = messages_due(a_mandate(ends_at=END + DAY), END)

    assert before.kind == after.kind == "reminder"
    assert before.key != after.key


# --- Letters


def a_message(kind: MessageKind = "invitation", language: str = "nl", **facts: Any) -> Message:
    return Message(
        message="0123456789abcdef",
        kind=kind,
        receiver="fatima@example.org",
        language=language,
        facts={"link": "abc", **facts},
        state="queued",
        due_at=START,
        attempts=0,
        trouble="",
        queued_at=START,
        handed_over_at=None,
        sent_at=None,
        forgotten_at=None,
    )


@pytest.fixture(scope="module")
def pen() -> Pen:
    settings = ServiceSettings(ingest_url="https://foto.example")  # pyright: ignore[reportCallIssue]
    pages = Pages(Site("ingest", INGEST), settings)
    return Pen(pages.letter, Links("00" * 32), "https://foto.example", "https://zien.example")


def letter(pen: Pen, kind: MessageKind, language: str, link: str = LINK, **more: Any) -> Letter:
    return write_letter(a_message(kind, language), {**TOLD, **more}, pen, link)


KINDS: tuple[MessageKind, ...] = (
    *("invitation", "link", "reminder", "handover", "deadline", "decision", "withdrawal"),
)


@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_is_written_in_every_language(pen: Pen, kind: MessageKind) -> None:
    letters = {language: letter(pen, kind, language) for language in LANGUAGES}

    assert len({one.subject for one in letters.values()}) == 4
    for one in letters.values():
        assert "\n" not in one.subject
        assert LINK in one.text
        assert "\n\n\n" not in one.text
        assert "&" not in one.text
        assert one.text.endswith("\nhttps://foto.example\n")


def test_the_reminder_of_a_start_and_that_of_an_end_differ(pen: Pen) -> None:
    start = letter(pen, "reminder", "nl", about="start")
    end = letter(pen, "reminder", "nl", about="end")

    assert start.subject == "Bijna jouw beurt: Zot van A"
    assert "van maandag 19 oktober 2026, 09:00" in start.text
    assert end.subject == "Je beurt is bijna voorbij: Zot van A"
    # An hour less by the clock: winter time has begun.
    assert "maandag 2 november 2026, 08:00" in end.text
    assert "Er ontbreken nog 3 foto" in end.text


def test_the_note_of_the_one_before_stands_in_the_letter_of_the_start(pen: Pen) -> None:
    assert TOLD["note"] in letter(pen, "handover", "nl").text
    assert "Wie voor jou kwam" not in letter(pen, "handover", "nl", note="").text


def test_decisions_are_told_with_their_reasons_and_places(pen: Pen) -> None:
    text = letter(pen, "decision", "nl").text

    assert "* Haven: niet goedgekeurd\n  Waarom: Onscherp.\n" in text
    assert "* Je bijdrage: goedgekeurd\n  Hier te zien: https://zien.example/g/zot/i/1\n" in text


def test_what_people_wrote_is_not_taken_for_markup_nor_for_a_header(pen: Pen) -> None:
    name = {"nl": "Rock & Rol <b>\r\nBcc: all@example.org"}
    written = letter(pen, "handover", "nl", campaign=name, name="{{ 7 * 7 }}")
    mail = mail_of(a_message(), written, SERVER)

    assert written.subject == "Het is jouw beurt: Rock & Rol <b> Bcc: all@example.org"
    assert "{{ 7 * 7 }}" in written.text
    assert mail["Bcc"] is None


def test_a_letter_that_is_only_looked_at_hides_its_link(pen: Pen) -> None:
    text = letter(pen, "handover", "nl", "").text

    assert "\n[…]\n" in text
    assert "/k/" not in text


def test_a_text_is_given_in_dutch_where_the_language_is_missing() -> None:
    assert in_language({"nl": "a", "fr": "b"}, "de") == "a"
    assert in_language({"fr": "b"}, "de") == "b"
    assert in_language({}, "de") == ""
    assert in_language("c", "de") == "c"


# --- Envelopes and servers

SERVER = MailServer("mail.example", 587, "Dichtbij <post@dichtbij.example>", 30)


def test_a_mail_says_what_it_is_and_is_the_same_mail_at_each_attempt() -> None:
    letter = Letter("Één vraag", ".\nEen punt\n" + "é" * 300 + "\n", "BEGIN:VCALENDAR\r\n")
    first, again = (mail_of(a_message(), letter, SERVER) for _ in range(2))
    read = message_from_bytes(first.as_bytes(policy=policy.SMTP), policy=policy.default)

    assert first["Message-ID"] == again["Message-ID"] == "<0123456789abcdef@dichtbij.example>"
    assert read["Subject"] == "Één vraag"
    assert read["To"] == "fatima@example.org"
    assert read["Auto-Submitted"] == "auto-generated"
    assert read.get_body().get_content().splitlines() == letter.text.splitlines()  # type: ignore[union-attr]
    [attached] = read.iter_attachments()
    assert attached.get_filename() == "dichtbij.ics"
    assert attached.get_content_type() == "text/calendar"
    assert max(len(line) for line in first.as_bytes(policy=policy.SMTP).split(b"\r\n")) <= 998


def test_the_address_of_a_mail_server_is_read() -> None:
    sender = "Dichtbij <post@dichtbij.example>"
    plain = mail_server("smtp://127.0.0.1:2525", sender, 1)
    safe = mail_server("smtps://an%40stad:ge%2Fheim@mail.example", sender, 1)

    assert mail_server("", sender, 1) is None
    assert plain is not None
    assert safe is not None
    assert (plain.port, plain.tls, plain.user, plain.near) == (2525, False, None, True)
    assert (safe.host, safe.port, safe.tls) == ("mail.example", 465, True)
    assert (safe.user, safe.password, safe.near) == ("an@stad", "ge/heim", False)
    assert safe.address == "post@dichtbij.example"


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("mail.example:25", "post@dichtbij.example"),
        ("http://mail.example", "post@dichtbij.example"),
        ("smtp://mail.example", ""),
    ],
)
def test_a_wrong_setting_is_named(url: str, sender: str) -> None:
    with pytest.raises(ValueError, match="DICHTBIJ_"):
        mail_server(url, sender, 1)
