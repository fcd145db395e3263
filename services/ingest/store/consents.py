"""Consents as they now are: recorded as events, kept whole, with the texts that were shown."""

from collections.abc import Sequence
from datetime import datetime

from services.chassis.database import Json, Transaction
from services.chassis.journal import Cause, Journal
from services.contracts.ids import CampaignId, ItemId
from services.contracts.ingest import Channel, ChannelGrant, Consent, Item
from services.ingest.domain.consent import (
    Command,
    ConfirmGuardian,
    ConsentState,
    Give,
    TakeBack,
    decide,
    evolve,
    text_digest,
)


async def record_consent(
    transaction: Transaction, journal: Journal, item: Item, cause: Cause
) -> bool:
    """Record what an item's giver agreed to, as the item says; says whether that was news."""
    if item.consent is None:
        return False
    state = await _held(transaction, item.item, item.campaign)
    return await _settle(transaction, journal, state, Give(item.consent), cause)


async def withdraw_channel(
    transaction: Transaction,
    journal: Journal,
    item: ItemId,
    channel: Channel | None,
    at: datetime,
    cause: Cause,
) -> bool:
    """Take the consent for one channel back, or for all; says whether it was given until now.

    The series of the item is the caller's to settle, after the last item: `store/permissions.py`.
    """
    state = await _known(transaction, item)
    if state is None:
        return False
    return await _settle(transaction, journal, state, TakeBack(channel, at), cause)


async def confirm_guardian(
    transaction: Transaction, journal: Journal, item: ItemId, cause: Cause
) -> bool:
    """Record that a parent agrees; says whether that was news."""
    state = await _known(transaction, item)
    if state is None:
        return False
    cursor = await transaction.execute("select child from standing where item = %s", [item])
    row = await cursor.fetchone()
    said = ConfirmGuardian(found=row is not None and row["child"])
    return await _settle(transaction, journal, state, said, cause)


async def consent_of(transaction: Transaction, item: ItemId) -> ConsentState | None:
    """Give what is agreed to for an item; None when nothing was recorded."""
    return (await consents_of(transaction, [item])).get(item)


async def consents_of(
    transaction: Transaction, items: Sequence[ItemId]
) -> dict[ItemId, ConsentState]:
    """Give what is agreed to for some items; those of which nothing was recorded are left out."""
    cursor = await transaction.execute("select * from consent where item = any(%s)", [list(items)])
    return {
        ItemId(row["item"]): ConsentState(
            ItemId(row["item"]),
            CampaignId(row["campaign"]),
            row["version"],
            Consent.model_validate(row["consent"]),
            tuple(ChannelGrant.model_validate(g) for g in row["grants"]),
        )
        for row in await cursor.fetchall()
    }


async def _known(transaction: Transaction, item: ItemId) -> ConsentState | None:
    """Give an item's consent, locked; None when there is no such item.

    The item is kept where it is: whoever settles it takes the two in this order too.
    """
    cursor = await transaction.execute(
        "select campaign from item where item = %s for share", [item]
    )
    row = await cursor.fetchone()
    return None if row is None else await _held(transaction, item, CampaignId(row["campaign"]))


async def _held(transaction: Transaction, item: ItemId, campaign: CampaignId) -> ConsentState:
    # The first is recorded by whoever settles the item and holds it. No advisory lock: counting a
    # campaign's items anew takes thousands in one transaction, more than the server has room for.
    await transaction.execute("select 1 from consent where item = %s for update", [item])
    found = await consent_of(transaction, item)
    return found or ConsentState(item, campaign)


async def _settle(
    transaction: Transaction, journal: Journal, state: ConsentState, command: Command, cause: Cause
) -> bool:
    events = decide(state, command)
    if not events:
        return False
    subject = f"consent-{state.item}"
    await journal.append(transaction, subject, state.version, events, cause)
    for event in events:
        state = evolve(state, event)
    if state.consent is None:
        return False
    await transaction.execute(
        """insert into consent (item, campaign, version, consent, grants)
           values (%s, %s, %s, %s, %s)
           on conflict (item) do update set version = excluded.version, updated_at = now(),
             consent = excluded.consent, grants = excluded.grants""",
        [
            state.item,
            state.campaign,
            state.version,
            Json(state.consent.model_dump(mode="json", by_alias=True)),
            Json([g.model_dump(mode="json", by_alias=True) for g in state.grants]),
        ],
    )
    return True


async def keep_text(
    transaction: Transaction, campaign: CampaignId, version: str, language: str, words: str
) -> str:
    """Keep a text that is shown to people before they agree; answers its digest."""
    digest = text_digest(words)
    await transaction.execute(
        """insert into consent_text (digest, campaign, version, language, words)
           values (%s, %s, %s, %s, %s) on conflict do nothing""",
        [digest, campaign, version, language, words],
    )
    return digest


async def texts_of(transaction: Transaction, digests: Sequence[str]) -> dict[str, str]:
    """Give the texts that were shown, by their digest."""
    cursor = await transaction.execute(
        "select digest, words from consent_text where digest = any(%s)", [list(digests)]
    )
    return {row["digest"]: row["words"] for row in await cursor.fetchall()}
