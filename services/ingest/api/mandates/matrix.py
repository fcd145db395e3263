"""The progress of all series of a campaign: curators by places, at one look."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from services.chassis.journal import Cause
from services.chassis.web import pages_of, wants_page
from services.contracts.ids import CampaignId
from services.ingest.api.campaigns import the_campaign
from services.ingest.api.deps import Needs
from services.ingest.api.mandates.forms import Planner, Reader, back, refused
from services.ingest.api.mandates.mandate import the_mandate
from services.ingest.domain.arrangement import SeriesError
from services.ingest.store.series import matrix, release_partly

router = APIRouter(tags=["series"], include_in_schema=False)


@router.get("/manage/campaigns/{campaign}/series")
async def page(campaign: str, request: Request, _staff: Reader, needs: Needs) -> Response:
    """Show who has how many photos, and how each stands."""
    found = await the_campaign(CampaignId(campaign), needs)
    async with needs.database.transaction() as transaction:
        rows = await matrix(transaction, found.campaign)
    return pages_of(request).page(
        request,
        "manage/series.html",
        campaign=found,
        rows=rows,
        said=request.query_params.get("said", ""),
    )


@router.post("/manage/mandates/{mandate}/series/release")
async def release(mandate: str, request: Request, staff: Planner, needs: Needs) -> Response:
    """Publish a series although photos are missing; those that are approved later join it."""
    async with needs.database.transaction() as transaction:
        found = await the_mandate(transaction, mandate)
        try:
            await release_partly(transaction, needs.journal, found, Cause.by(staff.actor))
        except SeriesError as error:
            raise refused(request, error) from None
    if wants_page(request):
        return back(request, f"/manage/campaigns/{found.campaign}/series", "released")
    return JSONResponse({"released": True})
