"""A gallery inside other sites: a frame that is complete without script, and the line to paste."""

from functools import cache
from html import escape
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from services.chassis.database import Transaction
from services.chassis.web import pages_of
from services.gallery.api.answering import answer
from services.gallery.api.cards import style_of
from services.gallery.api.page import page_of
from services.gallery.api.parts import PartsOf
from services.gallery.api.rendered import Answer, StyleBlock, page_policy
from services.gallery.domain.gallery import Gallery
from services.gallery.store import views

router = APIRouter()

#: Whether the frame is light, dark, or as the reader's system is.
Theme = Literal["light", "dark", "auto"]

#: Items from which on the frame is worth a screen of its own.
_MANY = 9
_DARK = "@media (prefers-color-scheme: dark)"
_SERVICES = Path(__file__).parents[2]


def frame_for(gallery: Gallery, site: str, language: str, theme: str, total: int) -> str:
    """Write the one line that a web editor pastes.

    Browsers that can make frames as high as their content do so; the others keep to the least
    height and scroll inside.
    """
    address = escape(f"{site}/embed/{gallery.id}?lang={language}&theme={theme}")
    title = escape(gallery.name_in(language))
    height = "56rem" if total >= _MANY else "28rem"
    return (
        f'<iframe src="{address}" title="{title}" loading="lazy" style="border:0;width:100%;'
        f'min-height:{height};frame-sizing:content-height"></iframe>'
    )


@cache
def _sheet(theme: Theme) -> str:
    """Give all rules of the embed: inside the page they cost no request, and block nothing.

    A host that is always light must not get a dark frame because its reader's system is dark.
    """
    sheets = (_SERVICES / "chassis/static/tokens.css", _SERVICES / "gallery/static/gallery.css")
    rules = "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    if theme == "auto":
        return rules
    rules = rules.replace(_DARK, "@media not all" if theme == "light" else "@media all")
    return f"{rules}\n:root {{ color-scheme: {theme}; }}"


@router.get("/embed/{gallery}", response_class=HTMLResponse, include_in_schema=False)
async def embed(
    gallery: str, request: Request, parts: PartsOf, *, theme: Theme = "light"
) -> Response:
    """Show the newest items of a gallery in the frame of a site that may have it."""

    async def make(tx: Transaction, found: Gallery) -> Answer:
        cards = await page_of(tx, found, 1)
        style = StyleBlock(_sheet(theme) + style_of(cards).text)
        text = pages_of(request).fragment(
            request,
            "embed.html",
            gallery=found,
            cards=cards,
            style=style,
            theme=theme,
            total=await views.count(tx, gallery),
        )
        headers = {
            "Content-Language": pages_of(request).language(request),
            "Content-Security-Policy": page_policy(request, style, found.embed_origins),
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        return Answer.of(text, "text/html", headers)

    return await answer(request, parts, gallery, "embed", make)


@router.get("/g/{gallery}/embed-code", response_class=HTMLResponse, include_in_schema=False)
async def embed_code(
    gallery: str, request: Request, parts: PartsOf, *, theme: Theme = "light"
) -> Response:
    """Give web editors the line to paste, and show what their readers will see."""

    async def make(tx: Transaction, found: Gallery) -> Answer:
        language = pages_of(request).language(request)
        site = parts.settings.gallery_url.rstrip("/")
        total = await views.count(tx, gallery)
        code = frame_for(found, site, language, theme, total)
        text = pages_of(request).fragment(
            request, "embed_code.html", gallery=found, code=code, theme=theme
        )
        headers = {
            "Content-Language": language,
            "Content-Security-Policy": page_policy(request, frame_src="'self'"),
        }
        return Answer.of(text, "text/html", headers)

    return await answer(request, parts, gallery, "embed-code", make)
