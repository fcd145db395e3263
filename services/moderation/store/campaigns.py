"""Campaigns as they were last announced."""

from services.chassis.database import Json, Transaction
from services.contracts.ids import CampaignId
from services.contracts.ingest import CampaignAnnounced


async def keep_campaign(
    transaction: Transaction, announcement: CampaignAnnounced, version: int
) -> None:
    """Keep a campaign unless a later announcement is known."""
    await transaction.execute(
        """insert into campaign (campaign, version, announcement) values (%s, %s, %s)
           on conflict (campaign) do update
             set version = excluded.version, announcement = excluded.announcement
             where campaign.version < excluded.version""",
        [
            announcement.campaign,
            version,
            Json(announcement.model_dump(mode="json", by_alias=True)),
        ],
    )


async def list_campaigns(transaction: Transaction) -> list[CampaignAnnounced]:
    """List all campaigns, those that close last first."""
    cursor = await transaction.execute("select announcement from campaign")
    found = [
        CampaignAnnounced.model_validate(row["announcement"]) for row in await cursor.fetchall()
    ]
    return sorted(found, key=lambda campaign: (campaign.closes_at, campaign.campaign), reverse=True)


async def find_campaign(transaction: Transaction, campaign: CampaignId) -> CampaignAnnounced | None:
    """Find a campaign."""
    cursor = await transaction.execute(
        "select announcement from campaign where campaign = %s", [campaign]
    )
    row = await cursor.fetchone()
    return CampaignAnnounced.model_validate(row["announcement"]) if row else None
