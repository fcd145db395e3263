"""Changes of mandate on the real parts: every item counts for whoever held it, in any order."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeVar, cast

import pytest

from services.chassis.database import Database, Transaction
from services.chassis.journal import Cause, ConflictError, Journal
from services.contracts.ids import CuratorId, MandateId, SourceId
from services.contracts.ingest import (
    Author,
    SubmissionReceived,
    SubmissionRetracted,
    Tag,
)
from services.ingest.domain.mandate import (
    AcceptMandate,
    BadDatesError,
    Cancel,
    Command,
    Decline,
    Holder,
    Invite,
    Mandate,
    Move,
    NotAdmissibleError,
    PauseMandate,
    Plan,
    Resume,
    Stop,
)
from services.ingest.domain.planning import OverlapError, slots
from services.ingest.store.counting import admit, recount
from services.ingest.store.curators import Curator, keep_curator
from services.ingest.store.items import hand_in
from services.ingest.store.mandates import change_mandate, find_mandate
from services.ingest.store.plans import uncounted_items
from tests.builders import CAMPAIGN, a_consent, a_submission, an_item_id
from tests.installation import Installation, deliver, install
from tests.integration.processes import Process, until

UPLOAD = SourceId("bollekesfeest/upload")
HANDED_OVER = SourceId("bollekesfeest/zot")
HASHTAG = SourceId("bollekesfeest/hashtag")
BLOG = SourceId("bollekesfeest/blog")
CAMPAIGN_FILE = """
campaign: bollekesfeest
name: {nl: Zot van A}
window: {from: 2026-01-01T00:00, to: 2099-01-01T00:00}
hashtags: [{tag: bollekesfeest}]
contributors: everyone
sources:
  - {source: upload, connector: upload, rights: {basis: declared}}
  - {source: zot, connector: mastodon, settings: {server: "https://zot.invalid"}}
  - {source: hashtag, connector: mastodon, settings: {server: "https://own.invalid"}}
  - {source: blog, connector: feed, settings: {url: "https://blog.invalid/feed"}}
