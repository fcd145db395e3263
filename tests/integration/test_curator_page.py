"""The curator's page on the real parts, as a browser without script uses it and as a program."""

import asyncio
import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.chassis.auth import cookie_name, issue
from services.chassis.database import Transaction
from services.chassis.journal import Journal
from services.contracts.ids import CampaignId, ItemId, SourceId
from services.contracts.ingest import Author, Tag
from services.contracts.moderation import ReviewDecided
from services.ingest.domain.mandate import Cancel, PauseMandate, Stop
from services.ingest.store.items import hand_in
from services.ingest.store.links import revoke_links
from tests import photos
from tests.builders import a_submission
from tests.installation import Installation, deliver
from tests.integration.curator_room import CAUSE, DAY, CuratorRoom, Invited
from tests.integration.processes import Process, until

CAMPAIGN_FILE = """
campaign: bollekesfeest
name: {nl: Bollekesfeest, en: Bollekesfeest}
brief: {nl: Toon het feest., en: Show the feast.}
rules: {en: No shops please.}
window: {from: 2026-01-01T00:00, to: 2099-01-01T00:00}
hashtags: [{tag: bollekes10}]
channels: [web, wall]
kinds: [photo, album, text, link, song]
consent: {version: "7", text: {en: We show what you give.}, months: 12}
sources:
  - {source: upload, connector: upload, rights: {basis: declared}}
  - {source: hashtag, connector: mastodon, settings: {server: "https://m.invalid"}}
"""
CAMPAIGN = "bollekesfeest"


