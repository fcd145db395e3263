"""Faust and the relay on a real broker: nothing is lost, nothing is doubled, what fails is kept."""

# aiokafka ships no types.
# pyright: reportMissingTypeStubs=false

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from services.chassis.database import Database
from services.chassis.dead_letters import list_dead_letters, redrive
from services.chassis.journal import Cause, ConflictError, Journal
from services.chassis.kafka import Relay, app_id, create_topics, producing, tail
from services.contracts.ids import ItemId
from services.contracts.moderation import ItemCleared, ItemRevoked
from services.contracts.topics import PUBLICATIONS
from tests.builders import CAMPAIGN, a_cleared_item, an_event, an_item_id
from tests.installation import Installation
from tests.integration.processes import Process, until, until_true

WORKER = "tests/integration/programs/worker.py"
Worker = Callable[[], Process]


@pytest.fixture
def place(fresh_installation: Installation) -> Installation:
    fresh_installation.rows(
        "create table gallery.effect (n serial, subject text, version int, text text)"
    )
    fresh_installation.rows("create table gallery.broken (n int)")
    return fresh_installation


@pytest.fixture
def worker(place: Installation, tmp_path: Path) -> Iterator[Worker]:
    running: list[Process] = []

    def start() -> Process:
        process = Process(tmp_path / "worker.log", place.environment, WORKER).start()
        running.append(process)
        return process.until_ready()

    yield start
    for process in running:
        process.kill()


def cleared(text: str, item: ItemId | None = None, version: int = 1) -> tuple[bytes, bytes]:
    subject = item or an_item_id()
    event = an_event(ItemCleared(item=a_cleared_item(item=subject, text=text)), subject, version)
    return subject.encode(), event.to_wire()


def send(place: Installation, records: list[tuple[bytes, bytes]]) -> None:
    async def produce() -> None:
        name = PUBLICATIONS.name(place.settings.tenant)
        async with producing(place.settings) as producer:
            for key, value in records:
                await cast("Any", producer).send(name, value, key=key)
            await producer.flush()

    asyncio.run(produce())


def effects(place: Installation) -> list[str]:
    return [str(row[0]) for row in place.rows("select text from gallery.effect order by n")]


def dead(place: Installation) -> list[tuple[object, ...]]:
    return place.rows(
        "select subject, reason from gallery.dead_letter where resolved_at is null order by id"
    )


def test_an_event_whose_handler_raises_is_kept_and_the_others_go_on(
    place: Installation, worker: Worker
) -> None:
    place.rows("insert into gallery.broken values (1)")
    records = [cleared(f"{'fail' if n % 20 == 0 else 'done'} {n}") for n in range(60)]
    worker()
    send(place, records)
    until(lambda: len(effects(place)) + len(dead(place)) >= 60, "60 events have an end")
    assert sorted(effects(place)) == sorted(f"done {n}" for n in range(60) if n % 20)
    assert len(dead(place)) == 3
    assert all(str(reason).startswith("ValueError at ") for _, reason in dead(place))


def test_a_kill_in_mid_stream_loses_nothing_and_doubles_nothing(
    place: Installation, worker: Worker
) -> None:
    first = worker()
    send(place, [cleared(f"slow {n}") for n in range(40)])
    until(lambda: len(effects(place)) >= 8, "the first worker is at work")
    first.kill()
    worker()
    until(lambda: len(effects(place)) >= 40, "the second worker did the rest")
    assert sorted(effects(place)) == sorted(f"slow {n}" for n in range(40))
    assert dead(place) == []


