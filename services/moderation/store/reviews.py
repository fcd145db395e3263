"""Reviews: read under a lock, decided on, written with their events in the same transaction."""

from datetime import UTC, datetime
from typing import Any

from services.chassis.database import Json, Transaction
from services.chassis.journal import Cause, Journal
from services.contracts.ids import CampaignId, ItemId
from services.contracts.ingest import Item
from services.moderation.domain.lease import Lease
from services.moderation.domain.review import (
    Command,
    Decision,
    Review,
    decide,
    evolve,
    observe,
)
from services.moderation.store.news import News, tell

#: How events name a member of staff; accounts are kept without it.
STAFF = "staff:"


async def handle(
    transaction: Transaction, journal: Journal, review: Review, command: Command, cause: Cause
) -> Review:
    """Decide on a command and keep what follows from it, all or nothing.

    Raises what `decide` raises, and ConflictError when a rival was first.
    """
    events = decide(review, command)
    after = observe(review, command)
    by, at = cause.actor.removeprefix(STAFF), datetime.now(UTC)
    for event in events:
        after = evolve(after, event, by, at)
    if after == review:
        return review
    if events:
        await journal.append(transaction, review.item, review.version, events, cause)
    await _save(transaction, after)
    if events:
        await tell(transaction, News.of(after, by))
    return after


async def lock_review(transaction: Transaction, item: ItemId) -> tuple[Review, Lease | None] | None:
    """Read a review with its lease, and keep rivals waiting until this transaction ends."""
    cursor = await transaction.execute("select * from review where item = %s for update", [item])
    row = await cursor.fetchone()
    return (review_of(row), lease_of(row)) if row else None


async def find_review(transaction: Transaction, item: ItemId) -> Review | None:
    """Read a review."""
    cursor = await transaction.execute("select * from review where item = %s", [item])
    row = await cursor.fetchone()
    return review_of(row) if row else None


async def write_note(transaction: Transaction, review: Review, account: str, words: str) -> None:
    """Keep what a moderator wrote beside a decision; it stays out of the events, which are kept."""
    await transaction.execute(
        "insert into note (item, version, account, words) values (%s, %s, %s, %s)",
        [review.item, review.version, account, words],
    )


async def notes_of(transaction: Transaction, item: ItemId) -> dict[int, str]:
    """Give the notes about an item by the version of the review that they came with."""
    cursor = await transaction.execute("select version, words from note where item = %s", [item])
    return {row["version"]: row["words"] for row in await cursor.fetchall()}


async def _save(transaction: Transaction, review: Review) -> None:
    """Write a review; who held it lets go of it when it waits no longer."""
    last = review.decision
    snapshot = review.snapshot
    await transaction.execute(
        """insert into review (item, campaign, state, life, version, item_version, snapshot,
                               observed_at, cleared, decisions, decided_by, decided_at)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
           on conflict (item) do update set
             campaign = excluded.campaign, state = excluded.state, life = excluded.life,
             version = excluded.version, item_version = excluded.item_version,
             snapshot = excluded.snapshot, observed_at = excluded.observed_at,
             cleared = excluded.cleared, decisions = excluded.decisions,
             decided_by = excluded.decided_by, decided_at = excluded.decided_at,
             moderator = case when excluded.state = 'pending' and excluded.life = 'live'
                              then review.moderator end,
             lease_token = case when excluded.state = 'pending' and excluded.life = 'live'
                                then review.lease_token end""",
        [
            review.item,
            review.campaign,
            review.state,
            review.life,
            review.version,
            review.item_version,
            Json(snapshot.model_dump(mode="json", by_alias=True)) if snapshot else None,
            snapshot.observed_at if snapshot else None,
            review.cleared,
            Json([_decision_row(decision) for decision in review.decisions]),
            last.by if last else None,
            last.at if last else None,
        ],
    )


def _decision_row(decision: Decision) -> dict[str, object]:
    return {
        "id": decision.id,
        "before": decision.before,
        "after": decision.after,
        "reasons": list(decision.reasons),
        "by": decision.by,
        "at": decision.at.isoformat(),
    }


def review_of(row: dict[str, Any]) -> Review:
    """Make a review of its row."""
    return Review(
        item=ItemId(row["item"]),
        campaign=CampaignId(row["campaign"]),
        state=row["state"],
        version=row["version"],
        item_version=row["item_version"],
        snapshot=Item.model_validate(row["snapshot"]) if row["snapshot"] else None,
        life=row["life"],
        cleared=row["cleared"],
        decisions=tuple(
            Decision(
                id=d["id"],
                before=d["before"],
                after=d["after"],
                reasons=tuple(d["reasons"]),
                by=d["by"],
                at=datetime.fromisoformat(d["at"]),
            )
            for d in row["decisions"]
        ),
    )


def lease_of(row: dict[str, Any]) -> Lease | None:
    """Make a lease of a review's row, None when nobody holds it."""
    if row["moderator"] is None:
        return None
    return Lease(row["moderator"], str(row["lease_token"]), row["lease_expires_at"])
