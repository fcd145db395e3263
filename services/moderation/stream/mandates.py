"""Mandates, kept for what they say about items; the clock shows and hides what follows."""

from services.chassis.database import Transaction
from services.contracts.envelope import Envelope
from services.contracts.ingest import MandateAnnounced
from services.moderation.store.mandates import keep_mandate
from services.moderation.stream.deps import Deps


async def on_mandate_announced(
    event: Envelope[MandateAnnounced], transaction: Transaction, _deps: Deps
) -> None:
    """Keep a mandate as it is from now on.

    What it hides or shows is settled by the clock, in bounded transactions: whoever decides on one
    of its items at this very moment is then found too.
    """
    await keep_mandate(transaction, event.data, event.subjectversion)
