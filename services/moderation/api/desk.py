"""The desk: the queue of a campaign, what was approved and rejected, and one item with its history."""

from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from services.chassis.auth import Staff
from services.chassis.database import Transaction
from services.chassis.web import Problem, pages_of
from services.contracts.ids import CampaignId, ItemId
from services.contracts.ingest import CampaignAnnounced
from services.contracts.moderation import ReviewStateName
from services.moderation.api.deps import Moderator, Needs
from services.moderation.api.faces import campaign_name, face_of, local_time
from services.moderation.domain.lease import LARGEST_PAGE
from services.moderation.domain.reason import REASONS
from services.moderation.store.accounts import display_name, list_accounts
from services.moderation.store.campaigns import find_campaign, list_campaigns
from services.moderation.store.queue import Card, Counts, counts, decided, find_card, take
from services.moderation.store.reviews import STAFF, notes_of

router = APIRouter(include_in_schema=False)

Tab = Literal["waiting", "approved", "rejected"]
_STATES: dict[Tab, tuple[ReviewStateName, ...]] = {
    "approved": ("approved",),
    "rejected": ("rejected", "taken-down"),
}


@dataclass(frozen=True)
class Told:
    """What just happened to an item, told above the queue."""

    item: str
    state: str
    version: int
    clash: str = ""
    winner: str = ""
    mine: bool = False


@router.get("/")
async def start() -> RedirectResponse:
    """Lead to the desk."""
    return RedirectResponse("/desk", 303)


@router.get("/desk")
async def desk(
    request: Request,
    staff: Moderator,
    needs: Needs,
    campaign: str = "",
    tab: Tab = "waiting",
    page: Annotated[int, Query(ge=1, le=1000)] = 1,
    done: str = "",
    clash: str = "",
    item: str = "",
) -> Response:
    """Show a campaign's queue, or let one choose where there are several."""
    async with needs.database.transaction() as transaction:
        campaigns = await list_campaigns(transaction)
        counted = await counts(transaction, staff.account)
        chosen = _choose(campaigns, campaign)
        if chosen is None:
            return _no_store(_choice(request, campaigns, counted))
        told = await _told(transaction, staff, done or item, clash)
        skip = (page - 1) * LARGEST_PAGE
        cards = (
            await take(transaction, chosen.campaign, staff.account, LARGEST_PAGE)
            if tab == "waiting"
            else await decided(transaction, chosen.campaign, _STATES[tab], LARGEST_PAGE + 1, skip)
        )
        counted = await counts(transaction, staff.account)
    here = _address(request, chosen.campaign, tab, page)
    language = pages_of(request).language(request)
    return _no_store(
        pages_of(request).page(
            request,
            "desk.html",
            campaign=chosen,
            name=campaign_name(chosen, language),
            several=len(campaigns) > 1,
            tab=tab,
            tabs={
                name: _address(request, chosen.campaign, name)
                for name in ("waiting", "approved", "rejected")
            },
            faces=[f for card in cards[:LARGEST_PAGE] if (f := face_of(card, chosen))],
            further=_address(request, chosen.campaign, tab, page + 1)
            if len(cards) > LARGEST_PAGE
            else None,
            counts=counted.get(chosen.campaign, Counts()),
            reasons=REASONS,
            told=told,
            back=here,
        )
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
            _address(request, campaign.campaign, "waiting"),
            counted.get(campaign.campaign, Counts()),
        )
        for campaign in campaigns
    ]
    return pages.page(request, "choice.html", choices=choices)


def _address(request: Request, campaign: CampaignId, tab: Tab, page: int = 1) -> str:
    asked = {"campaign": str(campaign)}
    if tab != "waiting":
        asked["tab"] = tab
    if page > 1:
        asked["page"] = str(page)
    if language := request.query_params.get("lang"):
        asked["lang"] = language
    return f"/desk?{urlencode(asked)}"


def _no_store(response: HTMLResponse) -> HTMLResponse:
    response.headers["Cache-Control"] = "no-store"
    return response


async def _told(transaction: Transaction, staff: Staff, item: str, clash: str) -> Told | None:
    """Say what became of an item; from its review, so that an address cannot make things up."""
    if not item:
        return None
    card = await find_card(transaction, ItemId(item))
    if card is None:
        return None
    review = card.review
    last = review.decision
    holder = card.lease.moderator if card.lease else None
    winner = await display_name(transaction, holder) if holder else card.decided_by or ""
    return Told(
        item=review.item,
        state="withdrawn" if review.life == "withdrawn" else review.state,
        version=review.version,
        clash=clash,
        winner=winner,
        mine=last is not None and last.by == staff.account,
    )


@dataclass(frozen=True)
class Happening:
    """One event in the history of an item, as the item page tells it."""

    what: str
    at: str
    iso: str
    who: str
    before: str = ""
    after: str = ""
    reasons: tuple[str, ...] = ()
    why: str = ""
    note: str = ""


@router.get("/desk/items/{item}")
async def item_page(
    request: Request, item: str, staff: Moderator, needs: Needs, done: str = "", clash: str = ""
) -> HTMLResponse:
    """Show one item, what may be decided about it, and all that ever happened to it."""
    async with needs.database.transaction() as transaction:
        card = await find_card(transaction, ItemId(item))
        if card is None:
            raise Problem(404, "item-unknown", "There is no such item at this desk.")
        campaign = await find_campaign(transaction, card.review.campaign)
        told = await _told(transaction, staff, item if done or clash else "", clash)
        history = await _history(transaction, needs, card, campaign)
    language = pages_of(request).language(request)
    chosen = request.query_params.get("lang")
    return _no_store(
        pages_of(request).page(
            request,
            "item.html",
            card=card,
            face=face_of(card, campaign),
            name=campaign_name(campaign, language) if campaign else card.review.campaign,
            queue=_address(request, card.review.campaign, "waiting"),
            history=history,
            reasons=REASONS,
            told=told,
            tab=_tab_of(card),
            back=f"/desk/items/{item}" + (f"?lang={chosen}" if chosen else ""),
        )
    )


def _tab_of(card: Card) -> Tab:
    if card.review.state == "pending":
        return "waiting"
    return "approved" if card.review.state == "approved" else "rejected"


async def _history(
    transaction: Transaction,
    needs: Needs,
    card: Card,
    campaign: CampaignAnnounced | None,
) -> list[Happening]:
    names = {account.account: account.name for account in await list_accounts(transaction)}
    notes = await notes_of(transaction, card.review.item)
    told: list[Happening] = []
    for event in await needs.journal.history(transaction, card.review.item):
        facts = event.data
        account = event.actor.removeprefix(STAFF)
        told.append(
            Happening(
                what=event.type,
                at=local_time(event.time, campaign),
                iso=event.time.isoformat(),
                who=names.get(account, account) if event.actor.startswith(STAFF) else "",
                before=str(getattr(facts, "before", "")),
                after=str(getattr(facts, "after", "")),
                reasons=tuple(getattr(facts, "reasons", ())),
                why=str(getattr(facts, "reason", "")),
                note=notes.get(event.subjectversion, ""),
            )
        )
    return told
