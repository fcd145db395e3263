"""The clock of the gallery: after a mandate was stopped or shown again, the rest follows.

Stopping takes items out of view at once and asks S3 nothing. What follows is found in the rows, not
in events: the files of what is out of view go, and what is held for a mandate that is stopped no
longer comes back. So it also goes on after a crash, and any process may do it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from services.chassis.database import TRANSIENT
from services.chassis.journal import Cause, ConflictError
from services.chassis.objects import OBJECTS_TRANSIENT, ObjectMissingError
from services.chassis.telemetry import log
from services.gallery.domain.placement import Placement, Release
from services.gallery.store import placements, terms
from services.gallery.stream.deps import Deps
from services.gallery.stream.files import copy_files
from services.gallery.stream.moves import ACTOR, drop_copies, hide_all, move, purge_unseen
from services.gallery.stream.series import settle_series

#: Seconds between two looks.
_TICK = 0.5
#: Seconds before the next look after something failed in one.
_PAUSE = 5.0
#: Placements that one look takes up, and how many of them at the same time: few enough to leave
#: connections to what is heard.
_MOST = 200
_AT_ONCE = 3
_FAILURES: tuple[type[Exception], ...] = (
    *TRANSIENT,
    *OBJECTS_TRANSIENT,
    ConflictError,
    ObjectMissingError,
)


async def settle_placements(deps: Deps) -> None:
    """Do what is due, until cancelled."""
    while True:
        try:
            failed = await settle_due(deps)
        except _FAILURES as error:
            log.warning("placements.settling_waits", error=type(error).__name__)
            failed = True
        await asyncio.sleep(_PAUSE if failed else _TICK)


async def settle_due(deps: Deps) -> bool:
    """Hide, show and purge what is due; says whether any of it failed for now."""
    cause = Cause.by(ACTOR)
    async with deps.database.transaction() as tx:
        for gallery, mandate in await terms.still_in_view(tx):
            # It was being changed while all others were hidden.
            if await terms.stopped(tx, mandate, staying=True):
                await hide_all(gallery, mandate, tx, deps, cause)
        waiting = await placements.to_release(tx, _MOST)
    # First what is to be seen: of that nothing is to be purged.
    released = await _each(waiting, lambda p: _release(p, deps, cause))
    settled = await _settle_series(deps, cause)
    async with deps.database.transaction() as tx:
        unpurged = await placements.to_purge(tx, _MOST)
    purged = await _each(unpurged, lambda p: purge_unseen(p.item, p.campaign, deps, cause))
    return not (released and settled and purged)


async def _each(found: Sequence[Placement], do: Callable[[Placement], Awaitable[None]]) -> bool:
    """Do something with each, some at a time; what fails waits, and keeps up none of the others."""
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(placement: Placement) -> bool:
        async with room:
            try:
                await do(placement)
            except _FAILURES as error:
                log.warning("placement.waits", item=placement.item, error=type(error).__name__)
                return False
        return True

    return all(await asyncio.gather(*(one(placement) for placement in found)))


async def _release(listed: Placement, deps: Deps, cause: Cause) -> None:
    """Show an item that was held for its mandate, unless that was stopped again meanwhile."""
    async with deps.database.transaction() as tx:
        placement = await placements.lock(tx, listed.item, listed.campaign)
        content = placement.content
        if placement.shown or content is None or content.in_series:
            return
        if await terms.stopped(tx, content.mandate):
            return
        await copy_files([content], deps.objects)
        if await terms.stopped(tx, content.mandate, staying=True):
            await drop_copies(placement, deps)
        else:
            await move(placement, Release(), tx, deps, cause)


async def _settle_series(deps: Deps, cause: Cause) -> bool:
    """Show the series of mandates that were shown again, when they are due."""
    async with deps.database.transaction() as tx:
        again = await terms.shown_again(tx)
    done = True
    for term in again:
        try:
            await settle_series(term.mandate, deps, cause, datetime.now(UTC))
            async with deps.database.transaction() as tx:
                await terms.note_settled(tx, term)
        except _FAILURES as error:
            log.warning("series.waits", mandate=term.mandate, error=type(error).__name__)
            done = False
    return done
