"""The clock that polls sources: leases the due ones, fetches media, hands in what is new.

A source's checkpoint is written in the transaction that hands in the submissions it covers, so a
crash reads them again and item ids see to it that nothing is doubled (`reference` of Kafka
Connect's source offsets, which travel with the records).
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from services.chassis.database import TRANSIENT
from services.chassis.journal import Cause, ConflictError
from services.chassis.objects import OBJECTS_TRANSIENT
from services.chassis.telemetry import SOURCE_AGE, log
from services.contracts.ingest import SubmissionReceived, SubmittedMedia
from services.ingest.domain.connector import (
    Batch,
    Connector,
    FetchFailedError,
    FetchRefusedError,
    Health,
    SourceContext,
    Submission,
)
from services.ingest.media import PhotoRefusedError
from services.ingest.store.campaigns import find_campaign
from services.ingest.store.items import hand_in, retracted_among
from services.ingest.store.originals import keep_original
from services.ingest.store.sources import Source, lease_due_sources, note_poll
from services.ingest.stream.deps import Deps

#: Seconds between two looks for sources that are due.
_TICK = 0.5
#: Sources that one process polls at the same time.
_AT_ONCE = 8
#: Attempts at a medium whose server answers with a passing error.
_MEDIA_ATTEMPTS = 3
#: Longest pause between polls of a source that fails: capped exponential back-off with full jitter.
_LONGEST_BACK_OFF = 900.0
#: Bytes of one medium.
_LARGEST_MEDIUM = 40_000_000
#: What a connector says when a source gave nothing because something is wrong with it.
_AILING = frozenset({"degraded", "auth-expired", "gone", "rate-limited"})
_AWAY: tuple[type[Exception], ...] = (*TRANSIENT, *OBJECTS_TRANSIENT, ConflictError)


async def poll_sources(deps: Deps) -> None:
    """Poll every source when it is due, until cancelled."""
    polled = [name for name, connector in deps.connectors.items() if connector.poll is not None]
    running: set[asyncio.Task[None]] = set()
    try:
        while True:
            room = _AT_ONCE - len(running)
            try:
                async with deps.database.transaction() as transaction:
                    due = await lease_due_sources(transaction, polled, room) if room else []
            except TRANSIENT as error:
                log.warning("polling.waits", error=type(error).__name__)
                due = []
            for source in due:
                task = asyncio.create_task(_guarded(source, deps))
                running.add(task)
                task.add_done_callback(running.discard)
            await asyncio.sleep(_TICK)
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _guarded(source: Source, deps: Deps) -> None:
    """Poll once; a part that is away ends this poll, and the lease lets it be tried again."""
    try:
        await poll_once(source, deps)
    except _AWAY as error:
        log.warning("source.interrupted", source=source.source, error=type(error).__name__)
        await _postpone(source, deps)


async def _postpone(source: Source, deps: Deps) -> None:
    try:
        async with deps.database.transaction() as transaction:
            await note_poll(
                transaction,
                source.source,
                checkpoint=None,
                health=source.health,
                failures=source.failures,
                wait=timedelta(seconds=2),
                found=0,
            )
    except TRANSIENT:
        log.warning("source.lease_left", source=source.source)


async def poll_once(source: Source, deps: Deps) -> None:
    """Read what is new of one source, keep its media, hand it in with the checkpoint.

    While its campaign is not live, nothing is new: only edits and deletions are looked for.
    """
    connector = deps.connectors[source.connector]
    failures = 0
    try:
        context = await _context(source, connector, deps)
        ask = connector.poll if source.phase == "live" else connector.look_again
        if context is None or ask is None:
            return
        batch = await ask(deps.fetch, context, source.checkpoint)
        events = [await _with_media(event, deps) for event in await _wanted(batch.events, deps)]
        if batch.health.state in _AILING and not batch.events:
            failures = source.failures + 1
    except (FetchFailedError, FetchRefusedError, ValidationError) as error:
        failures = source.failures + 1
        batch = Batch(events=(), checkpoint=source.checkpoint, more=False, health=_unwell(error))
        events = []
    wait = _wait(source, batch, failures)
    if source.phase != "live":
        wait = max(wait, source.pace)
    async with deps.database.transaction() as transaction:
        for event in events:
            await hand_in(transaction, deps.journal, event, Cause.by(f"source:{source.source}"))
        await note_poll(
            transaction,
            source.source,
            checkpoint=batch.checkpoint,
            health=_written(batch.health),
            failures=failures,
            wait=wait,
            found=len(events),
        )
    now = datetime.now(UTC)
    contact = source.last_contact_at or now
    SOURCE_AGE.labels(source.source).set((now - contact).total_seconds() if failures else 0)
    if events or failures:
        log.info(
            "source.polled",
            source=source.source,
            found=len(events),
            health=batch.health.state,
            failures=failures,
        )


async def _context(source: Source, connector: Connector, deps: Deps) -> SourceContext | None:
    async with deps.database.transaction() as transaction:
        campaign = await find_campaign(transaction, source.campaign)
    if campaign is None:
        return None
    return SourceContext(
        campaign=source.campaign,
        source=source.source,
        hashtags=campaign.hashtags,
        settings=connector.settings.model_validate(source.settings),
        now=datetime.now(UTC),
        poll_seconds=source.poll_seconds,
    )


def _unwell(error: Exception) -> Health:
    match error:
        case FetchRefusedError():
            return Health("degraded", f"refused: {error.reason}", None)
        case FetchFailedError():
            answer = f"answered {error.status}" if error.status else "does not answer"
            return Health("degraded", f"the server {answer}", None)
        case _:
            return Health("degraded", "the settings of this source are not valid", None)


def _wait(source: Source, batch: Batch, failures: int) -> timedelta:
    if batch.health.until is not None:
        return max(batch.health.until - datetime.now(UTC), timedelta(seconds=1))
    if failures:
        # Jitter keeps many sources of one server from knocking together.
        longest = _LONGEST_BACK_OFF
        if batch.health.state == "degraded":
            # It may be readable all the same, and its new posts must not wait that long.
            longest = min(longest, 4 * source.poll_seconds)
        ceiling = min(longest, source.poll_seconds * 2 ** min(failures, 10))
        return timedelta(seconds=max(1.0, random.uniform(0, ceiling)))  # noqa: S311 - no secret
    return timedelta(seconds=0 if batch.more else source.poll_seconds)


def _written(health: Health) -> Mapping[str, Any]:
    return {
        "state": health.state,
        "detail": health.detail,
        "until": health.until.isoformat() if health.until else None,
    }


async def _wanted(events: Sequence[Submission], deps: Deps) -> list[Submission]:
    """Leave out versions of what was taken back, before anything of them is fetched and kept."""
    received = [event.item for event in events if isinstance(event, SubmissionReceived)]
    if not received:
        return list(events)
    async with deps.database.transaction() as transaction:
        gone = await retracted_among(transaction, received)
    for item in gone:
        log.info("submission.left_out", item=item, reason="retracted")
    return [e for e in events if not isinstance(e, SubmissionReceived) or e.item not in gone]


async def _with_media(event: Submission, deps: Deps) -> Submission:
    """Fetch an event's media and keep them, before anybody is told of it."""
    if not isinstance(event, SubmissionReceived):
        return event
    media = [await _fetched(medium, deps) for medium in event.media]
    return event.model_copy(update={"media": tuple(media)})


