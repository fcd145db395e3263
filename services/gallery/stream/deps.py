"""What the handlers of events need."""

from dataclasses import dataclass

from services.chassis.database import Database
from services.chassis.journal import Journal
from services.chassis.objects import ObjectStore


@dataclass(frozen=True)
class Deps:
    """The parts of the service that handlers use."""

    database: Database
    journal: Journal
    objects: ObjectStore
