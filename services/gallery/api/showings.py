"""Counts how often items are shown, as numbers without anything of who saw them."""

import asyncio
from collections import Counter

from services.chassis.database import TRANSIENT, Database
from services.chassis.telemetry import log
from services.gallery.store import showings

#: Seconds between two times that a process writes down what it counted; a kill loses that much.
_TICK = 5.0


class Tally:
    """What one process counted since it last wrote it down."""

    def __init__(self, database: Database) -> None:
        """Write to this database."""
        self._database = database
        self._counted: Counter[str] = Counter()

    def count(self, item: str) -> None:
        """Count that an item was shown once. It must exist: each one counted takes memory."""
        self._counted[item] += 1

    async def run(self) -> None:
        """Write down what was counted, now and then, until cancelled; then once more."""
        try:
            while True:
                await asyncio.sleep(_TICK)
                await self.write_down()
        finally:
            await self.write_down()

    async def write_down(self) -> None:
        """Add what was counted to the counters of all processes."""
        counted, self._counted = self._counted, Counter()
        if not counted:
            return
        try:
            async with self._database.transaction() as tx:
                await showings.add(tx, counted)
        except BaseException as error:
            self._counted.update(counted)
            if not isinstance(error, Exception):
                raise
            # Whatever is wrong with the counters, galleries are shown.
            level = log.warning if isinstance(error, TRANSIENT) else log.error
            level("showings.wait", error=type(error).__name__)
