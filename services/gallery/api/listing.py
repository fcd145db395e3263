"""A gallery as JSON: the same items in the same order as the page, for whoever builds on it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from services.chassis.database import Transaction
from services.chassis.web import Problem, pages_of
from services.gallery.api.answering import answer
from services.gallery.api.parts import PartsOf
from services.gallery.api.rendered import Answer
from services.gallery.domain.card import Card, Photo, card_of
from services.gallery.domain.gallery import Gallery
from services.gallery.store import placements

router = APIRouter()

#: Items in one document.
DOCUMENT_SIZE = 100


class _Written(BaseModel):
    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, serialize_by_alias=True
    )


class RenditionDocument(_Written):
    """One size of a photo; its bytes are those of the hash in its address."""

    url: str
    media_type: str
    width: int
    height: int


class PhotoDocument(_Written):
    """One photo: what it shows in words, its own size, and the sizes there are."""

    alt: str
    width: int
    height: int
    dominant_colour: str
    placeholder: str
    renditions: tuple[RenditionDocument, ...]


class CreditDocument(_Written):
    """Who is to be named beside the item, and where they are found."""

    name: str
    url: str | None


class LicenceDocument(_Written):
    """Under which terms the item may be used again; absent where only showing it here is agreed."""

    name: str
    url: str | None


class ItemDocument(_Written):
    """One item in view."""

    id: str
    url: str
    kind: str
    text: str
    lang: str
    content_warning: str
    credit: CreditDocument
    licence: LicenceDocument | None
    at: datetime
    photos: tuple[PhotoDocument, ...]


class GalleryDocument(_Written):
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


def item_document(card: Card, site: str) -> ItemDocument:
    """Write an item as JSON has it."""
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


@router.get("/g/{gallery}.json", response_model=GalleryDocument)
async def gallery_json(
    gallery: str,
    request: Request,
    parts: PartsOf,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """List what a gallery shows, newest first, with every size of every photo."""

    async def make(tx: Transaction, found: Gallery) -> Answer:
        total = await placements.count(tx, gallery)
        skip = (page - 1) * DOCUMENT_SIZE
        items = await placements.newest(tx, gallery, skip, DOCUMENT_SIZE)
        if page > 1 and not items:
            raise Problem(404, "page-unknown", "This gallery has no such page.")
        document = gallery_document(
            found,
            [card_of(item, gallery, found.zone) for item in items],
            language=pages_of(request).language(request),
            page=page,
            total=total,
            site=parts.settings.gallery_url.rstrip("/"),
        )
        headers = {
            "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        return Answer.of(document.model_dump_json(by_alias=True), "application/json", headers)

    return await answer(request, parts, gallery, "json", make)
