"""The event table: history, audit trail and outbox at once; and the inbox.

Events, the projections they change and the inbox row of their cause are written in one transaction,
so nothing is said that did not happen, and nothing happens twice (transactional outbox and inbox;
`docs/architecture.md`).
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from services.chassis.database import Json, Transaction, UniqueViolationError
from services.chassis.telemetry import continued_traceparent
from services.contracts.envelope import Envelope, EventData
from services.contracts.topics import EVENT_CLASSES, TOPIC_OF

#: Kafka refuses records above its `message.max.bytes`; a refused record would block its subject for
#: ever.
LARGEST_EVENT = 900_000


class ConflictError(Exception):
    """Somebody else changed the subject first; read it again before deciding anew."""

    def __init__(self, subject: str, expected: int) -> None:
        """Name the subject, and the version that was expected to be the last."""
        super().__init__(f"{subject} is no longer at version {expected}")
        self.subject = subject
        self.expected = expected


class EventTooLargeError(ValueError):
    """An event is larger than Kafka accepts."""


@dataclass(frozen=True)
class Cause:
    """Why something happens: who acts, and the event or request that led to it."""

    actor: str
    correlation: str
    event: str | None = None

    @staticmethod
    def of(event: Envelope[EventData], actor: str) -> "Cause":
        """Continue the story of an event."""
        return Cause(actor, event.correlationid, event.id)

    @staticmethod
    def by(actor: str) -> "Cause":
        """Begin a story: a person or a clock acts."""
        return Cause(actor, str(uuid4()))


class Journal:
    """Appends events to one service's event table and remembers which events it has handled."""

    def __init__(self, service: str) -> None:
        """Name the service whose schema the transactions use."""
        self._source = f"/dichtbij/{service}"
        self.channel = f"outbox-{service}"

    async def append(
        self,
        transaction: Transaction,
        subject: str,
        version: int,
        events: Sequence[EventData],
        cause: Cause,
    ) -> int:
        """Write events of one subject after its `version`; answers the new version.

        Raises ConflictError when another transaction wrote that version first, and
        EventTooLargeError before anything is written when Kafka could not carry one of them.
        """
        first = await self._first_trace(transaction, subject) if version else None
        trace = continued_traceparent(first)
        for data in events:
            version += 1
            await self._insert(transaction, subject, version, data, cause, trace)
        if any(TOPIC_OF.get(data.TYPE) for data in events):
            await transaction.execute("select pg_notify(%s, '')", [self.channel])
        return version

    async def append_each(
        self,
        transaction: Transaction,
        changes: Sequence[tuple[str, int, Sequence[EventData]]],
        cause: Cause,
    ) -> None:
        """Write the events of many subjects at once, each after its version, as `append` does.

        Raises ConflictError and EventTooLargeError, and then nothing is written.
        """
        cursor = await transaction.execute(
            "select subject, traceparent from event where version = 1 and subject = any(%s)",
            [[subject for subject, _, _ in changes]],
        )
        first = {row["subject"]: row["traceparent"] for row in await cursor.fetchall()}
        rows = [
            _row(subject, version + n, data, cause, continued_traceparent(first.get(subject)))
            for subject, version, events in changes
            for n, data in enumerate(events, 1)
        ]
        try:
            async with transaction.transaction(), transaction.cursor() as writing:
                await writing.executemany(_INSERT, rows)
        except UniqueViolationError as error:
            message = f"one of {len(changes)} subjects"
            raise ConflictError(message, -1) from error
        await transaction.execute("select pg_notify(%s, '')", [self.channel])

    async def _first_trace(self, transaction: Transaction, subject: str) -> str | None:
        """Find the trace in which a subject's story began."""
        cursor = await transaction.execute(
            "select traceparent from event where subject = %s and version = 1", [subject]
        )
        row = await cursor.fetchone()
        return row["traceparent"] if row else None

    async def _insert(
        self,
        transaction: Transaction,
        subject: str,
        version: int,
        data: EventData,
        cause: Cause,
        trace: str | None,
    ) -> None:
        row = _row(subject, version, data, cause, trace)
        try:
            async with transaction.transaction():
                await transaction.execute(_INSERT, row)
        except UniqueViolationError as error:
            raise ConflictError(subject, version - 1) from error

    async def first_time(self, transaction: Transaction, event: Envelope[EventData]) -> bool:
        """Note that an event is being handled; says no when it was handled before."""
        cursor = await transaction.execute(
            "insert into inbox (event_id) values (%s) on conflict do nothing", [event.id]
        )
        return cursor.rowcount == 1

    async def history(self, transaction: Transaction, subject: str) -> list[Envelope[EventData]]:
        """Give all that ever happened to a subject, oldest first."""
        cursor = await transaction.execute(
            "select * from event where subject = %s order by version", [subject]
        )
        return [self.envelope(row) for row in await cursor.fetchall()]

    def envelope(self, row: dict[str, object]) -> Envelope[EventData]:
        """Turn a row of the event table into the event as it travels."""
        kind = str(row["type"])
        causation = row["causation_id"]
        traceparent = row["traceparent"]
        return Envelope[EventData].model_construct(
            id=str(row["id"]),
            source=self._source,
            type=kind,
            subject=str(row["subject"]),
            subjectversion=row["version"],
            time=row["time"],
            actor=str(row["actor"]),
            correlationid=str(row["correlation_id"]),
            causationid=str(causation) if causation else None,
            traceparent=str(traceparent) if traceparent else None,
            data=EVENT_CLASSES[kind].model_validate(row["data"]),
        )


_INSERT = b"""insert into event (id, subject, version, type, topic, data, digest, time, actor,
                                 correlation_id, causation_id, traceparent)
              values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""


def _row(
    subject: str, version: int, data: EventData, cause: Cause, trace: str | None
) -> list[object]:
    """Give an event as it stands in the table."""
    body = data.model_dump(mode="json", by_alias=True, exclude_none=True)
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    if len(canonical) > LARGEST_EVENT:
        message = f"{data.TYPE} has {len(canonical)} bytes, more than {LARGEST_EVENT}"
        raise EventTooLargeError(message)
    topic = TOPIC_OF.get(data.TYPE)
    return [
        str(uuid4()),
        subject,
        version,
        data.TYPE,
        topic.subject if topic else None,
        Json(body),
        hashlib.sha256(canonical).digest(),
        datetime.now(UTC),
        cause.actor,
        cause.correlation,
        cause.event,
        trace,
    ]
