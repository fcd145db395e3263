"""The sample's story: told once, however often it is applied."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
import yaml

from deploy.sample.apply import APPROVED, HANDED_IN, REJECTED, Progress, decide, post_elsewhere
from deploy.sample.campaign import campaign_text
from deploy.sample.people import CURATORS
from deploy.sample.photos import SamplePhoto
from deploy.sample.settings import SampleSettings, read_settings
from deploy.sample.story import HandedIn, Story, StoryError, Verdict
from services.ingest.domain.campaign import read_campaign
from services.moderation.domain.reason import REASONS

ENVIRONMENT = {
    "DICHTBIJ_INGEST_URL": "http://ingest.test",
    "DICHTBIJ_MODERATION_URL": "http://desk.test",
    "DICHTBIJ_GALLERY_URL": "http://gallery.test",
    "DICHTBIJ_MAGAZINE_URL": "http://localhost:8004",
    "DICHTBIJ_MASTODON_URL": "http://mastodon.test",
    "DICHTBIJ_DESK_PASSWORD": "known",
}
PHOTO = SamplePhoto("kaai.jpg", b"jpeg", "Aan de kaai", "Een kaai bij avond.", "Kaai", "Lotte")


class Services:
    """Answers like the services do, and remembers what was asked."""

    def __init__(self, waiting: list[dict[str, Any]] | None = None) -> None:
        self.waiting = waiting or []
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:  # noqa: PLR0911 (a table)
        self.asked.append(request)
        match request.url.path.split("/")[1:]:
            case ["c", _, "upload"]:
                return httpx.Response(201, json={"receipt": "http://ingest.test/r/abc"})
            case ["r", "gone.json"]:
                return httpx.Response(404)
            case ["r", _]:
                return httpx.Response(200, json={"items": [{"item": "i1", "state": "waiting"}]})
            case ["sign-in"]:
                right = parse_qs(request.content.decode())["password"] == ["known"]
                return httpx.Response(303 if right else 401)
            case ["desk", "session.json"]:
                return httpx.Response(200, json={"csrf": "token"})
            case ["desk", "queue.json"]:
                return httpx.Response(200, json={"items": self.waiting})
            case ["desk", "items", item, _]:
                self.waiting = [w for w in self.waiting if w["item"] != item]
                return httpx.Response(409 if item == "taken" else 200, json={})
            case ["api", _, "media"]:
                return httpx.Response(200, json={"id": 7})
            case ["api", "v1", "statuses"]:
                return httpx.Response(200, json={"id": 8})
            case _:
                return httpx.Response(204)

    def bodies(self, part: str) -> list[Any]:
        return [json.loads(r.content) for r in self.asked if part in r.url.path]


def settings(tmp_path: Path, **changed: str) -> SampleSettings:
    return read_settings({**ENVIRONMENT, "DICHTBIJ_LOCAL_FOLDER": str(tmp_path), **changed})


def a_story(tmp_path: Path, services: Services, **changed: str) -> Story:
    return Story(settings(tmp_path, **changed), transport=httpx.MockTransport(services))


def a_photo(_number: int, _folder: Path) -> SamplePhoto:
    return PHOTO


def waiting(item: str) -> dict[str, Any]:
    return {"item": item, "version": 3, "lease": f"lease-{item}"}


def test_ingest_accepts_the_campaign_as_it_is_written(tmp_path: Path) -> None:
    campaign = read_campaign(yaml.safe_load(campaign_text(settings(tmp_path))))

    assert campaign.campaign == "bollekesfeest"
    assert set(campaign.brief) == {"nl", "en", "fr", "de"}
    assert [s.connector for s in campaign.sources] == ["upload", "feed", "mastodon"]
    assert campaign.embed_origins == ("http://localhost:8004",)
    assert [(c.handle, c.name, c.bio) for c in campaign.curators] == [
        (c.handle, c.name, c.bio) for c in CURATORS
    ]


def test_without_a_mastodon_server_its_source_is_left_out(tmp_path: Path) -> None:
    text = campaign_text(settings(tmp_path, DICHTBIJ_MASTODON_URL=""))

    assert [s["connector"] for s in yaml.safe_load(text)["sources"]] == ["upload", "feed"]


def test_every_variable_of_the_campaign_is_filled_in(tmp_path: Path) -> None:
    assert "${" not in campaign_text(settings(tmp_path))


def test_some_photos_are_decided_and_five_wait() -> None:
    assert len(APPROVED) == 12
    assert not APPROVED & REJECTED.keys()
    assert HANDED_IN - len(APPROVED) - len(REJECTED) == 5
    assert {code for codes in REJECTED.values() for code in codes} <= {r.code for r in REASONS}


def test_a_photo_handed_in_again_is_the_same_submission(tmp_path: Path) -> None:
    services = Services()
    with a_story(tmp_path, services) as story:
        first, second = story.hand_in(4, PHOTO), story.hand_in(4, PHOTO)

    bodies = [request.content for request in services.asked]
    assert first == second == "/r/abc"
    assert all(b"sample-bollekesfeest-0004" in body for body in bodies)
    assert all(b"Een kaai bij avond." in body for body in bodies)


def test_a_receipt_is_found_again_when_ingest_has_moved(tmp_path: Path) -> None:
    services = Services()
    with a_story(tmp_path, services) as story:
        receipt = story.hand_in(4, PHOTO)
    with a_story(tmp_path, services, DICHTBIJ_INGEST_URL="http://elsewhere.test:9") as story:
        assert story.look_up(4, receipt) is not None

    assert str(services.asked[-1].url) == "http://elsewhere.test:9/r/abc.json"


def test_an_unknown_receipt_means_that_the_photo_is_not_there(tmp_path: Path) -> None:
    with a_story(tmp_path, Services()) as story:
        assert story.look_up(1, "/r/gone") is None
        assert story.look_up(1, "/r/abc") == HandedIn(1, "/r/abc", "i1", "waiting")


def test_only_what_the_story_decides_on_is_decided_and_the_rest_let_go(tmp_path: Path) -> None:
    services = Services([waiting("a"), waiting("b"), waiting("others")])
    with a_story(tmp_path, services) as story:
        decided = story.decide("token", [Verdict("a"), Verdict("b", ("quality",))])

    assert decided == 2
    assert services.bodies("/approve") == [{"version": 3, "lease": "lease-a", "reasons": []}]
    assert services.bodies("/reject") == [
        {"version": 3, "lease": "lease-b", "reasons": ["quality"]}
    ]
    released = services.asked[-1]
    assert released.url.path == "/desk/leases/release"
    assert "lease-others" in parse_qs(released.content.decode())["tokens"][0]
    assert released.headers["X-CSRF-Token"] == "token"


def test_a_decision_of_somebody_quicker_counts(tmp_path: Path) -> None:
    with a_story(tmp_path, Services([waiting("taken")])) as story:
        assert story.decide("token", [Verdict("taken")]) == 1


def test_nothing_is_decided_twice(tmp_path: Path) -> None:
    services = Services()
    approved = [HandedIn(n, "r", f"i{n}", "visible") for n in sorted(APPROVED)]
    with a_story(tmp_path, services) as story:
        assert decide(story, settings(tmp_path), approved) == 0

    assert not services.asked


def test_a_changed_password_is_said_in_a_sentence(tmp_path: Path) -> None:
    with (
        a_story(tmp_path, Services(), DICHTBIJ_DESK_PASSWORD="other") as story,
        pytest.raises(StoryError, match="sign in at the desk"),
    ):
        story.sign_in()


def test_a_post_is_described_and_posted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.sample.apply.one", a_photo)
    services, progress = Services(), Progress(tmp_path / "applied.json")
    with a_story(tmp_path, services) as story:
        post_elsewhere(story, settings(tmp_path), progress)
        post_elsewhere(story, settings(tmp_path), Progress.read(progress.path))

    posts = [r for r in services.asked if r.url.path == "/api/v1/statuses"]
    assert len(posts) == 2
    assert len({r.headers["Idempotency-Key"] for r in posts}) == 2
    assert all("#bollekesfeest" in body["status"] for body in services.bodies("/statuses"))
    assert all(b"Een kaai bij avond." in r.content for r in services.asked if "media" in r.url.path)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"receipts": 3}', '{"receipts": {"x": "y"}}'])
def test_a_damaged_note_of_progress_is_as_good_as_none(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "applied.json"
    path.write_text(damage)

    assert Progress.read(path) == Progress(path)


def test_what_was_done_is_remembered(tmp_path: Path) -> None:
    path = tmp_path / "new" / "applied.json"
    Progress(path, {1: "/r/abc"}, {20: "8"}).write()

    assert Progress.read(path) == Progress(path, {1: "/r/abc"}, {20: "8"})
