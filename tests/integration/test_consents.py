"""Consents on the real parts: what is ticked, what is kept of it, and how it is taken back."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from services.contracts.moderation import ReviewOpened, ReviewReverted
from services.ingest.domain.consent import text_digest
from tests import photos
from tests.builders import CAMPAIGN
from tests.installation import Installation
from tests.integration.processes import until
from tests.integration.receipt_room import Giver, Room, room


@pytest.fixture(scope="module")
def place(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with room(installation, tmp_path_factory.mktemp("consents")) as made:
        made.apply()
        yield made


def consents(place: Room, giver: Giver) -> list[dict[str, Any]]:
    return [data for _, data in place.events(f"consent-{giver.item}")]


def uses(giver: Giver) -> dict[str, bool]:
    return {use["channel"]: use["holds"] for use in giver.items[0]["uses"]}


def form_page(place: Room, language: str = "en") -> str:
    page = place.stranger.get(
        f"/c/{CAMPAIGN}/upload?lang={language}", headers={"Accept": "text/html"}
    )
    assert page.status_code == 200
    return page.text


def test_no_box_is_ticked_beforehand_and_each_channel_has_its_own(place: Room) -> None:
    page = form_page(place)

    assert not re.search(r"type=.checkbox.[^>]*checked", page)
    assert 'name="licence"' in page
    assert re.findall(r'name="channel" value="([a-z-]+)"', page) == ["print", "tv"]
    assert "We show it with care." in page
    assert "12 months" in page


def test_what_was_ticked_is_kept_with_its_term_and_the_text_that_was_shown(place: Room) -> None:
    giver = place.given(channel=["print"])
    [recorded] = consents(place, giver)

    assert {g["channel"] for g in recorded["grants"]} == {"web", "print"}
    consent = recorded["consent"]
    assert (consent["version"], consent["language"], consent["evidence"]) == ("2", "en", "upload")
    assert consent["until"][:4] == str(int(consent["givenAt"][:4]) + 1)
    [[words]] = place.installation.rows(
        "select words from ingest.consent_text where digest = %s", consent["textDigest"]
    )
    assert text_digest(str(words)) == consent["textDigest"]
    assert "We show it with care." in str(words)
    assert "You may print it" in str(words)


def test_the_old_form_still_means_the_web_and_nothing_else(place: Room) -> None:
    assert uses(place.given()) == {"web": True}


def test_a_channel_that_was_not_offered_is_not_agreed_to(place: Room) -> None:
    assert uses(place.given(channel=["wall", "staff-paper", "tv"])) == {"web": True, "tv": True}


def test_without_the_web_nobody_takes_part(place: Room) -> None:
    answer = place.give(caption="Hallo", licence="", channel=["print"])

    assert answer.status_code == 422
    assert "on the web" in answer.json()["detail"]


def test_one_use_is_taken_back_by_itself_and_once(place: Room) -> None:
    giver = place.given(channel=["print", "tv"])
    for _ in range(2):
        assert giver.do(f"channel/{giver.item}/print/withdraw").status_code == 204

    assert uses(giver) == {"web": True, "print": False, "tv": True}
    assert giver.state == "waiting"
    assert len(consents(place, giver)) == 2


def test_taking_the_web_back_keeps_it_from_being_shown(place: Room) -> None:
    giver = place.given()
    assert giver.do(f"channel/{giver.item}/web/withdraw").status_code == 204

    assert giver.state == "kept-back"
    assert consents(place, giver)[-1]["grants"][0]["withdrawnAt"]


def test_a_use_that_there_is_not_cannot_be_taken_back(place: Room) -> None:
    giver = place.given()

    assert giver.do(f"channel/{giver.item}/moon/withdraw").status_code == 404


def test_taking_it_back_whole_takes_back_every_use(place: Room) -> None:
    giver = place.given(channel=["print"])
    assert giver.do(f"withdraw/{giver.item}").status_code == 204

    assert all(g.get("withdrawnAt") for g in consents(place, giver)[-1]["grants"])
    giver.until("withdrawn")


def test_what_was_taken_back_stays_so_after_the_words_are_mended(place: Room) -> None:
    giver = place.given(channel=["print"])
    giver.do(f"channel/{giver.item}/print/withdraw")
    giver.do(f"amend/{giver.item}", text="Beter gezegd")
    giver.until_true(
        lambda _: "item.changed.v1" in [kind for kind, _ in place.events(giver.item)],
        "its words are mended",
    )

    assert uses(giver) == {"web": True, "print": False}


def test_a_child_without_a_parents_word_is_kept_and_waits_for_it(place: Room) -> None:
    giver = place.given(minor="yes")
    assert "no parent has agreed yet" in giver.page().text
    assert giver.do(f"guardian/{giver.item}").status_code == 204

    assert "no parent has agreed yet" not in giver.page().text
    said = [c["consent"]["guardian"] for c in consents(place, giver)]
    assert said == [False, True]


def test_a_child_that_a_moderator_found_waits_for_a_parents_word_too(place: Room) -> None:
    giver = place.given(mail="an@example.org")
    giver.decided(2, "pending", people="child")
    giver.until("kept-back")
    page = giver.page().text
    assert "Kept back: a parent has not agreed yet" in page
    assert "Their parents agree" in page
    # It waits for a second person, so there is no decision to write about; nor when it changes.
    assert place.messages("decision") == []
    giver.do(f"amend/{giver.item}", text="Beter gezegd")
    opened = ReviewOpened(item=giver.item, campaign=CAMPAIGN, revision=2)
    place.told((opened, giver.item, 3))
    giver.decided(4, "approved", people="child")
    until(lambda: ">Approved<" in giver.page().text, "it is approved")
    assert giver.state == "kept-back"

    assert giver.do(f"guardian/{giver.item}").status_code == 204
    giver.until("approved")
    assert "no parent has agreed yet" not in giver.page().text
    last = consents(place, giver)[-1]["consent"]
    assert (last["minor"], last["guardian"]) == (False, True)


def test_a_child_that_was_found_by_mistake_asks_nobody_any_more(place: Room) -> None:
    giver = place.given()
    giver.decided(2, "pending", people="child")
    giver.until("kept-back")
    undone = ReviewReverted(
        item=giver.item, campaign=CAMPAIGN, before="pending", after="pending", people=None
    )
    place.told((undone, giver.item, 3))
    giver.until("waiting")
    assert "Their parents agree" not in giver.page().text


def test_a_parents_word_at_once_is_enough(place: Room) -> None:
    giver = place.given(minor="yes", guardian="yes")

    assert "no parent has agreed yet" not in giver.page().text


def test_a_parents_word_without_a_child_says_nothing(place: Room) -> None:
    assert consents(place, place.given(guardian="yes"))[0]["consent"]["guardian"] is False


def test_a_text_that_changed_meanwhile_is_read_before_it_is_agreed_to(place: Room) -> None:
    answer = place.give(caption="Mijn woorden", text_digest="0" * 64)
    assert answer.status_code == 422
    assert "changed meanwhile" in answer.json()["detail"]

    shown = re.search(r'name="text_digest" value="([0-9a-f]{64})"', form_page(place))
    assert shown is not None
    assert place.give(caption="Mijn woorden", text_digest=shown[1]).status_code == 201


def test_nothing_that_was_typed_or_ticked_is_lost_when_something_must_be_mended(
    place: Room,
) -> None:
    browser = place.browser(Accept="text/html")
    page = place.give(
        browser=browser,
        made="",
        caption="Mijn woorden",
        channel=["tv"],
        place="Kaai",
        mail="nour@example.org",
        link="https://example.org/lied",
        name="Nour",
    )

    assert page.status_code == 422
    for kept in ("Mijn woorden", "nour@example.org", "https://example.org/lied", 'value="Nour"'):
        assert kept in page.text
    assert re.search(r'value="tv"\s+checked', page.text)
    assert not re.search(r'value="print"\s+checked', page.text)
    assert re.search(r"<option selected>Kaai", page.text)


def test_a_text_needs_no_photo_and_has_its_place(place: Room) -> None:
    giver = place.given(caption="Ik hoorde de beiaard.", place="Kaai")
    [[kind, where]] = place.installation.rows(
        "select content->>'kind', content->>'place' from ingest.item where item = %s", giver.item
    )

    assert (kind, where) == ("text", "Kaai")


def test_a_link_is_kept_as_text_with_the_givers_title(place: Room) -> None:
    giver = place.given(link="https://open.spotify.com/track/1", link_title="Ons lied")
    [[kind, link]] = place.installation.rows(
        "select content->>'kind', content->'link' from ingest.item where item = %s", giver.item
    )

    assert kind == "song"
    assert link == {
        "url": "https://open.spotify.com/track/1",
        "host": "open.spotify.com",
        "title": "Ons lied",
    }


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "nothing in the form"),
        ({"link": "javascript:alert(1)"}, "whole address"),
        ({"caption": "Ja", "place": "Elders"}, "place from the list"),
        ({"caption": "Ja", "mail": "geen adres"}, "no mail address"),
        ({"caption": "Ja", "mail": "a@b.example\nBcc: c@d.example"}, "no mail address"),
    ],
)
def test_what_must_be_mended_is_said_and_nothing_is_written(
    place: Room, form: dict[str, Any], said: str
) -> None:
    # What was given before may still be on its way; of submissions there is one for each form.
    given = "select count(*) from ingest.event where starts_with(subject, 'submission-')"
    before = place.installation.rows(given)
    answer = place.give(**form)

    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert place.installation.rows(given) == before


def test_the_same_form_sent_ten_times_at_once_is_one_item(place: Room) -> None:
    def give(_: int) -> httpx.Response:
        return place.give(caption="Eén keer", submission="ten-at-once")

    with ThreadPoolExecutor(10) as people:
        answers = list(people.map(give, range(10)))

    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["receipt"] for a in answers}) == 1
    giver = Giver(place, answers[0].json()["receipt"].rsplit("/", 1)[1]).until("waiting")
    assert len(giver.items) == 1
    assert len(consents(place, giver)) == 1


def test_staff_who_give_something_are_known_as_its_givers(place: Room) -> None:
    answer = place.give(browser=place.staff("moderator"), caption="Van het team")
    assert answer.status_code == 303
    giver = Giver(place, answer.headers["location"].split("/r/")[1].split("?")[0])
    giver.until("waiting")
    [[account]] = place.installation.rows(
        "select content->>'giverAccount' from ingest.item where item = %s", giver.item
    )

    assert account == "an"


def test_photos_with_a_link_are_items_of_one_receipt(place: Room) -> None:
    answer = place.give(photos.a_photo(800, 600, seed=31), link="https://example.org/verslag")
    giver = Giver(place, answer.json()["receipt"].rsplit("/", 1)[1])

    assert len(giver.items) == 2


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"phase": "paused"}, "campaign-closed", "takes a break"),
        ({"phase": "closed"}, "campaign-closed", "is over"),
        (
            {"window": {"from": "2026-01-01T00:00", "to": "2026-01-02T00:00"}},
            "campaign-closed",
            "See its dates",
        ),
        ({"contributors": "curators"}, "curators-only", "only invited curators"),
    ],
)
def test_a_campaign_that_takes_nothing_says_why(
    place: Room, changes: dict[str, Any], code: str, said: str
) -> None:
    place.apply(**({"phase": "live"} | changes))
    try:
        answer = place.give(caption="Te laat?")
        assert (answer.status_code, answer.json()["code"]) == (409, code)
        assert said in answer.json()["detail"]
        assert said in form_page(place)
        assert 'id="upload"' not in form_page(place)
    finally:
        place.apply(phase="live")


def test_a_campaign_for_photos_only_needs_one(place: Room) -> None:
    place.apply(phase="live", kinds=["photo"])
    try:
        answer = place.give(caption="Alleen woorden", link="https://example.org/lied")
        assert answer.status_code == 422
        assert "at least one photo" in answer.json()["detail"]
        assert 'name="link"' not in form_page(place)
    finally:
        place.apply(phase="live")