@pytest.fixture(scope="module")
def room(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> CuratorRoom:
    file = tmp_path_factory.mktemp("campaign") / "bollekesfeest.yaml"
    file.write_text(CAMPAIGN_FILE)
    answer = installation.command("campaign", "apply", str(file))
    assert answer.returncode == 0, answer.stderr
    return CuratorRoom(installation, CAMPAIGN)


def _process(
    installation: Installation, factory: pytest.TempPathFactory, kind: str
) -> Iterator[Process]:
    log = factory.mktemp(kind) / f"{kind}.log"
    process = Process(log, installation.environment, "-m", "services", "ingest", kind).start()
    yield process.until_ready()
    assert process.stop() == 0
    written = log.read_text()
    assert "Fatima" not in written
    assert "@example.org" not in written
    links = [str(link) for (link,) in installation.rows("select link from ingest.link")]
    assert links
    assert [link for link in links if link in written] == []


@pytest.fixture(scope="module")
def stream(
    room: CuratorRoom, installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Process]:
    assert room
    yield from _process(installation, tmp_path_factory, "stream")


@pytest.fixture(scope="module")
def server(
    room: CuratorRoom, installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Process]:
    assert room
    yield from _process(installation, tmp_path_factory, "web")


class Phone:
    """A curator's browser: remembers cookies, sends forms, reads pages."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def page(self, who: Invited, status: int = 200) -> str:
        answer = self.client.get(f"/k/{who.token}", params={"lang": "en"})
        assert answer.status_code == status, answer.text
        return unescape(answer.text)

    def standings(self, who: Invited) -> dict[str, dict[str, Any]]:
        """The photos of all mandates by their keys, as a program reads them."""
        answer = self.client.get(f"/k/{who.token}.json").raise_for_status().json()
        return {p["key"]: p for m in answer["mandates"] for p in m["photos"]}

    def order(self, who: Invited) -> list[str]:
        found = [p for p in self.standings(who).values() if p["place"]]
        return [p["key"] for p in sorted(found, key=lambda p: p["place"])]

    def post(self, who: Invited, path: str, *, page: Any = True, **fields: Any) -> httpx.Response:
        accept = "text/html" if page else "application/json"
        return self.client.post(
            f"/k/{who.token}/{path}",
            params={"lang": "en"},
            data={"mandate": who.mandate, **fields},
            headers={"Accept": accept},
        )

    def give(self, who: Invited, *contents: bytes, **fields: str) -> httpx.Response:
        return self.client.post(
            f"/k/{who.token}/photos",
            params={"lang": "en"},
            data={"mandate": who.mandate, **fields},
            files=[("photos", (f"p{n}.jpg", content)) for n, content in enumerate(contents)],
            headers={"Accept": "application/json"},
        )

    def outcomes(self, who: Invited, *contents: bytes) -> list[str]:
        answer = self.give(who, *contents)
        assert answer.status_code == 201, answer.text
        return [taken["outcome"] for taken in answer.json()["taken"]]

    def arrange(self, who: Invited, **changes: str) -> httpx.Response:
        """Send the page's own form with some fields changed."""
        shown = form_of(self.page(who))
        return self.post(who, f"mandates/{who.mandate}", **{**shown, **changes})


def form_of(page: str) -> dict[str, str]:
    """The fields of the form with the photos, as they stand on a page."""
    form = page.split('class="arrange"', 1)[1].split("</form>", 1)[0]
    fields: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        facts = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if facts.get("type") != "radio" or " checked" in tag:
            fields[facts["name"]] = facts.get("value", "")
    fields |= areas_of(form)
    selects = re.compile(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', re.DOTALL)
    for name, options in selects.findall(form):
        [chosen] = re.findall(r'<option value="([^"]+)" selected', options)
        fields[name] = chosen
    return fields


def areas_of(form: str) -> dict[str, str]:
    """What stands in the larger fields; a browser ends their lines as mail does."""
    areas = re.compile(r'<textarea[^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', re.DOTALL)
    return {name: said.replace("\n", "\r\n") for name, said in areas.findall(form)}


@pytest.fixture
def phone(server: Process) -> Iterator[Phone]:
    with a_phone(server) as client:
        yield Phone(client)


def a_phone(server: Process) -> httpx.Client:
    return httpx.Client(
        base_url=f"http://127.0.0.1:{server.port}",
        timeout=60,
        headers={"Accept": "text/html", "Accept-Language": "en"},
    )


def a_photo(seed: int) -> bytes:
    return photos.a_photo(640, 480, seed=seed)


def state(installation: Installation, who: Invited) -> str:
    [[found]] = installation.rows(
        "select state from ingest.mandate where mandate = %s", who.mandate
    )
    return str(found)


# --- Yes and no ---


def test_an_invited_curator_reads_what_it_is_about_and_says_yes(
    phone: Phone, room: CuratorRoom, installation: Installation
) -> None:
    who = room.invite("Fatima", DAY, 15 * DAY, accept=False)
    page = phone.page(who)
    for words in (
        "Show the feast.",
        "No shops please.",
        "Europe/Brussels",
        "I post from my own account with <strong>#bollekes10</strong>.",
    ):
        assert words in page
    boxes = re.findall(r'<input type="checkbox" name="(?:made|channel)"[^>]*>', page)
    assert len(boxes) == 3
    assert not any("checked" in box for box in boxes)

    refused = phone.post(who, "accept", way="link", channel="wall")
    assert refused.status_code == 422
    assert "Tick that you give photos" in refused.text
    assert "show your photos on the web" in refused.text
    assert state(installation, who) == "invited"

    said_yes = phone.post(who, "accept", made="yes", channel=["web", "wall"], way="account")
    assert said_yes.status_code == 303
    assert "#bollekes10" in phone.page(who)
    assert state(installation, who) == "accepted"
    [[consent, ways]] = installation.rows(
        "select accepted, ways from ingest.mandate where mandate = %s", who.mandate
    )
    assert consent["channels"] == ["web", "wall"]  # type: ignore[index]
    assert consent["version"] == "7"  # type: ignore[index]
    assert consent["until"]  # type: ignore[index]
    assert ways == ["account"]
    digest = str(consent["textDigest"])  # type: ignore[index]
    [[words]] = installation.rows("select words from ingest.consent_text where digest = %s", digest)
    assert hashlib.sha256(str(words).encode()).hexdigest() == digest
    assert "We show what you give." in str(words)
    again = phone.post(who, "accept", made="yes", channel=["web"])
    assert again.status_code == 303
    assert len(announced(installation, who)) == 3


def announced(installation: Installation, who: Invited) -> list[tuple[object, ...]]:
    return installation.rows(
        "select type from ingest.event where subject = %s and type like '%%mandate.announced%%'",
        who.mandate,
    )


def test_a_curator_says_no_and_may_change_their_mind(
    phone: Phone, room: CuratorRoom, installation: Installation
) -> None:
    who = room.invite(accept=False, starts=DAY)
    assert phone.post(who, "decline").status_code == 303
    assert state(installation, who) == "declined"
    assert "You can still change your mind" in phone.page(who)
    phone.post(who, "accept", made="yes", channel="web")
    assert state(installation, who) == "accepted"


def hidden_in_answer(page: str) -> dict[str, str]:
    form = page.split('class="answer"', 1)[1].split("</form>", 1)[0]
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))


def ticked_in_answer(page: str) -> set[str]:
    boxes = re.findall(r'name="(?:made|channel|way)" value="([^"]+)"([^>]*)>', page)
    return {value for value, rest in boxes if "checked" in rest}


def test_a_text_that_changed_meanwhile_is_read_before_a_turn_is_accepted(
    phone: Phone, room: CuratorRoom, installation: Installation, tmp_path: Path
) -> None:
    who = room.invite(accept=False)
    shown = hidden_in_answer(phone.page(who))
    wish = {"made": "yes", "channel": ["web", "wall"], "way": "link"}
    other = tmp_path / "other.yaml"
    other.write_text(CAMPAIGN_FILE.replace("We show what you give.", "We print it on mugs."))
    assert installation.command("campaign", "apply", str(other)).returncode == 0
    try:
        answer = phone.post(who, "accept", **(shown | wish))
        assert answer.status_code == 422
        assert "The text that you agree to was changed meanwhile" in answer.text
        assert "We print it on mugs." in answer.text
        assert ticked_in_answer(answer.text) == {"yes", "web", "wall", "link"}
        told = phone.post(who, "accept", page=False, **(shown | wish))
        assert (told.status_code, told.json()["code"]) == (422, "text-changed")
        assert state(installation, who) == "invited"

        again = phone.post(who, "accept", **(hidden_in_answer(unescape(answer.text)) | wish))
        assert again.status_code == 303
    finally:
        other.write_text(CAMPAIGN_FILE)
        assert installation.command("campaign", "apply", str(other)).returncode == 0
    [[words]] = installation.rows(
        """select t.words from ingest.mandate m join ingest.consent_text t
             on t.digest = m.accepted->>'textDigest' where m.mandate = %s""",
        who.mandate,
    )
    assert "We print it on mugs." in str(words)


