"""What givers wrote when they asked for a second look; it stays out of the events."""

from collections.abc import Sequence

from services.chassis.database import Transaction
from services.contracts.ids import ItemId
from services.contracts.ingest import AppealLodged


async def keep_words(transaction: Transaction, appeal: AppealLodged) -> None:
    """Keep the words of the latest appeal about an item."""
    await transaction.execute(
        """insert into appeal (item, words, lodged_at) values (%s, %s, %s)
           on conflict (item) do update
             set words = excluded.words, lodged_at = excluded.lodged_at
             where appeal.lodged_at < excluded.lodged_at""",
        [appeal.item, appeal.words, appeal.lodged_at],
    )


async def forget_words(transaction: Transaction, item: ItemId) -> None:
    """Forget what a giver wrote about an item that is withdrawn."""
    await transaction.execute("delete from appeal where item = %s", [item])


async def words_of(transaction: Transaction, items: Sequence[ItemId]) -> dict[ItemId, str]:
    """Give the words of the second looks that were asked for at some items."""
    cursor = await transaction.execute(
        "select item, words from appeal where item = any(%s)", [list(items)]
    )
    return {ItemId(row["item"]): row["words"] for row in await cursor.fetchall()}
