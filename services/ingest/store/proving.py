"""Proving: an account becomes a curator's or is so no longer; its items are counted anew."""

from datetime import datetime

from services.chassis.database import Transaction
from services.chassis.journal import Cause, Journal
from services.contracts.ids import CuratorId
from services.contracts.ingest import SubmissionReceived
from services.ingest.domain.account import codes_in, made_since, same_server
from services.ingest.domain.proof import Proof, ProofOverError
from services.ingest.store.counting import recount
from services.ingest.store.mandates import announce_again, mandates_of
from services.ingest.store.proofs import find_proof, proof_of


async def prove(
    transaction: Transaction,
    journal: Journal,
    proof: Proof,
    account: tuple[str, str, str],
    now: datetime,
    cause: Cause,
) -> None:
    """Note that an account is proven, and count its items for its curator from now on.

    An earlier proof of the same account by the same curator is replaced. Nothing changes when it
    was proven meanwhile. Raises ProofOverError when it was left, or its time ended.
    """
    key, handle, url = account
    # While a server was asked, its curator may have left it.
    held = await find_proof(transaction, proof.proof)
    if held is None:
        raise ProofOverError
    if held[0].state == "proven":
        return
    held[0].insist_open(now)
    await transaction.execute(
        """update account_proof set state = 'revoked', revoked_at = now(), secret = '{}'
           where curator = %s and author_key = %s and proof <> %s and state <> 'revoked'""",
        [proof.curator, key, proof.proof],
    )
    await transaction.execute(
        """update account_proof set state = 'proven', author_key = %s, handle = %s, url = %s,
             secret = jsonb_strip_nulls(jsonb_build_object(
               'server', secret -> 'server', 'page', secret -> 'page')),
             proven_at = %s, expires_at = null where proof = %s""",
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
    transaction: Transaction, journal: Journal, post: SubmissionReceived, cause: Cause
) -> bool:
    """Prove an account whose own post tells a code that was given out for it; says whether it did.

    Where a post was found does not count, only that its author's server made it for that author.
    """
    key, codes = post.author.key, codes_in(post.text)
    if key is None or not codes or not same_server(post.native_id, key):
        return False
    cursor = await transaction.execute(
        """select * from account_proof where state = 'open' and way = 'code'
             and upper(secret ->> 'code') = any(%s) and expires_at > now()
             and author_key = %s and network = %s for update""",
        [sorted(codes), key, post.connector],
    )
    row = await cursor.fetchone()
    if row is None:
        return False
    found = proof_of(row)
    if not made_since(post.published_at, found.asked_at):
        return False
    account = (key, found.handle, found.url)
    await prove(transaction, journal, found, account, post.observed_at, cause)
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
