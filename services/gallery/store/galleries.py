"""Galleries, kept where a restart finds them again."""

from typing import Any

from services.chassis.database import Json, Transaction
from services.contracts.ids import CampaignId
from services.gallery.domain.gallery import Gallery


def _gallery(row: dict[str, Any]) -> Gallery:
    return Gallery(
        id=row["id"],
        campaign=CampaignId(row["campaign"]),
        version=row["version"],
        heard=row["heard"],
        title=row["title"],
        brief=row["brief"],
        time_zone=row["time_zone"],
        embed_origins=tuple(row["embed_origins"]),
        phase=row["phase"],
    )


async def ensure(tx: Transaction, campaign: CampaignId) -> None:
    """Have a gallery for a campaign, announced or not."""
    await tx.execute(
        "insert into gallery (id, campaign) values (%s, %s) on conflict do nothing",
        [campaign, campaign],
    )


async def lock(tx: Transaction, gallery: str) -> Gallery:
    """Read a gallery and keep others from changing it: its versions are given out one by one."""
    cursor = await tx.execute("select * from gallery where id = %s for no key update", [gallery])
    row = await cursor.fetchone()
    if row is None:
        raise KeyError(gallery)
    return _gallery(row)


async def save(tx: Transaction, gallery: Gallery) -> None:
    """Write a gallery that was locked before."""
    await tx.execute(
        """update gallery set version = %s, heard = %s, title = %s, brief = %s, time_zone = %s,
                  embed_origins = %s, phase = %s where id = %s""",
        [
            gallery.version,
            gallery.heard,
            Json(dict(gallery.title)),
            Json(dict(gallery.brief)),
            gallery.time_zone,
            Json(list(gallery.embed_origins)),
            gallery.phase,
            gallery.id,
        ],
    )


async def find(tx: Transaction, gallery: str) -> Gallery | None:
    """Read a gallery, if there is one of this name; of what is being drafted nobody must know."""
    cursor = await tx.execute("select * from gallery where id = %s and phase <> 'draft'", [gallery])
    row = await cursor.fetchone()
    return _gallery(row) if row else None


async def every(tx: Transaction) -> list[Gallery]:
    """List all galleries but those of campaigns that are still being drafted, by name."""
    cursor = await tx.execute("select * from gallery where phase <> 'draft' order by id limit 500")
    return [_gallery(row) for row in await cursor.fetchall()]


async def versions(tx: Transaction, galleries: list[str]) -> dict[str, int]:
    """Give the versions of some galleries."""
    cursor = await tx.execute("select id, version from gallery where id = any(%s)", [galleries])
    return {row["id"]: row["version"] for row in await cursor.fetchall()}
