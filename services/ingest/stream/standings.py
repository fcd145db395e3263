"""What became of items elsewhere, noted so that their givers can be told."""

from collections.abc import Mapping
from typing import Any

from services.chassis.database import Transaction
from services.chassis.journal import Cause
from services.contracts.envelope import Envelope, EventData
from services.contracts.gallery import (
    ItemPublished,
    ItemPurged,
    ItemUnpublished,
    SeriesPublished,
    ShowingsCounted,
)
from services.contracts.ids import ItemId
from services.contracts.moderation import ReviewClosed, ReviewDecided, ReviewReverted
from services.ingest.store.acknowledgements import Acknowledgement, Who, acknowledge
from services.ingest.store.appeals import note_answer, note_undone
from services.ingest.store.items import note_review, note_showings, note_visibility
from services.ingest.store.messages import enqueue
from services.ingest.store.receipts import link_for_letters, reachable_givers
from services.ingest.store.series import settle_series_of
from services.ingest.store.standings import standing_of
from services.ingest.stream.deps import Deps


async def _note(
    transaction: Transaction,
    event: Envelope[EventData],
    item: ItemId,
    who: Who,
    what: str,
    facts: Mapping[str, Any] | None = None,
) -> None:
    said = Acknowledgement(item, who, what, event.time, facts or {})
    await acknowledge(transaction, event.id, said)


async def on_decision(
    event: Envelope[ReviewDecided] | Envelope[ReviewReverted],
    transaction: Transaction,
    deps: Deps,
) -> None:
    """Note what moderators decided about an item, and why; tell its giver, if they asked."""
    decided = event.data
    told = decided if isinstance(decided, ReviewDecided) else None
    version = event.subjectversion
    facts: dict[str, Any] = {"version": version}
    if told is not None:
        statements = [dict(statement) for statement in told.statements]
        facts |= {"reasons": list(told.reasons), "statements": statements, "appeal": told.appeal}
    what = decided.after if told else "reverted"
    await _note(transaction, event, decided.item, "desk", what, facts)
    if (await standing_of(transaction, decided.item)).review_version >= version:
        return
    if told is None:
        await note_undone(transaction, decided.item, version)
    elif answer := _answer(told):
        await note_answer(transaction, decided.item, version, answer, event.time)
    await note_review(transaction, decided.item, version, decided.after, decided, event.time)
    cause = Cause.of(event, "system:ingest")
    await settle_series_of(transaction, deps.journal, decided.item, cause)
    # The first of two who must approve it: its giver is told when it is decided.
    if told is not None and told.after != "pending":
        await _tell(transaction, decided.item, version)


def _answer(decided: ReviewDecided) -> str:
    """Say how a second look ended; who asked while it was being approved got what they wanted."""
    return decided.appeal or ("overturned" if decided.after == "approved" else "")


async def _tell(transaction: Transaction, item: ItemId, version: int) -> None:
    """Put a letter on its way to everyone who asked to be told; one for what is decided soon.

    What it tells is read when it is sent: until then a decision may be undone, or its item gone.
    """
    if (await standing_of(transaction, item)).life == "withdrawn":
        return
    for giver in await reachable_givers(transaction, item):
        await enqueue(
            transaction,
            key=f"decision:{giver.receipt}:{item}:{version}",
            kind="decision",
            receiver=giver.mail,
            language=giver.language,
            facts={
                "link": await link_for_letters(transaction, giver.receipt),
                "campaign": giver.campaign,
                "together": giver.receipt,
                "decisions": [{"item": item, "version": version}],
            },
        )


async def on_closed(event: Envelope[ReviewClosed], transaction: Transaction, _deps: Deps) -> None:
    """Note that the desk has put an item away that was taken back."""
    await _note(transaction, event, event.data.item, "desk", "closed")


async def on_published(
    event: Envelope[ItemPublished], transaction: Transaction, _deps: Deps
) -> None:
    """Note where an item can be seen."""
    await note_visibility(
        transaction,
        event.data.item,
        event.subjectversion,
        event.data.path,
        event.time,
        purged=False,
    )
    facts = {"gallery": event.data.gallery, "path": event.data.path}
    await _note(transaction, event, event.data.item, "pages", "published", facts)


async def on_series_published(
    event: Envelope[SeriesPublished], transaction: Transaction, _deps: Deps
) -> None:
    """Note for each photo of a series where the whole of it can be seen."""
    facts = {"gallery": event.data.gallery, "path": event.data.path}
    for item in event.data.items:
        await _note(transaction, event, item, "pages", "series-published", facts)


async def on_unpublished(
    event: Envelope[ItemUnpublished], transaction: Transaction, _deps: Deps
) -> None:
    """Note that an item can no longer be seen."""
    await note_visibility(
        transaction, event.data.item, event.subjectversion, None, event.time, purged=False
    )
    facts = {"gallery": event.data.gallery, "reason": event.data.reason}
    await _note(transaction, event, event.data.item, "pages", "unpublished", facts)


async def on_purged(event: Envelope[ItemPurged], transaction: Transaction, _deps: Deps) -> None:
    """Note that an item's public files are gone."""
    await note_visibility(
        transaction, event.data.item, event.subjectversion, None, event.time, purged=True
    )
    facts = {"deleted": event.data.deleted, "absent": event.data.absent}
    await _note(transaction, event, event.data.item, "files", "purged", facts)


async def on_showings(
    event: Envelope[ShowingsCounted], transaction: Transaction, _deps: Deps
) -> None:
    """Note how often an item was shown, so that its giver knows."""
    await note_showings(transaction, event.data.item, event.data.times)
