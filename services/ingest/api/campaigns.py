"""Campaigns: the start page for givers, and the API by which staff apply a campaign."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from services.chassis.auth import OwnForm, SignedIn, insist
from services.chassis.journal import Cause, ConflictError
from services.chassis.web import Problem, pages_of
from services.contracts.ids import CampaignId
from services.contracts.ingest import CampaignAnnounced
from services.ingest.api.deps import Needs
from services.ingest.domain.campaign import InvalidCampaignError, read_campaign
from services.ingest.store.campaigns import apply_campaign, find_campaign, list_campaigns

router = APIRouter(tags=["campaigns"])


@router.get("/", include_in_schema=False)
async def start(request: Request, needs: Needs) -> HTMLResponse:
    """Show the campaigns that one can send something to."""
    async with needs.database.transaction() as transaction:
        campaigns = await list_campaigns(transaction)
    return pages_of(request).page(request, "start.html", campaigns=campaigns)


@router.get("/c/{campaign}", include_in_schema=False)
async def landing(campaign: str) -> RedirectResponse:
    """Lead to the upload page, which tells what the campaign is."""
    return RedirectResponse(f"/c/{campaign}/upload", 303)


@router.get("/campaigns/{campaign}")
async def read(campaign: str, needs: Needs) -> CampaignAnnounced:
    """Give a campaign as it was last announced."""
    return await the_campaign(CampaignId(campaign), needs)


@router.put("/campaigns/{campaign}", responses={422: {"description": "What to mend, as sentences"}})
async def apply(
    campaign: str, written: Annotated[dict[str, Any], Body()], staff: OwnForm, needs: Needs
) -> CampaignAnnounced:
    """Apply a campaign; the same campaign again changes nothing. Needs the role coordinator."""
    insist(staff, "coordinator")
    try:
        checked = read_campaign(written | {"campaign": campaign})
    except InvalidCampaignError as error:
        detail = "Mend the campaign: " + "; ".join(error.faults)
        raise Problem(422, "campaign-invalid", detail, faults=error.faults) from None
    try:
        async with needs.database.transaction() as transaction:
            await apply_campaign(transaction, needs.journal, checked, Cause.by(staff.actor))
    except ConflictError:
        detail = "Somebody else changed this campaign just now. Read it again, then apply yours."
        raise Problem(409, "campaign-changed", detail) from None
    return checked.announcement()


@router.get("/campaigns")
async def listed(_staff: SignedIn, needs: Needs) -> list[CampaignAnnounced]:
    """List all campaigns. Needs a session."""
    async with needs.database.transaction() as transaction:
        return await list_campaigns(transaction)


async def the_campaign(campaign: CampaignId, needs: Needs) -> CampaignAnnounced:
    """Find a campaign or say that there is none."""
    async with needs.database.transaction() as transaction:
        found = await find_campaign(transaction, campaign)
    if found is None:
        raise Problem(404, "campaign-unknown", "There is no such campaign. Check the link you got.")
    return found
