"""Who can be singled out, as moderators answer it, on the real database: a child takes two."""

from collections.abc import AsyncIterator
from itertools import permutations
from typing import Any

import pytest

from services.contracts.envelope import Envelope
from services.contracts.ids import ItemId
from services.contracts.ingest import ChannelGrant, ConsentRecorded, ItemChanged
from services.moderation import app
from tests.builders import CAMPAIGN, MOMENT, a_consent, an_event, an_item
from tests.installation import Installation, environment
from tests.integration.desk_room import HTML, Desk, decide, opened, queue


@pytest.fixture
async def desk(unheard_installation: Installation) -> AsyncIterator[Desk]:
    async with opened(unheard_installation) as desk:
        with environment(unheard_installation.environment):
            await app.add_staff("bram", "Bram Claes", ["moderator"])
        yield desk


def a_word(item: str, version: int, **changes: Any) -> Envelope[Any]:
    """What the giver agrees to, as it is recorded."""
    told = ConsentRecorded(
        item=ItemId(item),
        campaign=CAMPAIGN,
        consent=a_consent(**changes),
        grants=(ChannelGrant(channel="web", given_at=MOMENT),),
    )
    return an_event(told, f"consent-{item}", version)


def answers(desk: Desk, item: str) -> list[tuple[object, ...]]:
    return desk.installation.rows(
        """select data->>'after', data->>'people' from moderation.event
           where subject = %s and type = 'dichtbij.review.decided.v1' order by version""",
        item,
    )


async def found(desk: Desk, item: str, by: str) -> dict[str, Any]:
    """Have somebody approve an item in which they see a child."""
    [(version,)] = desk.installation.rows(
        "select version from moderation.review where item = %s", item
    )
    async with desk.browser(by) as browser:
        seen = {"item": item, "version": version}
        answer = await decide(browser, "approve", seen, people="child")
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


@pytest.mark.parametrize("people", [None, "nobody", "agreed", "public-figure"])
async def test_an_answer_is_kept_and_the_photo_is_shown(desk: Desk, people: str | None) -> None:
    [item] = await desk.receive()
    async with desk.browser("anna") as anna:
        [waiting] = await queue(anna)
        answer = await decide(anna, "approve", waiting, people=people)
        page = await anna.get(f"/desk/items/{item}?lang=en", headers=HTML)
    assert (waiting["people"], waiting["proposed"]) == ("nobody", False)
    assert (answer.json()["state"], answer.json()["cleared"]) == ("approved", True)
    assert answers(desk, item) == [("approved", people or "nobody")]
    words = {"agreed": "an adult who agreed", "public-figure": "a public figure, as news"}
    assert page.text.count(words.get(people or "", "nobody singled out")) == 2


async def test_an_answer_that_nobody_knows_changes_nothing(desk: Desk) -> None:
    [item] = await desk.receive()
    async with desk.browser("anna") as anna:
        [waiting] = await queue(anna)
        answer = await decide(anna, "approve", waiting, people="teenager")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
    assert desk.said(item) == ["review.opened"]


async def test_a_child_takes_a_second_person_who_is_asked_at_once(desk: Desk) -> None:
    [item] = await desk.receive(consent=a_consent(guardian=True))
    async with desk.browser("bram") as bram, desk.browser("anna") as anna:
        [waiting] = await queue(bram)
        first = await decide(bram, "approve", waiting, people="child")
        twice = await decide(bram, "approve", waiting, people="child")
        alone = await decide(bram, "approve", {"item": item, "version": 2})
        left = await queue(bram)
        empty = await bram.get("/desk?lang=en", headers=HTML)
        own = await bram.get(f"/desk/items/{item}?lang=en", headers=HTML)
        [again] = await queue(anna)
        page = await anna.get("/desk?lang=en", headers=HTML)
        second = await decide(anna, "approve", again)
    assert (first.json()["state"], first.json()["cleared"]) == ("pending", False)
    assert first.json()["lease"] is None
    assert (twice.status_code, twice.json()["version"]) == (200, 2)
    assert (alone.status_code, alone.json()["code"]) == (409, "own-approval")
    assert left == []
    assert "What is left is for a colleague" in empty.text
    assert "A second person must say the same" in own.text
    assert f'action="/desk/items/{item}/approve"' not in own.text
    assert f'action="/desk/items/{item}/revert"' in own.text
    assert (again["people"], again["proposed"]) == ("child", True)
    assert "Bram Claes approved it and saw a child" in page.text
    assert (second.json()["state"], second.json()["cleared"]) == ("approved", True)
    assert answers(desk, item) == [("pending", "child"), ("approved", "child")]


