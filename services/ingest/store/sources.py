"""Sources: what they are set to, how far they were read, and how they are."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError

from services.chassis.database import Json, Transaction
from services.contracts.ids import CampaignId, SourceId
from services.contracts.ingest import CampaignAnnounced, Phase
from services.ingest.connectors import CONNECTORS
from services.ingest.domain.campaign import Campaign, InvalidCampaignError
from services.ingest.domain.campaign_words import Fault

#: One process polls a source at a time; should it die, another takes over after this.
POLL_LEASE = timedelta(minutes=3)
#: A source whose campaign is not live is asked no more often than this.
LOOK_AGAIN_EVERY = timedelta(minutes=5)

#: Whether a source `s` brought what is still here, which an edit or a deletion there is about.
_HAS_LIVE_ITEMS = b"exists (select 1 from item i where i.source = s.source and i.life = 'live')"


def knows_accounts(campaign: CampaignAnnounced, source: SourceId | None = None) -> bool:
    """Whether a source of a campaign, or any of them, can tell one account from another."""
    asked = [s.connector for s in campaign.sources if source in {None, s.source}]
    connectors = [CONNECTORS[name] for name in asked if name in CONNECTORS]
    return any(connector.capabilities.knows_accounts for connector in connectors)


@dataclass(frozen=True)
class Source:
    """A source as it is kept, with its connector's checkpoint; `watched` when it has live items."""

    source: SourceId
    campaign: CampaignId
    connector: str
    settings: Mapping[str, Any]
    poll_seconds: float
    checkpoint: Mapping[str, Any]
    failures: int
    health: Mapping[str, Any]
    last_contact_at: datetime | None
    last_event_at: datetime | None
    phase: Phase = "live"
    watched: bool = False

    @property
    def pace(self) -> timedelta:
        """Give the time between two polls that go well."""
        wanted = timedelta(seconds=self.poll_seconds)
        return wanted if self.phase == "live" else max(wanted, LOOK_AGAIN_EVERY)


def _source(row: Mapping[str, Any]) -> Source:
    return Source(
        SourceId(row["source"]),
        CampaignId(row["campaign"]),
        row["connector"],
        row["settings"],
        row["poll_seconds"],
        row["checkpoint"],
        row["failures"],
        row["health"],
        row["last_contact_at"],
        row["last_event_at"],
        row["phase"] or "live",
        row["watched"],
    )


def insist_readable(campaign: Campaign) -> None:
    """Insist that every source can be read as it is set. Raises InvalidCampaignError."""
    found: list[Fault] = []
    for n, source in enumerate(campaign.sources):
        connector = CONNECTORS.get(source.connector)
        if connector is None:
            facts = {"connector": source.connector, "known": ", ".join(CONNECTORS)}
            found.append(Fault(f"sources.{n}.connector", "connector", facts))
            continue
        try:
            connector.settings.model_validate(source.settings)
        except ValidationError as error:
            found += [
                Fault(".".join(map(str, (f"sources.{n}.settings", *e["loc"]))), "setting")
                for e in error.errors(include_url=False, include_input=False)
            ]
    if found:
        raise InvalidCampaignError(tuple(found))


async def keep_sources(transaction: Transaction, campaign: Campaign) -> None:
    """Keep a campaign's sources; one that is no longer named stops being read.

    A checkpoint is only good for the settings and hashtags it was made under: when those change, it
    starts anew, and item ids see to it that nothing is doubled.
    """
    hashtags = [h.model_dump(mode="json") for h in campaign.hashtags]
    for source in campaign.sources:
        digest = hashlib.sha256(
            json.dumps([source.connector, source.settings, hashtags], sort_keys=True).encode()
        ).hexdigest()
        await transaction.execute(
            """insert into source
                 (source, campaign, connector, settings, settings_digest, poll_seconds)
               values (%s, %s, %s, %s, %s, %s)
               on conflict (source) do update set
                 connector = excluded.connector, settings = excluded.settings,
                 settings_digest = excluded.settings_digest, poll_seconds = excluded.poll_seconds,
                 enabled = true, next_poll_at = now(),
                 checkpoint = case when source.settings_digest = excluded.settings_digest
                                   then source.checkpoint else '{}' end""",
            [
                campaign.source_id(source),
                campaign.id,
                source.connector,
                Json(source.settings),
                digest,
                source.poll_seconds,
            ],
        )
    await transaction.execute(
        "update source set enabled = false where campaign = %s and source <> all(%s)",
        [campaign.id, [campaign.source_id(s) for s in campaign.sources]],
    )


async def lease_due_sources(
    transaction: Transaction, connectors: list[str], most: int
) -> list[Source]:
    """Take sources that are due, so that no other process polls them at the same time.

    Those of a live campaign are read. Those of a paused, closed or archived one are only looked at
    again, as long as something of theirs is here: what is deleted there must go here. When it is
    resumed each source is read on from where it was left.
    """
    cursor = await transaction.execute(
        b"""with due as (
             select s.source, c.announcement ->> 'phase' as phase, true as watched
             from source s join campaign c using (campaign)
             where s.enabled and s.connector = any(%s) and s.next_poll_at <= now()
               and (s.leased_until is null or s.leased_until < now())
               and (coalesce(c.announcement ->> 'phase', 'live') = 'live'
                 or (c.announcement ->> 'phase' <> 'draft' and """
        + _HAS_LIVE_ITEMS
        + b"""))
             order by s.next_poll_at limit %s for update of s skip locked)
           update source set leased_until = now() + %s from due
           where source.source = due.source
           returning source.*, due.phase, due.watched""",
        [connectors, most, POLL_LEASE],
    )
    return [_source(row) for row in await cursor.fetchall()]


async def list_sources(
    transaction: Transaction, campaign: CampaignId | None = None
) -> list[Source]:
    """Give the sources that are named, of one campaign or of all."""
    cursor = await transaction.execute(
        b"select s.*, c.announcement ->> 'phase' as phase, "
        + _HAS_LIVE_ITEMS
        + b""" as watched
           from source s join campaign c using (campaign)
           where s.enabled and (%(c)s::text is null or s.campaign = %(c)s) order by s.source""",
        {"c": campaign},
    )
    return [_source(row) for row in await cursor.fetchall()]


async def note_poll(
    transaction: Transaction,
    source: SourceId,
    *,
    checkpoint: Mapping[str, Any] | None,
    health: Mapping[str, Any],
    failures: int,
    wait: timedelta,
    found: int,
) -> None:
    """Note how a poll went and when the next is due; the checkpoint moves with its events."""
    await transaction.execute(
        """update source set
             checkpoint = coalesce(%(checkpoint)s, checkpoint), health = %(health)s,
             failures = %(failures)s, next_poll_at = now() + %(wait)s, leased_until = null,
             last_contact_at = case when %(failures)s = 0 then now() else last_contact_at end,
             last_event_at = case when %(found)s > 0 then now() else last_event_at end
           where source = %(source)s""",
        {
            "source": source,
            "checkpoint": None if checkpoint is None else Json(dict(checkpoint)),
            "health": Json(dict(health)),
            "failures": failures,
            "wait": wait,
            "found": found,
        },
    )
