"""Live changes on the real database and broker: nothing missed, nobody waited for."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from services.chassis.kafka import Relay
from services.chassis.service import serve
from services.gallery import app
from services.gallery.api.changes import MOST_WAITING, Changes, Watcher
from tests.builders import CAMPAIGN, an_item_id
from tests.installation import Installation
from tests.integration.gallery_room import Room, opened


@pytest.fixture
async def room(fresh_installation: Installation) -> AsyncIterator[Room]:
    async with opened(fresh_installation) as room:
        yield room


@asynccontextmanager
async def listening(room: Room) -> AsyncGenerator[str]:
    """Serve the site on a port of the loopback, as its process does."""
    server = serve(room.site, room.settings.model_copy(update={"port": 0}))
    server.config.lifespan = "off"
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn offers nothing to wait for
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await running


async def told(lines: AsyncIterator[str], number: int) -> list[tuple[int, str]]:
    """Read so many events: their ids and kinds."""
    found: list[tuple[int, str]] = []
    version = 0
    async with asyncio.timeout(30):
        async for line in lines:
            if line.startswith("id: "):
                version = int(line[4:])
            if line.startswith("event: "):
                found.append((version, line[7:]))
            if len(found) == number:
                break
    return found


async def test_a_reader_who_was_away_is_told_what_it_missed_and_then_what_happens(
    room: Room,
) -> None:
    kept, taken = an_item_id(), an_item_id()
    await room.clear(kept, 1)
    version = (await room.get(f"/g/{CAMPAIGN}.json")).json()["version"]
    await room.clear(taken, 1)
    await room.hear(room.revocation(taken, 2))
    relay = Relay(room.deps.database, room.deps.journal, room.settings)
    relaying = asyncio.create_task(relay.run())

    async with listening(room) as url, httpx.AsyncClient(base_url=url, timeout=30) as browser:
        resumed = {"last-event-id": str(version)}
        async with browser.stream("GET", f"/g/{CAMPAIGN}/live", headers=resumed) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            lines = stream.aiter_lines()
            assert await told(lines, 1) == [(version + 2, "unpublished")]
            await room.clear(an_item_id(), 1)
            assert await told(lines, 1) == [(version + 3, "published")]

    relaying.cancel()
    await asyncio.wait([relaying])


async def test_a_watcher_that_does_not_keep_up_is_dropped_and_nobody_waits_for_it(
    room: Room,
) -> None:
    changes = Changes(room.deps.database, most=5)
    with changes.watch(CAMPAIGN, 0) as stalled, changes.watch(CAMPAIGN, 0) as brisk:
        for _ in range(MOST_WAITING + 1):
            await room.clear(an_item_id(), 1)
            await changes.tell(CAMPAIGN)
            assert await brisk.next(1)

        assert stalled.dropped.is_set()
        assert not brisk.dropped.is_set()
        # What it was told last tells where to resume: nothing after it was skipped.
        assert _positions(stalled) == list(range(2, MOST_WAITING + 2))


def _positions(watcher: Watcher) -> list[int]:
    return [watcher.waiting.get_nowait().position for _ in range(watcher.waiting.qsize())]


async def test_more_watchers_than_allowed_are_sent_away(room: Room) -> None:
    site = app.new_app(room.settings.model_copy(update={"gallery_live_connections": 1}))
    transport = httpx.ASGITransport(site)
    async with (
        site.router.lifespan_context(site),
        httpx.AsyncClient(transport=transport, base_url="http://gallery.test") as reader,
    ):
        with site.state.parts.changes.watch(CAMPAIGN, 0):
            answer = await reader.get(f"/g/{CAMPAIGN}/live")

    assert answer.status_code == 503
    assert answer.json()["code"] == "too-many-watchers"
