"""Ingest's two processes on the real parts, and givers who use its pages."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml

from services.chassis.auth import cookie_name, issue
from services.contracts.envelope import EventData
from services.contracts.gallery import ItemPublished, ItemPurged, ItemUnpublished, ShowingsCounted
from services.contracts.ids import ItemId
from services.contracts.moderation import ReviewClosed, ReviewDecided, ReviewStateName
from tests.builders import CAMPAIGN
from tests.installation import Installation, deliver
from tests.integration.processes import Process, until

TICKED = {"made": "yes", "licence": "yes", "people": "yes"}
WRITTEN: dict[str, Any] = {
    "campaign": CAMPAIGN,
    "name": {"nl": "Bollekesfeest", "en": "Bollekesfeest"},
    "window": {"from": "2026-01-01T00:00", "to": "2099-01-01T00:00"},
    "hashtags": [{"tag": "bollekesfeest"}],
    "channels": ["web", "print", "tv"],
    "kinds": ["photo", "album", "text", "link", "song"],
    "places": ["Grote Markt", "Kaai"],
    "consent": {"version": "2", "months": 12, "text": {"en": "We show it with care."}},
    "sources": [
        {"source": "upload", "connector": "upload", "rights": {"basis": "declared"}},
        {"source": "masto", "connector": "mastodon", "settings": {"server": "https://m.example"}},
    ],
}


class Room:
    """Ingest as its givers see it; `stranger` is a browser without any session."""

    def __init__(self, installation: Installation, folder: Path) -> None:
        self.installation = installation
        self.folder = folder
        environment = installation.environment
        self.stream = Process(folder / "stream.log", environment, *_INGEST, "stream").start()
        self.web = Process(folder / "web.log", environment, *_INGEST, "web").start()
        self.stream.until_ready()
        self.web.until_ready()
        self.stranger = self.browser()

    def browser(self, **headers: str) -> httpx.Client:
        asks = {"Accept": "application/json", "Accept-Language": "en"}
        address = f"http://127.0.0.1:{self.web.port}"
        return httpx.Client(base_url=address, timeout=60, headers=asks | headers)

    def staff(self, *roles: str) -> httpx.Client:
        """Give the browser of somebody who is signed in at the desk."""
        key = self.installation.environment["DICHTBIJ_SESSION_PRIVATE_KEY"]
        browser = self.browser(Accept="text/html")
        name = cookie_name(self.installation.settings)
        browser.cookies.set(name, issue(key, "an", "An", frozenset(roles or {"coordinator"})))
        return browser

    def apply(self, **changes: Any) -> None:
        """Apply the campaign with some things changed, by the command line."""
        file = self.folder / "campaign.yaml"
        file.write_text(yaml.safe_dump(WRITTEN | changes, allow_unicode=True))
        answer = self.installation.command("campaign", "apply", str(file))
        assert answer.returncode == 0, answer.stderr

    def give(
        self, *photos: bytes, browser: httpx.Client | None = None, **form: Any
    ) -> httpx.Response:
        """Fill in the upload form and send it."""
        files = [("photos", (f"p-{n}.jpg", content)) for n, content in enumerate(photos)]
        fields = TICKED | form
        whole: Any = files or [("photos", ("", b""))]
        sender = browser or self.stranger
        answer = sender.post(f"/c/{CAMPAIGN}/upload", data=fields, files=whole)
        if browser is not None:
            browser.close()
        return answer

    def given(self, **form: Any) -> "Giver":
        """Give a text, which needs no decoder, and wait until it is an item."""
        fields: dict[str, Any] = {"caption": "Wat een avond!"} | form
        answer = self.give(**fields)
        assert answer.status_code == 201, answer.text
        giver = Giver(self, answer.json()["receipt"].rsplit("/", 1)[1])
        giver.until("waiting", "kept-back", "ignored")
        return giver

    def events(self, subject: str) -> list[tuple[str, dict[str, Any]]]:
        """Give what was said of a subject, in order: names and data."""
        found = self.installation.rows(
            "select type, data from ingest.event where subject = %s order by version", subject
        )
        return [(str(kind).removeprefix("dichtbij."), data) for kind, data in found]  # type: ignore[misc]

    def messages(self, kind: str) -> list[dict[str, Any]]:
        found = self.installation.rows(
            """select receiver, language, facts from ingest.message where kind = %s
               order by queued_at""",
            kind,
        )
        return [{"to": to, "language": lang, **facts} for to, lang, facts in found]  # type: ignore[misc]

    def told(self, *facts: tuple[EventData, str, int]) -> None:
        asyncio.run(deliver(self.installation, *facts))

    def close(self) -> None:
        self.stranger.close()
        assert (self.web.stop(), self.stream.stop()) == (0, 0)


_INGEST = ("-m", "services", "ingest")


@contextmanager
def room(installation: Installation, folder: Path) -> Generator[Room]:
    made = Room(installation, folder)
    try:
        yield made
    finally:
        made.close()


class Giver:
    """Somebody with the link of a receipt, who may or may not be its owner."""

    def __init__(self, room: Room, token: str) -> None:
        self.room = room
        self.token = token

    def see(self) -> dict[str, Any]:
        answer = self.room.stranger.get(f"/r/{self.token}.json")
        assert answer.status_code == 200, answer.text
        return answer.json()  # type: ignore[no-any-return]

    @property
    def items(self) -> list[dict[str, Any]]:
        return list(self.see()["items"])

    @property
    def item(self) -> ItemId:
        return ItemId(self.items[0]["item"])

    @property
    def state(self) -> str:
        return str(self.items[0]["state"])

    def until(self, *states: str) -> "Giver":
        until(lambda: self.state in states, f"it is {' or '.join(states)}")
        return self

    def until_true(self, question: Callable[[dict[str, Any]], bool], what: str) -> None:
        until(lambda: question(self.items[0]), what)

    def do(self, what: str, **form: str) -> httpx.Response:
        return self.room.stranger.post(f"/r/{self.token}/{what}", data=form)

    def page(self, query: str = "") -> httpx.Response:
        headers = {"Accept": "text/html", "Accept-Language": "en"}
        return self.room.stranger.get(f"/r/{self.token}{query}", headers=headers)

    def decided(
        self, version: int, after: ReviewStateName, before: ReviewStateName = "pending", **more: Any
    ) -> None:
        """Have a moderator decide."""
        item = self.item
        decision = ReviewDecided(item=item, campaign=CAMPAIGN, before=before, after=after, **more)
        self.room.told((decision, item, version))

    def published(self, version: int = 1) -> None:
        item = self.item
        path = f"/g/{CAMPAIGN}/i/{item}"
        shown = ItemPublished(item=item, campaign=CAMPAIGN, gallery=CAMPAIGN, position=3, path=path)
        self.room.told((shown, item, version))

    def shown(self, times: int, version: int) -> None:
        """Have the gallery say how often it was shown so far."""
        counted = ShowingsCounted(item=self.item, campaign=CAMPAIGN, times=times)
        self.room.told((counted, f"showings-{self.item}", version))

    def gone(self, version: int = 2, *, desk: int | None = 3) -> None:
        """Have the other services say that it is gone, in an order that nobody chose."""
        item = self.item
        about: dict[str, Any] = {"item": item, "campaign": CAMPAIGN}
        self.room.told(
            (ItemPurged(deleted=8, absent=0, **about), item, version + 1),
            (
                ItemUnpublished(gallery=CAMPAIGN, position=4, reason="withdrawn", **about),
                item,
                version,
            ),
        )
        if desk is not None:
            self.room.told((ReviewClosed(**about), item, desk))
