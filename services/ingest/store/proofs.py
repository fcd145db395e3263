"""Proofs: which curators have proven that an account is theirs."""

from collections.abc import Mapping

from services.chassis.database import Transaction
from services.contracts.ids import CuratorId


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
