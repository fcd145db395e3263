"""What is kept of a curator besides what they gave, as it goes into a copy of their data.

No link stands in it: who finds the copy must not be able to post in their name.
"""

from datetime import datetime
from typing import Any

from services.chassis.database import Transaction
from services.contracts.ids import CuratorId, MandateId
from services.ingest.domain.mandate import Mandate
from services.ingest.store.consents import texts_of
from services.ingest.store.curators import find_curator
from services.ingest.store.given import devices_of, note_of
from services.ingest.store.links import links_to
from services.ingest.store.mandates import find_mandate, mandates_of
from services.ingest.store.plans import waits_of
from services.ingest.store.proofs import all_proofs_of
from services.ingest.store.turn_consents import consent_of_turn


async def record_of(transaction: Transaction, mandate: MandateId) -> dict[str, Any] | None:
    """Give all that is kept of the curator who has a mandate."""
    known = await find_mandate(transaction, mandate)
    curator = await find_curator(transaction, known.holder.curator) if known else None
    if curator is None:
        return None
    return {
        "name": curator.name,
        "intro": curator.intro,
        "mail": curator.mail or None,
        "language": curator.language,
        "accountAtTheDesk": curator.staff_account,
        "turns": [
            await _turn(transaction, m) for m in await mandates_of(transaction, curator.curator)
        ],
        "waiting": [
            {"campaign": w.campaign, "askedAt": w.asked_at.isoformat(), "words": w.words}
            for w in await waits_of(transaction, curator.curator)
        ],
        "accounts": await _accounts(transaction, curator.curator),
        "links": await _links(transaction, curator.curator),
    }


async def _turn(transaction: Transaction, mandate: Mandate) -> dict[str, Any]:
    agreed = await consent_of_turn(transaction, mandate.mandate)
    texts = await texts_of(transaction, [agreed.consent.text_digest]) if agreed else {}
    return {
        "mandate": mandate.mandate,
        "campaign": mandate.campaign,
        "state": mandate.state,
        "startsAt": mandate.starts_at.isoformat(),
        "endsAt": mandate.ends_at.isoformat(),
        "pauses": [p.model_dump(mode="json", by_alias=True) for p in mandate.pauses],
        "quota": mandate.quota,
        "series": mandate.series.model_dump(mode="json", by_alias=True) if mandate.series else None,
        "ways": list(mandate.ways),
        "noteToTheNext": await note_of(transaction, mandate.mandate),
        "consent": None
        if agreed is None
        else {
            "agreed": agreed.consent.model_dump(mode="json", by_alias=True),
            "text": texts.get(agreed.consent.text_digest),
            "uses": [g.model_dump(mode="json", by_alias=True) for g in agreed.grants],
        },
    }


async def _accounts(transaction: Transaction, curator: CuratorId) -> list[dict[str, Any]]:
    return [
        {
            "handle": proof.handle,
            "url": proof.url,
            "way": proof.way,
            "state": proof.state,
            "askedAt": proof.asked_at.isoformat(),
            "provenAt": _iso(proof.proven_at),
        }
        for proof in await all_proofs_of(transaction, curator)
    ]


async def _links(transaction: Transaction, curator: CuratorId) -> list[dict[str, Any]]:
    return [
        {
            "issuedAt": link.issued_at.isoformat(),
            "expiresAt": _iso(link.expires_at),
            "stoppedAt": _iso(link.revoked_at),
            "devices": await devices_of(transaction, link.link),
        }
        for link in await links_to(transaction, "curator", curator)
    ]


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
