"""Terms: who had the floor and when, what counted for them, and each curator's own page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from services.chassis.database import Transaction
from services.chassis.web import Problem, pages_of
from services.gallery.api.answering import answer
from services.gallery.api.cards import cards_of, style_of
from services.gallery.api.item import gone
from services.gallery.api.listing import (
    CuratorDocument,
    ItemDocument,
    Written,
    curator_document,
    document_answer,
    item_document,
)
from services.gallery.api.page import PAGE_SIZE, PageNumber
from services.gallery.api.parts import PartsOf
from services.gallery.api.rendered import Answer, StyleBlock, page_policy
from services.gallery.domain.card import Card
from services.gallery.domain.gallery import Gallery
from services.gallery.domain.series import path_of
from services.gallery.domain.term import Term
from services.gallery.store import terms, views

router = APIRouter()


class TermDocument(Written):
    """A term and one page of what counted for it, newest first; `series` leads to its story."""

    id: str
    gallery: str
    url: str
    curator: CuratorDocument
    intro: str
    starts_at: datetime
    ends_at: datetime
    now: bool
    series: str | None
    total: int
    page: int
    next: str | None
    items: tuple[ItemDocument, ...]


@dataclass(frozen=True)
class Volume:
    """A term in a list: how much of it there is to see, its cover, and its series if it has one."""

    term: Term
    now: bool
    total: int = 0
    cover: Card | None = None
    series: str | None = None


async def _term(tx: Transaction, gallery: Gallery, mandate: str, now: datetime) -> Term:
    """Read a term; what never was on a page, or lies ahead, is unknown. Raises Problem."""
    found = await terms.find(tx, gallery.id, mandate)
    if found is None or not (found.hidden or (found.name and found.begun(now))):
        raise Problem(404, "term-unknown", "There is no such term in this gallery.")
    return found


async def _volumes(tx: Transaction, gallery: Gallery, listed: Sequence[Term]) -> list[Volume]:
    now = datetime.now(UTC)
    sums = await views.sums(tx, [term.mandate for term in listed])
    covers = await views.covers(tx, [term.mandate for term in listed])
    cards = {
        c.belonging.term.mandate: c for c in await cards_of(tx, gallery, covers) if c.belonging.term
    }
    return [
        Volume(
            term=term,
            now=term.running(now),
            total=sums[term.mandate].total if term.mandate in sums else 0,
            cover=cards.get(term.mandate),
            series=path_of(gallery.id, term.mandate)
            if term.mandate in sums and sums[term.mandate].in_series
            else None,
        )
        for term in listed
    ]


def _page(request: Request, name: str, style: StyleBlock, **facts: object) -> Answer:
    text = pages_of(request).fragment(request, name, style=style, **facts)
    headers = {
        "Content-Language": pages_of(request).language(request),
        "Content-Security-Policy": page_policy(request, style),
    }
    return Answer.of(text, "text/html", headers)


def _covers(volumes: Sequence[Volume]) -> StyleBlock:
    return style_of([volume.cover for volume in volumes if volume.cover])


@router.get("/g/{gallery}/t/{mandate}.json", response_model=TermDocument)
async def term_json(
    gallery: str,
    mandate: str,
    request: Request,
    parts: PartsOf,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Response:
    """List what counted for a term, newest first, with every size of every photo."""
    site = parts.settings.gallery_url.rstrip("/")

    async def make(tx: Transaction, found: Gallery) -> Answer:
        now = datetime.now(UTC)
        term = await _term(tx, found, mandate, now)
        if term.hidden:
            raise Problem(410, "term-gone", "This term was taken back and is no longer here.")
        [volume] = await _volumes(tx, found, [term])
        cards = await _cards(tx, found, term, page)
        more = page * PAGE_SIZE < volume.total
        document = TermDocument(
            id=mandate,
            gallery=gallery,
            url=site + term.path,
            curator=curator_document(term, site),
            intro=term.intro,
            starts_at=term.starts_at,
            ends_at=term.ends_at,
            now=volume.now,
            series=site + volume.series if volume.series else None,
            total=volume.total,
            page=page,
            next=f"{site}{term.path}.json?page={page + 1}" if more else None,
            items=tuple(item_document(card, site) for card in cards),
        )
        return document_answer(document)

    return await answer(request, parts, gallery, "term-json", make, keep=False)


async def _cards(tx: Transaction, gallery: Gallery, term: Term, page: int) -> list[Card]:
    shown = await views.of_term(tx, term.mandate, (page - 1) * PAGE_SIZE, PAGE_SIZE)
    if page > 1 and not shown:
        raise Problem(404, "page-unknown", "This term has no such page.")
    return await cards_of(tx, gallery, shown)


@router.get("/g/{gallery}/t/{mandate}", response_class=HTMLResponse, include_in_schema=False)
async def term_page(
    gallery: str, mandate: str, request: Request, parts: PartsOf, page: PageNumber = 1
) -> Response:
    """Show a term: whose it is, when it was, and what counted for it."""

    async def make(tx: Transaction, found: Gallery) -> Answer:
        now = datetime.now(UTC)
        term = await _term(tx, found, mandate, now)
        if term.hidden:
            return gone(request, found)
        [volume] = await _volumes(tx, found, [term])
        cards = await _cards(tx, found, term, page)
        return _page(
            request,
            "term.html",
            style_of(cards),
            gallery=found,
            volume=volume,
            cards=cards,
            page=page,
            pages=max(1, -(-volume.total // PAGE_SIZE)),
            beside=await terms.beside(tx, term, now),
        )

    return await answer(request, parts, gallery, "term", make, keep=False)


@router.get("/g/{gallery}/terms", response_class=HTMLResponse, include_in_schema=False)
async def terms_page(
    gallery: str, request: Request, parts: PartsOf, page: PageNumber = 1
) -> Response:
    """List the terms of a gallery, newest first."""

    async def make(tx: Transaction, found: Gallery) -> Answer:
        now = datetime.now(UTC)
        listed = await terms.newest(tx, gallery, now, (page - 1) * PAGE_SIZE, PAGE_SIZE)
        if page > 1 and not listed:
            raise Problem(404, "page-unknown", "This gallery has no such page.")
        volumes = await _volumes(tx, found, listed)
        total = await terms.count(tx, gallery, now)
        return _page(
            request,
            "terms.html",
            _covers(volumes),
            gallery=found,
            volumes=volumes,
            page=page,
            pages=max(1, -(-total // PAGE_SIZE)),
        )

    return await answer(request, parts, gallery, "terms", make, keep=False)


@router.get("/g/{gallery}/curators/{curator}", response_class=HTMLResponse, include_in_schema=False)
async def curator_page(gallery: str, curator: str, request: Request, parts: PartsOf) -> Response:
    """Show a guest curator: their terms and series, and the accounts proven to be theirs."""

    async def make(tx: Transaction, found: Gallery) -> Answer:
        listed = await terms.of_curator(tx, gallery, curator, datetime.now(UTC))
        if not listed:
            raise Problem(404, "curator-unknown", "There is no such curator in this gallery.")
        volumes = await _volumes(tx, found, listed)
        return _page(
            request,
            "curator.html",
            _covers(volumes),
            gallery=found,
            term=listed[0],
            volumes=volumes,
        )

    return await answer(request, parts, gallery, "curator", make, keep=False)
