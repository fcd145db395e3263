"""Reviews on the real database: items in, leases, decisions, and what is said about them."""

import asyncio
import json
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
import uvicorn

from services.contracts.gallery import ItemPublished
from services.contracts.ids import ItemId
from services.contracts.ingest import ItemChanged, ItemReceived, ItemWithdrawn
from services.moderation import app
from services.moderation.store.news import News, tell
from tests.builders import CAMPAIGN, a_campaign, an_event, an_item
from tests.installation import Installation, environment
from tests.integration.desk_room import HTML, Desk, decide, opened, queue


@pytest.fixture
async def desk(unheard_installation: Installation) -> AsyncIterator[Desk]:
    async with opened(unheard_installation) as desk:
        yield desk


async def test_an_item_that_is_approved_is_cleared_for_the_world(desk: Desk) -> None:
    [item] = await desk.receive()
    async with desk.browser("anna") as anna:
        [waiting] = await queue(anna)
        answer = await decide(anna, "approve", waiting)
    assert (answer.status_code, answer.json()["state"]) == (200, "approved")
    assert answer.json()["cleared"] is True
    assert desk.said(item) == ["review.opened", "review.decided", "item.cleared"]
    actors = desk.installation.rows("select actor from moderation.event where version = 2")
    assert actors == [("staff:anna",)]


async def test_moderators_who_take_at_the_same_time_never_get_the_same_item(desk: Desk) -> None:
    await desk.receive(60)
    names = ["anna", "bram", "chloe", "dries"]
    browsers = [desk.browser(name) for name in names]
    pages = await asyncio.gather(*(queue(browser, 10) for browser in browsers for _ in range(2)))
    pages += [await queue(browser, 15) for browser in browsers]
    held: dict[str, set[str]] = {}
    for name, page in zip([n for n in names for _ in range(2)] + names, pages, strict=True):
        for waiting in page:
            held.setdefault(waiting["item"], set()).add(name)
    for browser in browsers:
        await browser.aclose()
    assert all(len(moderators) == 1 for moderators in held.values())
    assert len(held) == 60


async def test_what_a_colleague_holds_is_refused_with_his_name(desk: Desk) -> None:
    await desk.receive()
    with environment(desk.installation.environment):
        await app.add_staff("bram", "Bram Claes", ["moderator"])
    async with desk.browser("anna") as anna, desk.browser("bram") as bram:
        [waiting] = await queue(bram)
        assert await queue(anna) == []
        answer = await decide(anna, "approve", waiting)
    assert answer.status_code == 409
    assert (answer.json()["code"], answer.json()["winner"]) == ("lease-lost", "Bram Claes")


async def test_a_lease_that_ran_out_goes_to_the_next_and_its_old_holder_is_refused(
    desk: Desk,
) -> None:
    await desk.receive()
    async with desk.browser("anna") as anna, desk.browser("bram") as bram:
        [stale] = await queue(anna)
        desk.installation.rows("update moderation.review set lease_expires_at = now()")
        [fresh] = await queue(bram)
        renewed = await anna.post("/desk/leases/renew", json={"tokens": [stale["lease"], "x"]})
        answer = await decide(anna, "approve", stale)
        kept = await bram.post("/desk/leases/renew", json={"tokens": [fresh["lease"]]})
    assert renewed.json() == {"tokens": []}
    assert answer.json()["code"] == "lease-lost"
    assert kept.json() == {"tokens": [fresh["lease"]]}


async def test_a_page_that_is_closed_lets_go_of_its_items_but_not_of_those_of_a_newer_page(
    desk: Desk,
) -> None:
    await desk.receive(2)
    async with desk.browser("anna") as anna, desk.browser("bram") as bram:
        first = await queue(anna)
        again = await queue(anna)
        form = {"tokens": ",".join(w["lease"] for w in first), "csrf": anna.headers["x-csrf-token"]}
        assert (await anna.post("/desk/leases/release", data=form)).status_code == 204
        assert await queue(bram) == []
        form["tokens"] = ",".join(w["lease"] for w in again)
        assert (await anna.post("/desk/leases/release", data=form)).status_code == 204
        assert len(await queue(bram)) == 2


async def test_the_second_decision_on_an_item_learns_who_was_first(desk: Desk) -> None:
    await desk.receive()
    with environment(desk.installation.environment):
        await app.add_staff("anna", "Anna De Smet", ["moderator"])
    async with desk.browser("anna") as anna, desk.browser("bram") as bram:
        [waiting] = await queue(anna)
        await decide(anna, "reject", waiting, reasons=["quality"])
        answer = await decide(bram, "approve", waiting)
    assert answer.status_code == 409
    problem = answer.json()
    assert (problem["code"], problem["winner"]) == ("stale-version", "Anna De Smet")
    assert problem["verdict"] == "rejected"


