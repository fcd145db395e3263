"""Placements: which items stand in which gallery, in order, and what changed since when."""

from dataclasses import dataclass
from typing import Any

from services.chassis.database import Json, Transaction
from services.contracts.ids import CampaignId, ItemId
from services.contracts.moderation import ClearedItem
from services.gallery.domain.placement import Placement, Standing


@dataclass(frozen=True)
class Change:
    """One change that a reader could see, and the gallery's version that it led to."""

    item: ItemId
    standing: Standing
    position: int


@dataclass(frozen=True)
class Neighbours:
    """The items before and after one, as the page orders them."""

    newer: str | None
    older: str | None


@dataclass(frozen=True)
class Appearance:
    """Whether an item, and one file of it, is in view."""

    gallery: str
    shown: bool
    was_shown: bool
    has_file: bool


def _placement(row: dict[str, Any]) -> Placement:
    return Placement(
        item=ItemId(row["item"]),
        campaign=CampaignId(row["campaign"]),
        standing=Standing(row["standing"]),
        version=row["version"],
        heard=row["heard"],
        position=row["position"],
        content=ClearedItem.model_validate(row["content"]) if row["content"] else None,
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
    return _placement(row)


async def save(tx: Transaction, placement: Placement) -> None:
    """Write a placement that was locked before."""
    content = placement.content if placement.shown else None
    await tx.execute(
        """update placement set standing = %s, version = %s, heard = %s, position = %s,
                  effective_at = %s, content = %s where item = %s""",
        [
            placement.standing,
            placement.version,
            placement.heard,
            placement.position,
            content.effective_at if content else None,
            Json(content.model_dump(mode="json", by_alias=True)) if content else None,
            placement.item,
        ],
    )


async def find(tx: Transaction, gallery: str, item: str) -> Placement | None:
    """Read an item's placement in a gallery."""
    cursor = await tx.execute(
        "select * from placement where gallery = %s and item = %s", [gallery, item]
    )
    row = await cursor.fetchone()
    return _placement(row) if row else None


async def count(tx: Transaction, gallery: str) -> int:
    """Count what is in view."""
    cursor = await tx.execute(
        "select count(*) as n from placement where gallery = %s and standing = 'published'",
        [gallery],
    )
    row = await cursor.fetchone()
    return int(row["n"]) if row else 0


async def newest(tx: Transaction, gallery: str, skip: int, size: int) -> list[ClearedItem]:
    """List what is in view, newest first, one page of it."""
    cursor = await tx.execute(
        """select content from placement where gallery = %s and standing = 'published'
           order by effective_at desc, item limit %s offset %s""",
        [gallery, size, skip],
    )
    return [ClearedItem.model_validate(row["content"]) for row in await cursor.fetchall()]


async def neighbours(tx: Transaction, gallery: str, content: ClearedItem) -> Neighbours:
    """Find the items on both sides of one."""
    sides: list[str | None] = []
    for sign, order in (("<", "effective_at asc, item desc"), (">", "effective_at desc, item asc")):
        # Newest first, then by id: "before" is later in time, or equal in time with a smaller id.
        comparison = "(-extract(epoch from effective_at), item)"
        cursor = await tx.execute(
            f"""select item from placement where gallery = %s and standing = 'published'
                and {comparison} {sign} (-extract(epoch from %s::timestamptz), %s)
                order by {order} limit 1""".encode(),  # noqa: S608 - both parts are written above
            [gallery, content.effective_at, content.item],
        )
        row = await cursor.fetchone()
        sides.append(row["item"] if row else None)
    return Neighbours(newer=sides[0], older=sides[1])


async def changes_after(tx: Transaction, gallery: str, position: int) -> list[Change]:
    """List what changed after a version of the gallery, in order; each item once, as it is now."""
    cursor = await tx.execute(
        """select item, standing, position from placement
           where gallery = %s and position > %s order by position limit 500""",
        [gallery, position],
    )
    return [
        Change(ItemId(row["item"]), Standing(row["standing"]), row["position"])
        for row in await cursor.fetchall()
    ]


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
