"""Appeals bring a refused item back to the queue, for another moderator."""

from services.chassis.database import Transaction
from services.contracts.envelope import Envelope
from services.contracts.ingest import AppealLodged
from services.moderation.domain.command import LookAgain
from services.moderation.store.appeals import keep_words
from services.moderation.stream.deps import Deps
from services.moderation.stream.items import apply_to_review


async def on_appeal_lodged(
    event: Envelope[AppealLodged], transaction: Transaction, deps: Deps
) -> None:
    """Let a refused item wait for a second look; one that is not refused yet remembers it."""
    appeal = event.data
    command = LookAgain(appeal.lodged_at)
    review = await apply_to_review(event, appeal.item, appeal.campaign, command, transaction, deps)
    if review.looked_at_again or review.parked:
        await keep_words(transaction, appeal)
