"""The upload page: several photos, words about them, the consent boxes; works without script."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.datastructures import FormData

from services.chassis.auth import visitor
from services.chassis.journal import Cause, ConflictError
from services.chassis.web import Problem, pages_of, wants_page
from services.contracts.ids import CampaignId, SourceId
from services.contracts.ingest import CampaignAnnounced
from services.ingest.api.campaigns import shown_campaign, the_campaign
from services.ingest.api.consenting import keep_wording, wording_of
from services.ingest.api.deps import Needs, Parts
from services.ingest.api.photos import MOST_PHOTOS, Kept, Refused, keep_photo, read_form
from services.ingest.api.upload_form import Filled, offer_of, read_filled
from services.ingest.connectors.upload import submission_of
from services.ingest.domain.receipt_words import CLOSED
from services.ingest.media.photo import MAX_BYTES
from services.ingest.store.items import hand_in
from services.ingest.store.receipts import keep_receipt, receipt_token

router = APIRouter(tags=["upload"])

#: How often a form is handed in again when its twin was faster.
_ATTEMPTS = 5


@router.get("/c/{campaign}/upload", include_in_schema=False)
async def upload_page(campaign: str, request: Request, needs: Needs) -> Response:
    """Show the upload form of a campaign."""
    staff = visitor(request) is not None
    return _page(request, await shown_campaign(campaign, needs, seen_by_staff=staff))


def _page(
    request: Request,
    campaign: CampaignAnnounced,
    *,
    form: FormData | None = None,
    faults: Sequence[str] = (),
    refused: Sequence[Refused] = (),
    status: int = 200,
) -> Response:
    given: Mapping[str, str] = (
        {} if form is None else {k: v for k, v in form.items() if isinstance(v, str)}
    )
    ticked = [] if form is None else [str(c) for c in form.getlist("channel")]
    filled = None if form is None else read_filled(request, campaign, form)
    why = why_closed(campaign, datetime.now(UTC))
    response = pages_of(request).page(
        request,
        "upload.html",
        status=status,
        campaign=campaign,
        token=filled.submission if filled else secrets.token_urlsafe(18),
        given=given,
        ticked=ticked,
        faults=faults,
        refused=refused,
        most=MOST_PHOTOS,
        largest=MAX_BYTES // 1_000_000,
        offer=offer_of(campaign),
        wording=wording_of(request, campaign),
        closed=CLOSED[why] if why else "",
        phase=why,
    )
    # What somebody typed must not wait in a cache for the next one.
    response.headers["Cache-Control"] = "no-store"
    return response


def why_closed(campaign: CampaignAnnounced, now: datetime) -> str:
    """Say why a campaign takes nothing by its page now, in one word; empty when it does."""
    if campaign.phase != "live":
        return campaign.phase
    if not campaign.opens_at <= now < campaign.closes_at:
        return "dates"
    return "curators" if campaign.contributors == "curators" else ""


@router.post(
    "/c/{campaign}/upload",
    status_code=201,
    responses={413: {"description": "Too large"}, 422: {"description": "What to mend"}},
)
async def upload(campaign: str, request: Request, needs: Needs) -> Response:
    """Take photos, words or a link with consents; answers a receipt, and which were not taken.

    Multipart fields: `photos` (up to 10 files), `alt` (one for each photo, same order), `caption`,
    `link`, `link_title`, `name`, `place`, `mail`, `made`, `licence` (for the web), `people`,
    `minor`, `guardian` (`yes` when ticked), `channel` (any more, by their names), `text_digest` (of
    the text that was shown), `submission` (a token of the form: sending it again is harmless).
    """
    found = await the_campaign(CampaignId(campaign), needs)
    why = why_closed(found, datetime.now(UTC))
    if why:
        raise Problem(409, "curators-only" if why == "curators" else "campaign-closed", CLOSED[why])
    form = await read_form(request)
    try:
        return await _take(found, form, request, needs)
    finally:
        await form.close()


async def _take(
    campaign: CampaignAnnounced, form: FormData, request: Request, needs: Parts
) -> Response:
    filled = read_filled(request, campaign, form)
    if filled.faults:
        return _answer_faults(request, campaign, form, filled.faults)
    kept: list[Kept] = []
    refused: list[Refused] = []
    async with needs.turns:
        for n, photo in enumerate(filled.photos):
            # One alt text for several photos describes none of them wrongly only when it is the
            # first's.
            alt = filled.alts[n] if n < len(filled.alts) else ""
            answer = await keep_photo(photo, alt, campaign.campaign, request, needs)
            if isinstance(answer, Kept):
                kept.append(answer)
            else:
                refused.append(answer)
    if filled.photos and not kept:
        return _answer_refused(request, campaign, form, refused)
    token = await _hand_in(campaign, filled, kept, request, needs)
    return _answer_receipt(request, token, kept, refused)


def _answer_receipt(
    request: Request, token: str, kept: list[Kept], refused: list[Refused]
) -> Response:
    address = f"/r/{token}"
    if wants_page(request):
        # Reasons are codes: nothing personal goes into an address.
        codes = ",".join(r.reason for r in refused)
        told = f"&refused={codes}" if codes else ""
        language = pages_of(request).language(request)
        return RedirectResponse(f"{address}?lang={language}{told}", 303)
    return JSONResponse(
        {
            "receipt": f"{request.app.state.settings.ingest_url}{address}",
            "taken": [k.filename for k in kept],
            "refused": [vars(r) for r in refused],
        },
        201,
    )


def _answer_faults(
    request: Request, campaign: CampaignAnnounced, form: FormData, faults: Sequence[str]
) -> Response:
    if wants_page(request):
        return _page(request, campaign, form=form, faults=faults, status=422)
    raise Problem(422, "form-incomplete", " ".join(faults), faults=list(faults))


def _answer_refused(
    request: Request, campaign: CampaignAnnounced, form: FormData, refused: list[Refused]
) -> Response:
    if wants_page(request):
        return _page(request, campaign, form=form, refused=refused, status=422)
    detail = " ".join(r.detail for r in refused)
    raise Problem(422, "photos-refused", detail, refused=[vars(r) for r in refused])


async def _hand_in(
    campaign: CampaignAnnounced,
    filled: Filled,
    kept: list[Kept],
    request: Request,
    needs: Parts,
) -> str:
    """Hand a form in whole, with its receipt: all of it or nothing, however often it is sent."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return await _hand_in_once(campaign, filled, kept, request, needs)
        except ConflictError:
            # The same form is being handed in at this moment; then it is there already.
            if attempt == _ATTEMPTS:
                raise
    raise AssertionError


