"""Settling: finds what must be shown or hidden because time passed or a mandate changed."""

from datetime import UTC, datetime

from services.chassis.database import Transaction
from services.chassis.journal import Cause, Journal
from services.moderation.domain.command import Settle
from services.moderation.store.reviews import handle, review_of

#: Reviews that one transaction settles.
BATCH = 50

# Three small questions, each with an index of its own, instead of one that reads every review.
_DUE = """
    select * from review where item in (
        (select r.item from mandate m join review r on r.mandate = m.mandate and r.cleared
         where m.hidden limit %(most)s)
        union
        (select item from review where cleared and web_until <= %(now)s
         order by web_until limit %(most)s)
        union
        (select r.item from review r join mandate m on m.mandate = r.mandate
         where r.obstacle = 'mandate-stopped' and not m.hidden limit %(most)s))
    order by item limit %(most)s for update skip locked"""


async def settle_due(transaction: Transaction, journal: Journal, cause: Cause) -> int:
    """Settle the first reviews that are due; says how many there were.

    What somebody decides on at this moment is passed over, and found again the next time.
    """
    cursor = await transaction.execute(_DUE, {"most": BATCH, "now": datetime.now(UTC)})
    rows = await cursor.fetchall()
    for row in rows:
        await handle(transaction, journal, review_of(row), Settle(), cause)
    return len(rows)
