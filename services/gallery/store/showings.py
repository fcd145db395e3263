"""How often items were shown: counters of items, of nobody, and what was told of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.chassis.database import Transaction
from services.contracts.ids import CampaignId, ItemId

#: A total is told again after it grew by a tenth, but not within a minute; or when a day is over.
#: So an item that is shown a million times leads to some 150 events, and to one a day after that.
_GROWTH = 1.1
_SOONEST = timedelta(minutes=1)
_LATEST = timedelta(days=1)


@dataclass(frozen=True)
class Showings:
    """How often an item was shown, and the version of what was last told of it."""

    item: ItemId
    campaign: CampaignId
    times: int
    version: int


async def add(tx: Transaction, counted: Mapping[str, int]) -> None:
    """Add to the counters of items; all processes take them in the same order."""
    items = sorted(counted)
    await tx.execute(
        """insert into showings (item, times) select * from unnest(%s::text[], %s::bigint[])
           on conflict (item) do update set times = showings.times + excluded.times""",
        [items, [counted[item] for item in items]],
    )


async def to_tell(tx: Transaction, most: int) -> list[Showings]:
    """Choose whose total is worth telling now, and keep other processes from telling it too."""
    cursor = await tx.execute(
        """select s.item, p.campaign, s.times, s.version
           from showings s join placement p using (item)
           where s.times > s.told
                 and (s.told_at is null or s.told_at < now() - %(latest)s
                      or (s.told_at < now() - %(soonest)s and s.times >= s.told * %(growth)s))
           order by s.item limit %(most)s for update of s skip locked""",
        {"latest": _LATEST, "soonest": _SOONEST, "growth": _GROWTH, "most": most},
    )
    return [
        Showings(ItemId(row["item"]), CampaignId(row["campaign"]), row["times"], row["version"])
        for row in await cursor.fetchall()
    ]


async def note_told(tx: Transaction, told: Sequence[Showings]) -> None:
    """Note that these totals were told."""
    await tx.execute(
        """update showings s set told = t.times, version = s.version + 1, told_at = now()
           from unnest(%s::text[], %s::bigint[]) as t (item, times) where s.item = t.item""",
        [[one.item for one in told], [one.times for one in told]],
    )
