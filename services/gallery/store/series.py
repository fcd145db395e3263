"""Series: what was said of each, and the lock under which one is shown."""

from typing import Any

from services.chassis.database import Json, Transaction
from services.contracts.ids import CampaignId, MandateId
from services.contracts.ingest import SeriesAnnounced
from services.gallery.domain.series import Series


def _series(row: dict[str, Any]) -> Series:
    said = row["announced"]
    return Series(
        mandate=MandateId(row["mandate"]),
        campaign=CampaignId(row["campaign"]),
        version=row["version"],
        heard=row["heard"],
        position=row["position"],
        released_at=row["released_at"],
        announced=SeriesAnnounced.model_validate(said) if said else None,
    )


async def ensure(tx: Transaction, mandate: MandateId, campaign: CampaignId) -> None:
    """Have a row for a series whose gallery is there."""
    await tx.execute(
        """insert into series (mandate, campaign, gallery) values (%s, %s, %s)
           on conflict do nothing""",
        [mandate, campaign, campaign],
    )


async def lock(tx: Transaction, mandate: MandateId) -> Series | None:
    """Read a series and keep others from showing or changing it."""
    cursor = await tx.execute("select * from series where mandate = %s for update", [mandate])
    row = await cursor.fetchone()
    return _series(row) if row else None


async def save(tx: Transaction, series: Series) -> None:
    """Write a series that was locked before."""
    said = series.announced
    await tx.execute(
        """update series set version = %s, heard = %s, position = %s, released_at = %s,
                  announced = %s where mandate = %s""",
        [
            series.version,
            series.heard,
            series.position,
            series.released_at,
            Json(said.model_dump(mode="json", by_alias=True)) if said else None,
            series.mandate,
        ],
    )


async def find(tx: Transaction, gallery: str, mandate: str) -> Series | None:
    """Read a series of a gallery."""
    cursor = await tx.execute(
        "select * from series where gallery = %s and mandate = %s", [gallery, mandate]
    )
    row = await cursor.fetchone()
    return _series(row) if row else None
