"""Items appear when moderation clears them, and go when it revokes them."""

from services.chassis.database import Transaction
from services.chassis.journal import Cause
from services.contracts.envelope import Envelope
from services.contracts.moderation import ItemCleared, ItemRevoked
from services.gallery.domain.placement import Hold, Publish, Unpublish, is_news
from services.gallery.store import galleries, placements, terms
from services.gallery.stream.deps import Deps
from services.gallery.stream.files import copy_files, delete_others
from services.gallery.stream.moves import ACTOR, drop_copies, move, purge
from services.gallery.stream.series import settle_series


async def on_item_cleared(event: Envelope[ItemCleared], tx: Transaction, deps: Deps) -> None:
    """Copy an item's files to where the world may read them, then show it.

    A photo of a series is held instead, in a transaction of its own: then it is shown with all
    others, or waits for them, and no trouble with those can lose it. What counts for a mandate that
    was stopped is held, too, until that is shown again.
    """
    content = event.data.item
    if not content.in_series:
        await _publish(event, tx, deps)
        return
    async with deps.database.transaction() as holding:
        await _hold(event, holding, deps)
    if content.mandate is not None:
        await settle_series(content.mandate, deps, Cause.of(event, ACTOR), event.time)


async def _publish(event: Envelope[ItemCleared], tx: Transaction, deps: Deps) -> None:
    content = event.data.item
    await galleries.ensure(tx, content.campaign)
    placement = await placements.lock(tx, content.item, content.campaign)
    if not is_news(placement, event.subjectversion):
        return
    cause = Cause.of(event, ACTOR)
    hidden = await terms.stopped(tx, content.mandate)
    if not hidden:
        await copy_files([content], deps.objects)
        # Either a stop waits until this is in view, and hides it, or it is known here.
        hidden = await terms.stopped(tx, content.mandate, staying=True)
    if hidden:
        command = Hold(content, event.subjectversion, "mandate-stopped")
        await drop_copies(await move(placement, command, tx, deps, cause), deps)
        return
    await move(placement, Publish(content, event.subjectversion), tx, deps, cause)
    # What an earlier version showed and this one does not must not stay readable.
    if placement.position:
        await delete_others(content, deps.objects)


async def _hold(event: Envelope[ItemCleared], tx: Transaction, deps: Deps) -> None:
    content = event.data.item
    await galleries.ensure(tx, content.campaign)
    placement = await placements.lock(tx, content.item, content.campaign)
    if placement.stays_for(content):
        # It is in view with its series already: the page must show the change.
        await _publish(event, tx, deps)
    elif is_news(placement, event.subjectversion):
        command = Hold(content, event.subjectversion)
        await move(placement, command, tx, deps, Cause.of(event, ACTOR))


async def on_item_revoked(event: Envelope[ItemRevoked], tx: Transaction, deps: Deps) -> None:
    """Hide an item at once; then delete its files and tell that they are gone.

    Hiding is a transaction of its own, finished before S3 is asked anything: while S3 is away the
    item is on no page, and the purge is tried until it succeeds. An item that was only held is
    forgotten in the same way; nothing is told but that no file of it is public.
    """
    await _hide(event, deps)
    placement = await placements.lock(tx, event.data.item, event.data.campaign)
    if placement.shown or placement.heard != event.subjectversion:
        # A newer event was applied; what it decided stands.
        return
    await purge(placement, tx, deps, Cause.of(event, ACTOR))


async def _hide(event: Envelope[ItemRevoked], deps: Deps) -> None:
    async with deps.database.transaction() as tx:
        await galleries.ensure(tx, event.data.campaign)
        placement = await placements.lock(tx, event.data.item, event.data.campaign)
        if is_news(placement, event.subjectversion):
            command = Unpublish(event.data.reason, event.subjectversion)
            await move(placement, command, tx, deps, Cause.of(event, ACTOR))
