"""The Mastodon connector against a server that others wrote, as a process of its own."""

import io
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from PIL import Image

from services.contracts.ids import CampaignId, SourceId
from services.contracts.ingest import Hashtag, SubmissionReceived, SubmissionRetracted
from services.ingest.connectors import CONNECTORS
from services.ingest.domain.connector import Batch, Poll, SourceContext
from services.ingest.domain.hashtag import hashtag_key
from services.ingest.store.fetch import GuardedFetch
from tests.integration.mastodon import a_mastodon_server

CONNECTOR = CONNECTORS["mastodon"]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with a_mastodon_server() as server:
        yield server


@dataclass
class Person:
    """Somebody with an account at the server, and a hashtag that no other test uses."""

    client: httpx.Client
    tag: str

    def post(self, text: str, **options: Any) -> dict[str, Any]:
        body = {"status": f"{text} #{self.tag}"} | options
        return self._json(self.client.post("/api/v1/statuses", json=body))

    def photo(self, alt: str) -> str:
        file = io.BytesIO()
        Image.new("RGB", (64, 48), "teal").save(file, "JPEG")
        files = {"file": ("photo.jpg", file.getvalue(), "image/jpeg")}
        answer = self.client.post("/api/v2/media", files=files, data={"description": alt})
        return str(self._json(answer)["id"])

    def edit(self, status: dict[str, Any], text: str) -> None:
        body = {"status": f"{text} #{self.tag}"}
        self._json(self.client.put(f"/api/v1/statuses/{status['id']}", json=body))

    def delete(self, status: dict[str, Any]) -> None:
        self._json(self.client.delete(f"/api/v1/statuses/{status['id']}"))

    @staticmethod
    def _json(answer: httpx.Response) -> dict[str, Any]:
        answer.raise_for_status()
        return answer.json()


@dataclass
class Reader:
    """Polls as the framework does, with the real fetch."""

    fetch: GuardedFetch
    server: str
    tag: str
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    checkpoint: str = "{}"
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    async def poll(self) -> Batch:
        return await self._ask(CONNECTOR.poll)

    async def look_again(self) -> Batch:
        return await self._ask(CONNECTOR.look_again)

    async def _ask(self, ask: Poll | None) -> Batch:
        self.now += timedelta(minutes=2)
        source = SourceContext(
            CampaignId("feest"),
            SourceId("feest/mastodon"),
            (Hashtag(tag=self.tag, key=hashtag_key(self.tag)),),
            CONNECTOR.settings.model_validate({"server": self.server} | self.settings),
            self.now,
        )
        assert ask is not None
        batch = await ask(self.fetch, source, json.loads(self.checkpoint))
        assert batch.health.state == "ok", batch.health
        self.checkpoint = json.dumps(dict(batch.checkpoint), sort_keys=True)
        return batch


@pytest.fixture
def person(address: str, request: pytest.FixtureRequest) -> Iterator[Person]:
    headers = {"Authorization": "Bearer mock_token"}
    tag = f"feest{abs(hash(request.node.name)) % 10**8}x"
    with httpx.Client(base_url=address, headers=headers, trust_env=False) as client:
        yield Person(client, tag)


@pytest.fixture
async def reader(address: str, person: Person) -> AsyncIterator[Reader]:
    allow = frozenset({address.removeprefix("http://")})
    async with GuardedFetch(user_agent="Dichtbij/test", allow=allow) as fetch:
        yield Reader(fetch, address, person.tag)


def received(batch: Batch) -> list[SubmissionReceived]:
    return [event for event in batch.events if isinstance(event, SubmissionReceived)]


async def test_a_post_with_a_described_photo_is_handed_over(person: Person, reader: Reader) -> None:
    alt = "Een optocht met reuzen"
    status = person.post("Kijk <daar> &", media_ids=[person.photo(alt)], language="nl")
    [submission] = received(await reader.poll())

    assert submission.native_id == status["uri"]
    assert submission.text == f"Kijk <daar> & #{person.tag}"
    assert [tag.key for tag in submission.tags] == [person.tag]
    assert [(m.alt, m.alt_origin) for m in submission.media] == [(alt, "author")]
    assert submission.media[0].origin_url == status["media_attachments"][0]["url"]
    assert submission.author.url == status["account"]["url"]
    assert submission.visibility == "public"
    assert submission.published_at is not None


async def test_more_posts_than_fit_one_page_are_all_handed_over_in_order(
    person: Person, reader: Reader
) -> None:
    person.post("first")
    await reader.poll()
    for number in range(45):
        person.post(f"post {number}")
    batch = await reader.poll()
    found = received(batch)
    while batch.more:
        batch = await reader.poll()
        found += received(batch)

    assert [s.text for s in found] == [f"post {n} #{person.tag}" for n in range(45)]
    assert received(await reader.poll()) == []


async def test_the_first_poll_looks_back_as_far_as_it_is_set_to(
    person: Person, reader: Reader
) -> None:
    for number in range(45):
        person.post(f"post {number}")
    reader.settings = {"look_back": 42}
    found = received(await reader.poll())
    assert [s.text for s in found] == [f"post {n} #{person.tag}" for n in range(3, 45)]


async def test_an_edit_and_a_deletion_are_noticed(person: Person, reader: Reader) -> None:
    kept, lost = person.post("to be edited"), person.post("to be deleted")
    first = {s.native_id: s for s in received(await reader.poll())}
    person.edit(kept, "edited")
    person.delete(lost)
    events = [event for _ in range(4) for event in (await reader.poll()).events]

    edits = [event for event in events if isinstance(event, SubmissionReceived)]
    gone = [event for event in events if isinstance(event, SubmissionRetracted)]
    assert [s.text for s in edits] == [f"edited #{person.tag}"]
    assert edits[0].revision > first[kept["uri"]].revision
    assert [event.item for event in gone] == [first[lost["uri"]].item]
    assert len(events) == 2


async def test_while_not_live_an_edit_and_a_deletion_are_noticed_and_nothing_new_is_taken(
    person: Person, reader: Reader
) -> None:
    kept, lost = person.post("to be edited"), person.post("to be deleted")
    first = {s.native_id: s for s in received(await reader.poll())}
    person.edit(kept, "edited")
    person.delete(lost)
    person.post("meanwhile")
    events = [event for _ in range(3) for event in (await reader.look_again()).events]

    edits = [event for event in events if isinstance(event, SubmissionReceived)]
    gone = [event for event in events if isinstance(event, SubmissionRetracted)]
    assert [s.text for s in edits] == [f"edited #{person.tag}"]
    assert [event.item for event in gone] == [first[lost["uri"]].item]
    assert len(events) == 2
    # Live again, it is read on from where it was left.
    assert [s.text for s in received(await reader.poll())] == [f"meanwhile #{person.tag}"]


async def test_what_is_not_public_is_not_found_by_its_hashtag(
    person: Person, reader: Reader
) -> None:
    person.post("for all")
    for visibility in ("unlisted", "private", "direct"):
        person.post("not for all", visibility=visibility)
    assert [s.text for s in received(await reader.poll())] == [f"for all #{person.tag}"]


async def test_a_token_is_sent_to_the_server(
    person: Person, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DICHTBIJ_SOURCE_TEST", "mock_token")
    reader.settings = {"token_env": "DICHTBIJ_SOURCE_TEST"}
    person.post("with a token")
    assert len(received(await reader.poll())) == 1
