"""An item's place in a gallery: published or not, decided by what moderation last said of it.

Moderation's events can arrive twice and out of order; `heard` is the version of the newest one that
was applied, and nothing older ever counts. What belongs to a series, or counts for a mandate that
was stopped, is held: its content is kept, unseen, until it is released. Errors:
ForbiddenMoveError, a move that is not in the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from services.contracts.envelope import EventData
from services.contracts.gallery import ItemPublished, ItemPurged, ItemUnpublished
from services.contracts.ids import CampaignId, ItemId, MandateId
from services.contracts.moderation import ClearedItem, RevocationReason


class Standing(StrEnum):
    """Whether the world sees the item."""

    UNPUBLISHED = "unpublished"
    PUBLISHED = "published"


#: Every move there is; whatever is absent is refused.
MOVES: Mapping[tuple[Standing, type[EventData]], Standing] = {
    (Standing.UNPUBLISHED, ItemPublished): Standing.PUBLISHED,
    # Published anew with other content: the page must show the change.
    (Standing.PUBLISHED, ItemPublished): Standing.PUBLISHED,
    (Standing.PUBLISHED, ItemUnpublished): Standing.UNPUBLISHED,
    # Files are purged only after the item became invisible, and as often as somebody asks.
    (Standing.UNPUBLISHED, ItemPurged): Standing.UNPUBLISHED,
}


class ForbiddenMoveError(ValueError):
    """An event would move a placement in a way that the table does not have."""

    def __init__(self, standing: Standing, event: type[EventData]) -> None:
        """Name where the placement stands and what was to happen to it."""
        super().__init__(f"{event.TYPE} cannot happen to an item that is {standing}")
        self.standing = standing
        self.event = event


def faults_of(moves: Mapping[tuple[Standing, type[EventData]], Standing]) -> list[str]:
    """Say what is wrong with a table: standings without a way in or out, a purge in view."""
    faults = [
        f"nothing leads to {standing}"
        for standing in Standing
        if not any(to is standing and at is not standing for (at, _), to in moves.items())
    ]
    faults += [
        f"nothing leads away from {standing}"
        for standing in Standing
        if not any(at is standing and to is not standing for (at, _), to in moves.items())
    ]
    if (Standing.PUBLISHED, ItemPurged) in moves:
        faults.append("the files of a published item must not be purged")
    return faults


if _faults := faults_of(MOVES):
    raise AssertionError("; ".join(_faults))


@dataclass(frozen=True)
class Placement:
    """Where one item stands, what is shown of it, and how far we have heard of it.

    `version` counts our own events about the item, `position` is the gallery's version at which its
    standing or content last changed; 0 means that it never was visible. `purged`: it was told that
    its files are gone, and it was not shown since. In a series that is shown it has a number, its
    `sequence` from 1, and the series' moment, `since`.
    """

    item: ItemId
    campaign: CampaignId
    standing: Standing = Standing.UNPUBLISHED
    version: int = 0
    heard: int = 0
    position: int = 0
    purged: bool = False
    content: ClearedItem | None = None
    sequence: int = 0
    since: datetime | None = None

    @property
    def gallery(self) -> str:
        """Name the gallery: each campaign has one, which bears the campaign's name."""
        return str(self.campaign)

    @property
    def shown(self) -> bool:
        """Whether the item is on a page."""
        return self.standing is Standing.PUBLISHED

    @property
    def held(self) -> bool:
        """Whether it waits, unseen, for its series or for its mandate to be shown again."""
        return not self.shown and self.content is not None

    @property
    def mandate(self) -> MandateId | None:
        """Give the mandate for which its content counts."""
        return self.content.mandate if self.content else None

    @property
    def moment(self) -> datetime | None:
        """Give the moment that orders it on a page: its series', else its own."""
        return self.since or (self.content.effective_at if self.content else None)

    def stays_for(self, content: ClearedItem) -> bool:
        """Whether, shown in a series, it is still of that series with this content."""
        return (
            self.shown
            and self.sequence > 0
            and content.in_series
            and content.mandate == self.mandate
        )


@dataclass(frozen=True)
class Publish:
    """Show this content; moderation cleared it in its `heard`-th event about the item."""

    content: ClearedItem
    heard: int


@dataclass(frozen=True)
class Unpublish:
    """Show the item no longer; moderation revoked it in its `heard`-th event about the item."""

    reason: RevocationReason
    heard: int


