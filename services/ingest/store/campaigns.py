"""Campaigns as they were last applied, and their announcement."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.chassis.database import Json, Transaction
from services.chassis.journal import Cause, ConflictError, Journal
from services.contracts.ids import CampaignId
from services.contracts.ingest import CampaignAnnounced
from services.ingest.domain.campaign import Campaign
from services.ingest.store.sources import keep_sources


@dataclass(frozen=True)
class KeptCampaign:
    """A campaign as it was written last, with the version that a form changes."""

    campaign: CampaignId
    version: int
    written: Mapping[str, Any]
    announcement: CampaignAnnounced


@dataclass(frozen=True)
class CampaignCounts:
    """How much came in for a campaign: what is there now, and how much of it can be seen."""

    items: int = 0
    visible: int = 0


async def apply_campaign(
    transaction: Transaction,
    journal: Journal,
    campaign: Campaign,
    cause: Cause,
    *,
    expected: int | None = None,
) -> bool:
    """Keep a campaign and its sources and announce it; says whether anything changed.

    One that does not say its phase keeps it. Raises ConflictError when somebody else was first,
    also when it is no longer at the version that the caller `expected`.
    """
    cursor = await transaction.execute(
        "select version, written, announcement from campaign where campaign = %s for update",
        [campaign.id],
    )
    row = await cursor.fetchone()
    before = row["version"] if row else 0
    if expected is not None and before != expected:
        raise ConflictError(campaign.id, expected)
    if campaign.phase is None:
        phase = row["announcement"].get("phase", "live") if row else "live"
        campaign = campaign.model_copy(update={"phase": phase})
    written = campaign.model_dump(mode="json", by_alias=True)
    if row is not None and row["written"] == written:
        return False
    announcement = campaign.announcement()
    version = await journal.append(transaction, campaign.id, before, [announcement], cause)
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


async def kept_campaign(transaction: Transaction, campaign: CampaignId) -> KeptCampaign | None:
    """Give a campaign as it was written, for the one who wants to change it."""
    cursor = await transaction.execute(
        "select version, written, announcement from campaign where campaign = %s", [campaign]
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    told = CampaignAnnounced.model_validate(row["announcement"])
    return KeptCampaign(campaign, row["version"], row["written"], told)


async def count_campaigns(transaction: Transaction) -> Mapping[CampaignId, CampaignCounts]:
    """Count what came in for each campaign."""
    cursor = await transaction.execute(
        """select i.campaign, count(*) as items, count(s.visible_since) as visible
           from item i left join standing s using (item) where i.life = 'live'
           group by i.campaign"""
    )
    return {
        CampaignId(row["campaign"]): CampaignCounts(row["items"], row["visible"])
        for row in await cursor.fetchall()
    }


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
