"""Campaigns as staff make them: from a template or a copy to a draft, and from there to the world.

Everything works without script. Whoever saves what a colleague changed in the meantime is told what
differs, and keeps what they typed.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from services.chassis.auth import OwnForm, SignedIn, Staff, insist
from services.chassis.journal import Cause, ConflictError
from services.chassis.language import LANGUAGES, moment_in_words
from services.chassis.web import Problem, pages_of
from services.contracts.ids import CampaignId
from services.contracts.ingest import Phase
from services.ingest.api.campaign_form import TEXTS, Written, fill, read_form
from services.ingest.api.deps import Needs, Parts
from services.ingest.domain.campaign import PHASE_MOVES, InvalidCampaignError, read_campaign
from services.ingest.domain.campaign_templates import TEMPLATES, copy_of
from services.ingest.domain.campaign_words import Fault
from services.ingest.store.applying import apply_and_follow
from services.ingest.store.campaigns import (
    CampaignCounts,
    KeptCampaign,
    count_campaigns,
    kept_campaign,
    list_campaigns,
)
from services.ingest.store.sources import insist_readable, list_sources

router = APIRouter(tags=["manage"], include_in_schema=False)

_ROLE = "coordinator"
#: The zones that the form proposes; any other can be typed.
ZONES = (
    *("Europe/Brussels", "Europe/Amsterdam", "Europe/Paris", "Europe/Berlin", "Europe/London"),
    *("Europe/Lisbon", "Europe/Madrid", "Europe/Rome", "Europe/Vienna", "Europe/Zurich"),
    *("Europe/Copenhagen", "Europe/Stockholm", "Europe/Warsaw", "Europe/Athens", "UTC"),
)
#: What needs somebody's eye stands first.
_ORDER: tuple[Phase, ...] = ("live", "paused", "draft", "closed", "archived")
_CONFLICT = (
    "A colleague changed this campaign while you were working. What you typed is still here; below"
    " each field that differs stands what your colleague wrote. Save again to keep yours."
)


@router.get("/manage")
async def overview(request: Request, staff: SignedIn, needs: Needs) -> Response:
    """List the campaigns with their phases, dates and counts."""
    insist(staff, _ROLE)
    async with needs.database.transaction() as transaction:
        campaigns = await list_campaigns(transaction)
        counts = await count_campaigns(transaction)
        sources = await list_sources(transaction)
    ailing: dict[CampaignId, int] = {}
    for source in sources:
        if source.failures:
            ailing[source.campaign] = ailing.get(source.campaign, 0) + 1
    return pages_of(request).page(
        request,
        "manage/campaigns.html",
        campaigns=sorted(campaigns, key=lambda c: _ORDER.index(c.phase)),
        counts=counts,
        nothing=CampaignCounts(),
        ailing=ailing,
        when=_when(request),
    )


def _when(request: Request) -> Callable[[datetime, str], str]:
    return partial(moment_in_words, language=pages_of(request).language(request))


@router.get("/manage/campaigns")
async def campaigns_elsewhere(_staff: SignedIn) -> Response:
    """Lead to the list, which stands at the front."""
    return RedirectResponse("/manage", 303)


@router.get("/manage/campaigns/new")
async def new(request: Request, staff: SignedIn, needs: Needs) -> Response:
    """Offer the templates; with one chosen, or a campaign to copy, the form filled in."""
    insist(staff, _ROLE)
    query = request.query_params
    if original := query.get("copy"):
        found = await _kept(original, needs)
        return _form_page(request, copy_of(found.written), copied=original)
    template = TEMPLATES.get(query.get("template", ""))
    name = query.get("name", "").strip()[:120]
    if template is None or not name:
        return pages_of(request).page(
            request,
            "manage/new.html",
            templates=TEMPLATES.values(),
            chosen=query.get("template", ""),
            name=name,
            asked="template" in query or "name" in query,
        )
    today = datetime.now(ZoneInfo("Europe/Brussels")).date()
    return _form_page(request, template.written(name, today))


@router.post("/manage/campaigns/new")
async def create(request: Request, staff: OwnForm, needs: Needs) -> Response:
    """Keep a new campaign as a draft, or publish it at once (`then`)."""
    insist(staff, _ROLE)
    form = await request.form()
    copied = str(form.get("copied") or "")
    original: Mapping[str, Any] = (await _kept(copied, needs)).written if copied else {}
    written = read_form(form, {k: v for k, v in original.items() if k != "campaign"})
    phase: Phase = "live" if form.get("then") == "live" else "draft"
    try:
        campaign = await _apply(written | {"phase": phase}, 0, staff, needs)
    except InvalidCampaignError as error:
        return _form_page(request, written, faults=error.found, copied=copied, status=422)
    except ConflictError:
        taken = (Fault("campaign", "campaign-taken"),)
        return _form_page(request, written, faults=taken, copied=copied, status=409)
    return _told(request, campaign, "published" if phase == "live" else "drafted")


@router.get("/manage/campaigns/{campaign}")
async def edit(campaign: str, request: Request, staff: SignedIn, needs: Needs) -> Response:
    """Show a campaign as a form."""
    insist(staff, _ROLE)
    found = await _kept(campaign, needs)
    return _form_page(request, found.written, kept=found)


@router.post("/manage/campaigns/{campaign}")
async def save(campaign: str, request: Request, staff: OwnForm, needs: Needs) -> Response:
    """Save a campaign's form; `then=live` publishes a draft with it."""
    insist(staff, _ROLE)
    form = await request.form()
    found = await _kept(campaign, needs)
    written = read_form(form, found.written) | {"campaign": campaign}
    if form.get("then") == "live" and found.announcement.phase == "draft":
        written["phase"] = "live"
    try:
        await _apply(written, _version(form), staff, needs)
    except InvalidCampaignError as error:
        return _form_page(
            request, written, kept=found, faults=error.found, version=_version(form), status=422
        )
    except ConflictError:
        now = await _kept(campaign, needs)
        return _form_page(request, written, kept=now, theirs=now.written, status=409)
    published = written.get("phase") != found.written.get("phase")
    return _told(request, campaign, "published" if published else "saved")