def test_a_box_whose_sentence_was_another_has_to_be_ticked_again(
    phone: Phone, room: CuratorRoom, installation: Installation
) -> None:
    who = room.invite(accept=False)
    dutch = phone.client.get(f"/k/{who.token}", params={"lang": "nl"}).text
    answer = phone.post(
        who, "accept", **hidden_in_answer(dutch), made="yes", channel="web", way="account"
    )
    assert answer.status_code == 422
    assert ticked_in_answer(answer.text) <= {"account"}
    assert state(installation, who) == "invited"


def test_a_turn_that_is_over_can_no_longer_be_declined_and_grows_no_longer(
    phone: Phone, room: CuratorRoom, installation: Installation
) -> None:
    who = room.invite(starts=-20 * DAY, ends=-6 * DAY)
    ends = "select ends_at from ingest.mandate where mandate = %s"
    before = installation.rows(ends, who.mandate)
    answer = phone.post(who, "decline")
    assert answer.status_code == 409
    assert "there is nothing left to decline" in answer.text
    assert installation.rows(ends, who.mandate) == before
    assert state(installation, who) == "accepted"


@pytest.mark.parametrize(
    ("language", "taken", "cancelled"),
    [
        ("en", "Somebody else has this time by now", "This turn was taken off the calendar"),
        ("nl", "Iemand anders heeft die tijd intussen", "Deze beurt is van de kalender gehaald"),
        ("fr", "autre a cette période entre-temps", "Ce tour a été retiré du calendrier"),
        ("de", "Diese Zeit hat inzwischen jemand anderes", "wurde aus dem Kalender genommen"),
    ],
)
def test_an_answer_that_comes_too_late_is_refused_in_the_curators_own_words(
    phone: Phone,
    room: CuratorRoom,
    installation: Installation,
    language: str,
    taken: str,
    cancelled: str,
) -> None:
    who = room.invite(accept=False, starts=DAY)
    phone.post(who, "decline")
    room.invite("Jef", accept=False, starts=DAY)
    installation.rows("update ingest.mandate set overlap = false where mandate = %s", who.mandate)

    def refused(answer: str) -> str:
        told = phone.client.post(
            f"/k/{who.token}/{answer}",
            params={"lang": language},
            data={"mandate": who.mandate, "made": "yes", "channel": "web"},
        )
        assert told.status_code == 409
        return unescape(told.text.split('role="alert"')[1].split("</div>")[0])

    late = refused("accept")
    assert taken in late
    assert "overlap" not in late
    room.change(who.mandate, Cancel())
    assert cancelled in refused("decline")


def test_an_account_at_the_desk_is_remembered_with_the_yes(
    phone: Phone, room: CuratorRoom, installation: Installation
) -> None:
    settings = installation.settings
    key = installation.environment["DICHTBIJ_SESSION_PRIVATE_KEY"]
    phone.client.cookies.set(
        cookie_name(settings), issue(key, "an", "An", frozenset({"moderator"}))
    )
    who = room.invite(accept=False)
    phone.post(who, "accept", made="yes", channel="web")
    [[account]] = installation.rows(
        "select data->>'staffAccount' from ingest.event where subject = %s"
        " order by version desc limit 1",
        who.mandate,
    )
    assert account == "an"
    assert phone.give(who, a_photo(1)).status_code == 201
    [[giver]] = installation.rows(
        "select data->>'giverAccount' from ingest.event"
        " where data->>'curator' = %s and type like '%%submission%%'",
        who.curator,
    )
    assert giver == "an"


def test_an_account_at_the_desk_that_is_known_stays_when_a_colleague_opens_the_link(
    phone: Phone, room: CuratorRoom, installation: Installation
) -> None:
    key = installation.environment["DICHTBIJ_SESSION_PRIVATE_KEY"]
    token = issue(key, "coordinator", "Co", frozenset({"coordinator"}))
    phone.client.cookies.set(cookie_name(installation.settings), token)
    who = room.invite(accept=False)
    installation.rows(
        "update ingest.curator set staff_account = 'fatima' where curator = %s", who.curator
    )
    assert phone.post(who, "accept", made="yes", channel="web").status_code == 303
    assert installation.rows(
        """select c.staff_account, e.data->>'staffAccount'
           from ingest.curator c, ingest.event e where c.curator = %s and e.subject = %s
           order by e.version desc limit 1""",
        who.curator,
        who.mandate,
    ) == [("fatima", "fatima")]


# --- Links ---


