"""Submissions become items: matched against their campaign, rendered, announced."""

from services.chassis.database import Transaction
from services.chassis.journal import Cause
from services.chassis.telemetry import log
from services.contracts.envelope import Envelope
from services.contracts.ingest import (
    Attachment,
    CampaignAnnounced,
    RightsBasis,
    SubmissionReceived,
    SubmissionRetracted,
)
from services.ingest.domain.item import Accept, Ignore, Retract, compose, decide, refusal
from services.ingest.media import Credit, PhotoRefusedError
from services.ingest.store.campaigns import find_campaign
from services.ingest.store.items import load_item, settle
from services.ingest.store.originals import attach
from services.ingest.stream.deps import Deps

ACTOR = "system:ingest"


async def on_submission_received(
    event: Envelope[SubmissionReceived], transaction: Transaction, deps: Deps
) -> None:
    """Make an item of a submission, or note why it is none."""
    submission = event.data
    cause = Cause.of(event, ACTOR)
    state = await load_item(transaction, submission.item, submission.campaign)
    campaign = await _campaign(submission, transaction, deps)
    stored = [m for m in submission.media if m.original]
    reason = refusal(submission, campaign, len(stored))
    if reason is None and not _is_news(state.retracted, state.revision, submission.revision):
        return
    if reason is not None or campaign is None:
        log.info("submission.ignored", item=submission.item, reason=reason)
        command = Ignore(submission.revision, reason or "campaign-unknown")
        await settle(transaction, deps.journal, state, command, submission.source, cause)
        return
    attachments, refused = await _photos(submission, transaction, deps)
    if not attachments and not submission.text.strip():
        command = Ignore(submission.revision, "nothing-to-show")
        await settle(transaction, deps.journal, state, command, submission.source, cause)
        return
    item = compose(submission, _rights(campaign, submission), attachments, refused)
    if decide(state, Accept(item)):
        await settle(transaction, deps.journal, state, Accept(item), submission.source, cause)


def _is_news(retracted: bool, known: int, revision: int) -> bool:  # noqa: FBT001 - both are facts
    """Whether rendering is worth its while: the fold would drop what is older anyway."""
    return not retracted and revision >= known


async def on_submission_retracted(
    event: Envelope[SubmissionRetracted], transaction: Transaction, deps: Deps
) -> None:
    """Withdraw an item; remember it even when unseen, so that a late create stays out."""
    gone = event.data
    state = await load_item(transaction, gone.item, gone.campaign)
    cause = Cause.of(event, ACTOR)
    await settle(transaction, deps.journal, state, Retract(gone.reason), gone.source, cause)


async def _campaign(
    submission: SubmissionReceived, transaction: Transaction, deps: Deps
) -> CampaignAnnounced | None:
    """Look the campaign up in the table; a submission may be faster than the table's own topic."""
    known = deps.campaigns.get(submission.campaign)
    if known is not None:
        return CampaignAnnounced.model_validate_json(known)
    return await find_campaign(transaction, submission.campaign)


def _rights(campaign: CampaignAnnounced, submission: SubmissionReceived) -> RightsBasis:
    for source in campaign.sources:
        if source.source == submission.source:
            return source.rights
    return RightsBasis()


async def _photos(
    submission: SubmissionReceived, transaction: Transaction, deps: Deps
) -> tuple[tuple[Attachment, ...], tuple[str, ...]]:
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
    return tuple(attachments), tuple(refused)
