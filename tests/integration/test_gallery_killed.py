"""A series and a stream process that is killed in the middle of it: all or nothing, always."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.builders import an_item_id
from tests.installation import Installation, deliver
from tests.integration.gallery_room import MANDATE, Room, opened
from tests.integration.processes import Process, until_true

#: Files of each photo: enough that a kill hits between the first copy and the last.
FILES = 24


@pytest.fixture
async def room(fresh_installation: Installation) -> AsyncIterator[Room]:
    async with opened(fresh_installation) as room:
        yield room


async def test_a_stream_killed_while_it_publishes_a_series_shows_all_of_it_after_a_restart(
    room: Room, tmp_path: Path
) -> None:
    items = [an_item_id() for _ in range(5)]
    facts = [(room.series(items, 1).data, f"series-{MANDATE}", 1)]
    for item in items:
        words = [f"{item} {n}".encode() for n in range(FILES)]
        cleared = await room.in_series(item, 1, attachments=(await room.photo(*words),))
        facts.append((cleared.data, item, 1))
    await deliver(room.installation, *facts)
    stream = Process(
        tmp_path / "stream.log",
        room.installation.environment,
        "-m",
        "services",
        "gallery",
        "stream",
    )

    async def copying() -> bool:
        return bool(await room.deps.objects.keys("public", "i/"))

    async def whole() -> bool:
        seen = await room.listed()
        assert seen in ([], items)
        return seen == items

    try:
        stream.start()
        await until_true(copying, "the first file is copied")
        stream.kill()
        killed_in_between = not await whole()
        stream.start()
        await until_true(whole, "the series is in view")
    finally:
        stream.stop()
    assert killed_in_between
    told = room.installation.rows(
        "select 1 from gallery.event where type = 'dichtbij.series.published.v1'"
    )
    assert len(told) == 1
    await asyncio.gather(*(_is_shown_once(room, item) for item in items))


async def _is_shown_once(room: Room, item: str) -> None:
    assert room.said(item) == ["published"]
    assert len(await room.deps.objects.keys("public", f"i/{item}/")) == FILES
