"""The pages that readers see: all galleries, and one gallery, newest first."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from services.chassis.database import Transaction
from services.chassis.web import Problem, pages_of
from services.gallery.api.answering import answer
from services.gallery.api.cards import cards_of, style_of
from services.gallery.api.parts import PartsOf
from services.gallery.api.rendered import Answer, page_policy
from services.gallery.domain.card import Card
from services.gallery.domain.gallery import Gallery
from services.gallery.store import galleries, terms, views

router = APIRouter()

#: Items on one page.
PAGE_SIZE = 24
#: Pages that anybody leafs through; for all of a gallery the JSON is the better way.
LAST_PAGE = 1000

PageNumber = Annotated[int, Query(ge=1, le=LAST_PAGE)]


async def page_of(tx: Transaction, gallery: Gallery, page: int) -> list[Card]:
    """Read one page of a gallery. Raises Problem when there is no such page."""
    shown = await views.newest(tx, gallery.id, (page - 1) * PAGE_SIZE, PAGE_SIZE)
    if page > 1 and not shown:
        raise Problem(404, "page-unknown", "This gallery has no such page.")
    return await cards_of(tx, gallery, shown)


@dataclass(frozen=True)
class Entry:
    """One gallery in the list of all, with the photo on its cover."""

    gallery: Gallery
    total: int
    cover: Card | None


async def _entry(tx: Transaction, gallery: Gallery) -> Entry:
    newest = await views.newest(tx, gallery.id, 0, 12)
    cards = await cards_of(tx, gallery, newest)
    cover = next((card for card in cards if card.photo and not card.warning), None)
    return Entry(gallery, await views.count(tx, gallery.id), cover)


@router.get("/", response_class=HTMLResponse, include_in_schema=False)
async def home(request: Request, parts: PartsOf) -> Response:
    """List the galleries."""
    async with parts.database.transaction() as tx:
        listed = [await _entry(tx, gallery) for gallery in await galleries.every(tx)]
    style = style_of([entry.cover for entry in listed if entry.cover])
    text = pages_of(request).fragment(request, "home.html", listed=listed, style=style)
    headers = {
        "Content-Language": pages_of(request).language(request),
        "Content-Security-Policy": page_policy(request, style),
    }
    return Answer.of(text, "text/html", headers).respond(request)


@router.get("/g/{gallery}", response_class=HTMLResponse, include_in_schema=False)
async def gallery_page(
    gallery: str, request: Request, parts: PartsOf, page: PageNumber = 1
) -> Response:
    """Show one page of a gallery."""

    async def make(tx: Transaction, found: Gallery) -> Answer:
        total = await views.count(tx, gallery)
        cards = await page_of(tx, found, page)
        style = style_of(cards)
        text = pages_of(request).fragment(
            request,
            "gallery.html",
            gallery=found,
            cards=cards,
            style=style,
            page=page,
            pages=max(1, -(-total // PAGE_SIZE)),
            total=total,
            curators=await terms.any_named(tx, gallery),
        )
        headers = {
            "Content-Language": pages_of(request).language(request),
            "Content-Security-Policy": page_policy(request, style),
        }
        return Answer.of(text, "text/html", headers)

    return await answer(request, parts, gallery, "page", make)
