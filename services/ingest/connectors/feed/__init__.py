"""Feeds: the posts of a blog, by its RSS, Atom or JSON Feed."""

import asyncio
from collections.abc import Mapping
from typing import Literal, TypeAlias, cast

from pydantic import Field

from services.contracts.ids import item_id
from services.contracts.ingest import (
    Author,
    SubmissionReceived,
    SubmissionRetracted,
    SubmittedMedia,
)
from services.ingest.connectors.feed.document import Document, Entry, read_document
from services.ingest.connectors.feed.examples import EXAMPLES
from services.ingest.connectors.feed.watch import Watch, milliseconds
from services.ingest.domain.connector import (
    Batch,
    Capabilities,
    Checkpoint,
    Connector,
    ConnectorSettings,
    Fetch,
    Fetched,
    FetchFailedError,
    FetchRefusedError,
    Health,
    SourceContext,
    UnreadableSourceError,
)
from services.ingest.domain.hashtag import distinct, tag_of, tags_in
from services.ingest.domain.health import health_after

_LARGEST_FEED = 10_000_000
_LARGEST_PAGE = 3_000_000
_UNCHANGED = 304
_GONE = frozenset({404, 410})
_MOST_LOOKS_A_POLL = 5
#: Whether what is new is taken, or only what was handed over before is looked at again.
_Reading: TypeAlias = Literal["on", "again"]
_NOTHING = Health("gone", "The feed is gone for good; name another address or take it out.")
_WANTED = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9,"
    " application/json;q=0.8, */*;q=0.5"
)


class FeedSettings(ConnectorSettings):
    """Which feed to read."""

    url: str = Field(
        pattern=r"^https?://\S+$", max_length=2_000, description="The address of the feed."
    )


def normalise(source: SourceContext, given: bytes) -> tuple[SubmissionReceived, ...]:
    """Turn a feed document into submissions, oldest first. Raises UnreadableSourceError."""
    address = cast("FeedSettings", source.settings).url
    return _submissions(source, read_document(given, address, source.now))


def _submissions(source: SourceContext, document: Document) -> tuple[SubmissionReceived, ...]:
    return tuple(_submission(source, entry) for entry in reversed(document.entries))


def _submission(source: SourceContext, entry: Entry) -> SubmissionReceived:
    stated = distinct(tag_of(category, "category") for category in entry.categories)
    first = entry.edited_at or entry.published_at or source.now
    return SubmissionReceived(
        item=item_id(source.campaign, source.source, entry.native_id),
        campaign=source.campaign,
        source=source.source,
        connector="feed",
        native_id=entry.native_id,
        revision=milliseconds(first),
        url=entry.url,
        author=Author(
            key=entry.author_url or entry.author, name=entry.author, url=entry.author_url
        ),
        text=entry.text,
        lang=(entry.lang,) if entry.lang else (),
        tags=stated or tags_in(entry.text),
        media=tuple(
            SubmittedMedia(
                origin_url=image.url, alt=image.alt, alt_origin="author" if image.alt else None
            )
            for image in entry.images
        ),
        published_raw=entry.published_raw,
        published_at=entry.published_at,
        edited_at=entry.edited_at,
        observed_at=source.now,
        licence=entry.licence,
    )


async def poll(fetch: Fetch, source: SourceContext, checkpoint: Checkpoint) -> Batch:
    """Read a feed once: hand over what is new or changed, and what was taken away."""
    return await _walked(fetch, source, checkpoint, "on")


async def look_again(fetch: Fetch, source: SourceContext, checkpoint: Checkpoint) -> Batch:
    """Read a feed for what was changed or taken away of what was handed over."""
    if not Watch.read(checkpoint).entries:
        return Batch((), checkpoint, Health("ok"))
    return await _walked(fetch, source, checkpoint, "again")


async def _walked(
    fetch: Fetch, source: SourceContext, checkpoint: Checkpoint, reading: _Reading
) -> Batch:
    watch = Watch.read(checkpoint)
    if watch.gone:
        return Batch((), watch.written(), _NOTHING)
    try:
        fetched = await _fetched(fetch, source, watch, reading)
        events, health = await _news(source, watch, fetched, reading)
    except (FetchFailedError, FetchRefusedError) as error:
        return _failed(source, watch, error)
    except UnreadableSourceError as error:
        return Batch((), checkpoint, Health("degraded", str(error)))
    retracted = await _retractions(fetch, source, watch)
    return Batch((*events, *retracted), watch.written(), health)


