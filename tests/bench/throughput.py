"""Items a second through the streams, next to a bare aiokafka loop and a bare Faust agent.

All three read the same records in the same run. The bare ones parse the JSON and produce one
record for each, and do nothing else: no database, no inbox, no matching.
"""

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from services.chassis.kafka import producing
from services.chassis.settings import ServiceSettings
from services.contracts.ids import CampaignId, SourceId
from services.contracts.topics import SUBMISSIONS
from tests.builders import a_submission, an_event, an_item_id
from tests.e2e.system import CAMPAIGN, System, until

# aiokafka ships no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

_CHECKOUT = Path(__file__).parents[2]


def measure(system: System, count: int, number: int) -> dict[str, float]:
    """Give items a second: ours to the event, ours to the queue, a bare loop, a bare agent."""
    settings = system.installation.settings
    words = f"bench {number}-"
    first = asyncio.run(_ends(settings))
    asyncio.run(_produce(settings, count, words))
    until(lambda: _reviews(system, words) >= count, "all items wait for a moderator", 600)
    [[ours]] = system.rows(
        """select extract(epoch from max(sent_at) - min(time)) from ingest.event
           where type = 'dichtbij.item.received.v1' and data->'item'->>'text' like %s""",
        f"{words}%",
    )
    [[queued]] = system.rows(
        """select extract(epoch from (select max(time) from moderation.event
                    where type = 'dichtbij.review.opened.v1') - min(time)) from ingest.event
           where type = 'dichtbij.item.received.v1' and data->'item'->>'text' like %s""",
        f"{words}%",
    )
    asyncio.run(_make_topic(settings, "bench-out"))
    return {
        "items": count,
        "ours, submission → item event": round(count / float(ours), 1),
        "ours, submission → queue": round(count / float(queued), 1),
        "bare aiokafka": round(count / asyncio.run(_bare_loop(settings, count, first)), 1),
        "bare Faust agent": round(count / _bare_faust(settings, count), 1),
    }


def _reviews(system: System, words: str) -> int:
    [[found]] = system.rows(
        "select count(*) from moderation.review where snapshot->>'text' like %s", f"{words}%"
    )
    return int(found)


def _places(settings: ServiceSettings) -> list[TopicPartition]:
    name = SUBMISSIONS.name(settings.tenant)
    return [TopicPartition(name, n) for n in range(SUBMISSIONS.partitions)]


async def _ends(settings: ServiceSettings) -> dict[TopicPartition, int]:
    """Where the topic ends now, so that the bare loop reads this round's records only."""
    consumer: Any = AIOKafkaConsumer(bootstrap_servers=settings.kafka_bootstrap)
    await consumer.start()
    ends: dict[TopicPartition, int] = await consumer.end_offsets(_places(settings))
    await consumer.stop()
    return ends


async def _produce(settings: ServiceSettings, count: int, words: str) -> None:
    async with producing(settings) as producer:
        for number in range(count):
            item = an_item_id()
            data = a_submission(
                item=item,
                campaign=CampaignId(CAMPAIGN),
                source=SourceId(f"{CAMPAIGN}/upload"),
                text=f"{words}{number}",
            )
            event = an_event(data, f"submission-{item}")
            name = SUBMISSIONS.name(settings.tenant)
            await producer.send(name, event.to_wire(), key=event.subject.encode())
        await producer.flush()


async def _make_topic(settings: ServiceSettings, name: str) -> None:
    admin: Any = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    await admin.start()
    if name not in await admin.list_topics():
        await admin.create_topics([NewTopic(name, SUBMISSIONS.partitions, 1)])
    await admin.close()


async def _bare_loop(
    settings: ServiceSettings, count: int, first: dict[TopicPartition, int]
) -> float:
    consumer: Any = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap, enable_auto_commit=False
    )
    await consumer.start()
    consumer.assign(list(first))
    for place, offset in first.items():
        consumer.seek(place, offset)
    seen = 0
    began = time.perf_counter()
    async with producing(settings) as producer:
        while seen < count:
            for records in (await consumer.getmany(timeout_ms=1000)).values():
                for record in records:
                    json.loads(record.value)
                    seen += 1
                    await producer.send("bench-out", record.value, key=record.key)
        await producer.flush()
        taken = time.perf_counter() - began
    await consumer.stop()
    return taken


def _bare_faust(settings: ServiceSettings, count: int) -> float:
    answer = subprocess.run(
        [
            sys.executable,
            "tests/bench/bare_faust.py",
            settings.kafka_bootstrap,
            SUBMISSIONS.name(settings.tenant),
            str(count),
        ],
        cwd=_CHECKOUT,
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return float(answer.stdout.strip().splitlines()[-1])
