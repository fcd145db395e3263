"""Campaigns as they were last applied, and their announcement."""

from services.chassis.database import Json, Transaction
from services.chassis.journal import Cause, Journal
from services.contracts.ids import CampaignId
from services.contracts.ingest import CampaignAnnounced
from services.ingest.domain.campaign import Campaign
from services.ingest.store.sources import keep_sources


async def apply_campaign(
    transaction: Transaction, journal: Journal, campaign: Campaign, cause: Cause
) -> bool:
    """Keep a campaign and its sources and announce it; says whether anything changed."""
    announcement = campaign.announcement()
    written = campaign.model_dump(mode="json", by_alias=True)
    cursor = await transaction.execute(
        "select version, written, announcement from campaign where campaign = %s for update",
        [campaign.id],
    )
    row = await cursor.fetchone()
    if row is not None and row["written"] == written:
        return False
    version = await journal.append(
        transaction, campaign.id, row["version"] if row else 0, [announcement], cause
    )
    await transaction.execute(
        """insert into campaign (campaign, version, written, announcement) values (%s, %s, %s, %s)
           on conflict (campaign) do update set version = excluded.version,
             written = excluded.written, announcement = excluded.announcement, updated_at =
             now()""",
        [
            campaign.id,
            version,
            Json(written),
            Json(announcement.model_dump(mode="json", by_alias=True)),
        ],
    )
    await keep_sources(transaction, campaign)
    return True


async def find_campaign(transaction: Transaction, campaign: CampaignId) -> CampaignAnnounced | None:
    """Give a campaign as it was last announced."""
    cursor = await transaction.execute(
        "select announcement from campaign where campaign = %s", [campaign]
    )
    row = await cursor.fetchone()
    return CampaignAnnounced.model_validate(row["announcement"]) if row else None


async def list_campaigns(transaction: Transaction) -> list[CampaignAnnounced]:
    """Give all campaigns, those that close last first."""
    cursor = await transaction.execute("select announcement from campaign")
    found = [
        CampaignAnnounced.model_validate(row["announcement"]) for row in await cursor.fetchall()
    ]
    return sorted(found, key=lambda c: c.closes_at, reverse=True)
