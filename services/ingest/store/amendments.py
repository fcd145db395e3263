"""Amendments: a giver mends the words, the description or the name of what they gave.

An amendment is a new version of the last submission, so the fold's highest revision wins as for an
edit at a source, and what was approved is looked at again.
"""

from datetime import UTC, datetime

from services.chassis.database import Transaction
from services.chassis.journal import Cause, Journal
from services.contracts.ids import ItemId
from services.contracts.ingest import SubmissionReceived, SubmissionRetracted
from services.ingest.domain.amendment import amended
from services.ingest.store.items import hand_in


async def amend(
    transaction: Transaction,
    journal: Journal,
    item: ItemId,
    *,
    text: str | None = None,
    alt: str | None = None,
    name: str | None = None,
    photo: int = 0,
    cause: Cause,
) -> bool:
    """Hand in a changed version; what is None stays. Says no when nothing changed, or it is gone.

    `photo` counts from 0 which photo of an album the alt text describes. Raises ConflictError when
    another change was faster.
    """
    last = await last_submission(transaction, item)
    if last is None:
        return False
    changed = amended(last, text=text, alt=alt, name=name, photo=photo)
    if changed == last:
        return False
    now = int(datetime.now(UTC).timestamp() * 1000)
    newer = changed.model_copy(update={"revision": max(now, last.revision + 1)})
    await hand_in(transaction, journal, newer, cause)
    return True


async def last_submission(transaction: Transaction, item: ItemId) -> SubmissionReceived | None:
    """Give an item's submission of the highest revision; None when it was taken back."""
    cursor = await transaction.execute(
        "select type, data from event where subject = %s", [f"submission-{item}"]
    )
    rows = await cursor.fetchall()
    if any(row["type"] == SubmissionRetracted.TYPE for row in rows):
        return None
    known = [SubmissionReceived.model_validate(r["data"]) for r in rows]
    return max(known, key=lambda s: s.revision, default=None)
