"""Receipts: a private link by which a giver sees what became of their photos and takes them back.

Only a digest of the link's token is kept: who reads the database cannot use the links. A receipt's
own link follows from its form; when it is lost or in wrong hands, it stops for good, and a new one
is made (`store/links.py`).
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from services.chassis.database import Json, Transaction
from services.contracts.ids import CampaignId, ItemId, MandateId
from services.ingest.domain.link import RevokedLinkError, UnknownLinkError
from services.ingest.domain.receipt_code import CODES, code_of
from services.ingest.store.links import Links, live_link, make_link, revoke_links
from services.ingest.store.standings import ReceivedItem, standing_of, standings_of

__all__ = ["ReceivedItem", "standing_of", "standings_of"]


@dataclass(frozen=True)
class Receipt:
    """A giver's photos of one campaign; `id` is the digest of the link that came with it.

    That of a curator's turn names its mandate, and shows all that counts for it.
    """

    id: str
    campaign: CampaignId
    given_at: datetime
    code: str
    mail: str
    language: str
    revoked_at: datetime | None
    items: tuple[ReceivedItem, ...]
    mandate: MandateId | None = None


def receipt_token(key: str, submission: str) -> str:
    """Derive a receipt's token from its form: sending that twice gives one receipt."""
    return hmac.new(bytes.fromhex(key), submission.encode(), hashlib.sha256).hexdigest()[:40]


def receipt_id(token: str) -> str:
    """Give a receipt's id: a digest of the token that came with it."""
    return hashlib.sha256(token.encode()).hexdigest()


async def keep_receipt(
    transaction: Transaction,
    token: str,
    campaign: CampaignId,
    items: Sequence[tuple[ItemId, str]],
    *,
    mail: str = "",
    language: str = "nl",
    mandate: MandateId | None = None,
) -> str:
    """Keep which items, with their originals' hashes, this link shows; answers the receipt's id.

    With a `mandate` it shows all that counts for that too, by whichever way it came.
    """
    receipt = receipt_id(token)
    await transaction.execute(
        """insert into receipt (token, campaign, mail, language) values (%s, %s, %s, %s)
           on conflict do nothing""",
        [receipt, campaign, mail, language],
    )
    if mandate is not None:
        await transaction.execute(
            "update receipt set mandate = %s where token = %s and mandate is null",
            [mandate, receipt],
        )
    await _number(transaction, receipt)
    for position, (item, original) in enumerate(items):
        await transaction.execute(
            """insert into receipt_item (token, item, position, original) values (%s, %s, %s, %s)
               on conflict do nothing""",
            [receipt, item, position, original],
        )
    return receipt


async def _number(transaction: Transaction, receipt: str) -> None:
    """Give a receipt its code, once; of billions of codes, the first is nearly always free."""
    for _ in range(20):
        code = code_of(secrets.randbelow(CODES))
        cursor = await transaction.execute(
            """update receipt set code = %s where token = %s and code is null
                 and not exists (select 1 from receipt where code = %s)""",
            [code, receipt, code],
        )
        if cursor.rowcount:
            return
        cursor = await transaction.execute(
            "select code from receipt where token = %s and code is not null", [receipt]
        )
        if await cursor.fetchone():
            return


async def open_receipt(transaction: Transaction, links: Links, token: str) -> Receipt:
    """Give what a link shows.

    Raises AlteredLinkError, UnknownLinkError, RevokedLinkError and ExpiredLinkError.
    """
    if "." in token:
        link = await links.open(transaction, "receipt", token, datetime.now(UTC))
        found = await read_receipt(transaction, link.opens)
    else:
        found = await read_receipt(transaction, receipt_id(token))
        if found is not None and found.revoked_at is not None:
            raise RevokedLinkError
    if found is None:
        raise UnknownLinkError
    return found


async def receipt_behind(transaction: Transaction, links: Links, token: str) -> Receipt | None:
    """Give the receipt that a link opens, or opened once; None when it never was a link."""
    if "." not in token:
        return await read_receipt(transaction, receipt_id(token))
    link = await links.find(transaction, "receipt", token)
    return await read_receipt(transaction, link.opens)


async def find_receipt(transaction: Transaction, token: str) -> Receipt | None:
    """Give what the link shows that came with the receipt; None when it is not good."""
    found = await read_receipt(transaction, receipt_id(token))
    return None if found is None or found.revoked_at else found


