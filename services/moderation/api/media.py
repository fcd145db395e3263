"""Photos for the desk, from the private bucket, for whoever is signed in."""

from fastapi import APIRouter, Request, Response

from services.chassis.objects import ObjectMissingError
from services.chassis.web import Problem
from services.contracts.ids import ItemId
from services.moderation.api.deps import Moderator, Needs
from services.moderation.store.reviews import find_review

router = APIRouter(tags=["desk"])

#: Kept by the moderator's own browser only, and not for long: an item may be withdrawn.
_CACHE = "private, max-age=600"


@router.get("/desk/media/{item}/{sha256}", response_class=Response)
async def media(
    request: Request, item: str, sha256: str, _staff: Moderator, needs: Needs
) -> Response:
    """Give one rendition of an item. Needs the role moderator."""
    async with needs.database.transaction() as transaction:
        review = await find_review(transaction, ItemId(item))
    attachments = review.snapshot.attachments if review and review.snapshot else ()
    found = next((r for a in attachments for r in a.renditions if r.sha256 == sha256), None)
    if found is None:
        raise Problem(404, "media-gone", "This photo is no longer here.")
    headers = {"ETag": f'"{sha256}"', "Cache-Control": _CACHE}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    try:
        stored = await needs.objects.get("renditions", found.key)
    except ObjectMissingError:
        raise Problem(404, "media-gone", "This photo is no longer here.") from None
    return Response(stored.content, media_type=found.media_type, headers=headers)
