"""Photos from the public bucket, for as long as their item is published."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from services.chassis.objects import ObjectMissingError
from services.chassis.web import Problem
from services.gallery.api.parts import Parts, PartsOf
from services.gallery.domain.publication import MEDIA_TYPES, key_of
from services.gallery.store import placements

router = APIRouter()

_YEAR = 31_536_000


@router.get("/media/{item}/{sha256}.{extension}", response_class=Response)
async def photo(
    item: Annotated[str, Path(max_length=80)],
    sha256: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")],
    extension: Annotated[str, Path(pattern=r"^(avif|jpg|png|webp)$")],
    request: Request,
    parts: PartsOf,
) -> Response:
    """Give one file of an item; gone as soon as the item is, whatever is still stored."""
    async with parts.database.transaction() as tx:
        found = await placements.appearance(tx, item, sha256)
    if found is None or not (found.shown or found.was_shown):
        raise Problem(404, "photo-unknown", "There is no such photo.")
    if not (found.shown and found.has_file):
        raise Problem(410, "photo-gone", "This photo was taken back and is no longer here.")
    headers = {
        "ETag": f'"{sha256}"',
        # Browsers ask again after ten minutes, for a person may take a photo back; shared
        # caches can be purged by tag and keep it.
        "Cache-Control": "public, max-age=600",
        "CDN-Cache-Control": f"public, max-age={_YEAR}",
        "Cache-Tag": f"item-{item},gallery-{found.gallery}",
        "Surrogate-Key": f"item-{item} gallery-{found.gallery}",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        response = Response(status_code=304, headers=headers)
    else:
        content = await _content(parts, key_of(item, sha256, extension))
        response = Response(content, headers=headers, media_type=MEDIA_TYPES[extension])
    if found.is_first:
        parts.tally.count(item)
    return response


async def _content(parts: Parts, key: str) -> bytes:
    kept = parts.photos.get(key)
    if kept is not None:
        return kept
    try:
        content = (await parts.objects.get("public", key)).content
    except ObjectMissingError:
        raise Problem(404, "photo-unknown", "There is no such photo.") from None
    parts.photos.put(key, content, len(content))
    return content
