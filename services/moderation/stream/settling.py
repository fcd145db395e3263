"""The clock of moderation: consents lapse and mandates stop without anybody's decision."""

import asyncio

from services.chassis.database import TRANSIENT
from services.chassis.journal import Cause, ConflictError
from services.chassis.telemetry import log
from services.moderation.store.settling import BATCH, settle_due
from services.moderation.stream.deps import Deps
from services.moderation.stream.items import ACTOR

#: Seconds between two looks for what lapsed or was stopped.
_TICK = 0.5
#: Seconds before the next look after one that failed.
_PAUSE = 2.0


async def settle_reviews(deps: Deps) -> None:
    """Clear and revoke what is due, in bounded transactions, until cancelled."""
    while True:
        pause = _TICK
        try:
            async with deps.database.transaction() as transaction:
                cause = Cause.by(ACTOR)
                settled = await settle_due(transaction, deps.journal, cause)
            if settled:
                log.info("reviews.settled", number=settled)
            if settled == BATCH:
                pause = 0.0
        except (*TRANSIENT, ConflictError) as error:
            log.warning("reviews.settling_waits", error=type(error).__name__)
            pause = _PAUSE
        await asyncio.sleep(pause)
