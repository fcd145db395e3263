"""The public page that a profile links to, so that its server can see a link back (rel=me)."""

from fastapi import APIRouter, Request, Response

from services.chassis.web import Problem, pages_of
from services.ingest.api.deps import Needs
from services.ingest.store.proofs import find_by_page

router = APIRouter(prefix="/me", tags=["curators"], include_in_schema=False)


def page_address(request: Request, page: str) -> str:
    """Give the address of such a page."""
    return f"{request.app.state.settings.ingest_url}/me/{page}"


@router.get("/{page}")
async def me(page: str, request: Request, needs: Needs) -> Response:
    """Link back to the account; there is a page for as long as the proof is open or stands."""
    async with needs.database.transaction() as transaction:
        proof = await find_by_page(transaction, page)
    if proof is None:
        raise Problem(404, "proof-page-over", "There is no such page, or it is needed no longer.")
    response = pages_of(request).page(
        request, "me.html", proof=proof, profile=proof.url or proof.author_key
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
