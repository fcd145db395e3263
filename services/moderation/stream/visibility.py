"""What became visible or disappeared, shown beside the decision that led to it."""

from services.chassis.database import Transaction
from services.contracts.envelope import Envelope
from services.contracts.gallery import ItemPublished, ItemUnpublished
from services.moderation.store.news import News, tell
from services.moderation.store.visibility import note_visibility
from services.moderation.stream.deps import Deps


async def on_item_published(
    event: Envelope[ItemPublished], transaction: Transaction, _deps: Deps
) -> None:
    """Note since when, and where, the world sees an item."""
    shown = event.data
    if await note_visibility(
        transaction, shown.item, shown.gallery, event.subjectversion, shown.path, event.time
    ):
        await tell(transaction, News("visible", shown.campaign, shown.item))


async def on_item_unpublished(
    event: Envelope[ItemUnpublished], transaction: Transaction, _deps: Deps
) -> None:
    """Note that the world no longer sees an item there."""
    gone = event.data
    await note_visibility(
        transaction, gone.item, gone.gallery, event.subjectversion, None, event.time
    )