def test_links_that_are_no_good_say_why_and_what_to_do(
    phone: Phone, room: CuratorRoom, installation: Installation
) -> None:
    who = room.invite(mail="fatima@example.org")
    altered = Invited(who.curator, who.mandate, who.token[:-2] + "xx")
    assert "not complete" in phone.page(altered, 404)
    expired = room.invite(link_lasts=-DAY)
    page = phone.page(expired, 410)
    assert "expired" in page
    assert "send-link" not in page
    room.work(lambda transaction, _: revoke_links(transaction, "curator", who.curator))
    assert "Send me a new link" in phone.page(who, 410)
    assert (
        phone.client.get(f"/k/{who.token}.json", headers={"Accept": "application/json"}).json()[
            "code"
        ]
        == "link-no-good"
    )
    assert phone.give(who, a_photo(1)).status_code == 410

    answers = [phone.post(who, "send-link").status_code for _ in range(4)]
    assert answers == [202, 202, 202, 429]
    sent = installation.rows(
        """select kind, facts->>'link' from ingest.message
           where kind = 'link' and receiver = 'fatima@example.org'"""
    )
    assert len(sent) == 3
    fresh = Invited(who.curator, who.mandate, room.links.token(str(sent[0][1])))
    assert "Hello Fatima" in phone.page(fresh)


def test_a_new_link_stops_the_old_one_and_what_it_led_to(phone: Phone, room: CuratorRoom) -> None:
    who = room.invite()
    assert phone.outcomes(who, a_photo(3)) == ["counted"]
    receipt = phone.client.get(f"/k/{who.token}/receipt/{who.mandate}").headers["location"]
    assert phone.client.get(receipt).status_code == 200
    answer = phone.post(who, "renew")
    assert answer.status_code == 303
    assert phone.client.get(answer.headers["location"]).status_code == 200
    phone.page(who, 410)
    assert phone.client.get(receipt).status_code == 410


def test_a_new_link_is_only_sent_where_an_address_is_known_and_lasts_no_longer(
    phone: Phone, room: CuratorRoom, installation: Installation
) -> None:
    who = room.invite("Els", mail="els@example.org", link_lasts=3 * DAY)
    answer = phone.post(who, "renew")
    assert answer.status_code == 202
    assert "A new link is on its way" in answer.text
    [[link, same]] = installation.rows(
        """select n.link, n.expires_at = o.expires_at from ingest.message m
             join ingest.link n on n.link = m.facts->>'link'
             join ingest.link o on o.opens = n.opens and o.link <> n.link
           where m.kind = 'link' and m.receiver = 'els@example.org'"""
    )
    assert same
    fresh = Invited(who.curator, who.mandate, room.links.token(str(link)))
    assert fresh.token not in answer.text + str(answer.headers)
    phone.page(who, 410)
    assert "Hello Els" in phone.page(fresh)


def post_from_account(room: CuratorRoom, who: Invited, native_id: str) -> None:
    """Post with the hashtag from an account that the curator has proven to be theirs."""
    key = f"https://m.example/users/{who.curator}"
    posted = a_submission(
        source=SourceId(f"{CAMPAIGN}/hashtag"),
        connector="mastodon",
        native_id=native_id,
        author=Author(key=key, handle="fatima"),
        text="Vanop mijn eigen account #bollekes10",
        tags=(Tag(as_written="bollekes10", key="bollekes10", origin="tags"),),
        observed_at=datetime.now(UTC),
        published_at=None,
    )

    async def post(transaction: Transaction, journal: Journal) -> None:
        await transaction.execute(
            """insert into account_proof (proof, curator, network, author_key, handle, way, state)
               values (%s, %s, 'mastodon', %s, '@fatima@m.example', 'code', 'proven')
               on conflict do nothing""",
            [f"p-{who.curator}", who.curator, key],
        )
        await hand_in(transaction, journal, posted, CAUSE)

    room.work(post)


@pytest.mark.usefixtures("stream")
def test_what_was_agreed_for_a_turn_is_on_its_receipt_and_taken_back_for_all_of_it(
    phone: Phone, room: CuratorRoom, installation: Installation
) -> None:
    who = room.invite(accept=False)
    assert phone.client.get(f"/k/{who.token}/receipt/{who.mandate}").status_code == 404
    phone.post(who, "accept", made="yes", channel=["web", "wall"], way="account")
    assert "Your permissions and your data" in phone.page(who)
    receipt = phone.client.get(f"/k/{who.token}/receipt/{who.mandate}").headers["location"]
    page = unescape(phone.client.get(receipt, params={"lang": "en"}).text)
    assert "Your permission for the whole turn" in page
    assert "You agreed to version 7 of the text." in page

    def told() -> dict[str, Any]:
        return dict(phone.client.get(f"{receipt}.json").raise_for_status().json())

    def turn() -> dict[str, bool]:
        return {use["channel"]: use["holds"] for use in told()["turn"]}

    def items() -> list[dict[str, bool]]:
        return [{u["channel"]: u["holds"] for u in i["uses"]} for i in told()["items"]]

    assert (turn(), items()) == ({"web": True, "wall": True}, [])
    post_from_account(room, who, "first")
    until(lambda: items() == [{"web": True, "wall": True}], "the post is on the receipt")

    assert phone.client.post(f"{receipt}/turn/moon/withdraw").status_code == 404
    assert phone.client.post(f"{receipt}/turn/wall/withdraw").status_code < 400
    assert turn() == {"web": True, "wall": False}
    assert items() == [{"web": True, "wall": False}]
    post_from_account(room, who, "second")
    phone.post(who, "words", words="Een goeie avond")
    later = [{"web": True}, {"web": True}, {"web": True, "wall": False}]
    until(lambda: sorted(items(), key=len) == later, "what came later is not for the wall")

    phone.client.post(f"{receipt}/turn/web/withdraw")
    phone.client.post(f"{receipt}/turn/web/withdraw")
    assert {item["state"] for item in told()["items"]} == {"kept-back"}
    assert installation.rows(
        "select count(*) from ingest.event where subject = %s and type like '%%narrowed%%'",
        who.mandate,
    ) == [(2,)]


