"""Items open reviews, reopen them when they change, and close them when they are withdrawn."""

from services.chassis.database import Transaction
from services.chassis.journal import Cause
from services.contracts.envelope import Envelope, EventData
from services.contracts.ids import CampaignId, ItemId
from services.contracts.ingest import ItemAttributed, ItemChanged, ItemReceived, ItemWithdrawn
from services.moderation.domain.command import Attribute, Change, Command, Receive, Withdraw
from services.moderation.domain.review import Review
from services.moderation.store.appeals import forget_words
from services.moderation.store.reviews import begin_review, handle
from services.moderation.stream.deps import Deps

ACTOR = "moderation"


async def on_item_received(
    event: Envelope[ItemReceived], transaction: Transaction, deps: Deps
) -> None:
    """Let a new item wait for a moderator."""
    item = event.data.item
    command = Receive(item, event.subjectversion)
    await apply_to_review(event, item.item, item.campaign, command, transaction, deps)


async def on_item_changed(
    event: Envelope[ItemChanged], transaction: Transaction, deps: Deps
) -> None:
    """Let an edited item wait again: what was decided was about something else."""
    item = event.data.item
    command = Change(item, event.subjectversion)
    await apply_to_review(event, item.item, item.campaign, command, transaction, deps)


async def on_item_attributed(
    event: Envelope[ItemAttributed], transaction: Transaction, deps: Deps
) -> None:
    """Note for whom an item counts now; what is shown already is said again with it."""
    item = event.data.item
    command = Attribute(item, event.subjectversion)
    await apply_to_review(event, item.item, item.campaign, command, transaction, deps)


async def on_item_withdrawn(
    event: Envelope[ItemWithdrawn], transaction: Transaction, deps: Deps
) -> None:
    """Close the review of an item that must go, and revoke the item where it was cleared."""
    gone = event.data
    command = Withdraw(gone.reason, event.subjectversion)
    review = await apply_to_review(event, gone.item, gone.campaign, command, transaction, deps)
    if review.life == "withdrawn":
        await forget_words(transaction, gone.item)


async def apply_to_review(
    event: Envelope[EventData],
    item: ItemId,
    campaign: CampaignId,
    command: Command,
    transaction: Transaction,
    deps: Deps,
) -> Review:
    """Let an event about an item do its work on the review, which may begin with it."""
    known = await begin_review(transaction, item)
    review = known[0] if known else Review(item, campaign)
    return await handle(transaction, deps.journal, review, command, Cause.of(event, ACTOR))
