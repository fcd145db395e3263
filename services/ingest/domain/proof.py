"""Proofs of account: how a curator shows that an account on a Mastodon-compatible server is theirs.

Three ways, from the strongest: signing in at the server (OAuth), a link in the profile that the
server has verified (rel=me), and a one-time code in a post. An account is known by its actor URI,
since names change; only the server of that URI is asked, and believed about its own accounts only.

ProofError
├── AccountUnclearError   what was written names no account
├── AccountUnknownError   the server has no such account
├── AccountElsewhereError the server speaks for an account that is at another one
├── ServerSilentError     the server does not answer, or not as such servers do
├── NotYetProvenError     what would prove it is not there (yet)
└── ProofOverError        the time for this proof is over
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from services.contracts.ids import CuratorId

Way = Literal["code", "rel-me", "oauth"]

#: How long the code in a post, or a sign-in under way, is good.
PROOF_OPEN = timedelta(minutes=15)
#: After this the page asks to renew a proof, since accounts change hands; it counts all the same.
PROOF_IS_OLD = timedelta(days=366)

_HANDLE = re.compile(r"@?([A-Za-z0-9_][A-Za-z0-9_.-]{0,63})@([A-Za-z0-9.-]{3,253}(?::\d{1,5})?)")
_PATH = re.compile(r"/(?:@|users/)([A-Za-z0-9_][A-Za-z0-9_.-]{0,63})/?")


class ProofError(ValueError):
    """An account is not proven; the message is a sentence for people."""


class AccountUnclearError(ProofError):
    """What was written names no account."""

    def __init__(self) -> None:
        """Say how to write it."""
        super().__init__(
            "Write your account like @an@mastodon.example or https://mastodon.example/@an."
        )


class AccountUnknownError(ProofError):
    """The server has no such account."""

    def __init__(self) -> None:
        """Say what to check."""
        super().__init__("This server knows no such account. Check its name.")


class AccountElsewhereError(ProofError):
    """The server that was asked speaks for an account that is at another one."""

    def __init__(self) -> None:
        """Say how to write it."""
        super().__init__(
            "This server does not answer for that account itself."
            " Open your profile in a browser and write its address here."
        )


class ServerSilentError(ProofError):
    """The server does not answer, or not as such servers do."""

    def __init__(self) -> None:
        """Say what else can be done."""
        super().__init__(
            "This server does not answer as expected. Try again later, or choose another way."
        )


class NotYetProvenError(ProofError):
    """What would prove it is not there, or not yet."""

    def __init__(self, way: Way) -> None:
        """Say what was looked for."""
        super().__init__(_NOT_THERE[way])
        self.way = way


class ProofOverError(ProofError):
    """The time for this proof is over."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("The time for this proof is over. Begin again.")


_NOT_THERE: dict[Way, str] = {
    "code": "The code stands in none of your newest posts yet. Post it in public, then look again.",
    "rel-me": "Your profile does not show the verified link yet. Add it, then look again.",
    "oauth": "Your server did not let us see whose account it is. Begin again.",
}


@dataclass(frozen=True)
class Address:
    """Where an account is: its server's address, and its name there."""

    server: str
    name: str


@dataclass(frozen=True)
class Proof:
    """A proof under way or made; `author_key` is the account's actor URI."""

    proof: str
    curator: CuratorId
    author_key: str | None
    handle: str
    url: str
    way: Way
    state: Literal["open", "proven", "revoked"]
    asked_at: datetime
    expires_at: datetime | None
    proven_at: datetime | None

    def old(self, now: datetime) -> bool:
        """Whether it should be renewed."""
        return self.proven_at is not None and now - self.proven_at > PROOF_IS_OLD

    def over(self, now: datetime) -> bool:
        """Whether its time ended before it was made."""
        return self.state == "open" and self.expires_at is not None and now >= self.expires_at

    def insist_open(self, now: datetime) -> None:
        """Insist that it can still be made. Raises ProofOverError."""
        if self.state != "open" or self.over(now):
            raise ProofOverError


def read_address(written: str) -> Address:
    """Read an account as somebody wrote it. Raises AccountUnclearError."""
    text = written.strip()
    if text.lower().startswith(("http://", "https://")):
        try:
            parts = urlsplit(text)
            # Without a port it is a server on the web, and those are asked protected only.
            scheme = parts.scheme if parts.port else "https"
        except ValueError:
            raise AccountUnclearError from None
        path = _PATH.fullmatch(parts.path)
        if path is None or not parts.hostname or "@" in parts.netloc:
            raise AccountUnclearError
        return Address(f"{scheme}://{parts.netloc}".lower(), path[1])
    handle = _HANDLE.fullmatch(text)
    if handle is None:
        raise AccountUnclearError
    return Address(f"https://{handle[2]}".lower(), handle[1])
