"""The desk: a campaign's queue, and what was approved and rejected."""

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field

from services.chassis.auth import Staff
from services.chassis.database import Transaction
from services.chassis.web import Problem, pages_of
from services.contracts.ids import CampaignId
from services.contracts.ingest import CampaignAnnounced
from services.contracts.moderation import ReviewStateName
from services.moderation.api.deps import Moderator, Needs
from services.moderation.api.faces import campaign_name, face_of
from services.moderation.api.told import what_happened
from services.moderation.domain.lease import LARGEST_PAGE
from services.moderation.domain.reason import REASONS
from services.moderation.store.campaigns import list_campaigns
from services.moderation.store.queue import Card, Counts, Lane, counts, decided, take

router = APIRouter(include_in_schema=False)

Tab = Literal["waiting", "approved", "rejected"]
_STATES: dict[Tab, tuple[ReviewStateName, ...]] = {
    "approved": ("approved",),
    "rejected": ("rejected", "taken-down"),
}


class View(BaseModel):
    """What the desk's address asks for: a page of a tab of a campaign, and what just happened."""

    campaign: str = ""
    tab: Tab = "waiting"
    lane: Lane = ""
    page: int = Field(1, ge=1, le=1000)
    done: str = ""
    clash: str = ""
    item: str = ""


@router.get("/")
async def start() -> RedirectResponse:
    """Lead to the desk."""
    return RedirectResponse("/desk", 303)


@router.get("/desk")
async def desk(
    request: Request, staff: Moderator, needs: Needs, asked: Annotated[View, Query()]
) -> Response:
    """Show a campaign's queue, or let one choose where there are several."""
    async with needs.database.transaction() as transaction:
        campaigns = await list_campaigns(transaction)
        counted = await counts(transaction, staff.account)
        chosen = _choose(campaigns, asked.campaign)
        if chosen is None:
            return not_kept(_choice(request, campaigns, counted))
        told = await what_happened(transaction, staff, asked.done or asked.item, asked.clash)
        cards = await _cards(transaction, staff, chosen.campaign, asked)
        counted = await counts(transaction, staff.account)
    tab, pages = asked.tab, pages_of(request)
    return not_kept(
        pages.page(
            request,
            "desk.html",
            campaign=chosen,
            name=campaign_name(chosen, pages.language(request)),
            tab=tab,
            tabs={
                name: address(request, chosen.campaign, name, lane=asked.lane)
                for name in ("waiting", "approved", "rejected")
            },
            lane=asked.lane,
            lanes={
                lane: address(request, chosen.campaign, tab, lane=lane)
                for lane in ("", "late", "paused", "second-look")
            },
            faces=[
                f for card in cards[:LARGEST_PAGE] if (f := face_of(card, chosen, staff.account))
            ],
            further=address(request, chosen.campaign, tab, asked.page + 1, asked.lane)
            if len(cards) > LARGEST_PAGE
            else None,
            counts=counted.get(chosen.campaign, Counts()),
            reasons=REASONS,
            told=told,
            back=address(request, chosen.campaign, tab, asked.page, asked.lane),
        )
    )


async def _cards(
    transaction: Transaction, staff: Staff, campaign: CampaignId, asked: View
) -> list[Card]:
    """Take what waits, or list what was decided, one more than a page to tell of another."""
    if asked.tab == "waiting":
        return await take(transaction, campaign, staff.account, LARGEST_PAGE, lane=asked.lane)
    skip = (asked.page - 1) * LARGEST_PAGE
    return await decided(
        transaction,
        campaign,
        _STATES[asked.tab],
        LARGEST_PAGE + 1,
        skip=skip,
        lane=asked.lane,
    )


def _choose(campaigns: list[CampaignAnnounced], wanted: str) -> CampaignAnnounced | None:
    if wanted:
        found = next((c for c in campaigns if c.campaign == wanted), None)
        if found is None:
            raise Problem(404, "campaign-unknown", "There is no such campaign at this desk.")
        return found
    return campaigns[0] if len(campaigns) == 1 else None


def _choice(
    request: Request, campaigns: list[CampaignAnnounced], counted: dict[CampaignId, Counts]
) -> HTMLResponse:
    pages = pages_of(request)
    language = pages.language(request)
    choices = [
        (
            campaign_name(campaign, language),
            address(request, campaign.campaign, "waiting"),
            counted.get(campaign.campaign, Counts()),
        )
        for campaign in campaigns
    ]
    return pages.page(request, "choice.html", choices=choices)


def address(
    request: Request, campaign: CampaignId, tab: Tab, page: int = 1, lane: Lane = ""
) -> str:
    """Give the address of a page of the desk, in the language that was asked for."""
    asked = {"campaign": str(campaign)}
    if tab != "waiting":
        asked["tab"] = tab
    if lane:
        asked["lane"] = lane
    if page > 1:
        asked["page"] = str(page)
    if language := request.query_params.get("lang"):
        asked["lang"] = language
    return f"/desk?{urlencode(asked)}"


def not_kept(response: HTMLResponse) -> HTMLResponse:
    """Keep a page out of every cache: it names people and holds leases."""
    response.headers["Cache-Control"] = "no-store"
    return response
