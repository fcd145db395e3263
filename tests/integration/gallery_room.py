"""A gallery service on the real parts, for the tests of what it shows and what it tells."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import sha256
from typing import Any

import httpx

from services.chassis.database import Database
from services.chassis.journal import Journal
from services.chassis.objects import ObjectStore
from services.contracts.envelope import Envelope
from services.contracts.ids import CuratorId, ItemId, MandateId
from services.contracts.ingest import (
    Attachment,
    MandateAnnounced,
    Rendition,
    SeriesAnnounced,
    SeriesPhoto,
)
from services.contracts.moderation import ItemCleared, ItemRevoked, RevocationReason
from services.gallery import app
from services.gallery.stream import SUBSCRIPTIONS, Deps
from services.gallery.stream.settling import settle_due
from tests.builders import CAMPAIGN, MOMENT, a_campaign, a_cleared_item, an_attachment, an_event
from tests.installation import Installation, environment

HOST = "https://magazine.example"
MANDATE = MandateId("fatima-12")
FATIMA = CuratorId("fatima")


class Room:
    """A gallery service on the real parts: its handlers, its site, and what it keeps."""

    def __init__(self, installation: Installation) -> None:
        with environment(installation.environment):
            self.settings = app.settings()
        self.installation = installation
        self.deps = Deps(
            Database("gallery", self.settings), Journal("gallery"), ObjectStore(self.settings)
        )
        self.site = app.new_app(self.settings)
        self.reader = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.site), base_url="http://gallery.test"
        )

    async def hear(self, event: Envelope[Any], deps: Deps | None = None) -> None:
        """Handle an event as the stream does."""
        async with self.deps.database.transaction() as transaction:
            if await self.deps.journal.first_time(transaction, event):
                await SUBSCRIPTIONS[type(event.data)](event, transaction, deps or self.deps)

    async def settle(self, deps: Deps | None = None) -> bool:
        """Do what the clock finds; says whether nothing of it failed."""
        return not await settle_due(deps or self.deps)

    async def photo(self, *words: bytes) -> Attachment:
        """Store files as ingest would, and describe them."""
        renditions: list[Rendition] = []
        for word in words:
            name = sha256(word).hexdigest()
            await self.deps.objects.put("renditions", f"r/{name}", word, "image/jpeg")
            renditions.append(
                Rendition(
                    key=f"r/{name}",
                    sha256=name,
                    media_type="image/jpeg",
                    width=640,
                    height=480,
                    size=len(word),
                )
            )
        return an_attachment(renditions=tuple(renditions))

    async def clear(
        self, item: ItemId, version: int, *words: bytes, hours: int = 0, **changes: Any
    ) -> None:
        """Have moderation clear an item that shows these files, given so many hours later."""
        fields: dict[str, Any] = {
            "item": item,
            "kind": "photo" if words else "text",
            "text": "Hoi",
            "attachments": (await self.photo(*words),) if words else (),
            "effective_at": MOMENT + timedelta(hours=hours),
        }
        cleared = ItemCleared(item=a_cleared_item(**(fields | changes)))
        await self.hear(an_event(cleared, item, version))

    async def in_series(
        self, item: ItemId, version: int, *, mandate: str = MANDATE, **changes: Any
    ) -> Envelope[Any]:
        """Say that moderation clears a photo of a series, with a file of its own."""
        fields: dict[str, Any] = {
            "item": item,
            "kind": "photo",
            "mandate": MandateId(mandate),
            "in_series": True,
            "attachments": (await self.photo(item.encode()),),
        }
        cleared = ItemCleared(item=a_cleared_item(**(fields | changes)))
        return an_event(cleared, item, version)

    def series(
        self, items: Sequence[ItemId], version: int, *, mandate: str = MANDATE, **changes: Any
    ) -> Envelope[Any]:
        """Say that a series of these photos may be shown."""
        fields: dict[str, Any] = {
            "mandate": MandateId(mandate),
            "campaign": CAMPAIGN,
            "curator": FATIMA,
            "name": "Fatima",
            "places": len(items),
            "photos": tuple(SeriesPhoto(item=item) for item in items),
            "released": True,
        }
        said = SeriesAnnounced(**(fields | changes))
        moment = MOMENT + timedelta(hours=24)
        return an_event(said, f"series-{mandate}", version, time=moment)

    async def show_series(self, items: Sequence[ItemId], **changes: Any) -> None:
        """Have a whole series in view."""
        await self.hear(self.series(items, 1, **changes))
        for item in items:
            await self.hear(await self.in_series(item, 1))

    def mandate(self, version: int = 1, *, mandate: str = MANDATE, **changes: Any) -> Envelope[Any]:
        """Say how a mandate stands: that of two weeks around the moment of the tests."""
        fields: dict[str, Any] = {
            "mandate": MandateId(mandate),
            "campaign": CAMPAIGN,
            "curator": FATIMA,
            "name": "Fatima",
            "starts_at": MOMENT - timedelta(days=7),
            "ends_at": MOMENT + timedelta(days=7),
            "time_zone": "Europe/Brussels",
            "state": "accepted",
        }
        return an_event(MandateAnnounced(**(fields | changes)), mandate, version)

    def revocation(
        self, item: ItemId, version: int, reason: RevocationReason = "taken-down"
    ) -> Envelope[Any]:
        return an_event(ItemRevoked(item=item, campaign=CAMPAIGN, reason=reason), item, version)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.reader.get(path, headers=headers)

    async def listed(self) -> list[str]:
        answer = await self.get(f"/g/{CAMPAIGN}.json")
        return [item["id"] for item in answer.json()["items"]]

    def said(self, item: str) -> list[str]:
        rows = self.installation.rows(
            "select type from gallery.event where subject = %s order by version", item
        )
        return [str(row[0]).removeprefix("dichtbij.item.").removesuffix(".v1") for row in rows]


@asynccontextmanager
async def opened(installation: Installation) -> AsyncGenerator[Room]:
    """Open the room of a campaign that has been announced."""
    room = Room(installation)
    await room.deps.database.open()
    async with room.site.router.lifespan_context(room.site), room.reader:
        await room.hear(an_event(a_campaign(embed_origins=(HOST,)), CAMPAIGN))
        yield room
    room.deps.objects.close()
    await room.deps.database.close()


def address(item: str, content: bytes) -> str:
    return f"/media/{item}/{sha256(content).hexdigest()}.jpg"
