"""Photos that people send in a form: read within bounds, checked, kept, or refused with words."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import cast

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect

from services.chassis.telemetry import log
from services.chassis.web import Problem, pages_of
from services.contracts.ids import CampaignId
from services.ingest.api.deps import Parts
from services.ingest.domain.photo_words import sentence_for
from services.ingest.media import PhotoRefusedError
from services.ingest.media.photo import MAX_BYTES
from services.ingest.store.originals import keep_original
from services.ingest.store.receipts import note_refusal

#: Photos in one form; what phones offer at once, and what a series needs.
MOST_PHOTOS = 10
#: Bytes of one form: its photos, and some for the words.
_LARGEST_FORM = MOST_PHOTOS * MAX_BYTES + 1_000_000
#: What a giver may write about one photo.
_LONGEST_ALT = 2_000


@dataclass(frozen=True)
class Refused:
    """A photo that was not taken, and the sentence that says why and what to do."""

    filename: str
    reason: str
    detail: str


@dataclass(frozen=True)
class Kept:
    """A photo that was taken: its hash, its alt text, its file's name."""

    sha256: str
    alt: str
    filename: str


async def read_form(request: Request) -> FormData:
    """Read a form within bounds; its parts are kept on disk, not in memory."""
    announced = int(request.headers.get("content-length") or 0)
    if announced > _LARGEST_FORM:
        raise _too_large()
    read = 0
    receive = request.receive

    async def counted() -> dict[str, object]:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > _LARGEST_FORM:
            raise _too_large()
        return cast("dict[str, object]", message)

    bounded = Request(request.scope, cast("object", counted))  # pyright: ignore[reportArgumentType]
    try:
        return await bounded.form(max_files=3 * MOST_PHOTOS, max_fields=300, max_part_size=100_000)
    except (MultiPartException, ClientDisconnect) as error:
        raise Problem(400, "form-damaged", "The form arrived incomplete. Send it again.") from error


def _too_large() -> Problem:
    return Problem(
        413,
        "form-too-large",
        f"That is too much at once. At most {MOST_PHOTOS} photos of {MAX_BYTES // 1_000_000} MB.",
    )


def photos_in(form: FormData) -> list[UploadFile]:
    """Give the photos of a form; a field that was left empty is none."""
    return [
        f for f in form.getlist("photos") if isinstance(f, UploadFile) and (f.filename or f.size)
    ]


async def keep_photo(
    photo: UploadFile, alt: str, campaign: CampaignId, request: Request, needs: Parts
) -> Kept | Refused:
    """Check a photo and keep it; one that cannot be shown is noted by its reason only."""
    name = PurePath(photo.filename or "photo").name[:120]
    try:
        # One byte more than allowed is enough for the decoder to refuse a larger file.
        content = await photo.read(MAX_BYTES + 1)
        async with needs.database.transaction() as transaction:
            facts = await keep_original(transaction, needs.darkroom, content)
    except PhotoRefusedError as error:
        await _note(campaign, error.reason, error.facts, needs)
        sentence = pages_of(request).text(request, sentence_for(error.reason))
        return Refused(name, error.reason, sentence)
    return Kept(facts.sha256, alt.strip()[:_LONGEST_ALT], name)


async def _note(
    campaign: CampaignId, reason: str, facts: Mapping[str, object], needs: Parts
) -> None:
    async with needs.database.transaction() as transaction:
        await note_refusal(transaction, campaign, "upload", reason, dict(facts))
    log.info("photo.refused", campaign=campaign, reason=reason)
