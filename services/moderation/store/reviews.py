"""Reviews: read under a lock, decided on, written with their events in the same transaction."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from services.chassis.database import Json, Transaction
from services.chassis.journal import Cause, Journal
from services.contracts.ids import CampaignId, ItemId
from services.contracts.ingest import ConsentRecorded, Item
from services.moderation.domain.clearing import Circumstances, obstacle, web_grant
from services.moderation.domain.command import Command, Settle
from services.moderation.domain.deciding import decide
from services.moderation.domain.lease import Lease
from services.moderation.domain.review import Decision, Review, SecondLook, evolve, observe
from services.moderation.store.mandates import mandate_of_item
from services.moderation.store.news import News, tell

#: How events name a member of staff; accounts are kept without it.
STAFF = "staff:"


async def handle(
    transaction: Transaction, journal: Journal, review: Review, command: Command, cause: Cause
) -> Review:
    """Decide on a command and keep what follows from it, all or nothing.

    Raises what `decide` raises, and ConflictError when a rival was first.
    """
    after = observe(review, command)
    by, at = cause.actor.removeprefix(STAFF), datetime.now(UTC)
    around = Circumstances(at, await mandate_of_item(transaction, after.snapshot))
    events = decide(review, command, around)
    for event in events:
        after = evolve(after, event, by, at)
    if after == review and not isinstance(command, Settle):
        return review
    if events:
        await journal.append(transaction, review.item, review.version, events, cause)
    await _save(transaction, after, around)
    if events:
        await tell(transaction, News.of(after, by))
    return after


async def lock_review(transaction: Transaction, item: ItemId) -> tuple[Review, Lease | None] | None:
    """Read a review with its lease, and keep rivals waiting until this transaction ends."""
    cursor = await transaction.execute("select * from review where item = %s for update", [item])
    row = await cursor.fetchone()
    return (review_of(row), lease_of(row)) if row else None


async def begin_review(
    transaction: Transaction, item: ItemId
) -> tuple[Review, Lease | None] | None:
    """Read a review that may not be there yet, and keep rivals from beginning it meanwhile.

    What is said of an item comes by several topics at once: without this, the second to begin its
    review would write over the first.
    """
    known = await lock_review(transaction, item)
    if known is not None:
        return known
    await transaction.execute(
        "select pg_advisory_xact_lock(hashtextextended('review:' || %s, 0))", [item]
    )
    return await lock_review(transaction, item)


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


#: Who held a review lets go of it when it waits no longer, or waits for a second person.
_SAVE = """
    insert into review (item, campaign, state, life, version, item_version, snapshot, cleared,
                        decisions, consent, consent_version, second_look, appealed_at, parked,
                        child_seen, observed_at, decided_by, decided_at, mandate, lane,
                        giver_account, web_until, obstacle)
    values (%(item)s, %(campaign)s, %(state)s, %(life)s, %(version)s, %(item_version)s,
            %(snapshot)s, %(cleared)s, %(decisions)s, %(consent)s, %(consent_version)s,
            %(second_look)s, %(appealed_at)s, %(parked)s, %(child_seen)s, %(observed_at)s,
            %(decided_by)s, %(decided_at)s, %(mandate)s, %(lane)s, %(giver_account)s,
            %(web_until)s, %(obstacle)s)
    on conflict (item) do update set
      campaign = excluded.campaign, state = excluded.state, life = excluded.life,
      version = excluded.version, item_version = excluded.item_version,
      snapshot = excluded.snapshot, cleared = excluded.cleared, decisions = excluded.decisions,
      consent = excluded.consent, consent_version = excluded.consent_version,
      second_look = excluded.second_look, appealed_at = excluded.appealed_at,
      parked = excluded.parked, child_seen = excluded.child_seen,
      observed_at = excluded.observed_at,
      decided_by = excluded.decided_by, decided_at = excluded.decided_at,
      mandate = excluded.mandate, lane = excluded.lane, giver_account = excluded.giver_account,
      web_until = excluded.web_until, obstacle = excluded.obstacle,
      moderator = case when excluded.state = 'pending' and excluded.life = 'live'
                        and excluded.decided_by is distinct from review.moderator
                       then review.moderator end,
      lease_token = case when excluded.state = 'pending' and excluded.life = 'live'
                          and excluded.decided_by is distinct from review.moderator
                         then review.lease_token end"""


async def _save(transaction: Transaction, review: Review, around: Circumstances) -> None:
    """Write a review, with what the queue and the clock look for in columns of their own."""
    columns = _columns(review) | _sought(review, around)
    await transaction.execute(_SAVE, columns)


def _columns(review: Review) -> dict[str, object]:
    snapshot, consent, again = review.snapshot, review.consent, review.second_look
    return {
        "item": review.item,
        "campaign": review.campaign,
        "state": review.state,
        "life": review.life,
        "version": review.version,
        "item_version": review.item_version,
        "snapshot": Json(snapshot.model_dump(mode="json", by_alias=True)) if snapshot else None,
        "cleared": review.cleared,
        "decisions": Json([_decision_row(decision) for decision in review.decisions]),
        "consent": Json(consent.model_dump(mode="json", by_alias=True)) if consent else None,
        "consent_version": review.consent_version,
        "second_look": Json(asdict(again)) if again else None,
        "appealed_at": review.appealed_at,
        "parked": review.parked,
        "child_seen": review.child_seen,
    }


def _sought(review: Review, around: Circumstances) -> dict[str, object]:
    last, snapshot = review.decision, review.snapshot
    grant = web_grant(snapshot, review.consent) if snapshot else None
    return {
        "observed_at": snapshot.observed_at if snapshot else None,
        "decided_by": last.by if last else None,
        "decided_at": last.at if last else None,
        "mandate": snapshot.attribution.mandate if snapshot else None,
        "lane": snapshot.attribution.lane if snapshot else "open",
        "giver_account": snapshot.giver_account if snapshot else None,
        "web_until": grant.until if grant else None,
        "obstacle": obstacle(review.state, snapshot, review.consent, around, review.people),
    }


def _decision_row(decision: Decision) -> dict[str, object]:
    return {
        "id": decision.id,
        "before": decision.before,
        "after": decision.after,
        "reasons": list(decision.reasons),
        "by": decision.by,
        "at": decision.at.isoformat(),
        "appeal": decision.appeal,
        "people": decision.people,
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
                appeal=d.get("appeal"),
                people=d.get("people"),
            )
            for d in row["decisions"]
        ),
        consent=ConsentRecorded.model_validate(row["consent"]) if row["consent"] else None,
        consent_version=row["consent_version"],
        second_look=_second_look_of(row["second_look"]),
        appealed_at=row["appealed_at"],
        parked=row["parked"],
        child_seen=row["child_seen"],
    )


def _second_look_of(kept: dict[str, Any] | None) -> SecondLook | None:
    if kept is None:
        return None
    return SecondLook(kept["decided_by"], kept["before"], tuple(kept["reasons"]))


def lease_of(row: dict[str, Any]) -> Lease | None:
    """Make a lease of a review's row, None when nobody holds it."""
    if row["moderator"] is None:
        return None
    return Lease(row["moderator"], str(row["lease_token"]), row["lease_expires_at"])