"""
CAUSE = Cause.by("staff:test")
LONG_AGO = datetime(2026, 9, 1, tzinfo=UTC)
MATCHING = (Tag(as_written="bollekesfeest", key="bollekesfeest", origin="tags"),)
AnswerT = TypeVar("AnswerT")

# --- What was planned, written down by hand: 09:00 on the wall is 07:00 or 08:00 in UTC. ---


def _utc(day: str, hour: int) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour:02}:00:00+00:00")


SUMMER, WINTER = 7, 8
#: The clocks go back on the day of the first change, and forward on that of the last but two.
CHANGES = (
    _utc("2026-10-11", SUMMER),
    _utc("2026-10-25", WINTER),
    *(_utc("2026-10-25", WINTER) + timedelta(days=14 * n) for n in range(1, 11)),
    _utc("2027-03-28", SUMMER),
    _utc("2027-04-11", SUMMER),
)
NAMES = ("fatima", "jef", "amina", "tuur")


@dataclass(frozen=True)
class Term:
    """A mandate as the test knows it."""

    mandate: MandateId
    curator: CuratorId
    starts_at: datetime
    ends_at: datetime
    pause: tuple[datetime, datetime] | None = None


TERMS = tuple(
    Term(
        MandateId(f"m-{n:02}"),
        CuratorId(f"k-{NAMES[n % len(NAMES)]}"),
        CHANGES[n],
        CHANGES[n + 1],
    )
    for n in range(len(CHANGES) - 1)
)
# Afterwards the first was paused for a while, and the last but one ends an hour earlier.
PAUSE = (CHANGES[1], CHANGES[1] + timedelta(seconds=90))
MOVED_END = CHANGES[-2] - timedelta(hours=1)
AFTERWARDS = tuple(
    replace(t, pause=PAUSE)
    if n == 1
    else replace(t, ends_at=MOVED_END)
    if n == len(TERMS) - 2
    else t
    for n, t in enumerate(TERMS)
)


@dataclass(frozen=True)
class Given:
    """An item, when it really took effect, and by which way it came."""

    submission: SubmissionReceived
    effective_at: datetime


def expected(given: Given) -> tuple[str | None, str]:
    """Say by the slowest way for whom an item counts: by trying every rule on every term."""
    sent = given.submission
    if sent.curator:
        groups = [[t for t in AFTERWARDS if t.curator == sent.curator]]
    else:
        named = (sent.author.key or "").replace("https://own.example/", "k-")
        # Whoever writes a feed can name any author in it.
        proven = "" if sent.source == BLOG else named
        groups = [
            [t for t in AFTERWARDS if t.curator == proven],
            [t for t in AFTERWARDS if sent.source == HANDED_OVER],
        ]
    for lane in ("counted", "paused", "late"):
        for group in groups:
            # The last one first: of several that are over, the last to end.
            for term in reversed(group):
                if _lane(term, given.effective_at) == lane:
                    return term.mandate, lane
    return None, "open"


def _lane(term: Term, at: datetime) -> str | None:
    if at < term.starts_at or at >= term.ends_at + timedelta(days=14):
        return None
    if at >= term.ends_at:
        return "late"
    paused = term.pause is not None and term.pause[0] <= at < term.pause[1]
    return "paused" if paused else "counted"


def generated(random: Random, count: int) -> list[Given]:
    """Make items around the changes, to the millisecond, by every way."""
    around = [
        CHANGES[1],
        CHANGES[2],
        CHANGES[-3],
        CHANGES[-2],
        CHANGES[-1],
        MOVED_END,
        *PAUSE,
        datetime(2026, 10, 25, 1, tzinfo=UTC),  # the clocks go back
        datetime(2027, 3, 28, 1, tzinfo=UTC),  # the clocks go forward
    ]
    distances = [0, 0.001, 0.999, 1, 59, 1800, 3599.999, 3600, 3601, 7200]
    found: list[Given] = []
    for n in range(count):
        distance = random.choice(distances) if n % 3 else random.uniform(0, 20_000)
        at = random.choice(around) + random.choice([-1, 1]) * timedelta(seconds=distance)
        found.append(_given(random, n, at.replace(microsecond=at.microsecond // 1000 * 1000)))
    return found


def _given(random: Random, n: int, at: datetime) -> Given:
    who = random.choice([*NAMES, *NAMES, "nobody"])
    way: dict[str, Any] = random.choice(
        [
            {"source": HANDED_OVER, "author": Author(key="https://shared.example/zot")},
            {"source": HANDED_OVER, "author": Author(key=f"https://own.example/{who}")},
            {"source": HASHTAG, "author": Author(key=f"https://own.example/{who}")},
            {"source": UPLOAD, "connector": "upload", "curator": CuratorId(f"k-{who}")},
            {
                "source": BLOG,
                "connector": "feed",
                "author": Author(key=f"https://own.example/{who}"),
            },
        ]
    )
    # Some claim a time that nobody can believe, or none: then the time of seeing it counts.
    claimed, observed = random.choice(
        [
            (at, at + timedelta(seconds=random.choice([0, 5, 86_400, 7 * 86_400]))),
            (at, at + timedelta(seconds=random.choice([0, 5, 3600]))),
            (at - timedelta(days=400), at),
            (at + timedelta(days=1), at),
            (at + timedelta(minutes=10), at),
            (None, at),
        ]
    )
    return Given(
        a_submission(
            **{
                "connector": "mastodon",
                "native_id": f"post#{n}",
                "tags": MATCHING,
                "text": f"Stad {n}",
                "published_at": claimed,
                "observed_at": observed,
            }
            | way
        ),
        at,
    )


# --- The installation, and people who change mandates on it. ---


@asynccontextmanager
async def opened(place: Installation) -> AsyncGenerator[Database]:
    database = Database("ingest", place.settings)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


def in_transaction(
    place: Installation, work: Callable[[Transaction, Journal], Awaitable[AnswerT]]
) -> AnswerT:
    async def run() -> AnswerT:
        async with opened(place) as database, database.transaction() as transaction:
            return await work(transaction, Journal("ingest"))

    return asyncio.run(run())


def change(
    place: Installation, mandate: Mandate, *commands: Command, now: datetime = LONG_AGO
) -> Mandate:
    """Change a mandate and count all items anew, as the pages for staff and curators do."""

    async def work(transaction: Transaction, journal: Journal) -> Mandate:
        known = await find_mandate(transaction, mandate.mandate) or mandate
        for command in commands:
            known = await change_mandate(transaction, journal, known, command, CAUSE, now=now)
        await recount(transaction, journal, CAMPAIGN, CAUSE)
        return known

    return in_transaction(place, work)


ACCEPT = AcceptMandate("1", a_consent(evidence="mandate"), ("link", "account"))
YES = (Plan(), Invite("an-invitation"), ACCEPT)


def a_mandate(name: str, curator: str, starts_at: datetime, ends_at: datetime) -> Mandate:
    return Mandate(
        MandateId(name),
        CAMPAIGN,
        Holder(CuratorId(curator), curator),
        starts_at,
        ends_at,
        "Europe/Brussels",
        source=HANDED_OVER,
    )


def planned() -> list[Mandate]:
    """Plan as a campaign maker does: by the clock on the wall, fourteen days each."""
    terms = slots(datetime(2026, 10, 11, 9), 14, len(TERMS), "Europe/Brussels")  # noqa: DTZ001
    return [
        a_mandate(known.mandate, known.curator, starts_at, ends_at)
        for known, (starts_at, ends_at) in zip(TERMS, terms, strict=True)
    ]


def prepared(place: Installation, folder: Path, **changes: str) -> Installation:
    """Apply the campaign and introduce the curators, each with an account of their own."""
    written = CAMPAIGN_FILE
    for name, value in changes.items():
        written = written.replace(f"{name}: everyone", f"{name}: {value}")
    (folder / "campaign.yaml").write_text(written)
    answer = place.command("campaign", "apply", str(folder / "campaign.yaml"))
    assert answer.returncode == 0, answer.stderr

    async def introduce(transaction: Transaction, _: Journal) -> None:
        for name in NAMES:
            await keep_curator(transaction, Curator(CuratorId(f"k-{name}"), name))

    in_transaction(place, introduce)
    for name in NAMES:
        place.rows(
            "insert into ingest.account_proof (proof, curator, network, author_key, way, state)"
            " values (%s, %s, 'mastodon', %s, 'code', 'proven')",
            f"p-{name}",
            f"k-{name}",
            f"https://own.example/{name}",
        )
    return place


@contextmanager
def streaming(place: Installation, log: Path) -> Generator[Process]:
    process = Process(log, place.environment, "-m", "services", "ingest", "stream").start()
    try:
        yield process.until_ready()
    finally:
        process.kill()


def give(place: Installation, events: Sequence[SubmissionReceived | SubmissionRetracted]) -> None:
    """Hand submissions in as the upload page and the clock of sources do."""

    async def work(transaction: Transaction, journal: Journal) -> None:
        for event in events:
            await hand_in(transaction, journal, event, CAUSE)

    in_transaction(place, work)


def handled(place: Installation, more: int = 0) -> bool:
    """Whether all that was handed in was handled, and so many that came by other ways."""
    [[waiting]] = place.rows(
        """select count(*) from ingest.event e where type like 'dichtbij.submission.%%'
           and not exists (select 1 from ingest.inbox i where i.event_id = e.id::text)"""
    )
    [[foreign]] = place.rows(
        "select count(*) from ingest.inbox i"
        " where not exists (select 1 from ingest.event e where e.id::text = i.event_id)"
    )
    assert place.rows("select reason from ingest.dead_letter") == []
    return waiting == 0 and foreign == more


def ledger(place: Installation) -> dict[str, tuple[Any, ...]]:
    """Give for whom each item counts, as the tables and what was told of it have it."""
    rows = place.rows(
        """select item, life, mandate, lane, effective_at, content->'attribution',
                  content->'consent'->>'evidence', content->'rights'->>'basis' from ingest.item"""
    )
    return {str(row[0]): row[1:] for row in rows}


def told(place: Installation) -> dict[str, tuple[object, ...]]:
    """Give for whom each item counts, as the last event about it tells the other services."""
    rows = place.rows(
        """select distinct on (subject) subject, data->'item'->'attribution'->>'mandate',
                  coalesce(data->'item'->'attribution'->>'lane', 'open')
           from ingest.event where topic = 'items' order by subject, version desc"""
    )
    return {str(row[0]): row[1:] for row in rows}


@pytest.mark.timeout(900)
def test_a_thousand_items_around_every_change_count_for_the_right_curator_live_and_replayed(
    fresh_installation: Installation, parts: Mapping[str, str], tmp_path: Path
) -> None:
    seed = 20261025
    print(f"seed {seed}")
    random = Random(seed)
    place = prepared(fresh_installation, tmp_path)
    items = generated(random, 1000)
    random.shuffle(items)
    first, second, third = items[:350], items[350:700], items[700:]
    mandates = planned()
    random.shuffle(mandates)

    with streaming(place, tmp_path / "stream.log"):
        # Some items come before anybody is planned, some between the announcements, some after.
        give(place, [given.submission for given in first])
        for mandate in mandates[:5]:
            change(place, mandate, *YES)
        again = [given.submission for given in items]
        random.shuffle(again)
        asyncio.run(deliver(place, *((s, f"submission-{s.item}", 1) for s in again)))
        give(place, [given.submission for given in second])
        for mandate in mandates[5:]:
            change(place, mandate, *YES)
        give(place, [given.submission for given in third])
        paused, moved = planned()[1], planned()[-2]
        change(place, paused, PauseMandate(), now=PAUSE[0])
        change(place, moved, Move(moved.starts_at, MOVED_END))
        change(place, paused, Resume(), now=PAUSE[1])
        until(lambda: handled(place, more=1000), "all items are handled", seconds=400)

    live = ledger(place)
    wanted = {given.submission.item: expected(given) for given in items}
    assert {item: (row[1], row[2]) for item, row in live.items()} == wanted
    assert {item: row[3] for item, row in live.items()} == {
        given.submission.item: given.effective_at for given in items
    }
    assert told(place) == wanted
    assert len({lane for _, lane in wanted.values()}) == 4, "the items try every lane"
    for given in items:
        _, mandate, lane, _, attribution, evidence, basis = live[given.submission.item]
        assert (attribution["mandate"], attribution["lane"]) == (mandate, lane)
        lent = lane == "counted" and given.submission.curator is None
        assert (evidence, basis) == (
            ("mandate", "declared")
            if lent
            else (None, "declared" if given.submission.source == UPLOAD else "unknown")
        )

    # All items counted from nothing come out the same,
    place.rows(
        """update ingest.item set mandate = null, lane = 'open',
             content = content - 'consent' || '{"attribution": {"lane": "open", "mandate": null,
               "curator": null, "inSeries": false}}'"""
    )
    counted = in_transaction(place, lambda t, j: recount(t, j, CAMPAIGN, CAUSE))
    assert counted == sum(lane != "open" for _, lane in wanted.values())
    assert _without_rights(ledger(place)) == _without_rights(live)
    # and once more nothing is said.
    assert in_transaction(place, lambda t, j: recount(t, j, CAMPAIGN, CAUSE)) == 0

    replayed = prepared(install(parts), tmp_path)
    _copy(place, replayed, "mandate")
    log = place.rows(
        "select data from ingest.event where type = %s order by seq", SubmissionReceived.TYPE
    )
    with streaming(replayed, tmp_path / "replay.log"):
        give(replayed, [SubmissionReceived.model_validate(row[0]) for row in log])
        until(lambda: handled(replayed), "the log was replayed", seconds=400)
    assert ledger(replayed) == live