async def test_of_decisions_at_the_same_moment_exactly_one_wins(desk: Desk) -> None:
    [item] = await desk.receive()
    browsers = [desk.browser(name) for name in ("anna", "bram", "chloe", "dries")]
    answers = await asyncio.gather(
        *(decide(browser, "approve", {"item": item, "version": 1}) for browser in browsers)
    )
    for browser in browsers:
        await browser.aclose()
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert desk.said(item).count("review.decided") == 1


async def test_a_decision_that_was_sent_twice_is_made_once_and_answered_twice(desk: Desk) -> None:
    [item] = await desk.receive()
    async with desk.browser("anna") as anna:
        [waiting] = await queue(anna)
        first = await decide(anna, "approve", waiting)
        second = await decide(anna, "approve", waiting)
    assert first.json()["version"] == second.json()["version"]
    assert second.status_code == 200
    assert desk.said(item).count("review.decided") == 1


async def test_nothing_can_be_decided_about_an_item_that_was_withdrawn(desk: Desk) -> None:
    [item] = await desk.receive()
    async with desk.browser("anna") as anna:
        [waiting] = await queue(anna)
        gone = ItemWithdrawn(item=ItemId(item), campaign=CAMPAIGN, reason="author")
        await desk.hear(an_event(gone, item, 2))
        answer = await decide(anna, "approve", waiting)
        page = await anna.get(f"/desk/items/{item}", headers=HTML)
        assert await queue(anna) == []
    assert (answer.status_code, answer.json()["code"]) == (409, "item-withdrawn")
    assert page.status_code == 200
    assert "An Peeters" not in page.text
    [(snapshot,)] = desk.installation.rows("select snapshot from moderation.review")
    assert snapshot is None


async def test_a_refusal_without_a_reason_changes_nothing(desk: Desk) -> None:
    [item] = await desk.receive()
    async with desk.browser("anna") as anna:
        [waiting] = await queue(anna)
        answer = await decide(anna, "reject", waiting)
        other = await decide(anna, "reject", waiting, reasons=["other"])
        noted = await decide(anna, "reject", waiting, reasons=["other"], note="Zie de mail")
        page = await anna.get(f"/desk/items/{item}", headers=HTML)
    assert (answer.status_code, answer.json()["code"]) == (422, "reason-missing")
    assert other.json()["code"] == "reason-missing"
    assert noted.json()["state"] == "rejected"
    assert "Zie de mail" in page.text
    rows = desk.installation.rows(
        "select 1 from moderation.event where position('mail' in data::text) > 0"
    )
    assert rows == []


async def test_a_moderator_undoes_his_own_decision_and_holds_the_item_again(desk: Desk) -> None:
    [item] = await desk.receive()
    async with desk.browser("anna") as anna, desk.browser("bram") as bram:
        [waiting] = await queue(anna)
        approved = await decide(anna, "approve", waiting)
        strange = await decide(bram, "revert", {"item": item, **_version(approved)})
        undone = await decide(anna, "revert", {"item": item, **_version(approved)})
        again = await decide(anna, "approve", {"item": item, **undone.json()})
        assert await queue(bram) == []
    assert (strange.status_code, strange.json()["code"]) == (403, "not-your-decision")
    assert undone.json()["state"] == "pending"
    assert undone.json()["lease"]
    assert again.json()["state"] == "approved"
    assert desk.said(item)[1:] == [
        "review.decided",
        "item.cleared",
        "review.reverted",
        "item.revoked",
        "review.decided",
        "item.cleared",
    ]


def _version(answer: httpx.Response) -> dict[str, int]:
    return {"version": answer.json()["version"]}


async def test_an_editor_undoes_a_colleagues_decision_with_a_note(desk: Desk) -> None:
    [item] = await desk.receive()
    async with desk.browser("anna") as anna, desk.browser("els", "moderator", "editor") as els:
        approved = await decide(anna, "approve", {"item": item, "version": 1})
        bare = await decide(els, "revert", {"item": item, **_version(approved)})
        noted = await decide(els, "revert", {"item": item, **_version(approved)}, note="Fout")
    assert bare.json()["code"] == "reason-missing"
    assert noted.json()["state"] == "pending"


async def test_an_approved_item_is_taken_down_with_a_reason(desk: Desk) -> None:
    [item] = await desk.receive()
    async with desk.browser("anna") as anna, desk.browser("bram") as bram:
        approved = await decide(anna, "approve", {"item": item, "version": 1})
        down = await decide(
            bram, "take-down", {"item": item, **_version(approved)}, reasons=["privacy"]
        )
        twice = await decide(bram, "reject", {"item": item, **_version(down)}, reasons=["privacy"])
    assert down.json()["state"] == "taken-down"
    assert (twice.status_code, twice.json()["code"]) == (409, "transition-refused")
    assert desk.said(item)[-1] == "item.revoked"


