"""Originals and their renditions: bytes in S3 under their hash, facts in PostgreSQL."""

import asyncio
import hashlib
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from services.chassis.database import Json, PartAwayError, Transaction
from services.chassis.objects import ObjectStore
from services.contracts.ingest import Attachment, Rendition, SubmittedMedia
from services.ingest.media import (
    Credit,
    DecoderPool,
    DecodersBusyError,
    DecoderStartError,
    PhotoFacts,
    PoolClosedError,
)

_EXTENSIONS = {"image/avif": "avif", "image/jpeg": "jpg"}


ResultT = TypeVar("ResultT")

#: These say nothing about the photo: the decoders are full, cannot start, or are stopping.
_NOT_NOW = (DecodersBusyError, DecoderStartError, PoolClosedError)


async def _decoded(work: Awaitable[ResultT]) -> ResultT:
    """Wait for a decoder; what is not the photo's fault must not refuse the photo."""
    try:
        return await work
    except _NOT_NOW as error:
        raise PartAwayError(type(error).__name__) from error


@dataclass(frozen=True)
class Darkroom:
    """What turning photos into renditions needs."""

    objects: ObjectStore
    decoders: DecoderPool


async def keep_original(transaction: Transaction, darkroom: Darkroom, content: bytes) -> PhotoFacts:
    """Check a photo and keep it; answers its facts. Raises PhotoRefusedError.

    The object is written before its row: a row must never point at nothing, while an object without
    a row does no harm and is written again.
    """
    facts = await _decoded(darkroom.decoders.inspect(content))
    await darkroom.objects.put("originals", facts.sha256, content, facts.media_type)
    await transaction.execute(
        """insert into original (sha256, media_type, size, facts) values (%s, %s, %s, %s)
           on conflict do nothing""",
        [
            facts.sha256,
            facts.media_type,
            len(content),
            Json(
                {
                    "width": facts.width,
                    "height": facts.height,
                    "captured_at": facts.captured_at.isoformat() if facts.captured_at else None,
                    "dominant_colour": facts.dominant_colour,
                    "placeholder": facts.placeholder,
                    "animated": facts.animated,
                    "mark": facts.mark,
                }
            ),
        ],
    )
    return facts


async def attach(
    transaction: Transaction, darkroom: Darkroom, media: SubmittedMedia, credit: Credit
) -> Attachment:
    """Give a stored photo with its renditions, made now if they were not made before.

    Raises PhotoRefusedError when rendering finds what inspection did not, ObjectMissingError when
    the original is gone.
    """
    original = media.original or ""
    cursor = await transaction.execute("select * from original where sha256 = %s", [original])
    row = await cursor.fetchone()
    if row is None:
        message = f"no original {original}"
        raise LookupError(message)
    facts = row["facts"]
    captured = facts["captured_at"]
    return Attachment(
        media_type=row["media_type"],
        original=original,
        width=facts["width"],
        height=facts["height"],
        alt=media.alt,
        alt_origin=media.alt_origin,
        dominant_colour=facts["dominant_colour"],
        placeholder=facts["placeholder"],
        captured_at=datetime.fromisoformat(captured) if captured else None,
        renditions=await _renditions(transaction, darkroom, original, credit),
    )


async def _renditions(
    transaction: Transaction, darkroom: Darkroom, original: str, credit: Credit
) -> tuple[Rendition, ...]:
    # The credit is written into the files, so another credit means other files.
    mark = hashlib.sha256(repr(credit).encode()).hexdigest()[:16]
    cursor = await transaction.execute(
        "select renditions from rendition_set where original = %s and credit = %s", [original, mark]
    )
    row = await cursor.fetchone()
    if row is not None:
        return tuple(Rendition.model_validate(r) for r in row["renditions"])
    stored = await darkroom.objects.get("originals", original)
    rendered = await _decoded(darkroom.decoders.render(stored.content, credit=credit))
    made = tuple(
        Rendition(
            key=f"{r.sha256}.{_EXTENSIONS[r.media_type]}",
            sha256=r.sha256,
            media_type=r.media_type,
            width=r.width,
            height=r.height,
            size=len(r.content),
        )
        for r in rendered
    )
    await asyncio.gather(
        *(
            darkroom.objects.put("renditions", known.key, r.content, r.media_type)
            for known, r in zip(made, rendered, strict=True)
        )
    )
    await transaction.execute(
        """insert into rendition_set (original, credit, renditions) values (%s, %s, %s)
           on conflict do nothing""",
        [original, mark, Json([r.model_dump(mode="json", by_alias=True) for r in made])],
    )
    return made
