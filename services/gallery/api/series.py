"""A curator's series as one story: a page that works without script, and the same as JSON."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from services.chassis.database import Transaction
from services.chassis.web import Problem, pages_of
from services.gallery.api.answering import answer
from services.gallery.api.cards import cards_of
from services.gallery.api.item import gone
from services.gallery.api.listing import (
    CuratorDocument,
    ItemDocument,
    TermMark,
    Written,
    curator_document,
    document_answer,
    item_document,
    term_mark,
)
from services.gallery.api.parts import PartsOf
from services.gallery.api.rendered import Answer, StyleBlock, page_policy
from services.gallery.domain.cover import cover_style
from services.gallery.domain.gallery import Gallery
from services.gallery.domain.series import path_of
from services.gallery.domain.story import Story
from services.gallery.store import series as kept_series
from services.gallery.store import terms, views

router = APIRouter()


class PlateDocument(Written):
    """One photo of a series: which of the attachments of which item."""

    item: str
    attachment: int


class SeriesDocument(Written):
    """A series with its photos in order; `places` is how many it was to have."""

    id: str
    gallery: str
    url: str
    name: str
    places: int
    total: int
    cover: str | None
    term: TermMark | None
    curator: CuratorDocument | None
    photos: tuple[PlateDocument, ...]
    items: tuple[ItemDocument, ...]


async def _story(tx: Transaction, gallery: Gallery, mandate: str) -> Story:
    """Read what is in view of a series. Raises Problem when it never was in view."""
    series = await kept_series.find(tx, gallery.id, mandate)
    term = await terms.find(tx, gallery.id, mandate)
    if series is None or series.announced is None or not series.position:
        raise Problem(404, "series-unknown", "There is no such series in this gallery.")
    hidden = term is not None and term.hidden
    shown = [] if hidden else await views.of_series(tx, mandate)
    cards = await cards_of(tx, gallery, shown)
    return Story(series.announced, tuple(cards), term if term and term.name else None)


@router.get("/g/{gallery}/s/{mandate}.json", response_model=SeriesDocument)
async def series_json(gallery: str, mandate: str, request: Request, parts: PartsOf) -> Response:
    """Give a series with every size of every photo, in its order."""
    site = parts.settings.gallery_url.rstrip("/")

    async def make(tx: Transaction, found: Gallery) -> Answer:
        story = await _story(tx, found, mandate)
        if not story.cards:
            raise Problem(410, "series-gone", "This series was taken back and is no longer here.")
        document = SeriesDocument(
            id=mandate,
            gallery=gallery,
            url=site + path_of(gallery, mandate),
            name=story.said.name,
            places=story.said.places,
            total=len(story.plates),
            cover=story.cover.card.item if story.cover else None,
            term=term_mark(story.term, site) if story.term else None,
            curator=curator_document(story.term, site) if story.term else None,
            photos=tuple(
                PlateDocument(item=plate.card.item, attachment=plate.photo.number)
                for plate in story.plates
                if plate.photo
            ),
            items=tuple(item_document(card, site) for card in story.cards),
        )
        return document_answer(document)

    return await answer(request, parts, gallery, f"series-json:{mandate}", make)


@router.get("/g/{gallery}/s/{mandate}", response_class=HTMLResponse, include_in_schema=False)
async def series_page(gallery: str, mandate: str, request: Request, parts: PartsOf) -> Response:
    """Show a series as one story: its cover large, and all photos in their order."""

    async def make(tx: Transaction, found: Gallery) -> Answer:
        story = await _story(tx, found, mandate)
        if not story.cards:
            return gone(request, found)
        text = pages_of(request).fragment(
            request,
            "series.html",
            gallery=found,
            story=story,
            style=(style := _style(story)),
            path=path_of(gallery, mandate),
        )
        headers = {
            "Content-Language": pages_of(request).language(request),
            "Content-Security-Policy": page_policy(request, style),
        }
        return Answer.of(text, "text/html", headers)

    return await answer(request, parts, gallery, f"series:{mandate}", make)


def _style(story: Story) -> StyleBlock:
    rules = "".join(plate.style for plate in story.plates)
    cover = story.cover
    if cover and cover.photo:
        rules += cover_style(cover.photo, cover.wide)
    return StyleBlock(rules)
