"""What ingest's routes need, put on the application's state by `app.py`."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from services.chassis.database import Database
from services.chassis.journal import Journal
from services.ingest.store.fetch import GuardedFetch
from services.ingest.store.links import Links
from services.ingest.store.originals import Darkroom


@dataclass(frozen=True)
class Parts:
    """The parts of a web process; `turns` bounds how many uploads are checked at once."""

    database: Database
    journal: Journal
    darkroom: Darkroom
    receipt_key: str
    turns: asyncio.Semaphore
    fetch: GuardedFetch

    @property
    def links(self) -> Links:
        """Give what makes and opens private links."""
        return Links(self.receipt_key)


def _parts(request: Request) -> Parts:
    return cast("Parts", request.app.state.parts)


Needs = Annotated[Parts, Depends(_parts)]
