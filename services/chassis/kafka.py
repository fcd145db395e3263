"""Kafka by aiokafka: topics from the catalogue, the relay of the outbox, tails."""

# aiokafka ships no types: what it gives is unknown here, and typed again where it leaves this file.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, cast

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from services.chassis.database import TRANSIENT, Database
from services.chassis.journal import Journal
from services.chassis.settings import ServiceSettings
from services.chassis.telemetry import RELAYED, UNSENT, log
from services.contracts.envelope import Envelope, EventData, UnreadableEventError, read_envelope
from services.contracts.topics import (
    CATALOGUE,
    DEAD_LETTERS_KEPT,
    EVENT_CLASSES,
    TOPIC_OF,
    Topic,
)

#: Events that the relay sends before it notes them as sent.
_BATCH = 500
#: Seconds after which the relay looks for unsent events although nobody rang.
_LOOK_AGAIN = 1.0

#: Seconds in which a broker answers a question, or is asked anew.
_ANSWERS_WITHIN = 20.0

KAFKA_TRANSIENT: tuple[type[Exception], ...] = (KafkaError, OSError, TimeoutError)


def table_changelog(app_id: str, table: str) -> str:
    """Give the name of the topic in which Faust keeps a table."""
    return f"{app_id}-{table}-changelog"


def app_id(service: str, tenant: str) -> str:
    """Give the name of a service's consumer group."""
    return f"dichtbij-{tenant}-{service}"


def _new(
    name: str, partitions: int, settings: ServiceSettings, configuration: Mapping[str, str]
) -> NewTopic:
    return NewTopic(
        name=name,
        num_partitions=partitions,
        replication_factor=settings.kafka_replication,
        topic_configs=dict(configuration),
    )


_COMPACT = {
    "cleanup.policy": "compact",
    "min.cleanable.dirty.ratio": "0.1",
    # A person's request to be forgotten is effective in the log within a day.
    "max.compaction.lag.ms": str(24 * 3600 * 1000),
    "delete.retention.ms": str(24 * 3600 * 1000),
}


def declared_topics(settings: ServiceSettings, tables: Mapping[str, int]) -> list[NewTopic]:
    """List the catalogue's topics, their dead-letter topics, and the tables' changelogs."""
    topics: list[NewTopic] = []
    for topic in CATALOGUE:
        retention = topic.retention
        configuration = (
            _COMPACT
            if retention is None
            else {"retention.ms": str(int(retention.total_seconds() * 1000))}
        )
        topics.append(_new(topic.name(settings.tenant), topic.partitions, settings, configuration))
        kept = {"retention.ms": str(int(DEAD_LETTERS_KEPT.total_seconds() * 1000))}
        topics += [
            _new(topic.dead_name(settings.tenant, consumer), 1, settings, kept)
            for consumer in topic.consumers
        ]
    topics += [
        _new(name, partitions, settings, {"cleanup.policy": "compact"})
        for name, partitions in tables.items()
    ]
    return topics


@asynccontextmanager
async def _administering(settings: ServiceSettings) -> AsyncGenerator[AIOKafkaAdminClient]:
    """Open an administrator's connection for a block."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def create_topics(settings: ServiceSettings, tables: Mapping[str, int]) -> list[str]:
    """Create the declared topics that are missing; answers the names of those that were created.

    Must run before any worker joins: Faust ignores a topic that is missing when it starts, for
    good.
    """
    async with _administering(settings) as admin:
        existing = set(await admin.list_topics())
        missing = [t for t in declared_topics(settings, tables) if t.name not in existing]
        if missing:
            answer = cast("Any", await admin.create_topics(missing))
            for _name, code, *_rest in answer.topic_errors:
                if code and for_code(code) is not TopicAlreadyExistsError:
                    raise for_code(code)(_name)
        return [topic.name for topic in missing]


#: What the broker calls a group whose members are agreeing anew who reads what.
_AGREEING = {"PreparingRebalance", "CompletingRebalance"}


async def assigned_topics(group: str, settings: ServiceSettings) -> set[str] | None:
    """Ask the broker which topics the members of a consumer group read.

    None while they are agreeing anew who reads what; the broker ends that, with or without them.
    """
    async with _administering(settings) as admin:
        found: set[str] = set()
        for answer in cast("Any", await admin.describe_consumer_groups([group])):
            for _error, _group, state, _type, _protocol, members in answer.groups:
                if state in _AGREEING:
                    return None
                for *_who, assignment in members:
                    if assignment:
                        decoded = ConsumerProtocolMemberAssignment.decode(assignment)
                        found |= {topic for topic, parts in decoded.assignment if parts}
        return found


def headers(event: Envelope[EventData]) -> list[tuple[str, bytes]]:
    """Give the record headers that the city's rules for events ask."""
    return [
        ("Correlation-Id", event.correlationid.encode()),
        ("Timestamp", event.time.isoformat().encode()),
        ("Content-Type", b"application/cloudevents+json; charset=utf-8"),
    ]


