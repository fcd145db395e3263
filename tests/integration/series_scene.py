"""Curators at work on the real parts: what is told to the services, and pressed on pages."""

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar, cast

import httpx

from services.chassis.database import Database, Transaction
from services.chassis.journal import Cause, Journal
from services.chassis.objects import ObjectStore
from services.contracts.ids import CuratorId, ItemId, MandateId
from services.contracts.ingest import SeriesTerms, SubmissionReceived, SubmissionRetracted
from services.ingest.domain.mandate import AcceptMandate, Holder, Invite, Mandate, Plan
from services.ingest.domain.series import alike
from services.ingest.media import DecoderPool, inspect
from services.ingest.store.counting import recount
from services.ingest.store.curators import Curator, keep_curator
from services.ingest.store.items import hand_in
from services.ingest.store.links import Links
from services.ingest.store.mandates import change_mandate
from services.ingest.store.originals import Darkroom, keep_original
from services.ingest.store.series import matrix
from tests import photos
from tests.builders import CAMPAIGN, a_consent
from tests.installation import Installation, deliver
from tests.integration.processes import Process, until
from tests.integration.series_story import COPIED, PICTURES, PLACES, Fact, Line, Teller

CAMPAIGN_FILE = """
campaign: bollekesfeest
name: {nl: Bollekesfeest}
window: {from: 2026-01-01T00:00, to: 2099-01-01T00:00}
hashtags: [{tag: bollekesfeest}]
sources:
  - {source: upload, connector: upload, rights: {basis: declared}}
  - {source: hashtag, connector: mastodon, settings: {server: "https://own.invalid"}}
"""
CAUSE = Cause.by("staff:test")
#: The mandates run now: they began a week ago, and their deadline comes in three days.
BEGINS = datetime.now(UTC).replace(microsecond=0) - timedelta(days=7)
DEADLINE = BEGINS + timedelta(days=10)
AnswerT = TypeVar("AnswerT")


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


def a_mandate(curator: CuratorId, **changes: Any) -> Mandate:
    fields: dict[str, Any] = {
        "mandate": MandateId(f"m-{curator}"),
        "campaign": CAMPAIGN,
        "holder": Holder(curator, f"Curator {curator}"),
        "starts_at": BEGINS,
        "ends_at": BEGINS + timedelta(days=14),
        "time_zone": "Europe/Brussels",
        "series": SeriesTerms(places=PLACES, deadline=DEADLINE),
        "overlap": True,
    }
    return Mandate(**(fields | changes))


YES = (Plan(), Invite("a-link"), AcceptMandate("1", a_consent(evidence="mandate"), ("link",)))


def commission(place: Installation, *mandates: Mandate) -> None:
    """Plan mandates whose curators said yes, each with an account of their own."""

    async def work(transaction: Transaction, journal: Journal) -> None:
        for mandate in mandates:
            curator = mandate.holder.curator
            await keep_curator(transaction, Curator(curator, mandate.holder.name))
            await transaction.execute(
                """insert into account_proof (proof, curator, network, author_key, way, state)
                   values (%s, %s, 'mastodon', %s, 'code', 'proven') on conflict do nothing""",
                [f"p-{curator}", curator, f"https://own.example/{curator}"],
            )
            known = mandate
            for command in YES:
                known = await change_mandate(
                    transaction, journal, known, command, CAUSE, now=BEGINS - timedelta(days=9)
                )
        await recount(transaction, journal, CAMPAIGN, CAUSE)

    in_transaction(place, work)


def stored(place: Installation) -> tuple[list[str], list[str]]:
    """Keep the pictures and the copies of some; answers their originals' hashes."""
    pictures = [photos.a_photo(440, 330, seed=n) for n in range(PICTURES)]
    copies = [
        photos.saved(
            photos.a_picture(440, 330, seed=n).resize((400, 300)),  # pyright: ignore[reportUnknownMemberType]
            "WEBP",
        )
        for n in range(COPIED)
    ]
    for picture, copy in zip(pictures, copies, strict=False):
        assert alike(inspect(picture).mark, inspect(copy).mark)

    async def work(transaction: Transaction, _: Journal) -> tuple[list[str], list[str]]:
        objects = ObjectStore(place.settings)
        async with DecoderPool(size=1) as decoders:
            room = Darkroom(objects, decoders)
            kept = [
                [(await keep_original(transaction, room, photo)).sha256 for photo in some]
                for some in (pictures, copies)
            ]
        objects.close()
        return kept[0], kept[1]

    return in_transaction(place, work)


