"""Messages on the real parts: each arrives once, whatever the mail server and the power do."""

import asyncio
import ipaddress
import random
import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from icalendar import Calendar

from services.chassis.auth import cookie_name, issue, verify
from services.chassis.database import Database, Transaction
from services.chassis.journal import Cause, Journal
from services.contracts.ids import CampaignId, CuratorId
from services.ingest.domain.mandate import AcceptMandate, Holder, Invite, Mandate, Move, Plan
from services.ingest.store.curators import Curator, keep_curator
from services.ingest.store.links import Links
from services.ingest.store.mandates import change_mandate, new_mandate_id
from services.ingest.store.messages import ask_again, enqueue, forget_old
from services.ingest.stream.post import ServerAwayError, connect, mail_server
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


@pytest.fixture(scope="module")
def post(
    place: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Mailbox, Path]]:
    """A mail server, and the log of the stream process that sends to it."""
    log = tmp_path_factory.mktemp("stream") / "stream.log"
    with Mailbox() as mailbox, a_stream(place, log, mailbox):
        yield mailbox, log


@pytest.fixture
def mailbox(post: tuple[Mailbox, Path]) -> Iterator[Mailbox]:
    mailbox, log = post
    mailbox.temper = Temper()
    mailbox.received.clear()
    yield mailbox
    mailbox.temper = Temper()
    assert personal(log) == []


