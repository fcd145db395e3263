"""The curator's page itself, the same for programs, its photos and its calendar."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.routing import Route

from services.chassis.language import moment_in_words, moment_to_the_second
from services.chassis.objects import ObjectMissingError
from services.chassis.web import Problem, pages_of, wants_page
from services.contracts.ids import ItemId
from services.contracts.ingest import CampaignAnnounced
from services.ingest.api.consenting import Wording, wording_of
from services.ingest.api.curators.opening import Opened, Opening, link_problem, open_link
from services.ingest.api.curators.view import is_past, standings, turns_of
from services.ingest.api.deps import Needs, Parts
from services.ingest.api.photos import MOST_PHOTOS
from services.ingest.api.upload_form import offer_of
from services.ingest.domain.link import AlteredLinkError, LinkError, UnknownLinkError
from services.ingest.media.photo import MAX_BYTES
from services.ingest.store.calendar import calendar_of
from services.ingest.store.campaigns import find_campaign
from services.ingest.store.curators import find_curator
from services.ingest.store.given import content_of, devices_of
from services.ingest.store.links import note_device

router = APIRouter(prefix="/k/{token}", tags=["curators"])

#: The cookie by which one device is told from another, on the private page only.
DEVICE = "dichtbij-device"
_A_YEAR = 365 * 86_400
#: More devices than this are not told apart.
_MOST_DEVICES = 50
#: A photo on the page is about as wide as this.
_SMALL = 640


@router.get(".json")
async def standings_json(opened: Opening, needs: Needs) -> dict[str, Any]:
    """Tell a program how each photo of a curator stands; `mark` changes when any of it does."""
    async with needs.database.transaction() as transaction:
        turns = await turns_of(transaction, opened, needs, datetime.now(UTC))
    return standings(turns)


@router.get("", include_in_schema=False)
async def curator_page(token: str, request: Request, needs: Needs) -> Response:
    """Show a curator everything about their turns; no password, the link is enough."""
    device = request.cookies.get(DEVICE, "")
    known = 16 <= len(device) <= 64  # noqa: PLR2004 - what we make has 24
    if not known:
        device = secrets.token_urlsafe(18)
    try:
        async with needs.database.transaction() as transaction:
            opened = await open_link(transaction, needs.links, token)
            devices = await devices_of(transaction, opened.link)
            if devices < _MOST_DEVICES:
                devices = await note_device(transaction, opened.link, device)
    except LinkError as error:
        return await closed_page(token, error, request, needs)
    response = await render(request, needs, opened, devices=devices)
    if not known:
        response.set_cookie(
            DEVICE,
            device,
            max_age=_A_YEAR,
            path="/k",
            secure=request.app.state.settings.secure,
            httponly=True,
            samesite="lax",
        )
    return response


async def closed_page(token: str, error: LinkError, request: Request, needs: Parts) -> Response:
    """Say why a link is no good, and offer a new one where we have an address to send it to."""
    problem = link_problem(error)
    if not wants_page(request):
        raise problem
    reachable = False
    if not isinstance(error, AlteredLinkError | UnknownLinkError):
        async with needs.database.transaction() as transaction:
            link = await needs.links.find(transaction, "curator", token)
            curator = await find_curator(transaction, link.opens)  # type: ignore[arg-type]
        reachable = bool(curator and curator.mail)
    response = pages_of(request).page(
        request,
        "curator/closed.html",
        status=problem.status,
        detail=problem.detail,
        token=token,
        reachable=reachable,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


async def render(
    request: Request,
    needs: Parts,
    opened: Opened,
    *,
    devices: int = 1,
    status: int = 200,
    faults: Sequence[str] = (),
    concerns: str = "",
    ticked: frozenset[str] | None = None,
) -> HTMLResponse:
    """Render the page of a curator; `faults` are sentences about the turn that `concerns` names.

    `ticked` are the boxes of its invitation that stay as they were; None before any answer.
    """
    pages = pages_of(request)
    language = pages.language(request)
    async with needs.database.transaction() as transaction:
        turns = await turns_of(transaction, opened, needs, datetime.now(UTC))
    response = pages.page(
        request,
        "curator/page.html",
        status=status,
        token=opened.token,
        base=f"/k/{quote(opened.token)}",
        curator=opened.curator,
        devices=devices,
        current=[t for t in turns if not is_past(t)],
        past=[t for t in turns if is_past(t)],
        standings=standings(turns),
        faults=faults,
        concerns=concerns,
        ticked=ticked,
        codes=told(request),
        wordings={t.mandate.mandate: turn_wording(request, t.campaign) for t in turns},
        offers={t.mandate.mandate: offer_of(t.campaign) for t in turns},
        accounts=_serves(request, "/k/{token}/accounts"),
        moment=partial(_moment, language),
        second=partial(_second, language),
        now=datetime.now(UTC),
        most=MOST_PHOTOS,
        largest=MAX_BYTES // 1_000_000,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def turn_wording(request: Request, campaign: CampaignAnnounced) -> Wording:
    """Give what a curator is shown before they agree, once for all photos of a turn."""
    made = "I give photos that I made myself, and whoever can be recognised in them agreed."
    said = pages_of(request).text(request, made)
    return replace(wording_of(request, campaign), made=said, people="", minor="", guardian="")


def _moment(language: str, moment: datetime, zone: str) -> str:
    return moment_in_words(moment, zone, language)


def _second(language: str, moment: datetime, zone: str) -> str:
    return moment_to_the_second(moment, zone, language)


def told(request: Request) -> list[str]:
    """Give the codes of what the last form led to; the template knows their sentences."""
    return [code for code in request.query_params.get("told", "")[:300].split(",") if code]


def _serves(request: Request, path: str) -> bool:
    return any(isinstance(r, Route) and r.path == path for r in request.app.routes)


def back_to(request: Request, opened: Opened, *codes: str, mandate: str = "") -> RedirectResponse:
    """Lead back to the page after a form, telling what it led to."""
    language = pages_of(request).language(request)
    said = f"&told={quote(','.join(dict.fromkeys(codes)), safe=',')}" if codes else ""
    place = f"#{mandate}" if mandate else ""
    return RedirectResponse(f"/k/{quote(opened.token)}?lang={language}{said}{place}", 303)


@router.get("/photo/{item}/{number}", include_in_schema=False)
async def photo(item: str, number: int, opened: Opening, needs: Needs) -> Response:
    """Show a curator one of their own photos, small; only through their own link."""
    ids = [m.mandate for m in opened.mandates]
    async with needs.database.transaction() as transaction:
        content = await content_of(transaction, opened.curator.curator, ids, ItemId(item))
    attachments = content.attachments if content else ()
    if 0 <= number < len(attachments):
        jpegs = [r for r in attachments[number].renditions if r.media_type == "image/jpeg"]
        small = min(jpegs, key=lambda r: abs(r.width - _SMALL), default=None)
        if small is not None:
            try:
                stored = await needs.darkroom.objects.get("renditions", small.key)
            except ObjectMissingError:
                pass
            else:
                headers = {"Cache-Control": "private, max-age=600"}
                return Response(stored.content, media_type=small.media_type, headers=headers)
    raise Problem(404, "photo-unknown", "This photo is not shown here any more.")


@router.get("/calendar/{mandate}.ics")
async def calendar(mandate: str, opened: Opening, request: Request, needs: Needs) -> Response:
    """Give the dates of a turn as a calendar file."""
    wanted = opened.mandate(mandate)
    async with needs.database.transaction() as transaction:
        campaign = await find_campaign(transaction, wanted.campaign)
    names = campaign.name if campaign else {}
    language = pages_of(request).language(request)
    written = calendar_of(
        [wanted],
        name=names.get(language) or next(iter(names.values()), wanted.campaign),
        zone=wanted.time_zone,
        address=f"{request.app.state.settings.ingest_url}/c/{wanted.campaign}",
    )
    headers = {
        "Content-Disposition": f'attachment; filename="{wanted.campaign}.ics"',
        "Cache-Control": "no-store",
    }
    return Response(written, media_type="text/calendar; charset=utf-8", headers=headers)
