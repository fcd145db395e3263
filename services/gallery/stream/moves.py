"""Carry out what is decided about a placement: events, the row, and the gallery's new version."""

from dataclasses import replace

from services.chassis.database import Transaction
from services.chassis.journal import Cause
from services.contracts.ids import CampaignId, ItemId
from services.gallery.domain.gallery import Gallery
from services.gallery.domain.placement import Command, Placement, Purge, apply
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
        if placement.held and await public_keys(item, deps.objects):
            await purge(placement, tx, deps, cause)
