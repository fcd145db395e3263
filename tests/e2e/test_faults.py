"""While 200 items flow, everything is killed once; in the end each item has exactly one ending.

The schedule is drawn from a seed that is printed; give it again by DICHTBIJ_FAULT_SEED.
"""

# aiokafka ships no types.
# pyright: reportMissingTypeStubs=false

import asyncio
import os
import random
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.chassis.kafka import log_ends
from services.contracts.envelope import read_envelope
from services.contracts.topics import CATALOGUE, EVENT_CLASSES, Topic
from services.gallery.stream import SUBSCRIPTIONS as GALLERY
from services.ingest.stream import SUBSCRIPTIONS as INGEST
from services.moderation.stream import SUBSCRIPTIONS as MODERATION
from tests import photos
from tests.e2e.system import Desk, System, until

ITEMS = 200
VICTIMS = (
    "ingest-stream",
    "ingest-web",
    "moderation-stream",
    "moderation-web",
    "gallery-stream",
    "gallery-web",
    "kafka",
    "postgres",
    "s3",
)
HANDLED = {"ingest": INGEST, "moderation": MODERATION, "gallery": GALLERY}
PASSING = (httpx.HTTPError, ValueError, AssertionError)


@pytest.fixture
def own_system(tmp_path: Path) -> Iterator[System]:
    with System.started(tmp_path) as running:
        # Uploads only: what a blog brings besides would have to be told apart in the end.
        running.apply(Path(__file__).parent / "uploads.yaml")
        yield running


def patiently(ask: Callable[[], httpx.Response], good: set[int], seconds: float = 180) -> Any:
    """Ask until there is a good answer, as a person or a program does while parts restart."""
    deadline = time.monotonic() + seconds
    last: object = None
    while time.monotonic() < deadline:
        try:
            answer = ask()
        except httpx.HTTPError as error:
            last = error
        else:
            if answer.status_code in good:
                return answer
            last = f"{answer.status_code} {answer.text[:300]}"
        time.sleep(0.3)
    message = f"no good answer in {seconds:.0f} s: {last}"
    raise AssertionError(message)


def give(system: System, chance: random.Random, done: threading.Event) -> None:
    """Hand 200 different photos in; a form whose answer was lost is sent again."""
    with httpx.Client(timeout=20) as client:
        for number in range(ITEMS):
            photo = photos.a_photo(400, 320, seed=1000 + number)
            patiently(
                lambda n=number, p=photo: system.upload(client, p, f"fault-item-{n:03d}"), {201}
            )
            time.sleep(chance.uniform(0, 0.15))
    done.set()


def decide(system: System, chance: random.Random, stop: threading.Event) -> None:
    """Approve most, reject some, leave what is not seen; errors are tried again from the queue."""
    with httpx.Client(timeout=20) as client:
        desk = Desk(system, client)
        signed_in = False
        while not stop.is_set():
            try:
                if not signed_in:
                    desk.sign_in()
                    signed_in = True
                for found in desk.waiting(12):
                    verb, reasons = (
                        ("reject", ("off-topic",)) if chance.random() < 0.2 else ("approve", ())
                    )
                    desk.decide(found["item"], verb, found["version"], found["lease"], *reasons)
            except PASSING:
                time.sleep(0.5)
            time.sleep(0.2)


def kill_everything_once(system: System, chance: random.Random) -> list[str]:
    """Kill every part once, in a drawn order, each time waiting for the last one to be back."""
    order: list[str] = list(VICTIMS)
    chance.shuffle(order)
    for victim in order:
        time.sleep(chance.uniform(0.5, 3))
        system.stack.kill(victim)
        time.sleep(chance.uniform(0.1, 1))
        system.stack.wait_ready(victim)
    return order


def test_whatever_is_killed_every_item_has_exactly_one_ending(own_system: System) -> None:
    seed = int(os.environ.get("DICHTBIJ_FAULT_SEED") or secrets.randbelow(1_000_000))
    print(f"DICHTBIJ_FAULT_SEED={seed}")
    chance = random.Random(seed)
    given, stop = threading.Event(), threading.Event()
    with ThreadPoolExecutor(2) as people:
        giving = people.submit(give, own_system, random.Random(seed + 1), given)
        deciding = people.submit(decide, own_system, random.Random(seed + 2), stop)
        try:
            until(lambda: _count(own_system, "ingest.item") >= 10, "items flow", 120)
            kill_everything_once(own_system, chance)
            giving.result(timeout=300)
            until(lambda: _count(own_system, "moderation.review") >= ITEMS, "all are known", 120)
            decided = "moderation.review where state <> 'pending'"
            until(lambda: _count(own_system, decided) > ITEMS / 2, "half of it is decided", 120)
        finally:
            stop.set()
        deciding.result(timeout=60)
    until(lambda: _everything_is_said_and_heard(own_system), "all is said and heard", 120)
    check_endings(own_system)
    check_topics(own_system)


