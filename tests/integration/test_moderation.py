"""Reviews on the real database: items in, leases, decisions, and what is said about them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from services.chassis.auth import cookie_name, issue, verify
from services.chassis.database import Database
from services.chassis.journal import Journal
from services.contracts.envelope import Envelope
from services.contracts.ingest import (
    CampaignAnnounced,
    ItemChanged,
    ItemReceived,
    ItemWithdrawn,
)
from services.moderation import app
from services.moderation.stream import SUBSCRIPTIONS, Deps
from tests.builders import CAMPAIGN, a_campaign, an_event, an_item
from tests.installation import Installation, environment


class Desk:
    """A desk on the real parts, with a browser for each moderator."""

    def __init__(self, installation: Installation) -> None:
        with environment(installation.environment):
            self.settings = app.settings()
        self.database = Database("moderation", self.settings)
        self.journal = Journal("moderation")
        self.site = app.desk_app(self.settings)
        self.installation = installation

    async def hear(self, event: Envelope[Any]) -> None:
        """Handle an event as the stream does."""
        handler = SUBSCRIPTIONS[type(event.data)]
        async with self.database.transaction() as transaction:
            if await self.journal.first_time(transaction, event):
                await handler(event, transaction, Deps(self.journal))

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


@pytest.fixture
async def desk(fresh_installation: Installation) -> AsyncIterator[Desk]:
    desk = Desk(fresh_installation)
    await desk.database.open()
    async with desk.site.router.lifespan_context(desk.site):
        await desk.hear(an_event(a_campaign(), CAMPAIGN))
        yield desk
    await desk.database.close()


async def queue(browser: httpx.AsyncClient, lease: int = 24) -> list[dict[str, Any]]:
    answer = await browser.get("/desk/queue.json", params={"campaign": CAMPAIGN, "lease": lease})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_an_item_that_is_approved_is_cleared_for_the_world(desk: Desk) -> None:
    [item] = await desk.receive()
    async with desk.browser("anna") as anna:
        [waiting] = await queue(anna)
        answer = await anna.post(
            f"/desk/items/{item}/approve",
            json={"version": waiting["version"], "lease": waiting["lease"]},
        )
        page = await anna.get("/desk", headers={"accept": "text/html"})
    assert answer.status_code == 200
    assert answer.json()["state"] == "approved"
    assert answer.json()["cleared"] is True
    assert desk.said(item) == ["review.opened", "review.decided", "item.cleared"]
    assert page.status_code == 200
