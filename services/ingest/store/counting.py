"""Counting: for whose mandate items count, by the present mandates, proofs and admissions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.chassis.database import Transaction
from services.chassis.journal import Cause, Journal
from services.contracts.envelope import EventData
from services.contracts.ids import CampaignId, ItemId, MandateId, SourceId
from services.contracts.ingest import (
    Attribution,
    CampaignAnnounced,
    Consent,
    SubmissionReceived,
)
from services.ingest.domain.item import (
    PASSING,
    Attribute,
    Command,
    Exclude,
    ItemState,
    Verdict,
    decide,
    evolve,
    refusal,
)
from services.ingest.domain.mandate import NotAdmissibleError
from services.ingest.store.campaigns import find_campaign
from services.ingest.store.items import (
    KEEP,
    first_seen,
    hand_in,
    load_item,
    origin_in,
    record,
    row_of,
    settle,
    state_of,
)
from services.ingest.store.ledger import open_ledger
from services.ingest.store.mandates import hold_campaign, share_campaign
from services.ingest.store.series import settle_all_series, settle_campaign_series


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
        verdict = ledger.verdict(SourceId(row["source"]), origin_in(row), row["admitted"])
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
            before = after = state_of(row)
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
            KEEP,
            [row_of(after, before.content.source) for before, after, _ in turned if before.content],
        )
    for before, after, _ in turned:
        lent = before.content.consent if before.content else None
        if after.content is not None and after.content.consent != lent:
            await record(transaction, journal, before, after, cause)


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
    return await hand_in(transaction, journal, submission, cause)


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
