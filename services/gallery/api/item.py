"""One item's own page, what a takedown leaves of it, and its card for pages that are open."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from services.chassis.database import Transaction
from services.chassis.web import Problem, pages_of
from services.gallery.api.answering import answer
from services.gallery.api.cards import cards_of
from services.gallery.api.parts import PartsOf
from services.gallery.api.rendered import Answer, StyleBlock, page_policy
from services.gallery.domain.card import Card
from services.gallery.domain.gallery import Gallery
from services.gallery.domain.placement import Placement
from services.gallery.store import placements, views
from services.gallery.store.views import Shown

router = APIRouter()


async def _placed(tx: Transaction, gallery: str, item: str) -> Placement:
    found = await placements.find(tx, gallery, item)
    # What never was in view waits unseen: nobody must learn of it.
    if found is None or not found.position:
        raise Problem(404, "item-unknown", "There is no such item in this gallery.")
    return found


async def _card(tx: Transaction, gallery: Gallery, placement: Placement) -> Card | None:
    if not placement.shown or placement.content is None or placement.moment is None:
        return None
    series = placement.mandate if placement.sequence else None
    [card] = await cards_of(tx, gallery, [Shown(placement.content, placement.moment, series)])
    return card


@router.get("/g/{gallery}/i/{item}", response_class=HTMLResponse, include_in_schema=False)
async def item_page(gallery: str, item: str, request: Request, parts: PartsOf) -> Response:
    """Show one item large, with the way to those beside it."""

    async def make(tx: Transaction, found: Gallery) -> Answer:
        placement = await _placed(tx, gallery, item)
        card = await _card(tx, found, placement)
        if card is None:
            return gone(request, found)
        style = StyleBlock(card.whole_style)
        text = pages_of(request).fragment(
            request,
            "item.html",
            gallery=found,
            card=card,
            style=style,
            beside=await views.neighbours(tx, placement),
        )
        headers = {
            "Content-Language": pages_of(request).language(request),
            "Content-Security-Policy": page_policy(request, style),
        }
        # A photo is counted where its file is asked for.
        counts = "" if placement.content and placement.content.attachments else item
        return Answer.of(text, "text/html", headers, counts=counts)

    return await answer(request, parts, gallery, f"item:{item}", make)


def gone(request: Request, gallery: Gallery) -> Answer:
    """Say kindly that something was taken back, and nothing of what it was."""
    text = pages_of(request).fragment(request, "gone.html", gallery=gallery)
    headers = {
        "Content-Language": pages_of(request).language(request),
        "Content-Security-Policy": page_policy(request),
        "X-Robots-Tag": "noindex",
    }
    return Answer.of(text, "text/html", headers, status=410)


@router.get("/g/{gallery}/items/{item}/card", response_class=HTMLResponse, include_in_schema=False)
async def item_card(
    gallery: str, item: str, request: Request, parts: PartsOf, *, outside: bool = False
) -> Response:
    """Give the markup of one card, for a page that is open while the item is published."""

    async def make(tx: Transaction, found: Gallery) -> Answer:
        placement = await _placed(tx, gallery, item)
        card = await _card(tx, found, placement)
        if card is None:
            raise Problem(410, "item-gone", "This item was taken back and is no longer here.")
        text = pages_of(request).fragment(
            request, "fragment.html", gallery=found, card=card, outside=outside
        )
        return Answer.of(text, "text/html", {"Access-Control-Allow-Origin": "*"})

    return await answer(request, parts, gallery, f"card:{item}", make)
