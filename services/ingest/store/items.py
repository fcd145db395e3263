"""Items as they now are, submissions on their way, and what became of items."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.chassis.database import Json, Transaction
from services.chassis.journal import Cause, Journal
from services.contracts.ids import CampaignId, ItemId, SourceId
from services.contracts.ingest import Item, SubmissionReceived, SubmissionRetracted
from services.contracts.moderation import ReviewDecided
from services.ingest.domain.item import Command, ItemState, decide, evolve


async def hand_in(
    transaction: Transaction,
    journal: Journal,
    submission: SubmissionReceived | SubmissionRetracted,
    cause: Cause,
) -> None:
    """Put a submission on its way to the stream. Raises ConflictError when a twin is faster."""
    subject = f"submission-{submission.item}"
    cursor = await transaction.execute(
        "select coalesce(max(version), 0) as version from event where subject = %s", [subject]
    )
    row = await cursor.fetchone()
    await journal.append(transaction, subject, row["version"] if row else 0, [submission], cause)


async def handed_in(transaction: Transaction, item: ItemId) -> bool:
    """Whether a submission of this item is on its way or was handled already."""
    cursor = await transaction.execute(
        "select 1 from event where subject = %s limit 1", [f"submission-{item}"]
    )
    return await cursor.fetchone() is not None


async def load_item(transaction: Transaction, item: ItemId, campaign: CampaignId) -> ItemState:
    """Give an item's state and lock it; an unseen item has version 0."""
    cursor = await transaction.execute("select * from item where item = %s for update", [item])
    row = await cursor.fetchone()
    if row is None:
        return ItemState(item, campaign)
    return ItemState(
        item,
        CampaignId(row["campaign"]),
        row["version"],
        row["life"],
        row["revision"],
        row["digest"],
        row["retracted"],
        row["reason"],
        None if row["content"] is None else Item.model_validate(row["content"]),
    )


async def settle(
    transaction: Transaction,
    journal: Journal,
    state: ItemState,
    command: Command,
    source: SourceId,
    cause: Cause,
) -> ItemState:
    """Decide on a command and write what follows: events, and the item as it then is."""
    events = decide(state, command)
    if not events:
        return state
    await journal.append(transaction, state.item, state.version, events, cause)
    for event in events:
        state = evolve(state, event)
    await transaction.execute(
        """insert into item (item, campaign, source, version, life, revision, digest, retracted,
                             reason, content)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
           on conflict (item) do update set version = excluded.version, life = excluded.life,
             revision = excluded.revision, digest = excluded.digest, retracted = excluded.retracted,
             reason = excluded.reason, content = excluded.content, updated_at = now()""",
        [
            state.item,
            state.campaign,
            source,
            state.version,
            state.life,
            state.revision,
            state.digest,
            state.retracted,
            state.reason,
            None
            if state.content is None
            else Json(state.content.model_dump(mode="json", by_alias=True)),
        ],
    )
    return state


async def note_review(
    transaction: Transaction,
    item: ItemId,
    version: int,
    review: str,
    told: ReviewDecided | None,
    at: datetime,
) -> None:
    """Note what moderators decided, unless something later is known."""
    await transaction.execute(
        """insert into standing (item, review, review_version, reasons, statements, decided_at)
           values (%(item)s, %(review)s, %(version)s, %(reasons)s, %(statements)s, %(at)s)
           on conflict (item) do update set review = excluded.review, reasons = excluded.reasons,
             statements = excluded.statements, review_version = excluded.review_version,
             decided_at = excluded.decided_at
           where standing.review_version < excluded.review_version""",
        {
            "item": item,
            "version": version,
            "review": review,
            "reasons": Json(list(told.reasons) if told else []),
            "statements": Json(list(told.statements) if told else []),
            "at": at,
        },
    )


async def note_visibility(
    transaction: Transaction,
    item: ItemId,
    version: int,
    path: str | None,
    at: datetime,
    *,
    purged: bool,
) -> None:
    """Note where an item is shown, or that it is not, unless something later is known."""
    await transaction.execute(
        """insert into standing (item, path, gallery_version, visible_since, purged_at)
           values (%(item)s, %(path)s, %(version)s, %(since)s, %(purged)s)
           on conflict (item) do update set path = excluded.path,
             gallery_version = excluded.gallery_version, visible_since = excluded.visible_since,
             purged_at = excluded.purged_at
           where standing.gallery_version < excluded.gallery_version""",
        {
            "item": item,
            "path": path,
            "version": version,
            "since": at if path else None,
            "purged": at if purged else None,
        },
    )


async def count_items(transaction: Transaction, campaign: CampaignId) -> Mapping[str, Any]:
    """Count a campaign's items by life and reason; for staff."""
    cursor = await transaction.execute(
        """select life, reason, count(*) as items from item where campaign = %s
           group by life, reason order by life, reason""",
        [campaign],
    )
    return {f"{r['life']} {r['reason']}".strip(): r["items"] for r in await cursor.fetchall()}
