"""The clock of sources on a real database: what is asked while a campaign is live, and after."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import pytest

from services.chassis.database import Database
from services.chassis.journal import Cause, Journal
from services.chassis.objects import ObjectStore
from services.contracts.envelope import Envelope
from services.contracts.ids import CampaignId, ItemId, SourceId, item_id
from services.contracts.ingest import SubmissionReceived, SubmissionRetracted
from services.ingest.api.sources import sources_json
from services.ingest.connectors import CONNECTORS
from services.ingest.domain.campaign import read_campaign
from services.ingest.domain.connector import Fetched
from services.ingest.media import DecoderPool
from services.ingest.store.campaigns import apply_campaign
from services.ingest.store.items import hand_in
from services.ingest.store.originals import Darkroom
from services.ingest.store.sources import Source, lease_due_sources, list_sources
from services.ingest.store.withdrawals import withdraw_item
from services.ingest.stream import SUBSCRIPTIONS, Deps
from services.ingest.stream.polling import poll_once
from tests import photos
from tests.contract.simulators import MastodonSimulator, Post
from tests.installation import Installation

CAMPAIGN, SOURCE = CampaignId("kaai"), SourceId("kaai/stad")
PHOTO = "https://files.example/1.jpg"
CAUSE = Cause.by("test")


class Server(MastodonSimulator):
    """A server that has photos too."""

    def answer(self, url: str, headers: dict[str, str], /) -> Fetched:
        if url.startswith("https://files.example/"):
            return Fetched(url, 200, {}, photos.a_photo(640, 480, seed=3))
        return super().answer(url, headers)


@dataclass
class Room:
    """Ingest with one source, whose clock and stream are moved by hand."""

    place: Installation
    deps: Deps
    server: Server
    handled: set[str] = field(default_factory=set[str])

    async def turn(self, phase: str) -> None:
        """Let the campaign go into a phase."""
        campaign = read_campaign(
            {
                "campaign": CAMPAIGN,
                "phase": phase,
                "name": {"nl": "Kaai"},
                "window": {"from": "2026-01-01T00:00", "to": "2099-01-01T00:00"},
                "hashtags": [{"tag": "Bollekesfeest"}],
                "sources": [
                    {"source": "stad", "connector": "mastodon", "settings": self.server.settings}
                ],
            }
        )
        async with self.deps.database.transaction() as transaction:
            await apply_campaign(transaction, self.deps.journal, campaign, CAUSE)

    async def poll(self) -> Source | None:
        """Let the clock come by when the source is due, and the stream handle what was found."""
        self.place.rows("update ingest.source set next_poll_at = now() - interval '1 s'")
        async with self.deps.database.transaction() as transaction:
            due = await lease_due_sources(transaction, ["mastodon"], 5)
        for source in due:
            await poll_once(source, self.deps)
        await self._handle()
        return due[0] if due else None

    async def _handle(self) -> None:
        for (subject,) in self.place.rows(
            "select distinct subject from ingest.event where type like 'dichtbij.submission.%%'"
        ):
            async with self.deps.database.transaction() as transaction:
                told = await self.deps.journal.history(transaction, str(subject))
                for event in told:
                    if event.id not in self.handled:
                        handler = cast("Any", SUBSCRIPTIONS[type(event.data)])
                        await handler(event, transaction, self.deps)
                        self.handled.add(event.id)

    def let_rest(self) -> None:
        """Let the time pass after which posts are looked at again."""
        self.place.rows(
            "update ingest.source set checkpoint ="
            " regexp_replace(checkpoint::text, '\"checked\": \\d+', '\"checked\": 0', 'g')::jsonb"
        )

    def item(self, post: Post) -> ItemId:
        """Give the id of a post's item."""
        return item_id(CAMPAIGN, SOURCE, self.server.native_id(post))

    def standing(self, post: Post) -> tuple[object, ...]:
        """Give how a post's item stands, and its words."""
        rows = self.place.rows(
            "select life, reason, content->>'text' from ingest.item where item = %s",
            self.item(post),
        )
        return rows[0] if rows else ()

    async def told(self, post: Post) -> list[type]:
        """Give what stands in the log of a post, oldest first."""
        subject = f"submission-{self.item(post)}"
        async with self.deps.database.transaction() as transaction:
            history: list[Envelope[Any]] = await self.deps.journal.history(transaction, subject)
        return [type(event.data) for event in history]

    def seconds_until_next(self) -> float:
        """Give how long the source is left alone."""
        [[seconds]] = self.place.rows(
            "select extract(epoch from next_poll_at - now())::float8 from ingest.source"
        )
        assert isinstance(seconds, float)
        return seconds


@pytest.fixture
async def room(unheard_installation: Installation) -> AsyncIterator[Room]:
    settings = unheard_installation.settings
    database, server, objects = Database("ingest", settings), Server(), ObjectStore(settings)
    await database.open()
    none: Mapping[str, str | None] = {}
    try:
        async with DecoderPool(size=1) as decoders:
            darkroom, journal = Darkroom(objects, decoders), Journal("ingest")
            pen = cast("Any", None)  # No letter is written here.
            deps = Deps(database, journal, darkroom, none, CONNECTORS, server, pen, None)
            yield Room(unheard_installation, deps, server)
    finally:
        objects.close()
        await database.close()


