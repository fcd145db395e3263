"""A gallery inside other sites: a frame that is complete without script, and the line to paste."""

from functools import cache
from html import escape
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from services.chassis.database import Transaction
from services.chassis.web import pages_of
from services.gallery.api.answering import answer
from services.gallery.api.page import cards_of, style_of
from services.gallery.api.parts import PartsOf
from services.gallery.api.rendered import Answer, StyleBlock, page_policy
from services.gallery.domain.gallery import Gallery
from services.gallery.store import placements

router = APIRouter()

_SERVICES = Path(__file__).parents[2]


def frame_for(gallery: Gallery, site: str, language: str) -> str:
    """Write the one line that a web editor pastes.

    Its height is right for a usual column; browsers that can size frames by their content do so.
    """
    address = escape(f"{site}/embed/{gallery.id}?lang={language}")
    title = escape(gallery.name_in(language))
    return (
        f'<iframe src="{address}" title="{title}" loading="lazy" width="100%" height="900"'
        ' style="border:0;frame-sizing:content-height"></iframe>'
    )


@cache
def _sheet() -> str:
    """Give all rules of the embed: inside the page they cost no request, and block nothing."""
    sheets = (_SERVICES / "chassis/static/tokens.css", _SERVICES / "gallery/static/gallery.css")
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)


@router.get("/embed/{gallery}", response_class=HTMLResponse, include_in_schema=False)
async def embed(gallery: str, request: Request, parts: PartsOf) -> Response:
    """Show the newest items of a gallery in the frame of a site that may have it."""

    async def make(tx: Transaction, found: Gallery) -> Answer:
        cards = await cards_of(tx, found, 1)
        style = StyleBlock(_sheet() + style_of(cards).text)
        text = pages_of(request).fragment(
            request,
            "embed.html",
            gallery=found,
            cards=cards,
            style=style,
            total=await placements.count(tx, gallery),
        )
        headers = {
            "Content-Language": pages_of(request).language(request),
            "Content-Security-Policy": page_policy(request, style, found.embed_origins),
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        return Answer.of(text, "text/html", headers)

    return await answer(request, parts, gallery, "embed", make)


@router.get("/g/{gallery}/embed-code", response_class=HTMLResponse, include_in_schema=False)
async def embed_code(gallery: str, request: Request, parts: PartsOf) -> Response:
    """Give web editors the line to paste, and show what their readers will see."""

    async def make(_: Transaction, found: Gallery) -> Answer:
        language = pages_of(request).language(request)
        code = frame_for(found, parts.settings.gallery_url.rstrip("/"), language)
        text = pages_of(request).fragment(request, "embed_code.html", gallery=found, code=code)
        headers = {
            "Content-Language": language,
            "Content-Security-Policy": page_policy(request, frame_src="'self'"),
        }
        return Answer.of(text, "text/html", headers)

    return await answer(request, parts, gallery, "embed-code", make)
