"""The queue for programs and for the desk's own script: take, renew, release, count."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from services.chassis.auth import OwnForm, insist
from services.chassis.web import pages_of
from services.contracts.ids import CampaignId, ItemId
from services.contracts.moderation import People, ReviewStateName
from services.moderation.api.deps import Moderator, Needs
from services.moderation.api.faces import face_of
from services.moderation.domain.lease import LARGEST_PAGE
from services.moderation.domain.reason import REASONS
from services.moderation.domain.review import presumed
from services.moderation.store.campaigns import find_campaign, list_campaigns
from services.moderation.store.queue import Card, Counts, Lane, counts, release, renew, take

router = APIRouter(tags=["desk"])


class Waiting(BaseModel):
    """An item of the queue, leased to whoever asked.

    `people` is what a plain approval says about who can be singled out. One that was `proposed`
    waits for a second person, who confirms that a child is shown.
    """

    item: ItemId
    version: int
    lease: str
    state: ReviewStateName
    kind: str
    caption: str
    alt: list[str | None]
    author: str | None
    source: str
    connector: str
    url: str | None
    published_at: str
    lane: str
    mandate: str | None
    curator: str | None
    place: str | None
    link: str | None
    second_look: bool
    people: People | None
    proposed: bool


class QueuePage(BaseModel):
    """A page of the queue, and how many items wait in all."""

    items: list[Waiting]
    waiting: int


class CampaignCounts(BaseModel):
    """How many items of a campaign stand where."""

    campaign: CampaignId
    waiting: int
    held: int
    approved: int
    rejected: int
    own: int
    late: int
    paused: int
    second_looks: int


class Session(BaseModel):
    """Who is signed in, and the token that unsafe requests must carry in `X-CSRF-Token`."""

    account: str
    name: str
    roles: list[str]
    csrf: str


@router.get("/desk/session.json")
async def session(staff: Moderator, response: Response) -> Session:
    """Say who is signed in. Needs the role moderator."""
    response.headers["Cache-Control"] = "no-store"
    return Session(
        account=staff.account, name=staff.name, roles=sorted(staff.roles), csrf=staff.csrf
    )


@router.get("/desk/counts.json")
async def counted(staff: Moderator, needs: Needs, response: Response) -> list[CampaignCounts]:
    """Count what waits and what was decided, by campaign. Needs the role moderator."""
    response.headers["Cache-Control"] = "no-store"
    async with needs.database.transaction() as transaction:
        campaigns = await list_campaigns(transaction)
        found = await counts(transaction, staff.account)
    ids = dict.fromkeys([*(c.campaign for c in campaigns), *found])
    return [_counts(campaign, found.get(campaign, Counts())) for campaign in ids]


def _counts(campaign: CampaignId, count: Counts) -> CampaignCounts:
    return CampaignCounts(
        campaign=campaign,
        waiting=count.waiting,
        held=count.held,
        approved=count.approved,
        rejected=count.rejected,
        own=count.own,
        late=count.late,
        paused=count.paused,
        second_looks=count.second_looks,
    )


@router.get("/desk/queue.json")
async def queue(
    campaign: str,
    staff: Moderator,
    needs: Needs,
    response: Response,
    lease: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = LARGEST_PAGE,
    lane: Lane = "",
) -> QueuePage:
    """Take the first open items of a campaign on a lease. Needs the role moderator."""
    response.headers["Cache-Control"] = "no-store"
    async with needs.database.transaction() as transaction:
        cards = await take(transaction, CampaignId(campaign), staff.account, lease, lane=lane)
        found = await counts(transaction, staff.account)
    waiting = found.get(CampaignId(campaign), Counts()).waiting
    return QueuePage(items=[w for card in cards if (w := _waiting(card))], waiting=waiting)


def _waiting(card: Card) -> Waiting | None:
    item = card.review.snapshot
    if item is None or card.lease is None:
        return None
    return Waiting(
        item=item.item,
        version=card.review.version,
        lease=card.lease.token,
        state=card.review.state,
        kind=item.kind,
        caption=item.text,
        alt=[attachment.alt for attachment in item.attachments],
        author=item.author.name or item.author.handle,
        source=item.source,
        connector=item.connector,
        url=item.url,
        published_at=item.published_at.isoformat(),
        lane=item.attribution.lane,
        mandate=item.attribution.mandate,
        curator=card.mandate.name if card.mandate else None,
        place=item.place,
        link=item.link.url if item.link else None,
        second_look=card.review.looked_at_again,
        people=presumed(card.review),
        proposed=card.review.proposal is not None,
    )


@router.post("/desk/take", include_in_schema=False)
async def take_more(
    request: Request,
    staff: OwnForm,
    needs: Needs,
    campaign: Annotated[str, Form()],
    back: Annotated[str, Form(max_length=500)] = "/desk",
    most: Annotated[int, Form(ge=1, le=LARGEST_PAGE)] = LARGEST_PAGE,
    lane: Annotated[Lane, Form()] = "",
) -> HTMLResponse:
    """Lease more open items and give their cards, for the desk's script."""
    insist(staff, "moderator")
    async with needs.database.transaction() as transaction:
        known = await find_campaign(transaction, CampaignId(campaign))
        cards = await take(
            transaction, CampaignId(campaign), staff.account, most, more=True, lane=lane
        )
    response = pages_of(request).page(
        request,
        "cards.html",
        faces=[face for card in cards if (face := face_of(card, known, staff.account))],
        tab="waiting",
        reasons=REASONS,
        back=back,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


class Held(BaseModel):
    """The tokens of leases."""

    tokens: list[str]


@router.post("/desk/leases/renew")
async def renewed(staff: OwnForm, needs: Needs, held: Held) -> Held:
    """Prolong leases; answers those that still are. Needs the role moderator."""
    insist(staff, "moderator")
    async with needs.database.transaction() as transaction:
        return Held(tokens=await renew(transaction, staff.account, _uuids(held.tokens)))


@router.post("/desk/leases/release", status_code=204)
async def released(
    staff: OwnForm, needs: Needs, tokens: Annotated[str, Form(max_length=4000)] = ""
) -> None:
    """Let go of leases, by commas, as a page does when it is closed. Needs the role moderator."""
    insist(staff, "moderator")
    async with needs.database.transaction() as transaction:
        await release(transaction, staff.account, _uuids(tokens.split(",")))


def _uuids(tokens: list[str]) -> list[str]:
    """Drop what cannot be a token, which PostgreSQL would refuse with the others."""
    found: list[str] = []
    for token in tokens[: LARGEST_PAGE * 2]:
        try:
            found.append(str(UUID(token)))
        except ValueError:
            continue
    return found
