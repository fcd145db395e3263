"""The blog's feed: what feed readers make of it, and how politely it is served."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import feedparser  # pyright: ignore[reportMissingTypeStubs]
import httpx
import pytest

from deploy.sample.feed import write_feed
from deploy.sample.photos import notes
from deploy.sample.posts import BLOG_SEED, BLOGGER, POSTS
from deploy.sample.settings import read_settings
from deploy.sample.site import site

SITE = "http://magazine.test"


def read(content: bytes) -> Any:
    return cast("Any", feedparser).parse(content)


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = read_settings(
        {"DICHTBIJ_MAGAZINE_URL": SITE, "DICHTBIJ_LOCAL_FOLDER": str(tmp_path)}
    )
    transport = httpx.ASGITransport(site(settings))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
        yield client


def test_feed_readers_find_four_posts_without_complaint() -> None:
    parsed = read(write_feed(SITE).content)

    assert not parsed.bozo
    assert parsed.feed.title == "Kaaipraat"
    assert [entry.id for entry in parsed.entries] == [post.id for post in POSTS]
    assert len(parsed.entries) == 4


@pytest.mark.parametrize("number", range(4))
def test_a_post_has_what_a_gallery_needs(number: int) -> None:
    entry, post = read(write_feed(SITE).content).entries[number], POSTS[number]

    assert entry.link == f"{SITE}/blog/{post.slug}"
    assert entry.author == BLOGGER
    assert "bollekesfeest" in {tag.term for tag in entry.tags}
    [enclosure] = entry.enclosures
    assert enclosure.type == "image/jpeg"
    assert enclosure.href.startswith(f"{SITE}/foto/")
    assert f'src="{enclosure.href}"' in entry.content[0].value
    assert notes(post.photo, seed=BLOG_SEED).alt in entry.content[0].value
    assert all(part in entry.content[0].value.replace("&#x27;", "'") for part in post.paragraphs)


def test_ids_stay_the_same_when_the_site_moves() -> None:
    here, there = (read(write_feed(s).content) for s in (SITE, "https://else.test"))

    assert [e.id for e in here.entries] == [e.id for e in there.entries]


async def test_a_reader_that_has_the_feed_is_told_so(reader: httpx.AsyncClient) -> None:
    first = await reader.get("/blog/feed.atom")
    by_tag = await reader.get("/blog/feed.atom", headers={"If-None-Match": first.headers["ETag"]})
    weak = await reader.get(
        "/blog/feed.atom", headers={"If-None-Match": f'"old", W/{first.headers["ETag"]}'}
    )
    by_date = await reader.get(
        "/blog/feed.atom", headers={"If-Modified-Since": first.headers["Last-Modified"]}
    )

    assert first.status_code == 200
    assert first.headers["Content-Type"].startswith("application/atom+xml")
    assert [r.status_code for r in (by_tag, weak, by_date)] == [304, 304, 304]
    assert by_tag.content == b""
    assert by_tag.headers["ETag"] == first.headers["ETag"]


@pytest.mark.parametrize(
    "headers",
    [
        {"If-None-Match": '"another"'},
        {"If-Modified-Since": "Thu, 13 Aug 2026 05:55:00 GMT"},
        {"If-Modified-Since": "gisteren"},
        {"If-None-Match": '"another"', "If-Modified-Since": "Fri, 01 Jan 2027 00:00:00 GMT"},
    ],
)
async def test_a_reader_that_has_another_feed_gets_this_one(
    reader: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await reader.get("/blog/feed.atom", headers=headers)

    assert answer.status_code == 200
    assert answer.content == write_feed(SITE).content