async def _fetched(medium: SubmittedMedia, deps: Deps) -> SubmittedMedia:
    if medium.origin_url is None or medium.original or medium.refused:
        return medium
    try:
        content = await _content(medium.origin_url, deps)
        async with deps.database.transaction() as transaction:
            facts = await keep_original(transaction, deps.darkroom, content)
    except PhotoRefusedError as error:
        return medium.model_copy(update={"refused": error.reason})
    except FetchRefusedError as error:
        return medium.model_copy(update={"refused": error.reason})
    except FetchFailedError as error:
        return medium.model_copy(update={"refused": f"unreachable-{error.status or 'no-answer'}"})
    return medium.model_copy(update={"original": facts.sha256})


async def _content(address: str, deps: Deps) -> bytes:
    """Fetch a medium; a passing error of its server is tried again a few times."""
    for attempt in range(1, _MEDIA_ATTEMPTS + 1):
        try:
            return (await deps.fetch(address, largest=_LARGEST_MEDIUM)).content
        except FetchFailedError as error:
            permanent = error.status is not None and 400 <= error.status < 500  # noqa: PLR2004
            if permanent or attempt == _MEDIA_ATTEMPTS:
                raise
            await asyncio.sleep(min(error.retry_after or 0.5 * 2**attempt, 5))
    raise FetchFailedError(None, None)
