"""Staff accounts, and the failed sign-ins that make us wait."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.chassis.database import Transaction, UniqueViolationError
from services.moderation.domain.account import Account, InvalidAccountError
from services.moderation.store.passwords import hash_password, make_password

#: Failures within WINDOW after which an account, or an address, must wait.
FAILURES_OF_ACCOUNT = 8
FAILURES_OF_ADDRESS = 40
WINDOW = timedelta(minutes=15)
#: The account that the first run makes.
FIRST_ACCOUNT = Account(
    "coordinator", "Coordinator", frozenset({"moderator", "editor", "coordinator"})
)


@dataclass(frozen=True)
class StoredAccount:
    """An account with the hash of its password; accounts of an identity provider have none."""

    account: Account
    password_hash: str | None


def _account(row: dict[str, Any]) -> Account:
    return Account(row["account"], row["name"], frozenset(row["roles"]), row["active"])


async def find_account(transaction: Transaction, name: str) -> StoredAccount | None:
    """Find an account by the name one signs in with."""
    cursor = await transaction.execute("select * from account where account = %s", [name])
    row = await cursor.fetchone()
    return StoredAccount(_account(row), row["password_hash"]) if row else None


async def list_accounts(transaction: Transaction) -> list[Account]:
    """List all accounts."""
    cursor = await transaction.execute("select * from account order by account")
    return [_account(row) for row in await cursor.fetchall()]


async def display_name(transaction: Transaction, account: str) -> str:
    """Say how to call somebody; an account that is gone stands for itself."""
    stored = await find_account(transaction, account)
    return stored.account.name if stored else account


async def add_account(transaction: Transaction, account: Account) -> str:
    """Add a local account; answers its password, kept nowhere. Raises InvalidAccountError."""
    password = make_password()
    try:
        await transaction.execute(
            "insert into account (account, name, roles, password_hash) values (%s, %s, %s, %s)",
            [account.account, account.name, sorted(account.roles), hash_password(password)],
        )
    except UniqueViolationError:
        message = f"there is an account {account.account} already"
        raise InvalidAccountError(message) from None
    return password


async def reset_password(transaction: Transaction, name: str) -> str:
    """Give a local account a new password and let it in again. Raises InvalidAccountError."""
    password = make_password()
    cursor = await transaction.execute(
        """update account set password_hash = %s, active = true
           where account = %s and issuer is null""",
        [hash_password(password), name],
    )
    if cursor.rowcount != 1:
        message = f"there is no local account {name}"
        raise InvalidAccountError(message)
    await transaction.execute("delete from failed_sign_in where key = %s", [f"account:{name}"])
    return password


async def end_account(transaction: Transaction, name: str) -> bool:
    """Let an account in no longer; its session is not renewed. Says whether it was there."""
    cursor = await transaction.execute(
        "update account set active = false where account = %s and active", [name]
    )
    return cursor.rowcount == 1


async def add_first_account(transaction: Transaction) -> str | None:
    """Make the first account where there is none yet; answers its password the only time."""
    await transaction.execute("lock table account in share row exclusive mode")
    cursor = await transaction.execute("select 1 from account limit 1")
    if await cursor.fetchone() is not None:
        return None
    return await add_account(transaction, FIRST_ACCOUNT)


async def keep_foreign_account(
    transaction: Transaction, issuer: str, subject: str, wanted: Account
) -> Account | None:
    """Keep whom an identity provider vouches for, with today's name and roles.

    A name that is taken by somebody else gets a number. None when the account was ended here.
    """
    cursor = await transaction.execute(
        """update account set name = %s, roles = %s where issuer = %s and issuer_subject = %s
           returning *""",
        [wanted.name, sorted(wanted.roles), issuer, subject],
    )
    row = await cursor.fetchone()
    if row is not None:
        return _account(row) if row["active"] else None
    for number in range(1, 100):
        name = wanted.account if number == 1 else f"{wanted.account}-{number}"
        cursor = await transaction.execute(
            """insert into account (account, name, roles, issuer, issuer_subject)
               values (%s, %s, %s, %s, %s) on conflict do nothing returning *""",
            [name, wanted.name, sorted(wanted.roles), issuer, subject],
        )
        row = await cursor.fetchone()
        if row is not None:
            return _account(row)
    return None


async def count_attempt(transaction: Transaction, account: str, address: str) -> bool:
    """Count an attempt to sign in before it is checked; says whether it may be checked at all.

    Counted first, so that many attempts at once do not all slip through.
    """
    await transaction.execute("delete from failed_sign_in where at < now() - %s", [WINDOW])
    may = True
    for key, most in (
        (f"account:{account}", FAILURES_OF_ACCOUNT),
        (f"address:{address}", FAILURES_OF_ADDRESS),
    ):
        await transaction.execute("select pg_advisory_xact_lock(hashtextextended(%s, 1))", [key])
        cursor = await transaction.execute(
            "select count(*) as failures from failed_sign_in where key = %s", [key]
        )
        row = await cursor.fetchone()
        may = may and row is not None and row["failures"] < most
    if may:
        await transaction.execute(
            "insert into failed_sign_in (key) values (%s), (%s)",
            [f"account:{account}", f"address:{address}"],
        )
    return may


async def forgive(transaction: Transaction, account: str, address: str) -> None:
    """Forget the failures of an account that signed in, and one of its address."""
    await transaction.execute("delete from failed_sign_in where key = %s", [f"account:{account}"])
    await transaction.execute(
        """delete from failed_sign_in where ctid in (
             select ctid from failed_sign_in where key = %s order by at desc limit 1)""",
        [f"address:{address}"],
    )