@pytest.mark.parametrize("order", list(permutations(["first", "second", "word", "edit"])))
async def test_a_child_is_shown_only_with_two_people_and_a_parents_word_in_whichever_order(
    desk: Desk, order: tuple[str, ...]
) -> None:
    given = an_item()
    [item] = await desk.receive(item=given.item)
    done: list[str] = []
    people = iter(["anna", "bram"])
    for step in order:
        if step == "word":
            await desk.hear(a_word(item, 1, guardian=True))
        elif step == "edit":
            edited = given.model_copy(update={"text": "Beter gezegd", "revision": 2})
            await desk.hear(an_event(ItemChanged(item=edited), item, 2))
            people = iter(["anna", "bram"])
            done = [d for d in done if d == "word"]
        else:
            await found(desk, item, next(people))
        done.append(step)
        [(cleared,)] = desk.installation.rows("select cleared from moderation.review")
        looks = done.count("first") + done.count("second")
        assert cleared is (looks == 2 and "word" in done), done
    # After a change it is looked at by two anew; one key each is enough, for it is remembered.
    [(state,)] = desk.installation.rows("select state from moderation.review")
    async with desk.browser("chloe") as chloe, desk.browser("dries") as dries:
        for browser in (chloe, dries):
            if state == "pending" and (waiting := await queue(browser)):
                answer = await decide(browser, "approve", waiting[0])
                state = answer.json()["state"]
    [(cleared,)] = desk.installation.rows("select cleared from moderation.review")
    assert cleared is True


async def test_a_child_in_a_post_with_a_hashtag_is_never_shown(desk: Desk) -> None:
    [item] = await desk.receive(connector="mastodon", consent=None)
    async with desk.browser("anna") as anna:
        page = await anna.get("/desk?lang=en", headers=HTML)
    await found(desk, item, "anna")
    await found(desk, item, "bram")
    assert "Not said: do the people shown agree?" in page.text
    assert "item.cleared" not in desk.said(item)
    [(obstacle,)] = desk.installation.rows("select obstacle from moderation.review")
    assert obstacle == "minor-without-consent"


async def test_the_question_is_put_where_nobody_said_that_people_agreed(desk: Desk) -> None:
    asked = 'details class="panel people asked"'
    for consent, wanted in (
        (a_consent(), False),
        (a_consent(people=False), True),
        (a_consent(minor=True, guardian=True), True),
    ):
        [item] = await desk.receive(consent=consent)
        async with desk.browser("anna") as anna:
            page = await anna.get(f"/desk/items/{item}?lang=en", headers=HTML)
        assert (asked in page.text) is wanted
        assert page.text.count('name="people" value=') == 4
    [item] = await desk.receive(kind="text", attachments=())
    async with desk.browser("anna") as anna:
        page = await anna.get(f"/desk/items/{item}?lang=en", headers=HTML)
    assert 'name="people"' not in page.text


async def test_without_script_the_answer_is_given_and_undone_by_forms(desk: Desk) -> None:
    [item] = await desk.receive(consent=a_consent(guardian=True))
    async with desk.browser("bram") as bram, desk.browser("anna") as anna:
        form = {"csrf": bram.headers.pop("x-csrf-token"), "version": "1", "back": "/desk?lang=en"}
        address = f"/desk/items/{item}"
        done = await bram.post(f"{address}/approve", data=form | {"people": "child"}, headers=HTML)
        told = await bram.get(done.headers["location"], headers=HTML)
        [_] = await queue(anna)
        # A colleague looks at it by now; the first person undoes it all the same.
        form["version"] = "2"
        await bram.post(f"{address}/approve", data=form, headers=HTML)
        undone = await bram.post(f"{address}/revert", data=form, headers=HTML)
        again = await bram.get(undone.headers["location"], headers=HTML)
    assert "A child is shown: a second person must say the same." in told.text
    assert f'action="{address}/revert"' in told.text
    assert "Undone: the item waits again." in again.text
    assert desk.said(item) == ["review.opened", "review.decided", "review.reverted"]
    [(people,)] = desk.installation.rows(
        "select data->>'people' from moderation.event where version = 3"
    )
    assert people is None
