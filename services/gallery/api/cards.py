"""Cards of items in view, with the term and the series to which each belongs."""

from collections.abc import Sequence

from services.chassis.database import Transaction
from services.gallery.api.rendered import StyleBlock
from services.gallery.domain.card import Belonging, Card, card_of
from services.gallery.domain.gallery import Gallery
from services.gallery.store import terms, views
from services.gallery.store.views import Seat, Shown

_NOWHERE = Seat(0, 0)


async def cards_of(tx: Transaction, gallery: Gallery, shown: Sequence[Shown]) -> list[Card]:
    """Make cards; two more questions to the database, however many there are."""
    mandates = sorted({s.content.mandate for s in shown if s.content.mandate})
    named = await terms.named(tx, mandates)
    seats = await views.seats(tx, sorted({s.series for s in shown if s.series}))
    return [
        card_of(
            one.content,
            gallery.id,
            gallery.zone,
            Belonging(
                moment=one.moment,
                term=named.get(one.content.mandate or ""),
                series=one.series,
                number=seats.get(one.content.item, _NOWHERE).number,
                total=seats.get(one.content.item, _NOWHERE).total,
            ),
        )
        for one in shown
    ]


def style_of(cards: Sequence[Card]) -> StyleBlock:
    """Give the rules that reserve the places of these cards and of their photos."""
    return StyleBlock("".join(card.style for card in cards))
