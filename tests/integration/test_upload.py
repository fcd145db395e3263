"""Uploads on the real parts: what is taken, what is refused and why, and what the receipt tells."""

import asyncio
import json
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from services.chassis.objects import ObjectStore
from services.contracts.envelope import EventData
from services.contracts.gallery import ItemPublished, ItemPurged, ItemUnpublished
from services.contracts.ids import CampaignId, ItemId, SourceId
from services.contracts.ingest import SubmissionReceived, SubmissionRetracted
from services.contracts.moderation import ReviewDecided
from tests import photos
from tests.builders import CAMPAIGN, MOMENT, a_submission, an_item_id
from tests.installation import Installation, deliver
from tests.integration.processes import Process, until

CAMPAIGN_FILE = """
campaign: bollekesfeest
name: {nl: Bollekesfeest, en: Bollekesfeest}
window: {from: 2026-01-01T00:00, to: 2099-01-01T00:00}
hashtags: [{tag: bollekesfeest, aliases: [bollekes]}]
sources:
  - {source: upload, connector: upload, rights: {basis: declared}}
"""
TICKED = {"made": "yes", "licence": "yes", "people": "yes"}


@pytest.fixture(scope="module")
def place(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    file = tmp_path_factory.mktemp("campaign") / "bollekesfeest.yaml"
    file.write_text(CAMPAIGN_FILE)
    first = installation.command("campaign", "apply", str(file))
    assert first.stdout == "bollekesfeest: applied\n", first.stderr
    again = installation.command("campaign", "apply", str(file))
    assert again.stdout == "bollekesfeest: unchanged\n"
    return installation


@pytest.fixture(scope="module")
def stream(place: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    log = tmp_path_factory.mktemp("stream") / "stream.log"
    process = Process(log, place.environment, "-m", "services", "ingest", "stream").start()
    yield process.until_ready()
    assert process.stop() == 0


@pytest.fixture(scope="module")
def server(place: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    log = tmp_path_factory.mktemp("web") / "web.log"
    process = Process(log, place.environment, "-m", "services", "ingest", "web").start()
    yield process.until_ready()
    assert process.stop() == 0


@pytest.fixture
def web(server: Process) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=f"http://127.0.0.1:{server.port}",
        timeout=60,
        headers={"Accept": "application/json", "Accept-Language": "en"},
    ) as client:
        yield client


def upload(
    web: httpx.Client, *contents: bytes, form: dict[str, str] | None = None, **headers: str
) -> httpx.Response:
    files = [("photos", (f"photo-{n}.jpg", content)) for n, content in enumerate(contents)]
    return web.post(
        f"/c/{CAMPAIGN}/upload", data=TICKED | (form or {}), files=files, headers=headers
    )


def receipt(web: httpx.Client, answer: httpx.Response) -> list[dict[str, Any]]:
    token = answer.json()["receipt"].rsplit("/", 1)[1]
    return web.get(f"/r/{token}.json").json()["items"]


def events(place: Installation, item: str) -> list[str]:
    found = place.rows("select type from ingest.event where subject = %s order by version", item)
    return [str(row[0]).removeprefix("dichtbij.item.").removesuffix(".v1") for row in found]


def content(place: Installation, item: str) -> dict[str, Any]:
    [[found]] = place.rows("select content from ingest.item where item = %s", item)
    return found  # type: ignore[return-value]


@pytest.mark.usefixtures("stream")
def test_an_uploaded_photo_becomes_an_item_with_renditions(
    web: httpx.Client, place: Installation
) -> None:
    photo = photos.a_photo(1600, 1200, seed=1, orientation=6, gps=True)
    answer = upload(
        web, photo, form={"caption": "Kijk! #Bollekes", "alt": "Een feest", "name": "An"}
    )
    assert answer.status_code == 201, answer.text
    [mine] = receipt(web, answer)
    until(lambda: receipt(web, answer)[0]["state"] == "waiting", "it waits for a moderator")
    item = content(place, mine["item"])
    [attachment] = item["attachments"]
    assert (attachment["width"], attachment["height"]) == (1200, 1600)
    assert attachment["alt"] == "Een feest"
    assert {r["mediaType"] for r in attachment["renditions"]} == {"image/avif", "image/jpeg"}
    assert item["author"]["name"] == "An"

    async def rendition() -> bytes:
        objects = ObjectStore(place.settings)
        key = next(r["key"] for r in attachment["renditions"] if r["mediaType"] == "image/jpeg")
        stored = await objects.get("renditions", key)
        objects.close()
        return stored.content

    assert b"GPS" not in asyncio.run(rendition())
    assert events(place, mine["item"]) == ["received"]


@pytest.mark.usefixtures("stream")
def test_the_same_form_sent_twice_gives_one_item_and_one_receipt(
    web: httpx.Client, place: Installation
) -> None:
    photo = photos.a_photo(800, 600, seed=2)
    form = {"submission": "the-same-form"}
    first, second = upload(web, photo, form=form), upload(web, photo, form=form)
    assert first.json()["receipt"] == second.json()["receipt"]
    [mine] = receipt(web, first)
    until(lambda: receipt(web, first)[0]["state"] == "waiting", "it waits for a moderator")
    assert events(place, mine["item"]) == ["received"]


def a_cut_photo() -> bytes:
    whole = photos.a_photo(1600, 1200, seed=3)
    return whole[: len(whole) // 2]


REFUSED = {
    "not an image": (lambda: b"hello, I am a text", "not-an-image"),
    "svg called jpg": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "type-not-accepted"),
    "truncated": (a_cut_photo, "truncated"),
    "200 megapixels": (photos.a_bomb, "too-many-pixels"),
    "no bytes": (lambda: b"", "empty"),
    "60 MB": (lambda: b"\xff\xd8\xff" + bytes(60_000_000), "too-many-bytes"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_photo_that_cannot_be_taken_is_refused_with_a_reason_that_is_kept(
    web: httpx.Client, place: Installation, what: str
) -> None:
    make, reason = REFUSED[what]
    before = place.rows("select count(*) from ingest.refusal where reason = %s", reason)
    answer = upload(web, make())
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    [refused] = answer.json()["refused"]
    assert refused["reason"] == reason
    assert refused["detail"].endswith(".")
    after = place.rows("select count(*) from ingest.refusal where reason = %s", reason)
    assert after[0][0] == int(str(before[0][0])) + 1


TAKEN = {
    "heic": photos.a_heic,
    "animated": photos.an_animation,
    "cmyk": photos.a_cmyk_photo,
    "rotated": lambda: photos.a_photo(900, 600, seed=5, orientation=3),
}


@pytest.mark.parametrize("what", TAKEN)
@pytest.mark.usefixtures("stream")
def test_unusual_photos_are_taken_and_shown_as_plain_ones(
    web: httpx.Client, place: Installation, what: str
) -> None:
    answer = upload(web, TAKEN[what]())
    assert answer.status_code == 201, answer.text
    until(lambda: receipt(web, answer)[0]["state"] == "waiting", "it waits for a moderator")
    [mine] = receipt(web, answer)
    [attachment] = content(place, mine["item"])["attachments"]
    assert {r["mediaType"] for r in attachment["renditions"]} == {"image/avif", "image/jpeg"}


@pytest.mark.usefixtures("stream")
def test_one_bad_photo_does_not_take_the_good_ones_with_it(
    web: httpx.Client,
) -> None:
    answer = upload(web, photos.a_photo(800, 600, seed=6), b"no photo")
    assert answer.status_code == 201
    assert answer.json()["taken"] == ["photo-0.jpg"]
    assert [r["filename"] for r in answer.json()["refused"]] == ["photo-1.jpg"]
    assert len(receipt(web, answer)) == 1


def test_memory_stays_bounded_while_hostile_photos_come_in(
    web: httpx.Client, server: Process
) -> None:
    process = psutil.Process(server.pid)

    def resident() -> int:
        sizes = [process.memory_info().rss]
        for decoder in process.children(recursive=True):
            # A decoder may end while it is asked: it lives for so many photos.
            with suppress(psutil.NoSuchProcess):
                sizes.append(decoder.memory_info().rss)
        return max(sizes)

    upload(web, photos.a_bomb(), b"\xff\xd8\xff" + bytes(39_000_000))
    assert resident() < 700_000_000


@pytest.mark.parametrize("missing", ["made", "licence"])
def test_without_the_needed_consent_nothing_is_taken(
    web: httpx.Client, place: Installation, missing: str
) -> None:
    # What was given before may still be on its way; of submissions there is one for each form.
    given = "select count(*) from ingest.event where starts_with(subject, 'submission-')"
    before = place.rows(given)
    answer = upload(web, photos.a_photo(800, 600, seed=7), form={missing: ""})
    assert answer.status_code == 422
    assert answer.json()["code"] == "form-incomplete"
    assert place.rows(given) == before


def test_without_script_the_form_comes_back_with_what_was_written(web: httpx.Client) -> None:
    answer = upload(
        web, b"", form={"caption": "Mijn <b>woorden</b>", "made": ""}, Accept="text/html"
    )
    assert answer.status_code == 422
    assert "Mijn &lt;b&gt;woorden&lt;/b&gt;" in answer.text


def test_an_unknown_campaign_is_a_problem_with_a_sentence(web: httpx.Client) -> None:
    answer = web.post("/c/nowhere/upload", data=TICKED)
    assert answer.status_code == 404
    assert answer.json()["code"] == "campaign-unknown"


def test_a_receipt_cannot_be_guessed(web: httpx.Client) -> None:
    assert web.get(f"/r/{'0' * 40}.json").status_code == 404


@pytest.mark.usefixtures("stream")
def test_a_giver_takes_a_photo_back(web: httpx.Client, place: Installation) -> None:
    answer = upload(web, photos.a_photo(800, 600, seed=8))
    until(lambda: receipt(web, answer)[0]["state"] == "waiting", "it waits for a moderator")
    [mine] = receipt(web, answer)
    token = answer.json()["receipt"].rsplit("/", 1)[1]
    for _ in range(2):
        assert web.post(f"/r/{token}/withdraw/{mine['item']}").status_code == 204
    until(lambda: receipt(web, answer)[0]["state"] == "withdrawn", "it is withdrawn")
    assert events(place, mine["item"]) == ["received", "withdrawn"]
    [[kept]] = place.rows("select content from ingest.item where item = %s", mine["item"])
    assert kept is None


def send(place: Installation, *facts: tuple[EventData, str, int]) -> None:
    asyncio.run(deliver(place, *facts))


@pytest.mark.usefixtures("stream")
def test_the_receipt_tells_what_became_of_a_photo(web: httpx.Client, place: Installation) -> None:
    answer = upload(web, photos.a_photo(800, 600, seed=9))
    until(lambda: receipt(web, answer)[0]["state"] == "waiting", "it waits for a moderator")
    item = ItemId(receipt(web, answer)[0]["item"])
    about: dict[str, Any] = {"item": item, "campaign": CampaignId(CAMPAIGN)}
    rejected = ReviewDecided(before="pending", after="rejected", reasons=("off-topic",), **about)
    approved = ReviewDecided(before="rejected", after="approved", **about)
    published = ItemPublished(gallery=CAMPAIGN, position=3, path=f"/g/x/i/{item}", **about)
    # The older decision comes last and must not win.
    send(place, (approved, item, 3), (published, item, 1), (rejected, item, 2))
    until(lambda: receipt(web, answer)[0]["state"] == "visible", "it is visible")
    unpublished = ItemUnpublished(gallery=CAMPAIGN, position=4, reason="taken-down", **about)
    taken_down = ReviewDecided(before="approved", after="taken-down", reasons=("privacy",), **about)
    purged = ItemPurged(deleted=4, absent=0, **about)
    send(place, (purged, item, 3), (unpublished, item, 2), (taken_down, item, 4))
    until(lambda: receipt(web, answer)[0]["state"] == "taken-down", "it is taken down")
    assert receipt(web, answer)[0]["reasons"] == ["privacy"]


@pytest.mark.usefixtures("stream")
def test_posts_delivered_five_times_and_out_of_order_end_in_the_same_state(
    place: Installation,
) -> None:
    """Create, edit and delete through the real stream; the unit test proves all orders."""
    chance = random.Random(20_261_123)
    stories: dict[ItemId, tuple[str, str]] = {}
    facts: list[tuple[EventData, str, int]] = []
    for number in range(12):
        item = an_item_id()
        story: list[EventData] = [
            a_submission(item=item, revision=1, text="eerste #bollekes"),
            a_submission(item=item, revision=2, text="beter #bollekes"),
        ]
        if number % 3 == 0:
            story.append(
                SubmissionRetracted(
                    item=item,
                    campaign=CampaignId(CAMPAIGN),
                    source=SourceId(f"{CAMPAIGN}/upload"),
                    reason="source",
                    observed_at=MOMENT,
                )
            )
        stories[item] = ("withdrawn", "") if number % 3 == 0 else ("live", "beter #bollekes")
        deliveries = story * 5
        chance.shuffle(deliveries)
        facts += [(fact, f"submission-{item}", 1) for fact in deliveries]
    send(place, *facts)

    def settled() -> bool:
        for item, (life, text) in stories.items():
            found = place.rows(
                "select life, coalesce(content->>'text', '') from ingest.item where item = %s", item
            )
            if found != [(life, text)]:
                return False
        return True

    until(settled, "all stories have their one ending")
    handled = len(facts) * 2

    def all_seen() -> bool:
        [[count]] = place.rows("select count(*) from ingest.inbox")
        return int(str(count)) >= handled // 2

    until(all_seen, "every delivery was looked at")
    assert settled()
    assert place.rows("select * from ingest.dead_letter") == []


def test_the_api_reference_is_served_by_ourselves(web: httpx.Client) -> None:
    page = web.get("/docs", headers={"Accept": "text/html"}).text
    assert "/c/{campaign}/upload" in page
    assert "//cdn" not in page


def test_the_upload_form_says_what_is_stored_in_json_too(web: httpx.Client) -> None:
    described = json.dumps(web.get("/openapi.json").json())
    assert SubmissionReceived.__name__ not in described
    assert "/campaigns/{campaign}" in described


def test_health_and_metrics_are_there(web: httpx.Client) -> None:
    assert web.get("/livez").json() == {"status": "alive"}
    assert web.get("/readyz").json()["ready"] is True
    assert "dichtbij_requests_total" in web.get("/metrics").text


def test_the_campaign_api_needs_a_session(web: httpx.Client) -> None:
    assert web.put(f"/campaigns/{CAMPAIGN}", json={}).status_code == 401
    assert web.get("/sources.json").status_code == 401


def test_a_campaign_file_with_faults_is_explained(place: Installation, tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(CAMPAIGN_FILE.replace("2099", "1999"))
    answer = place.command("campaign", "apply", str(file))
    assert answer.returncode == 1
    assert "later than" in answer.stderr
    assert "Traceback" not in answer.stderr
