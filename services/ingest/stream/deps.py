"""What ingest's handlers and clocks need, and nothing more."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.chassis.database import Database
from services.chassis.journal import Journal
from services.ingest.domain.connector import Connector, Fetch
from services.ingest.store.letters import Pen
from services.ingest.store.originals import Darkroom
from services.ingest.stream.post import MailServer


@dataclass(frozen=True)
class Deps:
    """The parts, and the table of campaigns that Faust keeps (id to announcement in JSON)."""

    database: Database
    journal: Journal
    darkroom: Darkroom
    campaigns: Mapping[str, str | None]
    connectors: Mapping[str, Connector]
    fetch: Fetch
    pen: Pen
    mail: MailServer | None
