"""A gallery as JSON: the same items in the same order as the page, for whoever builds on it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from services.chassis.database import Transaction
from services.chassis.web import Problem, pages_of
from services.gallery.api.answering import answer
from services.gallery.api.cards import cards_of
from services.gallery.api.parts import PartsOf
from services.gallery.api.rendered import Answer
from services.gallery.domain.card import Card, Photo
from services.gallery.domain.gallery import Gallery
from services.gallery.domain.term import Term
from services.gallery.store import views

router = APIRouter()

#: Items in one document.
DOCUMENT_SIZE = 100


class Written(BaseModel):
    """A document as programs read it: unchanging, camelCase."""

    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, serialize_by_alias=True
    )


class RenditionDocument(Written):
    """One size of a photo; its bytes are those of the hash in its address."""

    url: str
    media_type: str
    width: int
    height: int


class PhotoDocument(Written):
    """One photo: what it shows in words, its own size, and the sizes there are."""

    alt: str
    width: int
    height: int
    dominant_colour: str
    placeholder: str
    renditions: tuple[RenditionDocument, ...]


class CreditDocument(Written):
    """Who is to be named beside the item, and where they are found."""

    name: str
    url: str | None


class LicenceDocument(Written):
    """Under which terms the item may be used again; absent where only showing it here is agreed."""

    name: str
    url: str | None


class LinkDocument(Written):
    """Something that stands elsewhere, to which an item only refers."""

    url: str
    host: str
    title: str


class CuratorDocument(Written):
    """The guest curator for whom something counts."""

    id: str
    name: str
    url: str


class TermMark(Written):
    """The time in which a curator had the floor, `starts_at` included and `ends_at` excluded."""

    id: str
    url: str
    starts_at: datetime
    ends_at: datetime


class SeriesMark(Written):
    """A series that is shown as one whole, and an item's number in it."""

    id: str
    url: str
    number: int
    total: int


class ItemDocument(Written):
    """One item in view; `series`, `term` and `curator` say where it belongs."""

    id: str
    url: str
    kind: str
    text: str
    lang: str
    content_warning: str
    credit: CreditDocument
    licence: LicenceDocument | None
    at: datetime
    place: str
    link: LinkDocument | None
    series: SeriesMark | None
    term: TermMark | None
    curator: CuratorDocument | None
    photos: tuple[PhotoDocument, ...]


class GalleryDocument(Written):
    """A gallery and one page of its items, newest first; `next` leads to older ones."""

    id: str
    version: int
    title: str
    brief: str
    url: str
    total: int
    page: int
    next: str | None
    items: tuple[ItemDocument, ...]


def photo_document(photo: Photo, site: str) -> PhotoDocument:
    """Write a photo as JSON has it."""
    return PhotoDocument(
        alt=photo.alt,
        width=photo.width,
        height=photo.height,
        dominant_colour=photo.colour,
        placeholder=f"data:image/webp;base64,{photo.placeholder}" if photo.placeholder else "",
        renditions=tuple(
            RenditionDocument(
                url=site + s.url, media_type=s.media_type, width=s.width, height=s.height
            )
            for s in photo.sources
        ),
    )


def term_mark(term: Term, site: str) -> TermMark:
    """Say in which term something counts."""
    return TermMark(
        id=term.mandate, url=site + term.path, starts_at=term.starts_at, ends_at=term.ends_at
    )


def curator_document(term: Term, site: str) -> CuratorDocument:
    """Say whose term it is."""
    return CuratorDocument(id=term.curator, name=term.name, url=site + term.curator_path)


def _series_mark(card: Card, site: str) -> SeriesMark | None:
    where = card.belonging
    if where.series is None or card.series_path is None:
        return None
    return SeriesMark(
        id=where.series, url=site + card.series_path, number=where.number, total=where.total
    )


def item_document(card: Card, site: str) -> ItemDocument:
    """Write an item as JSON has it."""
    term = card.belonging.term
    return ItemDocument(
        id=card.item,
        url=site + card.path,
        kind=card.kind,
        text=card.text,
        lang=card.lang,
        content_warning=card.warning,
        credit=CreditDocument(name=card.credit, url=card.credit_url),
        licence=LicenceDocument(name=card.licence.name, url=card.licence.url)
        if card.licence
        else None,
        at=card.at,
        place=card.place,
        link=LinkDocument(url=card.link.url, host=card.link.host, title=card.link.title)
        if card.link
        else None,
        series=_series_mark(card, site),
        term=term_mark(term, site) if term else None,
        curator=curator_document(term, site) if term else None,
        photos=tuple(photo_document(photo, site) for photo in card.photos),
    )


def gallery_document(
    gallery: Gallery, cards: list[Card], *, language: str, page: int, total: int, site: str
) -> GalleryDocument:
    """Write one page of a gallery as JSON has it; `site` is our public address."""
    more = page * DOCUMENT_SIZE < total
    return GalleryDocument(
        id=gallery.id,
        version=gallery.version,
        title=gallery.name_in(language),
        brief=gallery.brief_in(language),
        url=f"{site}/g/{gallery.id}",
        total=total,
        page=page,
        next=f"{site}/g/{gallery.id}.json?page={page + 1}" if more else None,
        items=tuple(item_document(card, site) for card in cards),
    )


def document_answer(document: BaseModel) -> Answer:
    """Give a document to whoever asks, wherever they are: nothing in it is private."""
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return Answer.of(document.model_dump_json(by_alias=True), "application/json", headers)


@router.get("/g/{gallery}.json", response_model=GalleryDocument)
async def gallery_json(
    gallery: str,
    request: Request,
    parts: PartsOf,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """List what a gallery shows, newest first, with every size of every photo."""

    async def make(tx: Transaction, found: Gallery) -> Answer:
        total = await views.count(tx, gallery)
        skip = (page - 1) * DOCUMENT_SIZE
        shown = await views.newest(tx, gallery, skip, DOCUMENT_SIZE)
        if page > 1 and not shown:
            raise Problem(404, "page-unknown", "This gallery has no such page.")
        document = gallery_document(
            found,
            await cards_of(tx, found, shown),
            language=pages_of(request).language(request),
            page=page,
            total=total,
            site=parts.settings.gallery_url.rstrip("/"),
        )
        return document_answer(document)

    return await answer(request, parts, gallery, "json", make)
