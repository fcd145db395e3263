"""Private links: made, opened, revoked. The key that signs them is never kept beside them."""

import hashlib
import secrets
from datetime import datetime

from itsdangerous import BadSignature, Signer

from services.chassis.database import Transaction
from services.ingest.domain.link import AlteredLinkError, LinkKind, PrivateLink, UnknownLinkError


class Links:
    """Signs the tokens of links and finds what they open."""

    def __init__(self, key: str) -> None:
        """Take the key, as hexadecimal digits, from which signatures are derived."""
        self._signer = Signer(
            bytes.fromhex(key),
            salt="dichtbij.link",
            sep=".",
            key_derivation="hmac",
            digest_method=hashlib.sha256,
        )

    def token(self, link: str) -> str:
        """Give the token that stands in a link's address."""
        return self._signer.sign(link).decode()

    async def make(
        self,
        transaction: Transaction,
        kind: LinkKind,
        opens: str,
        expires_at: datetime | None = None,
    ) -> str:
        """Make a link to something; answers its id."""
        return await make_link(transaction, kind, opens, expires_at)

    async def open(
        self, transaction: Transaction, kind: LinkKind, token: str, now: datetime
    ) -> PrivateLink:
        """Find what a token opens.

        Raises AlteredLinkError, UnknownLinkError, RevokedLinkError and ExpiredLinkError.
        """
        found = await self.find(transaction, kind, token)
        found.insist_usable(now)
        return found

    async def find(self, transaction: Transaction, kind: LinkKind, token: str) -> PrivateLink:
        """Find what a token opens or opened, whether it is still good or not.

        Raises AlteredLinkError and UnknownLinkError.
        """
        try:
            link = self._signer.unsign(token).decode()
        except (BadSignature, UnicodeError):
            raise AlteredLinkError from None
        if self.token(link) != token:
            # The last sign of a signature has spare bits: another spelling is another link.
            raise AlteredLinkError
        cursor = await transaction.execute(
            "select * from link where link = %s and kind = %s", [link, kind]
        )
        row = await cursor.fetchone()
        if row is None:
            raise UnknownLinkError
        return PrivateLink(**row)

    async def revoke(self, transaction: Transaction, kind: LinkKind, opens: str) -> int:
        """Revoke all links to something; says how many were good until now."""
        return await revoke_links(transaction, kind, opens)

    async def live(self, transaction: Transaction, kind: LinkKind, opens: str) -> str | None:
        """Give the newest link to something that is still good."""
        return await live_link(transaction, kind, opens)


async def make_link(
    transaction: Transaction, kind: LinkKind, opens: str, expires_at: datetime | None = None
) -> str:
    """Make a link to something; answers its id. No key is needed until its token is shown."""
    link = secrets.token_urlsafe(12)
    await transaction.execute(
        "insert into link (link, kind, opens, expires_at) values (%s, %s, %s, %s)",
        [link, kind, opens, expires_at],
    )
    return link


async def revoke_links(transaction: Transaction, kind: LinkKind, opens: str) -> int:
    """Revoke all links to something; says how many were good until now."""
    cursor = await transaction.execute(
        "update link set revoked_at = now() where kind = %s and opens = %s and revoked_at is null",
        [kind, opens],
    )
    return cursor.rowcount


async def live_link(transaction: Transaction, kind: LinkKind, opens: str) -> str | None:
    """Give the newest link to something that is still good."""
    cursor = await transaction.execute(
        """select link from link where kind = %s and opens = %s and revoked_at is null
             and (expires_at is null or expires_at > now())
           order by issued_at desc limit 1""",
        [kind, opens],
    )
    row = await cursor.fetchone()
    return str(row["link"]) if row else None


async def links_to(transaction: Transaction, kind: LinkKind, opens: str) -> list[PrivateLink]:
    """Give every link to something, those that stopped too, the first first."""
    cursor = await transaction.execute(
        "select * from link where kind = %s and opens = %s order by issued_at", [kind, opens]
    )
    return [PrivateLink(**row) for row in await cursor.fetchall()]


async def note_device(transaction: Transaction, link: str, device: str) -> int:
    """Note that a device opened a link, by a digest of its cookie; says how many devices did."""
    digest = hashlib.sha256(device.encode()).hexdigest()
    await transaction.execute(
        """insert into link_device (link, device) values (%s, %s)
           on conflict (link, device) do update set last_seen_at = now()""",
        [link, digest],
    )
    cursor = await transaction.execute(
        "select count(*) as devices from link_device where link = %s", [link]
    )
    row = await cursor.fetchone()
    return int(row["devices"]) if row else 0
