"""Mandates as they were last announced: who posts, whose account they have, what is stopped."""

from collections.abc import Sequence

from services.chassis.database import Json, Transaction
from services.contracts.ids import MandateId
from services.contracts.ingest import Item, MandateAnnounced


async def keep_mandate(
    transaction: Transaction, announcement: MandateAnnounced, version: int
) -> None:
    """Keep a mandate unless a later announcement is known."""
    await transaction.execute(
        """insert into mandate (mandate, version, campaign, hidden, staff_account, announcement)
           values (%s, %s, %s, %s, %s, %s)
           on conflict (mandate) do update set version = excluded.version,
             campaign = excluded.campaign, hidden = excluded.hidden,
             staff_account = excluded.staff_account, announcement = excluded.announcement
             where mandate.version < excluded.version""",
        [
            announcement.mandate,
            version,
            announcement.campaign,
            announcement.hidden,
            announcement.staff_account,
            Json(announcement.model_dump(mode="json", by_alias=True)),
        ],
    )


async def mandate_of_item(transaction: Transaction, item: Item | None) -> MandateAnnounced | None:
    """Find the mandate that an item came for."""
    mandate = item.attribution.mandate if item else None
    found = await find_mandates(transaction, [mandate] if mandate else [])
    return found.get(mandate) if mandate else None


async def find_mandates(
    transaction: Transaction, mandates: Sequence[MandateId]
) -> dict[MandateId, MandateAnnounced]:
    """Find mandates by their ids; one that was not announced yet is left out."""
    if not mandates:
        return {}
    cursor = await transaction.execute(
        "select mandate, announcement from mandate where mandate = any(%s)", [list(mandates)]
    )
    return {
        MandateId(row["mandate"]): MandateAnnounced.model_validate(row["announcement"])
        for row in await cursor.fetchall()
    }
