"""What is known of a photo and what is made of it: plain values that need no decoder."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

#: The widths that renditions are made in: a closed list, so that nobody asks for a million others.
LADDER: Final[tuple[int, ...]] = (320, 640, 960, 1280, 1920)

#: What a square of the widest step needs. A portrait of that width would cost twice as much as a
#: landscape, in time and memory, to fill screens that are not that high.
MAX_RENDITION_PIXELS: Final = 4_000_000

#: What a phone's best photo needs (48 megapixels, some 25 MB), and a little more.
MAX_BYTES: Final = 40_000_000
MAX_PIXELS: Final = 50_000_000
MAX_SIDE: Final = 10_000
#: The decoder of WebP keeps the whole picture four times over: 50 megapixels would take 800 MB.
MAX_PIXELS_OF: Final[Mapping[str, int]] = {"image/webp": 25_000_000}
#: All frames together; only the first is decoded, but to count the others costs time as well.
MAX_ANIMATION_PIXELS: Final = 500_000_000
#: A photo whose long side is shorter than the smallest width is an icon; one this thin is a line.
MIN_LONG_SIDE: Final = 320
MIN_SHORT_SIDE: Final = 64


class RefusalReason(StrEnum):
    """Why a photo cannot be taken: codes that texts for people are looked up by."""

    EMPTY = "empty"
    TOO_MANY_BYTES = "too-many-bytes"
    NOT_AN_IMAGE = "not-an-image"
    TYPE_NOT_ACCEPTED = "type-not-accepted"
    TOO_MANY_PIXELS = "too-many-pixels"
    TOO_SMALL = "too-small"
    TRUNCATED = "truncated"
    DAMAGED = "damaged"
    DECODER_FAILED = "decoder-failed"


class PhotoRefusedError(Exception):
    """A photo cannot be taken; the reason is a code, the facts fill in its sentence."""

    def __init__(self, reason: RefusalReason, **facts: int | str) -> None:
        super().__init__(reason, facts)
        self.reason = reason
        self.facts: Mapping[str, int | str] = facts

    def __str__(self) -> str:
        return " ".join([self.reason, *(f"{name}={value}" for name, value in self.facts.items())])


@dataclass(frozen=True, kw_only=True)
class PhotoFacts:
    """What a photo says about itself once it is upright, checked by decoding it.

    `captured_at` is the camera's clock as written, which has no time zone. `placeholder` is a
    WebP image at most 16 px wide and high, in base64, to be shown until a rendition has loaded.
    `mark` is a hash of what it shows: those of two copies differ in few bits or none. It is empty
    where there is nothing to tell it by.
    """

    media_type: str
    width: int
    height: int
    frames: int
    captured_at: datetime | None
    dominant_colour: str
    placeholder: str
    sha256: str
    mark: str = ""

    @property
    def animated(self) -> bool:
        """Whether there is more to see than the first frame, which is all that renditions show."""
        return self.frames > 1


@dataclass(frozen=True, kw_only=True)
class Credit:
    """What travels inside the larger renditions: whose photo it is and what it shows."""

    creator: str | None = None
    credit: str | None = None
    alt: str | None = None
    web_statement: str | None = None


@dataclass(frozen=True)
class Rendition:
    """An image derived from an original for one width and one format."""

    width: int
    height: int
    media_type: str
    content: bytes
    sha256: str

    @classmethod
    def of(cls, size: tuple[int, int], media_type: str, content: bytes) -> "Rendition":
        """Make a rendition whose hash is certain to be that of its bytes."""
        return cls(*size, media_type, content, sha256(content).hexdigest())


def sizes_for(width: int, height: int) -> list[tuple[int, int]]:
    """List the sizes that a photo is rendered in, widest first: never wider than it is itself."""
    widths = [step for step in reversed(LADDER) if step <= width] or [width]
    sizes = [(step, max(1, round(height * step / width))) for step in widths]
    # The narrowest is always among them: no side that is taken is long enough to rule it out.
    return [size for size in sizes if size[0] * size[1] <= MAX_RENDITION_PIXELS]
