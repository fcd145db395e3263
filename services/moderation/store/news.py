"""News for open desks: told in the transaction that changes a review, heard by every process."""

import asyncio
import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Literal

from services.chassis.database import TRANSIENT, Database, Transaction
from services.chassis.telemetry import log
from services.moderation.domain.review import Review

CHANNEL = "desk-news"
#: News that one desk may have unread; a browser that is slower than this starts over.
_UNREAD = 200
#: Desks that one process serves at the same time.
MOST_DESKS = 500
#: Seconds before listening again after PostgreSQL was away.
_PAUSE = 1.0

Kind = Literal["waiting", "decided", "withdrawn", "visible", "start-over"]


@dataclass(frozen=True)
class News:
    """What an open desk needs to know: ids and states only, the rest it asks for."""

    kind: Kind
    campaign: str = ""
    item: str = ""
    version: int = 0
    state: str = ""
    by: str = ""

    @staticmethod
    def of(review: Review, by: str) -> "News":
        """Tell what became of a review."""
        kind: Kind = "decided"
        if review.life == "withdrawn":
            kind = "withdrawn"
        elif review.state == "pending":
            kind = "waiting"
        return News(kind, review.campaign, review.item, review.version, review.state, by)


async def tell(transaction: Transaction, news: News) -> None:
    """Notify every web process once the transaction is committed."""
    await transaction.execute("select pg_notify(%s, %s)", [CHANNEL, json.dumps(asdict(news))])


class TooManyDesksError(Exception):
    """A process serves as many open desks as it may."""


class Newsroom:
    """Hears notifications once per process and hands them to every open desk."""

    def __init__(self, database: Database) -> None:
        """Remember where to listen."""
        self._database = database
        self._desks: set[asyncio.Queue[News]] = set()

    async def run(self) -> None:
        """Listen until cancelled; after a gap every desk is told to start over."""
        while True:
            try:
                async with self._database.listening(CHANNEL) as connection:
                    self._hand_out(News("start-over"))
                    async for note in connection.notifies():
                        self._hand_out(News(**json.loads(note.payload)))
            except TRANSIENT as error:
                log.warning("desk.news_lost", error=type(error).__name__)
            await asyncio.sleep(_PAUSE)

    def _hand_out(self, news: News) -> None:
        for desk in self._desks:
            if desk.full():
                while not desk.empty():
                    desk.get_nowait()
                desk.put_nowait(News("start-over"))
            else:
                desk.put_nowait(news)

    @contextmanager
    def desk(self) -> Generator[asyncio.Queue[News]]:
        """Hand out news to one desk while the block runs. Raises TooManyDesksError."""
        if len(self._desks) >= MOST_DESKS:
            raise TooManyDesksError
        queue: asyncio.Queue[News] = asyncio.Queue(_UNREAD)
        self._desks.add(queue)
        try:
            yield queue
        finally:
            self._desks.discard(queue)
