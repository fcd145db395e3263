"""Serve the magazine and the blog: the sample's own site, on an origin of its own."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from deploy.sample import pages
from deploy.sample.feed import MEDIA_TYPE, is_known, write_feed
from deploy.sample.posts import BLOG_SEED, POSTS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.requests import Request

    from deploy.sample.settings import SampleSettings

SECONDS_KEPT = 300


def security_headers(settings: SampleSettings) -> dict[str, str]:
    """Allow the page what it needs, which is little: its own files, and the gallery in a frame."""
    policy = (
        "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; "
        f"form-action 'none'; frame-ancestors 'none'; frame-src {settings.gallery_url}"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
    }


class Magazine:
    """Answers for the magazine's pages, the blog and their photos."""

    def __init__(self, settings: SampleSettings) -> None:
        self._settings = settings
        self._photos = pages.shown_photos()
        self._posts = {post.slug: post for post in POSTS}
        self._headers = security_headers(settings)

    async def draw_ahead(self) -> None:
        """Draw and scale every photo of the site that is not kept yet."""
        for shown in self._photos.values():
            for width in pages.WIDTHS:
                await run_in_threadpool(pages.photo, shown, self._settings.photos, width)

    async def article(self, _: Request) -> Response:
        return HTMLResponse(pages.article(self._settings), headers=self._headers)

    async def blog(self, _: Request) -> Response:
        return HTMLResponse(pages.blog(self._settings), headers=self._headers)

    async def post(self, request: Request) -> Response:
        post = self._posts.get(request.path_params["slug"])
        if post is None:
            raise HTTPException(404)
        photo = pages.Shown(post.photo, BLOG_SEED)
        content = await run_in_threadpool(pages.photo, photo, self._settings.photos)
        page = pages.blog_post(post, self._settings, pages.size_of(content))
        return HTMLResponse(page, headers=self._headers)

    async def feed(self, request: Request) -> Response:
        feed = write_feed(self._settings.magazine_url)
        headers = {
            "ETag": feed.etag,
            "Last-Modified": feed.last_modified,
            "Cache-Control": "no-cache",
        }
        if is_known(feed, request.headers):
            return Response(status_code=304, headers=headers)
        return Response(feed.content, media_type=MEDIA_TYPE, headers=headers)

    async def style(self, _: Request) -> Response:
        content = (pages.TEMPLATES / "magazine.css").read_bytes()
        return Response(content, media_type="text/css", headers={"Cache-Control": "no-cache"})

    async def icon(self, _: Request) -> Response:
        content = (pages.TEMPLATES / "icon.svg").read_bytes()
        return Response(content, media_type="image/svg+xml", headers={"Cache-Control": "no-cache"})

    async def photo(self, request: Request) -> Response:
        shown = self._photos.get(request.path_params["name"])
        width: int | None = request.path_params.get("width")
        if shown is None or width not in {None, *pages.WIDTHS}:
            raise HTTPException(404)
        content = await run_in_threadpool(pages.photo, shown, self._settings.photos, width)
        headers = {
            "Cache-Control": f"public, max-age={SECONDS_KEPT}",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(content, media_type="image/jpeg", headers=headers)


async def _alive(_: Request) -> Response:
    return PlainTextResponse("ok\n")


def site(settings: SampleSettings) -> Starlette:
    """Put the site together."""
    magazine = Magazine(settings)

    @contextlib.asynccontextmanager
    async def drawing(_: Starlette) -> AsyncGenerator[None]:
        # Drawn ahead, one after another: the first visitor should not wait for a painter.
        ahead = asyncio.create_task(magazine.draw_ahead())
        yield
        ahead.cancel()
        await asyncio.wait([ahead])

    return Starlette(
        lifespan=drawing,
        routes=[
            Route("/", magazine.article),
            Route("/magazine.css", magazine.style),
            Route("/icon.svg", magazine.icon),
            Route("/blog/", magazine.blog),
            Route("/blog/feed.atom", magazine.feed),
            Route("/blog/{slug}", magazine.post),
            Route("/foto/{name}", magazine.photo),
            Route("/foto/{width:int}/{name}", magazine.photo),
            Route("/livez", _alive),
            Route("/readyz", _alive),
        ],
    )


def serve(settings: SampleSettings) -> None:
    """Serve the site until it is told to stop."""
    uvicorn.run(site(settings), host=settings.host, port=settings.port, log_level="warning")
