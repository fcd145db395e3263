"""Private links: who has one may use it, until it ends or is revoked.

A link's token is its id with a signature, so that nobody can make one or guess another's, and
whoever reads the database cannot use what stands there.

LinkError
├── AlteredLinkError    the signature does not fit: something is missing or was changed
├── UnknownLinkError    it is signed, but there is no such link any more
├── ExpiredLinkError    it was good until a time that has passed
└── RevokedLinkError    it was replaced by a newer one, or taken away
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

LinkKind = Literal["curator", "receipt", "calendar"]


class LinkError(ValueError):
    """A link cannot be used; the message is a sentence for the one who tried."""


class AlteredLinkError(LinkError):
    """The signature does not fit."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This link is not complete or was changed. Copy all of it and try again.")


class UnknownLinkError(LinkError):
    """There is no such link any more."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This link is not known any more. Ask for a new one.")


class ExpiredLinkError(LinkError):
    """It was good until a time that has passed."""

    def __init__(self, expired_at: datetime) -> None:
        """Say since when."""
        super().__init__("This link has expired. Ask for a new one.")
        self.expired_at = expired_at


class RevokedLinkError(LinkError):
    """It was replaced or taken away."""

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This link was replaced by a newer one. Look for the last one you got.")


@dataclass(frozen=True)
class PrivateLink:
    """A link as it is kept: what it opens, and how long it is good."""

    link: str
    kind: LinkKind
    opens: str
    issued_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def insist_usable(self, now: datetime) -> None:
        """Insist that it is good. Raises RevokedLinkError and ExpiredLinkError."""
        if self.revoked_at is not None:
            raise RevokedLinkError
        if self.expires_at is not None and now >= self.expires_at:
            raise ExpiredLinkError(self.expires_at)
