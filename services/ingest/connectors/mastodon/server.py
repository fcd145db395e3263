"""One Mastodon-compatible server: the three questions that are asked of it."""

import json
import os
import re
from dataclasses import dataclass
from typing import cast
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from services.ingest.connectors.mastodon.status import Status, read_statuses
from services.ingest.domain.connector import Fetch, UnreadableSourceError

#: The most statuses that a server gives at once.
PAGE = 40
_LARGEST = 5_000_000
_LINK = re.compile(r'<([^<>]{1,4000})>\s*;[^,<>]{0,200}?rel="?(next|prev)"?')


class TokenMissingError(Exception):
    """The token that the settings refer to is not in the environment."""


@dataclass(frozen=True)
class Page:
    """A page of statuses, newest first, with the marks to read on from."""

    statuses: list[Status]
    unreadable: int
    older: str | None
    newer: str | None


@dataclass(frozen=True)
class Server:
    """A server, and the name of the environment variable with the token for it."""

    fetch: Fetch
    address: str
    token_env: str | None

    async def timeline(self, tag: str, **query: str) -> Page:
        """Read one page of a hashtag's public timeline."""
        path = f"/api/v1/timelines/tag/{quote(tag, safe='')}"
        given, link = await self._get(f"{path}?{urlencode({'limit': str(PAGE)} | query)}")
        listed = _listed(given)
        statuses, unreadable = read_statuses(listed)
        newest = _id_of(listed[0]) if listed else None
        newer = _mark(link, "prev", "min_id") or newest
        return Page(statuses, unreadable, _mark(link, "next", "max_id"), newer)

    async def statuses(self, ids: list[str]) -> list[Status]:
        """Read several statuses at once; the server leaves out what is not there."""
        given, _ = await self._get(f"/api/v1/statuses?{urlencode([('id[]', i) for i in ids])}")
        return read_statuses(_listed(given))[0]

    async def status(self, status_id: str) -> Status | None:
        """Read one status; None when what is there cannot be read."""
        given, _ = await self._get(f"/api/v1/statuses/{quote(status_id, safe='')}")
        found, _ = read_statuses([given])
        return found[0] if found else None

    async def _get(self, path: str) -> tuple[object, str]:
        headers = {"Accept": "application/json"}
        if self.token_env:
            token = os.environ.get(self.token_env, "").strip()
            if not token:
                raise TokenMissingError(self.token_env)
            headers["Authorization"] = f"Bearer {token}"
        fetched = await self.fetch(
            self.address.rstrip("/") + path,
            headers=headers,
            largest=_LARGEST,
            accept_status=frozenset({200}),
        )
        try:
            return json.loads(fetched.content), fetched.headers.get("link", "")
        except (ValueError, RecursionError) as error:
            message = "The server answers something else than JSON."
            raise UnreadableSourceError(message) from error


def _listed(given: object) -> list[object]:
    if not isinstance(given, list):
        message = "The server answers something else than posts."
        raise UnreadableSourceError(message)
    return cast("list[object]", given)


def _id_of(given: object) -> str | None:
    stated = cast("dict[str, object]", given).get("id") if isinstance(given, dict) else None
    return stated if isinstance(stated, str) else None


def _mark(link: str, relation: str, name: str) -> str | None:
    """Take a mark from a Link header, and no more than that: where to ask is for us to say."""
    for found in _LINK.finditer(link):
        if found[2] == relation:
            return next(iter(parse_qs(urlsplit(found[1]).query).get(name, [])), None)
    return None