@dataclass(frozen=True)
class Hold:
    """Keep this content unseen until it is released; cleared as the `heard`-th event."""

    content: ClearedItem
    heard: int
    reason: RevocationReason = "changed"


@dataclass(frozen=True)
class Release:
    """Show what is held: alone, or as the `sequence`-th of its series, shown since a moment."""

    sequence: int = 0
    since: datetime | None = None


@dataclass(frozen=True)
class Retain:
    """Hold it again: its series no longer names it, or its mandate was stopped."""

    reason: RevocationReason = "changed"


@dataclass(frozen=True)
class Purge:
    """Note that the public files are gone: how many were deleted, how many were gone before."""

    deleted: int
    absent: int


Command = Publish | Unpublish | Hold | Release | Retain | Purge


def is_news(placement: Placement, heard: int) -> bool:
    """Whether an event of moderation is newer than all that was applied."""
    return heard > placement.heard


def address_of(gallery: str, item: str) -> str:
    """Give the path of an item's own page."""
    return f"/g/{gallery}/i/{item}"


def decide(placement: Placement, command: Command, position: int) -> list[EventData]:
    """Say what a command makes happen; `position` is the gallery's next version.

    Raises ForbiddenMoveError for a purge of an item that is in view.
    """
    if isinstance(command, Publish | Hold | Unpublish) and not is_news(placement, command.heard):
        return []
    match command:
        case Purge(deleted, absent):
            told = placement.purged and deleted + absent == 0
            return [] if told else [_purged(placement, deleted, absent)]
        case Unpublish(reason, _):
            return [_unpublished(placement, position, reason)] if placement.shown else []
        case Hold(reason=reason) | Retain(reason=reason):
            return [_unpublished(placement, position, reason)] if placement.shown else []
        case Publish(content, _):
            same = placement.shown and placement.content == content
            return [] if same else [_published(placement, position)]
        case Release():
            return [_published(placement, position)] if placement.held else []
    assert_never(command)


def _purged(placement: Placement, deleted: int, absent: int) -> ItemPurged:
    purged = ItemPurged(
        item=placement.item, campaign=placement.campaign, deleted=deleted, absent=absent
    )
    _next(placement, purged)
    return purged


def _published(placement: Placement, position: int) -> ItemPublished:
    return ItemPublished(
        item=placement.item,
        campaign=placement.campaign,
        gallery=placement.gallery,
        position=position,
        path=address_of(placement.gallery, placement.item),
    )


def _unpublished(placement: Placement, position: int, reason: RevocationReason) -> ItemUnpublished:
    return ItemUnpublished(
        item=placement.item,
        campaign=placement.campaign,
        gallery=placement.gallery,
        position=position,
        reason=reason,
    )


def _next(placement: Placement, event: EventData) -> Standing:
    try:
        return MOVES[placement.standing, type(event)]
    except KeyError:
        raise ForbiddenMoveError(placement.standing, type(event)) from None


def evolve(placement: Placement, event: EventData) -> Placement:
    """Apply one event. Raises ForbiddenMoveError."""
    moved = replace(placement, standing=_next(placement, event), version=placement.version + 1)
    match event:
        case ItemPublished():
            return replace(moved, position=event.position, purged=False)
        case ItemUnpublished():
            return replace(moved, position=event.position)
        case ItemPurged():
            return replace(moved, purged=True)
        case _:
            return moved


def settle(placement: Placement, command: Command) -> Placement:
    """Remember what a command brought and no event carries: what was heard, what is shown, where.

    What is shown may be personal: it is kept in the row alone, and forgotten when it is hidden.
    """
    known = placement.heard
    match command:
        case Publish(content, heard) if heard > known:
            stays = placement.stays_for(content)
            seated = placement if stays else replace(placement, sequence=0, since=None)
            return replace(seated, heard=heard, content=content)
        case Hold(content, heard) if heard > known:
            return replace(placement, heard=heard, content=content, sequence=0, since=None)
        case Unpublish(_, heard) if heard > known:
            return replace(placement, heard=heard, content=None, sequence=0, since=None)
        case Release(sequence, since):
            return replace(placement, sequence=sequence, since=since)
        case Retain():
            return replace(placement, sequence=0, since=None)
        case _:
            return placement


def apply(
    placement: Placement, command: Command, position: int
) -> tuple[Placement, list[EventData]]:
    """Carry a command out: the placement after it, and what happened. Raises ForbiddenMoveError."""
    happened = decide(placement, command, position)
    settled = settle(placement, command)
    for event in happened:
        settled = evolve(settled, event)
    return settled, happened
