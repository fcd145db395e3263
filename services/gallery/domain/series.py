"""A series: a curator's photos of one mandate, shown as one whole or not at all.

Ingest says which photos it has, in which order, and whether it may be shown; moderation clears each
photo by itself. Either can come first. Nothing of a series appears before all of it can, unless
somebody chose not to wait for the missing photos.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from services.contracts.gallery import SeriesPublished
from services.contracts.ids import CampaignId, ItemId, MandateId
from services.contracts.ingest import SeriesAnnounced
from services.gallery.domain.placement import Placement, Release


@dataclass(frozen=True)
class Series:
    """What is known of a series; `version` counts our own events about it.

    `released_at` is when it was first said that it may be shown: its moment on the pages.
    `position` is the gallery's version that showed its last change; 0 means that it never was
    visible.
    """

    mandate: MandateId
    campaign: CampaignId
    version: int = 0
    heard: int = 0
    position: int = 0
    released_at: datetime | None = None
    announced: SeriesAnnounced | None = None

    @property
    def gallery(self) -> str:
        """Name the gallery in which it is shown."""
        return str(self.campaign)

    @property
    def subject(self) -> str:
        """Name it as events do."""
        return f"series-{self.mandate}"


@dataclass(frozen=True)
class Turn:
    """What is due for a series: what is to be seen of it, in order, and what no longer is."""

    show: tuple[ItemId, ...]
    hide: tuple[ItemId, ...]


def path_of(gallery: str, mandate: str) -> str:
    """Give the path of a series' own page."""
    return f"/g/{gallery}/s/{mandate}"


def announce(series: Series, said: SeriesAnnounced, heard: int, said_at: datetime) -> Series:
    """Take over what ingest says of a series, unless something newer was heard."""
    if heard <= series.heard:
        return series
    first = series.released_at or (said_at if said.released else None)
    return replace(series, heard=heard, announced=said, released_at=first)


def due(series: Series, present: Mapping[ItemId, Placement]) -> Turn | None:
    """Say what is to be done, given its photos that are held or shown; None for nothing.

    While one of the named photos is missing everything stays as it is: a whole series does not
    appear, and what is shown already goes on being shown.
    """
    said = series.announced
    if said is None:
        return None
    named = tuple(dict.fromkeys(photo.item for photo in said.photos)) if said.released else ()
    here = tuple(item for item in named if item in present)
    if len(here) < len(named) and not said.partial:
        return None
    hide = tuple(item for item, p in present.items() if p.shown and item not in named)
    settled = all(_stands(present[item], seat) for item, seat in seats(series, here).items())
    return None if settled and not hide else Turn(show=here, hide=hide)


def seats(series: Series, items: tuple[ItemId, ...]) -> dict[ItemId, Release]:
    """Give each photo its number in the series, and the series' moment."""
    moment = series.released_at
    return {item: Release(n, moment) for n, item in enumerate(items, 1) if moment is not None}


def _stands(placement: Placement, seat: Release) -> bool:
    return placement.shown and (placement.sequence, placement.since) == (seat.sequence, seat.since)


def published(series: Series, items: tuple[ItemId, ...], position: int) -> SeriesPublished:
    """Say that these photos are now to be seen as one."""
    return SeriesPublished(
        mandate=series.mandate,
        campaign=series.campaign,
        gallery=series.gallery,
        position=position,
        path=path_of(series.gallery, series.mandate),
        items=items,
    )
