"""Live changes of a gallery as server-sent events, resumed from the database after any gap."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse
from starlette.types import Message, Send

from services.chassis.telemetry import log
from services.chassis.web import Problem
from services.gallery.api.changes import Changes, TooManyWatchersError, Watcher
from services.gallery.api.parts import PartsOf
from services.gallery.domain.placement import Standing
from services.gallery.store import galleries
from services.gallery.store.views import Change

router = APIRouter()

#: Seconds between signs of life; proxies cut a connection that says nothing for a minute.
HEARTBEAT = 15.0
#: Seconds that a client may take to accept a few bytes before it is dropped.
PATIENCE = 20.0
#: Milliseconds after which a browser comes back.
_RETRY = 2000


class EventStream(StreamingResponse):
    """A stream that ends when its reader stops reading, instead of waiting for it for ever."""

    media_type = "text/event-stream"

    async def stream_response(self, send: Send) -> None:
        """Send what comes; a reader that accepts nothing in time is left."""

        async def bounded(message: Message) -> None:
            async with asyncio.timeout(PATIENCE):
                await send(message)

        try:
            await super().stream_response(bounded)
        except TimeoutError:
            log.info("live.reader_dropped")


def message_of(change: Change) -> str:
    """Write a change as browsers read it; the id is the gallery's version."""
    facts = json.dumps({"item": change.item, "position": change.position, "more": change.more})
    kind = "published" if change.standing is Standing.PUBLISHED else "unpublished"
    return f"id: {change.position}\nevent: {kind}\ndata: {facts}\n\n"


async def told(watcher: Watcher) -> AsyncIterator[str]:
    """Give what one watcher is told, with a sign of life when there is nothing to tell."""
    while not watcher.dropped.is_set():
        found = await watcher.next(HEARTBEAT)
        yield "".join(map(message_of, found)) or ": still here\n\n"


def _after(last_event_id: str | None, after: int | None, version: int) -> int:
    """Say from which version to go on: the browser's own note, else the page's, else now."""
    if last_event_id and last_event_id.isdecimal() and len(last_event_id) < 10:  # noqa: PLR2004
        return int(last_event_id)
    return version if after is None else after


@router.get("/g/{gallery}/live", response_class=EventStream)
async def live(
    gallery: str,
    parts: PartsOf,
    last_event_id: Annotated[str | None, Header()] = None,
    after: Annotated[int | None, Query(ge=0, le=2_000_000_000)] = None,
) -> Response:
    """Tell what is published and unpublished from now on, or from a version on."""
    async with parts.database.transaction() as tx:
        found = await galleries.find(tx, gallery)
    if found is None:
        raise Problem(404, "gallery-unknown", "There is no gallery of this name.")
    if parts.changes.full:
        raise Problem(503, "too-many-watchers", "Too many people watch at once. Try again later.")
    start = _after(last_event_id, after, found.version)
    return EventStream(
        _stream(parts.changes, gallery, start),
        headers={
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
            # Embeds in a sandboxed frame have no origin of their own; nothing here is private.
            "Access-Control-Allow-Origin": "*",
        },
    )


async def _stream(changes: Changes, gallery: str, after: int) -> AsyncIterator[str]:
    yield f"retry: {_RETRY}\n\n"
    try:
        with changes.watch(gallery, after) as watcher:
            async for message in told(watcher):
                yield message
    except TooManyWatchersError:
        return
