"""Consents: what a giver agrees to now says at once whether the world may see the item."""

from services.chassis.database import Transaction
from services.contracts.envelope import Envelope
from services.contracts.ingest import ConsentRecorded
from services.moderation.domain.command import Consented
from services.moderation.stream.deps import Deps
from services.moderation.stream.items import apply_to_review


async def on_consent_recorded(
    event: Envelope[ConsentRecorded], transaction: Transaction, deps: Deps
) -> None:
    """Keep the latest consent of an item, which may come before the item, and act on it."""
    consent = event.data
    command = Consented(consent, event.subjectversion)
    await apply_to_review(event, consent.item, consent.campaign, command, transaction, deps)
