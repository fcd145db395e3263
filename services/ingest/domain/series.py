"""Series: a curator's photos of one mandate, so many and in their order, shown as one whole.

The state of a series is folded from the photos as they now are and from what the curator arranged;
it does not matter in which order either became known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from services.contracts.ids import ItemId
from services.contracts.ingest import Crop, SeriesPhoto, SeriesTerms

#: How a photo stands in its series. `spare` came when all places were taken; `double` is the same
#: photo as an earlier one, by another way.
PhotoStanding = Literal[
    "received", "waiting", "approved", "refused", "withdrawn", "late", "spare", "double"
]


@dataclass(frozen=True)
class Candidate:
    """A photo that came for a series: its item, and where that stands now.

    `original` is the hash of the photo's bytes, `mark` a hash of what it shows.
    """

    item: ItemId
    original: str
    effective_at: datetime
    review: Literal["received", "waiting", "approved", "refused"]
    withdrawn: bool = False
    late: bool = False
    alt: bool = False
    mark: str = ""


@dataclass(frozen=True)
class Arrangement:
    """What the curator arranged: the order as far as they gave one, the cover, wide parts.

    `done` is when they said that the series is ready, `released` whether it was let out to be shown
    and `partial` whether somebody chose not to wait for missing photos. Both stay once given.
    """

    order: tuple[ItemId, ...] = ()
    cover: ItemId | None = None
    crops: tuple[tuple[ItemId, Crop], ...] = ()
    done: datetime | None = None
    released: bool = False
    partial: bool = False
    version: int = 0


@dataclass(frozen=True)
class Place:
    """A place of a series: the photo that has it, or None, and how that stands."""

    number: int
    item: ItemId | None = None
    standing: PhotoStanding | None = None


@dataclass(frozen=True)
class Series:
    """A series as it now is; `others` are the photos that have no place, with the reason."""

    places: tuple[Place, ...]
    others: tuple[tuple[ItemId, PhotoStanding], ...] = ()
    missing_alt: int = 0
    arrangement: Arrangement = Arrangement()

    @property
    def filled(self) -> int:
        """Count the places that have a photo."""
        return sum(place.item is not None for place in self.places)

    @property
    def approved(self) -> int:
        """Count the places whose photo was approved."""
        return sum(place.standing == "approved" for place in self.places)

    @property
    def complete(self) -> bool:
        """Whether every place has an approved photo and the curator said that it is ready."""
        return self.approved == len(self.places) and self.arrangement.done is not None

    @property
    def photos(self) -> tuple[SeriesPhoto, ...]:
        """Give what may be shown of it, in order: the approved photos."""
        crops = dict(self.arrangement.crops)
        return tuple(
            SeriesPhoto(item=place.item, wide=crops.get(place.item))
            for place in self.places
            if place.item is not None and place.standing == "approved"
        )

    @property
    def cover(self) -> ItemId | None:
        """Give the photo on the cover: the one chosen where it may be shown, else the first."""
        shown = [photo.item for photo in self.photos]
        chosen = self.arrangement.cover
        return chosen if chosen in shown else (shown[0] if shown else None)


def fold(terms: SeriesTerms, candidates: Iterable[Candidate], arrangement: Arrangement) -> Series:
    """Fold a series from its photos and its arrangement.

    Places go by the time that a photo took effect; one that is refused, withdrawn, late or a double
    has none, so the first spare moves up. The curator's order then says who stands where.
    """
    known = sorted({c.item: c for c in candidates}.values(), key=lambda c: (c.effective_at, c.item))
    placed: list[Candidate] = []
    others: list[tuple[ItemId, PhotoStanding]] = []
    for photo in known:
        standing = _without_place(photo, placed)
        if standing is None and len(placed) >= terms.places:
            standing = "spare"
        if standing is None:
            placed.append(photo)
        else:
            others.append((photo.item, standing))
    ordered = _in_order(placed, arrangement.order)
    places = tuple(
        Place(n + 1, ordered[n].item, _standing(ordered[n])) if n < len(ordered) else Place(n + 1)
        for n in range(terms.places)
    )
    series = Series(places, tuple(others), sum(not photo.alt for photo in placed), arrangement)
    if series.complete and not arrangement.released:
        return replace(series, arrangement=replace(arrangement, released=True))
    return series


def _without_place(photo: Candidate, placed: Sequence[Candidate]) -> PhotoStanding | None:
    if photo.withdrawn:
        return "withdrawn"
    if photo.review == "refused":
        return "refused"
    if photo.late:
        return "late"
    if any(_same(photo, other) for other in placed):
        return "double"
    return None


def _same(photo: Candidate, other: Candidate) -> bool:
    return photo.original == other.original or bool(photo.mark and photo.mark == other.mark)


def _standing(photo: Candidate) -> PhotoStanding:
    return "waiting" if photo.review == "refused" else photo.review


def _in_order(placed: list[Candidate], order: tuple[ItemId, ...]) -> list[Candidate]:
    """Put photos in the curator's order; those it does not name come after, as they came."""
    rank = {item: n for n, item in enumerate(order)}
    return sorted(placed, key=lambda c: (rank.get(c.item, len(rank)), c.effective_at, c.item))
