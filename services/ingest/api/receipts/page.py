"""The receipt as a page, for programs, and as a copy of everything that is kept of it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel

from services.chassis.language import moment_in_short, moment_to_the_second
from services.chassis.objects import ObjectMissingError
from services.chassis.web import Problem, pages_of
from services.contracts.ingest import ChannelGrant
from services.ingest.api.campaigns import the_campaign
from services.ingest.api.deps import Needs, Parts
from services.ingest.api.receipts.opening import closed_link, opened
from services.ingest.api.receipts.record import record_of
from services.ingest.domain.consent import holds
from services.ingest.domain.consent_words import NAMES
from services.ingest.domain.link import ExpiredLinkError, LinkError, RevokedLinkError
from services.ingest.domain.photo_words import sentence_for
from services.ingest.domain.receipt_words import why_ignored
from services.ingest.store.consents import texts_of
from services.ingest.store.receipts import Receipt, open_receipt, receipt_behind
from services.ingest.store.standings import ReceivedItem, confirmations, state_of
from services.ingest.store.turn_consents import TurnConsent, consent_of_turn

router = APIRouter()


class Use(BaseModel):
    """Whether an item may be used in one channel."""

    channel: str
    until: datetime | None
    withdrawn_at: datetime | None
    holds: bool


class Confirmed(BaseModel):
    """Who has confirmed when that an item is gone; None while they have not."""

    who: str
    at: datetime | None
    files: int | None = None


class Standing(BaseModel):
    """What a program may know of one item by its receipt; `stamp` changes whenever this does.

    Only `showings`, how often it was shown at least, changes without it.
    """

    item: str
    state: str
    stamp: str
    reasons: tuple[str, ...] = ()
    address: str | None = None
    withdrawn: bool
    showings: int = 0
    received_at: datetime | None = None
    decided_at: datetime | None = None
    uses: list[Use] = []
    appeal: str | None = None
    appealable: bool = False
    confirmed: list[Confirmed] = []


class ReceiptView(BaseModel):
    """A receipt for programs: the same as the page shows; `turn` are the uses of a whole turn."""

    campaign: str
    code: str
    given_at: datetime
    items: list[Standing]
    turn: list[Use] = []


def _standing(item: ReceivedItem, now: datetime) -> Standing:
    return Standing(
        item=item.item,
        state=state_of(item, now),
        stamp=item.stamp,
        reasons=item.reasons,
        address=item.path,
        withdrawn=item.life == "withdrawn",
        showings=item.showings,
        received_at=item.received_at,
        decided_at=item.decided_at,
        uses=_uses(item.grants, now),
        appeal=(item.appeal.outcome or "asked") if item.appeal else None,
        appealable=item.appealable,
        confirmed=[Confirmed(who=c.who, at=c.at, files=c.files) for c in confirmations(item, now)],
    )


def _uses(grants: Iterable[ChannelGrant], now: datetime) -> list[Use]:
    return [
        Use(channel=g.channel, until=g.until, withdrawn_at=g.withdrawn_at, holds=holds(g, now))
        for g in grants
    ]


async def _turn_of(receipt: Receipt, needs: Parts) -> TurnConsent | None:
    """Give what was agreed to for the turn that a receipt is of, if it is of one."""
    if receipt.mandate is None:
        return None
    async with needs.database.transaction() as transaction:
        return await consent_of_turn(transaction, receipt.mandate)


@router.get("/r/{token}.json")
async def receipt_json(token: str, needs: Needs, response: Response) -> ReceiptView:
    """Tell a program what became of what was sent."""
    found = await opened(token, needs)
    now = datetime.now(UTC)
    turn = await _turn_of(found, needs)
    response.headers["Cache-Control"] = "no-store"
    return ReceiptView(
        campaign=found.campaign,
        code=found.code,
        given_at=found.given_at,
        items=[_standing(i, now) for i in found.items],
        turn=_uses(turn.grants, now) if turn else [],
    )


@router.get("/r/{token}/data.json")
async def my_data(token: str, needs: Needs) -> JSONResponse:
    """Give everything that is kept about what was sent by this receipt, to its giver."""
    found = await opened(token, needs)
    digests = [
        i.consent.consent.text_digest for i in found.items if i.consent and i.consent.consent
    ]
    async with needs.database.transaction() as transaction:
        texts = await texts_of(transaction, digests)
        record = await record_of(transaction, found.mandate) if found.mandate else None
    body: dict[str, Any] = {
        "code": found.code,
        "campaign": found.campaign,
        "givenAt": found.given_at.isoformat(),
        "mail": found.mail or None,
        "language": found.language,
        "items": [_everything(i, texts) for i in found.items],
        "curator": record,
    }
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="dichtbij-{found.code}.json"',
    }
    return JSONResponse(body, headers=headers)


def _everything(item: ReceivedItem, texts: dict[str, str]) -> dict[str, Any]:
    consent = item.consent
    agreed = consent.consent if consent else None
    return {
        "item": item.item,
        "state": state_of(item, datetime.now(UTC)),
        "receivedAt": _iso(item.received_at),
        "withdrawnAt": _iso(item.withdrawn_at),
        "showings": item.showings,
        "content": item.content.model_dump(mode="json", by_alias=True) if item.content else None,
        "consent": None
        if consent is None or agreed is None
        else {
            "agreed": agreed.model_dump(mode="json", by_alias=True),
            "text": texts.get(agreed.text_digest),
            "uses": [g.model_dump(mode="json", by_alias=True) for g in consent.grants],
        },
        "decision": {
            "review": item.review,
            "child": item.child,
            "at": _iso(item.decided_at),
            "reasons": item.reasons,
            "statements": item.statements,
        },
        "secondLooks": [
            {
                "askedAt": _iso(a.lodged_at),
                "words": a.words,
                "outcome": a.outcome,
                "answeredAt": _iso(a.decided_at),
            }
            for a in item.appeals
        ],
        "whatHappened": [
            {"who": a.who, "what": a.what, "at": _iso(a.at), **a.facts} for a in item.said
        ],
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


@router.get("/r/{token}", include_in_schema=False)
async def receipt_page(token: str, request: Request, needs: Needs) -> HTMLResponse:
    """Show the giver what became of what they sent."""
    try:
        async with needs.database.transaction() as transaction:
            found = await open_receipt(transaction, needs.links, token)
    except (RevokedLinkError, ExpiredLinkError) as error:
        return await _closed_page(token, error, request, needs)
    except LinkError as error:
        raise closed_link(error) from None
    return await _page(token, found, request, needs)


async def _page(token: str, found: Receipt, request: Request, needs: Parts) -> HTMLResponse:
    campaign = await the_campaign(found.campaign, needs)
    now = datetime.now(UTC)
    turn = await _turn_of(found, needs)
    language = pages_of(request).language(request)
    refused = request.query_params.get("refused", "")[:500].split(",")
    response = pages_of(request).page(
        request,
        "receipt.html",
        receipt=found,
        campaign=campaign,
        token=token,
        states={i.item: state_of(i, now) for i in found.items},
        confirmed={i.item: confirmations(i, now) for i in found.items},
        uses={i.item: [(g, holds(g, now)) for g in i.grants] for i in found.items},
        turn=turn,
        turn_uses=[(g, holds(g, now)) for g in turn.grants] if turn else [],
        channels=NAMES,
        why_ignored=why_ignored,
        at=partial(moment_to_the_second, zone=campaign.time_zone, language=language),
        on=partial(moment_in_short, zone=campaign.time_zone, language=language),
        done=request.query_params.get("done", ""),
        refused=[sentence_for(code) for code in refused if code],
    )
    response.headers["Cache-Control"] = "no-store"
    return response


async def _closed_page(
    token: str, error: LinkError, request: Request, needs: Parts
) -> HTMLResponse:
    """Say that a link stopped, and offer to send the new one to the address that is known."""
    async with needs.database.transaction() as transaction:
        behind = await receipt_behind(transaction, needs.links, token)
    response = pages_of(request).page(
        request,
        "receipt/closed.html",
        status=410,
        sentence=str(error),
        token=token,
        reachable=behind is not None and bool(behind.mail),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@router.get("/r/{token}/photo/{original}", include_in_schema=False)
async def receipt_photo(token: str, original: str, needs: Needs) -> Response:
    """Show the giver their own photo, small; only through their own link."""
    found = await opened(token, needs)
    for item in found.items:
        small = item.small_photo(original)
        if small is None:
            continue
        try:
            stored = await needs.darkroom.objects.get("renditions", small.key)
        except ObjectMissingError:
            break
        headers = {"Cache-Control": "private, max-age=600"}
        return Response(stored.content, media_type=small.media_type, headers=headers)
    raise Problem(404, "photo-unknown", "This photo is not shown here any more.")
