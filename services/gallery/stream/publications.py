"""Items appear when moderation clears them, and go when it revokes them."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from services.chassis.database import Transaction
from services.chassis.journal import Cause
from services.contracts.envelope import Envelope
from services.contracts.moderation import ClearedItem, ItemCleared, ItemRevoked
from services.gallery.domain.placement import (
    Placement,
    Publish,
    Purge,
    Unpublish,
    decide,
    evolve,
    is_news,
    settle,
)
from services.gallery.domain.publication import files_of, folder_of
from services.gallery.store import galleries, placements
from services.gallery.stream.deps import Deps

ResultT = TypeVar("ResultT")

_ACTOR = "service:gallery"
#: Files of one item that are copied or deleted at the same time.
_AT_ONCE = 8


async def on_item_cleared(event: Envelope[ItemCleared], tx: Transaction, deps: Deps) -> None:
    """Copy an item's files to where the world may read them, then show it."""
    content = event.data.item
    await galleries.ensure(tx, content.campaign)
    placement = await placements.lock(tx, content.item, content.campaign)
    if not is_news(placement, event.subjectversion):
        return
    await _copy(content, deps)
    command = Publish(content, event.subjectversion)
    await _apply(placement, command, tx, deps, Cause.of(event, _ACTOR))
    # What an earlier version showed and this one does not must not stay readable.
    kept = {file.target for file in files_of(content)}
    if placement.position:
        await _delete([k for k in await _public_keys(content.item, deps) if k not in kept], deps)


async def on_item_revoked(event: Envelope[ItemRevoked], tx: Transaction, deps: Deps) -> None:
    """Hide an item at once; then delete its files and tell that they are gone.

    Hiding is a transaction of its own, finished before S3 is asked anything: while S3 is away the
    item is on no page, and the purge is tried until it succeeds.
    """
    await _hide(event, deps)
    placement = await placements.lock(tx, event.data.item, event.data.campaign)
    if placement.shown or placement.heard != event.subjectversion:
        # A newer event was applied; what it decided stands.
        return
    keys = await _public_keys(event.data.item, deps)
    deleted = await _delete(keys, deps)
    for purged in decide(placement, Purge(deleted, len(keys) - deleted), placement.position):
        version = await deps.journal.append(
            tx, event.data.item, placement.version, [purged], Cause.of(event, _ACTOR)
        )
        await placements.save(tx, replace(evolve(placement, purged), version=version))


async def _hide(event: Envelope[ItemRevoked], deps: Deps) -> None:
    async with deps.database.transaction() as tx:
        await galleries.ensure(tx, event.data.campaign)
        placement = await placements.lock(tx, event.data.item, event.data.campaign)
        if is_news(placement, event.subjectversion):
            command = Unpublish(event.data.reason, event.subjectversion)
            await _apply(placement, command, tx, deps, Cause.of(event, _ACTOR))


async def _apply(
    placement: Placement, command: Publish | Unpublish, tx: Transaction, deps: Deps, cause: Cause
) -> None:
    """Write what a command makes happen: events, placement, and the gallery's new version."""
    gallery = await galleries.lock(tx, placement.gallery)
    events = decide(placement, command, gallery.version + 1)
    await deps.journal.append(tx, placement.item, placement.version, events, cause)
    # Content is settled before standing is saved, for both are one row.
    settled = settle(placement, command)
    for happened in events:
        settled = evolve(settled, happened)
    await placements.save(tx, settled)
    if events:
        await galleries.save(tx, replace(gallery, version=gallery.version + 1))


async def _copy(content: ClearedItem, deps: Deps) -> None:
    await _all(
        [
            partial(deps.objects.copy, ("renditions", file.source), ("public", file.target))
            for file in files_of(content)
        ]
    )


async def _public_keys(item: str, deps: Deps) -> list[str]:
    return await deps.objects.keys("public", folder_of(item))


async def _delete(keys: list[str], deps: Deps) -> int:
    """Delete files; says how many of them were still there."""
    return sum(await _all([partial(deps.objects.delete, "public", key) for key in keys]))


async def _all(calls: Sequence[Callable[[], Coroutine[None, None, ResultT]]]) -> list[ResultT]:
    """Make calls side by side; when one fails, the others are still waited for.

    A copy that went on after its event was given up could bring back what a later purge removed.
    """
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(call: Callable[[], Coroutine[None, None, ResultT]]) -> ResultT:
        async with room:
            return await call()

    outcomes = await asyncio.gather(*(one(call) for call in calls), return_exceptions=True)
    results: list[ResultT] = []
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
        results.append(outcome)
    return results
