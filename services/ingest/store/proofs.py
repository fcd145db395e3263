"""Proofs: which curators have proven that an account is theirs, and the proofs under way."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.chassis.database import Json, Transaction
from services.contracts.ids import CuratorId
from services.ingest.domain.proof import Proof, Way
from services.ingest.domain.receipt_code import SIGNS


def new_code() -> str:
    """Give a fresh code to put in a post."""
    signs = "".join(secrets.choice(SIGNS) for _ in range(8))
    return f"dichtbij-{signs[:4]}-{signs[4:]}"


def new_page() -> str:
    """Give a fresh id for a page that a profile links to; it opens nothing else."""
    return secrets.token_urlsafe(16)


def proof_of(row: Mapping[str, Any]) -> Proof:
    """Read a proof from its row."""
    return Proof(
        row["proof"],
        CuratorId(row["curator"]),
        row["author_key"],
        row["handle"],
        row["url"],
        row["way"],
        row["state"],
        row["asked_at"],
        row["expires_at"],
        row["proven_at"],
    )


async def begin(
    transaction: Transaction,
    curator: CuratorId,
    way: Way,
    account: tuple[str | None, str, str],
    secret: Mapping[str, Any],
    expires_at: datetime | None,
) -> str:
    """Keep a proof under way; `account` is its actor URI, its handle and its address."""
    proof = secrets.token_urlsafe(9)
    key, handle, url = account
    await transaction.execute(
        "delete from account_proof where curator = %s and state = 'open' and handle = %s",
        [curator, handle],
    )
    await transaction.execute(
        """insert into account_proof
             (proof, curator, network, author_key, handle, url, way, secret, expires_at)
           values (%s, %s, 'mastodon', %s, %s, %s, %s, %s, %s)""",
        [proof, curator, key, handle, url, way, Json(dict(secret)), expires_at],
    )
    return proof


async def proofs_of(
    transaction: Transaction, curator: CuratorId
) -> list[tuple[Proof, Mapping[str, Any]]]:
    """Give a curator's proofs that are good or under way, with what proves them; newest first."""
    cursor = await transaction.execute(
        "select * from account_proof where curator = %s and state <> 'revoked'"
        " order by asked_at desc limit 40",
        [curator],
    )
    return [(proof_of(row), row["secret"]) for row in await cursor.fetchall()]


async def all_proofs_of(transaction: Transaction, curator: CuratorId) -> list[Proof]:
    """Give every proof that is kept of a curator, those that were revoked too, the first first."""
    cursor = await transaction.execute(
        "select * from account_proof where curator = %s order by asked_at", [curator]
    )
    return [proof_of(row) for row in await cursor.fetchall()]


async def find_proof(
    transaction: Transaction, proof: str
) -> tuple[Proof, Mapping[str, Any]] | None:
    """Give a proof and what proves it, and keep others from changing it."""
    cursor = await transaction.execute(
        "select * from account_proof where proof = %s for update", [proof]
    )
    row = await cursor.fetchone()
    return (proof_of(row), row["secret"]) if row else None


def page_of(proof: Proof, secret: Mapping[str, Any]) -> str:
    """Give the id of the page that a profile links to; it stays when the proof is renewed."""
    return str(secret.get("page") or proof.proof)


async def find_by_page(transaction: Transaction, page: str) -> Proof | None:
    """Find the proof by a verified link, under way or made, that has this page."""
    cursor = await transaction.execute(
        """select * from account_proof
           where way = 'rel-me' and state <> 'revoked' and coalesce(secret ->> 'page', proof) = %s
           order by state = 'proven' desc, asked_at desc limit 1""",
        [page],
    )
    row = await cursor.fetchone()
    return proof_of(row) if row else None


async def find_by_state(
    transaction: Transaction, state: str
) -> tuple[Proof, Mapping[str, Any]] | None:
    """Find the sign-in under way that a server's answer belongs to, with what proves it."""
    cursor = await transaction.execute(
        "select * from account_proof where secret ->> 'state' = %s and state = 'open'", [state]
    )
    row = await cursor.fetchone()
    return (proof_of(row), row["secret"]) if row else None


async def curators_of(transaction: Transaction, author_key: str | None) -> frozenset[CuratorId]:
    """Give the curators who have proven that an account is theirs."""
    if author_key is None:
        return frozenset()
    cursor = await transaction.execute(
        "select curator from account_proof where author_key = %s and state = 'proven'",
        [author_key],
    )
    return frozenset(CuratorId(row["curator"]) for row in await cursor.fetchall())


async def curators_by_account(transaction: Transaction) -> Mapping[str, frozenset[CuratorId]]:
    """Give the same for every account that somebody has proven."""
    cursor = await transaction.execute(
        """select author_key, array_agg(curator) as curators from account_proof
           where state = 'proven' and author_key is not null group by author_key"""
    )
    return {
        row["author_key"]: frozenset(CuratorId(curator) for curator in row["curators"])
        for row in await cursor.fetchall()
    }
