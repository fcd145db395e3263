"""Galleries on the real database and bucket: what appears, and what must vanish."""

import asyncio
import re
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256

import pytest

from services.chassis.objects import ObjectStore, ObjectsUnavailableError
from services.contracts.moderation import ItemCleared
from tests.builders import (
    CAMPAIGN,
    a_campaign,
    a_cleared_item,
    an_attachment,
    an_event,
    an_item_id,
)
from tests.installation import Installation
from tests.integration.gallery_room import HOST, Room, address, opened


@pytest.fixture
async def room(fresh_installation: Installation) -> AsyncIterator[Room]:
    async with opened(fresh_installation) as room:
        yield room


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
    style = re.findall("<style>(.*?)</style>", first.text, re.DOTALL)[0]
    allowed = b64encode(sha256(style.encode()).digest()).decode()
    assert f"'sha256-{allowed}'" in first.headers[policy]

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


async def test_an_embed_in_a_sandboxed_frame_may_load_all_it_needs(room: Room) -> None:
    """Such a frame has no origin: its script, its stream and its cards are asked for by CORS."""
    item = an_item_id()
    await room.clear(item, 1, b"wide")
    [module] = re.findall(
        r'<script type="module" src="([^"]+)"', (await room.get(f"/embed/{CAMPAIGN}")).text
    )

    for path in (
        module,
        f"/g/{CAMPAIGN}/items/{item}/card?lang=nl&outside=1",
        f"/g/{CAMPAIGN}.json",
        address(item, b"wide"),
    ):
        answer = await room.get(path, origin="null")
        assert answer.headers["access-control-allow-origin"] == "*", path


@pytest.mark.parametrize(
    "path", ["/g/{}", "/g/{}.json", "/g/{}/terms", "/g/{}/embed-code", "/embed/{}", "/g/{}/live"]
)
async def test_a_drafted_campaign_is_no_gallery_to_anybody(room: Room, path: str) -> None:
    drafted = a_campaign(phase="draft", name={"en": "Secret feast"}, brief={"en": "Hush"})
    await room.hear(an_event(drafted, CAMPAIGN, 8))

    answer = await room.get(path.format(CAMPAIGN), accept="text/html")
    assert answer.status_code == 404
    assert "Secret feast" not in answer.text
    assert "Hush" not in answer.text


async def test_the_gallery_of_a_drafted_campaign_is_listed_when_it_is_live(room: Room) -> None:
    named = f'href="/g/{CAMPAIGN}'
    await room.hear(an_event(a_campaign(phase="draft"), CAMPAIGN, 8))
    assert named not in (await room.get("/", accept="text/html")).text

    await room.hear(an_event(a_campaign(phase="live"), CAMPAIGN, 9))
    assert named in (await room.get("/", accept="text/html")).text