def _count(system: System, table: str) -> int:
    return int(system.rows(f"select count(*) from {table}")[0][0])


def _everything_is_said_and_heard(system: System) -> bool:
    unsent = sum(
        _count(system, f"{s}.event where sent_at is null and topic is not null") for s in HANDLED
    )
    return unsent == 0 and not _unread(system)


def check_endings(system: System) -> None:
    """Each item decided or waiting once; each approved one in the gallery once, no other there."""
    live = system.rows("select content->>'text' from ingest.item where life = 'live'")
    assert Counter(row[0] for row in live) == {f"fault-item-{n:03d}": 1 for n in range(ITEMS)}
    reviews = dict(system.rows("select item, state from moderation.review"))
    assert len(reviews) == ITEMS
    assert set(reviews.values()) <= {"pending", "approved", "rejected"}
    decisions = system.rows(
        """select subject, count(*) from moderation.event
           where type = 'dichtbij.review.decided.v1' group by subject"""
    )
    assert dict(decisions) == {i: 1 for i, state in reviews.items() if state != "pending"}
    with httpx.Client(timeout=30) as client:
        shown = Counter(i["id"] for i in system.published(client))
    assert shown == {i: 1 for i, state in reviews.items() if state == "approved"}
    assert len(shown) > ITEMS / 4, "the moderator hardly came to work: this proves little"


def check_topics(system: System) -> None:
    """Nothing dead, and every record of every topic was handled by each service that wants it."""
    for service in HANDLED:
        assert _count(system, f"{service}.dead_letter") == 0
    records = asyncio.run(_all_records(system))
    for topic in CATALOGUE:
        for service in topic.consumers:
            assert records[topic.dead_name(system.installation.settings.tenant, service)] == []
            wanted = {
                event.id
                for event in _events(records, topic, system)
                if type(event.data) in HANDLED[service]
            }
            known = {row[0] for row in system.rows(f"select event_id from {service}.inbox")}
            assert wanted <= known, f"{service} skipped records of {topic.subject}"


def _events(records: dict[str, list[bytes]], topic: Topic, system: System) -> list[Any]:
    name = topic.name(system.installation.settings.tenant)
    return [read_envelope(wire, EVENT_CLASSES) for wire in records[name]]


async def _all_records(system: System) -> dict[str, list[bytes]]:
    """Read every topic from its first offset to its last."""
    settings = system.installation.settings
    found: dict[str, list[bytes]] = {}
    consumer: Any = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap, enable_auto_commit=False
    )
    await consumer.start()
    try:
        for topic in CATALOGUE:
            names = {topic.name(settings.tenant): topic.partitions}
            names |= {topic.dead_name(settings.tenant, c): 1 for c in topic.consumers}
            for name, partitions in names.items():
                found[name] = await _read(consumer, name, partitions)
    finally:
        await consumer.stop()
    return found


async def _read(consumer: Any, name: str, partitions: int) -> list[bytes]:
    places = [TopicPartition(name, n) for n in range(partitions)]
    ends = await consumer.end_offsets(places)
    values: list[bytes] = []
    consumer.assign(places)
    await consumer.seek_to_beginning(*places)
    for place in places:
        while await consumer.position(place) < ends[place]:
            batch = await consumer.getmany(place, timeout_ms=2000)
            values += [r.value for r in batch.get(place, []) if r.value is not None]
    return values


def _unread(system: System) -> dict[str, int]:
    """Count, for each service and topic, the records that are not handled yet."""
    settings = system.installation.settings
    lags: dict[str, int] = {}
    for topic in CATALOGUE:
        name = topic.name(settings.tenant)
        places = [(name, n) for n in range(topic.partitions)]
        ends = asyncio.run(log_ends(places, settings))
        for service in topic.consumers:
            if not HANDLED[service].keys() & set(topic.events):
                continue
            sql = f"select partition, next_offset from {service}.consumed where topic = %s"
            done = dict(system.rows(sql, name))
            lag = sum(max(0, end - done.get(n, 0)) for (_, n), end in ends.items())
            if lag:
                lags[f"{service} {topic.subject}"] = lag
    return lags
