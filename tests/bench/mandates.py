"""Measure how long it takes to count a campaign's items anew: `python -m tests.bench.mandates`.

Each number of items is counted three times: when nobody's changes, when a mandate is announced that
takes half of them, and when that mandate is taken off the calendar.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from deploy.local.stack import Stack
from services.chassis.database import Database
from services.chassis.journal import Cause, Journal
from services.contracts.ids import CuratorId, MandateId, SourceId
from services.contracts.ingest import Attribution
from services.ingest.domain.mandate import (
    AcceptMandate,
    Cancel,
    Command,
    Holder,
    Invite,
    Mandate,
    Plan,
)
from services.ingest.store.counting import recount
from services.ingest.store.curators import Curator, keep_curator
from services.ingest.store.mandates import change_mandate
from tests.builders import CAMPAIGN, a_consent, an_attachment, an_item
from tests.installation import Installation, install, prepare_template

_START = datetime(2026, 10, 12, 7, tzinfo=UTC)
_SOURCE = SourceId("bollekesfeest/zot")
_CAUSE = Cause.by("staff:bench")
_CAMPAIGN_FILE = """
campaign: bollekesfeest
name: {nl: Zot van A}
window: {from: 2026-01-01T00:00, to: 2099-01-01T00:00}
hashtags: [{tag: bollekesfeest}]
sources: [{source: zot, connector: upload}]
"""


def _fill(place: Installation, count: int) -> None:
    """Put items there as ingest would have, without the long way by Kafka."""
    item = an_item(source=_SOURCE, consent=None, attachments=(an_attachment(),) * 4)
    content = item.model_copy(update={"attribution": Attribution()}).model_dump_json(by_alias=True)
    place.rows(
        """insert into ingest.item (item, campaign, source, version, life, revision, digest,
                                    retracted, reason, content, effective_at)
           select 'item-' || n, %s, %s, 0, 'live', 1, '', false, '',
                  %s::jsonb || jsonb_build_object('item', 'item-' || n),
                  %s + n * interval '1 second'
           from generate_series(1, %s) n""",
        CAMPAIGN,
        _SOURCE,
        content,
        _START,
        count,
    )


async def _seconds(
    database: Database, mandate: Mandate, *commands: Command
) -> tuple[Mandate, float]:
    began = time.perf_counter()
    async with database.transaction() as transaction:
        journal = Journal("ingest")
        for command in commands:
            mandate = await change_mandate(
                transaction, journal, mandate, command, _CAUSE, now=_START - timedelta(days=9)
            )
        await recount(transaction, journal, CAMPAIGN, _CAUSE)
    return mandate, time.perf_counter() - began


async def _measure(place: Installation, count: int) -> Mapping[str, float]:
    database = Database("ingest", place.settings)
    await database.open()
    try:
        async with database.transaction() as transaction:
            await keep_curator(transaction, Curator(CuratorId("k-1"), "Fatima"))
        mandate = Mandate(
            MandateId("m-1"),
            CAMPAIGN,
            Holder(CuratorId("k-1"), "Fatima"),
            _START,
            _START + timedelta(seconds=count // 2),
            "Europe/Brussels",
            source=_SOURCE,
        )
        yes = AcceptMandate("1", a_consent(evidence="mandate"), ("account",))
        mandate, nothing = await _seconds(database, mandate, Plan(), Invite("an-invitation"))
        mandate, announced = await _seconds(database, mandate, yes)
        _, cancelled = await _seconds(database, mandate, Cancel())
    finally:
        await database.close()
    return {
        "items": count,
        "nothing changes": nothing,
        "half of them counted, half late": announced,
        "all counted for nobody": cancelled,
    }


def main() -> None:
    """Measure on parts of its own and print the seconds as JSON, a line for each number."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "campaign.yaml"
        file.write_text(_CAMPAIGN_FILE)
        with Stack(Path(folder) / "parts", only=("kafka", "postgres", "s3")) as stack:
            parts = {n: v for n, v in stack.environment().items() if n.startswith("DICHTBIJ_")}
            prepare_template(parts)
            for count in tuple(int(n) for n in sys.argv[1:]) or (1_000, 10_000):
                place = install(parts, topics=False)
                place.command("campaign", "apply", str(file))
                _fill(place, count)
                found = asyncio.run(_measure(place, count))
                sys.stdout.write(json.dumps(cast("object", found)) + "\n")


if __name__ == "__main__":
    main()