@pytest.fixture(autouse=True)
def _no_letters_of_others(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "place" in request.fixturenames:
        known: Installation = request.getfixturevalue("place")
        # Mandates first: the clock would remind their curators while the next test runs.
        for table in ("series", "mandate", "message"):
            known.rows(f"delete from ingest.{table}")


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


def links_of(place: Installation) -> Links:
    return Links(place.environment["DICHTBIJ_RECEIPT_KEY"])


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


def invite(
    place: Installation, curator: Curator, mandate: Mandate, *, revoked: bool = False
) -> str:
    """Queue an invitation; answers the id of its link."""

    async def ask(transaction: Transaction) -> str:
        link = await links_of(place).make(transaction, "curator", curator.curator)
        if revoked:
            await links_of(place).revoke(transaction, "curator", curator.curator)
        assert await enqueue(
            transaction,
            key=f"invitation:{mandate.mandate}:{mandate.version}",
            kind="invitation",
            receiver=curator.mail,
            language=curator.language,
            facts={"mandate": mandate.mandate, "link": link},
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


@contextmanager
def a_stream(place: Installation, log: Path, mailbox: Mailbox | None) -> Generator[Process]:
    """Run the stream process for a block, and end it well unless it was ended otherwise."""
    environment = dict(place.environment)
    if mailbox is not None:
        environment["DICHTBIJ_SMTP_URL"] = mailbox.url
        environment["DICHTBIJ_MAIL_FROM"] = "Dichtbij <post@dichtbij.example>"
        environment["DICHTBIJ_MAIL_PAUSE"] = "0.2"
    process = Process(log, environment, "-m", "services", "ingest", "stream").start()
    try:
        yield process
        if not process.ended():
            assert process.stop() == 0
    finally:
        process.kill()


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body()
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def personal(log: Path) -> list[str]:
    """The lines of a log that name somebody, or hold a private link."""
    return [
        line
        for line in log.read_text().splitlines()
        if "@example.org" in line or "/k/" in line or "Inge" in line
    ]


class Pile:
    """Messages that wait to be sent, and are more again before they run out."""

    def __init__(self, place: Installation) -> None:
        self._place = place
        self._lock = threading.Lock()
        self.count = 0

    def ask(self, more: int) -> None:
        """Ask for some messages, each of them twice."""
        first, self.count = self.count, self.count + more

        async def ask(transaction: Transaction) -> None:
            for n in range(first, first + more):
                for again in (False, True):
                    new = await enqueue(
                        transaction,
                        key=f"withdrawal:{n}",
                        kind="withdrawal",
                        receiver=f"giver{n}@example.org",
                        language=("nl", "fr", "en", "de")[n % 4],
                        facts={"campaign": CAMPAIGN, "photos": n % 3 + 1},
                    )
                    assert new != again

        do(self._place, ask)

    def keep_up(self) -> None:
        """See that there is work for whoever starts now."""
        sql = "select count(*) < 40 from ingest.message where state = 'queued'"
        with self._lock:
            if self._place.rows(sql) == [(True,)]:
                self.ask(40)


def tried(log: Path) -> int:
    """How many messages the processes of a log have handed over, or tried to."""
    return log.read_text().count('"event": "message.') if log.exists() else 0


@pytest.mark.timeout(900)
def test_every_message_arrives_once_over_twenty_restarts(
    parts: dict[str, str], tmp_path: Path
) -> None:
    seed = random.randrange(1_000_000)
    print(f"seed {seed}")
    chance = random.Random(seed)
    place = apply(install(parts), tmp_path)
    pile = Pile(place)
    pile.ask(200)

    def restart(log: Path) -> None:
        """Start a process ten times, and end it in the midst of its work."""
        for n in range(10):
            pile.keep_up()
            with a_stream(place, log, mailbox) as process:
                before = tried(log)
                # The first few come soon; then at any moment of any message.
                until(lambda before=before: tried(log) > before + 3, "it sent some")
                time.sleep(chance.uniform(0, 0.7))
                if n % 2:
                    process.kill()

    temper = Temper(slow=0.12, put_off=0.1, lost_before=0.04, lost_after=0.04)
    # Two at a time, as a service runs that must not pause; each finds what the other left.
    logs = [tmp_path / "one.log", tmp_path / "other.log"]
    with Mailbox(temper, chance) as mailbox:
        with ThreadPoolExecutor(len(logs)) as threads:
            list(threads.map(restart, logs))
        mailbox.temper = replace(temper, slow=0.02)
        with a_stream(place, logs[0], mailbox):
            until(lambda: settled(place), "all went", 240)
            once = mailbox.times
            known = states(place)
            unsure = [m for m, state in known.items() if state == "handing-over"]
            print(f"{len(once)} of {pile.count} arrived, {len(unsure)} are unsure")
            assert max(once.values()) == 1
            assert set(known.values()) == {"sent", "handing-over"}
            arrived = {m for m in known if once[f"<{m}@dichtbij.example>"]}
            assert {m for m, state in known.items() if state == "sent"} <= arrived
            assert arrived & set(unsure), "no doubt ever arose, so nothing was proven"

            mailbox.temper = Temper()
            missing = [m for m in unsure if m not in arrived]
            for message in missing:
                assert do(place, lambda t, message=message: ask_again(t, message))
            until(lambda: settled(place), "the missing ones went")
        assert set(mailbox.times.values()) == {1}
        assert len(mailbox.times) == pile.count
    assert [line for log in logs for line in personal(log)] == []


def settled(place: Installation) -> bool:
    """Whether nothing waits, and nothing is being handed over at this moment."""
    return place.rows(
        """select (select count(*) from ingest.message where state = 'queued')
             + (select count(*) from ingest.message where state = 'handing-over')
             - (select count(*) from (select 1 from ingest.message
                 where state = 'handing-over' for update skip locked) as free)"""
    ) == [(0,)]


def test_an_invitation_arrives_in_four_languages_with_its_dates_and_its_link(
    place: Installation, mailbox: Mailbox
) -> None:
    said = {
        "nl": ("Doe je mee met Zot van A?", "van zondag 19 oktober 2098, 09:00"),
        "fr": ("Participerez-vous à Fou d'A ?", "du dimanche 19 octobre 2098, 09:00"),
        "en": ("Will you take part in Mad about A?", "from Sunday, 19 October 2098, 09:00"),
        "de": ("Machen Sie mit bei Verrückt nach A?", "von Sonntag, 19. Oktober 2098, 09:00"),
    }
    links: dict[str, str] = {}
    for language in said:
        curator = curator_of(f"Inge-{language}", language)
        links[language] = invite(place, curator, a_mandate(place, curator))
    until(all_in(place, "sent"), "all four went")

    for language, (subject, start) in said.items():
        [mail] = mailbox.to(f"inge-{language}@example.org")
        text = text_of(mail)
        assert mail["Subject"] == subject
        assert mail["From"] == "Dichtbij <post@dichtbij.example>"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["Content-Language"] == language
        assert f"\n{start}\n" in text
        assert f"/k/{links_of(place).token(links[language])}\n" in text
        [attached] = mail.iter_attachments()
        assert attached.get_content_type() == "text/calendar"
        calendar: Any = Calendar.from_ical(attached.get_content())
        [event] = calendar.walk("VEVENT")
        assert event["DTSTART"].dt == datetime(2098, 10, 19, 7, tzinfo=UTC)
        assert event["STATUS"] == "TENTATIVE"


def test_a_refused_address_fails_with_words_and_is_not_tried_again(
    place: Installation, mailbox: Mailbox
) -> None:
    mailbox.temper = Temper(refuse="nobody")
    goodbye(place, "nobody@example.org")
    goodbye(place, "somebody@example.org")
    goodbye(place, "not an address")
    goodbye(place, "josé@example.org")
    until(all_in(place, "sent", "failed"), "each had its answer")

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


def test_a_message_that_is_put_off_comes_later_and_holds_up_no_other(
    place: Installation, mailbox: Mailbox
) -> None:
    mailbox.temper = Temper(put_off=1.0)
    goodbye(place, "first@example.org")
    goodbye(place, "second@example.org")
    until(
        lambda: place.rows("select min(attempts) >= 2 from ingest.message") == [(True,)],
        "both were put off twice",
    )
    mailbox.temper = Temper()
    until(all_in(place, "sent"), "both went")
    assert set(mailbox.times.values()) == {1}


def test_messages_wait_for_a_server_that_is_away(place: Installation, mailbox: Mailbox) -> None:
    mailbox.controller.stop()
    goodbye(place, "patient@example.org")
    until(
        lambda: place.rows("select trouble from ingest.message where trouble <> ''") != [],
        "the trouble is told",
    )
    [(trouble,)] = place.rows("select trouble from ingest.message")
    mailbox.__enter__()
    until(all_in(place, "sent"), "it went")
    assert str(trouble).startswith("server-away ")
    assert len(mailbox.received) == 1
    assert place.rows("select attempts, trouble from ingest.message") == [(1, "")]


def test_a_letter_about_something_that_changed_is_dropped(
    place: Installation, mailbox: Mailbox
) -> None:
    curator = curator_of("Mo")
    invite(place, curator, a_mandate(place, curator), revoked=True)
    until(all_in(place, "dropped"), "it was dropped")
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
                return await queue_reminders(database, links_of(place), now)
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


# --- How the mail server is reached


def a_certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Make a certificate for this machine, and what a server needs to show it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    file = folder / "mail.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return file, context


def offer_one(mailbox: Mailbox, **changes: Any) -> None:
    """Send one mail by hand."""
    server = mail_server(mailbox.url, "post@dichtbij.example", 1)
    assert server is not None
    mail = EmailMessage()
    mail["To"] = "inge@example.org"
    mail.set_content(".\n..\nA line with a dot is a line like any other.\n")

    async def send() -> None:
        connection = await connect(replace(server, **changes))
        try:
            await connection.offer("inge@example.org", mail)
            await connection.finish()
        finally:
            await connection.close()

    asyncio.run(send())


def test_a_password_is_given_and_a_wrong_one_stops_everything() -> None:
    with Mailbox(login=("an", "geheim")) as mailbox:
        offer_one(mailbox)
        with pytest.raises(ServerAwayError, match="server-login"):
            offer_one(mailbox, password="wrong")
    [mail] = mailbox.received
    assert mailbox.known == [True]
    assert mail.get_content().splitlines()[:2] == [".", ".."]


def test_what_the_server_offers_to_encrypt_is_encrypted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, context = a_certificate(tmp_path)
    with Mailbox(encryption=context) as mailbox:
        # Nobody vouches for this certificate, so nothing may be said to whoever shows it.
        with pytest.raises(ServerAwayError, match="server-away"):
            offer_one(mailbox)
        assert mailbox.received == []
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        offer_one(mailbox)
    assert mailbox.encrypted == [True]


# --- The page of messages


class Coordinator:
    """A member of staff with a browser."""

    def __init__(self, web: Process, place: Installation, role: str = "coordinator") -> None:
        key = place.environment["DICHTBIJ_SESSION_PRIVATE_KEY"]
        token = issue(key, "an", "An", frozenset({role}))
        staff = verify(place.settings.session_public_key, token)
        assert staff is not None
        self._csrf = staff.csrf
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{web.port}",
            cookies={cookie_name(place.settings): token},
            headers={"Accept": "text/html", "Accept-Language": "en"},
            timeout=30,
        )

    def list(self) -> str:
        return self.http.get("/manage/outbox").raise_for_status().text

    def read(self, message: str) -> str:
        return self.http.get(f"/manage/outbox/{message}").raise_for_status().text

    def send_again(self, message: str, csrf: str | None = None) -> httpx.Response:
        form = {"csrf": self._csrf if csrf is None else csrf}
        return self.http.post(f"/manage/outbox/{message}/again", data=form)


@pytest.fixture(scope="module")
def web(place: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    log = tmp_path_factory.mktemp("web") / "web.log"
    process = Process(log, place.environment, "-m", "services", "ingest", "web").start()
    yield process.until_ready()
    assert process.stop() == 0
    assert personal(log) == []


@pytest.fixture
def staff(web: Process, place: Installation) -> Iterator[Coordinator]:
    someone = Coordinator(web, place)
    yield someone
    someone.http.close()


def one(place: Installation) -> str:
    [(message,)] = place.rows("select message from ingest.message")
    return str(message)


def test_without_a_mail_server_every_message_can_be_read_and_its_link_followed(
    parts: dict[str, str], tmp_path: Path
) -> None:
    place = apply(install(parts), tmp_path)
    curator = curator_of("Inge")
    link = invite(place, curator, a_mandate(place, curator))
    log = tmp_path / "stream.log"
    with a_stream(place, log, None):
        until(all_in(place, "outbox"), "it is in the outbox")
    assert personal(log) == []

    process = Process(
        tmp_path / "web.log", place.environment, "-m", "services", "ingest", "web"
    ).start()
    try:
        process.until_ready()
        staff = Coordinator(process, place)
        message = one(place)
        assert "inge@example.org" in staff.list()
        assert "No mail server is set up" in staff.list()
        page = staff.read(message)
        address = f"{place.settings.ingest_url}/k/{links_of(place).token(link)}"
        assert f'<a href="{address}" rel="noopener noreferrer">' in page
        assert "Doe je mee met Zot van A?" in page
        file = staff.http.get(f"/manage/outbox/{message}/dichtbij.ics")
        assert file.headers["content-type"].startswith("text/calendar")
        assert b"DTSTART;TZID=Europe/Brussels:20981019T090000" in file.content
        staff.http.close()
    finally:
        process.kill()
    assert personal(process.log) == []
    assert links_of(place).token(link) not in process.log.read_text()


def test_what_may_have_arrived_is_shown_and_sent_again_by_a_person_only(
    place: Installation, mailbox: Mailbox, staff: Coordinator
) -> None:
    mailbox.temper = Temper(lost_after=1.0)
    curator = curator_of("Inge")
    link = invite(place, curator, a_mandate(place, curator))
    until(
        lambda: place.rows("select trouble like 'no-answer%%' from ingest.message") == [(True,)],
        "the answer was lost",
    )
    mailbox.temper = Temper()
    message = one(place)
    assert "probably sent" in staff.list()
    assert "About 1 message nobody knows" in staff.list()
    page = staff.read(message)
    assert "It has probably arrived." in page
    assert "Doe je mee met Zot van A?" in page
    assert links_of(place).token(link) not in page

    assert staff.send_again(message, csrf="x").status_code == 403
    assert len(mailbox.received) == 1
    assert staff.send_again(message).headers["location"] == "/manage/outbox?again"
    until(all_in(place, "sent"), "it went again")
    assert len(mailbox.received) == 2
    # The same mail for a mail program, so that it can show it once.
    assert len(mailbox.times) == 1
    assert staff.send_again(message).status_code == 409
    assert staff.send_again("unknown").status_code == 409


def test_a_refusal_is_told_in_words_and_can_be_tried_again(
    place: Installation, mailbox: Mailbox, staff: Coordinator
) -> None:
    mailbox.temper = Temper(refuse="nobody")
    goodbye(place, "nobody@example.org")
    until(all_in(place, "failed"), "it was refused")

    page = staff.read(one(place))
    assert "The mail server refused it. (550 5.1.1 &lt;nobody@example.org&gt;" in page
    assert "Send again" in page
    mailbox.temper = Temper()
    assert staff.send_again(one(place)).status_code == 303
    until(all_in(place, "sent"), "it went")


def test_what_is_forgotten_can_be_neither_read_nor_sent(
    place: Installation, staff: Coordinator
) -> None:
    goodbye(place, "old@example.org", due_at=datetime(2098, 1, 1, tzinfo=UTC))
    place.rows("update ingest.message set state = 'failed', due_at = now() - interval '31 days'")
    assert do(place, forget_old) == 1

    assert "old@example.org" not in staff.list()
    page = staff.read(one(place))
    assert "Who got it and what it said is forgotten." in page
    assert staff.send_again(one(place)).status_code == 409


def test_only_coordinators_read_messages(
    place: Installation, web: Process, staff: Coordinator
) -> None:
    goodbye(place, "private@example.org", due_at=datetime(2098, 1, 1, tzinfo=UTC))
    moderator = Coordinator(web, place, "moderator")

    for path in ("/manage/outbox", f"/manage/outbox/{one(place)}"):
        assert moderator.http.get(path).status_code == 403
        assert httpx.get(f"http://127.0.0.1:{web.port}{path}").status_code == 401
    assert moderator.send_again(one(place)).status_code == 403
    assert staff.http.get("/manage/outbox/unknown").status_code == 404
    moderator.http.close()
