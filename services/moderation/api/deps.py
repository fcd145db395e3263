"""What moderation's routes need, put on the application's state by `app.py`."""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from services.chassis.auth import SignedIn, Staff, insist
from services.chassis.database import Database
from services.chassis.journal import Journal
from services.chassis.objects import ObjectStore
from services.moderation.store.identity import IdentityProvider
from services.moderation.store.news import Newsroom


@dataclass(frozen=True)
class Parts:
    """The parts of a web process; `origins` are our sites, which a sign-in may lead back to."""

    database: Database
    journal: Journal
    objects: ObjectStore
    newsroom: Newsroom
    session_key: str
    home: str
    origins: frozenset[str]
    provider: IdentityProvider | None


def _parts(request: Request) -> Parts:
    return cast("Parts", request.app.state.parts)


Needs = Annotated[Parts, Depends(_parts)]


def _moderator(staff: SignedIn) -> Staff:
    insist(staff, "moderator")
    return staff


#: Somebody who may work at the desk.
Moderator = Annotated[Staff, Depends(_moderator)]
