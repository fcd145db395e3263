"""How far each partition was read, kept in the transaction that handles its records.

Faust's own offsets are not enough: a kill during a rebalance was seen to skip records of one
partition for good. What stands here is the truth; what Faust delivers is compared with it, and what
is missing is read from the log (`docs/decisions/0006-positions.md`).
"""

from services.chassis.database import Database, Transaction


async def note_position(
    transaction: Transaction, topic: str, partition: int, next_offset: int
) -> None:
    """Note that everything before `next_offset` is handled; never moves back."""
    await transaction.execute(
        """insert into consumed (topic, partition, next_offset) values (%s, %s, %s)
           on conflict (topic, partition) do update
             set next_offset = greatest(consumed.next_offset, excluded.next_offset)""",
        [topic, partition, next_offset],
    )


async def load_position(database: Database, topic: str, partition: int) -> int:
    """Give the first offset of a partition that is not handled yet; 0 where none is."""
    async with database.transaction() as transaction:
        cursor = await transaction.execute(
            "select next_offset from consumed where topic = %s and partition = %s",
            [topic, partition],
        )
        row = await cursor.fetchone()
    return int(row["next_offset"]) if row else 0
