"""Galleries on the real database, bucket and broker: what appears, what vanishes, what is told."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from typing import Any

import httpx
import pytest

from services.chassis.database import Database
from services.chassis.journal import Journal
from services.chassis.kafka import Relay
from services.chassis.objects import ObjectStore, ObjectsUnavailableError
from services.chassis.service import serve
from services.contracts.envelope import Envelope
from services.contracts.ids import ItemId
from services.contracts.ingest import Attachment, Rendition
from services.contracts.moderation import ItemCleared, ItemRevoked
from services.gallery import app
from services.gallery.api.changes import MOST_WAITING, Changes, Watcher
from services.gallery.stream import SUBSCRIPTIONS, Deps
from tests.builders import CAMPAIGN, a_campaign, a_cleared_item, an_attachment, an_event, an_item_id
from tests.installation import Installation, environment

HOST = "https://magazine.example"


class Room:
    """A gallery service on the real parts: its handlers, its site, and what it keeps."""

    def __init__(self, installation: Installation) -> None:
        with environment(installation.environment):
            self.settings = app.settings()
        self.installation = installation
        self.deps = Deps(
            Database("gallery", self.settings), Journal("gallery"), ObjectStore(self.settings)
        )
        self.site = app.new_app(self.settings)
        self.reader = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.site), base_url="http://gallery.test"
        )

    async def hear(self, event: Envelope[Any], deps: Deps | None = None) -> None:
        """Handle an event as the stream does."""
        async with self.deps.database.transaction() as transaction:
            if await self.deps.journal.first_time(transaction, event):
                await SUBSCRIPTIONS[type(event.data)](event, transaction, deps or self.deps)

    async def photo(self, *words: bytes) -> Attachment:
        """Store files as ingest would, and describe them."""
        renditions: list[Rendition] = []
        for word in words:
            name = sha256(word).hexdigest()
            await self.deps.objects.put("renditions", f"r/{name}", word, "image/jpeg")
            renditions.append(
                Rendition(
                    key=f"r/{name}",
                    sha256=name,
                    media_type="image/jpeg",
                    width=640,
                    height=480,
                    size=len(word),
                )
            )
        return an_attachment(renditions=tuple(renditions))

    async def clear(self, item: ItemId, version: int, *words: bytes, text: str = "Hoi") -> None:
        """Have moderation clear an item that shows these files."""
        attachments = (await self.photo(*words),) if words else ()
        cleared = a_cleared_item(
            item=item, kind="photo" if words else "text", text=text, attachments=attachments
        )
        await self.hear(an_event(ItemCleared(item=cleared), item, version))

    def revocation(self, item: ItemId, version: int) -> Envelope[Any]:
        return an_event(
            ItemRevoked(item=item, campaign=CAMPAIGN, reason="taken-down"), item, version
        )

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.reader.get(path, headers=headers)

    async def listed(self) -> list[str]:
        answer = await self.get(f"/g/{CAMPAIGN}.json")
        return [item["id"] for item in answer.json()["items"]]

    def said(self, item: str) -> list[str]:
        rows = self.installation.rows(
            "select type from gallery.event where subject = %s order by version", item
        )
        return [str(row[0]).removeprefix("dichtbij.item.").removesuffix(".v1") for row in rows]


@pytest.fixture
async def room(fresh_installation: Installation) -> AsyncIterator[Room]:
    room = Room(fresh_installation)
    await room.deps.database.open()
    async with room.site.router.lifespan_context(room.site), room.reader:
        await room.hear(an_event(a_campaign(embed_origins=(HOST,)), CAMPAIGN))
        yield room
    room.deps.objects.close()
    await room.deps.database.close()


def address(item: str, content: bytes) -> str:
    return f"/media/{item}/{sha256(content).hexdigest()}.jpg"


async def test_a_cleared_item_appears_with_its_files(room: Room) -> None:
    item = an_item_id()

    await room.clear(item, 1, b"narrow", b"wide")

    page = await room.get(f"/g/{CAMPAIGN}", accept="text/html")
    assert "Vuurwerk boven de Schelde" in page.text
    assert await room.listed() == [item]
    photo = await room.get(address(item, b"wide"))
    assert (photo.content, photo.headers["content-type"]) == (b"wide", "image/jpeg")
    assert photo.headers["cache-control"] == "public, max-age=600"
    assert len(await room.deps.objects.keys("public", f"i/{item}/")) == 2
    assert room.said(item) == ["published"]


async def test_a_takedown_leaves_nothing_anywhere(room: Room) -> None:
    item, other = an_item_id(), an_item_id()
    await room.clear(item, 1, b"narrow", b"wide", text="Mijn gezicht")
    await room.clear(other, 1, b"wide", text="Van een ander")
    photo = await room.get(address(item, b"wide"))
    assert "Mijn gezicht" in (await room.get(f"/g/{CAMPAIGN}")).text

    await room.hear(room.revocation(item, 2))

    for path in (f"/g/{CAMPAIGN}", f"/embed/{CAMPAIGN}", f"/g/{CAMPAIGN}.json"):
        answer = await room.get(path)
        assert answer.status_code == 200
        assert "Mijn gezicht" not in answer.text
    gone = await room.get(f"/g/{CAMPAIGN}/i/{item}", accept="text/html")
    assert gone.status_code == 410
    assert "Mijn gezicht" not in gone.text
    # A browser that asks whether its copy still holds must not hear that it does.
    again = await room.get(address(item, b"wide"), **{"if-none-match": photo.headers["etag"]})
    assert again.status_code == 410
    assert await room.deps.objects.keys("public", f"i/{item}/") == []
    assert (await room.get(address(other, b"wide"))).status_code == 200
    assert room.said(item) == ["published", "unpublished", "purged"]
    [(purged,)] = room.installation.rows(
        "select data from gallery.event where type = 'dichtbij.item.purged.v1'"
    )
    assert purged == {"item": item, "campaign": CAMPAIGN, "deleted": 2, "absent": 0}
    [(content,)] = room.installation.rows(
        "select content from gallery.placement where item = %s", item
    )
    assert content is None


async def test_while_s3_is_away_a_takedown_hides_at_once_and_purges_later(room: Room) -> None:
    item = an_item_id()
    await room.clear(item, 1, b"wide")
    away = ObjectStore(room.settings.model_copy(update={"s3_endpoint": "http://127.0.0.1:9"}))
    revocation = room.revocation(item, 2)

    with pytest.raises(ObjectsUnavailableError):
        await room.hear(revocation, replace(room.deps, objects=away))

    away.close()
    assert await room.listed() == []
    assert (await room.get(address(item, b"wide"))).status_code == 410
    assert room.said(item) == ["published", "unpublished"]
    assert len(await room.deps.objects.keys("public", f"i/{item}/")) == 1
    # The same event is tried again when S3 is back.
    await room.hear(revocation)
    assert await room.deps.objects.keys("public", f"i/{item}/") == []
    assert room.said(item) == ["published", "unpublished", "purged"]


async def test_an_item_whose_files_cannot_be_copied_is_not_shown(room: Room) -> None:
    item = an_item_id()
    lost = an_attachment()
    event = an_event(
        ItemCleared(item=a_cleared_item(item=item, kind="photo", attachments=(lost,))), item
    )

    with pytest.raises(KeyError):
        await room.hear(event)

    assert await room.listed() == []
    assert (await room.get(f"/g/{CAMPAIGN}/i/{item}")).status_code == 404


async def test_a_revocation_that_overtakes_its_clearance_wins(room: Room) -> None:
    item = an_item_id()

    await room.hear(room.revocation(item, 2))
    await room.clear(item, 1, b"wide")

    assert await room.listed() == []
    assert (await room.get(address(item, b"wide"))).status_code == 404
    assert room.said(item) == ["purged"]


async def test_an_item_cleared_again_after_a_takedown_comes_back(room: Room) -> None:
    item = an_item_id()
    await room.clear(item, 1, b"wide")
    await room.hear(room.revocation(item, 2))

    await room.clear(item, 3, b"wide")
    await room.hear(room.revocation(item, 2))

    assert await room.listed() == [item]
    assert (await room.get(address(item, b"wide"))).content == b"wide"


async def test_a_changed_item_loses_the_files_it_no_longer_shows(room: Room) -> None:
    item = an_item_id()
    await room.clear(item, 1, b"first", b"both")
    assert (await room.get(address(item, b"first"))).status_code == 200

    await room.clear(item, 2, b"both", b"second")

    assert (await room.get(address(item, b"first"))).status_code == 410
    assert (await room.get(address(item, b"second"))).content == b"second"
    assert len(await room.deps.objects.keys("public", f"i/{item}/")) == 2


async def test_five_simultaneous_arrivals_are_one_publication(room: Room) -> None:
    item = an_item_id()
    cleared = ItemCleared(
        item=a_cleared_item(item=item, kind="photo", attachments=(await room.photo(b"wide"),))
    )

    await asyncio.gather(*(room.hear(an_event(cleared, item, 1)) for _ in range(5)))
    await asyncio.gather(*(room.hear(room.revocation(item, 2)) for _ in range(2)))

    assert room.said(item)[:2] == ["published", "unpublished"]
    assert set(room.said(item)[2:]) == {"purged"}
    assert await room.listed() == []


async def test_a_gallery_is_kept_by_browsers_until_it_changes(room: Room) -> None:
    await room.clear(an_item_id(), 1)
    path = f"/g/{CAMPAIGN}?lang=nl"
    first = await room.get(path)

    same = await room.get(path, **{"if-none-match": first.headers["etag"]})
    assert same.status_code == 304
    # Else the kept page's own style block would be refused by the newer policy.
    policy = "content-security-policy"
    assert same.headers[policy] == first.headers[policy]

    await room.clear(an_item_id(), 1, text="Nieuw")
    changed = await room.get(path, **{"if-none-match": first.headers["etag"]})
    assert changed.status_code == 200
    assert "Nieuw" in changed.text


async def test_an_address_with_strange_members_cannot_fill_the_memory_of_pages(room: Room) -> None:
    before = room.site.state.parts.pages.size

    answer = await room.get(f"/g/{CAMPAIGN}?tracking=1")

    assert answer.status_code == 200
    assert room.site.state.parts.pages.size == before


async def test_an_embed_is_framed_by_the_campaigns_sites_and_nobody_else(room: Room) -> None:
    embed = await room.get(f"/embed/{CAMPAIGN}")
    page = await room.get(f"/g/{CAMPAIGN}")

    policy = embed.headers["content-security-policy"]
    assert f"frame-ancestors 'self' {HOST}" in policy
    assert f'content="allow-origins={HOST}"' in embed.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert "set-cookie" not in embed.headers
    # Nothing is asked of another host than our own.
    loaded = re.findall(r'(?:src|srcset)="([^"]+)"', embed.text)
    assert loaded
    assert all(address.startswith("/") for address in loaded)


async def test_unknown_galleries_items_and_photos_are_404(room: Room) -> None:
    unknown = an_item_id()
    for path in (
        "/g/nowhere",
        "/g/nowhere.json",
        "/g/nowhere/live",
        "/embed/nowhere",
        f"/g/{CAMPAIGN}/i/{unknown}",
        f"/g/{CAMPAIGN}/items/{unknown}/card",
        f"/g/{CAMPAIGN}?page=9",
        address(unknown, b"x"),
    ):
        assert (await room.get(path)).status_code == 404, path


async def test_neighbours_lead_through_all_items_in_the_order_of_the_page(room: Room) -> None:
    for _ in range(3):
        await room.clear(an_item_id(), 1)
    order = await room.listed()

    middle = (await room.get(f"/g/{CAMPAIGN}/i/{order[1]}?lang=en")).text

    assert f'rel="prev" href="/g/{CAMPAIGN}/i/{order[0]}?' in middle
    assert f'rel="next" href="/g/{CAMPAIGN}/i/{order[2]}?' in middle


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
