"""Campaigns, kept for their names on the desk."""

from services.chassis.database import Transaction
from services.contracts.envelope import Envelope
from services.contracts.ingest import CampaignAnnounced
from services.moderation.store.campaigns import keep_campaign
from services.moderation.stream.deps import Deps


async def on_campaign_announced(
    event: Envelope[CampaignAnnounced], transaction: Transaction, _deps: Deps
) -> None:
    """Keep a campaign as it is from now on."""
    await keep_campaign(transaction, event.data, event.subjectversion)