@dataclass
class Scene:
    """The services at work, what was told to them, and what must have come of it."""

    place: Installation
    stream: Process
    web: Process
    tellers: list[Teller]
    tokens: dict[CuratorId, str]
    random: Random
    delivered: int = 0

    @property
    def lines(self) -> list[Line]:
        return [teller.line for teller in self.tellers]

    def tell(self, facts: Sequence[Fact], *, kill: bool = False) -> None:
        """Let facts happen in this order; the stream may be killed while it handles them."""
        given = [f[0] for f in facts if isinstance(f[0], SubmissionReceived | SubmissionRetracted)]

        async def work(transaction: Transaction, journal: Journal) -> None:
            for submission in given:
                await hand_in(transaction, journal, submission, CAUSE)

        goal = self.handled() + len(facts) // 3
        in_transaction(self.place, work)
        self._deliver([fact for fact in facts if fact[0] not in given])
        for fact in facts:
            fact[3]()
        if kill:
            until(lambda: self.handled() >= goal, "some of it is handled")
            self.stream.kill()
            self.stream.start().until_ready()

    def tell_again(self, facts: Sequence[Fact]) -> None:
        """Deliver known facts once more, in any order: nothing may come of it."""
        self._deliver(self.random.sample(facts, len(facts)))

    def _deliver(self, facts: Sequence[Fact]) -> None:
        asyncio.run(deliver(self.place, *((f[0], f[1], f[2]) for f in facts)))
        self.delivered += len(facts)

    def handled(self) -> int:
        [[count]] = self.place.rows("select count(*) from ingest.inbox")
        return int(str(count))

    def idle(self) -> bool:
        """Whether all was handled that was delivered, handed in, or done by people on pages."""
        assert self.place.rows("select reason from ingest.dead_letter") == []
        [[said]] = self.place.rows("select count(*) from ingest.event where topic = 'submissions'")
        return self.handled() == self.delivered + int(str(said))

    def check(self, step: str) -> None:
        """Wait until nothing is left to do, and compare every line of the matrix."""
        until(self.idle, f"everything is handled: {step}", seconds=120)
        found = the_matrix(self.place)
        for line in self.lines:
            assert found[line.mandate] == line.matrix(), (step, line.curator)

    def press(self, line: Line, *, kill: bool = False, **form: str) -> None:
        """Send the curator's form; when the web is killed meanwhile, send it again."""
        placed = [key for key, _ in line.matrix()["places"] if key]
        fields = {"seen": str(line.version), "shown-order": ",".join(placed), **form}
        address = f"/k/{self.tokens[line.curator]}/mandates/{line.mandate}"
        if kill:
            sending = threading.Thread(target=self._send, args=(address, fields))
            sending.start()
            time.sleep(self.random.uniform(0, 0.05))
            self.web.kill()
            sending.join()
            self.web.start().until_ready()
        answer = self._send(address, fields)
        # It was saved before the web was killed, or it is saved now: never both.
        assert answer is not None
        assert answer.status_code == 200 or (kill and answer.status_code == 409), answer.text
        line.version += 1
        assert the_version(self.place, line) == line.version

    def _send(self, address: str, form: dict[str, str]) -> httpx.Response | None:
        with suppress(httpx.TransportError):
            return httpx.post(
                f"http://127.0.0.1:{self.web.port}{address}",
                files={name: (None, value) for name, value in form.items()},
                headers={"accept": "application/json"},
                timeout=30,
            )
        return None

    def withdraw(self, line: Line, item: ItemId) -> None:
        address = f"/k/{self.tokens[line.curator]}/items/{item}/withdraw"
        answer = self._send(address, {})
        assert answer is not None
        assert answer.status_code == 204, answer.text

    def raise_one(self, line: Line, *, kill: bool = False) -> None:
        """Move one photo up, as the button on the page does."""
        placed = [key for key, _ in line.matrix()["places"] if key]
        if len(placed) < 2:
            return
        at = self.random.randrange(1, len(placed))
        self.press(line, kill=kill, do=f"up:{placed[at]}")
        placed.insert(at - 1, placed.pop(at))
        line.order = placed


def the_matrix(place: Installation) -> dict[MandateId, dict[str, Any]]:
    """Give the matrix as the services have it, with what was last told of each series."""

    async def work(transaction: Transaction, _: Journal) -> dict[MandateId, dict[str, Any]]:
        return {
            row.mandate.mandate: {
                "places": [(p.key, p.standing) for p in row.series.places],
                "others": {other.key: other.standing for other in row.series.others},
                "missing alt": row.series.missing_alt,
                "done": row.series.arrangement.done is not None,
                "released": row.series.arrangement.released,
            }
            for row in await matrix(transaction, CAMPAIGN)
        }

    found = in_transaction(place, work)
    for mandate, line in found.items():
        told = announced(place, mandate)
        line["told"] = [
            f"{p['item']}#{p['attachment']}" if p.get("attachment") else p["item"]
            for p in told.get("photos", [])
        ]
        assert told.get("released", False) == line["released"]
    return found


def announced(place: Installation, mandate: MandateId) -> dict[str, Any]:
    rows = place.rows(
        """select data from ingest.event where subject = %s and topic = 'series'
           order by version desc limit 1""",
        f"series-{mandate}",
    )
    return cast("dict[str, Any]", rows[0][0]) if rows else {}


def the_version(place: Installation, line: Line) -> int:
    [[version]] = place.rows(
        "select (arrangement->>'version')::int from ingest.series where mandate = %s", line.mandate
    )
    return int(str(version))


def links_of(place: Installation, curators: Sequence[CuratorId]) -> dict[CuratorId, str]:
    async def work(transaction: Transaction, _: Journal) -> dict[CuratorId, str]:
        links = Links(place.environment["DICHTBIJ_RECEIPT_KEY"])
        return {
            curator: links.token(await links.make(transaction, "curator", curator))
            for curator in curators
        }

    return in_transaction(place, work)


def a_scene(place: Installation, processes: list[Process], curators: int, seed: int) -> Scene:
    """Plan a series for each curator, and let nothing have come yet."""
    originals, copies = stored(place)
    known = [CuratorId(f"k-{n:02}") for n in range(curators)]
    commission(place, *map(a_mandate, known))
    tellers = [
        Teller(Line(c, MandateId(f"m-{c}")), BEGINS, originals, copies, Random(f"{seed}{c}"))
        for c in known
    ]
    stream, web = processes
    return Scene(place, stream, web, tellers, links_of(place, known), Random(seed))
