"""Series between changes: photos that wait again, and deadlines that pass while nothing happens."""

import asyncio

from services.chassis.database import TRANSIENT, Transaction
from services.chassis.journal import Cause
from services.chassis.telemetry import log
from services.contracts.envelope import Envelope
from services.contracts.moderation import ReviewOpened
from services.ingest.store.items import note_review
from services.ingest.store.series import due_series, settle_series, settle_series_of
from services.ingest.stream.deps import Deps

ACTOR = "system:ingest"
#: Seconds between two looks for series whose deadline has passed.
_TICK = 1.0


async def on_review_opened(
    event: Envelope[ReviewOpened], transaction: Transaction, deps: Deps
) -> None:
    """Note that a photo waits for the desk; a second look leaves it refused until it is given."""
    if event.data.second_look:
        return
    item, version = event.data.item, event.subjectversion
    await note_review(transaction, item, version, "pending", None, event.time)
    await settle_series_of(transaction, deps.journal, item, Cause.of(event, ACTOR))


async def watch_deadlines(deps: Deps) -> None:
    """Fold every series anew when its deadline has passed, until cancelled.

    What it lets out is a series of which all photos are approved and whose curator did not say that
    it is ready. Nothing depends on its being on time: a series tells by itself that it is due.
    """
    while True:
        try:
            await settle_due_series(deps)
        except TRANSIENT as error:
            log.warning("series.deadlines_wait", error=type(error).__name__)
        await asyncio.sleep(_TICK)


async def settle_due_series(deps: Deps) -> int:
    """Fold each series anew whose deadline has passed since it was last folded; says how many."""
    async with deps.database.transaction() as transaction:
        due = await due_series(transaction)
    for mandate in due:
        async with deps.database.transaction() as transaction:
            await settle_series(transaction, deps.journal, mandate, Cause.by(ACTOR))
            log.info("series.due", mandate=mandate)
    return len(due)
