"""The feed connector against a real server that knows ETags, redirects and deletions."""

import asyncio
import gzip
import hashlib
import json
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

import pytest

from services.contracts.ids import CampaignId, SourceId
from services.contracts.ingest import SubmissionReceived, SubmissionRetracted
from services.ingest.connectors import CONNECTORS
from services.ingest.domain.connector import Batch, Poll, SourceContext
from services.ingest.store.fetch import GuardedFetch

CONNECTOR = CONNECTORS["feed"]
NOW = datetime(2026, 8, 22, 12, 0, tzinfo=UTC)


class Site(ThreadingHTTPServer):
    """A blog: pages by their paths, and what was asked and answered."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages: dict[str, bytes] = {}
        self.moved: dict[str, str] = {}
        self.answered: list[tuple[str, int]] = []
        self.address = f"127.0.0.1:{self.server_address[1]}"

    def write_feed(self, *titles: str, path: str = "/feed") -> None:
        items = "".join(self._item(title) for title in titles)
        self.pages[path] = f"<rss version='2.0'><channel>{items}</channel></rss>".encode()

    def _item(self, title: str) -> str:
        day = 1 + int(title.rsplit(maxsplit=1)[-1])
        link = f"http://{self.address}/{title.replace(' ', '-')}"
        self.pages.setdefault(f"/{title.replace(' ', '-')}", b"<html></html>")
        return (
            f"<item><title>{title}</title><guid>{link}</guid><link>{link}</link>"
            f"<pubDate>{day:02} Aug 2026 10:00:00 +0200</pubDate></item>"
        )


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        site = cast("Site", self.server)
        body = site.pages.get(self.path)
        etag = f'"{hashlib.sha256(body or b"").hexdigest()[:12]}"'
        if self.path in site.moved:
            self._answer(site, 301, b"", Location=site.moved[self.path])
        elif body is None:
            self._answer(site, 404, b"no such page")
        elif self.headers.get("If-None-Match") == etag:
            self._answer(site, 304, b"", ETag=etag)
        else:
            self._answer(site, 200, gzip.compress(body), ETag=etag, Content_Encoding="gzip")

    def _answer(self, site: Site, status: int, body: bytes, **headers: str) -> None:
        site.answered.append((self.path, status))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: what was asked stands in `answered`."""


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@dataclass
class Reader:
    """Polls as the framework does, with the real fetch."""

    fetch: GuardedFetch
    site: Site
    checkpoint: str = "{}"
    now: datetime = field(default=NOW)

    async def poll(self) -> Batch:
        return await self._ask(CONNECTOR.poll)

    async def look_again(self) -> Batch:
        return await self._ask(CONNECTOR.look_again)

    async def _ask(self, ask: Poll | None) -> Batch:
        self.now += timedelta(minutes=2)
        source = SourceContext(
            CampaignId("feest"),
            SourceId("feest/blog"),
            (),
            CONNECTOR.settings.model_validate({"url": f"http://{self.site.address}/feed"}),
            self.now,
        )
        assert ask is not None
        batch = await ask(self.fetch, source, json.loads(self.checkpoint))
        self.checkpoint = json.dumps(dict(batch.checkpoint), sort_keys=True)
        return batch


@pytest.fixture
async def reader(site: Site) -> AsyncIterator[Reader]:
    allow = frozenset({site.address})
    async with GuardedFetch(user_agent="Dichtbij/test", allow=allow) as fetch:
        yield Reader(fetch, site)


def texts(batch: Batch) -> list[str]:
    return [event.text for event in batch.events if isinstance(event, SubmissionReceived)]


async def test_a_feed_is_read_once_and_then_only_asked_whether_it_changed(
    site: Site, reader: Reader
) -> None:
    site.write_feed("post 2", "post 1")
    first, second = await reader.poll(), await reader.poll()
    site.write_feed("post 3", "post 2", "post 1")
    third = await reader.poll()

    assert texts(first) == ["post 1", "post 2"]
    assert (second.events, texts(third)) == ((), ["post 3"])
    assert {batch.health.state for batch in (first, second, third)} == {"ok"}
    assert site.answered == [("/feed", 200), ("/feed", 304), ("/feed", 200)]


async def test_an_entry_is_retracted_when_its_page_is_gone_too(site: Site, reader: Reader) -> None:
    site.write_feed("post 3", "post 2", "post 1")
    [_, second, _] = (await reader.poll()).events
    site.write_feed("post 3", "post 1")
    still_there = await reader.poll()
    del site.pages["/post-2"]
    reader.now += timedelta(hours=1)
    # The feed itself has not changed by now, and the page is looked at all the same.
    gone = await reader.poll()

    assert still_there.events == ()
    assert [(type(e), e.item) for e in gone.events] == [(SubmissionRetracted, second.item)]
    assert (await reader.poll()).events == ()


async def test_while_not_live_a_feed_is_asked_whether_it_changed_and_its_news_waits(
    site: Site, reader: Reader
) -> None:
    site.write_feed("post 3", "post 2", "post 1")
    [_, second, _] = (await reader.poll()).events
    site.write_feed("post 4", "post 3", "post 1")
    del site.pages["/post-2"]
    gone, quiet = await reader.look_again(), await reader.look_again()
    # Nothing has changed since it was looked at, and yet it was not read on.
    live = await reader.poll()

    assert [(type(e), e.item) for e in gone.events] == [(SubmissionRetracted, second.item)]
    assert (quiet.events, texts(live)) == ((), ["post 4"])
    feed = [status for path, status in site.answered if path == "/feed"]
    assert feed == [200, 200, 304, 200]


async def test_a_feed_that_moved_for_good_is_asked_where_it_is_now(
    site: Site, reader: Reader
) -> None:
    site.write_feed("post 1", path="/new")
    site.moved["/feed"] = "/new"
    first, second = await reader.poll(), await reader.poll()

    assert texts(first) == ["post 1"]
    assert first.health.state == second.health.state == "ok"
    assert "/new" in first.health.detail
    assert site.answered == [("/feed", 301), ("/new", 200), ("/new", 304)]


async def test_a_bomb_of_entities_is_harmless(site: Site, reader: Reader) -> None:
    levels = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "ha">' for n in range(30)
    )
    secret = '<!ENTITY secret SYSTEM "file:///etc/hostname">'
    site.pages["/feed"] = (
        f"<?xml version='1.0'?><!DOCTYPE rss [{levels}{secret}]><rss version='2.0'><channel>"
        "<item><guid>1</guid><title>x &l29; &secret;</title></item></channel></rss>"
    ).encode()
    async with asyncio.timeout(30):
        batch = await reader.poll()
    assert all(len(text) < 100 for text in texts(batch))


async def test_a_name_of_a_file_is_not_opened(site: Site, reader: Reader) -> None:
    site.pages["/feed"] = b"/etc/hostname"
    batch = await reader.poll()
    assert (batch.events, batch.health.state) == ((), "degraded")


async def test_a_feed_that_breaks_off_takes_nothing_away(site: Site, reader: Reader) -> None:
    site.write_feed("post 3", "post 2", "post 1")
    await reader.poll()
    whole = site.pages["/feed"]
    site.pages["/feed"] = whole[: len(whole) // 2]
    broken = await reader.poll()
    site.pages["/feed"] = whole
    mended = await reader.poll()

    assert (broken.events, broken.health.state) == ((), "degraded")
    assert (mended.events, mended.health.state) == ((), "ok")
