"""Mandates give terms their names and dates; one that is stopped takes all of it out of view."""

from dataclasses import replace

from services.chassis.database import Transaction
from services.chassis.journal import Cause
from services.chassis.telemetry import log
from services.contracts.envelope import Envelope
from services.contracts.ingest import MandateAnnounced
from services.gallery.domain.term import announce, unheard
from services.gallery.store import galleries, terms
from services.gallery.stream.deps import Deps
from services.gallery.stream.moves import ACTOR, hide_all


async def on_mandate_announced(
    event: Envelope[MandateAnnounced], tx: Transaction, deps: Deps
) -> None:
    """Know a mandate as it now is, and have the pages that name its curator made anew.

    A stop takes what counts for it out of view here and now, in one transaction, however much that
    is. S3 is not asked anything: the clock deletes the files, and shows again what is to be shown.
    """
    said = event.data
    await galleries.ensure(tx, said.campaign)
    term = await terms.lock(tx, unheard(said))
    told = announce(term, said, event.subjectversion)
    await terms.save(tx, told)
    if told.hidden:
        cause = Cause.of(event, ACTOR)
        hidden = await hide_all(told.gallery, told.mandate, tx, deps, cause)
        log.info("mandate.hidden", mandate=told.mandate, items=hidden)
    if replace(told, heard=term.heard) != term:
        gallery = await galleries.lock(tx, said.campaign)
        await galleries.save(tx, replace(gallery, version=gallery.version + 1))
