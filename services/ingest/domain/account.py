"""Accounts elsewhere and their posts, as a server gives them, and what those prove.

A server is believed about its own accounts only: whoever runs one can answer anything.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from services.ingest.domain.claimed_time import read_instant
from services.ingest.domain.markup import plain_text
from services.ingest.domain.proof import AccountElsewhereError, Address, ServerSilentError

#: Posts that are looked through for a code.
NEWEST_POSTS = 20
#: How far a server's clock may be behind ours.
CLOCKS_APART = timedelta(minutes=2)

_CODE = re.compile(r"\bdichtbij[- ]([A-Z0-9]{4})[- ]([A-Z0-9]{4})\b", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}
_ACTIVITY = ("application/activity+json", "application/ld+json")


class _Given(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Field(_Given):
    value: str = ""
    verified_at: str | None = None


class Account(_Given):
    """An account as a server gives it."""

    id: str
    acct: str
    url: str | None = None
    uri: str | None = None
    fields: tuple[_Field, ...] = ()

    @property
    def key(self) -> str | None:
        """Name the account as the connector names authors: by its actor URI."""
        return self.uri or self.url

    def handle(self, server: str) -> str:
        """Give the account's name with the server that answers for it."""
        return f"{self.acct.partition('@')[0]}@{urlsplit(server).netloc}"

    def at(self, server: str) -> Self:
        """Give the account if it is one of this server's own. Raises AccountElsewhereError."""
        domain = self.acct.partition("@")[2].lower()
        told = [address for address in (self.uri, self.url) if address]
        if (
            not told
            or not all(same_server(address, server) for address in told)
            or domain not in {"", urlsplit(server).netloc.lower()}
        ):
            raise AccountElsewhereError
        return self

    def links_to(self, page: str) -> bool:
        """Whether the profile has a link to this page that its server has verified."""
        return any(
            field.verified_at is not None and address.rstrip("/") == page
            for field in self.fields
            for address in re.findall(r"https?://[^\s\"'<>]+", field.value)
        )


def same_server(address: str, other: str) -> bool:
    """Whether two addresses are of one server: the same scheme, name and port."""
    found = _origin(address)
    return found is not None and found == _origin(other)


def _origin(address: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not host:
        return None
    return parts.scheme, host, port or _PORTS[parts.scheme]


def read_account(given: object) -> Account:
    """Read an account as a server gave it. Raises ServerSilentError."""
    try:
        return Account.model_validate(given)
    except ValidationError:
        raise ServerSilentError from None


class _Link(_Given):
    rel: str = ""
    type: str | None = None
    href: str | None = None


class _Finger(_Given):
    links: tuple[_Link, ...] = ()


def actor_in(given: object) -> str | None:
    """Find the actor URI in what a domain says of a name of its own (WebFinger, RFC 7033)."""
    try:
        finger = _Finger.model_validate(given)
    except ValidationError:
        return None
    return next(
        (x.href for x in finger.links if x.rel == "self" and (x.type or "").startswith(_ACTIVITY)),
        None,
    )


def server_of(actor: str, written: Address) -> Address | None:
    """Say which other server an account is at, whose name is of another domain than its server."""
    parts, asked = urlsplit(actor), urlsplit(written.server)
    if _origin(actor) is None or same_server(actor, written.server) or "@" in parts.netloc:
        return None
    # Never from a protected address to one that anybody on the way could answer for.
    if parts.scheme != asked.scheme:
        return None
    return Address(f"{parts.scheme}://{parts.netloc}".lower(), written.name)


def codes_in(text: str) -> frozenset[str]:
    """Find the codes in a text, as they were given out."""
    if "dichtbij" not in text.lower():
        return frozenset()
    return frozenset(f"dichtbij-{a}-{b}".upper() for a, b in _CODE.findall(text))


class _PostAuthor(_Given):
    id: str
    url: str | None = None
    uri: str | None = None


class Post(_Given):
    """A post as a server gives it, as far as a code is looked for in it."""

    account: _PostAuthor
    uri: str | None = None
    created_at: str | None = None
    content: str = ""
    reblog: Any = None

    def of(self, account: Account) -> bool:
        """Whether an account wrote it itself, at its own server."""
        author = self.account.uri or self.account.url
        return (
            self.reblog is None
            and self.account.id == account.id
            and author in {None, account.key}
            and (self.uri is None or same_server(self.uri, account.key or ""))
        )


def read_posts(given: object) -> tuple[Post, ...]:
    """Read an account's posts as a server gave them. Raises ServerSilentError."""
    try:
        return TypeAdapter(tuple[Post, ...]).validate_python(given)
    except ValidationError:
        raise ServerSilentError from None


def told(code: str, posts: Iterable[Post], account: Account, asked_at: datetime) -> bool:
    """Whether one of an account's own posts tells a code that was asked for at an instant."""
    return any(
        post.of(account)
        and made_since(read_instant(post.created_at), asked_at)
        and code.upper() in codes_in(plain_text(post.content))
        for post in posts
    )


def made_since(made: datetime | None, asked_at: datetime) -> bool:
    """Whether a post is no older than the code that it tells; an edit makes no old post newer."""
    return made is not None and made >= asked_at - CLOCKS_APART
