"""What givers say later about what may be done with an item, and what becomes of its series.

A photo that may not be shown any more has no place, and one that now may has one: so its series is
folded anew in the same transaction. Item, consent, series: everybody locks them in this order.
"""

from datetime import datetime

from services.chassis.database import Transaction
from services.chassis.journal import Cause, Journal
from services.contracts.ids import ItemId
from services.contracts.ingest import Channel
from services.ingest.store.consents import confirm_guardian, withdraw_channel
from services.ingest.store.series import settle_series_of


async def take_back_use(
    transaction: Transaction,
    journal: Journal,
    item: ItemId,
    channel: Channel,
    at: datetime,
    cause: Cause,
) -> bool:
    """Take the consent for one channel back; says whether it was given until now."""
    taken = await withdraw_channel(transaction, journal, item, channel, at, cause)
    if taken:
        await settle_series_of(transaction, journal, item, cause)
    return taken


async def hear_parents(
    transaction: Transaction, journal: Journal, item: ItemId, cause: Cause
) -> bool:
    """Record that a parent agrees; says whether that was news."""
    heard = await confirm_guardian(transaction, journal, item, cause)
    if heard:
        await settle_series_of(transaction, journal, item, cause)
    return heard