async def _hand_in_once(
    campaign: CampaignAnnounced,
    filled: Filled,
    kept: list[Kept],
    request: Request,
    needs: Parts,
) -> str:
    token = receipt_token(needs.receipt_key, f"{campaign.campaign}\n{filled.submission}")
    staff = visitor(request)
    events = submission_of(
        campaign=campaign.campaign,
        source=_upload_source(campaign),
        token=filled.submission,
        photos=[(k.sha256, k.alt) for k in kept],
        caption=filled.caption,
        name=filled.name,
        consent=filled.consent,
        observed_at=datetime.now(UTC),
        giver_account=staff.account if staff else None,
        place=filled.place,
        link=filled.link,
    )
    cause = Cause.by("contributor")
    async with needs.database.transaction() as transaction:
        await keep_wording(transaction, campaign, filled.wording)
        for event in events:
            await hand_in(transaction, needs.journal, event, cause, first=True)
        await keep_receipt(
            transaction,
            token,
            campaign.campaign,
            [(e.item, e.media[0].original or "" if e.media else "") for e in events],
            mail=filled.mail,
            language=filled.wording.language,
        )
    return token


def _upload_source(campaign: CampaignAnnounced) -> SourceId:
    for source in campaign.sources:
        if source.connector == "upload":
            return source.source
    raise Problem(
        409, "upload-not-offered", "This campaign takes no uploads. Post with its hashtag instead."
    )