@router.post("/manage/campaigns/{campaign}/phase")
async def change_phase(campaign: str, request: Request, staff: OwnForm, needs: Needs) -> Response:
    """Move a campaign to another phase (`to`)."""
    insist(staff, _ROLE)
    form = await request.form()
    found = await _kept(campaign, needs)
    wished = str(form.get("to") or "")
    if wished not in PHASE_MOVES[found.announcement.phase]:
        detail = "This campaign has moved on already. Look at it again before you decide."
        raise Problem(409, "phase-forbidden", detail)
    try:
        await _apply(dict(found.written) | {"phase": wished}, _version(form), staff, needs)
    except InvalidCampaignError as error:
        # It was written under other rules; the form says what to mend first.
        return _form_page(request, found.written, kept=found, faults=error.found, status=422)
    except ConflictError:
        detail = "A colleague changed this campaign just now. Look at it again before you decide."
        raise Problem(409, "campaign-changed", detail) from None
    drafted = found.announcement.phase == "draft"
    return _told(request, campaign, "published" if drafted else f"phase-{wished}")


async def _kept(campaign: str, needs: Parts) -> KeptCampaign:
    async with needs.database.transaction() as transaction:
        found = await kept_campaign(transaction, CampaignId(campaign))
    if found is None:
        detail = "There is no such campaign. Choose one from the list."
        raise Problem(404, "campaign-unknown", detail)
    return found


async def _apply(written: Written, expected: int, staff: Staff, needs: Parts) -> str:
    campaign = read_campaign(written)
    insist_readable(campaign)
    async with needs.database.transaction() as transaction:
        await apply_and_follow(
            transaction, needs.journal, campaign, Cause.by(staff.actor), expected=expected
        )
    return campaign.campaign


def _version(form: FormData) -> int:
    written = str(form.get("version") or "")
    # A form without its version was not made by us; nothing stands at that version.
    return int(written) if written.isascii() and written.isdigit() else -1


def _told(request: Request, campaign: str, told: str) -> Response:
    language = pages_of(request).language(request)
    return RedirectResponse(f"/manage/campaigns/{campaign}?told={told}&lang={language}", 303)


def _form_page(
    request: Request,
    written: Mapping[str, Any],
    *,
    kept: KeptCampaign | None = None,
    copied: str = "",
    faults: Sequence[Fault] = (),
    theirs: Mapping[str, Any] | None = None,
    version: int | None = None,
    status: int = 200,
) -> Response:
    pages = pages_of(request)
    filled = fill(written, faults, theirs)
    told = kept.announcement if kept else None
    return pages.page(
        request,
        "manage/campaign.html",
        status=status,
        form=filled,
        faults={
            place: [pages.text(request, f.sentence, **dict(f.facts)) for f in found]
            for place, found in filled.faults.items()
        },
        retyped={f.place for f in faults if f.code == "doubled-hour"},
        conflict=pages.text(request, _CONFLICT) if theirs is not None else "",
        kept=kept,
        version=(kept.version if kept else 0) if version is None else version,
        copied=copied,
        phase=told.phase if told else "draft",
        moves=PHASE_MOVES[told.phase] if told else (),
        over=told is not None and told.closes_at <= datetime.now(UTC),
        texts=TEXTS,
        order=_own_language_first(pages.language(request)),
        zones=ZONES,
        told=request.query_params.get("told", ""),
        when=_when(request),
    )


def _own_language_first(language: str) -> Mapping[str, str]:
    return {language: LANGUAGES[language]} | LANGUAGES
