"""How often items are shown, on the real database: counted without anybody, told in few words."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.chassis.database import Database
from services.gallery.api.showings import Tally
from services.gallery.stream.showings import tell_due
from tests.builders import CAMPAIGN, an_item_id
from tests.installation import Installation
from tests.integration.gallery_room import Room, address, opened


@pytest.fixture
async def room(fresh_installation: Installation) -> AsyncIterator[Room]:
    async with opened(fresh_installation) as room:
        yield room


def tally(room: Room) -> Tally:
    return room.site.state.parts.tally  # type: ignore[no-any-return]


def told(room: Room) -> list[tuple[str, int]]:
    rows = room.installation.rows(
        """select data->>'item', (data->>'times')::int from gallery.event
           where type = 'dichtbij.showings.counted.v1' order by subject, version"""
    )
    return [(str(item), int(times)) for item, times in rows]  # type: ignore[call-overload]


async def test_each_answer_with_a_photo_counts_whether_a_browser_kept_it_or_not(room: Room) -> None:
    item = an_item_id()
    await room.clear(item, 1, b"narrow", b"wide")

    first = await room.get(address(item, b"wide"))
    await room.get(address(item, b"narrow"))
    kept = await room.get(address(item, b"wide"), **{"if-none-match": first.headers["etag"]})
    page = await room.get(f"/g/{CAMPAIGN}/i/{item}", accept="text/html")
    await tally(room).write_down()

    assert (kept.status_code, page.status_code) == (304, 200)
    assert await tell_due(room.deps) == 1
    assert told(room) == [(item, 3)]
    assert room.installation.rows("select campaign from gallery.placement") == [(CAMPAIGN,)]


async def test_an_album_counts_by_its_first_photo_and_words_by_their_own_page(room: Room) -> None:
    album, words = an_item_id(), an_item_id()
    photos = (await room.photo(b"first"), await room.photo(b"second"))
    await room.clear(album, 1, kind="album", attachments=photos)
    await room.clear(words, 1, text="Wat een avond!")

    for content in (b"first", b"second"):
        assert (await room.get(address(album, content))).status_code == 200
    for _ in range(2):
        await room.get(f"/g/{CAMPAIGN}/i/{words}", accept="text/html")
    await room.get(f"/g/{CAMPAIGN}", accept="text/html")
    await tally(room).write_down()

    await tell_due(room.deps)
    assert sorted(told(room)) == sorted([(album, 1), (words, 2)])


async def test_what_was_taken_back_or_never_was_counts_nothing(room: Room) -> None:
    item = an_item_id()
    await room.clear(item, 1, b"wide")
    await room.hear(room.revocation(item, 2))

    assert (await room.get(address(item, b"wide"))).status_code == 410
    assert (await room.get(address(an_item_id(), b"wide"))).status_code == 404
    await room.get(f"/g/{CAMPAIGN}/i/{item}", accept="text/html")
    await tally(room).write_down()

    assert await tell_due(room.deps) == 0
    assert room.installation.rows("select * from gallery.showings") == []


async def test_a_total_is_told_again_when_it_grew_by_a_tenth_and_once_a_day_at_least(
    room: Room,
) -> None:
    item = an_item_id()
    await room.clear(item, 1, b"wide")

    async def shown(times: int, since: str) -> list[int]:
        """Show it so often, so long after it was last told; gives all totals that were told."""
        for _ in range(times):
            tally(room).count(item)
        await tally(room).write_down()
        room.installation.rows(
            "update gallery.showings set told_at = now() - %s::interval where told_at is not null",
            since,
        )
        await tell_due(room.deps)
        return [total for _, total in told(room)]

    assert await shown(100, "0 seconds") == [100]
    assert await shown(50, "30 seconds") == [100]
    assert await shown(0, "61 seconds") == [100, 150]
    assert await shown(14, "1 hour") == [100, 150]
    assert await shown(0, "25 hours") == [100, 150, 164]
    assert await shown(0, "25 hours") == [100, 150, 164]


async def test_processes_that_count_and_tell_at_once_lose_and_double_nothing(room: Room) -> None:
    items = [an_item_id() for _ in range(5)]
    for item in items:
        await room.clear(item, 1, b"wide")
    others = [Tally(room.deps.database) for _ in range(4)]

    for other in others:
        for item in reversed(items):
            other.count(item)
    await asyncio.gather(*(other.write_down() for other in others))
    counts = await asyncio.gather(*(tell_due(room.deps) for _ in range(4)))

    assert sum(counts) == len(items)
    assert sorted(told(room)) == sorted((item, 4) for item in items)


async def test_while_postgresql_is_away_what_was_counted_waits(room: Room) -> None:
    item = an_item_id()
    await room.clear(item, 1, b"wide")
    away = Database("gallery", room.settings)
    counting = Tally(away)
    counting.count(item)

    # Its pool was never opened: each attempt fails as on a server that is away.
    await counting.write_down()
    counting.count(item)
    await away.open()
    try:
        await counting.write_down()
    finally:
        await away.close()

    await tell_due(room.deps)
    assert told(room) == [(item, 2)]


async def test_a_process_that_is_told_to_stop_writes_down_what_it_counted(room: Room) -> None:
    item = an_item_id()
    await room.clear(item, 1, b"wide")
    counting = Tally(room.deps.database)
    running = asyncio.create_task(counting.run())
    await asyncio.sleep(0)
    counting.count(item)

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert room.installation.rows("select times from gallery.showings") == [(1,)]