def test_a_copy_of_their_data_tells_a_curator_what_is_kept_of_them_and_opens_nothing(
    phone: Phone, room: CuratorRoom
) -> None:
    who = room.invite("Fatima", mail="fatima@example.org")
    phone.post(who, "note", note="Vraag naar de sleutel.")
    receipt = phone.client.get(f"/k/{who.token}/receipt/{who.mandate}").headers["location"]
    copy = phone.client.get(f"{receipt}/data.json")
    kept = copy.json()["curator"]
    assert (kept["name"], kept["mail"]) == ("Fatima", "fatima@example.org")
    [turn] = kept["turns"]
    assert (turn["mandate"], turn["state"]) == (who.mandate, "accepted")
    assert turn["noteToTheNext"] == "Vraag naar de sleutel."
    assert [use["channel"] for use in turn["consent"]["uses"]] == ["web"]
    [link] = kept["links"]
    assert link["issuedAt"]
    assert who.token not in copy.text
    assert who.token.split(".")[0] not in copy.text


def test_a_curator_sees_on_how_many_devices_their_link_was_opened(
    phone: Phone, server: Process, room: CuratorRoom
) -> None:
    who = room.invite()
    first = phone.client.get(f"/k/{who.token}")
    assert "HttpOnly" in first.headers["set-cookie"]
    assert "Path=/k" in first.headers["set-cookie"]
    assert "SameSite=lax" in first.headers["set-cookie"]
    assert "link was opened on" not in phone.page(who)
    with a_phone(server) as other:
        Phone(other).page(who)
    assert "opened on 2 devices" in phone.page(who)


def test_a_link_shows_nothing_of_another_curator(phone: Phone, room: CuratorRoom) -> None:
    mine, theirs = room.invite(), room.invite("Jef", 20 * DAY, 34 * DAY)
    stranger = Invited(mine.curator, theirs.mandate, mine.token)
    for path in ("accept", "decline", "note", f"mandates/{theirs.mandate}"):
        assert phone.post(stranger, path).status_code == 404
    assert phone.give(stranger, a_photo(1)).status_code == 404
    owner = room.invite("Amina")
    phone.outcomes(owner, a_photo(4))
    [item] = phone.standings(owner)
    assert phone.post(mine, f"items/{item}/withdraw").status_code == 404
    assert phone.client.get(f"/k/{mine.token}/photo/{item}/0").status_code == 404


# --- Giving ---


@pytest.mark.usefixtures("stream")
def test_photos_are_seen_at_once_then_wait_for_a_moderator(
    phone: Phone, room: CuratorRoom, installation: Installation
) -> None:
    who = room.invite(places=3)
    assert phone.outcomes(who, a_photo(10), a_photo(11)) == ["counted", "counted"]
    page = phone.page(who)
    assert "2 of 3 places" in page
    assert len(re.findall(r"Arrived \d+ \w+ \d\d:\d\d:\d\d, sent here", page)) == 2
    until(lambda: {p["state"] for p in phone.standings(who).values()} == {"waiting"}, "both wait")
    page = phone.page(who)
    image = re.findall(r'<img src="(/k/[^"]+)"', page)[0]
    assert phone.client.get(image).headers["content-type"] == "image/jpeg"
    [[consent, giver]] = installation.rows(
        "select content->'consent', giver from ingest.item where mandate = %s limit 1",
        who.mandate,
    )
    assert consent["evidence"] == "mandate"  # type: ignore[index]
    assert giver == who.curator


@pytest.mark.usefixtures("stream")
def test_the_eleventh_the_same_and_the_damaged_are_told_apart(
    phone: Phone, room: CuratorRoom
) -> None:
    who = room.invite(places=1)
    assert phone.outcomes(who, a_photo(20)) == ["counted"]
    until(lambda: phone.order(who) != [], "it has its place")
    until(lambda: waits(phone, who), "it waits")
    assert phone.outcomes(who, a_photo(20)) == ["double"]
    assert phone.outcomes(who, a_photo(21)) == ["spare"]
    until(lambda: "spare" in states(phone, who), "the second is a spare")
    assert "Spare: it moves up when a place becomes free" in phone.page(who)
    refused = phone.give(who, b"no photo")
    assert refused.status_code == 422
    assert "not a photo" in refused.json()["detail"]
    assert phone.give(who).status_code == 422