async def _fetched(fetch: Fetch, source: SourceContext, watch: Watch, reading: _Reading) -> Fetched:
    address = watch.moved or cast("FeedSettings", source.settings).url
    etag, modified = watch.etag, watch.modified
    if reading == "again" and (watch.looked_etag or watch.looked_modified):
        etag, modified = watch.looked_etag, watch.looked_modified
    # Both: some servers only know the one, and some let the other go backwards after a deletion.
    validators = {"If-None-Match": etag, "If-Modified-Since": modified}
    headers = {name: value for name, value in validators.items() if value}
    return await fetch(address, headers={"Accept": _WANTED, **headers}, largest=_LARGEST_FEED)


async def _news(
    source: SourceContext, watch: Watch, fetched: Fetched, reading: _Reading
) -> tuple[list[SubmissionReceived], Health]:
    if fetched.status == _UNCHANGED:
        return [], Health("ok")
    # Parsing a large feed takes seconds, in which other sources must be heard.
    document = await asyncio.to_thread(read_document, fetched.content, fetched.url, source.now)
    submissions = _submissions(source, document)
    placed = list(zip(reversed(range(len(submissions))), submissions, strict=True))
    found = [
        watch.changed(submission, place, source.now)
        for place, submission in placed
        if reading == "on" or submission.native_id in watch.entries
    ]
    watch.compare({s.native_id: watch.made(s, place, source.now) for place, s in placed})
    _keep_validators(watch, fetched.headers, reading)
    watch.moved = fetched.moved_to or watch.moved
    news = [submission for submission in found if submission is not None]
    if document.fault:
        return news, Health("degraded", document.fault)
    moved = (
        f"The feed has moved to {watch.moved}; please change its address." if watch.moved else ""
    )
    return news, Health("ok", moved)


def _keep_validators(watch: Watch, headers: Mapping[str, str], reading: _Reading) -> None:
    etag, modified = headers.get("etag"), headers.get("last-modified")
    if reading == "on":
        watch.etag, watch.modified = etag, modified
        watch.looked_etag = watch.looked_modified = None
    else:
        watch.looked_etag, watch.looked_modified = etag, modified


def _failed(
    source: SourceContext, watch: Watch, error: FetchFailedError | FetchRefusedError
) -> Batch:
    health = health_after(error, source.now)
    if watch.moved:
        # The new address may have been a mistake of theirs: ask the old one again next time.
        watch.moved = None
    elif health.state == "gone":
        watch.gone = True
        health = _NOTHING
    return Batch((), watch.written(), health)


async def _retractions(
    fetch: Fetch, source: SourceContext, watch: Watch
) -> list[SubmissionRetracted]:
    """Look at the pages of entries that vanished; only a clear answer means that they are gone."""
    gone: list[SubmissionRetracted] = []
    for native_id, seen in watch.suspects(source.now, _MOST_LOOKS_A_POLL):
        try:
            await fetch(str(seen.url), largest=_LARGEST_PAGE)
        except FetchFailedError as error:
            if error.status in _GONE:
                del watch.entries[native_id]
                gone.append(source.retraction(native_id))
                continue
        except FetchRefusedError:
            pass
        watch.still_there(native_id, source.now)
    return gone


CONNECTOR = Connector(
    name="feed",
    title="Blog feed (RSS, Atom, JSON Feed)",
    settings=FeedSettings,
    normalise=normalise,
    poll=poll,
    look_again=look_again,
    capabilities=Capabilities(
        edits=True,
        retractions=True,
        look_back="As far as the feed goes; an entry that fell off its end is not watched.",
        not_applicable={
            "account": "A feed has no accounts: a blog that is gone is a feed that is gone.",
            "silence": "Feeds are asked, they do not stream.",
            "media": "Photos are fetched and checked by ingest, not by the connector.",
        },
    ),
    examples=EXAMPLES,
)
