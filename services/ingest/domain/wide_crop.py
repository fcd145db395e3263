"""The part of a photo that is shown where a wide one is wanted, chosen by where it lies."""

from typing import Literal

from services.contracts.ingest import Crop

#: Width to height of a wide photo: the head of a home page.
WIDE = 21 / 9

Position = Literal["centre", "top", "bottom", "left", "right"]
_SHARE: dict[str, float] = {"top": 0, "left": 0, "centre": 0.5, "bottom": 1, "right": 1}
#: Fractions that differ by less are the same part.
_CLOSE = 0.01


def positions(width: int, height: int) -> tuple[Position, ...]:
    """Give the places that make a difference: a photo is cut at two opposite sides only."""
    if width / height > WIDE:
        return ("centre", "left", "right")
    return ("centre", "top", "bottom")


def crop_at(position: str, width: int, height: int) -> Crop:
    """Give the largest wide part at a place of a photo; an unknown place is the centre."""
    share = _SHARE[position] if position in positions(width, height) else _SHARE["centre"]
    if width / height > WIDE:
        part = height * WIDE / width
        return Crop(x=round((1 - part) * share, 4), y=0, width=round(part, 4), height=1)
    part = width / WIDE / height
    return Crop(x=0, y=round((1 - part) * share, 4), width=1, height=round(part, 4))


def position_of(crop: Crop | None, width: int, height: int) -> Position:
    """Say at which place a wide part is."""
    if crop is not None:
        for position in positions(width, height):
            other = crop_at(position, width, height)
            if abs(other.x - crop.x) < _CLOSE and abs(other.y - crop.y) < _CLOSE:
                return position
    return "centre"
