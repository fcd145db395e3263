"""A Faust agent that does nothing but parse and produce: `bare_faust.py BOOTSTRAP TOPIC COUNT`."""

import asyncio
import json
import logging
import secrets
import sys
import time
from typing import Any

import faust

# Faust's types are partly unknown.
# pyright: reportUnknownMemberType=false


async def main(bootstrap: str, topic: str, count: int) -> None:
    """Consume COUNT records of TOPIC and print the seconds from the first to the last."""
    logging.disable(logging.CRITICAL)
    app: Any = faust.App(
        f"bench-{secrets.token_hex(4)}",
        broker=f"kafka://{bootstrap}",
        store="memory://",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        key_serializer="raw",
        value_serializer="raw",
        consumer_auto_offset_reset="earliest",
    )
    source = app.topic(topic, value_type=bytes, key_type=bytes)
    target = app.topic("bench-out", value_type=bytes, key_type=bytes)
    done = asyncio.Event()
    times: list[float] = []

    async def consume(stream: Any) -> None:
        async for event in stream.events():
            json.loads(event.value)
            await target.send(key=event.key, value=event.value)
            times.append(time.perf_counter())
            if len(times) >= count:
                done.set()

    app.agent(source, concurrency=1)(consume)
    app.finalize()
    await app.start()
    await asyncio.wait_for(done.wait(), 240)
    sys.stdout.write(f"{times[-1] - times[0]}\n")
    sys.stdout.flush()
    await app.stop()


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
