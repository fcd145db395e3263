"""Passwords: made readable, kept as argon2id, checked off the event loop."""

import asyncio
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: Without letters and digits that people mix up.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _IN_GROUP = 5, 4
#: Longer ones are refused before hashing, which costs memory for every byte.
LONGEST = 200

_hasher = PasswordHasher()


def make_password() -> str:
    """Make a password that can be read out over the phone; 20 letters, about 99 bits."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_IN_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def hash_password(password: str) -> str:
    """Hash a password with argon2id and a salt of its own."""
    return _hasher.hash(password)


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe())


async def matches(password: str, known: str | None) -> bool:
    """Check a password; an account that does not exist takes as long as one that does."""
    if len(password) > LONGEST:
        return False
    return await asyncio.to_thread(_matches, password, known)


def _matches(password: str, known: str | None) -> bool:
    try:
        _hasher.verify(known or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return known is not None
