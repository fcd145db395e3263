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


async def answer(
    request: Request, parts: Parts, gallery: str, kind: str, make: Make, *, keep: bool = True
) -> Response:
    """Give a page of a gallery; PostgreSQL is asked for its version each time.

    The version is read before the content: what is kept under a version is never older than it.
    What tells the time, like who has the floor now, is not kept: it changes while nothing happens.
    """
    query = keepable(request) if keep else None
    if query is None:
        return _respond(await _made(parts, gallery, make), request, parts)
    async with parts.database.transaction() as tx:
        found = await _known(tx, gallery)
    key = (gallery, found.version, kind, pages_of(request).language(request), query)
    made = parts.pages.get(key)
    if made is None:
        made = await _made(parts, gallery, make)
        parts.pages.put(key, made, made.size)
    return _respond(made, request, parts)


def _respond(made: Answer, request: Request, parts: Parts) -> Response:
    if made.counts:
        parts.tally.count(made.counts)
    return made.respond(request)


async def _made(parts: Parts, gallery: str, make: Make) -> Answer:
    """Make a page of one moment: no part of it is newer than another."""
    async with parts.database.transaction() as tx:
        await tx.execute("set transaction isolation level repeatable read, read only")
        return await make(tx, await _known(tx, gallery))


async def _known(tx: Transaction, gallery: str) -> Gallery:
    found = await galleries.find(tx, gallery)
    if found is None:
        raise unknown_gallery()
    return found
