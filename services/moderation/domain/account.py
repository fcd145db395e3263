"""Staff accounts: who may work here, and as what."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: What staff may be: a moderator decides, an editor also undoes others' decisions, a coordinator
#: sets up campaigns and accounts.
ROLES: tuple[str, ...] = ("moderator", "editor", "coordinator")

_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,79}")


class InvalidAccountError(ValueError):
    """An account's name or roles cannot be used."""


@dataclass(frozen=True)
class Account:
    """A member of staff: the name to sign in with, the name to be called by, and the roles."""

    account: str
    name: str
    roles: frozenset[str]
    active: bool = True


def checked_account(account: str, name: str, roles: Iterable[str]) -> Account:
    """Make an account of what somebody typed. Raises InvalidAccountError."""
    account = account.strip().lower()
    if not _NAME.fullmatch(account):
        message = "an account's name has 1 to 80 letters, digits and . _ @ -"
        raise InvalidAccountError(message)
    chosen = frozenset(roles)
    unknown = chosen - set(ROLES)
    if unknown or not chosen:
        message = f"the roles are {', '.join(ROLES)}"
        raise InvalidAccountError(message)
    return Account(account, name.strip() or account, chosen)


def roles_of_groups(groups: Iterable[str], mapping: Mapping[str, str]) -> frozenset[str]:
    """Say which roles the groups of an identity provider give."""
    return frozenset(mapping[group] for group in groups if group in mapping) & frozenset(ROLES)
