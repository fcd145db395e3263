"""Carry out what is decided about a placement: events, the row, and the gallery's new version."""

from collections.abc import Sequence
from dataclasses import replace

from services.chassis.database import Transaction
from services.chassis.journal import Cause
from services.contracts.envelope import EventData
from services.contracts.ids import CampaignId, ItemId, MandateId
from services.gallery.domain.gallery import Gallery
from services.gallery.domain.placement import Command, Placement, Purge, Retain, apply
from services.gallery.store import galleries, placements
from services.gallery.stream.deps import Deps
from services.gallery.stream.files import delete_files, public_keys

ACTOR = "service:gallery"


async def move(
    placement: Placement, command: Command, tx: Transaction, deps: Deps, cause: Cause
) -> Placement:
    """Carry out one command; the gallery's version moves if a reader could see it."""
    gallery = await galleries.lock(tx, placement.gallery)
    moved, gallery = await move_in(gallery, placement, command, tx, deps, cause)
    await galleries.save(tx, gallery)
    return moved


async def move_in(
    gallery: Gallery,
    placement: Placement,
    command: Command,
    tx: Transaction,
    deps: Deps,
    cause: Cause,
) -> tuple[Placement, Gallery]:
    """Carry out one command in a gallery that is locked, and is saved by the caller."""
    moved, events = apply(placement, command, gallery.version + 1)
    await deps.journal.append(tx, placement.item, placement.version, events, cause)
    await placements.save(tx, moved)
    return moved, replace(gallery, version=gallery.version + 1) if events else gallery


async def move_all(
    gallery: Gallery,
    found: Sequence[Placement],
    command: Command,
    tx: Transaction,
    deps: Deps,
    cause: Cause,
) -> Gallery:
    """Carry out the same command for many, with few questions to the database."""
    changes: list[tuple[str, int, list[EventData]]] = []
    after: list[Placement] = []
    for placement in found:
        moved, events = apply(placement, command, gallery.version + 1)
        changes.append((placement.item, placement.version, events))
        after.append(moved)
        gallery = replace(gallery, version=gallery.version + 1) if events else gallery
    await deps.journal.append_each(tx, changes, cause)
    await placements.save_all(tx, after)
    return gallery


async def hide_all(
    gallery: str, mandate: MandateId, tx: Transaction, deps: Deps, cause: Cause
) -> int:
    """Take out of view what counts for a mandate that was stopped; says how much that was."""
    shown = await placements.lock_shown(tx, gallery, mandate)
    if shown:
        found = await galleries.lock(tx, gallery)
        command = Retain("mandate-stopped")
        await galleries.save(tx, await move_all(found, shown, command, tx, deps, cause))
    return len(shown)


async def purge(placement: Placement, tx: Transaction, deps: Deps, cause: Cause) -> None:
    """Delete the public files of an item that is not in view, and tell that they are gone."""
    keys = await public_keys(placement.item, deps.objects)
    deleted = await delete_files(keys, deps.objects)
    moved, events = apply(placement, Purge(deleted, len(keys) - deleted), placement.position)
    await deps.journal.append(tx, placement.item, placement.version, events, cause)
    await placements.save(tx, moved)


async def purge_unseen(item: ItemId, campaign: CampaignId, deps: Deps, cause: Cause) -> None:
    """Delete the public files of an item that was in view once and is now held."""
    async with deps.database.transaction() as tx:
        placement = await placements.lock(tx, item, campaign)
        if placement.held and not placement.purged:
            await purge(placement, tx, deps, cause)


async def drop_copies(placement: Placement, deps: Deps) -> None:
    """Delete files that were copied for an item which is not shown after all.

    Nothing is told of it, so what was in view before is left to its purge, which tells.
    """
    if placement.purged or not placement.position:
        await delete_files(await public_keys(placement.item, deps.objects), deps.objects)
