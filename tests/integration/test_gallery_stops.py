"""Emergency stops on the real database and bucket: all of a mandate goes at once, and returns."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.chassis.objects import Bucket, ObjectStore
from services.contracts.ids import ItemId
from tests.builders import CAMPAIGN, an_item_id
from tests.installation import Installation, deliver
from tests.integration.gallery_room import MANDATE, Room, address, opened
from tests.integration.processes import Process, until_true

#: What is told of an item that was in view and went, whatever said first that it should.
GONE = ["published", "unpublished", "purged"]


@pytest.fixture
async def room(fresh_installation: Installation) -> AsyncIterator[Room]:
    async with opened(fresh_installation) as room:
        await room.hear(room.mandate())
        yield room


async def shown(room: Room, number: int = 1) -> list[ItemId]:
    """Have so many photos of the mandate in view, the newest first."""
    items = [an_item_id() for _ in range(number)]
    for n, item in enumerate(items):
        await room.clear(item, 1, item.encode(), mandate=MANDATE, hours=-n)
    return items


async def stop(room: Room, version: int = 2) -> None:
    await room.hear(room.mandate(version, state="stopped", hidden=True))


async def show_again(room: Room, version: int = 3) -> None:
    await room.hear(room.mandate(version, state="stopped"))


async def files(room: Room, item: str) -> int:
    return len(await room.deps.objects.keys("public", f"i/{item}/"))


class _Copying(ObjectStore):
    """A bucket whose copies wait until somebody lets them go on."""

    begun: asyncio.Event
    go_on: asyncio.Event

    async def copy(self, source: tuple[Bucket, str], target: tuple[Bucket, str]) -> None:
        self.begun.set()
        await self.go_on.wait()
        await super().copy(source, target)


@pytest.fixture
async def copying(room: Room) -> AsyncIterator[_Copying]:
    slow = _Copying(room.settings)
    slow.begun, slow.go_on = asyncio.Event(), asyncio.Event()
    yield slow
    slow.close()


async def test_300_items_go_in_one_transaction_before_any_is_revoked(room: Room) -> None:
    items = await shown(room, 300)
    other = an_item_id()
    await room.clear(other, 1, b"wide")
    version = (await room.get(f"/g/{CAMPAIGN}.json")).json()["version"]
    changes = room.site.state.parts.changes

    with changes.watch(CAMPAIGN, version) as watcher:
        async with asyncio.timeout(5):
            await stop(room)
            await changes.tell(CAMPAIGN)
        told = await watcher.next(1)

    assert not watcher.dropped.is_set()
    assert {change.item for change in told} == set(items)
    gallery = f"/g/{CAMPAIGN}"
    pages = (gallery, f"{gallery}.json", f"{gallery}?page=2", f"{gallery}/t/{MANDATE}")
    for path in (*pages, f"/embed/{CAMPAIGN}"):
        answer = await room.get(path)
        assert not any(item in answer.text for item in items), path
    assert await room.listed() == [other]
    for path in (f"{gallery}/i/{items[0]}", address(items[0], items[0].encode())):
        assert (await room.get(path)).status_code == 410
    rows = room.installation.rows(
        """select count(*), count(distinct xmin::text), min(data ->> 'reason')
           from gallery.event where type = 'dichtbij.item.unpublished.v1'"""
    )
    assert rows == [(300, 1, "mandate-stopped")]


async def test_the_files_go_after_it_and_each_is_told_of_once(room: Room) -> None:
    items = await shown(room, 20)
    text = an_item_id()
    await room.clear(text, 1, mandate=MANDATE)
    await stop(room)
    assert room.said(items[0]) == GONE[:2]

    await asyncio.gather(room.settle(), room.settle(), room.settle())
    for version in (2, 2, 4):
        for item in (*items, text):
            await room.hear(room.revocation(item, version, "mandate-stopped"))
    await stop(room)
    await room.settle()

    for item in (*items, text):
        assert room.said(item) == GONE
        assert await files(room, item) == 0
    purged = room.installation.rows(
        "select data from gallery.event where subject = %s and type like '%%purged%%'", items[0]
    )
    assert purged == [({"item": items[0], "campaign": CAMPAIGN, "deleted": 1, "absent": 0},)]
    rows = room.installation.rows("select count(*) from gallery.placement where content is null")
    assert rows == [(21,)]


@pytest.mark.parametrize("order", list(itertools.permutations(("stop", "revoked", "settle"))))
async def test_whatever_comes_first_and_twice_it_goes_once(
    installation: Installation, order: tuple[str, ...]
) -> None:
    async with opened(installation) as room:
        mandate, item = f"m-{'-'.join(order)}", an_item_id()
        await room.hear(room.mandate(mandate=mandate))
        await room.clear(item, 1, b"wide", mandate=mandate)
        for step in [*order, *order]:
            if step == "settle":
                await room.settle()
            elif step == "stop":
                said = room.mandate(2, mandate=mandate, state="stopped", hidden=True)
                await room.hear(said)
                # What is late is no news.
                await room.hear(room.mandate(1, mandate=mandate))
            else:
                await room.hear(room.revocation(item, 2, "mandate-stopped"))

        assert item not in await room.listed()
        assert room.said(item) == GONE
        assert await files(room, item) == 0


async def test_what_is_cleared_while_its_mandate_is_stopped_stays_out_until_it_is_shown_again(
    room: Room, copying: _Copying
) -> None:
    await stop(room)
    item, text = an_item_id(), an_item_id()
    deps = room.deps
    room.deps = replace(deps, objects=copying)
    await room.clear(item, 1, b"wide", mandate=MANDATE)
    await room.clear(text, 1, mandate=MANDATE)
    room.deps = deps
    # No file was public, not even for a moment.
    assert not copying.begun.is_set()
    await room.settle()

    assert await room.listed() == []
    assert (await room.get(f"/g/{CAMPAIGN}/i/{item}")).status_code == 404
    assert (await files(room, item), room.said(item), room.said(text)) == (0, [], [])

    await show_again(room)
    await room.settle()

    assert set(await room.listed()) == {item, text}
    assert (room.said(item), await files(room, item)) == (["published"], 1)


async def test_what_moderation_clears_after_the_mandate_is_shown_again_comes_back(
    room: Room,
) -> None:
    items = await shown(room, 3)
    await stop(room)
    for item in items:
        await room.hear(room.revocation(item, 2, "mandate-stopped"))
    # One clearance overtakes the word that the mandate is shown again.
    await room.clear(items[0], 3, b"new", mandate=MANDATE)
    await room.settle()
    assert await room.listed() == []

    await show_again(room)
    await room.settle()
    await room.clear(items[1], 3, b"new", mandate=MANDATE)
    await room.hear(room.revocation(items[1], 2, "mandate-stopped"))

    assert set(await room.listed()) == set(items[:2])
    for item in items[:2]:
        assert room.said(item) == [*GONE, "published"]
        assert await files(room, item) == 1
    # The third did not please moderation again.
    assert room.said(items[2]) == GONE


@pytest.mark.parametrize("purged", [False, True])
async def test_a_stop_that_moderation_never_noticed_loses_nothing(
    room: Room, *, purged: bool
) -> None:
    items = await shown(room, 3)
    await stop(room)
    if purged:
        await room.settle()

    await show_again(room)
    await room.settle()

    assert await room.listed() == items
    for item in items:
        assert room.said(item) == ([*GONE, "published"] if purged else [*GONE[:2], "published"])
        assert (await room.get(address(item, item.encode()))).status_code == 200


async def test_a_series_that_is_stopped_goes_and_comes_back_whole(room: Room) -> None:
    items = [an_item_id() for _ in range(3)]
    last = an_item_id()
    await room.show_series(items)

    await stop(room)
    assert await room.listed() == []
    await room.settle()
    await room.hear(room.series([*items, last], 2))
    await room.hear(await room.in_series(last, 1))
    await room.settle()
    assert await room.listed() == []
    for item in (*items, last):
        assert await files(room, item) == 0

    await show_again(room)
    await room.settle()
    await room.settle()

    assert await room.listed() == [*items, last]
    assert room.said(items[0]) == [*GONE, "published"]
    told = room.installation.rows(
        "select 1 from gallery.event where type = 'dichtbij.series.published.v1'"
    )
    assert len(told) == 2


async def test_a_stop_waits_for_no_file_and_what_was_on_its_way_is_not_shown(
    room: Room, copying: _Copying
) -> None:
    [edited, whole] = await shown(room, 2)
    fresh, of_series = an_item_id(), an_item_id()
    await room.hear(room.series([of_series], 1))
    deps = room.deps
    room.deps = replace(deps, objects=copying)
    renditions = await room.photo(b"other")
    coming = [
        asyncio.create_task(
            room.clear(item, 2, mandate=MANDATE, kind="photo", attachments=(renditions,))
        )
        for item in (edited, fresh)
    ]
    coming.append(asyncio.create_task(room.hear(await room.in_series(of_series, 1))))
    await copying.begun.wait()
    await asyncio.sleep(0.3)
    room.deps = deps

    async with asyncio.timeout(5):
        await stop(room)

    # The one that is being changed goes as soon as it can be.
    assert whole not in await room.listed()
    copying.go_on.set()
    await asyncio.gather(*coming)
    assert await room.listed() == []
    await room.settle()
    assert room.said(edited) == GONE
    assert (room.said(fresh), room.said(of_series)) == ([], [])
    for item in (edited, whole, fresh, of_series):
        assert await files(room, item) == 0
    await show_again(room)
    await room.settle()
    assert set(await room.listed()) == {edited, whole, fresh, of_series}


async def test_what_could_not_be_hidden_with_the_others_is_hidden_by_the_clock(room: Room) -> None:
    [locked, free] = await shown(room, 2)
    async with room.deps.database.transaction() as tx:
        await tx.execute("select 1 from placement where item = %s for update", [locked])
        async with asyncio.timeout(5):
            await stop(room)
        assert await room.listed() == [locked]

    await room.settle()

    assert await room.listed() == []
    assert [room.said(item) for item in (locked, free)] == [GONE, GONE]


async def test_while_s3_is_away_a_stop_hides_all_the_same_and_purges_later(room: Room) -> None:
    items = await shown(room, 3)
    away = ObjectStore(room.settings.model_copy(update={"s3_endpoint": "http://127.0.0.1:9"}))

    await stop(room)
    assert not await room.settle(replace(room.deps, objects=away))

    away.close()
    assert await room.listed() == []
    assert room.said(items[0]) == GONE[:2]
    assert await room.settle()
    for item in items:
        assert (room.said(item), await files(room, item)) == (GONE, 0)


async def test_a_stream_killed_while_it_purges_goes_on_after_a_restart(
    room: Room, tmp_path: Path
) -> None:
    items = await shown(room, 60)
    stopped = room.mandate(2, state="stopped", hidden=True)
    await deliver(room.installation, (stopped.data, MANDATE, 2))
    stream = Process(
        tmp_path / "stream.log",
        room.installation.environment,
        "-m",
        "services",
        "gallery",
        "stream",
    )

    async def left() -> list[str]:
        return await room.deps.objects.keys("public", "i/")

    async def purging() -> bool:
        return len(await left()) < len(items)

    async def purged() -> bool:
        assert await room.listed() == []
        return all(room.said(item)[-1] == "purged" for item in items)

    try:
        stream.start()
        await until_true(purging, "the first file is gone")
        stream.kill()
        assert await room.listed() == []
        killed_in_between = bool(await left())
        revoked = [(room.revocation(i, 2, "mandate-stopped").data, i, 2) for i in items]
        await deliver(room.installation, *revoked)
        stream.start()
        await until_true(purged, "all files are gone")

        async def forgotten() -> bool:
            kept = "select 1 from gallery.placement where content is not null"
            return not room.installation.rows(kept)

        await until_true(forgotten, "all was revoked")
    finally:
        stream.stop()
    assert killed_in_between
    assert await left() == []
    for item in items:
        assert room.said(item) == GONE
