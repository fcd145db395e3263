"""Curators: people who were invited to post, with the address at which we reach them."""

import secrets
from dataclasses import dataclass

from services.chassis.database import Transaction
from services.contracts.ids import CuratorId


@dataclass(frozen=True)
class Curator:
    """A curator as we know them; `mail` is empty where we have no address."""

    curator: CuratorId
    name: str
    intro: str = ""
    mail: str = ""
    language: str = "nl"
    staff_account: str | None = None


def new_curator_id() -> CuratorId:
    """Give a fresh id, which says nothing about the person."""
    return CuratorId("k-" + secrets.token_hex(8))


async def keep_curator(transaction: Transaction, curator: Curator) -> None:
    """Keep a curator as they now are."""
    await transaction.execute(
        """insert into curator (curator, name, intro, mail, language, staff_account)
           values (%s, %s, %s, %s, %s, %s)
           on conflict (curator) do update set name = excluded.name, intro = excluded.intro,
             mail = excluded.mail, language = excluded.language,
             staff_account = excluded.staff_account""",
        [
            curator.curator,
            curator.name,
            curator.intro,
            curator.mail,
            curator.language,
            curator.staff_account,
        ],
    )


async def know_staff_account(transaction: Transaction, curator: CuratorId, account: str) -> bool:
    """Remember a curator's account at the desk, unless one is known; says whether it is new."""
    cursor = await transaction.execute(
        "update curator set staff_account = %s where curator = %s and staff_account is null",
        [account, curator],
    )
    return cursor.rowcount == 1


async def find_curator(transaction: Transaction, curator: CuratorId) -> Curator | None:
    """Give a curator."""
    cursor = await transaction.execute(
        """select curator, name, intro, mail, language, staff_account from curator
           where curator = %s""",
        [curator],
    )
    row = await cursor.fetchone()
    return Curator(**row) if row else None
