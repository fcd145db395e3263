"""Campaigns: the public pages that tell what is asked, and the API by which staff apply one."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.responses import HTMLResponse

from services.chassis.auth import OwnForm, SignedIn, Visitor, insist
from services.chassis.journal import Cause, ConflictError
from services.chassis.language import moment_in_words
from services.chassis.web import Problem, pages_of
from services.contracts.ids import CampaignId
from services.contracts.ingest import CampaignAnnounced
from services.ingest.api.deps import Needs, Parts
from services.ingest.domain.campaign import InvalidCampaignError, read_campaign
from services.ingest.store.applying import apply_and_follow
from services.ingest.store.campaigns import find_campaign, list_campaigns
from services.ingest.store.sources import insist_readable, knows_accounts

router = APIRouter(tags=["campaigns"])


@router.get("/", include_in_schema=False)
async def start(request: Request, needs: Needs) -> HTMLResponse:
    """Show the campaigns that one can send something to, and those that are over."""
    async with needs.database.transaction() as transaction:
        campaigns = await list_campaigns(transaction)
    now = datetime.now(UTC)
    running = [c for c in campaigns if c.phase == "live" and now < c.closes_at]
    over = [c for c in campaigns if c.phase == "closed" or (c.phase == "live" and c not in running)]
    return pages_of(request).page(request, "start.html", running=running, over=over, now=now)


@router.get("/c/{campaign}", include_in_schema=False)
async def landing(campaign: str, request: Request, staff: Visitor, needs: Needs) -> HTMLResponse:
    """Tell what a campaign asks, how to take part, who decides and what happens then."""
    found = await shown_campaign(campaign, needs, seen_by_staff=staff is not None)
    pages = pages_of(request)
    language = pages.language(request)
    now = datetime.now(UTC)
    return pages.page(
        request,
        "landing.html",
        campaign=found,
        opens=moment_in_words(found.opens_at, found.time_zone, language),
        closes=moment_in_words(found.closes_at, found.time_zone, language),
        time=_time(found, now),
        upload=any(s.connector == "upload" for s in found.sources),
        by_account=knows_accounts(found),
    )


def _time(campaign: CampaignAnnounced, now: datetime) -> str:
    """Say where a campaign is in its time: before, during or after; only a live one takes things.

    One that is not live is in its phase, whatever the clock says.
    """
    if campaign.phase != "live":
        return campaign.phase
    if now < campaign.opens_at:
        return "before"
    return "during" if now < campaign.closes_at else "after"


@router.get("/campaigns/{campaign}")
async def read(campaign: str, staff: Visitor, needs: Needs) -> CampaignAnnounced:
    """Give a campaign as it was last announced; a draft needs a session."""
    return await shown_campaign(campaign, needs, seen_by_staff=staff is not None)


async def shown_campaign(campaign: str, needs: Parts, *, seen_by_staff: bool) -> CampaignAnnounced:
    """Find a campaign that this reader may see; a draft is there for staff only."""
    found = await the_campaign(CampaignId(campaign), needs)
    if found.phase == "draft" and not seen_by_staff:
        raise _unknown()
    return found


@router.put("/campaigns/{campaign}", responses={422: {"description": "What to mend, as sentences"}})
async def apply(
    campaign: str, written: Annotated[dict[str, Any], Body()], staff: OwnForm, needs: Needs
) -> CampaignAnnounced:
    """Apply a campaign; the same campaign again changes nothing. Needs the role coordinator."""
    insist(staff, "coordinator")
    try:
        checked = read_campaign(written | {"campaign": campaign})
        insist_readable(checked)
    except InvalidCampaignError as error:
        detail = "Mend the campaign: " + "; ".join(error.faults)
        raise Problem(422, "campaign-invalid", detail, faults=error.faults) from None
    try:
        async with needs.database.transaction() as transaction:
            await apply_and_follow(transaction, needs.journal, checked, Cause.by(staff.actor))
            applied = await find_campaign(transaction, checked.id)
    except ConflictError:
        detail = "Somebody else changed this campaign just now. Read it again, then apply yours."
        raise Problem(409, "campaign-changed", detail) from None
    return applied or checked.announcement()


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
        raise _unknown()
    return found


def _unknown() -> Problem:
    return Problem(404, "campaign-unknown", "There is no such campaign. Check the link you got.")
