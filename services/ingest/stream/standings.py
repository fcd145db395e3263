"""What became of items elsewhere, noted so that their givers can be told."""

from services.chassis.database import Transaction
from services.contracts.envelope import Envelope
from services.contracts.gallery import ItemPublished, ItemPurged, ItemUnpublished
from services.contracts.moderation import ReviewDecided, ReviewReverted
from services.ingest.store.items import note_review, note_visibility
from services.ingest.stream.deps import Deps


async def on_decision(
    event: Envelope[ReviewDecided] | Envelope[ReviewReverted],
    transaction: Transaction,
    _deps: Deps,
) -> None:
    """Note what moderators decided about an item, and why."""
    decided = event.data
    told = decided if isinstance(decided, ReviewDecided) else None
    await note_review(
        transaction, decided.item, event.subjectversion, decided.after, told, event.time
    )


async def on_published(
    event: Envelope[ItemPublished], transaction: Transaction, _deps: Deps
) -> None:
    """Note where an item can be seen."""
    await note_visibility(
        transaction,
        event.data.item,
        event.subjectversion,
        event.data.path,
        event.time,
        purged=False,
    )


async def on_unpublished(
    event: Envelope[ItemUnpublished], transaction: Transaction, _deps: Deps
) -> None:
    """Note that an item can no longer be seen."""
    await note_visibility(
        transaction, event.data.item, event.subjectversion, None, event.time, purged=False
    )


async def on_purged(event: Envelope[ItemPurged], transaction: Transaction, _deps: Deps) -> None:
    """Note that an item's public files are gone."""
    await note_visibility(
        transaction, event.data.item, event.subjectversion, None, event.time, purged=True
    )
