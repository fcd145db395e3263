"""Where the world sees an item, as the galleries told."""

from datetime import datetime

from services.chassis.database import Transaction
from services.contracts.ids import ItemId


async def note_visibility(
    transaction: Transaction,
    item: ItemId,
    gallery: str,
    version: int,
    path: str | None,
    at: datetime,
) -> bool:
    """Note that an item is shown at a path, or nowhere; says whether that was news."""
    cursor = await transaction.execute(
        """insert into visibility (item, gallery, version, path, since)
           values (%s, %s, %s, %s, %s)
           on conflict (item, gallery) do update set version = excluded.version,
             path = excluded.path, since = excluded.since
             where visibility.version < excluded.version""",
        [item, gallery, version, path, at if path else None],
    )
    return cursor.rowcount == 1
