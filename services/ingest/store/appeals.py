"""Appeals: second looks that givers ask for, one for each decision, and how they ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.chassis.database import Transaction
from services.chassis.journal import Cause, Journal
from services.contracts.ids import CampaignId, ItemId
from services.contracts.ingest import AppealLodged

#: Words of one appeal; what is longer is cut.
MOST_WORDS = 2_000
_REFUSED = ("rejected", "taken-down")
_LAST = "select coalesce(max(version), 0) as version from event where subject = %s"


@dataclass(frozen=True)
class Appeal:
    """A second look: against which decision of the review, and how it ended, if it did."""

    item: ItemId
    lodged_at: datetime
    words: str
    against: int
    answered: int | None = None
    decided_at: datetime | None = None
    outcome: Literal["upheld", "overturned"] | None = None


async def lodge(
    transaction: Transaction,
    journal: Journal,
    item: ItemId,
    words: str,
    at: datetime,
    cause: Cause,
) -> bool:
    """Ask for a second look at the last decision; says no when there is nothing to look at.

    There is one for each decision, and none against the answer to another.
    """
    cursor = await transaction.execute(
        """select i.campaign, s.review, s.review_version
           from item i join standing s using (item)
           where i.item = %s and i.life = 'live' for update of s""",
        [item],
    )
    row = await cursor.fetchone()
    if row is None or row["review"] not in _REFUSED:
        return False
    against = int(row["review_version"])
    if not may_appeal((await appeals_of(transaction, [item])).get(item, ()), against):
        return False
    said = words.strip()[:MOST_WORDS]
    await transaction.execute(
        "insert into appeal (item, lodged_at, words, against) values (%s, %s, %s, %s)",
        [item, at, said, against],
    )
    subject = f"appeal-{item}"
    cursor = await transaction.execute(_LAST, [subject])
    last = await cursor.fetchone()
    lodged = AppealLodged(item=item, campaign=CampaignId(row["campaign"]), words=said, lodged_at=at)
    await journal.append(transaction, subject, last["version"] if last else 0, [lodged], cause)
    return True


def may_appeal(appeals: Sequence[Appeal], decision: int) -> bool:
    """Whether a second look at a decision can be asked for: none was, and it is no answer to one.

    While one is open, no other begins.
    """
    return not any(a.outcome is None or decision in {a.against, a.answered} for a in appeals)


async def appeals_of(
    transaction: Transaction, items: Sequence[ItemId]
) -> dict[ItemId, tuple[Appeal, ...]]:
    """Give the second looks that were asked for at some items, oldest first."""
    cursor = await transaction.execute(
        """select item, lodged_at, words, against, answered, decided_at, outcome from appeal
           where item = any(%s) order by against""",
        [list(items)],
    )
    asked: dict[ItemId, tuple[Appeal, ...]] = {}
    for row in await cursor.fetchall():
        one = Appeal(**row)
        asked[one.item] = (*asked.get(one.item, ()), one)
    return asked


async def note_answer(
    transaction: Transaction, item: ItemId, version: int, outcome: str, at: datetime
) -> None:
    """Note how the open second look ended, by the decision with this number."""
    await transaction.execute(
        """update appeal set outcome = %s, answered = %s, decided_at = %s
           where item = %s and outcome is null and against < %s""",
        [outcome, version, at, item, version],
    )


async def note_undone(transaction: Transaction, item: ItemId, version: int) -> None:
    """Open a second look again whose answer was undone by the event after it."""
    await transaction.execute(
        """update appeal set outcome = null, answered = null, decided_at = null
           where item = %s and answered = (
             select max(review_version) from standing where item = %s and review_version < %s)""",
        [item, item, version],
    )
