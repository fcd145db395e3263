"""Proving: an account becomes a curator's or is so no longer; its items are counted anew."""

from datetime import datetime

from services.chassis.database import Transaction
from services.chassis.journal import Cause, Journal
from services.contracts.ids import CuratorId
from services.ingest.domain.proof import Proof, codes_in
from services.ingest.store.counting import recount
from services.ingest.store.mandates import announce_again, mandates_of
from services.ingest.store.proofs import proof_of


async def prove(
    transaction: Transaction,
    journal: Journal,
    proof: Proof,
    account: tuple[str, str, str],
    now: datetime,
    cause: Cause,
) -> None:
    """Note that an account is proven, and count its items for its curator from now on.

    An earlier proof of the same account by the same curator is replaced.
    """
    key, handle, url = account
    await transaction.execute(
        """update account_proof set state = 'revoked', revoked_at = now(), secret = '{}'
           where curator = %s and author_key = %s and proof <> %s and state <> 'revoked'""",
        [proof.curator, key, proof.proof],
    )
    await transaction.execute(
        """update account_proof set state = 'proven', author_key = %s, handle = %s, url = %s,
             secret = jsonb_build_object('server', secret -> 'server'), proven_at = %s,
             expires_at = null where proof = %s""",
        [key, handle, url, now, proof.proof],
    )
    await _count_anew(transaction, journal, proof.curator, cause)


async def revoke_proof(
    transaction: Transaction, journal: Journal, proof: Proof, cause: Cause
) -> None:
    """Take a proof back: what the account posts counts for its curator no longer."""
    await transaction.execute(
        """update account_proof set state = 'revoked', revoked_at = now(), secret = '{}'
           where proof = %s""",
        [proof.proof],
    )
    await _count_anew(transaction, journal, proof.curator, cause)


async def prove_by_post(
    transaction: Transaction,
    journal: Journal,
    author: tuple[str | None, str | None, str | None],
    text: str,
    now: datetime,
    cause: Cause,
) -> bool:
    """Prove an account whose post tells a code that was given out for it; says whether it did."""
    key, handle, url = author
    codes = codes_in(text)
    if key is None or not codes:
        return False
    cursor = await transaction.execute(
        """select * from account_proof where state = 'open' and way = 'code'
             and upper(secret ->> 'code') = any(%s) and expires_at > now()
             and (author_key is null or author_key = %s) for update""",
        [sorted(codes), key],
    )
    row = await cursor.fetchone()
    if row is None:
        return False
    found = proof_of(row)
    told = (key, handle or found.handle, url or found.url)
    await prove(transaction, journal, found, told, now, cause)
    return True


async def _count_anew(
    transaction: Transaction, journal: Journal, curator: CuratorId, cause: Cause
) -> None:
    mandates = await mandates_of(transaction, curator)
    for mandate in mandates:
        if mandate.state not in {"cancelled", "declined"}:
            await announce_again(transaction, journal, mandate, cause)
    for campaign in sorted({mandate.campaign for mandate in mandates}):
        await recount(transaction, journal, campaign, cause)