async def find_by_code(transaction: Transaction, code: str) -> Receipt | None:
    """Give the receipt with a code; for staff, on the telephone."""
    cursor = await transaction.execute("select token from receipt where code = %s", [code])
    row = await cursor.fetchone()
    return None if row is None else await read_receipt(transaction, row["token"])


async def read_receipt(transaction: Transaction, receipt: str) -> Receipt | None:
    """Give a receipt by its id."""
    cursor = await transaction.execute("select * from receipt where token = %s", [receipt])
    head = await cursor.fetchone()
    if head is None:
        return None
    if head["code"] is None:
        # It is older than codes are.
        await _number(transaction, receipt)
        return await read_receipt(transaction, receipt)
    cursor = await transaction.execute(
        """select item, original from (
             select item, original, 0 as part, position, null as effective_at from receipt_item
               where token = %(receipt)s
             union all
             select item, '', 1, 0, effective_at from item
               where mandate = %(mandate)s and item not in (
                 select item from receipt_item where token = %(receipt)s)) as shown
           order by part, position, effective_at, item""",
        {"receipt": receipt, "mandate": head["mandate"]},
    )
    originals = {ItemId(row["item"]): str(row["original"]) for row in await cursor.fetchall()}
    standings = await standings_of(transaction, list(originals))
    return Receipt(
        receipt,
        CampaignId(head["campaign"]),
        head["given_at"],
        head["code"],
        head["mail"],
        head["language"],
        head["revoked_at"],
        tuple(replace(standings[i], original=original) for i, original in originals.items()),
        MandateId(head["mandate"]) if head["mandate"] else None,
    )


async def replace_link(transaction: Transaction, receipt: str) -> str:
    """Stop all links of a receipt and make a new one; answers its id."""
    await revoke_receipt(transaction, receipt)
    return await make_link(transaction, "receipt", receipt)


async def revoke_receipt(transaction: Transaction, receipt: str) -> None:
    """Stop all links of a receipt."""
    await transaction.execute(
        "update receipt set revoked_at = coalesce(revoked_at, now()) where token = %s", [receipt]
    )
    await revoke_links(transaction, "receipt", receipt)


async def link_for_letters(transaction: Transaction, receipt: str) -> str:
    """Give a link that a letter can show: one that is good, or a new one beside the others."""
    known = await live_link(transaction, "receipt", receipt)
    return known or await make_link(transaction, "receipt", receipt)


async def forget_mail(transaction: Transaction, receipt: str) -> None:
    """Erase the address that a giver left, for good."""
    await transaction.execute("update receipt set mail = '' where token = %s", [receipt])


async def receipt_for_item(transaction: Transaction, campaign: CampaignId, item: ItemId) -> str:
    """Give the id of a receipt for an item that came from elsewhere; made when there is none."""
    cursor = await transaction.execute(
        """select token from receipt_item where item = %s order by position, token limit 1""",
        [item],
    )
    row = await cursor.fetchone()
    if row is not None:
        return str(row["token"])
    # Nobody knows this token: the receipt is opened by links that are made for it only.
    return await keep_receipt(transaction, secrets.token_hex(20), campaign, [(item, "")])


async def find_item(transaction: Transaction, written: str) -> tuple[CampaignId, ItemId] | None:
    """Find an item by its id or by the address of the post that it came from."""
    cursor = await transaction.execute(
        """select campaign, item from item
           where item = %(written)s or content->>'url' = %(written)s
           order by updated_at desc limit 1""",
        {"written": written.strip()},
    )
    row = await cursor.fetchone()
    return (CampaignId(row["campaign"]), ItemId(row["item"])) if row else None


@dataclass(frozen=True)
class Reachable:
    """A giver who asked to be told: of which receipt, where, and in which language."""

    receipt: str
    campaign: CampaignId
    mail: str
    language: str


async def reachable_givers(transaction: Transaction, item: ItemId) -> list[Reachable]:
    """Give those who asked to be told what becomes of an item, each address once.

    Whoever gave it, and the curator for whose turn it counts, by whichever way it came.
    """
    cursor = await transaction.execute(
        """select distinct on (mail) token as receipt, campaign, mail, language from (
             select r.*, 0 as part from receipt_item i join receipt r using (token)
               where i.item = %(item)s
             union all
             select r.*, 1 from item i join receipt r using (mandate)
               where i.item = %(item)s) as told
           where mail <> '' order by mail, part, given_at""",
        {"item": item},
    )
    return [Reachable(**row) for row in await cursor.fetchall()]


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