@asynccontextmanager
async def producing(settings: ServiceSettings) -> AsyncGenerator[AIOKafkaProducer]:
    """Open an idempotent producer for a block; it is thrown away on any error."""
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka_bootstrap,
        enable_idempotence=True,
        acks="all",
        linger_ms=2,
        request_timeout_ms=15_000,
        max_request_size=1_000_000,
        compression_type="lz4",
    )
    await producer.start()
    try:
        yield producer
    finally:
        # A producer that failed may fail again while it closes; what matters was said before.
        with suppress(*KAFKA_TRANSIENT):
            await asyncio.wait_for(producer.stop(), 10)


class Relay:
    """Publishes the event table to Kafka, in order for each subject, by one process at a time.

    Unsent rows are taken, never "ids after the last": a row may commit after a later one. A fatal
    producer error throws the producer away (aiokafka issue 1017) and sends what is unsent again;
    consumers know what they saw by event id and by subject version.
    """

    def __init__(self, database: Database, journal: Journal, settings: ServiceSettings) -> None:
        """Name the event table and the cluster; nothing is opened yet."""
        self._database = database
        self._journal = journal
        self._settings = settings
        self._bell = asyncio.Event()
        self.healthy = False

    async def run(self) -> None:
        """Publish until cancelled; waits as a stand-by while another process holds the lock."""
        while True:
            try:
                await self._as_the_only_one()
            except (*TRANSIENT, *KAFKA_TRANSIENT) as error:
                self.healthy = False
                log.warning("relay.interrupted", error=type(error).__name__)
            await asyncio.sleep(_LOOK_AGAIN)

    async def _as_the_only_one(self) -> None:
        async with self._database.sole("relay") as mine:
            self.healthy = True
            if not mine:
                return
            listener = asyncio.create_task(self._listen())
            try:
                async with producing(self._settings) as producer:
                    while not listener.done():
                        self._bell.clear()
                        if await self._publish(producer) < _BATCH:
                            with suppress(TimeoutError):
                                await asyncio.wait_for(self._bell.wait(), _LOOK_AGAIN)
            finally:
                listener.cancel()
            await listener

    async def _listen(self) -> None:
        """Ring the bell on every notification; ends with an error when the connection is lost."""
        async with self._database.listening(self._journal.channel) as connection:
            async for _ in connection.notifies():
                self._bell.set()

    async def _publish(self, producer: AIOKafkaProducer) -> int:
        async with self._database.transaction() as transaction:
            cursor = await transaction.execute(
                """select * from event where sent_at is null and topic is not null
                   order by seq limit %s for update""",
                [_BATCH],
            )
            rows = await cursor.fetchall()
            UNSENT.set(len(rows))
            if rows:
                await self._send(producer, rows)
                await transaction.execute(
                    "update event set sent_at = now() where id = any(%s)",
                    [[row["id"] for row in rows]],
                )
        return len(rows)

    async def _send(self, producer: AIOKafkaProducer, rows: Sequence[dict[str, Any]]) -> None:
        acknowledgements: list[asyncio.Future[Any]] = []
        for row in rows:
            event = self._journal.envelope(row)
            topic = TOPIC_OF[event.type].name(self._settings.tenant)
            acknowledgements.append(
                await producer.send(
                    topic, event.to_wire(), key=event.subject.encode(), headers=headers(event)
                )
            )
            RELAYED.labels(topic).inc()
        await producer.flush()
        for acknowledgement in acknowledgements:
            await acknowledgement


