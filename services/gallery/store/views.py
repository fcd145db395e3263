"""What is in view: a gallery's items in the order of its page, and what changed since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.chassis.database import Transaction
from services.contracts.ids import ItemId, MandateId
from services.contracts.moderation import ClearedItem
from services.gallery.domain.placement import Placement, Standing

#: Newest first; the photos of a series stand together, in their order.
_ORDER = "effective_at desc, series, sequence, item"
_SHOWN = "standing = 'published'"
#: Changes that one reading gives.
MOST_CHANGES = 500


@dataclass(frozen=True)
class Shown:
    """An item in view, the moment that orders it, and the series in which it stands, if any."""

    content: ClearedItem
    moment: datetime
    series: MandateId | None = None


@dataclass(frozen=True)
class Seat:
    """A photo's number among those of its series that are in view, and how many these are."""

    number: int
    total: int


@dataclass(frozen=True)
class Sum:
    """How much of a term is in view, and whether a series of it is."""

    total: int
    in_series: bool


@dataclass(frozen=True)
class Change:
    """One change that a reader could see, and the gallery's version that it led to.

    `more` tells that the next change is of the same series: they are one piece of news.
    """

    item: ItemId
    standing: Standing
    position: int
    more: bool = False


@dataclass(frozen=True)
class Neighbours:
    """The items before and after one, as the page orders them."""

    newer: str | None
    older: str | None


def _shown(row: dict[str, Any]) -> Shown:
    content = ClearedItem.model_validate(row["content"])
    return Shown(content, row["effective_at"], MandateId(row["series"]) or None)


async def _list(tx: Transaction, where: str, given: list[object], rest: str = "") -> list[Shown]:
    cursor = await tx.execute(
        f"""select content, effective_at, series from placement where {where} and {_SHOWN}
            order by {_ORDER} {rest}""".encode(),  # noqa: S608 - written in this file
        given,
    )
    return [_shown(row) for row in await cursor.fetchall()]


async def _count(tx: Transaction, where: str, given: list[object]) -> int:
    cursor = await tx.execute(
        f"select count(*) as n from placement where {where} and {_SHOWN}".encode(),  # noqa: S608
        given,
    )
    row = await cursor.fetchone()
    return int(row["n"]) if row else 0


async def count(tx: Transaction, gallery: str) -> int:
    """Count what is in view."""
    return await _count(tx, "gallery = %s", [gallery])


async def newest(tx: Transaction, gallery: str, skip: int, size: int) -> list[Shown]:
    """List what is in view, newest first, one page of it."""
    return await _list(tx, "gallery = %s", [gallery, size, skip], "limit %s offset %s")


async def count_of_term(tx: Transaction, mandate: str) -> int:
    """Count what is in view and counts for a mandate."""
    return await _count(tx, "mandate = %s", [mandate])


async def of_term(tx: Transaction, mandate: str, skip: int, size: int) -> list[Shown]:
    """List what is in view and counts for a mandate, newest first, one page of it."""
    return await _list(tx, "mandate = %s", [mandate, size, skip], "limit %s offset %s")


async def of_series(tx: Transaction, mandate: str) -> list[Shown]:
    """List the photos of a series that are in view, in their order."""
    return await _list(tx, "mandate = %s and series = %s", [mandate, mandate], "limit 500")


async def seats(tx: Transaction, mandates: Sequence[MandateId]) -> dict[ItemId, Seat]:
    """Count the photos of some series as they are in view: which each is, and of how many."""
    if not mandates:
        return {}
    cursor = await tx.execute(
        """select item, row_number() over (partition by series order by sequence, item) as number,
                  count(*) over (partition by series) as total
           from placement where mandate = any(%s) and series <> '' and standing = 'published'""",
        [list(mandates)],
    )
    return {
        ItemId(row["item"]): Seat(row["number"], row["total"]) for row in await cursor.fetchall()
    }


async def neighbours(tx: Transaction, placement: Placement) -> Neighbours:
    """Find the items on both sides of one."""
    sides: list[str | None] = []
    backwards = "effective_at asc, series desc, sequence desc, item desc"
    for sign, order in (("<", backwards), (">", _ORDER)):
        # Newest first: "before" is later in time, or as late and earlier in the rest.
        comparison = "(-extract(epoch from effective_at), series, sequence, item)"
        cursor = await tx.execute(
            f"""select item from placement where gallery = %s and {_SHOWN}
                and {comparison} {sign} (-extract(epoch from %s::timestamptz), %s, %s, %s)
                order by {order} limit 1""".encode(),  # noqa: S608 - both parts are written above
            [
                placement.gallery,
                placement.moment,
                (placement.mandate or "") if placement.sequence else "",
                placement.sequence,
                placement.item,
            ],
        )
        row = await cursor.fetchone()
        sides.append(row["item"] if row else None)
    return Neighbours(newer=sides[0], older=sides[1])


async def changes_after(tx: Transaction, gallery: str, position: int) -> list[Change]:
    """List what changed after a version of the gallery, in order; each item once, as it is now."""
    cursor = await tx.execute(
        """select item, standing, position, series <> '' and
                  coalesce(series = lead(series) over (order by position), false) as more
           from placement where gallery = %s and position > %s order by position limit %s""",
        [gallery, position, MOST_CHANGES],
    )
    return [
        Change(ItemId(row["item"]), Standing(row["standing"]), row["position"], row["more"])
        for row in await cursor.fetchall()
    ]


async def sums(tx: Transaction, mandates: Sequence[MandateId]) -> dict[MandateId, Sum]:
    """Count what is in view for each of some mandates."""
    if not mandates:
        return {}
    cursor = await tx.execute(
        """select mandate, count(*) as total, bool_or(series <> '') as in_series from placement
           where mandate = any(%s) and standing = 'published' group by mandate""",
        [list(mandates)],
    )
    return {
        MandateId(row["mandate"]): Sum(row["total"], row["in_series"])
        for row in await cursor.fetchall()
    }


async def covers(tx: Transaction, mandates: Sequence[MandateId]) -> list[Shown]:
    """Choose a photo for each of some mandates: the cover of its series, else its newest."""
    if not mandates:
        return []
    cursor = await tx.execute(
        """select distinct on (p.mandate) content, effective_at, p.series
           from placement p left join series s on s.mandate = p.mandate
           where p.mandate = any(%s) and standing = 'published'
                 and jsonb_array_length(content -> 'attachments') > 0
                 and coalesce(content ->> 'contentWarning', '') = ''
           order by p.mandate, (s.announced ->> 'cover' = p.item) desc nulls last,
                    effective_at desc, p.series, sequence, item""",
        [list(mandates)],
    )
    return [_shown(row) for row in await cursor.fetchall()]
