"""A series as readers see it: its plates in order, its cover, and whose it is."""

from dataclasses import dataclass
from itertools import chain

from services.contracts.ingest import Crop, SeriesAnnounced
from services.gallery.domain.card import Card, Photo
from services.gallery.domain.term import Term


@dataclass(frozen=True)
class Plate:
    """One photo of a series; of an album each photo that has a place is a plate of its own."""

    card: Card
    photo: Photo | None
    wide: Crop | None = None

    @property
    def mark(self) -> str:
        """Name it for its rules."""
        return f"p-{self.photo.mark if self.photo else self.card.mark}"

    @property
    def style(self) -> str:
        """Give its rules: how wide it is in its row, and what waits for its photo."""
        if self.photo is None:
            return ""
        return f".{self.mark}{{--r:{self.photo.ratio}}}{self.photo.style}"


@dataclass(frozen=True)
class Story:
    """A series as readers see it: what was said of it, what of it is in view, and whose it is."""

    said: SeriesAnnounced
    cards: tuple[Card, ...]
    term: Term | None = None

    @property
    def plates(self) -> tuple[Plate, ...]:
        """Give the photos that are in view, in the curator's order."""
        known = {card.item: card for card in self.cards}
        named = [
            Plate(known[photo.item], _photo(known[photo.item], photo.attachment), photo.wide)
            for photo in self.said.photos
            if photo.item in known
        ]
        # Something is in view a moment before it is named: it comes last, and is not left out.
        items = {plate.card.item for plate in named}
        rest = [Plate(card, card.photo) for card in self.cards if card.item not in items]
        return tuple(chain(named, rest))

    @property
    def cover(self) -> Plate | None:
        """Give the plate on the cover: the chosen one while it is in view, else the first."""
        fit = [plate for plate in self.plates if plate.photo and not plate.card.warning]
        first = fit[0] if fit else None
        return next((plate for plate in fit if self._is_chosen(plate)), first)

    def _is_chosen(self, plate: Plate) -> bool:
        chosen = plate.photo == _photo(plate.card, self.said.cover_attachment)
        return chosen and plate.card.item == self.said.cover


def _photo(card: Card, attachment: int) -> Photo | None:
    """Give a photo by its number among the item's attachments; some may not be servable."""
    return next((photo for photo in card.photos if photo.number == attachment), None)
