"""The clock that looks which reminders are due, and forgets old messages.

It may run in any number of processes, and may have slept: each message has a key by which it is
queued once, and what is due follows from the dates of a mandate alone.
"""

import asyncio
from datetime import UTC, datetime

from services.chassis.database import TRANSIENT, Database, Transaction
from services.chassis.telemetry import log
from services.ingest.domain.mandate import Mandate
from services.ingest.domain.reminders import Due, messages_due
from services.ingest.store.curators import find_curator
from services.ingest.store.letters import missing_photos
from services.ingest.store.links import Links
from services.ingest.store.mandates import find_mandate
from services.ingest.store.messages import enqueue, forget_old, is_asked, mandates_near
from services.ingest.stream.deps import Deps

#: Seconds between two looks.
_TICK = 20.0


async def send_reminders(deps: Deps) -> None:
    """Queue every reminder when it is due, until cancelled."""
    while True:
        try:
            await queue_reminders(deps.database, deps.pen.links, datetime.now(UTC))
            async with deps.database.transaction() as transaction:
                if count := await forget_old(transaction):
                    log.info("messages.forgotten", count=count)
        except TRANSIENT as error:
            log.warning("reminders.wait", error=type(error).__name__)
        await asyncio.sleep(_TICK)


async def queue_reminders(database: Database, links: Links, now: datetime) -> int:
    """Queue what is due to the holders of mandates at an instant; says how many were new."""
    async with database.transaction() as transaction:
        near = await mandates_near(transaction, now)
    queued = 0
    for known in near:
        async with database.transaction() as transaction:
            mandate = await find_mandate(transaction, known)
            for due in messages_due(mandate, now) if mandate else ():
                if mandate is not None and not await is_asked(transaction, due.key):
                    queued += await _queue(transaction, links, mandate, due)
    return queued


async def _queue(transaction: Transaction, links: Links, mandate: Mandate, due: Due) -> bool:
    curator = await find_curator(transaction, mandate.holder.curator)
    if curator is None or not curator.mail:
        return False
    if due.kind == "deadline" and not await missing_photos(transaction, mandate):
        return False
    link = await links.live(transaction, "curator", curator.curator)
    if link is None:
        link = await links.make(transaction, "curator", curator.curator)
    return await enqueue(
        transaction,
        key=due.key,
        kind=due.kind,
        receiver=curator.mail,
        language=curator.language,
        facts={"mandate": mandate.mandate, "link": link, "about": due.about},
    )
