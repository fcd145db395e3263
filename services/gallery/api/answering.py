"""Answer from what was rendered before for this version of a gallery, or render it now."""

from collections.abc import Awaitable, Callable

from fastapi import Request, Response

from services.chassis.database import Transaction
from services.chassis.web import Problem, pages_of
from services.gallery.api.parts import Parts
from services.gallery.api.rendered import Answer, keepable
from services.gallery.domain.gallery import Gallery
from services.gallery.store import galleries

Make = Callable[[Transaction, Gallery], Awaitable[Answer]]


def unknown_gallery() -> Problem:
    """Describe that there is no such gallery."""
    return Problem(404, "gallery-unknown", "There is no gallery of this name.")


async def answer(request: Request, parts: Parts, gallery: str, kind: str, make: Make) -> Response:
    """Give a page of a gallery; PostgreSQL is asked for its version each time.

    The version is read before the content: what is kept under a version is never older than it.
    """
    async with parts.database.transaction() as tx:
        found = await galleries.find(tx, gallery)
        if found is None:
            raise unknown_gallery()
        query = keepable(request)
        key = (gallery, found.version, kind, pages_of(request).language(request), query)
        made = parts.pages.get(key) if query is not None else None
        if made is None:
            made = await make(tx, found)
            if query is not None:
                parts.pages.put(key, made, made.size)
    return made.respond(request)