@pytest.mark.parametrize("phase", ["paused", "closed", "archived"])
async def test_what_is_deleted_or_edited_there_is_so_here_after_the_campaign_too(
    room: Room, phase: str
) -> None:
    await room.turn("live")
    kept, lost = room.server.post(), room.server.post()
    await room.poll()
    assert (room.standing(kept)[0], room.standing(lost)[0]) == ("live", "live")

    await room.turn(phase)
    new = room.server.post("Meanwhile")
    room.server.delete(lost)
    room.server.edit(kept, "Beter")
    for _ in range(2):
        leased = await room.poll()
        assert leased is not None
        assert leased.phase == phase
        assert 299 < room.seconds_until_next() <= 300
        room.let_rest()

    assert room.standing(lost)[:2] == ("withdrawn", "source")
    assert room.standing(kept) == ("live", "", "Beter")
    assert await room.told(new) == []

    await room.turn("live")
    await room.poll()
    assert room.standing(new) == ("live", "", "Meanwhile 3")
    assert room.seconds_until_next() <= 60


async def test_a_source_of_which_nothing_is_here_is_left_alone(room: Room) -> None:
    await room.turn("live")
    only = room.server.post()
    await room.poll()
    await room.turn("draft")
    assert await room.poll() is None
    await room.turn("closed")
    assert await room.poll() is not None
    async with room.deps.database.transaction() as transaction:
        assert await withdraw_item(transaction, room.deps.journal, room.item(only), CAUSE)
    await room.poll()
    room.server.asked.clear()
    assert room.standing(only)[0] == "withdrawn"
    assert await room.poll() is None
    assert room.server.asked == []


async def test_who_looks_at_the_sources_is_told_that_this_one_is_only_asked_for_deletions(
    room: Room,
) -> None:
    needs, staff = cast("Any", room.deps), cast("Any", None)
    states: list[tuple[str, bool]] = []
    await room.turn("live")
    for phase in ("live", "closed", "draft"):
        if phase == "live":
            room.server.post()
        await room.turn(phase)
        await room.poll()
        [told] = await sources_json(staff, needs)
        states.append((told.state, told.only_deletions))
    assert states == [("ok", False), ("looking", True), ("resting", False)]

    # One that is asked and fails says so, since deletions are not noticed then.
    await room.turn("closed")
    room.server.body = b"<html>"
    await room.poll()
    [told] = await sources_json(staff, needs)
    assert (told.state, told.only_deletions) == ("degraded", True)
    assert told.detail.endswith(".")
    assert room.seconds_until_next() > 299


async def test_an_edit_of_what_its_giver_took_back_is_neither_fetched_nor_kept_nor_told(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    await room.turn("live")
    taken, other = room.server.post("Geheim"), room.server.post()
    taken.photo = PHOTO
    await room.poll()
    assert PHOTO in room.server.asked
    async with room.deps.database.transaction() as transaction:
        await withdraw_item(transaction, room.deps.journal, room.item(taken), CAUSE)
    await room.poll()
    assert room.standing(taken)[:2] == ("withdrawn", "author")

    room.server.asked.clear()
    capsys.readouterr()
    taken.photo = "https://files.example/2.jpg"
    for post in (taken, other):
        room.server.edit(post, "Nog geheimer")
    for _ in range(3):
        room.let_rest()
        await room.poll()

    assert await room.told(taken) == [SubmissionReceived, SubmissionRetracted]
    assert taken.photo not in room.server.asked
    assert room.place.rows("select count(*) from ingest.original") == [(1,)]
    assert room.standing(taken)[:2] == ("withdrawn", "author")
    assert room.standing(other) == ("live", "", "Nog geheimer")
    [[health, failures]] = room.place.rows("select health->>'state', failures from ingest.source")
    assert (health, failures) == ("ok", 0)
    # It is said once, by its id: the checkpoint moved past this version.
    said = capsys.readouterr()
    lines = [line for line in (said.out + said.err).splitlines() if "submission.left_out" in line]
    assert len(lines) == 1
    assert room.item(taken) in lines[0]
    assert "geheim" not in lines[0].lower()
    assert "noor" not in lines[0]


async def test_what_was_deleted_at_its_source_and_comes_back_stays_out_and_a_new_post_comes_in(
    room: Room,
) -> None:
    await room.turn("live")
    post = room.server.post()
    await room.poll()
    async with room.deps.database.transaction() as transaction:
        gone = SubmissionRetracted(
            item=room.item(post),
            campaign=CAMPAIGN,
            source=SOURCE,
            reason="source",
            observed_at=room.server.clock + timedelta(hours=1),
        )
        assert await hand_in(transaction, room.deps.journal, gone, CAUSE)
    room.server.edit(post, "Terug")
    again = room.server.post("Opnieuw")
    await room.poll()
    assert room.standing(post)[:2] == ("withdrawn", "source")
    assert room.standing(again)[0] == "live"


async def test_nobody_hands_in_a_version_of_what_was_taken_back(room: Room) -> None:
    await room.turn("live")
    post = room.server.post()
    await room.poll()
    database, journal = room.deps.database, room.deps.journal
    async with database.transaction() as transaction:
        [first] = await journal.history(transaction, f"submission-{room.item(post)}")
        edit = cast("SubmissionReceived", first.data).model_copy(update={"revision": 2**45})
        await withdraw_item(transaction, journal, room.item(post), CAUSE)
        assert not await hand_in(transaction, journal, edit, CAUSE)
    assert await room.told(post) == [SubmissionReceived, SubmissionRetracted]
    # What was never taken back goes in as often as it is given: an item may come back by it.
    other = room.server.post()
    await room.poll()
    async with database.transaction() as transaction:
        [first] = await journal.history(transaction, f"submission-{room.item(other)}")
        assert await hand_in(transaction, journal, cast("SubmissionReceived", first.data), CAUSE)
        assert [s.watched for s in await list_sources(transaction)] == [True]
