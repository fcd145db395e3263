"""Items as they now are, submissions on their way, and what became of items."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.chassis.database import Json, Transaction
from services.chassis.journal import Cause, Journal
from services.contracts.envelope import EventData
from services.contracts.ids import CampaignId, CuratorId, ItemId, MandateId, SourceId
from services.contracts.ingest import (
    Attribution,
    CampaignAnnounced,
    Consent,
    Item,
    SubmissionReceived,
    SubmissionRetracted,
)
from services.contracts.moderation import ReviewDecided
from services.ingest.domain.item import (
    PASSING,
    Attribute,
    Command,
    Exclude,
    ItemState,
    Origin,
    Verdict,
    decide,
    evolve,
    refusal,
)
from services.ingest.domain.mandate import NotAdmissibleError
from services.ingest.store.campaigns import find_campaign
from services.ingest.store.consents import record_consent
from services.ingest.store.ledger import open_ledger
from services.ingest.store.mandates import hold_campaign, share_campaign
from services.ingest.store.series import settle_all_series, settle_campaign_series


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
    return _state(row) if row else ItemState(item, campaign)


async def load_item(transaction: Transaction, item: ItemId, campaign: CampaignId) -> ItemState:
    """Give an item's state and lock it; an unseen item has version 0.

    Whoever then attributes it shares its campaign first (`share_campaign`), for those who change
    mandates take the two in this order too.
    """
    cursor = await transaction.execute("select * from item where item = %s for update", [item])
    row = await cursor.fetchone()
    return _state(row) if row else ItemState(item, campaign)


def _state(row: Mapping[str, Any]) -> ItemState:
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
        _origin(row),
    )


def _origin(row: Mapping[str, Any]) -> Origin:
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
    await _record(transaction, journal, before, state, cause)
    return state


async def _record(
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
    await transaction.execute(_KEEP, _row(state, source))


_KEEP = b"""insert into item (item, campaign, source, version, life, revision, digest, retracted,
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


def _row(state: ItemState, source: SourceId) -> list[object]:
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


async def recount(
    transaction: Transaction, journal: Journal, campaign: CampaignId, cause: Cause
) -> int:
    """Count all items of a campaign anew, after a mandate, a proof or the campaign has changed.

    Writes `ItemAttributed` for each that counts for somebody else than before; says how many did.
    """
    await hold_campaign(transaction, campaign)
    known = await find_campaign(transaction, campaign)
    if known is None:
        return 0
    ledger = await open_ledger(transaction, known)
    cursor = await transaction.execute(
        """select item, source, life, reason, author_key, giver, admitted, effective_at,
                  content->'attribution' as attribution, content->'consent' as consent
           from item where campaign = %s and not retracted
             and (life = 'live' or (life = 'ignored' and reason = any(%s)))
           order by effective_at, item""",
        [campaign, list(PASSING)],
    )
    mandated = known.contributors == "curators"
    others: dict[ItemId, Verdict] = {}
    back = 0
    for row in await cursor.fetchall():
        item = ItemId(row["item"])
        verdict = ledger.verdict(SourceId(row["source"]), _origin(row), row["admitted"])
        if row["life"] == "live":
            if not _as_told(row, verdict, mandated):
                others[item] = verdict
        elif row["reason"] != "no-mandate" or verdict.attribution.lane != "open":
            back += await _hand_in_again(transaction, journal, item, verdict, known, cause)
    changed = await _attribute_all(transaction, journal, others, mandated, cause)
    # Last: a series' row is taken after all items, by everybody.
    await settle_campaign_series(transaction, journal, campaign, cause)
    return changed + back


#: Items written in one go: enough to save round trips, few enough to hold them in memory.
_AT_ONCE = 500


async def _attribute_all(
    transaction: Transaction,
    journal: Journal,
    verdicts: Mapping[ItemId, Verdict],
    mandated: bool,  # noqa: FBT001 - a fact about the campaign
    cause: Cause,
) -> int:
    """Let live items follow their verdicts; says how many changed by that."""
    changed = 0
    items = sorted(verdicts)
    for first in range(0, len(items), _AT_ONCE):
        cursor = await transaction.execute(
            "select * from item where item = any(%s) order by item for update",
            [items[first : first + _AT_ONCE]],
        )
        turned: list[tuple[ItemState, ItemState, list[EventData]]] = []
        for row in await cursor.fetchall():
            before = after = _state(row)
            events = decide(before, _turn(verdicts[before.item], mandated))
            for event in events:
                after = evolve(after, event)
            if events:
                turned.append((before, after, events))
        await _write_all(transaction, journal, turned, cause)
        changed += len(turned)
    return changed


async def _write_all(
    transaction: Transaction,
    journal: Journal,
    turned: Sequence[tuple[ItemState, ItemState, Sequence[EventData]]],
    cause: Cause,
) -> None:
    if not turned:
        return
    changes = [(before.item, before.version, events) for before, _, events in turned]
    await journal.append_each(transaction, changes, cause)
    async with transaction.cursor() as writing:
        await writing.executemany(
            _KEEP,
            [_row(after, before.content.source) for before, after, _ in turned if before.content],
        )
    for before, after, _ in turned:
        lent = before.content.consent if before.content else None
        if after.content is not None and after.content.consent != lent:
            await _record(transaction, journal, before, after, cause)


def _turn(verdict: Verdict, mandated: bool) -> Command:  # noqa: FBT001 - a fact about the campaign
    if mandated and verdict.attribution.lane == "open":
        return Exclude("no-mandate")
    return Attribute(verdict)


def _as_told(row: Mapping[str, Any], verdict: Verdict, mandated: bool) -> bool:  # noqa: FBT001 - a fact
    """Whether a live item was last told as the verdict has it, without reading all of it."""
    told = Attribution.model_validate(row["attribution"] or {})
    if told != verdict.attribution or (mandated and told.lane == "open"):
        return False
    consent = Consent.model_validate(row["consent"]) if row["consent"] else None
    if row["giver"] is not None or (consent is not None and consent.evidence != "mandate"):
        return True
    agreed = verdict.agreed.given_at if verdict.agreed else None
    return agreed == (consent.given_at if consent else None)


async def _hand_in_again(
    transaction: Transaction,
    journal: Journal,
    item: ItemId,
    verdict: Verdict,
    campaign: CampaignAnnounced,
    cause: Cause,
) -> bool:
    """Put the last version of an ignored item on its way again, when it is ignored no longer.

    It is made an item by the stream, as any other, since its photos may have to be rendered.
    """
    cursor = await transaction.execute(
        """select data from event where subject = %s and type = %s
           order by (data->>'revision')::bigint desc, version desc limit 1""",
        [f"submission-{item}", SubmissionReceived.TYPE],
    )
    row = await cursor.fetchone()
    if row is None:
        return False
    submission = SubmissionReceived.model_validate(row["data"])
    seen = await first_seen(transaction, submission)
    photos = sum(bool(medium.original) for medium in submission.media)
    if refusal(seen, campaign, photos, verdict.attribution) is not None:
        return False
    await hand_in(transaction, journal, submission, cause)
    return True


async def admit(
    transaction: Transaction,
    journal: Journal,
    item: ItemId,
    mandate: MandateId | None,
    cause: Cause,
) -> bool:
    """Count an item for a mandate by hand although it came late, or no longer so.

    Says whether that changes anything. Raises NotAdmissibleError when the mandate gives no right.
    """
    cursor = await transaction.execute("select campaign, source from item where item = %s", [item])
    row = await cursor.fetchone()
    if row is None:
        return False
    campaign = CampaignId(row["campaign"])
    await share_campaign(transaction, campaign)
    known = await find_campaign(transaction, campaign)
    state = await load_item(transaction, item, campaign)
    if known is None or state.retracted:
        return False
    ledger = await open_ledger(transaction, known)
    if mandate is not None and not any(
        m.in_force and m.mandate == mandate for m in ledger.mandates
    ):
        raise NotAdmissibleError
    await transaction.execute("update item set admitted = %s where item = %s", [mandate, item])
    state = replace(state, admitted=mandate)
    verdict = ledger.verdict(SourceId(row["source"]), state.origin, mandate)
    if state.content is None:
        return await _hand_in_again(transaction, journal, item, verdict, known, cause)
    command = _turn(verdict, known.contributors == "curators")
    after = await settle(transaction, journal, state, command, state.content.source, cause)
    both = (state.mandate, verdict.attribution.mandate)
    await settle_all_series(transaction, journal, both, cause)
    return after.version > state.version


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