async def test_an_edit_at_the_source_revokes_the_item_and_asks_again(desk: Desk) -> None:
    item = an_item()
    await desk.hear(an_event(ItemReceived(item=item), item.item))
    async with desk.browser("anna") as anna:
        [waiting] = await queue(anna)
        await decide(anna, "approve", waiting)
        edited = item.model_copy(update={"text": "Iets anders", "revision": 2})
        await desk.hear(an_event(ItemChanged(item=edited), item.item, 2))
        [again] = await queue(anna)
    assert again["caption"] == "Iets anders"
    assert desk.said(item.item)[-2:] == ["review.opened", "item.revoked"]


async def test_item_events_five_times_and_out_of_order_leave_one_review(desk: Desk) -> None:
    item = an_item()
    edited = item.model_copy(update={"text": "Twee", "revision": 2})
    events = [
        an_event(ItemChanged(item=edited), item.item, 2),
        an_event(ItemReceived(item=item), item.item, 1),
    ]
    for event in events * 5:
        await desk.hear(event)
    for event in events:
        # The same version once more, under another id: as after a restored backup.
        await desk.hear(event.model_copy(update={"id": str(uuid4())}))
    async with desk.browser("anna") as anna:
        [waiting] = await queue(anna)
    assert waiting["caption"] == "Twee"
    assert desk.said(item.item) == ["review.opened"]


async def test_without_script_a_moderator_decides_and_undoes_by_forms(desk: Desk) -> None:
    [item] = await desk.receive()
    async with desk.browser("anna") as anna:
        page = await anna.get("/desk", headers=HTML)
        assert f'action="/desk/items/{item}/approve"' in page.text
        form = {"csrf": anna.headers.pop("x-csrf-token"), "version": "1", "back": "/desk?lang=en"}
        done = await anna.post(f"/desk/items/{item}/approve", data=form, headers=HTML)
        told = await anna.get(done.headers["location"], headers=HTML)
        late = await anna.post(
            f"/desk/items/{item}/reject",
            data=form | {"reasons": "quality", "back": "https://elsewhere.example/"},
            headers=HTML,
        )
        form["version"] = "3"
        await anna.post(f"/desk/items/{item}/revert", data=form, headers=HTML)
    assert done.status_code == 303
    assert done.headers["location"].startswith("/desk?lang=en&done=")
    assert f'action="/desk/items/{item}/revert"' in told.text
    assert late.headers["location"].startswith("/desk?clash=stale-version")
    assert desk.said(item)[-2:] == ["review.reverted", "item.revoked"]


async def test_who_is_no_moderator_sees_and_decides_nothing(desk: Desk) -> None:
    [item] = await desk.receive()
    async with desk.browser("carla", "coordinator") as carla:
        for path in ("/desk/queue.json?campaign=x", "/desk/counts.json", f"/desk/items/{item}"):
            assert (await carla.get(path)).status_code == 403
        answer = await decide(carla, "approve", {"item": item, "version": 1})
    assert answer.json()["code"] == "role-missing"
    assert desk.said(item) == ["review.opened"]


async def test_a_decision_from_another_site_is_refused(desk: Desk) -> None:
    [item] = await desk.receive()
    async with desk.browser("anna") as anna:
        waiting = {"item": item, "version": 1}
        anna.headers["sec-fetch-site"] = "cross-site"
        crossed = await decide(anna, "approve", waiting)
        del anna.headers["sec-fetch-site"]
        anna.headers["x-csrf-token"] = "guessed"
        guessed = await decide(anna, "approve", waiting)
    assert (crossed.json()["code"], guessed.json()["code"]) == ("stray-request", "stray-request")
    assert desk.said(item) == ["review.opened"]


async def test_photos_are_shown_to_moderators_only_and_not_after_a_withdrawal(desk: Desk) -> None:
    await desk.objects.put("renditions", f"{'b' * 64}.jpg", b"a photo", "image/jpeg")
    [item] = await desk.receive()
    address = f"/desk/media/{item}/{'b' * 64}"
    async with desk.browser("anna") as anna:
        shown = await anna.get(address)
        kept = await anna.get(address, headers={"if-none-match": shown.headers["etag"]})
        wrong = await anna.get(f"/desk/media/{item}/{'c' * 64}")
        anna.cookies.clear()
        strange = await anna.get(address)
    assert (shown.content, shown.headers["content-type"]) == (b"a photo", "image/jpeg")
    assert "private" in shown.headers["cache-control"]
    assert (kept.status_code, wrong.status_code, strange.status_code) == (304, 404, 401)
    gone = ItemWithdrawn(item=ItemId(item), campaign=CAMPAIGN, reason="author")
    await desk.hear(an_event(gone, item, 2))
    async with desk.browser("anna") as anna:
        assert (await anna.get(address)).status_code == 404