def states(phone: Phone, who: Invited) -> list[str]:
    return sorted(p["state"] for p in phone.standings(who).values())


def waits(phone: Phone, who: Invited) -> bool:
    return "received" not in states(phone, who)


@pytest.mark.usefixtures("stream")
def test_what_is_beyond_a_quota_is_told_as_that_and_promised_no_place(
    phone: Phone, room: CuratorRoom, installation: Installation
) -> None:
    who = room.invite("Jos", quota=1)
    assert phone.outcomes(who, a_photo(22)) == ["counted"]
    until(lambda: "waiting" in states(phone, who), "the first is an item")
    assert phone.outcomes(who, a_photo(23)) == ["beyond"]
    until(lambda: sorted(states(phone, who)) == ["beyond", "waiting"], "the second is told apart")
    page = phone.page(who)
    assert "More than was agreed" in page
    assert "moves up when a place becomes free" not in page

    [second] = [p["item"] for p in phone.standings(who).values() if p["state"] == "beyond"]
    decided = ReviewDecided(
        item=ItemId(second), campaign=CampaignId(CAMPAIGN), before="pending", after="approved"
    )
    asyncio.run(deliver(installation, (decided, second, 2)))
    until(lambda: "approved" in states(phone, who), "an approval is told as it is")


def test_a_photo_is_not_taken_before_the_turn_and_the_page_says_when(
    phone: Phone, room: CuratorRoom
) -> None:
    who = room.invite(starts=DAY)
    early = phone.give(who, a_photo(30))
    assert early.status_code == 409
    assert early.json()["code"] == "not-begun"
    assert re.search(r"begins on \w+, \d+ \w+ \d{4}, \d\d:\d\d", early.json()["detail"])


@pytest.mark.usefixtures("stream")
def test_a_photo_after_the_end_or_the_deadline_is_taken_and_late(
    phone: Phone, room: CuratorRoom
) -> None:
    over = room.invite(starts=-15 * DAY, ends=-DAY)
    assert phone.outcomes(over, a_photo(31)) == ["late"]
    due = room.invite(places=3, deadline=timedelta(seconds=-60))
    assert phone.outcomes(due, a_photo(32)) == ["late"]
    until(lambda: states(phone, over) == states(phone, due) == ["late"], "both are late")
    assert "the editors decide whether it still counts" in phone.page(due)
    long_over = room.invite(starts=-60 * DAY, ends=-30 * DAY)
    assert phone.give(long_over, a_photo(33)).json()["code"] == "too-late"


def test_a_paused_stopped_or_cancelled_turn_takes_nothing_and_says_so(
    phone: Phone, room: CuratorRoom
) -> None:
    paused, stopped = room.invite(), room.invite()
    cancelled = room.invite(starts=DAY)
    room.change(paused.mandate, PauseMandate())
    room.change(stopped.mandate, Stop(hide=True))
    room.change(cancelled.mandate, Cancel())
    for who, code in ((paused, "paused"), (stopped, "stopped"), (cancelled, "cancelled")):
        answer = phone.give(who, a_photo(34))
        assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert "Keep your photos and send them afterwards" in phone.page(paused)
    assert "out of view for now" in phone.page(stopped)


def test_without_script_a_form_leads_back_to_the_page_that_says_what_became_of_it(
    phone: Phone, room: CuratorRoom
) -> None:
    who = room.invite(places=3)
    answer = phone.client.post(
        f"/k/{who.token}/photos",
        params={"lang": "en"},
        data={"mandate": who.mandate},
        files=[("photos", ("a.jpg", a_photo(35))), ("photos", ("b.jpg", b"nothing"))],
    )
    assert answer.status_code == 422
    page = unescape(answer.text)
    assert "b.jpg: This file is not a photo." in page
    assert "1 of 3 places" in page
    fine = phone.client.post(
        f"/k/{who.token}/photos",
        params={"lang": "en"},
        data={"mandate": who.mandate},
        files=[("photos", ("c.jpg", a_photo(36)))],
        follow_redirects=True,
    )
    assert "Received." in fine.text


@pytest.mark.usefixtures("stream")
def test_a_photo_that_was_taken_back_can_be_given_again(phone: Phone, room: CuratorRoom) -> None:
    who = room.invite(places=2)
    phone.outcomes(who, a_photo(40))
    until(lambda: states(phone, who) == ["waiting"], "it waits")
    [first] = phone.order(who)
    assert phone.post(who, f"items/{first}/withdraw", page=False).status_code == 204
    assert phone.post(who, f"items/{first}/withdraw", page=False).status_code == 204
    assert states(phone, who) == ["withdrawn"]
    assert phone.outcomes(who, a_photo(40)) == ["counted"]
    until(lambda: states(phone, who) == ["waiting", "withdrawn"], "the second waits")
    [second] = phone.order(who)
    assert second != first


# --- Words, order, cover ---


@pytest.fixture
def three(phone: Phone, room: CuratorRoom, stream: Process) -> Invited:
    """A curator with three photos that have their places."""
    assert stream
    who = room.invite(places=3)
    phone.give(who, *(a_photo(50 + n) for n in range(3)))
    until(lambda: states(phone, who) == ["waiting"] * 3, "all wait")
    return who


