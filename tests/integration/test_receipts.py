"""Receipts on the real parts: every step with its time, every right of a giver, every bad link."""

import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import httpx
import pytest

from tests.builders import CAMPAIGN, an_item_id
from tests.installation import Installation
from tests.integration.processes import until
from tests.integration.receipt_room import Giver, Room, room

MAIL = "nour.peeters@example.org"


@pytest.fixture(scope="module")
def place(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with room(installation, tmp_path_factory.mktemp("receipts")) as made:
        made.apply()
        yield made


@pytest.fixture(autouse=True)
def unhurried(place: Room) -> Iterator[None]:
    """Let no test wait for the links that another asked for."""
    yield
    place.installation.rows("delete from ingest.link_request")


def token_of(answer: httpx.Response) -> str:
    return answer.headers["location"].split("/r/")[1].split("?")[0]


def test_a_withdrawal_is_confirmed_by_every_part_with_its_time(place: Room) -> None:
    giver = place.given()
    giver.decided(2, "approved")
    giver.published()
    giver.until("visible")
    assert giver.do(f"withdraw/{giver.item}").status_code == 204
    assert giver.state == "withdrawn"
    giver.gone()

    def confirmed(item: dict[str, Any]) -> bool:
        return [c["who"] for c in item["confirmed"] if c["at"]] == ["desk", "pages", "files"]

    giver.until_true(confirmed, "all parts have confirmed")
    [item] = giver.items
    assert item["state"] == "purged"
    assert all(datetime.fromisoformat(c["at"]).tzinfo for c in item["confirmed"])
    assert item["confirmed"][2]["files"] == 8
    page = giver.page("?lang=en").text
    assert "8 files deleted" in page
    assert page.count("<time") >= 5
    assert "not confirmed yet" not in page


def test_until_a_part_has_confirmed_the_receipt_says_so(place: Room) -> None:
    giver = place.given()
    giver.decided(2, "approved")
    giver.published()
    giver.until("visible")
    giver.do(f"withdraw/{giver.item}")

    assert [c["at"] for c in giver.items[0]["confirmed"]] == [None, None, None]
    assert giver.page("?lang=en").text.count("not confirmed yet") == 3


def test_two_taps_take_it_back_and_twice_is_once(place: Room) -> None:
    giver = place.given()
    assert 'action="/r/' in giver.page().text
    for _ in range(2):
        assert giver.do(f"withdraw/{giver.item}").status_code == 204

    kinds = [kind for kind, _ in place.events(f"submission-{giver.item}")]
    assert kinds == ["submission.received.v1", "submission.retracted.v1"]


def test_everything_of_a_receipt_is_taken_back_at_once(place: Room) -> None:
    giver = place.given(link="https://example.org/verslag", submission="two-of-them")
    more = place.given(caption="Nog iets")
    assert giver.do("withdraw").status_code == 204

    assert {i["state"] for i in giver.items} == {"withdrawn"}
    assert more.state == "waiting"


def test_one_receipt_gives_no_hold_on_anothers_items(place: Room) -> None:
    mine, other = place.given(), place.given()
    item = other.item
    for what in ("withdraw/{}", "amend/{}", "appeal/{}", "guardian/{}", "channel/{}/web/withdraw"):
        assert mine.do(what.format(item)).status_code == 404

    assert other.state == "waiting"


def test_each_step_has_its_time_on_the_page(place: Room) -> None:
    giver = place.given()
    giver.decided(2, "rejected", reasons=("off-topic",), statements=({"en": "It is not about it"},))
    giver.until("rejected")
    page = giver.page("?lang=en").text

    assert "It is not about it" in page
    assert re.search(r"Received</span> <time datetime=", page)
    assert re.search(r"Not approved</span> <time datetime=", page)


def test_a_giver_sees_how_often_it_was_shown(place: Room) -> None:
    giver = place.given()
    giver.decided(2, "approved")
    giver.published()
    giver.until("visible")
    [before] = giver.items
    assert "Shown at least" not in giver.page("?lang=en").text

    # The later count comes first; a total that is lower is older.
    giver.shown(128, version=2)
    giver.until_true(lambda item: item["showings"] == 128, "it is counted")
    giver.shown(12, version=1)
    giver.shown(130, version=3)
    giver.until_true(lambda item: item["showings"] == 130, "the next count is heard")

    assert "Shown at least 130 times." in giver.page("?lang=en").text
    assert "Minstens 130 keer getoond." in giver.page("?lang=nl").text
    # No open page is read anew because somebody looked.
    assert giver.items[0]["stamp"] == before["stamp"]
    assert giver.do(f"withdraw/{giver.item}").status_code == 204
    assert giver.items[0]["showings"] == 130


def test_a_second_look_is_asked_once_and_its_answer_is_told(place: Room) -> None:
    giver = place.given()
    assert giver.do(f"appeal/{giver.item}").status_code == 409
    giver.decided(2, "rejected", reasons=("off-topic",))
    giver.until("rejected")
    assert giver.items[0]["appealable"]
    for _ in range(2):
        assert giver.do(f"appeal/{giver.item}", words="Kijk nog eens").status_code == 204

    [(kind, lodged)] = place.events(f"appeal-{giver.item}")
    assert (kind, lodged["words"]) == ("appeal.lodged.v1", "Kijk nog eens")
    assert giver.items[0]["appeal"] == "asked"
    assert not giver.items[0]["appealable"]
    giver.decided(4, "approved", appeal="overturned")
    giver.until_true(lambda item: item["appeal"] == "overturned", "the answer is told")
    assert giver.state == "approved"


def test_who_asked_while_it_was_being_approved_is_not_left_waiting(place: Room) -> None:
    giver = place.given()
    giver.decided(2, "rejected", reasons=("off-topic",))
    giver.until("rejected")
    giver.do(f"appeal/{giver.item}")
    giver.decided(4, "approved")
    giver.until_true(lambda item: item["appeal"] == "overturned", "the answer is told")


def test_an_upheld_decision_is_final(place: Room) -> None:
    giver = place.given()
    giver.decided(2, "rejected", reasons=("off-topic",))
    giver.until("rejected")
    giver.do(f"appeal/{giver.item}")
    giver.decided(4, "rejected", appeal="upheld", reasons=("off-topic",))
    giver.until_true(lambda item: item["appeal"] == "upheld", "the answer is told")

    assert not giver.items[0]["appealable"]
    assert "the decision stays" in giver.page("?lang=en").text


def test_words_description_and_name_are_mended_by_a_new_version(place: Room) -> None:
    giver = place.given(name="An")
    assert giver.do(f"amend/{giver.item}", text="Beter gezegd", name="Nour").status_code == 204

    def mended() -> bool:
        found = place.installation.rows(
            "select content->>'text', content->'author'->>'name' from ingest.item where item = %s",
            giver.item,
        )
        return found == [("Beter gezegd", "Nour")]

    until(mended, "it is mended")
    kinds = [kind for kind, _ in place.events(giver.item)]
    assert kinds == ["item.received.v1", "item.changed.v1"]
    assert giver.do(f"amend/{giver.item}", text="Beter gezegd").status_code == 204
    assert len(place.events(f"submission-{giver.item}")) == 2


@pytest.mark.parametrize("phase", ["archived", "draft"])
def test_what_is_live_is_mended_after_its_campaign_and_nothing_new_is_taken(
    place: Room, phase: str
) -> None:
    giver = place.given()
    place.apply(phase=phase)
    try:
        assert giver.do(f"amend/{giver.item}", text="Nog beter gezegd").status_code == 204
        kinds = ["item.received.v1", "item.changed.v1"]
        until(lambda: [k for k, _ in place.events(giver.item)] == kinds, "it is mended")
        assert giver.state == "waiting"
    finally:
        place.apply(phase="live")


def test_what_was_taken_back_cannot_be_mended(place: Room) -> None:
    giver = place.given()
    giver.do(f"withdraw/{giver.item}")

    assert giver.do(f"amend/{giver.item}", text="Toch nog").status_code == 409


def test_a_copy_of_everything_that_is_kept_can_be_downloaded(place: Room) -> None:
    giver = place.given(mail=MAIL, name="Nour")
    giver.decided(2, "rejected", reasons=("off-topic",))
    giver.until("rejected")
    giver.do(f"appeal/{giver.item}", words="Kijk nog eens")
    answer = place.stranger.get(f"/r/{giver.token}/data.json")
    assert "attachment" in answer.headers["content-disposition"]
    kept = answer.json()
    [item] = kept["items"]

    assert kept["mail"] == MAIL
    assert item["content"]["author"]["name"] == "Nour"
    assert "We show it with care." in item["consent"]["text"]
    assert item["consent"]["agreed"]["version"] == "2"
    assert item["decision"]["reasons"] == ["off-topic"]
    assert item["secondLooks"][0]["words"] == "Kijk nog eens"
    assert [s["what"] for s in item["whatHappened"]] == ["rejected"]


def test_an_address_is_erased_for_good(place: Room) -> None:
    giver = place.given(mail=MAIL)
    assert MAIL in giver.page().text
    assert giver.do("mail/erase").status_code == 204

    assert MAIL not in giver.page().text
    assert place.stranger.get(f"/r/{giver.token}/data.json").json()["mail"] is None


def test_a_decision_is_told_by_mail_to_whoever_asked(place: Room) -> None:
    giver = place.given(mail=MAIL, caption="Mijn eerste")
    silent = place.given(caption="Zegt niets")
    for who in (giver, silent):
        who.decided(2, "rejected", reasons=("off-topic",), statements=({"nl": "Past niet"},))
        who.until("rejected")
    letters = {m["decisions"][0]["item"]: m for m in place.messages("decision")}

    told = letters[giver.item]
    assert (told["to"], told["language"]) == (MAIL, "en")
    assert told["decisions"] == [{"item": giver.item, "version": 2}]
    assert silent.item not in letters


# --- Links


def test_a_new_link_is_shown_where_no_address_is_known_and_the_old_one_stops(place: Room) -> None:
    giver = place.given()
    with place.browser(Accept="text/html") as browser:
        answer = browser.post(f"/r/{giver.token}/renew")
    assert answer.status_code == 303
    fresh = Giver(place, token_of(answer))

    assert fresh.item
    old = place.stranger.get(f"/r/{giver.token}.json")
    assert (old.status_code, old.json()["code"]) == (410, "link-revoked")
    page = giver.page("?lang=en")
    assert page.status_code == 410
    assert "replaced by a newer one" in page.text
    assert place.stranger.post(f"/r/{giver.token}/renew").status_code == 410
    assert giver.do(f"withdraw/{fresh.item}").status_code == 410
    assert fresh.state == "waiting"


def test_a_new_link_goes_to_the_known_address_and_is_not_shown(place: Room) -> None:
    giver = place.given(mail=MAIL)
    before = len(place.messages("link"))
    answer = place.stranger.post(f"/r/{giver.token}/renew")
    assert answer.status_code == 202
    assert "/r/" not in answer.text

    [*_, letter] = place.messages("link")
    assert letter["to"] == MAIL
    assert giver.page().status_code == 410
    # Whoever has the stopped link can ask for the letter again, but ends nothing by that.
    assert place.stranger.post(f"/r/{giver.token}/renew").status_code == 202
    links = [m["link"] for m in place.messages("link")[before:]]
    assert len(links) == 2
    assert links[0] == links[1]


def test_a_link_that_expired_says_so_and_an_altered_one_is_not_known(place: Room) -> None:
    giver = place.given()
    fresh = Giver(place, token_of(place.stranger.post(f"/r/{giver.token}/renew")))
    altered = fresh.token[:-1] + ("A" if fresh.token[-1] != "A" else "B")
    assert place.stranger.get(f"/r/{altered}.json").status_code == 404
    assert "not known" in Giver(place, altered).page("?lang=en").text
    place.installation.rows(
        "update ingest.link set expires_at = now() where link = %s", fresh.token.split(".")[0]
    )

    answer = place.stranger.get(f"/r/{fresh.token}.json")
    assert (answer.status_code, answer.json()["code"]) == (410, "link-expired")


def test_a_link_of_another_kind_opens_no_receipt(place: Room) -> None:
    giver = place.given()
    fresh = token_of(place.stranger.post(f"/r/{giver.token}/renew"))
    place.installation.rows(
        "update ingest.link set kind = 'curator' where link = %s", fresh.split(".")[0]
    )

    assert place.stranger.get(f"/r/{fresh}.json").status_code == 404


def test_one_receipt_has_three_new_links_an_hour(place: Room) -> None:
    giver = place.given(mail=MAIL)
    answers = [place.stranger.post(f"/r/{giver.token}/renew") for _ in range(4)]

    assert [a.status_code for a in answers] == [202, 202, 202, 429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 3600
    assert answers[-1].json()["detail"].endswith(".")


def code(giver: Giver) -> str:
    return str(giver.see()["code"])


def test_five_hundred_who_ask_in_a_minute_harm_nobody(place: Room) -> None:
    from services.ingest.domain.receipt_code import code_of

    giver = place.given(mail=MAIL)

    def ask(number: int) -> httpx.Response:
        return place.stranger.post("/find", data={"code": code_of(number), "mail": MAIL})

    with ThreadPoolExecutor(20) as people:
        answers = list(people.map(ask, range(500)))

    said = Counter(a.status_code for a in answers)
    assert said == {202: 60, 429: 440}
    waits = {int(a.headers["retry-after"]) for a in answers if a.status_code == 429}
    assert waits <= set(range(1, 61))
    assert giver.state == "waiting"
    assert place.give(caption="Nog een").status_code == 201


def test_a_lost_link_is_found_by_code_and_address_together(place: Room) -> None:
    giver = place.given(mail=MAIL)
    found = code(giver)
    letters = len(place.messages("link"))
    wrong = [
        place.stranger.post("/find", data={"code": found, "mail": "other@example.org"}),
        place.stranger.post("/find", data={"code": found, "mail": ""}),
    ]
    assert len(place.messages("link")) == letters
    right = place.stranger.post("/find", data={"code": found.lower(), "mail": MAIL.upper()})

    assert {a.status_code for a in (*wrong, right)} == {202}
    assert {a.text for a in (*wrong, right)} == {""}
    assert len(place.messages("link")) == letters + 1
    assert giver.page().status_code == 410


def test_a_code_with_a_slip_is_told_and_opens_nothing(place: Room) -> None:
    giver = place.given()
    slip = place.stranger.post("/find", data={"code": "K7M4-2QPD", "mail": MAIL})

    assert (slip.status_code, slip.json()["code"]) == (422, "code-invalid")
    assert place.stranger.get(f"/r/{code(giver)}.json").status_code == 404


# --- Staff, on the telephone


def csrf_of(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)
    assert found is not None
    return found[1]


def test_staff_find_a_receipt_by_its_code_and_make_a_new_link(place: Room) -> None:
    giver = place.given(caption="Aan de telefoon")
    with place.staff("moderator") as desk:
        page = desk.get("/manage/receipts", params={"code": code(giver).replace("-", " ")})
        assert "Aan de telefoon" in page.text
        made = desk.post(f"/manage/receipts/{code(giver)}/link", data={"csrf": csrf_of(page)})
    fresh = re.search(r"/r/([\w.-]+)</p>", made.text)

    assert fresh is not None
    assert Giver(place, fresh[1]).state == "waiting"
    assert giver.page().status_code == 410


def test_staff_send_a_new_link_without_seeing_it_or_the_address(place: Room) -> None:
    giver = place.given(mail=MAIL)
    with place.staff() as desk:
        page = desk.get("/manage/receipts", params={"code": code(giver)})
        made = desk.post(f"/manage/receipts/{code(giver)}/link", data={"csrf": csrf_of(page)})

    assert "n…@example.org" in made.text
    assert MAIL not in page.text + made.text
    assert "/r/" not in made.text
    assert place.messages("link")[-1]["to"] == MAIL


def test_staff_stop_all_links_of_a_receipt(place: Room) -> None:
    giver = place.given()
    known = code(giver)
    with place.staff() as desk:
        page = desk.get("/manage/receipts", params={"code": known})
        desk.post(f"/manage/receipts/{known}/stop", data={"csrf": csrf_of(page)})

    assert giver.page().status_code == 410


def test_a_maker_elsewhere_gets_a_link_by_the_address_of_their_post(place: Room) -> None:
    giver = place.given()
    address = f"https://m.example/@an/{an_item_id()}"
    place.installation.rows(
        """update ingest.item set content = jsonb_set(content, '{url}', to_jsonb(%s::text))
           where item = %s""",
        address,
        giver.item,
    )
    place.installation.rows("delete from ingest.receipt_item where item = %s", giver.item)
    with place.staff() as desk:
        token = csrf_of(desk.get("/manage/receipts"))
        pages = [
            desk.post("/manage/receipts/item", data={"csrf": token, "item": address})
            for _ in range(2)
        ]
        missing = desk.post("/manage/receipts/item", data={"csrf": token, "item": "nowhere"})
    links = {m[1] for p in pages if (m := re.search(r"/r/([\w.-]+)</p>", p.text))}

    assert missing.status_code == 404
    assert len(links) == 1
    assert Giver(place, links.pop()).state == "waiting"


def test_a_stranger_gets_nothing_by_a_code(place: Room) -> None:
    known = code(place.given())
    asked = {"params": {"code": known}, "headers": {"Accept": "text/html"}}
    page = place.stranger.get("/manage/receipts", **asked)  # type: ignore[arg-type]
    with place.staff("editor") as editor:
        refused = editor.get("/manage/receipts", params={"code": known})

    assert page.status_code == 303
    assert "/sign-in" in page.headers["location"]
    assert refused.status_code == 403
    with place.staff() as desk:
        assert desk.post(f"/manage/receipts/{known}/stop", data={}).status_code == 403


def test_nothing_personal_and_no_link_is_in_the_logs(place: Room) -> None:
    giver = place.given(mail=MAIL, name="Nour Peeters", caption="Geheime woorden")
    place.stranger.post(f"/r/{giver.token}/renew")
    fresh = place.messages("link")[-1]["link"]
    logs = "".join(log.read_text() for log in place.folder.glob("*.log"))

    assert logs
    for private in (MAIL, "Nour Peeters", "Geheime woorden", giver.token, fresh):
        assert private not in logs


def test_pages_of_a_receipt_are_kept_by_no_cache_and_told_to_no_other_site(place: Room) -> None:
    page = place.given().page()

    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in page.text
    assert CAMPAIGN in page.text