async def tail(topic: Topic, settings: ServiceSettings) -> AsyncIterator[Envelope[EventData]]:
    """Give the events of a topic as they come, from now on, to this process alone; never commits.

    Unreadable records are passed over: the service's own consumer makes dead letters of them. Ends
    with a KafkaError when the cluster is lost; call it again then.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap, enable_auto_commit=False, fetch_max_wait_ms=100
    )
    await consumer.start()
    try:
        name = topic.name(settings.tenant)
        partitions = [TopicPartition(name, n) for n in range(topic.partitions)]
        consumer.assign(partitions)
        await consumer.seek_to_end(*partitions)
        async for record in consumer:
            if record.value is None:
                continue
            with suppress(UnreadableEventError):
                yield read_envelope(record.value, EVENT_CLASSES)
    finally:
        await consumer.stop()


@dataclass(frozen=True)
class LogRecord:
    """A record as it lies in its partition."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


async def read_range(
    topic: str, partition: int, first: int, end: int, settings: ServiceSettings
) -> tuple[list[LogRecord], int]:
    """Read records of a partition from `first` to before `end`, a bounded number at a time.

    Answers the records, without those that were compacted away, and the offset to read on from.
    Raises one of KAFKA_TRANSIENT, also when the broker does not answer in time: a reader that was
    opened before its broker died may otherwise wait for ever.
    """
    async with asyncio.timeout(_ANSWERS_WITHIN), _reading(settings) as consumer:
        where = TopicPartition(topic, partition)
        consumer.assign([where])
        begins = (await consumer.beginning_offsets([where]))[where]
        consumer.seek(where, max(first, begins))
        found: list[LogRecord] = []
        while (here := await consumer.position(where)) < end and len(found) < _BATCH:
            batch = await consumer.getmany(where, timeout_ms=2_000, max_records=_BATCH)
            found += [
                LogRecord(topic, partition, r.offset, r.key, r.value, tuple(r.headers))
                for r in batch.get(where, [])
                if r.offset < end
            ]
        return found, min(here, end) if here > first else end


async def log_ends(
    places: Iterable[tuple[str, int]], settings: ServiceSettings
) -> dict[tuple[str, int], int]:
    """Say where partitions (topic, number) end now. Raises one of KAFKA_TRANSIENT."""
    async with asyncio.timeout(_ANSWERS_WITHIN), _reading(settings) as consumer:
        ends = await consumer.end_offsets([TopicPartition(*place) for place in places])
        return {(where.topic, where.partition): end for where, end in ends.items()}


@asynccontextmanager
async def _reading(settings: ServiceSettings) -> AsyncGenerator[AIOKafkaConsumer]:
    """Open a consumer of no group for a block."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap, enable_auto_commit=False
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        try:
            await consumer.stop()
        except asyncio.CancelledError:
            # aiokafka lets the end of a task of its own out when it is stopped right after its
            # start; a cancellation that is meant for us is counted in our task.
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise


async def send_back(
    producer: AIOKafkaProducer,
    topic: str,
    partition: int,
    letter: "Letter",
    headers: Sequence[tuple[str, bytes]],
) -> None:
    """Write a dead letter's record into the partition that it came from."""
    await producer.send_and_wait(
        topic, letter.value, key=letter.key, partition=partition, headers=list(headers)
    )


@dataclass(frozen=True)
class Letter:
    """A dead letter as it lies in its topic: the record's own bytes and headers."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


async def read_letters(
    name: str, places: Sequence[tuple[int, int]], settings: ServiceSettings
) -> dict[tuple[int, int], Letter]:
    """Read records of a dead-letter topic by (partition, offset); expired ones are missing."""
    if not places:
        return {}
    async with _reading(settings) as consumer:
        found: dict[tuple[int, int], Letter] = {}
        for partition, offset in sorted(places):
            where = TopicPartition(name, partition)
            consumer.assign([where])
            end = (await consumer.end_offsets([where]))[where]
            if offset >= end:
                continue
            consumer.seek(where, offset)
            batch = await consumer.getmany(where, timeout_ms=5_000, max_records=1)
            for record in batch.get(where, []):
                if record.offset == offset:
                    found[partition, offset] = Letter(
                        record.key, record.value, tuple(record.headers)
                    )
        return found
