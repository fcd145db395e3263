"""What routes need, put on the app when it starts."""

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from services.chassis.database import Database
from services.chassis.objects import ObjectStore
from services.chassis.settings import ServiceSettings
from services.gallery.api.changes import Changes
from services.gallery.api.kept import Kept
from services.gallery.api.rendered import Answer
from services.gallery.api.showings import Tally


@dataclass(frozen=True)
class Parts:
    """The parts of the service that routes use."""

    database: Database
    objects: ObjectStore
    changes: Changes
    pages: Kept[Answer]
    photos: Kept[bytes]
    tally: Tally
    settings: ServiceSettings


def _parts(request: Request) -> Parts:
    return cast("Parts", request.app.state.parts)


PartsOf = Annotated[Parts, Depends(_parts)]
