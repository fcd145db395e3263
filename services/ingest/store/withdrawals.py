"""Taking an item back: it goes from every gallery, and nothing that was agreed to holds."""

from datetime import UTC, datetime

from services.chassis.database import Transaction
from services.chassis.journal import Cause, Journal
from services.contracts.ids import ItemId
from services.contracts.ingest import SubmissionRetracted
from services.ingest.store.amendments import last_submission
from services.ingest.store.consents import withdraw_channel
from services.ingest.store.items import hand_in


async def withdraw_item(
    transaction: Transaction, journal: Journal, item: ItemId, cause: Cause
) -> bool:
    """Take an item back for its giver; says whether it was not yet. Twice is harmless.

    Raises ConflictError when another change of the same item was faster; then try again.
    """
    at = datetime.now(UTC)
    last = await last_submission(transaction, item)
    if last is None:
        return False
    gone = SubmissionRetracted(
        item=item, campaign=last.campaign, source=last.source, reason="author", observed_at=at
    )
    await hand_in(transaction, journal, gone, cause)
    await withdraw_channel(transaction, journal, item, None, at, cause)
    return True
