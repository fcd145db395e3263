"""Series appear as one whole: all their photos in one transaction, when none is missing.

What is said of a series and what is cleared for it are each kept first, in transactions of their
own. Whatever comes last then finds everything there and shows it: the order does not matter, and
after a crash the same event is handled again.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from services.chassis.database import Transaction
from services.chassis.journal import Cause
from services.chassis.objects import ObjectMissingError
from services.chassis.telemetry import log
from services.contracts.envelope import Envelope
from services.contracts.ids import ItemId, MandateId
from services.contracts.ingest import SeriesAnnounced
from services.gallery.domain.gallery import Gallery
from services.gallery.domain.placement import Placement, Retain
from services.gallery.domain.series import Series, Turn, announce, due, published, seats
from services.gallery.store import galleries, placements, terms
from services.gallery.store import series as kept_series
from services.gallery.stream.deps import Deps
from services.gallery.stream.files import copy_files, delete_files, public_keys
from services.gallery.stream.moves import ACTOR, drop_copies, move_in, purge_unseen


async def on_series_announced(event: Envelope[SeriesAnnounced], _: Transaction, deps: Deps) -> None:
    """Remember a series as it now is, and show of it what is due."""
    said = event.data
    async with deps.database.transaction() as tx:
        await galleries.ensure(tx, said.campaign)
        await kept_series.ensure(tx, said.mandate, said.campaign)
        series = await kept_series.lock(tx, said.mandate)
        if series is not None:
            told = announce(series, said, event.subjectversion, event.time)
            await kept_series.save(tx, told)
            if told != series and series.position:
                await _renew(series.gallery, tx)
    await settle_series(said.mandate, deps, Cause.of(event, ACTOR), event.time)


async def _renew(gallery: str, tx: Transaction) -> None:
    """Have the pages made anew: a cover or a crop may have changed, and no photo with it."""
    found = await galleries.lock(tx, gallery)
    await galleries.save(tx, replace(found, version=found.version + 1))


async def settle_series(mandate: MandateId, deps: Deps, cause: Cause, said_at: datetime) -> None:
    """Show what is due of a series; nothing happens when nothing is."""
    async with deps.database.transaction() as tx:
        series = await kept_series.lock(tx, mandate)
        shown = await _settle(series, tx, deps, cause) if series else None
    if shown is not None:
        waited = round((datetime.now(UTC) - said_at).total_seconds(), 3)
        log.info("series.settled", mandate=mandate, photos=shown, after=waited)
    await _purge_held(mandate, deps, cause)


async def _settle(series: Series, tx: Transaction, deps: Deps, cause: Cause) -> int | None:
    """Carry out what is due; says how many photos are in view then, None when nothing was.

    Photos that are held stay locked while their files are copied, so that one taken back meanwhile
    is purged after the copy, not before; those in view are not locked then: they go at once.
    """
    if await terms.stopped(tx, series.mandate):
        return None
    held = await placements.lock_held(tx, series.mandate)
    present = await placements.in_series(tx, series.mandate)
    turn = due(series, {i: p for i, p in present.items() if p.shown or i in held})
    if turn is None:
        return None
    copied = [held[item] for item in turn.show if item in held]
    await _copy(copied, deps)
    shown = await _show(series, turn, {p.item for p in copied}, tx, deps, cause)
    if shown is None:
        for placement in copied:
            await drop_copies(placement, deps)
    return shown


async def _copy(copied: list[Placement], deps: Deps) -> None:
    try:
        await copy_files([p.content for p in copied if p.content], deps.objects)
    except ObjectMissingError:
        # This will not pass by itself: nothing of what stays unseen may stay readable.
        for placement in copied:
            keys = await public_keys(placement.item, deps.objects)
            await delete_files(keys, deps.objects)
        raise


async def _show(
    series: Series, turn: Turn, copied: set[ItemId], tx: Transaction, deps: Deps, cause: Cause
) -> int | None:
    """Carry out a turn in one transaction: readers see all of it, or nothing yet.

    None when the mandate was stopped while files were copied.
    """
    rows = await placements.in_series(tx, series.mandate, locking=True)
    if await terms.stopped(tx, series.mandate, staying=True):
        return None
    # What was taken back while files were copied is left out; what came meanwhile has its own turn.
    ready = {i: rows[i] for i in turn.show if i in rows and (rows[i].shown or i in copied)}
    gallery = await galleries.lock(tx, series.gallery)
    for item in turn.hide:
        if item in rows:
            _, gallery = await move_in(gallery, rows[item], Retain(), tx, deps, cause)
    gallery = await _seat(series, turn, ready, gallery, tx, deps, cause)
    gallery = replace(gallery, version=gallery.version + 1)
    said = [published(series, tuple(ready), gallery.version)] if ready else []
    version = await deps.journal.append(tx, series.subject, series.version, said, cause)
    await galleries.save(tx, gallery)
    await kept_series.save(tx, replace(series, version=version, position=gallery.version))
    return len(ready)


async def _seat(
    series: Series,
    turn: Turn,
    ready: Mapping[ItemId, Placement],
    gallery: Gallery,
    tx: Transaction,
    deps: Deps,
    cause: Cause,
) -> Gallery:
    for item, seat in seats(series, turn.show).items():
        if item in ready:
            _, gallery = await move_in(gallery, ready[item], seat, tx, deps, cause)
    return gallery


async def _purge_held(mandate: MandateId, deps: Deps, cause: Cause) -> None:
    """Delete the public files of photos that were in view before and are held now."""
    async with deps.database.transaction() as tx:
        present = await placements.in_series(tx, mandate)
    for placement in present.values():
        if placement.held and placement.position:
            await purge_unseen(placement.item, placement.campaign, deps, cause)
