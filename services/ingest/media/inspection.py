"""Photo bytes to checked facts, at the price of a very small decode."""

import base64
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from itertools import pairwise
from typing import Final

from PIL import Image

from services.ingest.media.decoding import (
    EXIF_ERRORS,
    frames_of,
    open_photo,
    pixels_of,
    resized,
    upright_size,
)
from services.ingest.media.photo import PhotoFacts
from services.ingest.media.signature import media_type_of

_EXIF_BLOCK: Final = 0x8769
_CAPTURED_AT: Final = 0x9003
#: The long side of the picture that facts are read from: big enough for colours, decoded at 1/8.
_GLANCE: Final = 64
_PLACEHOLDER: Final = 16
#: Differences in brightness between neighbours, 8 in each of 8 rows.
_MARK: Final = (9, 8)
#: A photo whose brightness varies less, of 255, shows fog: any two of them would look the same.
_LEAST_CONTRAST: Final = 8


def inspect(content: bytes) -> PhotoFacts:
    """Decode a photo far enough to know that it is whole, and say what it is."""
    with open_photo(content) as image:
        width, height = upright_size(image)
        frames = frames_of(image)
        captured_at = _captured_at(image)
        glance = pixels_of(image, _within(_GLANCE, width, height))
    return PhotoFacts(
        media_type=media_type_of(content) or "",
        width=width,
        height=height,
        frames=frames,
        captured_at=captured_at,
        dominant_colour=_dominant_colour(glance),
        placeholder=_placeholder(glance),
        sha256=sha256(content).hexdigest(),
        mark=_mark(glance),
    )


def _within(side: int, width: int, height: int) -> tuple[int, int]:
    scale = side / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _captured_at(image: Image.Image) -> datetime | None:
    try:
        written = image.getexif().get_ifd(_EXIF_BLOCK).get(_CAPTURED_AT)
        # A camera's clock knows no zone; whoever uses this moment must choose one.
        return datetime.strptime(str(written), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
    except EXIF_ERRORS:
        return None


def _dominant_colour(glance: Image.Image) -> str:
    # The mean of a photo is mud; the fullest of a few colours is one that is really in it.
    few = glance.quantize(6, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).convert("RGB")
    counted = few.getcolors() or []
    _, colour = max(counted, key=lambda entry: entry[0])
    red, green, blue = colour if isinstance(colour, tuple) else (0, 0, 0)
    return f"#{int(red):02x}{int(green):02x}{int(blue):02x}"


def _mark(glance: Image.Image) -> str:
    """Give the 64 bits of a difference hash: whether each spot is brighter than its left.

    After Neal Krawetz, "Kind of Like That" (The Hacker Factor Blog, 21 January 2013). Scaling and
    compressing anew change few of the bits, for neighbours keep their order.
    """
    grey = glance.convert("L").resize(  # pyright: ignore[reportUnknownMemberType]
        _MARK, Image.Resampling.BOX
    )
    columns, rows = _MARK
    levels = grey.tobytes()
    if max(levels) - min(levels) < _LEAST_CONTRAST:
        return ""
    bits = 0
    for row in range(rows):
        line = levels[row * columns : (row + 1) * columns]
        for left, right in pairwise(line):
            bits = bits << 1 | (left < right)
    return f"{bits:016x}"


def _placeholder(glance: Image.Image) -> str:
    tiny = resized(glance, _within(_PLACEHOLDER, *glance.size))
    file = BytesIO()
    tiny.save(file, "WEBP", quality=20, method=4)
    return base64.b64encode(file.getvalue()).decode("ascii")
