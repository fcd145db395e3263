"""Series on the real database and bucket: all of it or nothing, whatever comes first."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from services.chassis.objects import (
    Bucket,
    ObjectMissingError,
    ObjectStore,
    ObjectsUnavailableError,
)
from services.contracts.envelope import Envelope
from services.contracts.ids import ItemId
from services.contracts.moderation import ItemCleared
from tests.builders import CAMPAIGN, a_cleared_item, an_event, an_item_id
from tests.installation import Installation
from tests.integration.gallery_room import MANDATE, Room, opened


@pytest.fixture
async def room(fresh_installation: Installation) -> AsyncIterator[Room]:
    async with opened(fresh_installation) as room:
        yield room


async def test_a_series_appears_as_one_whole_with_its_last_photo(room: Room) -> None:
    items = [an_item_id() for _ in range(3)]
    await room.hear(room.series(items, 1))
    for item in items[:2]:
        await room.hear(await room.in_series(item, 1))

    assert await room.listed() == []
    for item in items[:2]:
        assert (await room.get(f"/g/{CAMPAIGN}/i/{item}")).status_code == 404
        assert (await room.get(f"/g/{CAMPAIGN}/items/{item}/card")).status_code == 404
        assert await room.deps.objects.keys("public", f"i/{item}/") == []

    await room.hear(await room.in_series(items[2], 1))

    assert await room.listed() == items
    for item in items:
        assert len(await room.deps.objects.keys("public", f"i/{item}/")) == 1
    [(told,)] = room.installation.rows(
        "select data from gallery.event where type = 'dichtbij.series.published.v1'"
    )
    version = (await room.get(f"/g/{CAMPAIGN}.json")).json()["version"]
    assert told == {
        "mandate": MANDATE,
        "campaign": CAMPAIGN,
        "gallery": CAMPAIGN,
        "position": version,
        "path": f"/g/{CAMPAIGN}/s/{MANDATE}",
        "items": items,
    }


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
async def test_whatever_comes_first_and_twice_the_series_is_whole(
    installation: Installation, order: tuple[int, ...]
) -> None:
    async with opened(installation) as room:
        mandate = f"m-{'-'.join(map(str, order))}"
        items = [an_item_id() for _ in range(3)]
        events: list[Envelope[Any]] = [await room.in_series(i, 1, mandate=mandate) for i in items]
        events.append(room.series(items, 1, mandate=mandate))
        before = set(await room.listed())

        for n, number in enumerate(order, 1):
            await room.hear(events[number])
            await room.hear(events[number].model_copy(update={"id": f"{mandate}-again-{number}"}))
            seen = [item for item in await room.listed() if item not in before]
            assert seen == (items if n == len(order) else [])

        told = room.installation.rows(
            "select 1 from gallery.event where subject = %s", f"series-{mandate}"
        )
        assert len(told) == 1


async def test_no_reader_ever_sees_a_part_of_a_series(room: Room) -> None:
    items = [an_item_id() for _ in range(10)]
    events = [await room.in_series(item, 1) for item in items]
    events.append(room.series(items, 1))
    seen: list[int] = []
    done = asyncio.Event()

    async def read(path: str) -> None:
        while not done.is_set():
            text = (await room.get(path)).text
            seen.append(sum(item in text for item in items))

    paths = (f"/g/{CAMPAIGN}.json", f"/g/{CAMPAIGN}", f"/g/{CAMPAIGN}/s/{MANDATE}.json")
    readers = [asyncio.create_task(read(path)) for path in paths]
    at_once = asyncio.Semaphore(3)

    async def hear(event: Envelope[Any]) -> None:
        async with at_once:
            await room.hear(event)

    await asyncio.gather(*(hear(event) for event in events))
    while 10 not in seen:  # noqa: ASYNC110 - readers look as often as they can
        await asyncio.sleep(0.01)
    done.set()
    await asyncio.gather(*readers)

    assert set(seen) == {0, 10}
    assert await room.listed() == items


async def test_a_photo_taken_back_goes_at_once_and_its_replacement_joins(room: Room) -> None:
    first, second, third, spare = (an_item_id() for _ in range(4))
    await room.show_series([first, second, third])

    await room.hear(room.revocation(second, 2))

    assert await room.listed() == [first, third]
    assert room.said(second) == ["published", "unpublished", "purged"]
    await room.hear(room.series([first, third], 2))
    await room.hear(room.series([first, spare, third], 3))
    assert await room.listed() == [first, third]
    await room.hear(await room.in_series(spare, 1))
    assert await room.listed() == [first, spare, third]


async def test_a_held_photo_that_is_withdrawn_is_forgotten(room: Room) -> None:
    kept, withdrawn = an_item_id(), an_item_id()
    await room.hear(await room.in_series(withdrawn, 1, text="Mijn gezicht"))
    await room.hear(room.revocation(withdrawn, 2, "consent-withdrawn"))
    await room.hear(await room.in_series(kept, 1))
    await room.hear(room.series([kept, withdrawn], 1))

    assert await room.listed() == []
    # It was never seen, so nothing vanished; that no file of it is public is told nevertheless.
    assert room.said(withdrawn) == ["purged"]
    rows = room.installation.rows(
        "select content from gallery.placement where item = %s", withdrawn
    )
    assert rows == [(None,)]


async def test_a_series_that_is_hidden_comes_back_whole(room: Room) -> None:
    items = [an_item_id() for _ in range(3)]
    await room.show_series(items)

    for item in items:
        await room.hear(room.revocation(item, 2, "mandate-stopped"))
    assert await room.listed() == []
    assert (await room.get(f"/g/{CAMPAIGN}/s/{MANDATE}")).status_code == 410
    for item in items:
        assert await room.deps.objects.keys("public", f"i/{item}/") == []

    for item in items[:2]:
        await room.hear(await room.in_series(item, 3))
    assert await room.listed() == []
    await room.hear(await room.in_series(items[2], 3))

    assert await room.listed() == items
    assert (await room.get(f"/g/{CAMPAIGN}/s/{MANDATE}")).status_code == 200


async def test_an_incomplete_series_shows_what_is_there_when_somebody_chose_so(room: Room) -> None:
    early, later, last = (an_item_id() for _ in range(3))
    await room.hear(await room.in_series(early, 1))
    await room.hear(await room.in_series(last, 1))
    assert await room.listed() == []

    await room.hear(room.series([early, later], 1, partial=True))
    assert await room.listed() == [early]
    await room.hear(await room.in_series(later, 1))
    assert await room.listed() == [early, later]
    await room.hear(room.series([early, later, last], 2, partial=True))
    assert await room.listed() == [early, later, last]


async def test_a_new_order_is_shown_and_an_older_one_is_not(room: Room) -> None:
    one, two = an_item_id(), an_item_id()
    await room.show_series([one, two])

    await room.hear(room.series([two, one], 3))
    assert await room.listed() == [two, one]
    await room.hear(room.series([one, two], 2))

    assert await room.listed() == [two, one]
    assert room.said(one) == ["published"]


async def test_what_a_series_no_longer_names_is_held_and_its_files_go(room: Room) -> None:
    one, two = an_item_id(), an_item_id()
    await room.show_series([one, two])

    await room.hear(room.series([one], 2))

    assert await room.listed() == [one]
    assert room.said(two) == ["published", "unpublished", "purged"]
    assert await room.deps.objects.keys("public", f"i/{two}/") == []
    await room.hear(room.series([one, two], 3))
    assert await room.listed() == [one, two]


async def test_a_photo_in_view_that_turns_out_to_be_of_a_series_waits_for_it(room: Room) -> None:
    item, other = an_item_id(), an_item_id()
    await room.clear(item, 1, b"wide")
    assert await room.listed() == [item]

    await room.hear(await room.in_series(item, 2))

    assert await room.listed() == []
    assert await room.deps.objects.keys("public", f"i/{item}/") == []
    await room.hear(room.series([other, item], 1))
    await room.hear(await room.in_series(other, 1))
    assert await room.listed() == [other, item]
    # And back: it leaves the series and is shown by itself.
    await room.clear(item, 3, b"wide")
    assert set(await room.listed()) == {other, item}
    series = (await room.get(f"/g/{CAMPAIGN}/s/{MANDATE}.json")).json()
    assert [found["id"] for found in series["items"]] == [other]


async def test_new_words_of_a_photo_in_a_series_are_shown_where_it_stands(room: Room) -> None:
    items = [an_item_id() for _ in range(3)]
    await room.show_series(items)

    await room.hear(await room.in_series(items[1], 2, text="Betere woorden"))

    assert await room.listed() == items
    assert "Betere woorden" in (await room.get(f"/g/{CAMPAIGN}/s/{MANDATE}")).text


async def test_while_s3_is_away_nothing_of_a_series_is_seen_and_then_all_of_it(room: Room) -> None:
    items = [an_item_id() for _ in range(3)]
    events = [await room.in_series(item, 1) for item in items]
    for event in (*events[:2], room.series(items, 1)):
        await room.hear(event)
    away = ObjectStore(room.settings.model_copy(update={"s3_endpoint": "http://127.0.0.1:9"}))

    with pytest.raises(ObjectsUnavailableError):
        await room.hear(events[2], replace(room.deps, objects=away))

    away.close()
    assert await room.listed() == []
    await room.hear(events[2])
    assert await room.listed() == items


async def test_a_lost_file_keeps_a_series_unseen_and_leaves_no_file_of_it(room: Room) -> None:
    good, bad = an_item_id(), an_item_id()
    broken = await room.photo(b"lost")
    lost = broken.renditions[0].model_copy(update={"key": "r/nowhere"})
    cleared = ItemCleared(
        item=a_cleared_item(
            item=bad,
            kind="photo",
            mandate=MANDATE,
            in_series=True,
            attachments=(broken.model_copy(update={"renditions": (lost,)}),),
        )
    )
    await room.hear(await room.in_series(good, 1))
    await room.hear(room.series([good, bad], 1))

    with pytest.raises(ObjectMissingError):
        await room.hear(an_event(cleared, bad, 1))

    assert await room.listed() == []
    assert await room.deps.objects.keys("public", "i/") == []


class _Killed(ObjectStore):
    """A bucket in which so many copies succeed before the process is no more."""

    left = 2

    async def copy(self, source: tuple[Bucket, str], target: tuple[Bucket, str]) -> None:
        if self.left == 0:
            raise asyncio.CancelledError
        self.left -= 1
        await super().copy(source, target)


async def test_a_process_killed_between_two_copies_shows_nothing_and_all_after_it(
    room: Room,
) -> None:
    items = [an_item_id() for _ in range(3)]
    events = [await room.in_series(item, 1) for item in items]
    for event in (*events[:2], room.series(items, 1)):
        await room.hear(event)
    dying = _Killed(room.settings)

    with pytest.raises(asyncio.CancelledError):
        await room.hear(events[2], replace(room.deps, objects=dying))

    dying.close()
    assert await room.listed() == []
    for item in items:
        assert (await room.get(f"/g/{CAMPAIGN}/i/{item}")).status_code == 404
    await room.hear(events[2])
    assert await room.listed() == items


async def test_the_photos_of_a_series_stand_together_at_its_moment(room: Room) -> None:
    items = [an_item_id() for _ in range(3)]
    loose: list[ItemId] = [an_item_id(), an_item_id()]
    await room.clear(loose[0], 1)
    await room.show_series(items)
    await room.clear(loose[1], 1, hours=48)

    order = await room.listed()

    assert order == [loose[1], *items, loose[0]]
    for before, item, after in zip(order, order[1:], order[2:], strict=False):
        page = (await room.get(f"/g/{CAMPAIGN}/i/{item}?lang=en")).text
        assert f'rel="prev" href="/g/{CAMPAIGN}/i/{before}?' in page
        assert f'rel="next" href="/g/{CAMPAIGN}/i/{after}?' in page
