"""Mandates give terms their names and dates, and take them away."""

from dataclasses import replace

from services.chassis.database import Transaction
from services.contracts.envelope import Envelope
from services.contracts.ingest import MandateAnnounced
from services.gallery.domain.term import announce, unheard
from services.gallery.store import galleries, terms
from services.gallery.stream.deps import Deps


async def on_mandate_announced(event: Envelope[MandateAnnounced], tx: Transaction, _: Deps) -> None:
    """Know a mandate as it now is, and have the pages that name its curator made anew."""
    said = event.data
    await galleries.ensure(tx, said.campaign)
    term = await terms.lock(tx, unheard(said))
    told = announce(term, said, event.subjectversion)
    await terms.save(tx, told)
    if replace(told, heard=term.heard) != term:
        gallery = await galleries.lock(tx, said.campaign)
        await galleries.save(tx, replace(gallery, version=gallery.version + 1))
