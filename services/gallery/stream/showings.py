"""The clock that tells how often items were shown: often at first, and then as it grows."""

import asyncio

from services.chassis.database import TRANSIENT
from services.chassis.journal import Cause, ConflictError
from services.chassis.telemetry import log
from services.contracts.gallery import ShowingsCounted
from services.gallery.store import showings
from services.gallery.stream.deps import Deps
from services.gallery.stream.moves import ACTOR

#: Seconds between two looks, and totals that one transaction tells.
_TICK = 5.0
_MOST = 500


async def tell_showings(deps: Deps) -> None:
    """Tell what is worth telling, until cancelled."""
    while True:
        try:
            while await tell_due(deps) == _MOST:
                pass
        except (*TRANSIENT, ConflictError) as error:
            log.warning("showings.telling_waits", error=type(error).__name__)
        await asyncio.sleep(_TICK)


async def tell_due(deps: Deps) -> int:
    """Tell the totals that are due, as many as one transaction holds; says how many they were."""
    async with deps.database.transaction() as tx:
        due = await showings.to_tell(tx, _MOST)
        if due:
            told = [
                (
                    f"showings-{one.item}",
                    one.version,
                    [ShowingsCounted(item=one.item, campaign=one.campaign, times=one.times)],
                )
                for one in due
            ]
            await deps.journal.append_each(tx, told, Cause.by(ACTOR))
            await showings.note_told(tx, due)
    return len(due)
