"""Placements: where each item stands, kept where a restart finds it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.chassis.database import Json, Transaction
from services.contracts.ids import CampaignId, ItemId, MandateId
from services.contracts.moderation import ClearedItem
from services.gallery.domain.placement import Placement, Standing

_HELD = "standing = 'unpublished' and content is not null"


@dataclass(frozen=True)
class Appearance:
    """Whether an item, and one file of it, is in view; `is_first`: it is of its first photo."""

    gallery: str
    shown: bool
    was_shown: bool
    has_file: bool
    is_first: bool


def placement_of(row: dict[str, Any]) -> Placement:
    """Read a placement from its row."""
    return Placement(
        item=ItemId(row["item"]),
        campaign=CampaignId(row["campaign"]),
        standing=Standing(row["standing"]),
        version=row["version"],
        heard=row["heard"],
        position=row["position"],
        purged=row["purged"],
        content=ClearedItem.model_validate(row["content"]) if row["content"] else None,
        sequence=row["sequence"],
        since=row["effective_at"] if row["sequence"] else None,
    )


async def lock(tx: Transaction, item: ItemId, campaign: CampaignId) -> Placement:
    """Read an item's placement, made now if it is new, and keep others from changing it."""
    await tx.execute(
        """insert into placement (item, campaign, gallery) values (%s, %s, %s)
           on conflict do nothing""",
        [item, campaign, campaign],
    )
    cursor = await tx.execute("select * from placement where item = %s for update", [item])
    row = await cursor.fetchone()
    if row is None:
        raise KeyError(item)
    return placement_of(row)


async def save(tx: Transaction, placement: Placement) -> None:
    """Write a placement that was locked before."""
    await save_all(tx, [placement])


async def save_all(tx: Transaction, placements: Sequence[Placement]) -> None:
    """Write placements that were locked before."""
    async with tx.cursor() as writing:
        await writing.executemany(
            """update placement set standing = %s, version = %s, heard = %s, position = %s,
                      purged = %s, effective_at = %s, content = %s, mandate = %s, series = %s,
                      sequence = %s
               where item = %s""",
            [_row(placement) for placement in placements],
        )


def _row(placement: Placement) -> list[object]:
    content = placement.content
    return [
        placement.standing,
        placement.version,
        placement.heard,
        placement.position,
        placement.purged,
        placement.moment if placement.shown else None,
        Json(content.model_dump(mode="json", by_alias=True)) if content else None,
        placement.mandate,
        (placement.mandate or "") if placement.sequence else "",
        placement.sequence,
        placement.item,
    ]


async def find(tx: Transaction, gallery: str, item: str) -> Placement | None:
    """Read an item's placement in a gallery."""
    cursor = await tx.execute(
        "select * from placement where gallery = %s and item = %s", [gallery, item]
    )
    row = await cursor.fetchone()
    return placement_of(row) if row else None


async def lock_shown(tx: Transaction, gallery: str, mandate: MandateId) -> list[Placement]:
    """Read what is in view for a mandate, and keep others from changing it.

    What somebody is changing is passed over: nobody waits for the files that they copy meanwhile.
    """
    cursor = await tx.execute(
        """select * from placement where gallery = %s and mandate = %s and standing = 'published'
           order by position for update skip locked""",
        [gallery, mandate],
    )
    return [placement_of(row) for row in await cursor.fetchall()]


async def lock_held(tx: Transaction, mandate: MandateId) -> dict[ItemId, Placement]:
    """Read the photos that wait for a series to be shown, and keep others from changing them."""
    cursor = await tx.execute(
        """select * from placement where mandate = %s and standing = 'unpublished'
           order by item for update""",
        [mandate],
    )
    # A row that changed while its lock was waited for is read as it is now.
    rows = [placement_of(row) for row in await cursor.fetchall()]
    return {p.item: p for p in rows if p.held and p.mandate == mandate}


async def in_series(
    tx: Transaction, mandate: MandateId, *, locking: bool = False
) -> dict[ItemId, Placement]:
    """Read all photos of a series that are held or shown."""
    cursor = await tx.execute(
        f"""select * from placement where mandate = %s and content -> 'inSeries' = 'true'
            order by item {"for update" if locking else ""}""".encode(),  # noqa: S608 - ours
        [mandate],
    )
    rows = [placement_of(row) for row in await cursor.fetchall()]
    return {p.item: p for p in rows if p.content and p.mandate == mandate}


async def to_purge(tx: Transaction, most: int) -> list[Placement]:
    """List what is held, was in view before, and may still have public files."""
    cursor = await tx.execute(
        f"""select * from placement where {_HELD} and position > 0 and not purged
            order by position limit %s""".encode(),  # noqa: S608 - written in this file
        [most],
    )
    return [placement_of(row) for row in await cursor.fetchall()]


async def to_release(tx: Transaction, most: int) -> list[Placement]:
    """List what is held for a mandate that is no longer stopped, and belongs to no series."""
    cursor = await tx.execute(
        f"""select * from placement where {_HELD} and content -> 'inSeries' <> 'true'
              and mandate not in (select id from mandate where hidden)
            order by item limit %s""".encode(),  # noqa: S608 - written in this file
        [most],
    )
    return [placement_of(row) for row in await cursor.fetchall()]


async def appearance(tx: Transaction, item: str, sha256: str) -> Appearance | None:
    """Say whether an item is in view and has a file of this hash."""
    renditions = [{"sha256": sha256}]
    cursor = await tx.execute(
        """select gallery, standing, position,
                  coalesce(content @> %(anywhere)s, false) as has_file,
                  coalesce(content #> '{attachments,0,renditions}' @> %(first)s, false) as is_first
           from placement where item = %(item)s""",
        {
            "anywhere": Json({"attachments": [{"renditions": renditions}]}),
            "first": Json(renditions),
            "item": item,
        },
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    return Appearance(
        gallery=row["gallery"],
        shown=row["standing"] == Standing.PUBLISHED,
        was_shown=row["position"] > 0,
        has_file=row["has_file"],
        is_first=row["is_first"],
    )
