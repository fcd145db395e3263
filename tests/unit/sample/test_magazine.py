"""The magazine: pages that a web editor could have made, with one line pasted in."""

from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from deploy.sample.pages import MissingSlotError, filled, shown_photos
from deploy.sample.posts import POSTS
from deploy.sample.settings import read_settings
from deploy.sample.site import site

SITE, GALLERY, INGEST = "http://magazine.test", "http://gallery.test:8003", "http://ingest.test"
PAGES = ["/", "/blog/", f"/blog/{POSTS[2].slug}"]


class Elements(HTMLParser):
    """All elements of a page with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag == name]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("checkout")


@pytest.fixture
async def reader(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.setattr("deploy.sample.settings.CHECKOUT", checkout)
    environment = {
        "DICHTBIJ_MAGAZINE_URL": SITE,
        "DICHTBIJ_GALLERY_URL": GALLERY,
        "DICHTBIJ_INGEST_URL": INGEST,
        "DICHTBIJ_LOCAL_FOLDER": str(checkout),
    }
    transport = httpx.ASGITransport(site(read_settings(environment)))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
        yield client


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_has_one_heading_a_title_and_a_language(
    reader: httpx.AsyncClient, path: str
) -> None:
    answer = await reader.get(path)
    page = Elements(answer.text)

    assert answer.status_code == 200
    assert len(page.named("h1")) == 1
    assert len(page.named("title")) == 1
    assert page.named("html") == [{"lang": "nl-BE"}]
    assert "{{" not in answer.text


@pytest.mark.parametrize("path", PAGES)
async def test_no_page_needs_script_inline_style_or_a_stranger(
    reader: httpx.AsyncClient, path: str
) -> None:
    page = Elements((await reader.get(path)).text)

    assert not page.named("script")
    assert not page.named("style")
    assert not [a for _, a in page.found if "style" in a or any(n.startswith("on") for n in a)]
    fetched = [a.get("src") or "" for name in ("img", "source") for a in page.named(name)]
    fetched += [a.get("href") or "" for a in page.named("link") if a.get("rel") != "canonical"]
    assert all(address.startswith("/") for address in fetched)


@pytest.mark.parametrize("path", PAGES)
async def test_every_picture_is_described(reader: httpx.AsyncClient, path: str) -> None:
    pictures = Elements((await reader.get(path)).text).named("img")

    assert pictures
    assert all(len(picture["alt"] or "") > 40 for picture in pictures)


async def test_the_gallery_is_one_frame_with_a_title(reader: httpx.AsyncClient) -> None:
    [frame] = Elements((await reader.get("/")).text).named("iframe")

    assert frame["src"] == f"{GALLERY}/embed/bollekesfeest"
    assert frame["title"] == "Fotogalerij van het Bollekesfeest"
    assert frame["class"] == "gallery"
    assert set(frame) == {"src", "title", "class"}


async def test_only_the_gallery_may_stand_in_a_frame(reader: httpx.AsyncClient) -> None:
    policy = (await reader.get("/")).headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert policy.endswith(f"frame-src {GALLERY}")
    assert "script-src" not in policy
    assert "unsafe" not in policy


async def test_the_page_asks_for_photos_at_the_upload_form(reader: httpx.AsyncClient) -> None:
    links = [a.get("href") for a in Elements((await reader.get("/")).text).named("a")]

    assert f"{INGEST}/c/bollekesfeest/upload" in links


async def test_the_style_sizes_the_frame_and_keeps_a_height_for_older_browsers(
    reader: httpx.AsyncClient,
) -> None:
    style = (await reader.get("/magazine.css")).text

    assert "frame-sizing: content-height" in style
    assert "min-height" in style
    assert "prefers-color-scheme: dark" in style
    assert "http" not in style


async def test_a_photo_is_served_as_taken_and_in_known_widths_only(
    reader: httpx.AsyncClient,
) -> None:
    name = next(name for name, shown in shown_photos().items() if shown.number == 8)

    whole, small = await reader.get(f"/foto/{name}"), await reader.get(f"/foto/800/{name}")

    assert whole.status_code == small.status_code == 200
    assert whole.headers["Content-Type"] == small.headers["Content-Type"] == "image/jpeg"
    assert len(small.content) < len(whole.content) / 2
    assert (await reader.get(f"/foto/801/{name}")).status_code == 404
    assert (await reader.get("/foto/geheim.jpg")).status_code == 404


async def test_an_unknown_post_is_not_found(reader: httpx.AsyncClient) -> None:
    assert (await reader.get("/blog/bestaat-niet")).status_code == 404


async def test_the_site_says_that_it_lives(reader: httpx.AsyncClient) -> None:
    assert (await reader.get("/livez")).status_code == 200


def test_what_fills_a_slot_cannot_add_markup() -> None:
    values = {"ingest_url": '"><script>'}

    page = filled("blog.html", values, posts="<article></article>")

    assert "<article></article>" in page
    assert "<script>" not in page


def test_a_slot_that_nothing_fills_is_an_error() -> None:
    with pytest.raises(MissingSlotError):
        filled("blog.html", {})
