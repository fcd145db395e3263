"""Messages on the real parts: each arrives once, whatever the mail server and the power do."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from icalendar import Calendar

from services.chassis.database import Database, Transaction
from services.chassis.journal import Cause, Journal
from services.contracts.ids import CampaignId, CuratorId
from services.ingest.domain.mandate import AcceptMandate, Holder, Invite, Mandate, Move, Plan
from services.ingest.store.curators import Curator, keep_curator
from services.ingest.store.links import Links
from services.ingest.store.mandates import change_mandate, new_mandate_id
from services.ingest.store.messages import ask_again, enqueue, forget_old
from services.ingest.stream.reminders import queue_reminders
from tests.builders import a_consent
from tests.installation import Installation, install
from tests.integration.mailbox import Mailbox, Temper
from tests.integration.processes import Process, until

CAMPAIGN_FILE = """
campaign: bollekesfeest
name: {nl: Zot van A, fr: Fou d'A, en: Mad about A, de: Verrückt nach A}
brief: {nl: Toon jouw stad., en: Show your city.}
window: {from: 2026-01-01T00:00, to: 2099-01-01T00:00}
hashtags: [{tag: bollekesfeest}]
sources:
  - {source: upload, connector: upload, rights: {basis: declared}}
"""
CAMPAIGN = CampaignId("bollekesfeest")
CAUSE = Cause.by("staff:test")
KEY = "00" * 32
AnswerT = TypeVar("AnswerT")


def apply(place: Installation, folder: Path) -> Installation:
    file = folder / "campaign.yaml"
    file.write_text(CAMPAIGN_FILE)
    applied = place.command("campaign", "apply", str(file))
    assert applied.returncode == 0, applied.stderr
    return place


@pytest.fixture(scope="module")
def place(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return apply(installation, tmp_path_factory.mktemp("campaign"))


@pytest.fixture(autouse=True)
def _no_letters_of_others(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "place" in request.fixturenames:
        known: Installation = request.getfixturevalue("place")
        known.rows("delete from ingest.message")


def do(place: Installation, work: Callable[[Transaction], Awaitable[AnswerT]]) -> AnswerT:
    """Do something in one transaction, as one of ingest's processes would."""

    async def run() -> AnswerT:
        database = Database("ingest", place.settings)
        await database.open()
        try:
            async with database.transaction() as transaction:
                return await work(transaction)
        finally:
            await database.close()

    return asyncio.run(run())


def curator_of(name: str, language: str = "nl") -> Curator:
    known = name.lower()
    return Curator(CuratorId(f"k-{known}"), name, mail=f"{known}@example.org", language=language)


def a_mandate(place: Installation, curator: Curator) -> Mandate:
    """Plan a mandate for somebody and ask them."""
    start = datetime(2098, 10, 19, 7, tzinfo=UTC)
    mandate = Mandate(
        mandate=new_mandate_id(),
        campaign=CAMPAIGN,
        holder=Holder(curator.curator, curator.name),
        starts_at=start,
        ends_at=start + timedelta(days=14),
        time_zone="Europe/Brussels",
        overlap=True,
    )

    async def plan(transaction: Transaction) -> Mandate:
        await keep_curator(transaction, curator)
        planned = await change_mandate(transaction, Journal("ingest"), mandate, Plan(), CAUSE)
        return await change_mandate(transaction, Journal("ingest"), planned, Invite("x"), CAUSE)

    return do(place, plan)


def invite(place: Installation, curator: Curator, mandate: Mandate) -> str:
    """Queue an invitation; answers the id of its link."""

    async def ask(transaction: Transaction) -> str:
        link = await Links(KEY).make(transaction, "curator", curator.curator)
        assert await enqueue(
            transaction,
            key=f"invitation:{mandate.mandate}:{mandate.version}",
            kind="invitation",
            receiver=curator.mail,
            language=curator.language,
            facts={"mandate": mandate.mandate, "link": link, "inviter": "An"},
        )
        return link

    return do(place, ask)


def goodbye(place: Installation, receiver: str, key: str = "", **more: Any) -> bool:
    """Queue the shortest letter there is."""

    async def ask(transaction: Transaction) -> bool:
        return await enqueue(
            transaction,
            key=key or f"withdrawal:{receiver}",
            kind="withdrawal",
            receiver=receiver,
            language="en",
            facts={"campaign": CAMPAIGN, "photos": 1},
            **more,
        )

    return do(place, ask)


def states(place: Installation) -> dict[str, str]:
    return {str(m): str(s) for m, s in place.rows("select message, state from ingest.message")}


def all_in(place: Installation, *wanted: str) -> Callable[[], bool]:
    return lambda: set(states(place).values()) <= set(wanted)


def a_stream(place: Installation, log: Path, mailbox: Mailbox | None, **more: str) -> Process:
    environment = {**place.environment, **more}
    if mailbox is not None:
        environment["DICHTBIJ_SMTP_URL"] = mailbox.url
        environment["DICHTBIJ_MAIL_FROM"] = "Dichtbij <post@dichtbij.example>"
        environment["DICHTBIJ_MAIL_PAUSE"] = "0.2"
    return Process(log, environment, "-m", "services", "ingest", "stream").start()


def personal(log: Path) -> list[str]:
    """The lines of a log that name somebody, or hold a private link."""
    return [
        line
        for line in log.read_text().splitlines()
        if "@example.org" in line or "/k/" in line or "Inge" in line
    ]


@pytest.mark.timeout(900)
def test_every_message_arrives_once_over_twenty_restarts(
    parts: dict[str, str], tmp_path: Path
) -> None:
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")
    chance = random.Random(seed)
    place = apply(install(parts), tmp_path)
    log = tmp_path / "stream.log"

    async def ask(transaction: Transaction) -> None:
        for n in range(200):
            for _ in range(2):
                new = await enqueue(
                    transaction,
                    key=f"withdrawal:{n}",
                    kind="withdrawal",
                    receiver=f"giver{n}@example.org",
                    language=("nl", "fr", "en", "de")[n % 4],
                    facts={"campaign": CAMPAIGN, "photos": n % 3 + 1},
                )
                assert new == (_ == 0)

    do(place, ask)
    temper = Temper(slow=0.12, put_off=0.1, lost_before=0.04, lost_after=0.04)
    with Mailbox(temper, chance) as mailbox:
        for n in range(20):
            process = a_stream(place, log, mailbox)
            seen = mailbox.offered
            # The first few come soon; then at any moment of any message.
            until(lambda seen=seen: mailbox.offered > seen + 3 or _none_waits(place), "some went")
            time.sleep(chance.uniform(0, 0.7))
            if n % 2:
                process.kill()
            else:
                assert process.stop() == 0
        assert not _none_waits(place), "nothing was left for the last restarts"
        process = a_stream(place, log, mailbox)
        until(lambda: _none_waits(place), "all went", 240)
        once = mailbox.times
        known = states(place)
        unsure = [m for m, state in known.items() if state == "handing-over"]
        print(f"{len(once)} arrived, {len(unsure)} are unsure")
        assert max(once.values()) == 1
        assert set(known.values()) == {"sent", "handing-over"}
        arrived = {m for m in known if once[f"<{m}@dichtbij.example>"]}
        assert {m for m, state in known.items() if state == "sent"} <= arrived
        assert arrived & set(unsure), "no doubt ever arose, so nothing was proven"

        mailbox.temper = Temper()
        missing = [m for m in unsure if m not in arrived]
        for message in missing:
            assert do(place, lambda t, message=message: ask_again(t, message))
        until(lambda: _none_waits(place), "the missing ones went")
        assert process.stop() == 0
        assert set(mailbox.times.values()) == {1}
        assert len(mailbox.times) == 200
    assert personal(log) == []


def _none_waits(place: Installation) -> bool:
    return place.rows("select count(*) from ingest.message where state = 'queued'") == [(0,)]


def test_an_invitation_arrives_in_four_languages_with_its_dates_and_its_link(
    place: Installation, tmp_path: Path
) -> None:
    said = {
        "nl": ("Doe je mee met Zot van A?", "maandag 19 oktober 2098"),
        "fr": ("Participerez-vous à Fou d'A ?", "dimanche 19 octobre 2098"),
        "en": ("Will you take part in Mad about A?", "19 October 2098"),
        "de": ("Machen Sie mit bei Verrückt nach A?", "19. Oktober 2098"),
    }
    links: dict[str, str] = {}
    with Mailbox() as mailbox:
        for language in said:
            curator = curator_of(f"Inge-{language}", language)
            links[language] = invite(place, curator, a_mandate(place, curator))
        process = a_stream(place, tmp_path / "stream.log", mailbox)
        until(all_in(place, "sent"), "all four went")
        assert process.stop() == 0

    for language, (subject, start) in said.items():
        [mail] = mailbox.to(f"inge-{language}@example.org")
        text = mail.get_body().get_content()  # type: ignore[union-attr]
        assert mail["Subject"] == subject
        assert mail["From"] == "Dichtbij <post@dichtbij.example>"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["Content-Language"] == language
        assert start.split(" ", 1)[-1].split(" ")[-1] in text
        assert "09:00" in text
        assert f"/k/{Links(KEY).token(links[language])}\n" in text
        [attached] = mail.iter_attachments()
        assert attached.get_content_type() == "text/calendar"
        calendar: Any = Calendar.from_ical(attached.get_content())
        [event] = calendar.walk("VEVENT")
        assert event["DTSTART"].dt == datetime(2098, 10, 19, 7, tzinfo=UTC)
        assert event["STATUS"] == "TENTATIVE"
    assert personal(tmp_path / "stream.log") == []


def test_a_refused_address_fails_with_words_and_is_not_tried_again(
    place: Installation, tmp_path: Path
) -> None:
    goodbye(place, "nobody@example.org")
    goodbye(place, "somebody@example.org")
    goodbye(place, "not an address")
    goodbye(place, "josé@example.org")
    with Mailbox(Temper(refuse="nobody")) as mailbox:
        process = a_stream(place, tmp_path / "stream.log", mailbox)
        until(all_in(place, "sent", "failed"), "each had its answer")
        assert process.stop() == 0

    assert len(mailbox.received) == 1
    rows = place.rows("select receiver, state, trouble from ingest.message order by receiver")
    assert rows == [
        ("josé@example.org", "failed", "address"),
        (
            "nobody@example.org",
            "failed",
            "refused 550 5.1.1 <nobody@example.org>: no such mailbox",
        ),
        ("not an address", "failed", "address"),
        ("somebody@example.org", "sent", ""),
    ]
    assert personal(tmp_path / "stream.log") == []


def test_a_message_that_is_put_off_comes_later_and_holds_up_no_other(
    place: Installation, tmp_path: Path
) -> None:
    goodbye(place, "first@example.org")
    goodbye(place, "second@example.org")
    with Mailbox(Temper(put_off=1.0)) as mailbox:
        process = a_stream(place, tmp_path / "stream.log", mailbox)
        until(
            lambda: place.rows("select min(attempts) >= 2 from ingest.message") == [(True,)],
            "both were put off twice",
        )
        mailbox.temper = Temper()
        until(all_in(place, "sent"), "both went")
        assert process.stop() == 0
    assert set(mailbox.times.values()) == {1}


def test_messages_wait_for_a_server_that_is_away(place: Installation, tmp_path: Path) -> None:
    goodbye(place, "patient@example.org")
    mailbox = Mailbox()
    process = a_stream(place, tmp_path / "stream.log", mailbox)
    until(
        lambda: place.rows("select trouble like 'server-away%%' from ingest.message") == [(True,)],
        "the trouble is told",
    )
    with mailbox:
        until(all_in(place, "sent"), "it went")
        assert process.stop() == 0
    assert len(mailbox.received) == 1
    assert place.rows("select attempts, trouble from ingest.message") == [(1, "")]


def test_without_a_mail_server_messages_stay_to_be_read(
    place: Installation, tmp_path: Path
) -> None:
    goodbye(place, "reader@example.org")
    process = a_stream(place, tmp_path / "stream.log", None)
    until(all_in(place, "outbox"), "it is in the outbox")
    assert process.stop() == 0
    assert personal(tmp_path / "stream.log") == []


def test_what_is_decided_soon_after_another_goes_in_the_same_letter(
    place: Installation, tmp_path: Path
) -> None:
    def decide(photo: str, outcome: str, *, together: str = "r1") -> bool:
        async def ask(transaction: Transaction) -> bool:
            link = await Links(KEY).make(transaction, "receipt", together)
            return await enqueue(
                transaction,
                key=f"decision:{together}:{photo}",
                kind="decision",
                receiver=f"{together}@example.org",
                language="en",
                facts={
                    "campaign": CAMPAIGN,
                    "link": link,
                    "together": together,
                    "decisions": [
                        {
                            "photo": photo,
                            "outcome": outcome,
                            "statements": [{"nl": "Onscherp.", "en": "It is not sharp."}],
                            "address": "/g/bollekesfeest/i/1" if outcome == "approved" else "",
                        }
                    ],
                },
            )

        return do(place, ask)

    assert decide("Fireworks", "approved")
    assert decide("The harbour", "rejected")
    assert not decide("The harbour", "rejected")
    assert decide("Another's", "rejected", together="r2")
    assert place.rows("select count(*) from ingest.message") == [(2,)]
    place.rows("update ingest.message set due_at = now()")
    with Mailbox() as mailbox:
        process = a_stream(place, tmp_path / "stream.log", mailbox)
        until(all_in(place, "sent"), "both letters went")
        assert process.stop() == 0

    [mail] = mailbox.to("r1@example.org")
    text = mail.get_body().get_content()  # type: ignore[union-attr]
    assert mail["Subject"] == "News about 2 of your contributions to Mad about A"
    assert "* Fireworks: approved" in text
    assert f"{place.settings.gallery_url}/g/bollekesfeest/i/1" in text
    assert "* The harbour: not approved" in text
    assert "Why: It is not sharp." in text
    assert "Another's" not in text


def test_a_letter_about_something_that_changed_is_dropped(
    place: Installation, tmp_path: Path
) -> None:
    curator = curator_of("Mo")
    invite(place, curator, a_mandate(place, curator))
    place.rows("update ingest.link set revoked_at = now() where opens = %s", curator.curator)
    with Mailbox() as mailbox:
        process = a_stream(place, tmp_path / "stream.log", mailbox)
        until(all_in(place, "dropped"), "it was dropped")
        assert process.stop() == 0
    assert mailbox.received == []


def test_reminders_come_by_the_dates_once_and_anew_when_these_move(place: Installation) -> None:
    curator = curator_of("Rik")
    mandate = a_mandate(place, curator)
    yes = AcceptMandate("1", a_consent(given_at=datetime(2098, 9, 1, tzinfo=UTC)), ("link",))

    def change(command: Any) -> Mandate:
        return do(
            place,
            lambda t: change_mandate(t, Journal("ingest"), mandate, command, CAUSE),
        )

    mandate = change(yes)
    start, end, day = mandate.starts_at, mandate.ends_at, timedelta(days=1)

    def look(now: datetime) -> list[tuple[str, str]]:
        async def run() -> int:
            database = Database("ingest", place.settings)
            await database.open()
            try:
                return await queue_reminders(database, Links(KEY), now)
            finally:
                await database.close()

        before = set(states(place))
        assert asyncio.run(run()) == len(set(states(place)) - before)
        return [
            (str(kind), str(about))
            for message, kind, about in place.rows(
                "select message, kind, facts->>'about' from ingest.message"
            )
            if message not in before
        ]

    assert look(start - 3 * day) == []
    assert look(start - 2 * day) == [("reminder", "start")]
    assert look(start - day) == []
    assert look(start - timedelta(seconds=1)) == []
    assert look(start) == [("handover", "start")]
    assert look(start + day) == []
    assert look(end - 2 * day) == [("reminder", "end")]
    assert look(end - day) == []
    mandate = change(Move(start + 7 * day, end + 7 * day))
    assert look(start) == []
    assert look(start + 5 * day) == [("reminder", "start")]
    assert look(start + 7 * day) == [("handover", "start")]
    assert look(end + 5 * day) == [("reminder", "end")]
    assert look(end + 7 * day) == []


def test_who_got_a_message_is_forgotten_after_thirty_days(place: Installation) -> None:
    goodbye(place, "old@example.org")
    goodbye(place, "new@example.org")
    goodbye(place, "waiting@example.org", due_at=datetime(2020, 1, 1, tzinfo=UTC))
    place.rows(
        """update ingest.message set state = 'sent', sent_at = now() - make_interval(days =>
           case receiver when 'old@example.org' then 31 else 29 end)
           where receiver <> 'waiting@example.org'"""
    )

    assert do(place, forget_old) == 1
    rows = place.rows("select receiver, facts = '{}' from ingest.message order by receiver")
    assert rows == [("", True), ("new@example.org", False), ("waiting@example.org", False)]
    # The key stays, so that nothing is asked for once more.
    assert not goodbye(place, "old@example.org")