def test_records_that_the_group_skipped_are_read_and_handled_first(
    place: Installation, worker: Worker
) -> None:
    texts = [f"done {n}" for n in range(40)]
    send(place, [cleared(text) for text in texts])

    async def skip() -> None:
        name = PUBLICATIONS.name(place.settings.tenant)
        consumer: Any = AIOKafkaConsumer(
            bootstrap_servers=place.settings.kafka_bootstrap,
            group_id=app_id("gallery", place.settings.tenant),
            enable_auto_commit=False,
        )
        await consumer.start()
        places = [TopicPartition(name, n) for n in range(PUBLICATIONS.partitions)]
        ends = await consumer.end_offsets(places)
        consumer.assign(places)
        # Some partitions jump to their end, where nothing more comes; others into their middle.
        await consumer.commit(
            {p: end if n % 2 else end // 2 for n, (p, end) in enumerate(ends.items())}
        )
        await consumer.stop()

    asyncio.run(skip())
    worker()
    until(lambda: len(effects(place)) == len(texts), "nothing is left out")
    assert sorted(effects(place)) == sorted(texts)


def test_later_records_wait_behind_a_dead_letter_and_redriving_keeps_their_order(
    place: Installation, worker: Worker
) -> None:
    place.rows("insert into gallery.broken values (1)")
    item = an_item_id()
    worker()
    texts = ("fail 1", "done 2", "done 3")
    send(place, [cleared(text, item, n) for n, text in enumerate(texts, 1)])
    until(lambda: len(dead(place)) == 3, "the first is dead and two are parked")
    assert effects(place) == []
    assert "parked" in str(dead(place)[1][1])

    place.rows("delete from gallery.broken")
    answer = place.command("dead-letters", "redrive", "gallery")
    assert answer.returncode == 0, answer.stderr
    until(lambda: dead(place) == [], "all letters are resolved")
    assert effects(place) == ["fail 1", "done 2", "done 3"]

    again = place.command("dead-letters", "redrive", "gallery")
    assert again.stdout.startswith("0 sent back")
    assert effects(place) == ["fail 1", "done 2", "done 3"]


def test_redriving_what_is_still_broken_keeps_the_letter(
    place: Installation, worker: Worker
) -> None:
    place.rows("insert into gallery.broken values (1)")
    worker()
    send(place, [cleared("fail 1")])
    until(lambda: len(dead(place)) == 1, "it is dead")
    listed = place.command("dead-letters", "list", "--json")
    letter = json.loads(listed.stdout.splitlines()[0])
    assert (letter["service"], letter["attempts"]) == ("gallery", 4)

    async def send_back() -> int:
        database = Database("gallery", place.settings)
        await database.open()
        try:
            sent, _ = await redrive("gallery", database, place.settings)
            return sent
        finally:
            await database.close()

    assert asyncio.run(send_back()) == 1
    until(
        lambda: place.rows("select redriven_at from gallery.dead_letter") == [(None,)],
        "it failed again and waits anew",
    )
    assert len(dead(place)) == 1


GARBAGE = {
    "text": b"not json",
    "empty": b"{}",
    "bytes": b"\xff\xfe",
    "deep": b"[" * 10_000,
    "nan": b'{"specversion":"1.0","id":NaN}',
}


def test_what_cannot_be_read_becomes_a_dead_letter_and_blocks_nobody(
    place: Installation, worker: Worker
) -> None:
    worker()
    send(place, [(name.encode(), value) for name, value in GARBAGE.items()])
    send(place, [cleared(f"done {n}") for n in range(12)])
    until(lambda: len(effects(place)) == 12, "the records after it are handled")
    until(lambda: len(dead(place)) == len(GARBAGE), "each has its letter")
    assert {str(subject) for subject, _ in dead(place)} == set(GARBAGE)
    assert {str(reason).split(":")[0] for _, reason in dead(place)} == {"unreadable"}


@pytest.mark.parametrize("mood", ["", "rebalancing-for-good"])
def test_a_worker_that_reads_a_topic_no_more_ends_to_be_started_afresh(
    place: Installation, tmp_path: Path, mood: str
) -> None:
    async def remove() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=place.settings.kafka_bootstrap)
        await admin.start()
        await admin.delete_topics([PUBLICATIONS.name(place.settings.tenant)])
        await admin.close()

    asyncio.run(remove())
    process = Process(tmp_path / "worker.log", place.environment, WORKER, mood).start()
    try:
        until(lambda: b"Worker ready" in process.log.read_bytes(), "Faust says that it is ready")
        asyncio.run(create_topics(place.settings, {}))
        assert not process.ready()
        until(process.ended, "it ends by itself, to be started afresh")
        assert b"stream.topics_unread" in process.log.read_bytes()
    finally:
        process.kill()


def test_a_worker_that_is_told_to_stop_ends_whatever_thread_lingers(
    place: Installation, tmp_path: Path
) -> None:
    process = Process(tmp_path / "worker.log", place.environment, WORKER, "lingering").start()
    try:
        process.until_ready()
        assert process.stop() == 0
    finally:
        process.kill()


async def _with_journal(place: Installation, service: str) -> tuple[Database, Journal]:
    database = Database(service, place.settings)
    await database.open()
    return database, Journal(service)


