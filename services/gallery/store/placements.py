"""Placements: where each item stands, kept where a restart finds it again."""

from dataclasses import dataclass
from typing import Any

from services.chassis.database import Json, Transaction
from services.contracts.ids import CampaignId, ItemId, MandateId
from services.contracts.moderation import ClearedItem
from services.gallery.domain.placement import Placement, Standing


@dataclass(frozen=True)
class Appearance:
    """Whether an item, and one file of it, is in view."""

    gallery: str
    shown: bool
    was_shown: bool
    has_file: bool


def placement_of(row: dict[str, Any]) -> Placement:
    """Read a placement from its row."""
    return Placement(
        item=ItemId(row["item"]),
        campaign=CampaignId(row["campaign"]),
        standing=Standing(row["standing"]),
        version=row["version"],
        heard=row["heard"],
        position=row["position"],
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
    content = placement.content
    await tx.execute(
        """update placement set standing = %s, version = %s, heard = %s, position = %s,
                  effective_at = %s, content = %s, mandate = %s, series = %s, sequence = %s
           where item = %s""",
        [
            placement.standing,
            placement.version,
            placement.heard,
            placement.position,
            placement.moment if placement.shown else None,
            Json(content.model_dump(mode="json", by_alias=True)) if content else None,
            placement.mandate,
            (placement.mandate or "") if placement.sequence else "",
            placement.sequence,
            placement.item,
        ],
    )


async def find(tx: Transaction, gallery: str, item: str) -> Placement | None:
    """Read an item's placement in a gallery."""
    cursor = await tx.execute(
        "select * from placement where gallery = %s and item = %s", [gallery, item]
    )
    row = await cursor.fetchone()
    return placement_of(row) if row else None


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


async def appearance(tx: Transaction, item: str, sha256: str) -> Appearance | None:
    """Say whether an item is in view and has a file of this hash."""
    wanted = {"attachments": [{"renditions": [{"sha256": sha256}]}]}
    cursor = await tx.execute(
        """select gallery, standing, position, coalesce(content @> %s, false) as has_file
           from placement where item = %s""",
        [Json(wanted), item],
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    return Appearance(
        gallery=row["gallery"],
        shown=row["standing"] == Standing.PUBLISHED,
        was_shown=row["position"] > 0,
        has_file=row["has_file"],
    )
