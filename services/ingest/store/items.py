"""Items as they now are, submissions on their way, and what became of items."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.chassis.database import Json, Transaction
from services.chassis.journal import Cause, Journal
from services.chassis.telemetry import log
from services.contracts.ids import CampaignId, CuratorId, ItemId, SourceId
from services.contracts.ingest import (
    Item,
    SubmissionReceived,
    SubmissionRetracted,
)
from services.contracts.moderation import ReviewDecided, ReviewReverted
from services.ingest.domain.item import (
    Command,
    ItemState,
    Origin,
    decide,
    evolve,
)
from services.ingest.store.consents import record_consent


async def hand_in(
    transaction: Transaction,
    journal: Journal,
    submission: SubmissionReceived | SubmissionRetracted,
    cause: Cause,
    *,
    first: bool = False,
) -> bool:
    """Put a submission on its way to the stream; says no to a version of what was taken back.

    With `first` it also says no to what is known already: a twin may have come since one looked.

    A retraction must stay the last word in the log too: who reads only the last record of each
    subject would make an item again of what stands after it. Raises ConflictError when a twin is
    faster.
    """
    subject = f"submission-{submission.item}"
    cursor = await transaction.execute(
        """select coalesce(max(version), 0) as version,
                  coalesce(bool_or(type = %s), false) as retracted
           from event where subject = %s""",
        [SubmissionRetracted.TYPE, subject],
    )
    row = await cursor.fetchone()
    if row and row["retracted"] and isinstance(submission, SubmissionReceived):
        log.info("submission.refused", item=submission.item, reason="retracted")
        return False
    version = row["version"] if row else 0
    if first and version:
        return False
    await journal.append(transaction, subject, version, [submission], cause)
    return True


async def retracted_among(transaction: Transaction, items: Sequence[ItemId]) -> set[ItemId]:
    """Give those that were taken back: by their giver, at their source or with its account."""
    cursor = await transaction.execute(
        "select distinct data->>'item' as item from event where subject = any(%s) and type = %s",
        [[f"submission-{item}" for item in items], SubmissionRetracted.TYPE],
    )
    return {ItemId(row["item"]) for row in await cursor.fetchall()}


async def first_seen(
    transaction: Transaction, submission: SubmissionReceived
) -> SubmissionReceived:
    """Give a submission with the time at which its post was first observed.

    An edit must not move a post to another day, and so to another curator. All versions stand in
    the log before the first is handled, so it does not matter in which order they come.
    """
    cursor = await transaction.execute(
        """select min((data->>'observedAt')::timestamptz) as observed_at from event
           where subject = %s and type = %s""",
        [f"submission-{submission.item}", SubmissionReceived.TYPE],
    )
    row = await cursor.fetchone()
    known = row["observed_at"] if row else None
    if known is None or known >= submission.observed_at:
        return submission
    return submission.model_copy(update={"observed_at": known})


async def find_item(transaction: Transaction, item: ItemId, campaign: CampaignId) -> ItemState:
    """Give an item's state as it was last committed; an unseen item has version 0."""
    cursor = await transaction.execute("select * from item where item = %s", [item])
    row = await cursor.fetchone()
    return state_of(row) if row else ItemState(item, campaign)


async def load_item(transaction: Transaction, item: ItemId, campaign: CampaignId) -> ItemState:
    """Give an item's state and lock it; an unseen item has version 0.

    Whoever then attributes it shares its campaign first (`share_campaign`), for those who change
    mandates take the two in this order too.
    """
    cursor = await transaction.execute("select * from item where item = %s for update", [item])
    row = await cursor.fetchone()
    return state_of(row) if row else ItemState(item, campaign)


def state_of(row: Mapping[str, Any]) -> ItemState:
    """Read an item's state from its row."""
    return ItemState(
        ItemId(row["item"]),
        CampaignId(row["campaign"]),
        row["version"],
        row["life"],
        row["revision"],
        row["digest"],
        row["retracted"],
        row["reason"],
        None if row["content"] is None else Item.model_validate(row["content"]),
        row["admitted"],
        origin_in(row),
    )


def origin_in(row: Mapping[str, Any]) -> Origin:
    """Read where an item came from."""
    giver = CuratorId(row["giver"]) if row["giver"] else None
    return Origin(row["author_key"], giver, row["effective_at"])