async def test_the_tabs_show_what_was_decided_and_since_when_it_is_seen(desk: Desk) -> None:
    first, second = await desk.receive(2)
    async with desk.browser("anna") as anna:
        await decide(anna, "approve", {"item": first, "version": 1})
        await decide(anna, "reject", {"item": second, "version": 1}, reasons=["duplicate"])
        shown = ItemPublished(
            item=ItemId(first), campaign=CAMPAIGN, gallery=CAMPAIGN, position=1, path="/g/x/i/y"
        )
        await desk.hear(an_event(shown, first))
        approved = await anna.get("/desk?tab=approved&lang=en", headers=HTML)
        rejected = await anna.get("/desk?tab=rejected&lang=en", headers=HTML)
        counted = (await anna.get("/desk/counts.json")).json()
    assert first in approved.text
    assert second not in approved.text
    assert "/g/x/i/y" in approved.text
    assert "We have this photo already" in rejected.text
    [counts] = counted
    assert counts["campaign"] == CAMPAIGN
    assert [counts[tab] for tab in ("waiting", "held", "approved", "rejected")] == [0, 0, 1, 1]


async def test_several_campaigns_are_chosen_from_and_one_is_opened_at_once(desk: Desk) -> None:
    await desk.receive()
    async with desk.browser("anna") as anna:
        alone = await anna.get("/desk", headers=HTML)
        other = a_campaign(campaign="zot-van-a", name={"nl": "Zot van A"})
        await desk.hear(an_event(other, "zot-van-a"))
        choice = await anna.get("/desk", headers=HTML)
        unknown = await anna.get("/desk?campaign=nowhere", headers=HTML)
    assert 'id="cards"' in alone.text
    assert "Zot van A" in choice.text
    assert 'id="cards"' not in choice.text
    assert unknown.status_code == 404


async def test_an_older_announcement_does_not_overwrite_a_campaign(desk: Desk) -> None:
    await desk.hear(an_event(a_campaign(name={"nl": "Nieuw"}), CAMPAIGN, 3))
    await desk.hear(an_event(a_campaign(name={"nl": "Oud"}), CAMPAIGN, 2))
    async with desk.browser("anna") as anna:
        page = await anna.get("/desk", headers=HTML)
    assert "<h1>Nieuw</h1>" in page.text


async def test_an_open_desk_hears_what_happens_in_its_campaign_only(desk: Desk) -> None:
    newsroom = desk.site.state.parts.newsroom
    with newsroom.desk() as unread:
        [item] = await desk.receive()
        async with desk.browser("anna") as anna:
            await decide(anna, "approve", {"item": item, "version": 1})
        heard: list[News] = []
        async with asyncio.timeout(20):
            while len(heard) < 2:
                news = await unread.get()
                if news.kind != "start-over":
                    heard.append(news)
    assert [(news.kind, news.item, news.by) for news in heard] == [
        ("waiting", item, "moderation"),
        ("decided", item, "anna"),
    ]


async def test_live_news_travel_as_server_sent_events(desk: Desk) -> None:
    server = uvicorn.Server(
        uvicorn.Config(desk.site, host="127.0.0.1", port=0, log_config=None, lifespan="off")
    )
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(30):
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        template = desk.browser("anna")
        url = f"http://127.0.0.1:{port}/desk/live?campaign={CAMPAIGN}"
        async with (
            httpx.AsyncClient(cookies=template.cookies) as browser,
            browser.stream("GET", url) as stream,
        ):
            lines = stream.aiter_lines()
            assert stream.headers["content-type"].startswith("text/event-stream")
            assert await anext(lines) == "retry: 2000"
            [item] = await desk.receive()
            while (line := await anext(lines)) != "event: waiting":
                pass
            line = await anext(lines)
        await template.aclose()
    server.should_exit = True
    await serving
    assert json.loads(line.removeprefix("data: "))["item"] == item


async def test_a_slow_desk_is_told_to_start_over_instead_of_filling_memory(desk: Desk) -> None:
    newsroom = desk.site.state.parts.newsroom
    with newsroom.desk() as unread:
        async with desk.database.transaction() as transaction:
            for number in range(300):
                await tell(transaction, News("waiting", CAMPAIGN, str(number)))
        async with asyncio.timeout(20):
            while (await unread.get()).item != "299":
                assert unread.qsize() <= 200
