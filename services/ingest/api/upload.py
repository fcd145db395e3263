"""The upload page: several photos, words about them, the consent boxes; works without script."""

import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.datastructures import FormData, UploadFile

from services.chassis.journal import Cause
from services.chassis.web import Problem, pages_of, wants_page
from services.contracts.ids import CampaignId, SourceId
from services.contracts.ingest import CampaignAnnounced, Consent
from services.ingest.api.campaigns import the_campaign
from services.ingest.api.deps import Needs, Parts
from services.ingest.api.photos import (
    MOST_PHOTOS,
    Kept,
    Refused,
    keep_photo,
    photos_in,
    read_form,
)
from services.ingest.connectors.upload import submission_of
from services.ingest.media.photo import MAX_BYTES
from services.ingest.store.items import hand_in, handed_in
from services.ingest.store.receipts import keep_receipt, receipt_token

router = APIRouter(tags=["upload"])

#: What our own forms carry; anything else is replaced by a token of our own.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,100}")


@router.get("/c/{campaign}/upload", include_in_schema=False)
async def upload_page(campaign: str, request: Request, needs: Needs) -> Response:
    """Show the upload form of a campaign."""
    found = await the_campaign(CampaignId(campaign), needs)
    return _page(request, found)


def _page(
    request: Request,
    campaign: CampaignAnnounced,
    *,
    form: FormData | None = None,
    faults: Sequence[str] = (),
    refused: Sequence[Refused] = (),
    status: int = 200,
) -> Response:
    now = datetime.now(UTC)
    given = {} if form is None else {k: v for k, v in form.items() if isinstance(v, str)}
    return pages_of(request).page(
        request,
        "upload.html",
        status=status,
        campaign=campaign,
        token=given.get("submission") or secrets.token_urlsafe(18),
        given=given,
        faults=faults,
        refused=refused,
        most=MOST_PHOTOS,
        largest=MAX_BYTES // 1_000_000,
        open=campaign.opens_at <= now < campaign.closes_at,
    )


@router.post(
    "/c/{campaign}/upload",
    status_code=201,
    responses={413: {"description": "Too large"}, 422: {"description": "What to mend"}},
)
async def upload(campaign: str, request: Request, needs: Needs) -> Response:
    """Take photos with words and consents; answers a receipt, and which were not taken.

    Multipart fields: `photos` (1 to 10 files), `alt` (one for each photo, same order), `caption`,
    `name`, `made`, `licence`, `people`, `minor` (`yes` when ticked), `submission` (a token of the
    form: sending the same form again is harmless).
    """
    found = await the_campaign(CampaignId(campaign), needs)
    now = datetime.now(UTC)
    if not found.opens_at <= now < found.closes_at:
        raise Problem(
            409, "campaign-closed", "This campaign does not take photos now. See its dates."
        )
    form = await read_form(request)
    try:
        return await _take(found, form, request, needs)
    finally:
        await form.close()


async def _take(
    campaign: CampaignAnnounced, form: FormData, request: Request, needs: Parts
) -> Response:
    photos = photos_in(form)
    text = pages_of(request)
    consent = _consent(form, campaign)
    faults = [text.text(request, fault) for fault in _faults(photos, consent)]
    if faults:
        return _answer_faults(request, campaign, form, faults)
    alts = [str(a) for a in form.getlist("alt")]
    kept: list[Kept] = []
    refused: list[Refused] = []
    async with needs.turns:
        for n, photo in enumerate(photos):
            # One alt text for several photos describes none of them wrongly only when it is the
            # first's.
            alt = alts[n] if n < len(alts) else ""
            answer = await keep_photo(photo, alt, campaign.campaign, request, needs)
            (kept if isinstance(answer, Kept) else refused).append(answer)  # type: ignore[arg-type]
    if not kept:
        return _answer_refused(request, campaign, form, refused)
    token = await _hand_in(campaign, form, kept, consent, needs)
    address = f"/r/{token}"
    if wants_page(request):
        # Reasons are codes: nothing personal goes into an address.
        codes = ",".join(r.reason for r in refused)
        return RedirectResponse(f"{address}?refused={codes}" if codes else address, 303)
    return JSONResponse(
        {
            "receipt": f"{request.app.state.settings.ingest_url}{address}",
            "taken": [k.filename for k in kept],
            "refused": [vars(r) for r in refused],
        },
        201,
    )


def _consent(form: FormData, campaign: CampaignAnnounced) -> Consent:
    def ticked(box: str) -> bool:
        return form.get(box) == "yes"

    return Consent(
        version=campaign.consent_version,
        given_at=datetime.now(UTC),
        made=ticked("made"),
        licence=ticked("licence"),
        people=ticked("people"),
        minor=ticked("minor"),
    )


def _faults(photos: list[UploadFile], consent: Consent) -> list[str]:
    faults: list[str] = []
    if not photos:
        faults.append("Choose at least one photo.")
    if len(photos) > MOST_PHOTOS:
        faults.append("Choose at most ten photos; send the others with a second form.")
    if not consent.made:
        faults.append(
            "Tick that you made the photos yourself, or leave out those you did not make."
        )
    if not consent.licence:
        faults.append("Tick that we may show the photos; without that we cannot take them.")
    return faults


def _answer_faults(
    request: Request, campaign: CampaignAnnounced, form: FormData, faults: list[str]
) -> Response:
    if wants_page(request):
        return _page(request, campaign, form=form, faults=faults, status=422)
    raise Problem(422, "form-incomplete", " ".join(faults), faults=faults)


def _answer_refused(
    request: Request, campaign: CampaignAnnounced, form: FormData, refused: list[Refused]
) -> Response:
    if wants_page(request):
        return _page(request, campaign, form=form, refused=refused, status=422)
    detail = " ".join(r.detail for r in refused)
    raise Problem(422, "photos-refused", detail, refused=[vars(r) for r in refused])


async def _hand_in(
    campaign: CampaignAnnounced,
    form: FormData,
    kept: list[Kept],
    consent: Consent,
    needs: Parts,
) -> str:
    """Hand all photos of a form in at once, with the receipt: all of it or nothing."""
    written = str(form.get("submission") or "")
    submission = written if _TOKEN.fullmatch(written) else secrets.token_urlsafe(18)
    token = receipt_token(needs.receipt_key, f"{campaign.campaign}\n{submission}")
    events = submission_of(
        campaign=campaign.campaign,
        source=_upload_source(campaign),
        token=submission,
        photos=[(k.sha256, k.alt) for k in kept],
        caption=str(form.get("caption") or "")[:10_000],
        name=str(form.get("name") or "").strip()[:120],
        consent=consent,
        observed_at=datetime.now(UTC),
    )
    cause = Cause.by("contributor")
    async with needs.database.transaction() as transaction:
        for event in events:
            if not await handed_in(transaction, event.item):
                await hand_in(transaction, needs.journal, event, cause)
        await keep_receipt(
            transaction,
            token,
            campaign.campaign,
            [(e.item, m.original or "") for e in events for m in e.media],
        )
    return token


def _upload_source(campaign: CampaignAnnounced) -> SourceId:
    for source in campaign.sources:
        if source.connector == "upload":
            return source.source
    raise Problem(
        409, "upload-not-offered", "This campaign takes no uploads. Post with its hashtag instead."
    )
