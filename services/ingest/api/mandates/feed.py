"""The calendar as calendar programs read it, by a private link."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from services.chassis.web import Problem, pages_of
from services.contracts.ids import CampaignId
from services.ingest.api.campaigns import the_campaign
from services.ingest.api.deps import Needs
from services.ingest.api.mandates.forms import Planner, back
from services.ingest.domain.link import LinkError
from services.ingest.store.calendar import calendar_of
from services.ingest.store.mandates import list_mandates

router = APIRouter(tags=["mandates"])


@router.get("/calendar/{token}.ics")
async def feed(token: str, request: Request, needs: Needs) -> Response:
    """Give a campaign's mandates as iCalendar (RFC 5545), by a link that staff made."""
    async with needs.database.transaction() as transaction:
        try:
            link = await needs.links.open(transaction, "calendar", token, datetime.now(UTC))
        except LinkError as error:
            detail = pages_of(request).text(request, str(error))
            raise Problem(404, "link-unusable", detail) from None
        mandates = await list_mandates(transaction, CampaignId(link.opens))
    campaign = await the_campaign(CampaignId(link.opens), needs)
    language = pages_of(request).language(request)
    name = campaign.name.get(language) or next(iter(campaign.name.values()))
    made = calendar_of(
        mandates,
        name=name,
        zone=campaign.time_zone,
        address=f"{request.app.state.settings.ingest_url}/c/{campaign.campaign}",
    )
    return Response(
        made, media_type="text/calendar; charset=utf-8", headers={"Cache-Control": "no-store"}
    )


@router.post("/manage/campaigns/{campaign}/calendar", include_in_schema=False)
async def make(campaign: str, request: Request, _staff: Planner, needs: Needs) -> Response:
    """Make a link to the calendar; the ones before stop working."""
    known = (await the_campaign(CampaignId(campaign), needs)).campaign
    async with needs.database.transaction() as transaction:
        await needs.links.revoke(transaction, "calendar", known)
        await needs.links.make(transaction, "calendar", known)
    return back(request, f"/manage/campaigns/{campaign}/mandates", "calendar")
