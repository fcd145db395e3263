"""Mandates as they now are. Whoever changes one holds its campaign, so that items are counted anew.

An item is attributed while its campaign is held too (`share_campaign`), so it never misses a change
of a mandate, nor a change of a mandate the item.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from services.chassis.database import Json, Transaction
from services.chassis.journal import Cause, Journal
from services.contracts.ids import CampaignId, CuratorId, MandateId
from services.contracts.ingest import Consent, Pause, SeriesTerms
from services.ingest.domain.mandate import Command, Holder, Mandate, Stop, decide, evolve
from services.ingest.domain.planning import insist_on_room

_SELECT = b"""select m.*, c.name, c.intro, c.staff_account,
                array(select p.url from account_proof p where p.curator = m.curator
                        and p.state = 'proven' and p.url <> '' order by p.url) as accounts
              from mandate m join curator c using (curator) """


def new_mandate_id() -> MandateId:
    """Give a fresh id."""
    return MandateId("m-" + secrets.token_hex(8))


def _mandate(row: Mapping[str, Any]) -> Mandate:
    return Mandate(
        mandate=MandateId(row["mandate"]),
        campaign=CampaignId(row["campaign"]),
        holder=Holder(
            CuratorId(row["curator"]),
            row["name"],
            row["intro"],
            row["staff_account"],
            tuple(row["accounts"]),
        ),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        time_zone=row["time_zone"],
        state=row["state"],
        version=row["version"],
        source=row["source"],
        quota=row["quota"],
        rules_version=row["rules_version"],
        series=None if row["series"] is None else SeriesTerms.model_validate(row["series"]),
        pauses=tuple(Pause.model_validate(p) for p in row["pauses"]),
        hidden=row["hidden"],
        accepted=None if row["accepted"] is None else Consent.model_validate(row["accepted"]),
        ways=tuple(row["ways"]),
        overlap=row["overlap"],
    )


async def hold_campaign(transaction: Transaction, campaign: CampaignId) -> None:
    """Keep others from attributing items of a campaign while its mandates change."""
    await transaction.execute(
        "select 1 from campaign where campaign = %s for no key update", [campaign]
    )


async def share_campaign(transaction: Transaction, campaign: CampaignId) -> None:
    """Keep others from changing mandates of a campaign while an item is attributed."""
    await transaction.execute("select 1 from campaign where campaign = %s for share", [campaign])


async def find_mandate(transaction: Transaction, mandate: MandateId) -> Mandate | None:
    """Give a mandate."""
    cursor = await transaction.execute(_SELECT + b"where m.mandate = %s", [mandate])
    row = await cursor.fetchone()
    return _mandate(row) if row else None


async def list_mandates(transaction: Transaction, campaign: CampaignId) -> list[Mandate]:
    """Give all mandates of a campaign, in order of their start, then as they were planned."""
    cursor = await transaction.execute(
        _SELECT + b"where m.campaign = %s order by m.starts_at, m.created_at, m.mandate", [campaign]
    )
    return [_mandate(row) for row in await cursor.fetchall()]


async def mandates_of(transaction: Transaction, curator: CuratorId) -> list[Mandate]:
    """Give all mandates of a curator, in order of their start, then as they were planned."""
    cursor = await transaction.execute(
        _SELECT + b"where m.curator = %s order by m.starts_at, m.created_at, m.mandate", [curator]
    )
    return [_mandate(row) for row in await cursor.fetchall()]


async def change_mandate(
    transaction: Transaction,
    journal: Journal,
    mandate: Mandate,
    command: Command,
    cause: Cause,
    *,
    now: datetime | None = None,
) -> Mandate:
    """Decide on a wish about a mandate and write what follows; answers the mandate as it then is.

    Raises MandateError when the wish cannot be granted (an OverlapError when somebody else has that
    time), and ConflictError when somebody else changed the mandate first. The caller counts the
    campaign's items anew (`recount`).

    An emergency stop does not hold the campaign, or it would wait while all items are counted for
    somebody else's sake. It is written before items are counted anew for it: what was attributed
    meanwhile is then counted right.
    """
    if not isinstance(command, Stop):
        await hold_campaign(transaction, mandate.campaign)
    before = mandate
    events = decide(mandate, command, now or datetime.now(UTC))
    if not events:
        return mandate
    for event in events:
        mandate = evolve(mandate, event)
    if _takes_time(before, mandate):
        insist_on_room(mandate, await list_mandates(transaction, mandate.campaign))
    told = mandate.announcement()
    version = await journal.append(
        transaction, mandate.mandate, before.version, [*events, told], cause
    )
    return await _write(transaction, mandate, version)


def _takes_time(before: Mandate, after: Mandate) -> bool:
    """Whether a mandate takes time on the calendar that it did not have before."""
    longer = after.starts_at < before.starts_at or after.ends_at > before.ends_at
    fresh = before.version == 0 or before.state in {"declined", "cancelled"}
    return longer or (fresh and after.state not in {"declined", "cancelled"})


async def announce_again(
    transaction: Transaction, journal: Journal, mandate: Mandate, cause: Cause
) -> Mandate:
    """Tell of a mandate whose curator is now called, introduced or found otherwise."""
    mandate = await find_mandate(transaction, mandate.mandate) or mandate
    version = await journal.append(
        transaction, mandate.mandate, mandate.version, [mandate.announcement()], cause
    )
    return await _write(transaction, mandate, version)


async def set_series_terms(
    transaction: Transaction,
    journal: Journal,
    mandate: Mandate,
    series: SeriesTerms | None,
    cause: Cause,
) -> Mandate:
    """Give a mandate other terms of its series; its quota is as many photos as it has places."""
    if mandate.series == series:
        return mandate
    mandate = replace(mandate, series=series, quota=series.places if series else None)
    version = await journal.append(
        transaction, mandate.mandate, mandate.version, [mandate.announcement()], cause
    )
    return await _write(transaction, mandate, version)


async def _write(transaction: Transaction, mandate: Mandate, version: int) -> Mandate:
    await transaction.execute(
        """insert into mandate (mandate, campaign, curator, version, state, source, starts_at,
             ends_at, time_zone, quota, rules_version, series, pauses, hidden, accepted, ways,
             overlap)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
           on conflict (mandate) do update set version = excluded.version,
             state = excluded.state, source = excluded.source, starts_at = excluded.starts_at,
             ends_at = excluded.ends_at, quota = excluded.quota, series = excluded.series,
             rules_version = excluded.rules_version, pauses = excluded.pauses,
             hidden = excluded.hidden, accepted = excluded.accepted, ways = excluded.ways,
             overlap = excluded.overlap""",
        [
            mandate.mandate,
            mandate.campaign,
            mandate.holder.curator,
            version,
            mandate.state,
            mandate.source,
            mandate.starts_at,
            mandate.ends_at,
            mandate.time_zone,
            mandate.quota,
            mandate.rules_version,
            _json(mandate.series),
            Json([p.model_dump(mode="json", by_alias=True) for p in mandate.pauses]),
            mandate.hidden,
            _json(mandate.accepted),
            Json(list(mandate.ways)),
            mandate.overlap,
        ],
    )
    found = await find_mandate(transaction, mandate.mandate)
    return found or mandate


def _json(record: SeriesTerms | Consent | None) -> Json | None:
    return None if record is None else Json(record.model_dump(mode="json", by_alias=True))


async def note_to_next(transaction: Transaction, mandate: MandateId, note: str) -> None:
    """Keep what a curator wants to tell the one who comes after."""
    await transaction.execute(
        "update mandate set note_to_next = %s where mandate = %s", [note, mandate]
    )


async def note_from_last(transaction: Transaction, mandate: Mandate) -> str:
    """Give what the one before wanted to tell the holder of this mandate."""
    cursor = await transaction.execute(
        """select note_to_next from mandate
           where campaign = %s and state in ('accepted', 'ended') and mandate <> %s
             and ends_at <= %s order by ends_at desc limit 1""",
        [mandate.campaign, mandate.mandate, mandate.starts_at],
    )
    row = await cursor.fetchone()
    return str(row["note_to_next"]) if row else ""