async def settle(
    transaction: Transaction,
    journal: Journal,
    state: ItemState,
    command: Command,
    source: SourceId,
    cause: Cause,
    origin: Origin | None = None,
) -> ItemState:
    """Decide on a command and write what follows: events, and the item as it then is.

    `origin` is where the version came from on which the command is based, if on any.
    """
    before = state
    events = decide(state, command)
    if not events:
        return state
    await journal.append(transaction, state.item, state.version, events, cause)
    for event in events:
        state = evolve(state, event)
    if origin is not None and not state.retracted:
        state = replace(state, origin=origin)
    await _write(transaction, state, source)
    await record(transaction, journal, before, state, cause)
    return state


async def record(
    transaction: Transaction, journal: Journal, before: ItemState, after: ItemState, cause: Cause
) -> None:
    """Record what an item's giver agrees to; a mandate's consent that is gone, for nothing."""
    if after.content is None:
        return
    item = after.content
    if item.consent is None and before.content is not None and before.content.consent is not None:
        nothing = before.content.consent.model_copy(update={"channels": ()})
        item = item.model_copy(update={"consent": nothing})
    await record_consent(transaction, journal, item, cause)


async def _write(transaction: Transaction, state: ItemState, source: SourceId) -> None:
    await transaction.execute(KEEP, row_of(state, source))


#: Writes an item as it then is; takes `row_of`.
KEEP = b"""insert into item (item, campaign, source, version, life, revision, digest, retracted,
                              reason, content, mandate, lane, author_key, giver, admitted,
                              effective_at)
            values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
            on conflict (item) do update set version = excluded.version, life = excluded.life,
              revision = excluded.revision, digest = excluded.digest,
              retracted = excluded.retracted, reason = excluded.reason,
              content = excluded.content, author_key = excluded.author_key,
              giver = excluded.giver, admitted = excluded.admitted,
              effective_at = excluded.effective_at, updated_at = now(),
              -- A withdrawn item stays where it counted, so that its curator sees that it is gone.
              mandate = case when excluded.retracted then item.mandate else excluded.mandate end,
              lane = case when excluded.retracted then item.lane else excluded.lane end"""


def row_of(state: ItemState, source: SourceId) -> list[object]:
    """Give what an item is written with."""
    content = state.content
    return [
        state.item,
        state.campaign,
        source,
        state.version,
        state.life,
        state.revision,
        state.digest,
        state.retracted,
        state.reason,
        None if content is None else Json(content.model_dump(mode="json", by_alias=True)),
        state.mandate,
        content.attribution.lane if content else "open",
        state.origin.author_key,
        state.origin.giver,
        state.admitted,
        state.origin.effective_at,
    ]


async def note_review(
    transaction: Transaction,
    item: ItemId,
    version: int,
    review: str,
    told: ReviewDecided | ReviewReverted | None,
    at: datetime,
) -> None:
    """Note what moderators decided or undid, unless something later is known.

    A child that one of them found stays found when it only waits again.
    """
    decided = told if isinstance(told, ReviewDecided) else None
    await transaction.execute(
        """insert into standing (item, review, review_version, reasons, statements, child,
                                 decided_at)
           values (%(item)s, %(review)s, %(version)s, %(reasons)s, %(statements)s,
                   coalesce(%(child)s, false), %(at)s)
           on conflict (item) do update set review = excluded.review, reasons = excluded.reasons,
             statements = excluded.statements, review_version = excluded.review_version,
             child = coalesce(%(child)s, standing.child), decided_at = excluded.decided_at
           where standing.review_version < excluded.review_version""",
        {
            "item": item,
            "version": version,
            "review": review,
            "reasons": Json(list(decided.reasons) if decided else []),
            "statements": Json(list(decided.statements) if decided else []),
            "child": told.people == "child" if told else None,
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


async def note_showings(transaction: Transaction, item: ItemId, times: int) -> None:
    """Note how often an item was shown so far, unless a later count is known."""
    await transaction.execute(
        """insert into standing (item, showings) values (%s, %s)
           on conflict (item) do update set showings = excluded.showings
           where standing.showings < excluded.showings""",
        [item, times],
    )
