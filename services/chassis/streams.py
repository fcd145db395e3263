"""Consumption by Faust: one agent per topic, bounded retries, dead letters, parking, and tables.

Faust 0.15.3 commits an event whose handler raised, and with more than one coroutine per agent a
kill loses the event at the head of the partition. So here: one coroutine per agent, handlers that
never raise out of the agent, and dead letters that are written before the offset moves
(`docs/decisions/0003-faust.md`).
"""

# aiokafka ships no types and Faust's are partly unknown: what they give is
# unknown here, and typed again where it leaves this file.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

import faust
from aiokafka import AIOKafkaProducer
from mode.supervisors import CrashingSupervisor

from services.chassis.database import TRANSIENT, Database, Transaction
from services.chassis.failures import reason_and_place
from services.chassis.journal import ConflictError, Journal
from services.chassis.kafka import (
    KAFKA_TRANSIENT,
    LogRecord,
    app_id,
    assigned_topics,
    log_ends,
    producing,
    read_range,
    table_changelog,
)
from services.chassis.objects import OBJECTS_TRANSIENT
from services.chassis.positions import load_position, note_position
from services.chassis.settings import ServiceSettings
from services.chassis.telemetry import (
    DEAD_LETTERS,
    EVENT_AGE,
    HANDLED,
    HANDLING,
    log,
    note_failure,
    span,
)
from services.contracts.envelope import Envelope, EventData, UnreadableEventError, read_envelope
from services.contracts.topics import EVENT_CLASSES, TOPIC_OF, Topic

DepsT = TypeVar("DepsT")

#: A handler gets the event, the transaction that also notes it as handled, and what it needs.
Handler = Callable[[Envelope[Any], Transaction, DepsT], Awaitable[None]]

#: A table handler changes keyed state that Faust keeps; it must not mind seeing an event twice.
TableHandler = Callable[[Envelope[Any], Any], None]

#: Attempts at an event that fails by itself, before it becomes a dead letter.
ATTEMPTS = 4
#: Seconds before the second attempt; doubled each time.
FIRST_PAUSE = 0.2
#: Longest pause between attempts while a part (database, S3) is away: such attempts are not
#: counted.
LONGEST_PAUSE = 5.0

#: Seconds between two looks for partitions that lag although nothing is being handled.
_WATCH_EVERY = 5.0
#: Looks in a row that must find a topic which nobody reads, before the process starts afresh.
_UNREAD_LOOKS = 3
#: The same while Faust says that it is rebalancing: it may be slow, but it also never ended that
#: after a broker had come back whose topics were not there yet.
_UNREAD_LOOKS_REBALANCING = 6
#: Seconds in which the worker hands its partitions back; the supervisor's patience is longer.
_STOPS_WITHIN = 8

REDRIVE_HEADER = "Redrive"

_AWAY = (*TRANSIENT, *KAFKA_TRANSIENT, *OBJECTS_TRANSIENT)


@dataclass(frozen=True)
class Tables:
    """Faust tables of a service: name to (event class that feeds it, handler)."""

    feeds: Mapping[str, tuple[type[EventData], TableHandler]] = field(
        default_factory=dict[str, tuple[type[EventData], TableHandler]]
    )

    def changelogs(self, service: str, tenant: str) -> dict[str, int]:
        """Give the changelog topics that these tables need, with their partitions."""
        group = app_id(service, tenant)
        return {
            table_changelog(group, name): TOPIC_OF[kind.TYPE].partitions
            for name, (kind, _) in self.feeds.items()
        }


class _Place(LogRecord):
    """A record, with what can be read of it without opening it."""

    @property
    def where(self) -> tuple[str, int]:
        return self.topic, self.partition

    @property
    def subject(self) -> str | None:
        return self.key.decode(errors="replace")[:200] if self.key else None

    @property
    def redrives(self) -> int | None:
        given = dict(self.headers).get(REDRIVE_HEADER, b"")
        return int(given) if given.isdigit() else None


def _place(message: Any) -> _Place:  # noqa: ANN401 - Faust's stubs leave it unknown
    given = message.headers or ()
    headers = given.items() if isinstance(given, Mapping) else given
    return _Place(
        message.topic,
        message.partition,
        message.offset,
        message.key,
        message.value,
        tuple(cast("Iterable[tuple[str, bytes]]", headers)),
    )


