"""Dead letters of one service: list them with reasons, and send them back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.chassis.database import Database
from services.chassis.kafka import producing, read_letters, send_back
from services.chassis.settings import ServiceSettings
from services.chassis.streams import REDRIVE_HEADER
from services.contracts.topics import CATALOGUE


@dataclass(frozen=True)
class DeadLetter:
    """One record that could not be handled, or that waits behind such a record of its subject."""

    id: int
    topic: str
    partition: int
    offset: int
    subject: str | None
    reason: str
    attempts: int
    died_at: datetime
    redriven_at: datetime | None
    dead_place: tuple[int, int]


def _letter(row: Mapping[str, Any]) -> DeadLetter:
    return DeadLetter(
        row["id"],
        row["topic"],
        row["partition"],
        row["log_offset"],
        row["subject"],
        row["reason"],
        row["attempts"],
        row["died_at"],
        row["redriven_at"],
        (row["dead_partition"], row["dead_offset"]),
    )


async def list_dead_letters(database: Database) -> list[DeadLetter]:
    """Give the dead letters that are not resolved, oldest first."""
    async with database.transaction() as transaction:
        cursor = await transaction.execute(
            "select * from dead_letter where resolved_at is null order by id"
        )
        return [_letter(row) for row in await cursor.fetchall()]


async def redrive(
    service: str, database: Database, settings: ServiceSettings, only: int | None = None
) -> tuple[int, list[DeadLetter]]:
    """Send dead letters back to the topic they came from, oldest first.

    Answers how many went, and those whose record has expired from the dead-letter topic. A record
    that was handled in the meantime is passed over by its event id, so a second call has no effect.
    """
    letters = [x for x in await list_dead_letters(database) if only is None or x.id == only]
    dead_names = {t.name(settings.tenant): t.dead_name(settings.tenant, service) for t in CATALOGUE}
    sent = 0
    lost: list[DeadLetter] = []
    async with producing(settings) as producer:
        for letter in letters:
            found = await read_letters(dead_names[letter.topic], [letter.dead_place], settings)
            record = found.get(letter.dead_place)
            if record is None:
                lost.append(letter)
                continue
            kept = [h for h in record.headers if not h[0].startswith("Dead-")]
            headers = [*kept, (REDRIVE_HEADER, str(letter.id).encode())]
            await send_back(producer, letter.topic, letter.partition, record, headers)
            sent += 1
            async with database.transaction() as transaction:
                await transaction.execute(
                    "update dead_letter set redriven_at = now() where id = %s", [letter.id]
                )
    return sent, lost
