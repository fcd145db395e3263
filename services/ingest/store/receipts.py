"""Receipts: a private link by which a giver sees what became of their photos and takes them back.

Only a digest of the link's token is kept: who reads the database cannot use the links.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.chassis.database import Json, Transaction
from services.contracts.ids import CampaignId, ItemId, SourceId
from services.contracts.ingest import Item, Localised


@dataclass(frozen=True)
class ReceivedItem:
    """What a giver may know of one of their photos."""

    item: ItemId
    source: SourceId | None
    life: str
    reason: str
    review: str
    reasons: tuple[str, ...]
    statements: tuple[Localised, ...]
    path: str | None
    original: str
    content: Item | None
    decided_at: datetime | None
    visible_since: datetime | None
    purged_at: datetime | None


@dataclass(frozen=True)
class Receipt:
    """A giver's photos of one campaign."""

    campaign: CampaignId
    given_at: datetime
    items: tuple[ReceivedItem, ...]


def receipt_token(key: str, submission: str) -> str:
    """Derive a receipt's token from its form: sending that twice gives one receipt."""
    return hmac.new(bytes.fromhex(key), submission.encode(), hashlib.sha256).hexdigest()[:40]


def _kept(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def keep_receipt(
    transaction: Transaction,
    token: str,
    campaign: CampaignId,
    items: Sequence[tuple[ItemId, str]],
) -> None:
    """Keep which items, with their originals' hashes, this link shows."""
    await transaction.execute(
        "insert into receipt (token, campaign) values (%s, %s) on conflict do nothing",
        [_kept(token), campaign],
    )
    for position, (item, original) in enumerate(items):
        await transaction.execute(
            """insert into receipt_item (token, item, position, original) values (%s, %s, %s, %s)
               on conflict do nothing""",
            [_kept(token), item, position, original],
        )


async def find_receipt(transaction: Transaction, token: str) -> Receipt | None:
    """Give what a link shows; None when there is no such link."""
    cursor = await transaction.execute("select * from receipt where token = %s", [_kept(token)])
    head = await cursor.fetchone()
    if head is None:
        return None
    cursor = await transaction.execute(
        """select r.item, r.original, i.source, coalesce(i.life, 'unseen') as life,
                  coalesce(i.reason, '') as reason, i.content,
                  coalesce(s.review, 'pending') as review, coalesce(s.reasons, '[]') as reasons,
                  coalesce(s.statements, '[]') as statements,
                  s.path, s.decided_at, s.visible_since, s.purged_at
           from receipt_item r left join item i using (item) left join standing s using (item)
           where r.token = %s order by r.position""",
        [_kept(token)],
    )
    return Receipt(
        CampaignId(head["campaign"]),
        head["given_at"],
        tuple(_received(row) for row in await cursor.fetchall()),
    )


def _received(row: Mapping[str, Any]) -> ReceivedItem:
    return ReceivedItem(
        ItemId(row["item"]),
        row["source"],
        row["life"],
        row["reason"],
        row["review"],
        tuple(row["reasons"]),
        tuple(row["statements"]),
        row["path"],
        row["original"],
        None if row["content"] is None else Item.model_validate(row["content"]),
        row["decided_at"],
        row["visible_since"],
        row["purged_at"],
    )


async def note_refusal(
    transaction: Transaction,
    campaign: CampaignId,
    connector: str,
    reason: str,
    facts: Mapping[str, Any],
) -> None:
    """Keep why something was not taken; numbers and codes only, nothing of the giver."""
    await transaction.execute(
        "insert into refusal (campaign, connector, reason, facts) values (%s, %s, %s, %s)",
        [campaign, connector, reason, Json(dict(facts))],
    )
