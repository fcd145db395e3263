"""Applying a campaign: it is kept and announced, and what depends on its terms follows it."""

from services.chassis.database import Transaction
from services.chassis.journal import Cause, Journal
from services.ingest.domain.campaign_written import Campaign
from services.ingest.domain.planning import standing
from services.ingest.store.campaigns import apply_campaign, find_campaign
from services.ingest.store.counting import recount
from services.ingest.store.mandates import list_mandates, set_series_terms


async def apply_and_follow(
    transaction: Transaction,
    journal: Journal,
    campaign: Campaign,
    cause: Cause,
    *,
    expected: int | None = None,
) -> bool:
    """Apply a campaign, give its mandates the new terms of series, and count its items anew.

    Says whether anything changed. Raises ConflictError as `apply_campaign` does.
    """
    before = await find_campaign(transaction, campaign.id)
    if not await apply_campaign(transaction, journal, campaign, cause, expected=expected):
        return False
    after = await find_campaign(transaction, campaign.id)
    if before is None or after is None:
        return True
    if before.series != after.series:
        # Who was promised a later deadline must have it.
        for mandate in standing(await list_mandates(transaction, campaign.id)):
            await set_series_terms(transaction, journal, mandate, after.series, cause)
    await recount(transaction, journal, campaign.id, cause)
    return True
