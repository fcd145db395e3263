"""One item with all that ever happened to it."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.chassis.database import Transaction
from services.chassis.web import Problem, pages_of
from services.contracts.ids import ItemId
from services.contracts.ingest import CampaignAnnounced
from services.moderation.api.deps import Moderator, Needs, Parts
from services.moderation.api.desk import Tab, address, not_kept
from services.moderation.api.faces import campaign_name, face_of, local_time
from services.moderation.api.told import what_happened
from services.moderation.domain.reason import REASONS
from services.moderation.store.accounts import list_accounts
from services.moderation.store.campaigns import find_campaign
from services.moderation.store.queue import Card, find_card
from services.moderation.store.reviews import STAFF, notes_of

router = APIRouter(include_in_schema=False)


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
    appeal: str = ""
    again: bool = False
    people: str = ""


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
        told = await what_happened(transaction, staff, item if done or clash else "", clash)
        history = await _history(transaction, needs, card, campaign)
    language = pages_of(request).language(request)
    chosen = request.query_params.get("lang")
    return not_kept(
        pages_of(request).page(
            request,
            "item.html",
            card=card,
            face=face_of(card, campaign, staff.account),
            name=campaign_name(campaign, language) if campaign else card.review.campaign,
            queue=address(request, card.review.campaign, "waiting"),
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
    needs: Parts,
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
                appeal=str(getattr(facts, "appeal", None) or ""),
                again=bool(getattr(facts, "second_look", False)),
                people=str(getattr(facts, "people", None) or ""),
            )
        )
    return told
