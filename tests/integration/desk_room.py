"""A desk on the real parts, for the tests of what moderators decide and what follows from it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from services.chassis.auth import cookie_name, issue, verify
from services.chassis.database import Database
from services.chassis.journal import Journal
from services.chassis.objects import ObjectStore
from services.contracts.envelope import Envelope
from services.contracts.ingest import ItemReceived
from services.moderation import app
from services.moderation.stream import SUBSCRIPTIONS, Deps
from services.moderation.stream.settling import settle_reviews
from tests.builders import CAMPAIGN, a_campaign, an_event, an_item
from tests.installation import Installation, environment

HTML = {"accept": "text/html"}


class Desk:
    """A desk on the real parts, with a browser for each moderator."""

    def __init__(self, installation: Installation) -> None:
        with environment(installation.environment):
            self.settings = app.settings()
        self.database = Database("moderation", self.settings)
        self.journal = Journal("moderation")
        self.objects = ObjectStore(self.settings)
        self.site = app.desk_app(self.settings)
        self.installation = installation

    async def hear(self, event: Envelope[Any]) -> None:
        """Handle an event as the stream does."""
        handler = SUBSCRIPTIONS[type(event.data)]
        async with self.database.transaction() as transaction:
            if await self.journal.first_time(transaction, event):
                await handler(event, transaction, Deps(self.journal, self.database))

    async def receive(self, number: int = 1, **changes: Any) -> list[str]:
        items = [an_item(**changes) for _ in range(number)]
        for item in items:
            await self.hear(an_event(ItemReceived(item=item), item.item))
        return [item.item for item in items]

    def browser(self, account: str, *roles: str) -> httpx.AsyncClient:
        key = self.settings.session_private_key.get_secret_value()
        token = issue(key, account, account.title(), frozenset(roles or {"moderator"}))
        staff = verify(self.settings.session_public_key, token)
        assert staff is not None
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.site),
            base_url="http://desk.test",
            cookies={cookie_name(self.settings): token},
            headers={"x-csrf-token": staff.csrf, "accept": "application/json"},
        )

    def said(self, item: str) -> list[str]:
        rows = self.installation.rows(
            "select type from moderation.event where subject = %s order by version", item
        )
        return [str(row[0]).removeprefix("dichtbij.").removesuffix(".v1") for row in rows]

    @asynccontextmanager
    async def clock(self) -> AsyncGenerator[None]:
        """Let the clock of the stream process run beside a block."""
        running = asyncio.create_task(settle_reviews(Deps(self.journal, self.database)))
        yield
        assert not running.done()
        running.cancel()
        await asyncio.wait([running])


@asynccontextmanager
async def opened(installation: Installation) -> AsyncGenerator[Desk]:
    """Open a desk with one campaign."""
    desk = Desk(installation)
    await desk.database.open()
    async with desk.site.router.lifespan_context(desk.site):
        await desk.hear(an_event(a_campaign(), CAMPAIGN))
        yield desk
    await desk.database.close()
    desk.objects.close()


async def queue(browser: httpx.AsyncClient, lease: int = 24) -> list[dict[str, Any]]:
    answer = await browser.get("/desk/queue.json", params={"campaign": CAMPAIGN, "lease": lease})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def decide(
    browser: httpx.AsyncClient, action: str, waiting: dict[str, Any], **more: Any
) -> httpx.Response:
    body = {"version": waiting["version"], "lease": waiting.get("lease"), **more}
    return await browser.post(f"/desk/items/{waiting['item']}/{action}", json=body)