def test_words_order_cover_and_wide_part_are_saved_by_one_form(
    phone: Phone, three: Invited
) -> None:
    first, second, third = phone.order(three)
    answer = phone.arrange(
        three,
        **{
            f"line-{first}": "De kaai",
            f"alt-{first}": "Een kade bij avond",
            f"place-{third}": "1",
            "cover": second,
            f"wide-{second}": "top",
            "do": "save",
        },
    )
    assert answer.status_code == 303, answer.text
    assert phone.order(three) == [third, first, second]
    shown = form_of(phone.page(three))
    assert shown[f"line-{first}"] == "De kaai"
    assert shown[f"alt-{first}"] == "Een kade bij avond"
    assert shown["cover"] == second
    assert shown[f"wide-{second}"] == "top"
    assert phone.page(three).count("Still missing") == 2


def test_the_arrows_move_one_photo_without_script(phone: Phone, three: Invited) -> None:
    first, second, third = phone.order(three)
    phone.arrange(three, do=f"up:{third}")
    assert phone.order(three) == [first, third, second]
    phone.arrange(three, do=f"down:{first}")
    assert phone.order(three) == [third, first, second]
    phone.arrange(three, **{f"place-{third}": "3", f"line-{third}": "mee bewaard"})
    assert phone.order(three) == [first, second, third]
    assert form_of(phone.page(three))[f"line-{third}"] == "mee bewaard"


def test_two_people_who_save_at_the_same_time_both_see_both(phone: Phone, three: Invited) -> None:
    first, second, third = phone.order(three)
    seen = form_of(phone.page(three))
    phone.arrange(three, **{f"place-{third}": "1", f"line-{first}": "van de een"})
    path = f"mandates/{three.mandate}"
    mine = {**seen, f"place-{first}": "3", f"line-{first}": "van de ander", "do": "done"}
    answer = phone.post(three, path, **mine)
    assert answer.status_code == 409
    page = unescape(answer.text)
    for words in ("van de een", "van de ander", "Saved now", "Yours"):
        assert words in page
    assert phone.order(three) == [third, first, second]
    program = phone.post(three, path, page=False, **mine)
    assert program.json()["code"] == "saved-elsewhere"

    form = page.split("<form", 1)[1]
    fields = areas_of(form) | {
        dict(pairs)["name"]: dict(pairs).get("value", "")
        for tag in re.findall(r"<input[^>]*>", form)
        if (pairs := re.findall(r'([\w-]+)="([^"]*)"', tag))
    }
    [verb] = re.findall(r'<button[^>]*name="do" value="(\w+)"', form)
    assert verb == "done"
    assert phone.post(three, path, **fields, do=verb).status_code == 303
    assert phone.order(three) == [second, third, first]
    assert form_of(phone.page(three))[f"line-{first}"] == "van de ander"
    assert "You said that your series is ready" in phone.page(three)


def test_a_photo_is_taken_back_although_two_people_saved_at_the_same_time(
    phone: Phone, three: Invited
) -> None:
    first, second, third = phone.order(three)
    seen = form_of(phone.page(three))
    phone.arrange(three, **{f"place-{third}": "1", f"line-{first}": "van de een"})
    mine = {**seen, f"place-{first}": "3", f"line-{first}": "van de ander"}
    path = f"mandates/{three.mandate}"
    assert phone.post(three, path, **mine, do=f"withdraw:{second}").status_code == 409
    assert phone.standings(three)[second]["state"] in {"withdrawn", "purged"}


def test_several_lines_stay_as_they_are_when_a_page_is_saved(
    phone: Phone, room: CuratorRoom, installation: Installation
) -> None:
    who = room.invite("Mila")
    words = "Reuzen op de markt\n\n#bollekes10"
    assert phone.post(who, "words", page=False, words=words).status_code == 201
    [(key, told)] = phone.standings(who).items()
    assert form_of(phone.page(who))[f"line-{key}"] == words.replace("\n", "\r\n")
    assert phone.arrange(who, do="save").status_code == 303
    versions = "select count(*) from ingest.event where subject = %s"
    assert installation.rows(versions, f"submission-{told['item']}") == [(1,)]
    phone.arrange(who, **{f"line-{key}": "Reuzen op de markt"})
    assert installation.rows(versions, f"submission-{told['item']}") == [(2,)]


def test_words_and_a_song_are_given_by_the_link_and_never_twice(
    phone: Phone, room: CuratorRoom, stream: Process
) -> None:
    assert stream
    who = room.invite("Bo")
    assert phone.post(who, "words", words="Wat een avond").status_code == 303
    song = {
        "link": "https://open.spotify.com/track/1",
        "link_title": "Zot lied",
        "words": "Luister",
    }
    for outcome in ("counted", "double"):
        answer = phone.post(who, "words", page=False, **song)
        assert answer.status_code == 201
        assert answer.json()["outcome"] == outcome
    until(lambda: len(phone.standings(who)) == len(("words", "song")), "both")
    page = phone.page(who)
    assert "Words and links" in page
    assert 'href="https://open.spotify.com/track/1"' in page
    assert "No longer here" not in page
    refused = phone.post(who, "words", page=False, link="javascript:alert(1)")
    assert refused.status_code == 422
    assert "whole address" in refused.json()["detail"]
    assert phone.post(who, "words", page=False, words="  ").status_code == 422
    [item] = {
        p["item"] for p in phone.standings(who).values() if p["item"] == answer.json()["item"]
    }
    assert phone.post(who, f"items/{item}/withdraw", page=False).status_code == 204
    assert phone.post(who, "words", page=False, **song).json()["outcome"] == "counted"


