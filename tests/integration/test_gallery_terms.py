"""Terms and curators on the real database: who had the floor, and what counted for them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.contracts.ids import CuratorId, MandateId
from services.contracts.ingest import Crop, Link, SeriesPhoto
from services.contracts.moderation import Credit
from tests.builders import CAMPAIGN, an_item_id
from tests.installation import Installation
from tests.integration.gallery_room import FATIMA, MANDATE, Room, opened

TERM = f"/g/{CAMPAIGN}/t/{MANDATE}"


@pytest.fixture
async def room(fresh_installation: Installation) -> AsyncIterator[Room]:
    async with opened(fresh_installation) as room:
        yield room


def days(start: int, end: int) -> dict[str, Any]:
    """Give the dates of a term by days from now."""
    now = datetime.now(UTC)
    return {"starts_at": now + timedelta(days=start), "ends_at": now + timedelta(days=end)}


async def test_a_term_shows_what_counts_for_it_and_nothing_else(room: Room) -> None:
    mine, other, loose = (an_item_id() for _ in range(3))
    await room.hear(
        room.mandate(
            intro="Ik woon hier.",
            starts_at=datetime(2026, 3, 16, 8, 0, tzinfo=UTC),
            ends_at=datetime(2026, 3, 30, 7, 0, tzinfo=UTC),
        )
    )
    await room.clear(mine, 1, b"wide", text="Van mij", mandate=MANDATE)
    await room.clear(other, 1, text="Van een ander", mandate=MandateId("jef-14"))
    await room.clear(loose, 1, text="Van niemand")

    page = (await room.get(f"{TERM}?lang=nl")).text

    assert "Bollekesfeest, week 12\u201313, door Fatima" in page
    assert "16 maart 2026" in page
    assert "29 maart 2026" in page
    assert "Ik woon hier." in page
    assert "Van mij" in page
    assert "Van een ander" not in page
    assert "Van niemand" not in page
    document = (await room.get(f"{TERM}.json")).json()
    assert [item["id"] for item in document["items"]] == [mine]
    assert (document["total"], document["now"], document["series"]) == (1, False, None)
    assert document["curator"]["name"] == "Fatima"


async def test_an_item_says_where_it_belongs(room: Room) -> None:
    items = [an_item_id(), an_item_id()]
    await room.hear(room.mandate())
    await room.show_series(items)

    page = (await room.get(f"/g/{CAMPAIGN}/i/{items[1]}?lang=en")).text
    grid = (await room.get(f"/g/{CAMPAIGN}?lang=en")).text
    first, second = (await room.get(f"/g/{CAMPAIGN}.json")).json()["items"]

    assert f'href="{TERM}?' in page
    assert f'href="/g/{CAMPAIGN}/s/{MANDATE}?' in page
    assert "2 of 2" in page
    assert "Series, 1 of 2" in grid
    assert f'href="/g/{CAMPAIGN}/terms?' in grid
    assert (first["series"]["number"], second["series"]["number"]) == (1, 2)
    assert second["series"]["url"].endswith(f"/g/{CAMPAIGN}/s/{MANDATE}")
    assert second["term"]["url"].endswith(TERM)
    assert second["curator"]["url"].endswith(f"/g/{CAMPAIGN}/curators/{FATIMA}")


async def test_numbers_close_up_when_a_photo_of_a_series_goes(room: Room) -> None:
    items = [an_item_id() for _ in range(3)]
    await room.show_series(items)

    await room.hear(room.revocation(items[0], 2))

    found = (await room.get(f"/g/{CAMPAIGN}/s/{MANDATE}.json")).json()["items"]
    assert [(i["series"]["number"], i["series"]["total"]) for i in found] == [(1, 2), (2, 2)]


async def test_a_series_is_one_story_with_its_cover(room: Room) -> None:
    items = [an_item_id() for _ in range(3)]
    wide = Crop(x=0, y=0.25, width=1, height=0.5)
    photos = (*(SeriesPhoto(item=i) for i in items[:2]), SeriesPhoto(item=items[2], wide=wide))
    await room.hear(room.mandate(intro="Tien foto's van het feest."))
    await room.hear(room.series(items, 1, photos=photos, cover=items[2]))
    for n, item in enumerate(items):
        credit = Credit(name=f"Maker {n}", url=None)
        await room.hear(await room.in_series(item, 1, text=f"Regel {n}", credit=credit))

    answer = await room.get(f"/g/{CAMPAIGN}/s/{MANDATE}?lang=nl")

    page = answer.text
    assert "3 foto\u2019s van Fatima" in page
    assert "Tien foto&#39;s van het feest." in page
    assert [page.index(f"Regel {n}") for n in range(3)] == sorted(
        page.index(f"Regel {n}") for n in range(3)
    )
    for n in range(3):
        assert f"Maker {n}" in page
        assert f"{n + 1} van 3" in page
    assert page.count("Vuurwerk boven de Schelde") >= 3
    assert "top:-50.00%;width:100.00%;height:200.00%" in page
    assert "style=" not in page
    assert "<script>" not in page
    cover = (await room.get(f"/g/{CAMPAIGN}/s/{MANDATE}.json")).json()["cover"]
    assert cover == items[2]


async def test_terms_are_listed_newest_first_and_only_when_begun(room: Room) -> None:
    for name, start, end in (("Oud", -40, -26), ("Nu", -5, 9), ("Straks", 9, 23)):
        word = room.mandate(
            mandate=name.lower(), curator=CuratorId(name.lower()), name=name, **days(start, end)
        )
        await room.hear(word)
    invited = room.mandate(mandate="m", name="Gevraagd", state="invited", **days(-2, 2))
    await room.hear(invited)

    page = (await room.get(f"/g/{CAMPAIGN}/terms?lang=en")).text

    assert page.index("/t/nu?") < page.index("/t/oud?")
    assert "Straks" not in page
    assert "Gevraagd" not in page
    assert page.count('class="badge"') == 1
    assert page.index('class="badge"') < page.index("/t/oud?")
    for unknown in ("straks", "m", "nowhere"):
        assert (await room.get(f"/g/{CAMPAIGN}/t/{unknown}")).status_code == 404
    running = (await room.get(f"/g/{CAMPAIGN}/t/nu?lang=en")).text
    assert 'class="badge"' in running
    assert "/t/oud?" in running
    assert "/t/straks?" not in running
    assert (await room.get(f"/g/{CAMPAIGN}/t/nu.json")).json()["now"] is True
    rows = room.installation.rows("select name from gallery.mandate where id = 'm'")
    assert rows == [("",)]


async def test_a_term_that_begins_appears_although_nothing_happens(room: Room) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=1.5)
    word = room.mandate(starts_at=soon, ends_at=soon + timedelta(days=1))
    await room.hear(word)
    before = await room.get(TERM)
    assert datetime.now(UTC) >= soon or before.status_code == 404

    while datetime.now(UTC) < soon:
        before = await room.get(f"/g/{CAMPAIGN}/terms?lang=nl")

    assert (await room.get(TERM)).status_code == 200
    assert "Fatima" in (await room.get(f"/g/{CAMPAIGN}/terms?lang=nl")).text


async def test_a_hidden_term_is_gone_and_comes_back(room: Room) -> None:
    item = an_item_id()
    await room.hear(room.mandate())
    await room.show_series([item])
    series = f"/g/{CAMPAIGN}/s/{MANDATE}"
    curator = f"/g/{CAMPAIGN}/curators/{FATIMA}"
    assert (await room.get(series)).status_code == 200

    await room.hear(room.mandate(2, state="stopped", hidden=True))

    for path in (TERM, f"{TERM}.json", series, f"{series}.json"):
        answer = await room.get(path)
        assert answer.status_code == 410, path
        assert "Fatima" not in answer.text
    assert (await room.get(curator)).status_code == 404
    assert "Fatima" not in (await room.get(f"/g/{CAMPAIGN}/terms")).text
    assert await room.listed() == []
    await room.hear(room.mandate(1))
    assert (await room.get(TERM)).status_code == 410
    await room.hear(room.mandate(3, state="stopped"))
    await room.settle()
    for path in (TERM, series, curator):
        assert (await room.get(path)).status_code == 200


async def test_a_curators_page_links_the_accounts_that_are_theirs(room: Room) -> None:
    accounts = ("https://social.example/@fatima", "javascript:alert(1)")
    await room.hear(room.mandate(accounts=accounts, **days(-5, 9)))
    await room.hear(room.mandate(mandate="eerder", **days(-40, -26)))
    await room.hear(room.mandate(mandate="jef", curator=CuratorId("jef"), name="Jef"))

    page = (await room.get(f"/g/{CAMPAIGN}/curators/{FATIMA}?lang=nl")).text

    assert '<a rel="me noopener" href="https://social.example/@fatima">' in page
    assert "javascript:" not in page
    assert f"/t/{MANDATE}?" in page
    assert "/t/eerder?" in page
    assert "/t/jef?" not in page
    assert (await room.get(f"/g/{CAMPAIGN}/curators/nobody")).status_code == 404


async def test_a_long_term_has_pages_of_24(room: Room) -> None:
    await room.hear(room.mandate())
    for n in range(25):
        await room.clear(an_item_id(), 1, text=f"Nummer {n}", mandate=MANDATE, hours=n)

    first = (await room.get(f"{TERM}?page=1")).text
    second = (await room.get(f"{TERM}?page=2")).text
    document = (await room.get(f"{TERM}.json")).json()

    assert first.count('class="card') == 24
    assert second.count('class="card') == 1
    assert "Nummer 0" in second
    assert (document["total"], document["next"].rpartition("?")[2]) == (25, "page=2")
    assert (await room.get(f"{TERM}?page=3")).status_code == 404


async def test_what_stands_elsewhere_is_led_to_and_never_loaded(room: Room) -> None:
    item = an_item_id()
    link = Link(url="https://www.video.example/w/9", host="video.example", title="De reuzen")
    await room.clear(item, 1, kind="video", link=link, place="Grote Markt", text="Van dichtbij")

    for path in (f"/g/{CAMPAIGN}", f"/g/{CAMPAIGN}/i/{item}", f"/embed/{CAMPAIGN}"):
        page = (await room.get(f"{path}?lang=en")).text
        target = ' target="_blank"' if path.startswith("/embed") else ""
        expected = f'<a href="https://www.video.example/w/9" rel="nofollow ugc noopener"{target}>'
        assert expected in page, path
        for words in ("De reuzen", "video.example", "Van dichtbij", "Grote Markt", "Video"):
            assert words in page, (path, words)
        assert "<iframe" not in page
        assert 'src="https://www.video.example' not in page
    [found] = (await room.get(f"/g/{CAMPAIGN}.json")).json()["items"]
    assert found["link"] == {
        "url": "https://www.video.example/w/9",
        "host": "video.example",
        "title": "De reuzen",
    }
    assert found["place"] == "Grote Markt"


async def test_live_pages_hear_of_a_series_as_one_piece_of_news(room: Room) -> None:
    items = [an_item_id() for _ in range(3)]
    version = (await room.get(f"/g/{CAMPAIGN}.json")).json()["version"]
    await room.show_series(items)
    await room.clear(an_item_id(), 1)
    changes = room.site.state.parts.changes

    with changes.watch(CAMPAIGN, version) as watcher:
        await changes.tell(CAMPAIGN)
        told = [watcher.waiting.get_nowait() for _ in range(watcher.waiting.qsize())]

    assert [change.more for change in told] == [True, True, False, False]
    assert [change.item for change in told[:3]] == items
