"""The wide part of a photo on a cover, as rules that a browser can follow without script."""

from math import isfinite

from services.contracts.ingest import Crop
from services.gallery.domain.card import Photo

#: Below this width of the page a cover is nearly square, or faces would be too small to see.
_WIDE_FROM = "40rem"
_NARROW_RATIO = 4 / 3
#: How wide a cover may be by its height, and the least that is left of a photo.
_LEAST_WIDE, _MOST_WIDE = 1.6, 3.0
_LEAST_PART = 0.05


def whole(crop: Crop | None) -> Crop:
    """Give a part that lies within its photo, whatever numbers were written."""
    if crop is None or not all(map(isfinite, (crop.x, crop.y, crop.width, crop.height))):
        return Crop(x=0, y=0, width=1, height=1)
    x, y = (min(max(at, 0.0), 1 - _LEAST_PART) for at in (crop.x, crop.y))
    return Crop(
        x=x,
        y=y,
        width=min(max(crop.width, _LEAST_PART), 1 - x),
        height=min(max(crop.height, _LEAST_PART), 1 - y),
    )


def cover_style(photo: Photo, crop: Crop | None) -> str:
    """Give the rules of a cover: the part in full where there is room, its middle elsewhere."""
    part = whole(crop)
    shape = photo.width / photo.height
    ratio = min(max(part.width * shape / part.height, _LEAST_WIDE), _MOST_WIDE)
    name = f".cover-large .{photo.mark}"
    near = _position(part, shape, _NARROW_RATIO)
    rules = f".cover-large{{aspect-ratio:{_NARROW_RATIO:.3f}}}{name}{{object-position:{near}}}"
    zoomed = (
        f"left:{_percent(-part.x / part.width)};top:{_percent(-part.y / part.height)};"
        f"width:{_percent(1 / part.width)};height:{_percent(1 / part.height)}"
        if crop
        else f"object-position:{_position(part, shape, ratio)}"
    )
    wide = f".cover-large{{aspect-ratio:{ratio:.3f}}}{name}{{{zoomed}}}"
    return f"{rules}@media (min-width:{_WIDE_FROM}){{{wide}}}"


def _position(part: Crop, shape: float, ratio: float) -> str:
    """Say how a photo is moved in a frame that it fills, so that the part's middle is in view."""
    across = _shift(part.x + part.width / 2, ratio / shape)
    down = _shift(part.y + part.height / 2, shape / ratio)
    return f"{_percent(across)} {_percent(down)}"


def _shift(middle: float, seen: float) -> float:
    """Give the shift for which a frame that sees this much of a side has the middle in view."""
    return min(max((middle - seen / 2) / (1 - seen), 0.0), 1.0) if seen < 1 else 0.5


def _percent(share: float) -> str:
    return f"{share * 100:.2f}%"