async def test_two_decisions_on_one_version_are_a_conflict_that_one_of_them_loses(
    place: Installation,
) -> None:
    database, journal = await _with_journal(place, "moderation")
    item = an_item_id()
    event = ItemCleared(item=a_cleared_item(item=item))
    async with database.transaction() as transaction:
        assert await journal.append(transaction, item, 0, [event], Cause.by("a")) == 1
    with pytest.raises(ConflictError):
        async with database.transaction() as transaction:
            await journal.append(transaction, item, 0, [event], Cause.by("b"))
    async with database.transaction() as transaction:
        [only] = await journal.history(transaction, item)
    assert only.actor == "a"
    await database.close()


async def test_the_relay_sends_rows_that_commit_late_and_keeps_each_subjects_order(
    place: Installation,
) -> None:
    database, journal = await _with_journal(place, "moderation")
    late, early = an_item_id(), an_item_id()
    seen: list[tuple[str, int]] = []

    async def listen() -> None:
        async for event in tail(PUBLICATIONS, place.settings):
            seen.append((event.subject, event.subjectversion))  # noqa: PERF401 - it never ends

    async def has(item: ItemId) -> bool:
        return (item, 2) in seen

    relay = Relay(database, journal, place.settings)
    tasks = [asyncio.create_task(listen())]
    await asyncio.sleep(2)
    tasks.append(asyncio.create_task(relay.run()))

    def fact(item: ItemId) -> ItemCleared:
        return ItemCleared(item=a_cleared_item(item=item))

    async with database.transaction() as slow:
        # Its rows have the lower numbers, and become visible last.
        await journal.append(slow, late, 0, [fact(late), fact(late)], Cause.by("a"))
        async with database.transaction() as quick:
            await journal.append(quick, early, 0, [fact(early), fact(early)], Cause.by("b"))
        await until_true(lambda: has(early), "what committed first is published")
    await until_true(lambda: has(late), "what committed late is published too")
    assert [v for s, v in seen if s == early] == [1, 2]
    assert [v for s, v in seen if s == late] == [1, 2]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await database.close()


async def test_a_second_relay_stands_by_and_takes_over(place: Installation) -> None:
    database, journal = await _with_journal(place, "moderation")
    relays = [Relay(database, journal, place.settings) for _ in range(2)]
    tasks = [asyncio.create_task(relay.run()) for relay in relays]
    item = an_item_id()

    async def all_sent() -> bool:
        async with database.transaction() as transaction:
            cursor = await transaction.execute("select 1 from event where sent_at is null")
            return not await cursor.fetchall()

    async def say(version: int) -> None:
        fact = ItemCleared(item=a_cleared_item(item=item))
        async with database.transaction() as transaction:
            await journal.append(transaction, item, version, [fact], Cause.by("a"))
        await until_true(all_sent, "the event is published")

    await say(0)
    tasks[0].cancel()
    await say(1)
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    letters = await list_dead_letters(database)
    assert letters == []
    await database.close()


def test_topics_are_made_from_the_catalogue_and_never_by_themselves(place: Installation) -> None:
    async def ask() -> tuple[list[str], dict[str, str]]:
        admin: Any = AIOKafkaAdminClient(bootstrap_servers=place.settings.kafka_bootstrap)
        await admin.start()
        from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

        name = PUBLICATIONS.name(place.settings.tenant)
        [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
        entries = answer.resources[0][4]
        topics = await admin.list_topics()
        await admin.close()
        return topics, {entry[0]: entry[1] for entry in entries}

    topics, configuration = asyncio.run(ask())
    assert configuration["cleanup.policy"] == "compact"
    assert PUBLICATIONS.dead_name(place.settings.tenant, "gallery") in topics
    assert asyncio.run(create_topics(place.settings, {})) == []


def test_what_takes_something_away_does_not_wait_behind_a_dead_letter(
    place: Installation, worker: Worker
) -> None:
    place.rows("insert into gallery.broken values (1)")
    item = an_item_id()
    worker()
    revoked = ItemRevoked(item=item, campaign=CAMPAIGN, reason="withdrawn")
    gone = (item.encode(), an_event(revoked, item, 2).to_wire())
    send(place, [cleared("fail 1", item, 1), gone, cleared("done 3", item, 3)])
    until(lambda: len(dead(place)) == 2, "the first is dead and the third is parked")
    assert effects(place) == ["revoked"]