def test_a_photo_stands_among_the_others_from_the_moment_it_arrives(
    phone: Phone, room: CuratorRoom
) -> None:
    who = room.invite("Rik")
    assert phone.outcomes(who, photos.a_photo(640, 480, seed=930)) == ["counted"]
    [told] = phone.standings(who).values()
    assert told["place"] == 1
    page = phone.page(who)
    assert 'class="places"' in page
    assert "No longer here" not in page


def test_words_are_not_taken_before_a_turn_begins(phone: Phone, room: CuratorRoom) -> None:
    who = room.invite("Ties", DAY)
    answer = phone.post(who, "words", page=False, words="te vroeg")
    assert (answer.status_code, answer.json()["code"]) == (409, "not-begun")


def test_an_old_page_that_changes_one_line_changes_nothing_else(
    phone: Phone, three: Invited
) -> None:
    first, second, third = phone.order(three)
    seen = form_of(phone.page(three))
    phone.arrange(three, **{f"place-{third}": "1", f"line-{second}": "nieuw"})
    changed = {**seen, f"line-{first}": "alleen deze"}
    assert phone.post(three, f"mandates/{three.mandate}", **changed).status_code == 303
    assert phone.order(three) == [third, first, second]
    shown = form_of(phone.page(three))
    assert (shown[f"line-{first}"], shown[f"line-{second}"]) == ("alleen deze", "nieuw")


def test_a_refused_photo_says_why_and_a_second_look_can_be_asked_for_once(
    phone: Phone, three: Invited, installation: Installation
) -> None:
    import asyncio

    first, *_ = phone.order(three)
    refused = ReviewDecided(
        item=ItemId(first),
        campaign=CAMPAIGN,  # type: ignore[arg-type]
        before="pending",
        after="rejected",
        reasons=("off-topic",),
        statements=({"en": "It does not show the feast."},),
    )
    asyncio.run(deliver(installation, (refused, first, 2)))
    until(lambda: "rejected" in states(phone, three), "it is refused")
    page = phone.page(three)
    assert "It does not show the feast." in page
    assert "Ask for a second look" in page
    answer = phone.arrange(three, **{f"appeal-{first}": "Toch wel!", "do": f"appeal:{first}"})
    assert "told=asked" in answer.headers["location"]
    again = phone.arrange(three, do=f"appeal:{first}")
    assert "told=not-asked" in again.headers["location"]
    asked = installation.rows("select words from ingest.appeal where item = %s", first)
    assert asked == [("Toch wel!",)]
    assert "You asked for a second look" in phone.page(three)


# --- From one to the next ---


def test_a_note_goes_from_one_curator_to_the_next(phone: Phone, room: CuratorRoom) -> None:
    early = room.invite("Amina", -DAY, 10 * DAY)
    assert 'name="note"' not in phone.page(early)
    last = room.invite("Amina", 40 * DAY, 41 * DAY)
    leaving = room.invite("Tuur", -13 * DAY, DAY)
    assert 'name="note"' in phone.page(leaving)
    coming = room.invite("Zahra", DAY, 15 * DAY, accept=False)
    phone.post(leaving, "note", note="Vraag naar Jan\r\nop de markt.")
    assert "Vraag naar Jan\nop de markt." in phone.page(leaving)
    page = phone.page(coming)
    assert "Vraag naar Jan\nop de markt." in page
    assert "From Tuur, for you" in page
    assert "Vraag naar Jan" not in phone.page(last)
    assert "After you: Zahra." not in phone.page(leaving)
    phone.post(coming, "accept", made="yes", channel="web")
    assert "After you: Zahra." in phone.page(leaving)


def test_current_turns_come_first_and_past_ones_are_folded_away(
    phone: Phone, room: CuratorRoom
) -> None:
    past = room.invite("Fatima", -30 * DAY, -16 * DAY)
    now = room.invite("Fatima", curator=past.curator)
    coming = room.invite("Fatima", 20 * DAY, 34 * DAY, curator=past.curator)
    page = phone.page(past)
    found = [page.index(f'id="{m.mandate}"') for m in (now, coming, past)]
    assert found == sorted(found)
    assert re.search(rf'<details class="turn past over" id="{past.mandate}"[^>]*>', page)
    assert not re.search(rf'id="{past.mandate}"[^>]* open', page)


def test_the_dates_can_be_put_in_a_calendar(phone: Phone, room: CuratorRoom) -> None:
    who = room.invite()
    answer = phone.client.get(f"/k/{who.token}/calendar/{who.mandate}.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert f"UID:{who.mandate}@" in answer.text
    assert who.token not in answer.text