class Streams(Generic[DepsT]):
    """All consumption of one service: which event leads to which function."""

    def __init__(
        self,
        service: str,
        settings: ServiceSettings,
        database: Database,
        journal: Journal,
        subscriptions: Mapping[type[EventData], Handler[DepsT]],
        tables: Tables,
    ) -> None:
        """Declare the Faust app, its agents and tables; nothing connects yet."""
        self._service = service
        self._settings = settings
        self._database = database
        self._journal = journal
        self._handlers = {kind.TYPE: handler for kind, handler in subscriptions.items()}
        self._table_feeds = tables.feeds
        self._producer: AIOKafkaProducer | None = None
        self._deps: DepsT | None = None
        self.app = self._new_app()
        self.tables: dict[str, Any] = {
            name: self.app.GlobalTable(name, partitions=1, recovery_buffer_size=1, default=None)
            for name in tables.feeds
        }
        self._topics: dict[str, Topic] = {}
        self._next: dict[tuple[str, int], int] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        kinds = {*subscriptions, *(kind for kind, _ in tables.feeds.values())}
        for topic in {TOPIC_OF[kind.TYPE] for kind in kinds}:
            self._topics[topic.name(settings.tenant)] = topic
            self._locks[topic.name(settings.tenant)] = asyncio.Lock()
            self._declare_agent(topic)

    def _new_app(self) -> faust.App:
        settings = self._settings
        return faust.App(
            app_id(self._service, settings.tenant),
            broker=[f"kafka://{host}" for host in settings.kafka_bootstrap.split(",")],
            store="memory://",
            # Tables are in memory; Faust makes this folder all the same, and leaves it empty.
            datadir=str(Path(tempfile.gettempdir()) / f"faust-{os.getuid()}"),
            web_enabled=False,
            topic_allow_declare=False,
            topic_disable_leader=True,
            topic_replication_factor=settings.kafka_replication,
            key_serializer="raw",
            value_serializer="raw",
            processing_guarantee="at_least_once",
            broker_commit_interval=0.5,
            broker_commit_every=100,
            broker_session_timeout=10,
            broker_heartbeat_interval=3,
            broker_rebalance_timeout=30,
            broker_request_timeout=30,
            consumer_auto_offset_reset="earliest",
            stream_buffer_maxsize=128,
            stream_wait_empty=False,
            agent_supervisor=CrashingSupervisor,
            # Faust would otherwise replace the logging that telemetry set up.
            loghandlers=[],
        )

    def _declare_agent(self, topic: Topic) -> None:
        name = topic.name(self._settings.tenant)
        channel = self.app.topic(
            name, key_serializer="raw", value_serializer="raw", value_type=bytes, key_type=bytes
        )

        async def consume(stream: Any) -> None:  # noqa: ANN401 - Faust's stubs leave it unknown
            async for event in stream.events():
                await self._arrive(_place(event.message))

        cast("Any", self.app).agent(
            channel, name=f"{self._service}.{topic.subject}", concurrency=1
        )(consume)

    async def run(self, deps: DepsT) -> None:
        """Consume until cancelled; raises when Faust stops by itself."""
        self._deps = deps
        async with producing(self._settings) as producer:
            self._producer = producer
            self.app.finalize()
            tasks: list[asyncio.Future[None]] = []
            try:
                # Told to stop while it starts, it must be stopped as well, or it never ends.
                await self.app.start()
                tasks = [
                    asyncio.ensure_future(self.app.wait_until_stopped()),
                    asyncio.create_task(self._watch()),
                ]
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.wait_for(self.app.stop(), _STOPS_WITHIN)
        message = "the stream worker stopped by itself"
        raise RuntimeError(message)

    async def unassigned_topics(self) -> list[str] | None:
        """List declared topics that no member of the group reads, as the broker knows it.

        Faust says it is ready although a topic was missing when it joined, and then ignores that
        topic for good; the group's own assignment tells the truth. None while the group agrees
        anew. Raises one of KAFKA_TRANSIENT.
        """
        assigned = await assigned_topics(
            app_id(self._service, self._settings.tenant), self._settings
        )
        return None if assigned is None else sorted(set(self._topics) - assigned)

    async def ready(self) -> bool:
        """Whether tables are recovered and every declared topic is read by somebody."""
        if not self.app.started or self.app.rebalancing:
            return False
        try:
            return await self.unassigned_topics() == []
        except KAFKA_TRANSIENT:
            return False

    async def _arrive(self, place: _Place) -> None:
        """Handle a record that Faust delivered, and before it whatever Faust left out."""
        async with self._locks[place.topic]:
            if place.offset < self._next.get(place.where, 0):
                return
            await self._catch_up(place.where, place.offset)
            await self._take(place)

    async def _catch_up(self, where: tuple[str, int], end: int) -> None:
        """Read and handle what lies between the last handled record and `end`, if anything."""
        topic, partition = where
        pause = FIRST_PAUSE
        while self._next.get(where, -1) < end:
            try:
                # Another process may have had this partition since we last looked.
                known = await load_position(self._database, topic, partition)
                self._next[where] = known = max(known, self._next.get(where, 0))
                while known < end:
                    known = await self._read_gap(where, known, end)
                self._next[where] = known
            except _AWAY as error:
                log.warning("stream.gap_waits", topic=topic, error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _read_gap(self, where: tuple[str, int], first: int, end: int) -> int:
        topic, partition = where
        records, following = await read_range(topic, partition, first, end, self._settings)
        for record in records:
            await self._take(_Place(**vars(record)))
        if records:
            count = len(records)
            log.warning("stream.gap_filled", topic=topic, partition=partition, records=count)
        return following

    async def _watch(self) -> None:
        """Handle what Faust stops delivering; ends when it reads a topic no more."""
        lagging: dict[tuple[str, int], tuple[int, int]] = {}
        missing: list[str] | None = []
        unread = 0
        while unread < (_UNREAD_LOOKS_REBALANCING if self.app.rebalancing else _UNREAD_LOOKS):
            await asyncio.sleep(_WATCH_EVERY)
            try:
                # Asked of the broker whatever Faust says of itself: it may wait for good.
                missing = await self.unassigned_topics() if self.app.started else []
                if missing is not None:
                    unread = unread + 1 if missing else 0
                behind = await self._behind()
            except _AWAY as error:
                log.warning("stream.watch_waits", error=type(error).__name__)
                continue
            for where, (known, end) in behind.items():
                if lagging.get(where, (-1, -1))[0] == known:
                    async with self._locks[where[0]]:
                        await self._catch_up(where, end)
            lagging = behind
        # A worker that joined while the broker was starting ignores its topics for good: only a
        # fresh start reads them again.
        log.error("stream.topics_unread", topics=missing)

    async def _behind(self) -> dict[tuple[str, int], tuple[int, int]]:
        """Give, for each assigned partition that lags, how far it is handled and where it ends."""
        if not self.app.started or self.app.rebalancing:
            return {}
        mine = [
            (where.topic, where.partition)
            for where in self.app.consumer.assignment()
            if where.topic in self._topics
        ]
        found: dict[tuple[str, int], tuple[int, int]] = {}
        for where, end in (await log_ends(mine, self._settings)).items():
            if where not in self._next:
                self._next[where] = await load_position(self._database, *where)
            if self._next[where] < end:
                found[where] = (self._next[where], end)
        return found

    async def _take(self, place: _Place) -> None:
        """Handle a record or make a dead letter of it; returns when one of both is certain."""
        if place.value is not None:
            await self._judge(place, place.value)
        else:
            await self._pass_over(place)
        self._next[place.where] = place.offset + 1

    async def _pass_over(self, place: _Place) -> None:
        """Note a record that has nothing to do; losing this note means passing over it again."""
        try:
            async with self._database.transaction() as transaction:
                await note_position(transaction, *place.where, place.offset + 1)
        except TRANSIENT as error:
            log.warning("stream.position_lost", error=type(error).__name__)

    async def _judge(self, place: _Place, value: bytes) -> None:
        try:
            event = read_envelope(value, EVENT_CLASSES)
        except UnreadableEventError as error:
            await self._bury(place, f"unreadable: {error}", 1)
            return
        started = datetime.now(UTC)
        with span(f"handle {event.type}", event.traceparent, subject=event.subject):
            self._feed_tables(event)
            outcome = await self._handle(place, event)
        now = datetime.now(UTC)
        HANDLED.labels(place.topic, outcome).inc()
        HANDLING.labels(place.topic).observe((now - started).total_seconds())
        EVENT_AGE.labels(place.topic).observe(max(0.0, (now - event.time).total_seconds()))
        log.info("event.handled", type=event.type, subject=event.subject, outcome=outcome)

    def _feed_tables(self, event: Envelope[EventData]) -> None:
        for name, (kind, handler) in self._table_feeds.items():
            if event.type == kind.TYPE:
                table = self.tables[name]
                # Faust takes writes from its own stream only; elsewhere its memory is enough.
                handler(event, table if faust.current_event() else table.data)

    async def _handle(self, place: _Place, event: Envelope[EventData]) -> str:
        handler = self._handlers.get(event.type)
        if handler is None:
            await self._pass_over(place)
            return "not-for-us"
        failures = 0
        pause = FIRST_PAUSE
        while True:
            try:
                return await self._once(place, event, handler)
            except _AWAY as error:
                log.warning("event.waits", subject=event.subject, error=type(error).__name__)
            except ConflictError:
                log.info("event.conflict", subject=event.subject)
                failures += 1
            # The one place where anything is caught: a record becomes a dead letter, with its
            # reason.
            except Exception as error:  # noqa: BLE001 - see above
                failures += 1
                log.exception(
                    "event.failed",
                    topic=place.topic,
                    partition=place.partition,
                    offset=place.offset,
                    subject=event.subject,
                    attempt=failures,
                )
                if failures >= ATTEMPTS:
                    note_failure(error)
                    await self._bury(place, reason_and_place(error)[:500], failures)
                    return "dead"
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _once(
        self, place: _Place, event: Envelope[EventData], handler: Handler[DepsT]
    ) -> str:
        letter = place.redrives
        async with self._database.transaction() as transaction:
            waits = letter is None and not event.data.OVERTAKES
            if not (waits and await self._parked(transaction, place)):
                first = await self._journal.first_time(transaction, event)
                if first:
                    await handler(event, transaction, cast("DepsT", self._deps))
                if letter is not None:
                    await transaction.execute(
                        "update dead_letter set resolved_at = now() where id = %s", [letter]
                    )
                await note_position(transaction, *place.where, place.offset + 1)
                return "done" if first else "seen"
        await self._bury(place, "parked behind an earlier dead letter of its subject", 0)
        return "parked"

    async def _parked(self, transaction: Transaction, place: _Place) -> bool:
        """Whether an earlier record of the same subject is dead, so that this one must wait."""
        cursor = await transaction.execute(
            """select 1 from dead_letter where topic = %s and subject = %s and resolved_at is null
               and (partition, log_offset) <> (%s, %s) limit 1""",
            [place.topic, place.subject, place.partition, place.offset],
        )
        return await cursor.fetchone() is not None

    async def _bury(self, place: _Place, reason: str, attempts: int) -> None:
        """Write the dead letter and its register entry, or end the process uncommitted."""
        DEAD_LETTERS.labels(place.topic).inc()
        topic = self._topics[place.topic].dead_name(self._settings.tenant, self._service)
        pause = FIRST_PAUSE
        for _ in range(60):
            try:
                await self._write_letter(place, topic, reason, attempts)
            except _AWAY as error:
                log.warning("dead_letter.waits", topic=topic, error=type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                log.error(
                    "event.dead",
                    topic=place.topic,
                    partition=place.partition,
                    offset=place.offset,
                    reason=reason,
                )
                return
        # Going on would commit the record: it would be lost without a trace. A restart reads it
        # again.
        os._exit(1)

    async def _write_letter(self, place: _Place, topic: str, reason: str, attempts: int) -> None:
        producer = cast("Any", self._producer)
        kept = [h for h in place.headers if h[0] != REDRIVE_HEADER]
        written = await producer.send_and_wait(
            topic,
            place.value,
            key=place.key,
            headers=[
                *kept,
                ("Dead-Reason", reason.encode()),
                ("Dead-Topic", place.topic.encode()),
                ("Dead-Place", f"{place.partition}:{place.offset}".encode()),
                ("Dead-Attempts", str(attempts).encode()),
            ],
        )
        async with self._database.transaction() as transaction:
            await note_position(transaction, *place.where, place.offset + 1)
            if place.redrives is not None:
                # It failed again: the first letter stands, with its new reason.
                await transaction.execute(
                    "update dead_letter set reason = %s, redriven_at = null where id = %s",
                    [reason, place.redrives],
                )
                return
            await transaction.execute(
                """insert into dead_letter (topic, partition, log_offset, subject, reason, attempts,
                                            dead_partition, dead_offset)
                   values (%s, %s, %s, %s, %s, %s, %s, %s)
                   on conflict (topic, partition, log_offset) do nothing""",
                [
                    place.topic,
                    place.partition,
                    place.offset,
                    place.subject,
                    reason,
                    attempts,
                    written.partition,
                    written.offset,
                ],
            )
