"""Submissions become items: matched against their campaign, rendered, announced."""

from dataclasses import dataclass

from services.chassis.database import Transaction
from services.chassis.journal import Cause
from services.chassis.telemetry import log
from services.contracts.envelope import Envelope
from services.contracts.ingest import (
    Attachment,
    CampaignAnnounced,
    SubmissionReceived,
    SubmissionRetracted,
)
from services.ingest.domain.item import (
    Accept,
    Command,
    Ignore,
    ItemState,
    Retract,
    Verdict,
    compose,
    origin_of,
    refusal,
)
from services.ingest.media import Credit, PhotoRefusedError
from services.ingest.store.campaigns import find_campaign
from services.ingest.store.items import find_item, first_seen, load_item, settle
from services.ingest.store.ledger import ledger_for
from services.ingest.store.mandates import share_campaign
from services.ingest.store.originals import attach
from services.ingest.store.proving import prove_by_post
from services.ingest.store.series import settle_all_series
from services.ingest.stream.deps import Deps

ACTOR = "system:ingest"


@dataclass(frozen=True)
class _Photos:
    """What could be made of a submission's photos; `refused` are the reasons for the others."""

    attachments: tuple[Attachment, ...] = ()
    refused: tuple[str, ...] = ()


async def on_submission_received(
    event: Envelope[SubmissionReceived], transaction: Transaction, deps: Deps
) -> None:
    """Make an item of a submission, or note why it is none."""
    submission = await first_seen(transaction, event.data)
    known = await find_item(transaction, submission.item, submission.campaign)
    if not _is_news(known.retracted, known.revision, submission.revision):
        return
    if submission.visibility == "public":
        await prove_by_post(transaction, deps.journal, submission, Cause.of(event, ACTOR))
    photos = await _photos_ahead(submission, known, transaction, deps)
    await share_campaign(transaction, submission.campaign)
    state = await load_item(transaction, submission.item, submission.campaign)
    reason, verdict = await _judge(submission, state, transaction, deps, photos)
    if reason is None and photos is None:
        photos = await _photos(submission, transaction, deps)
        reason, verdict = await _judge(submission, state, transaction, deps, photos)
    if reason is not None or photos is None:
        log.info("submission.ignored", item=submission.item, reason=reason)
        command: Command = Ignore(submission.revision, reason or "nothing-to-show")
    else:
        command = Accept(compose(submission, verdict, photos.attachments, photos.refused))
    cause = Cause.of(event, ACTOR)
    origin = origin_of(submission)
    after = await settle(
        transaction, deps.journal, state, command, submission.source, cause, origin
    )
    await settle_all_series(transaction, deps.journal, (state.mandate, after.mandate), cause)


async def _photos_ahead(
    submission: SubmissionReceived,
    known: ItemState,
    transaction: Transaction,
    deps: Deps,
) -> _Photos | None:
    """Render photos before the campaign is shared, so that nobody waits for it meanwhile.

    None for a submission that will be refused, as far as one can say already.
    """
    if any(medium.original for medium in submission.media):
        reason, _ = await _judge(submission, known, transaction, deps)
        if reason is not None:
            return None
    return await _photos(submission, transaction, deps)


async def _judge(
    submission: SubmissionReceived,
    state: ItemState,
    transaction: Transaction,
    deps: Deps,
    photos: _Photos | None = None,
) -> tuple[str | None, Verdict]:
    """Say whether a submission is for its campaign, and for whom it would count."""
    campaign = await _campaign(submission, transaction, deps)
    if campaign is None:
        return refusal(submission, None, 0), Verdict()
    ledger = await ledger_for(transaction, campaign, submission.author.key)
    verdict = ledger.verdict(submission.source, origin_of(submission), state.admitted)
    stored = sum(bool(medium.original) for medium in submission.media)
    usable = stored if photos is None else len(photos.attachments)
    live = state.life == "live"
    return refusal(submission, campaign, usable, verdict.attribution, live=live), verdict


def _is_news(retracted: bool, known: int, revision: int) -> bool:  # noqa: FBT001 - both are facts
    """Whether rendering is worth its while: the fold would drop what is older anyway."""
    return not retracted and revision >= known


async def on_submission_retracted(
    event: Envelope[SubmissionRetracted], transaction: Transaction, deps: Deps
) -> None:
    """Withdraw an item; remember it even when unseen, so that a late create stays out."""
    gone = event.data
    await share_campaign(transaction, gone.campaign)
    state = await load_item(transaction, gone.item, gone.campaign)
    cause = Cause.of(event, ACTOR)
    await settle(transaction, deps.journal, state, Retract(gone.reason), gone.source, cause)
    await settle_all_series(transaction, deps.journal, (state.mandate,), cause)


async def _campaign(
    submission: SubmissionReceived, transaction: Transaction, deps: Deps
) -> CampaignAnnounced | None:
    """Look the campaign up where mandates are kept too; another may have been announced to us."""
    kept = await find_campaign(transaction, submission.campaign)
    if kept is not None:
        return kept
    known = deps.campaigns.get(submission.campaign)
    return CampaignAnnounced.model_validate_json(known) if known is not None else None


async def _photos(submission: SubmissionReceived, transaction: Transaction, deps: Deps) -> _Photos:
    """Render the submission's photos; those that cannot be shown are kept as reasons."""
    attachments: list[Attachment] = []
    refused = [m.refused for m in submission.media if m.refused]
    credit_name = submission.author.name or submission.author.handle
    for media in submission.media:
        if media.original is None:
            continue
        credit = Credit(creator=credit_name, credit=credit_name, alt=media.alt)
        try:
            attachments.append(await attach(transaction, deps.darkroom, media, credit))
        except PhotoRefusedError as error:
            log.warning("photo.refused", item=submission.item, reason=error.reason)
            refused.append(error.reason)
    return _Photos(tuple(attachments), tuple(refused))
