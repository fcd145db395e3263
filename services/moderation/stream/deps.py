"""What moderation's handlers need, and nothing more."""

from dataclasses import dataclass

from services.chassis.database import Database
from services.chassis.journal import Journal


@dataclass(frozen=True)
class Deps:
    """The journal that reviews are written to, and the database for the clock."""

    journal: Journal
    database: Database
