"""What a curator agreed to for a whole turn, by channel, and what they take back of that."""

from dataclasses import dataclass
from datetime import datetime

from services.chassis.database import Transaction
from services.chassis.journal import Cause, Journal
from services.contracts.ids import ItemId, MandateId
from services.contracts.ingest import (
    Channel,
    ChannelGrant,
    Consent,
    MandateAccepted,
    MandateNarrowed,
)
from services.ingest.domain.mandate import Narrow
from services.ingest.store.consents import withdraw_channel
from services.ingest.store.mandates import change_mandate, find_mandate
from services.ingest.store.series import settle_series


@dataclass(frozen=True)
class TurnConsent:
    """The consent of a turn as it was given, and each of its channels as it now is."""

    consent: Consent
    grants: tuple[ChannelGrant, ...]


async def consent_of_turn(transaction: Transaction, mandate: MandateId) -> TurnConsent | None:
    """Give what was agreed to with the last yes to a turn; None before there was one."""
    cursor = await transaction.execute(
        "select type, data from event where subject = %s and type = any(%s) order by version",
        [mandate, [MandateAccepted.TYPE, MandateNarrowed.TYPE]],
    )
    agreed: Consent | None = None
    taken: dict[Channel, datetime] = {}
    for row in await cursor.fetchall():
        if row["type"] == MandateAccepted.TYPE:
            agreed, taken = MandateAccepted.model_validate(row["data"]).consent, {}
        else:
            narrowed = MandateNarrowed.model_validate(row["data"])
            taken[narrowed.channel] = narrowed.at
    if agreed is None:
        return None
    grants = (
        ChannelGrant(
            channel=channel,
            given_at=agreed.given_at,
            until=agreed.until,
            withdrawn_at=taken.get(channel),
        )
        for channel in agreed.channels
    )
    return TurnConsent(agreed, tuple(grants))


async def take_back_for_turn(
    transaction: Transaction,
    journal: Journal,
    mandate: MandateId,
    channel: Channel,
    at: datetime,
    cause: Cause,
) -> bool:
    """Take one channel back for a turn: for all that counts for it, and for what will.

    Says whether it was given until now. What was given under a consent of its own keeps that.
    Nobody attributes an item meanwhile, for the campaign is held. Raises MandateError and
    ConflictError.
    """
    known = await find_mandate(transaction, mandate)
    if known is None:
        return False
    after = await change_mandate(transaction, journal, known, Narrow(channel), cause, now=at)
    if after.version == known.version:
        return False
    cursor = await transaction.execute(
        """select item from item where mandate = %s and exists (
             select 1 from consent c where c.item = item.item
               and c.consent->>'evidence' = 'mandate') order by item for share""",
        [mandate],
    )
    for row in await cursor.fetchall():
        await withdraw_channel(transaction, journal, ItemId(row["item"]), channel, at, cause)
    await settle_series(transaction, journal, mandate, cause)
    return True
