"""Mandates, consents and second looks: what is revoked, what comes back, and who decides."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from services.contracts.envelope import Envelope
from services.contracts.ids import CuratorId, ItemId, MandateId
from services.contracts.ingest import (
    AppealLodged,
    Attribution,
    ChannelGrant,
    ConsentRecorded,
    Item,
    ItemAttributed,
    ItemChanged,
    ItemReceived,
    ItemWithdrawn,
    Link,
    MandateAnnounced,
)
from services.moderation import app
from tests.builders import CAMPAIGN, MOMENT, a_consent, an_event, an_item
from tests.installation import Installation, environment
from tests.integration.desk_room import HTML, Desk, decide, opened, queue

MANDATE = MandateId("mandaat-tinne")
COUNTED = Attribution(mandate=MANDATE, curator=CuratorId("tinne"), lane="counted")


@pytest.fixture
async def desk(unheard_installation: Installation) -> AsyncIterator[Desk]:
    async with opened(unheard_installation) as desk:
        yield desk


def a_mandate(version: int, **changes: Any) -> Envelope[Any]:
    now = datetime.now(UTC)
    fields: dict[str, Any] = {
        "mandate": MANDATE,
        "campaign": CAMPAIGN,
        "curator": CuratorId("tinne"),
        "name": "Tinne Maes",
        "starts_at": now - timedelta(days=1),
        "ends_at": now + timedelta(days=13),
        "time_zone": "Europe/Brussels",
        "state": "accepted",
    }
    return an_event(MandateAnnounced(**(fields | changes)), MANDATE, version)


def consent_event(item: str, version: int, **grant: Any) -> Envelope[Any]:
    consent = grant.pop("consent", a_consent())
    fields: dict[str, Any] = {"channel": "web", "given_at": MOMENT}
    given = ChannelGrant(**(fields | grant))
    told = ConsentRecorded(item=ItemId(item), campaign=CAMPAIGN, consent=consent, grants=(given,))
    return an_event(told, f"consent-{item}", version)


def an_appeal(item: str, version: int = 1, words: str = "Kijk nog eens") -> Envelope[Any]:
    at = datetime.now(UTC) + timedelta(seconds=version)
    lodged = AppealLodged(item=ItemId(item), campaign=CAMPAIGN, words=words, lodged_at=at)
    return an_event(lodged, f"appeal-{item}", version)


async def approved(desk: Desk, item: str) -> None:
    async with desk.browser("bram") as bram:
        [(version,)] = desk.installation.rows(
            "select version from moderation.review where item = %s", item
        )
        answer = await decide(bram, "approve", {"item": item, "version": version})
        assert answer.status_code == 200, answer.text


async def rejected(desk: Desk, item: str, by: str = "bram") -> httpx.Response:
    async with desk.browser(by) as browser:
        [(version,)] = desk.installation.rows(
            "select version from moderation.review where item = %s", item
        )
        waiting = {"item": item, "version": version}
        return await decide(browser, "reject", waiting, reasons=["quality"])


def last_data(desk: Desk, item: str) -> dict[str, Any]:
    [(found,)] = desk.installation.rows(
        "select data from moderation.event where subject = %s order by version desc limit 1", item
    )
    assert isinstance(found, dict)
    return found  # pyright: ignore[reportUnknownVariableType]


def cleared(desk: Desk) -> int:
    [(number,)] = desk.installation.rows("select count(*) from moderation.review where cleared")
    assert isinstance(number, int)
    return number


async def until_cleared(desk: Desk, number: int) -> None:
    async with asyncio.timeout(20):
        while cleared(desk) != number:  # noqa: ASYNC110 - the clock tells nobody but the database
            await asyncio.sleep(0.05)


async def hear_twice(desk: Desk, event: Envelope[Any]) -> None:
    await desk.hear(event)
    await desk.hear(event.model_copy(update={"id": str(uuid4())}))


async def test_a_new_attribution_is_no_new_review_and_what_is_shown_is_said_again(
    desk: Desk,
) -> None:
    item = an_item()
    await desk.hear(an_event(ItemReceived(item=item), item.item))
    await approved(desk, item.item)
    counted = item.model_copy(update={"attribution": COUNTED})
    series = COUNTED.model_copy(update={"in_series": True})
    await hear_twice(desk, an_event(ItemAttributed(item=counted), item.item, 2))
    shown = last_data(desk, item.item)["item"]
    in_series = item.model_copy(update={"attribution": series})
    await desk.hear(an_event(ItemAttributed(item=in_series), item.item, 3))
    # Late: it is shown, but counts for nobody.
    late = item.model_copy(update={"attribution": COUNTED.model_copy(update={"lane": "late"})})

    assert (shown["mandate"], shown["inSeries"]) == (MANDATE, False)
    assert last_data(desk, item.item)["item"]["inSeries"] is True
    await desk.hear(an_event(ItemAttributed(item=late), item.item, 4))
    assert "mandate" not in last_data(desk, item.item)["item"]
    assert desk.said(item.item) == [
        "review.opened",
        "review.decided",
        "item.cleared",
        "item.cleared",
        "item.cleared",
        "item.cleared",
    ]


async def test_an_attribution_that_overtook_its_item_opens_the_review(desk: Desk) -> None:
    item = an_item(attribution=COUNTED)
    await desk.hear(an_event(ItemAttributed(item=item), item.item, 2))
    await desk.hear(an_event(ItemReceived(item=an_item(item=item.item)), item.item, 1))
    async with desk.browser("anna") as anna:
        [waiting] = await queue(anna)
    assert (waiting["lane"], waiting["mandate"]) == ("counted", MANDATE)
    assert desk.said(item.item) == ["review.opened"]


async def test_an_attribution_that_brings_other_content_asks_again(desk: Desk) -> None:
    [item] = await desk.receive()
    await approved(desk, item)
    edited = an_item(item=item, text="Iets anders", attribution=COUNTED)
    await desk.hear(an_event(ItemAttributed(item=edited), item, 3))
    assert desk.said(item)[-2:] == ["review.opened", "item.revoked"]


async def test_an_emergency_stop_revokes_all_that_came_for_the_mandate_and_it_comes_back(
    desk: Desk,
) -> None:
    await desk.hear(a_mandate(1))
    items = await desk.receive(100, attribution=COUNTED)
    [other] = await desk.receive()
    for item in [*items, other]:
        await approved(desk, item)
    assert cleared(desk) == 101

    async with desk.clock():
        await desk.hear(a_mandate(3, hidden=True, state="stopped"))
        # An older announcement, and the same again, change nothing.
        await desk.hear(a_mandate(2))
        await until_cleared(desk, 1)
        assert last_data(desk, items[0])["reason"] == "mandate-stopped"
        [late] = await desk.receive(attribution=COUNTED)
        await approved(desk, late)
        assert "item.cleared" not in desk.said(late)
        async with desk.browser("anna") as anna:
            page = await anna.get(f"/desk/items/{late}?lang=en", headers=HTML)
        await desk.hear(a_mandate(4, state="stopped"))
        await until_cleared(desk, 102)

    assert "mandate was stopped" in page.text
    assert desk.said(items[0]) == [
        "review.opened",
        "review.decided",
        "item.cleared",
        "item.revoked",
        "item.cleared",
    ]
    assert "item.revoked" not in desk.said(other)


async def test_a_mandate_that_is_heard_of_after_its_items_hides_them_all_the_same(
    desk: Desk,
) -> None:
    [item] = await desk.receive(attribution=COUNTED)
    await approved(desk, item)
    async with desk.clock():
        await desk.hear(a_mandate(1, hidden=True))
        await until_cleared(desk, 0)
    assert last_data(desk, item)["reason"] == "mandate-stopped"


async def test_a_consent_for_the_web_that_is_taken_back_revokes_at_once(desk: Desk) -> None:
    [item] = await desk.receive()
    await approved(desk, item)
    await hear_twice(desk, consent_event(item, 2, withdrawn_at=MOMENT))
    assert last_data(desk, item)["reason"] == "consent-withdrawn"
    # An older consent comes late, and changes nothing.
    await desk.hear(consent_event(item, 1))
    async with desk.browser("anna") as anna:
        page = await anna.get(f"/desk/items/{item}?lang=en", headers=HTML)
    assert desk.said(item)[-1] == "item.revoked"
    assert "The giver took back the consent for the web" in page.text
    await desk.hear(consent_event(item, 3))
    assert desk.said(item)[-2:] == ["item.revoked", "item.cleared"]


async def test_a_consent_may_come_before_its_item(desk: Desk) -> None:
    item = an_item()
    await hear_twice(desk, consent_event(item.item, 1, channel="print"))
    await desk.hear(an_event(ItemReceived(item=item), item.item))
    await approved(desk, item.item)
    assert "item.cleared" not in desk.said(item.item)
    await desk.hear(consent_event(item.item, 2))
    assert desk.said(item.item)[-1] == "item.cleared"


async def test_a_consent_lapses_without_anybodys_decision(desk: Desk) -> None:
    [item] = await desk.receive()
    await approved(desk, item)
    soon = datetime.now(UTC) + timedelta(seconds=1)
    await desk.hear(consent_event(item, 1, until=soon))
    assert cleared(desk) == 1
    async with desk.clock():
        await until_cleared(desk, 0)
    assert last_data(desk, item)["reason"] == "consent-lapsed"
    assert datetime.now(UTC) >= soon


async def test_a_child_is_not_shown_until_a_parent_agrees(desk: Desk) -> None:
    [item] = await desk.receive()
    alone = a_consent(minor=True)
    await desk.hear(consent_event(item, 1, consent=alone))
    await approved(desk, item)
    async with desk.browser("anna") as anna:
        [waiting] = await queue(anna)
        await decide(anna, "approve", waiting)
        page = await anna.get(f"/desk/items/{item}?lang=nl", headers=HTML)
    assert "Er staat iemand onder 18 in beeld en geen ouder stemde in" in page.text
    assert "item.cleared" not in desk.said(item)
    agreed = alone.model_copy(update={"guardian": True})
    await desk.hear(consent_event(item, 2, consent=agreed))
    assert desk.said(item)[-1] == "item.cleared"


@pytest.mark.parametrize(("action", "outcome"), [("approve", "overturned"), ("reject", "upheld")])
async def test_a_second_look_is_given_by_somebody_else_and_its_outcome_is_said(
    desk: Desk, action: str, outcome: str
) -> None:
    with environment(desk.installation.environment):
        await app.add_staff("bram", "Bram Claes", ["moderator"])
    [item] = await desk.receive()
    await rejected(desk, item)
    await hear_twice(desk, an_appeal(item, words="Dit is <b>echt</b> de Schelde"))
    async with desk.browser("bram") as bram, desk.browser("anna") as anna:
        assert await queue(bram) == []
        refused = await decide(bram, action, {"item": item, "version": 3}, reasons=["quality"])
        own = await bram.get(f"/desk/items/{item}?lang=en", headers=HTML)
        empty = await bram.get("/desk?lang=en", headers=HTML)
        [waiting] = await queue(anna)
        page = await anna.get("/desk?lang=en", headers=HTML)
        answer = await decide(anna, action, waiting, reasons=["quality"])
        after = await anna.get(f"/desk/items/{item}?lang=en", headers=HTML)
        undone = await decide(anna, "revert", {"item": item, **_version(answer)})
        again = await decide(anna, action, {"item": item, **_version(undone)}, reasons=["quality"])
        meddling = await decide(bram, "revert", {"item": item, **_version(again)})
    assert (refused.status_code, refused.json()["code"]) == (409, "own-decision")
    assert "The giver asked to look again at your decision" in own.text
    assert f'action="/desk/items/{item}/approve"' not in own.text
    assert "What is left is for a colleague" in empty.text
    assert waiting["second_look"] is True
    assert "Second look asked" in page.text
    assert "decision of Bram Claes" in page.text
    assert "Too blurred, too dark or too small" in _before(page.text, "Dit is &lt;b&gt;")
    assert "Dit is &lt;b&gt;echt&lt;/b&gt; de Schelde" in page.text
    assert "after a second look" in after.text
    assert undone.json()["state"] == "pending"
    assert meddling.json()["code"] == "own-decision"
    outcomes = desk.installation.rows(
        """select data->>'appeal' from moderation.event
           where type = 'dichtbij.review.decided.v1' order by version"""
    )
    assert outcomes == [(None,), (outcome,), (outcome,)]
    [(words,)] = desk.installation.rows(
        "select count(*) from moderation.event where data::text like %s", "%Schelde%echt%"
    )
    assert words == 0


async def test_a_take_down_can_be_appealed_against_and_an_answer_cannot(desk: Desk) -> None:
    [item] = await desk.receive()
    await approved(desk, item)
    async with desk.browser("anna") as anna, desk.browser("chloe") as chloe:
        down = await decide(anna, "take-down", {"item": item, "version": 3}, reasons=["privacy"])
        await desk.hear(an_appeal(item))
        [waiting] = await queue(chloe)
        upheld = await decide(chloe, "reject", waiting, reasons=["privacy"])
        await desk.hear(an_appeal(item, 2))
    assert down.json()["state"] == "taken-down"
    assert upheld.json()["state"] == "rejected"
    assert desk.said(item)[-1] == "review.decided"


async def test_an_appeal_for_what_is_approved_or_withdrawn_changes_nothing(desk: Desk) -> None:
    first, second = await desk.receive(2)
    await approved(desk, first)
    await desk.hear(an_appeal(first))
    await rejected(desk, second)
    gone = ItemWithdrawn(item=ItemId(second), campaign=CAMPAIGN, reason="author")
    await desk.hear(an_event(gone, second, 2))
    await desk.hear(an_appeal(second))
    assert desk.said(first)[-1] == "item.cleared"
    assert desk.said(second) == ["review.opened", "review.decided", "review.closed"]
    assert desk.installation.rows("select * from moderation.appeal") == []


async def test_an_appeal_that_came_before_its_refusal_is_not_lost(desk: Desk) -> None:
    item = an_item()
    await desk.hear(an_appeal(item.item))
    await desk.hear(an_event(ItemReceived(item=item), item.item))
    answer = await rejected(desk, item.item)
    async with desk.browser("bram") as bram, desk.browser("anna") as anna:
        assert await queue(bram) == []
        [waiting] = await queue(anna)
    assert (answer.json()["state"], answer.json()["lease"]) == ("pending", None)
    assert waiting["second_look"] is True
    [(words,)] = desk.installation.rows("select words from moderation.appeal")
    assert words == "Kijk nog eens"


async def test_a_giver_who_mends_an_item_while_it_is_looked_at_again_still_gets_an_answer(
    desk: Desk,
) -> None:
    item = an_item()
    await desk.hear(an_event(ItemReceived(item=item), item.item))
    await rejected(desk, item.item)
    await desk.hear(an_appeal(item.item))
    mended = item.model_copy(update={"text": "Beter onderschrift"})
    await desk.hear(an_event(ItemChanged(item=mended), item.item, 2))
    async with desk.browser("anna") as anna:
        [waiting] = await queue(anna)
        assert (waiting["caption"], waiting["second_look"]) == ("Beter onderschrift", True)
        await decide(anna, "approve", waiting)
    [(outcome,)] = desk.installation.rows(
        """select data->>'appeal' from moderation.event
           where type = 'dichtbij.review.decided.v1' order by version desc limit 1"""
    )
    assert outcome == "overturned"


async def test_what_a_giver_wrote_is_forgotten_with_the_item(desk: Desk) -> None:
    [item] = await desk.receive()
    await rejected(desk, item)
    await desk.hear(an_appeal(item))
    gone = ItemWithdrawn(item=ItemId(item), campaign=CAMPAIGN, reason="author")
    await desk.hear(an_event(gone, item, 2))
    assert desk.installation.rows("select * from moderation.appeal") == []
    assert desk.said(item)[-1] == "review.closed"


async def test_nobody_decides_on_what_they_gave_or_what_counts_for_their_mandate(
    desk: Desk,
) -> None:
    await desk.hear(a_mandate(1, staff_account="anna"))
    [given] = await desk.receive(giver_account="anna")
    [held] = await desk.receive(attribution=COUNTED)
    async with desk.browser("anna", "moderator", "editor") as anna:
        assert await queue(anna) == []
        counts = (await anna.get("/desk/counts.json")).json()
        page = await anna.get(f"/desk/items/{given}?lang=en", headers=HTML)
        for item in (given, held):
            for action in ("approve", "reject"):
                answer = await decide(
                    anna, action, {"item": item, "version": 1}, reasons=["quality"]
                )
                assert (answer.status_code, answer.json()["code"]) == (409, "own-item")
        await rejected(desk, given)
        undo = await decide(anna, "revert", {"item": given, "version": 2}, note="van mij")
        form = {"csrf": anna.headers.pop("x-csrf-token"), "version": "1", "back": "/desk?lang=en"}
        told = await anna.post(f"/desk/items/{held}/approve", data=form, headers=HTML)
        page_after = await anna.get(told.headers["location"], headers=HTML)
    assert undo.json()["code"] == "own-item"
    assert (counts[0]["waiting"], counts[0]["own"]) == (2, 2)
    assert "This is your own item. A colleague decides on it." in page.text
    assert f'action="/desk/items/{given}/approve"' not in page.text
    assert "Nothing was changed: this is your own item." in page_after.text
    async with desk.browser("chloe") as chloe:
        [waiting] = await queue(chloe)
        assert (await decide(chloe, "approve", waiting)).status_code == 200


async def test_a_withdrawal_closes_a_review_once_also_one_that_was_never_decided(
    desk: Desk,
) -> None:
    [item] = await desk.receive()
    gone = ItemWithdrawn(item=ItemId(item), campaign=CAMPAIGN, reason="author")
    await hear_twice(desk, an_event(gone, item, 2))
    await desk.hear(an_event(gone, item, 3))
    unknown = an_item().item
    stray = ItemWithdrawn(item=unknown, campaign=CAMPAIGN, reason="author")
    await desk.hear(an_event(stray, unknown))
    closed = desk.installation.rows(
        """select subject, topic from moderation.event
           where type = 'dichtbij.review.closed.v1'"""
    )
    assert closed == [(item, "decisions")]


async def test_a_coordinator_finds_the_way_from_the_desk_to_the_campaigns(desk: Desk) -> None:
    await desk.hear(a_mandate(1))
    await desk.receive()
    link = f'<a href="{desk.settings.ingest_url}/manage?lang=nl">Campagnes beheren</a>'
    async with desk.browser("anna") as anna, desk.browser("co", "moderator", "coordinator") as co:
        assert link not in (await anna.get("/desk?lang=nl", headers=HTML)).text
        assert link in (await co.get("/desk?lang=nl", headers=HTML)).text


async def test_the_desk_can_be_narrowed_to_what_came_during_a_pause(desk: Desk) -> None:
    await desk.hear(a_mandate(1))
    [paused] = await desk.receive(attribution=COUNTED.model_copy(update={"lane": "paused"}))
    [plain] = await desk.receive()
    async with desk.browser("anna") as anna:
        everything = await anna.get(f"/desk?campaign={CAMPAIGN}&lang=en", headers=HTML)
        page = await anna.get("/desk?lane=paused&lang=en", headers=HTML)
        [counted] = (await anna.get("/desk/counts.json")).json()
    assert "lane=paused" in everything.text
    assert 'data-lane-count="paused">1<' in everything.text
    assert paused in page.text
    assert plain not in page.text
    assert counted["paused"] == 1


async def test_the_desk_can_be_narrowed_to_late_items_and_to_second_looks(desk: Desk) -> None:
    await desk.hear(a_mandate(1))
    late = COUNTED.model_copy(update={"lane": "late"})
    [tardy] = await desk.receive(attribution=late)
    [plain] = await desk.receive()
    [appealed] = await desk.receive()
    await rejected(desk, appealed)
    await desk.hear(an_appeal(appealed))
    async with desk.browser("anna") as anna:
        page = await anna.get("/desk?lane=late&lang=en", headers=HTML)
        looks = await anna.get("/desk?lane=second-look&lang=en", headers=HTML)
        more = await anna.post(
            "/desk/take", data={"campaign": CAMPAIGN, "lane": "second-look"}, headers=HTML
        )
        await anna.post("/desk/leases/release", data={"tokens": ""})
        wrong = await anna.get("/desk?lane=nowhere", headers=HTML)
    assert tardy in page.text
    assert plain not in page.text
    assert "Late: it came after the end" in page.text
    assert "Tinne Maes" in page.text
    assert appealed in looks.text
    assert plain not in looks.text
    assert more.status_code == 200
    assert plain not in more.text
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    ("kind", "url", "is_link"),
    [
        ("song", "https://lied.voorbeeld.be/17?a=1&b=2", True),
        ("link", "javascript:alert(1)", False),
    ],
)
async def test_what_stands_elsewhere_is_shown_as_an_address_only(
    desk: Desk, kind: str, url: str, *, is_link: bool
) -> None:
    link = Link(url=url, host="lied.voorbeeld.be", title="<i>Avond</i>")
    [item] = await desk.receive(
        kind=kind, attachments=(), link=link, place="Het Steen", text="Hoort bij de avond"
    )
    grants = consent_event(item, 1, until=datetime(2097, 8, 1, tzinfo=UTC))
    await desk.hear(grants)
    async with desk.browser("anna") as anna:
        page = await anna.get("/desk?lang=en", headers=HTML)
    address = url.replace("&", "&amp;")
    anchor = f'href="{address}" target="_blank" rel="noopener noreferrer nofollow">{address}</a>'
    assert (anchor in page.text) is is_link
    assert address in page.text
    assert 'href="javascript:' not in page.text
    assert "&lt;i&gt;Avond&lt;/i&gt;" in page.text
    assert "Het Steen" in page.text
    assert "until 01/08/2097" in page.text
    assert "<iframe" not in page.text


async def test_an_item_of_before_this_version_is_judged_by_its_own_consent(desk: Desk) -> None:
    item = an_item()
    old = Item.model_validate(
        item.model_dump(exclude={"attribution", "giver_account", "link", "place"})
    )
    await desk.hear(an_event(ItemReceived(item=old), item.item))
    await approved(desk, item.item)
    assert desk.said(item.item)[-1] == "item.cleared"


def _before(text: str, words: str) -> str:
    """Give what a page says just before some words."""
    return text[: text.index(words)][-300:]


def _version(answer: httpx.Response) -> dict[str, int]:
    return {"version": answer.json()["version"]}


async def test_an_item_and_its_consent_that_come_at_once_are_both_kept(desk: Desk) -> None:
    items = [an_item() for _ in range(30)]
    for item in items:
        received = an_event(ItemReceived(item=item), item.item)
        rivals = (desk.hear(received), desk.hear(consent_event(item.item, 1)))
        await asyncio.gather(*rivals)

    kept = desk.installation.rows(
        "select count(*) from moderation.review where life = 'live' and consent is not null"
    )
    assert kept == [(len(items),)]
