"""What changed in galleries, told to everybody who watches: one reading for all of a process.

Kafka only rings the bell. What changed is read from PostgreSQL, in order and complete, by one query
for each gallery that is watched, however many watch it: a lost, doubled or late ring does no harm.
"""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from services.chassis.database import TRANSIENT, Database
from services.chassis.kafka import KAFKA_TRANSIENT, tail
from services.chassis.settings import ServiceSettings
from services.chassis.telemetry import LIVE_STREAMS, log
from services.contracts.gallery import ItemPublished, ItemUnpublished, SeriesPublished
from services.contracts.topics import GALLERIES
from services.gallery.store import galleries, views
from services.gallery.store.views import MOST_CHANGES, Change

#: Changes that wait for one watcher before it is dropped; it comes back and resumes. More than one
#: reading gives: a stop takes hundreds of items away at once, and whoever watches hears all of it.
MOST_WAITING = 2 * MOST_CHANGES
#: Seconds after which watched galleries are looked at although nobody rang.
_LOOK_AGAIN = 5.0
_PAUSE = 1.0


class TooManyWatchersError(Exception):
    """A process holds as many open connections as it may."""


@dataclass(eq=False)
class Watcher:
    """One open connection: what it has been told, and what waits to be told."""

    gallery: str
    told: int
    waiting: asyncio.Queue[Change] = field(
        default_factory=lambda: asyncio.Queue[Change](MOST_WAITING)
    )
    dropped: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, change: Change) -> None:
        """Queue a change; a watcher that does not keep up is dropped: nobody waits for it."""
        if change.position <= self.told or self.dropped.is_set():
            return
        try:
            self.waiting.put_nowait(change)
        except asyncio.QueueFull:
            self.dropped.set()
            return
        self.told = change.position

    async def next(self, patience: float) -> list[Change]:
        """Wait for a change, and take all that wait with it; none when there was none in time."""
        try:
            async with asyncio.timeout(patience):
                first = await self.waiting.get()
        except TimeoutError:
            return []
        return [first, *(self.waiting.get_nowait() for _ in range(self.waiting.qsize()))]


class Changes:
    """Everybody who watches a gallery through this process."""

    def __init__(self, database: Database, most: int) -> None:
        """Accept at most this many watchers."""
        self._database = database
        self._most = most
        self._watchers: dict[str, set[Watcher]] = {}
        self._rung: set[str] = set()
        self._bell = asyncio.Event()

    @property
    def watchers(self) -> int:
        """Count the open connections."""
        return sum(len(group) for group in self._watchers.values())

    @property
    def full(self) -> bool:
        """Whether another connection would be one too many."""
        return self.watchers >= self._most

    @contextmanager
    def watch(self, gallery: str, after: int) -> Generator[Watcher]:
        """Be told what changes in a gallery after a version. Raises TooManyWatchersError."""
        if self.full:
            raise TooManyWatchersError
        watcher = Watcher(gallery, after)
        self._watchers.setdefault(gallery, set()).add(watcher)
        LIVE_STREAMS.inc()
        self.ring(gallery)
        try:
            yield watcher
        finally:
            LIVE_STREAMS.dec()
            group = self._watchers[gallery]
            group.discard(watcher)
            if not group:
                del self._watchers[gallery]

    def ring(self, gallery: str) -> None:
        """Say that something changed in a gallery."""
        if gallery in self._watchers:
            self._rung.add(gallery)
            self._bell.set()

    async def tell(self, gallery: str) -> None:
        """Read what changed since the one who knows least, and tell it.

        Where one reading does not give all of it, the bell rings for the next.
        """
        group = [w for w in self._watchers.get(gallery, ()) if not w.dropped.is_set()]
        if not group:
            return
        async with self._database.transaction() as tx:
            found = await views.changes_after(tx, gallery, min(w.told for w in group))
        for watcher in group:
            for change in found:
                watcher.tell(change)
        if len(found) == MOST_CHANGES:
            self.ring(gallery)

    async def run(self) -> None:
        """Tell what changed whenever the bell rings, and look now and then without it."""
        while True:
            try:
                async with asyncio.timeout(_LOOK_AGAIN):
                    await self._bell.wait()
            except TimeoutError:
                await self._look()
            self._bell.clear()
            rung, self._rung = self._rung, set()
            for gallery in rung:
                try:
                    await self.tell(gallery)
                except TRANSIENT as error:
                    log.warning("live.waits", error=type(error).__name__)
                    self._rung.add(gallery)
                    await asyncio.sleep(_PAUSE)

    async def _look(self) -> None:
        watched = list(self._watchers)
        if not watched:
            return
        try:
            async with self._database.transaction() as tx:
                versions = await galleries.versions(tx, watched)
        except TRANSIENT as error:
            log.warning("live.waits", error=type(error).__name__)
            return
        for gallery, version in versions.items():
            if any(w.told < version for w in self._watchers.get(gallery, ())):
                self._rung.add(gallery)


async def listen(changes: Changes, settings: ServiceSettings) -> None:
    """Ring for every change that Kafka tells of, until cancelled."""
    while True:
        try:
            async for event in tail(GALLERIES, settings):
                if isinstance(event.data, ItemPublished | ItemUnpublished | SeriesPublished):
                    changes.ring(event.data.gallery)
        except KAFKA_TRANSIENT as error:
            log.warning("live.tail_lost", error=type(error).__name__)
        await asyncio.sleep(_PAUSE)
