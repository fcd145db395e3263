"""The receipt: what became of what was sent, and taking it back; by a private link."""

import asyncio
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel

from services.chassis.journal import Cause
from services.chassis.objects import ObjectMissingError
from services.chassis.web import Problem, pages_of, wants_page
from services.contracts.ids import SourceId
from services.contracts.ingest import SubmissionRetracted
from services.ingest.api.campaigns import the_campaign
from services.ingest.api.deps import Needs, Parts
from services.ingest.domain.photo_words import sentence_for
from services.ingest.store.items import hand_in
from services.ingest.store.receipts import Receipt, ReceivedItem, find_receipt

router = APIRouter(tags=["receipts"])


class Standing(BaseModel):
    """What a program may know of one item by its receipt."""

    item: str
    state: str
    reasons: tuple[str, ...] = ()
    address: str | None = None
    withdrawn: bool


class ReceiptView(BaseModel):
    """A receipt for programs: the same as the page shows."""

    campaign: str
    given_at: datetime
    items: list[Standing]


def state_of(item: ReceivedItem) -> str:
    """Say in one word how an item stands: the words of the receipt page."""
    if item.life == "withdrawn":
        return "purged" if item.purged_at else "withdrawn"
    if item.life == "ignored":
        return "ignored"
    if item.path:
        return "visible"
    if item.life == "unseen":
        return "received"
    return {"pending": "waiting", "taken-down": "taken-down"}.get(item.review, item.review)


async def _receipt(token: str, needs: Parts) -> Receipt:
    async with needs.database.transaction() as transaction:
        found = await find_receipt(transaction, token)
    if found is None:
        detail = "This link is not known. Use the link that you got when you sent your photos."
        raise Problem(404, "receipt-unknown", detail)
    return found


@router.get("/r/{token}.json")
async def receipt_json(token: str, needs: Needs) -> ReceiptView:
    """Tell a program what became of what was sent."""
    found = await _receipt(token, needs)
    return ReceiptView(
        campaign=found.campaign,
        given_at=found.given_at,
        items=[
            Standing(
                item=i.item,
                state=state_of(i),
                reasons=i.reasons,
                address=i.path,
                withdrawn=i.life == "withdrawn",
            )
            for i in found.items
        ],
    )


@router.get("/r/{token}", include_in_schema=False)
async def receipt_page(token: str, request: Request, needs: Needs) -> HTMLResponse:
    """Show the giver what became of what they sent."""
    found = await _receipt(token, needs)
    campaign = await the_campaign(found.campaign, needs)
    refused = [
        sentence_for(code)
        for code in request.query_params.get("refused", "")[:500].split(",")
        if code
    ]
    response = pages_of(request).page(
        request,
        "receipt.html",
        receipt=found,
        campaign=campaign,
        token=token,
        states={i.item: state_of(i) for i in found.items},
        refused=refused,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@router.get("/r/{token}/photo/{original}", include_in_schema=False)
async def receipt_photo(token: str, original: str, needs: Needs) -> Response:
    """Show the giver their own photo, small; only through their own link."""
    found = await _receipt(token, needs)
    for item in found.items:
        if item.original == original and item.content is not None:
            small = min(
                (
                    r
                    for a in item.content.attachments
                    for r in a.renditions
                    if r.media_type == "image/jpeg"
                ),
                key=lambda r: abs(r.width - 640),
                default=None,
            )
            if small is not None:
                try:
                    stored = await needs.darkroom.objects.get("renditions", small.key)
                except ObjectMissingError:
                    break
                headers = {"Cache-Control": "private, max-age=600"}
                return Response(stored.content, media_type=small.media_type, headers=headers)
    raise Problem(404, "photo-unknown", "This photo is not shown here any more.")


@router.post("/r/{token}/withdraw/{item}")
async def withdraw(token: str, item: str, request: Request, needs: Needs) -> Response:
    """Take one item back: it goes from every gallery, and its files with it. Twice is harmless."""
    found = await _receipt(token, needs)
    received = next((i for i in found.items if i.item == item), None)
    if received is None:
        raise Problem(404, "item-unknown", "This link does not show such an item.")
    if received.life != "withdrawn":
        gone = SubmissionRetracted(
            item=received.item,
            campaign=found.campaign,
            source=received.source or SourceId(f"{found.campaign}/upload"),
            reason="author",
            observed_at=datetime.now(UTC),
        )
        async with needs.database.transaction() as transaction:
            await hand_in(transaction, needs.journal, gone, Cause.by("contributor"))
        await _settled(token, item, needs)
    if wants_page(request):
        return RedirectResponse(f"/r/{token}", 303)
    return Response(status_code=204)


async def _settled(token: str, item: str, needs: Parts) -> None:
    """Wait a moment for the stream, so that the next page already tells the truth; bounded."""
    for _ in range(20):
        found = await _receipt(token, needs)
        if any(i.item == item and i.life == "withdrawn" for i in found.items):
            return
        await asyncio.sleep(0.1)
