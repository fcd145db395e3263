"""News for an open desk, as server-sent events."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import asdict

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from services.moderation.api.deps import Moderator, Needs
from services.moderation.store.news import Newsroom, TooManyDesksError

router = APIRouter(tags=["desk"])

#: Seconds between signs of life, so that proxies keep the connection.
_HEARTBEAT = 15.0
#: Seconds after which the browser connects again, and so shows that its session still holds.
_AT_MOST = 900.0


@router.get("/desk/live", response_class=StreamingResponse)
async def live(campaign: str, _staff: Moderator, needs: Needs) -> StreamingResponse:
    """Tell a desk what happens in a campaign: waiting, decided, withdrawn, visible, start-over."""
    return StreamingResponse(
        _events(needs.newsroom, campaign),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _events(newsroom: Newsroom, campaign: str) -> AsyncIterator[str]:
    until = time.monotonic() + _AT_MOST
    try:
        with newsroom.desk() as unread:
            yield "retry: 2000\n\n"
            while time.monotonic() < until:
                try:
                    news = await asyncio.wait_for(unread.get(), _HEARTBEAT)
                except TimeoutError:
                    yield ": alive\n\n"
                    continue
                if news.campaign in {campaign, ""}:
                    yield f"event: {news.kind}\ndata: {json.dumps(asdict(news))}\n\n"
    except TooManyDesksError:
        # Headers are sent already; the browser asks again after this while.
        yield "retry: 30000\n\n"
