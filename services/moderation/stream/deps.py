"""What moderation's handlers need, and nothing more."""

from dataclasses import dataclass

from services.chassis.journal import Journal


@dataclass(frozen=True)
class Deps:
    """The journal that reviews are written to."""

    journal: Journal
