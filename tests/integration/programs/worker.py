"""A real stream process with a handler that does what its event's text says: done, fail, slow."""

import asyncio
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from services.chassis.database import Transaction
from services.chassis.service import Service, run_stream
from services.chassis.settings import ServiceSettings
from services.chassis.streams import Streams, Tables
from services.chassis.telemetry import start_telemetry
from services.contracts.envelope import Envelope
from services.contracts.moderation import ItemCleared, ItemRevoked


async def on_cleared(event: Envelope[ItemCleared], transaction: Transaction, _: None) -> None:
    text = event.data.item.text
    if text.startswith("slow"):
        await asyncio.sleep(0.2)
    await transaction.execute(
        "insert into effect (subject, version, text) values (%s, %s, %s)",
        [event.subject, event.subjectversion, text],
    )
    cursor = await transaction.execute("select 1 from broken limit 1")
    if text.startswith("fail") and await cursor.fetchone() is not None:
        message = "this one cannot be handled"
        raise ValueError(message)


async def on_revoked(event: Envelope[ItemRevoked], transaction: Transaction, _: None) -> None:
    await transaction.execute(
        "insert into effect (subject, version, text) values (%s, %s, 'revoked')",
        [event.subject, event.subjectversion],
    )


async def deps(streams: Streams[None]) -> None:
    if "lingering" in sys.argv:
        # As Faust's own does now and then, when it is told to stop while it starts.
        threading.Thread(target=time.sleep, args=(3600,)).start()
    if "rebalancing-for-good" in sys.argv:
        # As Faust was seen to do after a broker came back whose topics were not there yet.
        kind = type("App", (type(streams.app),), {"rebalancing": _Always()})
        streams.app.__class__ = kind


class _Always:
    """A flag that nobody can lower."""

    def __get__(self, *_: object) -> bool:
        return True

    def __set__(self, *_: object) -> None:
        pass


def main() -> None:
    settings = ServiceSettings()  # pyright: ignore[reportCallIssue]
    start_telemetry("gallery", "stream", settings)
    service: Service[None] = Service("gallery", settings)
    run_stream(service, {ItemCleared: on_cleared, ItemRevoked: on_revoked}, Tables(), deps)


main()
