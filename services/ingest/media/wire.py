"""What the pool and its children say to each other: a JSON header, then bytes.

Never pickle: a child whose decoder was taken over must not be able to run code in the service.
"""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Final, cast

from services.ingest.media.photo import (
    Credit,
    PhotoFacts,
    PhotoRefusedError,
    RefusalReason,
    Rendition,
)

Header = dict[str, object]

#: What a child says when it is warm and confined.
READY: Final[Header] = {"ready": True}

LENGTH_BYTES: Final = 4
MAX_HEADER_BYTES: Final = 64_000
#: Ten renditions of the tallest photo that is taken, and a little more.
MAX_REPLY_BYTES: Final = 100_000_000


class GarbledError(Exception):
    """A child answered something that no child of ours would."""


def framed(header: Header) -> bytes:
    """Put a header's length before it, so that the other side knows how much to read."""
    written = json.dumps(header).encode()
    return len(written).to_bytes(LENGTH_BYTES, "big") + written


def length_of(prefix: bytes) -> int:
    """Read the length of the header that follows, within bounds."""
    length = int.from_bytes(prefix, "big")
    if length > MAX_HEADER_BYTES:
        raise GarbledError(length)
    return length


def header_from(written: bytes) -> Header:
    """Read a header, which is always an object."""
    try:
        header: object = json.loads(written)
    except ValueError as error:
        raise GarbledError from error
    return _object(header)


def inspection_request() -> Header:
    """Ask what a photo is."""
    return {"work": "inspect"}


def rendering_request(credit: Credit | None) -> Header:
    """Ask for a photo's renditions, with this credit in them."""
    return {"work": "render", "credit": asdict(credit) if credit else None}


def credit_from(header: Header) -> Credit | None:
    """Read the credit that a request carries."""
    if header.get("credit") is None:
        return None
    written = _object(header["credit"])
    return Credit(**{name: None if text is None else str(text) for name, text in written.items()})


def refusal_header(error: PhotoRefusedError) -> Header:
    """Say that the photo is refused, and why."""
    return {"refused": error.reason, "facts": dict(error.facts)}


def facts_header(facts: PhotoFacts) -> Header:
    """Say what was found in the photo."""
    captured_at = facts.captured_at.isoformat() if facts.captured_at else None
    return {"photo": {**asdict(facts), "captured_at": captured_at}}


def renditions_header(renditions: list[Rendition]) -> Header:
    """Announce the renditions whose bytes follow."""
    return {
        "renditions": [
            {
                "width": rendition.width,
                "height": rendition.height,
                "media_type": rendition.media_type,
                "bytes": len(rendition.content),
            }
            for rendition in renditions
        ]
    }


def raise_refusal(header: Header) -> None:
    """Raise the refusal that a header carries, if it carries one."""
    if "refused" not in header:
        return
    facts = {
        name: value
        for name, value in _object(header.get("facts")).items()
        if isinstance(value, int | str)
    }
    try:
        reason = RefusalReason(_text(header, "refused"))
    except ValueError as error:
        raise GarbledError from error
    raise PhotoRefusedError(reason, **facts)


def facts_from(header: Header) -> PhotoFacts:
    """Read what was found in the photo."""
    photo = _object(header.get("photo"))
    captured_at = photo.get("captured_at")
    try:
        moment = None if captured_at is None else datetime.fromisoformat(str(captured_at))
    except ValueError as error:
        raise GarbledError from error
    return PhotoFacts(
        media_type=_text(photo, "media_type"),
        width=_whole(photo, "width"),
        height=_whole(photo, "height"),
        frames=_whole(photo, "frames"),
        captured_at=moment,
        dominant_colour=_text(photo, "dominant_colour"),
        placeholder=_text(photo, "placeholder"),
        sha256=_text(photo, "sha256"),
        mark=_text(photo, "mark"),
    )


def body_length(header: Header) -> int:
    """Tell how many bytes follow a header, within bounds."""
    total = sum(_whole(entry, "bytes") for entry in _announced(header))
    if total > MAX_REPLY_BYTES:
        raise GarbledError(total)
    return total


def renditions_from(header: Header, body: bytes) -> list[Rendition]:
    """Cut the bytes that followed a header into the renditions it announced."""
    renditions: list[Rendition] = []
    at = 0
    for entry in _announced(header):
        end = at + _whole(entry, "bytes")
        size = _whole(entry, "width"), _whole(entry, "height")
        renditions.append(Rendition.of(size, _text(entry, "media_type"), body[at:end]))
        at = end
    return renditions


def _announced(header: Header) -> list[Header]:
    entries = header.get("renditions", [])
    if not isinstance(entries, list):
        raise GarbledError(entries)
    return [_object(entry) for entry in cast("list[object]", entries)]


def _object(value: object) -> Header:
    if not isinstance(value, dict):
        raise GarbledError(value)
    return cast("Header", value)


def _text(header: Header, name: str) -> str:
    value = header.get(name)
    if not isinstance(value, str):
        raise GarbledError(name)
    return value


def _whole(header: Header, name: str) -> int:
    value = header.get(name)
    if not isinstance(value, int) or value < 0:
        raise GarbledError(name)
    return value
