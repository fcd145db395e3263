"""Acknowledgements: which part of the system said when that it did what a giver waits for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from services.chassis.database import Json, Transaction
from services.contracts.ids import ItemId

#: Who says it: moderators and their desk, the public pages with feeds and embeds, or the files.
Who = Literal["desk", "pages", "files"]


@dataclass(frozen=True)
class Acknowledgement:
    """Something that was done with an item, by whom and when.

    Its facts are ids, numbers and the register's own statements; nothing that anybody wrote.
    """

    item: ItemId
    who: Who
    what: str
    at: datetime
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])


async def acknowledge(transaction: Transaction, event: str, said: Acknowledgement) -> None:
    """Keep what an event says of an item; the same event again changes nothing."""
    await transaction.execute(
        """insert into acknowledgement (item, event, who, what, at, facts)
           values (%s, %s, %s, %s, %s, %s) on conflict do nothing""",
        [said.item, event, said.who, said.what, said.at, Json(dict(said.facts))],
    )


async def acknowledgements_of(
    transaction: Transaction, items: Sequence[ItemId]
) -> dict[ItemId, tuple[Acknowledgement, ...]]:
    """Give all that was said of some items, oldest first."""
    cursor = await transaction.execute(
        "select * from acknowledgement where item = any(%s) order by at, event", [list(items)]
    )
    said: dict[ItemId, tuple[Acknowledgement, ...]] = {}
    for row in await cursor.fetchall():
        item = ItemId(row["item"])
        one = Acknowledgement(item, row["who"], row["what"], row["at"], row["facts"])
        said[item] = (*said.get(item, ()), one)
    return said