def _without_rights(found: dict[str, tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    return {item: row[:-1] for item, row in found.items()}


def _copy(place: Installation, other: Installation, table: str) -> None:
    for (row,) in place.rows(f"select to_jsonb(t)::text from ingest.{table} t"):
        other.rows(
            f"insert into ingest.{table} select * from jsonb_populate_record("
            f"null::ingest.{table}, %s::jsonb)",
            row,
        )


# --- What must not go wrong. ---

START = datetime(2026, 10, 12, 7, tzinfo=UTC)
TERM = timedelta(days=14)


def a_post(number: int, at: datetime, **changes: Any) -> SubmissionReceived:
    fields: dict[str, Any] = {
        "source": HANDED_OVER,
        "connector": "mastodon",
        "native_id": f"post#{number}",
        "tags": MATCHING,
        "published_at": at,
        "observed_at": at,
    }
    return a_submission(**(fields | changes))


def gone(post: SubmissionReceived) -> SubmissionRetracted:
    return SubmissionRetracted(
        item=post.item,
        campaign=post.campaign,
        source=post.source,
        reason="author",
        observed_at=post.observed_at,
    )


def standing(place: Installation, item: str) -> tuple[object, ...]:
    [row] = place.rows("select life, reason, mandate, lane from ingest.item where item = %s", item)
    return row


def kinds(place: Installation, item: str) -> list[str]:
    rows = place.rows("select type from ingest.event where subject = %s order by version", item)
    return [str(row[0]).removeprefix("dichtbij.item.").removesuffix(".v1") for row in rows]


def consents(place: Installation, item: str) -> object:
    [[grants]] = place.rows("select grants from ingest.consent where item = %s", item)
    assert isinstance(grants, list)
    known = cast("list[Any]", grants)
    return [grant["channel"] for grant in known if grant.get("withdrawnAt") is None]


def test_where_only_curators_may_post_items_come_and_go_with_their_mandate(
    fresh_installation: Installation, tmp_path: Path
) -> None:
    place = prepared(fresh_installation, tmp_path, contributors="curators")
    fatima = a_mandate("m-1", "k-fatima", START, START + TERM)
    during, after = a_post(1, START), a_post(2, START + TERM + timedelta(seconds=1))
    with streaming(place, tmp_path / "stream.log"):
        give(place, [during, after])
        until(lambda: handled(place), "both are ignored")
        ignored = ("ignored", "no-mandate", None, "open")
        assert standing(place, during.item) == standing(place, after.item) == ignored
        assert kinds(place, during.item) == ["ignored"]

        change(place, fatima, *YES)
        until(lambda: handled(place), "both come back")
        assert standing(place, during.item) == ("live", "", "m-1", "counted")
        assert standing(place, after.item) == ("live", "", "m-1", "late")
        assert consents(place, during.item) == ["web"]

        # A mandate that was planned by mistake takes both with it; put back, it brings them back.
        change(place, fatima, Cancel())
        assert standing(place, during.item) == ignored
        assert kinds(place, during.item) == ["ignored", "received", "withdrawn"]
        change(place, replace(fatima, mandate=MandateId("m-2")), *YES)
        until(lambda: handled(place), "both come back again")
        assert standing(place, during.item) == ("live", "", "m-2", "counted")

        # Given the same again, nothing more is said.
        give(place, [during, after])
        asyncio.run(deliver(place, (during, f"submission-{during.item}", 1)))
        until(lambda: handled(place, more=1), "they were seen again")
    assert kinds(place, during.item) == ["ignored", "received", "withdrawn", "received"]


def test_what_was_taken_back_stays_so_and_an_edit_does_not_move_a_post_to_another_curator(
    fresh_installation: Installation, tmp_path: Path
) -> None:
    place = prepared(fresh_installation, tmp_path)
    fatima = a_mandate("m-1", "k-fatima", START, START + TERM)
    jef = a_mandate("m-2", "k-jef", START + TERM, START + 2 * TERM)
    change(place, fatima, *YES)
    taken, kept = a_post(1, START), a_post(2, START)
    late_seen = START + TERM + timedelta(days=9)
    edits = [
        post.model_copy(update={"revision": 2, "text": "Beter", "observed_at": late_seen})
        for post in (taken, kept)
    ]
    twice = kept.model_copy(update={"source": HASHTAG, "item": an_item_id()})
    with streaming(place, tmp_path / "stream.log"):
        give(place, [taken, kept, twice, gone(taken), *edits])
        until(lambda: handled(place), "all are handled")
        change(place, jef, *YES)
    # It is still hers that he took over from, and its edit counts from when it was first seen.
    assert standing(place, taken.item) == ("withdrawn", "author", "m-1", "counted")
    assert kinds(place, taken.item) == ["received", "withdrawn"]
    assert standing(place, kept.item) == ("live", "", "m-1", "counted")
    [[text, at]] = place.rows(
        "select content->>'text', effective_at from ingest.item where item = %s", kept.item
    )
    assert (text, at) == ("Beter", START)
    # The same post by two ways is two items, each with its own standing: neither hides the other.
    assert standing(place, twice.item) == ("live", "", None, "open")


def test_a_late_item_counts_when_an_editor_admits_it_and_no_longer_when_it_is_let_go(
    fresh_installation: Installation, tmp_path: Path
) -> None:
    place = prepared(fresh_installation, tmp_path)
    fatima = a_mandate("m-1", "k-fatima", START, START + TERM)
    asked = a_mandate("m-2", "k-jef", START + 2 * TERM, START + 3 * TERM)
    change(place, fatima, *YES)
    change(place, asked, Plan(), Invite("an-invitation"))
    late = a_post(1, START + TERM)
    with streaming(place, tmp_path / "stream.log"):
        give(place, [late])
        until(lambda: handled(place), "it is handled")

        def by_hand(mandate: str | None) -> bool:
            known = MandateId(mandate) if mandate else None
            return in_transaction(place, lambda t, j: admit(t, j, late.item, known, CAUSE))

        assert standing(place, late.item) == ("live", "", "m-1", "late")
        assert by_hand("m-1")
        assert not by_hand("m-1")
        assert standing(place, late.item) == ("live", "", "m-1", "counted")
        assert consents(place, late.item) == ["web"]
        # An edit and a new count change nothing about it.
        give(place, [late.model_copy(update={"revision": 2, "text": "Beter"})])
        until(lambda: handled(place), "its edit is handled")
        assert in_transaction(place, lambda t, j: recount(t, j, CAMPAIGN, CAUSE)) == 0
        assert standing(place, late.item) == ("live", "", "m-1", "counted")
        with pytest.raises(NotAdmissibleError, match="Choose one that its curator accepted"):
            by_hand("m-2")
        assert by_hand(None)
        assert standing(place, late.item) == ("live", "", "m-1", "late")
        assert consents(place, late.item) == []
        assert by_hand("m-1")
        assert consents(place, late.item) == ["web"]
    assert kinds(place, late.item)[-1] == "attributed"


def test_an_item_that_came_during_a_pause_is_listed_and_counts_when_an_editor_admits_it(
    fresh_installation: Installation, tmp_path: Path
) -> None:
    place = prepared(fresh_installation, tmp_path)
    fatima = a_mandate("m-1", "k-fatima", START, START + TERM)
    change(place, fatima, *YES)
    change(place, fatima, PauseMandate(), now=START)
    paused, late = a_post(1, START + timedelta(hours=1)), a_post(2, START + TERM)
    with streaming(place, tmp_path / "stream.log"):
        give(place, [paused, late])
        until(lambda: handled(place), "both are handled")

    def listed() -> list[tuple[str, str]]:
        found = in_transaction(place, lambda t, _: uncounted_items(t, fatima.mandate))
        return [(item.item, item.lane) for item in found]

    assert listed() == [(paused.item, "paused"), (late.item, "late")]
    assert in_transaction(place, lambda t, j: admit(t, j, paused.item, fatima.mandate, CAUSE))
    assert standing(place, paused.item) == ("live", "", "m-1", "counted")
    assert listed() == [(late.item, "late")]


def test_dates_that_cannot_be_or_that_somebody_has_are_refused_and_nothing_is_written(
    fresh_installation: Installation, tmp_path: Path
) -> None:
    place = prepared(fresh_installation, tmp_path)
    fatima = a_mandate("m-1", "k-fatima", START, START + TERM)
    change(place, fatima, *YES)
    before = place.rows("select count(*) from ingest.event")
    jef = a_mandate("m-2", "k-jef", START + timedelta(days=13), START + 2 * TERM)
    with pytest.raises(OverlapError, match="fatima has the mandate from 12/10/2026 09:00"):
        change(place, jef, Plan())
    with pytest.raises(BadDatesError, match="must end after it starts"):
        change(place, replace(jef, starts_at=START + TERM, ends_at=START), Plan())
    with pytest.raises(ConflictError):
        in_transaction(
            place, lambda t, j: change_mandate(t, j, fatima, Plan(), CAUSE, now=LONG_AGO)
        )
    assert place.rows("select count(*) from ingest.event") == before

    # End to end they fit; said to overlap, they may; and a move asks again.
    apart = change(place, replace(jef, starts_at=START + TERM), *YES)
    with pytest.raises(OverlapError):
        change(place, apart, Move(START + timedelta(days=13), START + 2 * TERM))
    change(place, replace(jef, mandate=MandateId("m-3"), overlap=True), *YES)
    # Who declined and comes back finds the time taken by somebody else.
    change(place, apart, Decline())
    instead = replace(jef, mandate=MandateId("m-4"), starts_at=START + TERM, overlap=True)
    change(place, instead, *YES)
    with pytest.raises(OverlapError):
        change(place, apart, ACCEPT)


def test_an_emergency_stop_ends_the_right_from_its_very_instant(
    fresh_installation: Installation, tmp_path: Path
) -> None:
    place = prepared(fresh_installation, tmp_path)
    change(place, a_mandate("m-1", "k-fatima", START, START + TERM), *YES)
    at = START + timedelta(days=3)
    before, after = a_post(1, at - timedelta(milliseconds=1)), a_post(2, at)
    with streaming(place, tmp_path / "stream.log"):
        give(place, [before, after])
        until(lambda: handled(place), "both are handled")
        change(place, a_mandate("m-1", "k-fatima", START, START), Stop(hide=True), now=at)
    assert standing(place, before.item) == ("live", "", "m-1", "counted")
    assert standing(place, after.item) == ("live", "", "m-1", "late")
    [[hidden]] = place.rows(
        """select data->>'hidden' from ingest.event where subject = 'm-1'
           order by version desc limit 1"""
    )
    assert hidden == "true"
