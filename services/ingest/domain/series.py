"""Series: a curator's photos of one mandate, so many and in their order, shown as one whole.

The state of a series is folded from the photos as they now are and from what the curator arranged;
it does not matter in which order either became known (`docs/decisions/0008-series.md`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from services.contracts.ids import ItemId
from services.contracts.ingest import SeriesAnnounced, SeriesPhoto, SeriesTerms
from services.ingest.domain.arrangement import Arrangement, EmptySeriesError
from services.ingest.domain.mandate import Mandate

#: How a photo stands in its series. `kept-back` is what its giver does not let us show; `spare`
#: came when all places were taken; `double` is the same photo as one that has a place, by another
#: way; `late` and `paused` are its item's lane.
PhotoStanding = Literal[
    "received",
    "waiting",
    "approved",
    "refused",
    "withdrawn",
    "kept-back",
    "late",
    "paused",
    "spare",
    "double",
]

#: Bits in which two marks of one photo may differ: what scaling and compressing anew changes.
_ALIKE_BITS = 4
#: How much the shapes of two copies of one photo may differ, by rounding to whole pixels.
_ALIKE_SHAPE = 0.02


def photo_key(item: ItemId, attachment: int = 0) -> str:
    """Name one photo of an item; of an album each counts, and the first is called as its item."""
    return f"{item}#{attachment}" if attachment else str(item)


@dataclass(frozen=True)
class Candidate:
    """A photo that came for a series: its item, and where that stands now.

    `original` is the hash of the photo's bytes, `mark` one of what it shows, `shape` its width
    divided by its height. `attachment` says which photo of an album it is. `kept_back`: its consent
    for the web is missing, taken back or over, or somebody under 18 is shown without a parent's
    word, so that no approval lets it be shown.
    """

    item: ItemId
    original: str
    effective_at: datetime
    review: Literal["received", "waiting", "approved", "refused"]
    withdrawn: bool = False
    late: bool = False
    alt: bool = False
    mark: str = ""
    attachment: int = 0
    paused: bool = False
    shape: float = 0.0
    kept_back: bool = False

    @property
    def key(self) -> str:
        """Name the photo."""
        return photo_key(self.item, self.attachment)


@dataclass(frozen=True)
class Stage:
    """What is known of a series besides its photos and its arrangement.

    `over`: its deadline has passed; `hidden`: its mandate was stopped in an emergency; `shown`:
    the photos that were let out to be shown, in their order.
    """

    over: bool = False
    hidden: bool = False
    shown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """A place of a series: the photo that has it, or None, and how that stands."""

    number: int
    item: ItemId | None = None
    standing: PhotoStanding | None = None
    attachment: int = 0

    @property
    def key(self) -> str | None:
        """Name the photo that has the place."""
        return None if self.item is None else photo_key(self.item, self.attachment)


@dataclass(frozen=True)
class Other:
    """A photo that has no place, and why.

    `double_of` names the one that it is a double of: `certain` when the bytes are the same,
    otherwise it looks the same and the curator may say that it is `apart`.
    """

    item: ItemId
    standing: PhotoStanding
    attachment: int = 0
    double_of: str | None = None
    certain: bool = False

    @property
    def key(self) -> str:
        """Name the photo."""
        return photo_key(self.item, self.attachment)


@dataclass(frozen=True)
class Series:
    """A series as it now is; `others` are the photos that have no place, with the reason."""

    places: tuple[Place, ...]
    others: tuple[Other, ...] = ()
    missing_alt: int = 0
    arrangement: Arrangement = field(default_factory=Arrangement)

    @property
    def filled(self) -> int:
        """Count the places that have a photo."""
        return sum(place.item is not None for place in self.places)

    @property
    def approved(self) -> int:
        """Count the places whose photo was approved."""
        return sum(place.standing == "approved" for place in self.places)

    @property
    def full(self) -> bool:
        """Whether every place has an approved photo."""
        return 0 < len(self.places) == self.approved

    @property
    def complete(self) -> bool:
        """Whether every place has an approved photo and the curator said that it is ready."""
        return self.full and self.arrangement.done is not None

    @property
    def photos(self) -> tuple[SeriesPhoto, ...]:
        """Give what may be shown of it, in order: the approved photos."""
        crops = dict(self.arrangement.crops)
        return tuple(
            SeriesPhoto(
                item=place.item, attachment=place.attachment, wide=crops.get(place.key or "")
            )
            for place in self.places
            if place.item is not None and place.standing == "approved"
        )

    @property
    def cover(self) -> str | None:
        """Name the photo on the cover: the one chosen where it may be shown, else the first."""
        shown = [photo_key(photo.item, photo.attachment) for photo in self.photos]
        chosen = self.arrangement.cover
        return chosen if chosen in shown else (shown[0] if shown else None)


def terms_of(mandate: Mandate) -> SeriesTerms | None:
    """Say how many photos count for a mandate: of its series, else its quota; None: any number."""
    if mandate.series is not None or mandate.quota is None:
        return mandate.series
    return SeriesTerms(places=mandate.quota)


def due_at(mandate: Mandate) -> datetime:
    """Say when a series that is full is let out, whether or not its curator said that it is ready.

    The deadline; where there is none, the end of the mandate.
    """
    deadline = mandate.series.deadline if mandate.series else None
    return deadline or mandate.ends_at


def fold(
    terms: SeriesTerms,
    candidates: Iterable[Candidate],
    arrangement: Arrangement,
    stage: Stage = Stage(),
) -> Series:
    """Fold a series from its photos and its arrangement.

    Places go in the curator's order, then by the time that a photo took effect. One that is
    refused, withdrawn, kept back, late or a double has none, so the first spare moves up. Once
    released, an approved photo goes before one that still waits, and a shown one before a new one.
    """
    placed, others = _choose(terms, candidates, arrangement, stage)
    ordered = sorted(placed, key=lambda photo: (_rank(photo, arrangement), *_by_time(photo)))
    places = tuple(
        _place(n + 1, ordered[n]) if n < len(ordered) else Place(n + 1) for n in range(terms.places)
    )
    series = Series(places, tuple(others), sum(not photo.alt for photo in placed), arrangement)
    may_go = not arrangement.released and not stage.hidden
    if may_go and series.full and (arrangement.done is not None or stage.over):
        # The preference changes with it; the places do not, for all of them are approved.
        return replace(series, arrangement=replace(arrangement, released=True))
    return series


def _choose(
    terms: SeriesTerms, candidates: Iterable[Candidate], arrangement: Arrangement, stage: Stage
) -> tuple[list[Candidate], list[Other]]:
    """Say which photos have a place, and why the others have none."""
    known = {photo.key: photo for photo in candidates}.values()
    placed: list[Candidate] = []
    spares: list[Candidate] = []
    others: list[Other] = []
    for photo in sorted(known, key=lambda photo: _preference(photo, arrangement, stage)):
        standing = _without_place(photo)
        if standing is not None:
            others.append(Other(photo.item, standing, photo.attachment))
            continue
        twin = next((p for p in (*placed, *spares) if _same(photo, p, arrangement)), None)
        if twin is not None:
            certain = photo.original == twin.original
            others.append(Other(photo.item, "double", photo.attachment, twin.key, certain))
        elif len(placed) < terms.places:
            placed.append(photo)
        else:
            spares.append(photo)
            others.append(Other(photo.item, "spare", photo.attachment))
    return placed, sorted(others, key=lambda other: (other.item, other.attachment))


def _preference(photo: Candidate, arrangement: Arrangement, stage: Stage) -> tuple[object, ...]:
    """Say which photo is asked first whether it wants a place."""
    after = arrangement.released
    return (
        after and photo.review != "approved",
        _rank(photo, arrangement),
        after and photo.key not in stage.shown,
        *_by_time(photo),
    )


def _rank(photo: Candidate, arrangement: Arrangement) -> int:
    order = arrangement.order
    return order.index(photo.key) if photo.key in order else len(order)


def _by_time(photo: Candidate) -> tuple[datetime, str, int]:
    return photo.effective_at, photo.item, photo.attachment


def _without_place(photo: Candidate) -> PhotoStanding | None:
    if photo.withdrawn:
        return "withdrawn"
    if photo.review == "refused":
        return "refused"
    if photo.kept_back:
        return "kept-back"
    if photo.late:
        return "late"
    return "paused" if photo.paused else None


def _same(photo: Candidate, other: Candidate, arrangement: Arrangement) -> bool:
    if photo.original == other.original:
        return True
    if photo.key in arrangement.apart or other.key in arrangement.apart:
        return False
    return alike(photo.mark, other.mark) and abs(photo.shape - other.shape) <= (
        _ALIKE_SHAPE * max(photo.shape, other.shape)
    )


def alike(mark: str, other: str) -> bool:
    """Whether two marks, in hexadecimal and of one length, are so near that they show the same."""
    if not mark or len(mark) != len(other):
        return False
    return (int(mark, 16) ^ int(other, 16)).bit_count() <= _ALIKE_BITS


def _place(number: int, photo: Candidate) -> Place:
    return Place(number, photo.item, photo.review, photo.attachment)


def released_partly(series: Series) -> Arrangement:
    """Give the arrangement of a series that is shown without waiting for what is missing.

    Raises EmptySeriesError.
    """
    if series.arrangement.released:
        return series.arrangement
    if not series.photos:
        raise EmptySeriesError
    return replace(
        series.arrangement, released=True, partial=True, version=series.arrangement.version + 1
    )


def announcement(mandate: Mandate, series: Series) -> SeriesAnnounced:
    """Give what the other services are told of a series."""
    photos = series.photos
    cover = next((p for p in photos if photo_key(p.item, p.attachment) == series.cover), None)
    return SeriesAnnounced(
        mandate=mandate.mandate,
        campaign=mandate.campaign,
        curator=mandate.holder.curator,
        name=mandate.holder.name,
        places=len(series.places),
        photos=photos,
        cover=cover.item if cover else None,
        cover_attachment=cover.attachment if cover else 0,
        released=series.arrangement.released,
        partial=series.arrangement.partial,
    )
