"""Planning: turns for several curators at once, all of them or none; and the list of who waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.chassis.database import Transaction
from services.chassis.journal import Cause, Journal
from services.contracts.ids import CampaignId, CuratorId, MandateId, SourceId
from services.contracts.ingest import CampaignAnnounced
from services.ingest.domain.mandate import Holder, Mandate, Plan
from services.ingest.domain.people import Invitee, same_name
from services.ingest.domain.planning import insist_on_window
from services.ingest.store.curators import Curator, find_curator, keep_curator, new_curator_id
from services.ingest.store.mandates import change_mandate, hold_campaign, new_mandate_id


@dataclass(frozen=True)
class Turn:
    """A time on the calendar, and who is to have it."""

    starts_at: datetime
    ends_at: datetime
    curator: CuratorId


async def find_or_keep(transaction: Transaction, invitee: Invitee) -> CuratorId:
    """Give the curator with this address and name, or keep a new one.

    An address may be that of a school: whoever else has it is another curator, with another link.
    Without an address nobody can be known again.
    """
    if invitee.mail:
        cursor = await transaction.execute(
            "select curator, name from curator where mail = %s order by created_at", [invitee.mail]
        )
        for row in await cursor.fetchall():
            if same_name(row["name"], invitee.name):
                return CuratorId(row["curator"])
    curator = new_curator_id()
    await keep_curator(
        transaction,
        Curator(curator, invitee.name, mail=invitee.mail, language=invitee.language),
    )
    return curator


async def plan(
    transaction: Transaction,
    journal: Journal,
    campaign: CampaignAnnounced,
    turns: Sequence[Turn],
    *,
    source: SourceId | None,
    overlap: bool,
    cause: Cause,
    quota: int | None = None,
) -> list[Mandate]:
    """Put turns on the calendar; where there is no series, at most `quota` photos count for each.

    Raises OverlapError, OutsideWindowError and BadDatesError, and then plans none.
    """
    await hold_campaign(transaction, campaign.campaign)
    planned: list[Mandate] = []
    for turn in turns:
        insist_on_window(turn.starts_at, turn.ends_at, campaign)
        mandate = Mandate(
            mandate=new_mandate_id(),
            campaign=campaign.campaign,
            holder=await _holder(transaction, turn.curator),
            starts_at=turn.starts_at,
            ends_at=turn.ends_at,
            time_zone=campaign.time_zone,
            source=source,
            quota=campaign.series.places if campaign.series else quota,
            rules_version=campaign.rules_version,
            series=campaign.series,
            overlap=overlap,
        )
        planned.append(await change_mandate(transaction, journal, mandate, Plan(), cause))
    return planned


async def _holder(transaction: Transaction, curator: CuratorId) -> Holder:
    """Give how the curator is called: the first announcement tells it already."""
    found = await find_curator(transaction, curator)
    if found is None:
        return Holder(curator, "")
    return Holder(curator, found.name, found.intro, found.staff_account)


@dataclass(frozen=True)
class Waiting:
    """Somebody who would like a turn, and since when."""

    curator: CuratorId
    name: str
    mail: str
    words: str
    asked_at: datetime


async def wait_for_turn(
    transaction: Transaction, campaign: CampaignId, curator: CuratorId, words: str
) -> None:
    """Put a curator on the waiting list; who waits already keeps their place."""
    await transaction.execute(
        """insert into waiting (campaign, curator, words) values (%s, %s, %s)
           on conflict do nothing""",
        [campaign, curator, words],
    )


async def stop_waiting(transaction: Transaction, campaign: CampaignId, curator: CuratorId) -> bool:
    """Take a curator off the waiting list; says whether they were on it."""
    cursor = await transaction.execute(
        "delete from waiting where campaign = %s and curator = %s", [campaign, curator]
    )
    return cursor.rowcount == 1


async def list_waiting(transaction: Transaction, campaign: CampaignId) -> list[Waiting]:
    """Give who waits for a turn, the longest first."""
    cursor = await transaction.execute(
        """select w.curator, c.name, c.mail, w.words, w.asked_at
           from waiting w join curator c using (curator)
           where w.campaign = %s order by w.asked_at, w.curator""",
        [campaign],
    )
    return [Waiting(**row) for row in await cursor.fetchall()]


@dataclass(frozen=True)
class Wait:
    """A campaign for which a curator would like a turn, and what staff noted about that."""

    campaign: CampaignId
    asked_at: datetime
    words: str


async def waits_of(transaction: Transaction, curator: CuratorId) -> list[Wait]:
    """Give where a curator waits for a turn."""
    cursor = await transaction.execute(
        "select campaign, asked_at, words from waiting where curator = %s order by asked_at",
        [curator],
    )
    return [Wait(**row) for row in await cursor.fetchall()]


@dataclass(frozen=True)
class Uncounted:
    """An item that came late or during a pause, as somebody decides whether it counts."""

    item: str
    lane: str
    words: str
    kind: str
    effective_at: datetime


async def uncounted_items(transaction: Transaction, mandate: MandateId) -> list[Uncounted]:
    """Give what came late or during a pause for a mandate, in the order in which it came."""
    cursor = await transaction.execute(
        """select item, lane, content ->> 'text' as words, content ->> 'kind' as kind, effective_at
           from item where mandate = %s and lane in ('late', 'paused') and life = 'live'
           order by effective_at, item limit 200""",
        [mandate],
    )
    return [Uncounted(**row) for row in await cursor.fetchall()]
