"""Campaigns give galleries their names, and say which sites may frame them."""

from services.chassis.database import Transaction
from services.contracts.envelope import Envelope
from services.contracts.ingest import CampaignAnnounced
from services.gallery.domain.gallery import announce
from services.gallery.store import galleries
from services.gallery.stream.deps import Deps


async def on_campaign_announced(
    event: Envelope[CampaignAnnounced], tx: Transaction, _: Deps
) -> None:
    """Have a gallery for the campaign, under the name it now has."""
    await galleries.ensure(tx, event.data.campaign)
    gallery = await galleries.lock(tx, event.data.campaign)
    await galleries.save(tx, announce(gallery, event.data, event.subjectversion))
