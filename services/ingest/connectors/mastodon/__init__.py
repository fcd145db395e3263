"""Mastodon: public posts with a hashtag, from any server that speaks Mastodon's interface."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import cast

from pydantic import Field

from services.contracts.ingest import SubmissionReceived
from services.ingest.connectors.mastodon.examples import EXAMPLES
from services.ingest.connectors.mastodon.memory import (
    MOST_AT_ONCE,
    ROUND,
    Known,
    Mark,
    Memory,
    milliseconds,
)
from services.ingest.connectors.mastodon.server import PAGE, Page, Server, TokenMissingError
from services.ingest.connectors.mastodon.status import Status, read_statuses, submission_from
from services.ingest.domain.connector import (
    Batch,
    Capabilities,
    Checkpoint,
    Connector,
    ConnectorSettings,
    Fetch,
    FetchFailedError,
    FetchRefusedError,
    Health,
    SourceContext,
    Submission,
    UnreadableSourceError,
)
from services.ingest.domain.hashtag import hashtag_key
from services.ingest.domain.health import health_after

_MOST_PAGES = 5
_SWEEP_EVERY = 60_000
_MOST_SINGLE_CHECKS = 4
_NOT_FOUND = 404
_GONE = 410
_NO_SUCH_QUESTION = frozenset({400, 404, 405, 422})
#: The server does not let us ask at all, so that the rest of the poll is of no use.
_STOP: frozenset[int | None] = frozenset({401, 429, 503, None})


class MastodonSettings(ConnectorSettings):
    """Which server to ask, and how far to look back at the first time."""

    server: str = Field(
        pattern=r"^https?://[^\s/?#@]+/?$",
        max_length=300,
        description="The address of the server, such as https://mastodon.example.",
    )
    token_env: str | None = Field(
        None,
        # Only variables that are meant for this: a campaign must not be able to send any other.
        pattern=r"^DICHTBIJ_SOURCE_[A-Z0-9_]{1,100}$",
        description="The environment variable that holds the token, where the server wants one.",
    )
    look_back: int = Field(
        PAGE, ge=0, le=400, description="How many older posts to read at the first time."
    )


def normalise(source: SourceContext, given: bytes) -> tuple[SubmissionReceived, ...]:
    """Turn a page of statuses into submissions, oldest first. Raises UnreadableSourceError."""
    try:
        read: object = json.loads(given)
    except (ValueError, RecursionError) as error:
        message = "The server answers something else than JSON."
        raise UnreadableSourceError(message) from error
    if not isinstance(read, list):
        message = "The server answers something else than posts."
        raise UnreadableSourceError(message)
    statuses, unreadable = read_statuses(cast("list[object]", read))
    if unreadable and not statuses:
        message = "The server answers something else than posts."
        raise UnreadableSourceError(message)
    return tuple(submission_from(source, status) for status in reversed(statuses))


@dataclass
class _Poll:
    """One poll under way: what was found so far is kept when a later question fails."""

    source: SourceContext
    server: Server
    memory: Memory
    events: list[Submission] = field(default_factory=list[Submission])
    unreadable: int = 0
    unknown: list[str] = field(default_factory=list[str])
    more: bool = False

    def take(self, statuses: list[Status], tag: str = "") -> None:
        """Hand over what is new of a page that is newest first."""
        for status in reversed(statuses):
            if self.memory.is_news(status, tag, self.source.now):
                self.events.append(submission_from(self.source, status))

    def health(self) -> Health:
        """Say how the source is after a poll that went well."""
        if self.unknown:
            return Health(
                "degraded",
                f"The server does not know #{self.unknown[0]}, or is no Mastodon server.",
            )
        if self.unreadable:
            return Health("degraded", f"{self.unreadable} posts could not be read.")
        return Health("ok")


async def poll(fetch: Fetch, source: SourceContext, checkpoint: Checkpoint) -> Batch:
    """Read on from the checkpoint in every hashtag, then look again at posts that are live."""
    return await _walked(fetch, source, checkpoint, _read)


async def look_again(fetch: Fetch, source: SourceContext, checkpoint: Checkpoint) -> Batch:
    """Look at posts that were handed over, a whole round of them, and take nothing new."""
    return await _walked(fetch, source, checkpoint, _revisit)


async def _walked(
    fetch: Fetch,
    source: SourceContext,
    checkpoint: Checkpoint,
    walk: Callable[[_Poll], Awaitable[None]],
) -> Batch:
    """Walk through a server; what was found until something went wrong is handed over."""
    settings = cast("MastodonSettings", source.settings)
    server = Server(fetch, settings.server, settings.token_env)
    going = _Poll(source, server, Memory.read(checkpoint))
    try:
        await walk(going)
        health = going.health()
    except (FetchFailedError, FetchRefusedError) as error:
        health = health_after(error, source.now)
    except UnreadableSourceError as error:
        health = Health("degraded", str(error))
    except TokenMissingError as error:
        health = Health("auth-expired", f"The environment variable {error} holds no token.")
    return Batch(tuple(going.events), going.memory.written(), health, going.more)


async def _read(going: _Poll) -> None:
    settings = cast("MastodonSettings", going.source.settings)
    for key, tag in _spellings(going.source).items():
        await _read_tag(going, key, tag, settings.look_back)
    if not going.unknown:
        # A server that does not know its own tags must not be believed that posts are gone.
        await _look_again(going)


async def _revisit(going: _Poll) -> None:
    if not going.memory.statuses:
        return
    for key, tag in _spellings(going.source).items():
        await _see_newest(going, key, tag)
    for _ in range(0 if going.unknown else ROUND):
        if not await _look_again(going):
            return


def _spellings(source: SourceContext) -> dict[str, str]:
    """Give every spelling that the server must be asked for, by its key."""
    spellings = (s for h in source.hashtags for s in (h.tag, *h.aliases))
    return {hashtag_key(s): s.strip().lstrip("#") for s in spellings if hashtag_key(s)}


async def _read_tag(going: _Poll, key: str, tag: str, look_back: int) -> None:
    mark = going.memory.tags.setdefault(key, Mark())
    try:
        if mark.min_id is None:
            await _begin(going, mark, key, tag, look_back)
        else:
            await _read_on(going, mark, key, tag)
    except FetchFailedError as error:
        if error.status != _NOT_FOUND:
            raise
        # Some servers answer so for a hashtag that nobody has used yet.
        going.unknown.append(tag)


async def _see_newest(going: _Poll, key: str, tag: str) -> None:
    """See the newest page for what is edited on it or absent from it, and move no mark."""
    try:
        page = await going.server.timeline(tag)
    except FetchFailedError as error:
        if error.status != _NOT_FOUND:
            raise
        going.unknown.append(tag)
        return
    going.unreadable += page.unreadable
    going.take([s for s in page.statuses if s.uri in going.memory.statuses], key)
    going.memory.suspect_absent(key, page.statuses)


async def _begin(going: _Poll, mark: Mark, key: str, tag: str, look_back: int) -> None:
    """Read the newest pages, as far back as was asked for, before the mark is set."""
    wanted = look_back if not mark.begun else _MOST_PAGES * PAGE
    page = await going.server.timeline(tag)
    pages = [page]
    while page.older and len(pages) * PAGE < wanted and len(pages) < 2 * _MOST_PAGES:
        page = await going.server.timeline(tag, max_id=page.older)
        pages.append(page)
    statuses = [status for page in pages for status in page.statuses]
    going.unreadable += sum(page.unreadable for page in pages)
    going.take(statuses[:wanted], key)
    mark.begun = True
    mark.min_id = pages[0].newer
    mark.swept = milliseconds(going.source.now)


async def _read_on(going: _Poll, mark: Mark, key: str, tag: str) -> None:
    """Walk forward from the mark, page by page, moving it with what was handed over."""
    for _ in range(_MOST_PAGES):
        page = await going.server.timeline(tag, min_id=str(mark.min_id))
        _hand_over(going, page, key)
        if page.newer is None or page.newer == mark.min_id:
            break
        mark.min_id = page.newer
        if len(page.statuses) + page.unreadable < PAGE // 2:
            break
    else:
        # The newest page waits until everything before it was read, so that order holds.
        going.more = True
        return
    if abs(milliseconds(going.source.now) - mark.swept) >= _SWEEP_EVERY:
        # Posts that reach the server late, or get the hashtag by an edit, stand before the mark.
        newest = await going.server.timeline(tag)
        _hand_over(going, newest, key)
        going.memory.suspect_absent(key, newest.statuses)
        mark.swept = milliseconds(going.source.now)


def _hand_over(going: _Poll, page: Page, key: str) -> None:
    going.take(page.statuses, key)
    going.unreadable += page.unreadable


async def _look_again(going: _Poll) -> bool:
    """Look at posts for edits and deletions, those that wait longest; says no when none is due."""
    now = going.source.now
    most = _MOST_SINGLE_CHECKS if going.memory.singly else MOST_AT_ONCE
    due = going.memory.due(now, going.source.poll_seconds, most)
    absent = await _absent(going, due) if due and not going.memory.singly else due
    for uri, known in absent[:_MOST_SINGLE_CHECKS]:
        known.checked = milliseconds(now)
        try:
            status = await going.server.status(known.id)
        except FetchFailedError as error:
            if error.status in _STOP:
                raise
            if error.status in {_NOT_FOUND, _GONE} and going.memory.seen_missing(
                uri, now, for_good=error.status == _GONE
            ):
                going.events.append(going.source.retraction(uri))
            continue
        if status is not None and status.uri == uri:
            going.take([status])
    return bool(due)


async def _absent(going: _Poll, due: list[tuple[str, Known]]) -> list[tuple[str, Known]]:
    """Ask for many posts at once; gives those that the server left out."""
    try:
        present = await going.server.statuses([known.id for _, known in due])
    except FetchFailedError as error:
        if error.status not in _NO_SUCH_QUESTION:
            raise
        going.memory.singly = True
        return due
    asked = {uri for uri, _ in due}
    going.take([status for status in present if status.uri in asked])
    here = {status.uri for status in present}
    return [(uri, known) for uri, known in due if uri not in here]


CONNECTOR = Connector(
    name="mastodon",
    title="Mastodon and compatible servers",
    settings=MastodonSettings,
    normalise=normalise,
    poll=poll,
    look_again=look_again,
    capabilities=Capabilities(
        edits=True,
        retractions=True,
        look_back="As far as the server keeps posts; the newest 200 are looked at again.",
        knows_accounts=True,
        not_applicable={
            "account": "The server does not say why a post is gone; one that comes back stays out.",
            "silence": "The timeline is asked, not streamed.",
            "media": "Photos are fetched and checked by ingest, not by the connector.",
        },
    ),
    examples=EXAMPLES,
)
