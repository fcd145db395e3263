"""Series on the real database: arranging, releasing, deadlines, and changes at the same moment."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.chassis.database import Database
from services.chassis.journal import Journal
from services.contracts.ids import CuratorId, ItemId, MandateId, SourceId
from services.contracts.ingest import Attribution, Crop, Item, SeriesTerms
from services.contracts.moderation import ReviewDecided
from services.ingest.domain.arrangement import EmptySeriesError
from services.ingest.domain.item import Accept, Retract
from services.ingest.domain.mandate import Mandate, Show, Stop
from services.ingest.domain.series import Series
from services.ingest.store.counting import recount
from services.ingest.store.items import load_item, note_review, settle
from services.ingest.store.mandates import change_mandate, find_mandate
from services.ingest.store.permissions import hear_parents, take_back_use
from services.ingest.store.series import (
    ArrangementConflictError,
    arrange,
    due_series,
    matrix,
    read_series,
    release_partly,
    settle_all_series,
    settle_series,
    settle_series_of,
)
from tests.builders import CAMPAIGN, MOMENT, a_consent, an_attachment, an_item
from tests.installation import Installation
from tests.integration.series_scene import (
    BEGINS,
    CAMPAIGN_FILE,
    CAUSE,
    a_mandate,
    announced,
    commission,
)

FATIMA = CuratorId("k-fatima")
MINE = MandateId("m-k-fatima")
SOURCE = SourceId("bollekesfeest/upload")
THREE = SeriesTerms(places=3, deadline=BEGINS + timedelta(days=10))


class Room:
    """A curator with three places, and those who give, decide and take back."""

    def __init__(self, place: Installation) -> None:
        self.place = place
        self.database = Database("ingest", place.settings)
        self.journal = Journal("ingest")
        self.given = 0

    async def give(self, *marks: str, **changes: Any) -> ItemId:
        """Give an item with a photo for each mark; "" stands for none."""
        self.given += 1
        originals = [f"{self.given:032x}{n:032x}" for n in range(len(marks) or 1)]
        attachments = tuple(an_attachment(original=original) for original in originals)
        item = an_item(
            attachments=attachments,
            effective_at=MOMENT + timedelta(minutes=self.given),
            attribution=Attribution(mandate=MINE, curator=FATIMA, lane="counted", in_series=True),
        ).model_copy(update=changes)
        async with self.database.transaction() as transaction:
            for original, mark in zip(originals, marks, strict=False):
                facts = f'{{"mark": "{mark}"}}' if mark else "{}"
                await transaction.execute(
                    """insert into original (sha256, media_type, size, facts)
                       values (%s, 'image/jpeg', 1, %s)""",
                    [original, facts],
                )
            await self._settle(transaction, item)
        return item.item

    async def _settle(self, transaction: Any, item: Item) -> None:
        state = await load_item(transaction, item.item, CAMPAIGN)
        await settle(transaction, self.journal, state, Accept(item), SOURCE, CAUSE)
        await settle_all_series(transaction, self.journal, [MINE], CAUSE)

    async def take_back(self, item: ItemId) -> None:
        async with self.database.transaction() as transaction:
            state = await load_item(transaction, item, CAMPAIGN)
            await settle(transaction, self.journal, state, Retract("author"), SOURCE, CAUSE)
            await settle_all_series(transaction, self.journal, [MINE], CAUSE)

    async def decide(
        self, item: ItemId, after: Any = "approved", version: int = 2, people: Any = None
    ) -> None:
        decided = ReviewDecided(
            item=item, campaign=CAMPAIGN, before="pending", after=after, people=people
        )
        async with self.database.transaction() as transaction:
            await note_review(transaction, item, version, after, decided, MOMENT)
            await settle_series_of(transaction, self.journal, item, CAUSE)

    async def mandate(self) -> Mandate:
        async with self.database.transaction() as transaction:
            found = await find_mandate(transaction, MINE)
        assert found is not None
        return found

    async def arrange(self, seen: int, **wish: Any) -> Series:
        mandate = await self.mandate()
        async with self.database.transaction() as transaction:
            return await arrange(
                transaction, self.journal, mandate, seen_version=seen, cause=CAUSE, **wish
            )

    async def series(self) -> Series:
        mandate = await self.mandate()
        async with self.database.transaction() as transaction:
            return (await read_series(transaction, mandate))[0]

    def told(self) -> list[dict[str, Any]]:
        rows = self.place.rows(
            "select data from ingest.event where subject = %s order by version", f"series-{MINE}"
        )
        return [row[0] for row in rows]  # type: ignore[misc]


@pytest.fixture
async def room(unheard_installation: Installation, tmp_path: Path) -> AsyncGenerator[Room]:
    (tmp_path / "campaign.yaml").write_text(CAMPAIGN_FILE)
    answer = unheard_installation.command("campaign", "apply", str(tmp_path / "campaign.yaml"))
    assert answer.returncode == 0, answer.stderr
    await asyncio.to_thread(commission, unheard_installation, a_mandate(FATIMA, series=THREE))
    room = Room(unheard_installation)
    await room.database.open()
    yield room
    await room.database.close()


def placed(series: Series) -> list[str | None]:
    return [place.key for place in series.places]


async def test_a_series_is_told_when_it_differs_and_at_no_other_time(room: Room) -> None:
    first, second = await room.give(), await room.give()
    assert room.told() == []
    await room.decide(first)
    await room.decide(first)
    await room.decide(first, "rejected", version=1)
    assert [len(told["photos"]) for told in room.told()] == [1]
    await room.decide(second)
    await room.take_back(first)
    assert [[p["item"] for p in told.get("photos", [])] for told in room.told()] == [
        [first],
        [first, second],
        [second],
    ]
    assert not any(told.get("released") for told in room.told())


async def test_the_last_approval_lets_a_series_out_as_one_whole(room: Room) -> None:
    items = [await room.give() for _ in range(4)]
    crop = Crop(x=0, y=0.2, width=1, height=0.5)
    await room.arrange(0, order=items[::-1], cover=items[2], crops={items[3]: crop}, done=True)
    for item in items[1:]:
        await room.decide(item)
    *before, last = room.told()
    assert not any(told.get("released") for told in before)
    assert [photo["item"] for photo in last["photos"]] == [items[3], items[2], items[1]]
    assert (last["cover"], last["released"]) == (items[2], True)
    assert last["photos"][0]["wide"] == {"x": 0, "y": 0.2, "width": 1, "height": 0.5}
    assert announced(room.place, MINE) == last


async def test_two_people_with_one_link_do_not_overwrite_each_other(room: Room) -> None:
    first, second = await room.give(), await room.give()
    await room.arrange(0, order=[second, first])
    with pytest.raises(ArrangementConflictError) as refused:
        await room.arrange(0, order=[first, second], cover=first)
    assert refused.value.now.order == (second, first)
    series = await room.series()
    assert (placed(series)[:2], series.arrangement.cover) == ([second, first], None)
    results = await asyncio.gather(
        *(room.arrange(1, cover=item) for item in (first, second)), return_exceptions=True
    )
    assert sum(isinstance(result, ArrangementConflictError) for result in results) == 1


async def test_what_happens_at_the_same_moment_is_all_counted(room: Room) -> None:
    items = await asyncio.gather(*(room.give() for _ in range(6)))
    await asyncio.gather(
        *(room.decide(item) for item in items[:4]),
        *(room.take_back(item) for item in items[4:]),
        room.arrange(0, done=True),
    )
    series = await room.series()
    last = announced(room.place, MINE)
    assert [photo["item"] for photo in last["photos"]] == [place.item for place in series.places]
    assert (series.approved, last["released"]) == (3, True)
    assert sorted(other.standing for other in series.others) == ["spare", "withdrawn", "withdrawn"]


async def test_a_decision_follows_its_item_to_another_mandate(room: Room) -> None:
    """While one counts an item for another mandate, the other waits and then finds it there."""
    other = a_mandate(CuratorId("k-jef"), series=THREE)
    await asyncio.to_thread(commission, room.place, other)
    item = await room.give()
    moving, decided = asyncio.Event(), asyncio.Event()

    async def move() -> None:
        async with room.database.transaction() as transaction:
            await transaction.execute(
                "update item set mandate = %s where item = %s", [other.mandate, item]
            )
            moving.set()
            await asyncio.sleep(0.3)
            await settle_all_series(transaction, room.journal, [MINE, other.mandate], CAUSE)
        decided.set()

    async def decide() -> None:
        await moving.wait()
        await room.decide(item)
        assert decided.is_set()

    await asyncio.gather(move(), decide())
    assert [p["item"] for p in announced(room.place, other.mandate)["photos"]] == [item]
    assert room.told() == []


async def test_a_part_is_let_out_by_choice_and_the_rest_joins(room: Room) -> None:
    first, second = await room.give(), await room.give()
    mandate = await room.mandate()
    with pytest.raises(EmptySeriesError):
        async with room.database.transaction() as transaction:
            await release_partly(transaction, room.journal, mandate, CAUSE)
    await room.decide(first)
    for _ in range(2):
        async with room.database.transaction() as transaction:
            await release_partly(transaction, room.journal, mandate, CAUSE)
    last = announced(room.place, MINE)
    assert (last["released"], last["partial"], len(last["photos"])) == (True, True, 1)
    assert len(room.told()) == 2
    await room.decide(second)
    assert [photo["item"] for photo in announced(room.place, MINE)["photos"]] == [first, second]


async def _ends(room: Room, at: datetime) -> None:
    """Move the deadline, as if time had passed."""
    room.place.rows(
        "update ingest.mandate set series = jsonb_set(series, '{deadline}', to_jsonb(%s::text))",
        at.isoformat(),
    )
    room.place.rows("update ingest.series set updated_at = %s", at - timedelta(hours=1))


async def _tick(room: Room) -> list[MandateId]:
    async with room.database.transaction() as transaction:
        due = await due_series(transaction)
        await settle_all_series(transaction, room.journal, due, CAUSE)
    return due


async def test_at_its_deadline_a_full_series_is_let_out_though_nobody_said_that_it_is_ready(
    room: Room,
) -> None:
    for _ in range(3):
        await room.decide(await room.give())
    assert await _tick(room) == []
    assert not announced(room.place, MINE).get("released")
    await _ends(room, datetime.now(UTC) - timedelta(seconds=1))
    assert await _tick(room) == [MINE]
    assert announced(room.place, MINE)["released"]
    assert await _tick(room) == []


async def test_at_its_deadline_a_series_that_misses_a_photo_waits_for_somebodys_choice(
    room: Room,
) -> None:
    items = [await room.give() for _ in range(3)]
    for item in items[:2]:
        await room.decide(item)
    await _ends(room, datetime.now(UTC) - timedelta(seconds=1))
    assert await _tick(room) == [MINE]
    assert not announced(room.place, MINE).get("released")
    # It was given in time and is judged late: it completes the series all the same.
    await room.decide(items[2])
    assert announced(room.place, MINE)["released"]


async def test_a_series_of_a_mandate_that_was_stopped_waits_until_it_may_be_shown(
    room: Room,
) -> None:
    items = [await room.give() for _ in range(3)]
    await room.arrange(0, done=True)

    async def change(command: Any) -> None:
        mandate = await room.mandate()
        async with room.database.transaction() as transaction:
            await change_mandate(transaction, room.journal, mandate, command, CAUSE)
            for known in (MINE,):
                await settle_series(transaction, room.journal, known, CAUSE)

    await change(Stop(hide=True))
    for item in items:
        await room.decide(item)
    assert not announced(room.place, MINE).get("released")
    await change(Show())
    assert announced(room.place, MINE)["released"]


@pytest.mark.parametrize("told_by", ["giver", "moderator"])
async def test_an_approved_photo_that_may_not_be_shown_keeps_no_series_waiting(
    room: Room, told_by: str
) -> None:
    child = await room.give(consent=a_consent(minor=told_by == "giver"))
    rest = [await room.give() for _ in range(2)]
    await room.arrange(0, done=True)
    await room.decide(child, people="child" if told_by == "moderator" else None)
    for item in rest:
        await room.decide(item)
    assert placed(await room.series()) == [*rest, None]
    assert not announced(room.place, MINE).get("released")

    async with room.database.transaction() as transaction:
        assert await hear_parents(transaction, room.journal, child, CAUSE)
    last = announced(room.place, MINE)
    assert ([p["item"] for p in last["photos"]], last["released"]) == ([child, *rest], True)


async def test_a_spare_moves_up_when_a_photo_may_be_shown_no_longer(room: Room) -> None:
    items = [await room.give() for _ in range(4)]
    await room.arrange(0, done=True)
    for item in items:
        await room.decide(item)

    async with room.database.transaction() as transaction:
        now = datetime.now(UTC)
        await take_back_use(transaction, room.journal, items[0], "tv", now, CAUSE)
        assert placed(await room.series()) == items[:3]
        assert await take_back_use(transaction, room.journal, items[0], "web", now, CAUSE)
    last = announced(room.place, MINE)
    assert [photo["item"] for photo in last["photos"]] == items[1:]
    [other] = (await room.series()).others
    assert (other.item, other.standing) == (items[0], "kept-back")


async def test_the_clock_notices_that_a_consent_has_lapsed(room: Room) -> None:
    lapses = datetime.now(UTC) + timedelta(days=30)
    items = [await room.give(consent=a_consent(until=lapses)), *[await room.give() for _ in "abc"]]
    await room.arrange(0, done=True)
    for item in items:
        await room.decide(item)
    assert await _tick(room) == []
    assert room.place.rows("select lapses_at from ingest.series") == [(lapses,)]

    past = datetime.now(UTC) - timedelta(seconds=1)
    room.place.rows(
        """update ingest.consent set grants = jsonb_set(grants, '{0,until}', to_jsonb(%s::text))
           where item = %s""",
        past.isoformat(),
        items[0],
    )
    room.place.rows("update ingest.series set lapses_at = %s", past)
    assert await _tick(room) == [MINE]
    assert [p["item"] for p in announced(room.place, MINE)["photos"]] == items[1:]
    assert await _tick(room) == []


async def test_a_consent_is_taken_back_while_a_new_version_of_its_item_is_settled(
    room: Room,
) -> None:
    """Both take the item before its consent, so neither waits for the other for ever."""
    item = await room.give()
    holding = asyncio.Event()

    async def mend() -> None:
        async with room.database.transaction() as transaction:
            state = await load_item(transaction, item, CAMPAIGN)
            assert state.content is not None
            holding.set()
            await asyncio.sleep(0.3)
            change = {"revision": 2, "consent": a_consent(channels=("web", "print"))}
            mended = Accept(state.content.model_copy(update=change))
            await settle(transaction, room.journal, state, mended, SOURCE, CAUSE)
            await settle_all_series(transaction, room.journal, [MINE], CAUSE)

    async def take() -> None:
        await holding.wait()
        async with room.database.transaction() as transaction:
            now = datetime.now(UTC)
            assert await take_back_use(transaction, room.journal, item, "print", now, CAUSE)

    await asyncio.gather(mend(), take())
    assert placed(await room.series()) == [item, None, None]


async def test_photos_that_show_the_same_are_doubles_and_both_are_kept(room: Room) -> None:
    first = await room.give("00000000000000ff")
    second = await room.give("00000000000000fe")
    old = await room.give("")
    series = await room.series()
    assert placed(series) == [first, old, None]
    [double] = series.others
    assert (double.key, double.standing, double.double_of) == (second, "double", first)
    await room.arrange(0, apart=[second])
    assert placed(await room.series()) == [first, second, old]
    await room.arrange(1, apart=[])
    await room.take_back(first)
    assert placed(await room.series()) == [second, old, None]


async def test_each_photo_of_an_album_counts_and_a_text_does_not(room: Room) -> None:
    album = await room.give("", "")
    await room.give(attachments=(), kind="text")
    assert placed(await room.series()) == [album, f"{album}#1", None]
    await room.decide(album)
    assert [p.get("attachment", 0) for p in announced(room.place, MINE)["photos"]] == [0, 1]
    await room.take_back(album)
    series = await room.series()
    assert [(other.key, other.standing) for other in series.others] == [(album, "withdrawn")]


async def test_the_matrix_shows_quotas_too_and_leaves_out_who_has_neither(room: Room) -> None:
    quota = a_mandate(CuratorId("k-jef"), series=None, quota=2)
    free = a_mandate(CuratorId("k-amina"), series=None)
    await asyncio.to_thread(commission, room.place, quota, free)
    item = await room.give()
    async with room.database.transaction() as transaction:
        await recount(transaction, room.journal, CAMPAIGN, CAUSE)
        rows = {row.mandate.mandate: row for row in await matrix(transaction, CAMPAIGN)}
        everything, _ = await read_series(transaction, free)
    # What was given to nobody's link or account counts for nobody.
    assert rows.keys() == {MINE, quota.mandate}
    assert (rows[MINE].deadline, rows[MINE].photos) == (THREE.deadline, {})
    assert [len(row.series.places) for row in rows.values()] in ([3, 2], [2, 3])
    assert everything.places == ()
    assert room.place.rows("select lane from ingest.item where item = %s", item) == [("open",)]
