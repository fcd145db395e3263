"""Arrangements: what a curator says about the order, the cover and the wide parts of a series.

SeriesError
├── EmptySeriesError   there is nothing that could be shown
└── BadCropError       a part of a photo that lies outside of it
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.contracts.ingest import Crop


class SeriesError(ValueError):
    """A wish about a series cannot be granted; the message is a sentence for people."""


class EmptySeriesError(SeriesError):
    """There is nothing that could be shown."""

    def __init__(self) -> None:
        """Say what to wait for."""
        super().__init__("Nothing of this series has been approved yet.")


class BadCropError(SeriesError):
    """A part of a photo lies outside of it."""

    def __init__(self) -> None:
        """Say what is wrong."""
        super().__init__("This part does not lie within the photo.")


@dataclass(frozen=True)
class Arrangement:
    """What the curator arranged: the order as far as they gave one, the cover, wide parts.

    Photos are called by `photo_key`. `apart` are photos that look like another and are none;
    `done` is when the curator said that the series is ready, `released` whether it was let out to
    be shown and `partial` whether somebody chose not to wait for missing photos. These stay once
    given. `version` counts what people arranged.
    """

    order: tuple[str, ...] = ()
    cover: str | None = None
    crops: tuple[tuple[str, Crop], ...] = ()
    done: datetime | None = None
    released: bool = False
    partial: bool = False
    version: int = 0
    apart: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wish:
    """What a person changes of an arrangement; None leaves it as it was.

    `crops` names only photos whose wide part changes, None there takes it away.
    """

    order: Sequence[str] | None = None
    cover: str | None = None
    crops: Mapping[str, Crop | None] = field(default_factory=dict[str, Crop | None])
    apart: Collection[str] | None = None
    done: bool | None = None


def rearranged(
    before: Arrangement, wish: Wish, known: Collection[str], now: datetime
) -> Arrangement:
    """Give the arrangement after a person's wish; what it says of photos unknown here is left out.

    Raises BadCropError.
    """
    crops = dict(before.crops)
    for key, crop in wish.crops.items():
        if crop is None:
            crops.pop(key, None)
        else:
            crops[key] = _checked(crop)
    done = before.done
    if wish.done is not None and not (done and wish.done) and not before.released:
        done = now if wish.done else None
    named = before.order if wish.order is None else wish.order
    apart = before.apart if wish.apart is None else wish.apart
    return replace(
        before,
        order=tuple(dict.fromkeys(key for key in named if key in known)),
        cover=wish.cover if wish.cover in known else before.cover,
        crops=tuple(sorted((key, crop) for key, crop in crops.items() if key in known)),
        apart=tuple(sorted(set(apart) & set(known))),
        done=done,
        version=before.version + 1,
    )


def _checked(crop: Crop) -> Crop:
    inside = crop.x >= 0 and crop.y >= 0 and crop.width > 0 and crop.height > 0
    # Fractions that a page computed may be a rounding beyond the edge.
    if not inside or max(crop.x + crop.width, crop.y + crop.height) > 1 + 1e-6:
        raise BadCropError
    return crop
