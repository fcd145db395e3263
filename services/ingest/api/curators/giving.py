"""Giving photos by a curator's own link: taken, refused with words, or not now and why."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import FormData

from services.chassis.auth import visitor
from services.chassis.database import Transaction
from services.chassis.journal import ConflictError
from services.chassis.language import moment_in_words
from services.chassis.web import pages_of, wants_page
from services.contracts.ids import ItemId, SourceId
from services.contracts.ingest import CampaignAnnounced, Consent, SubmissionReceived
from services.ingest.api.curators.answers import refuse
from services.ingest.api.curators.opening import Opened, Opening
from services.ingest.api.curators.page import back_to
from services.ingest.api.curators.turn_receipt import keep_turn_receipt
from services.ingest.api.curators.view import GRACE, phase_of
from services.ingest.api.deps import Needs, Parts
from services.ingest.api.photos import MOST_PHOTOS, Kept, Refused, keep_photo, photos_in, read_form
from services.ingest.connectors.upload import submission_of
from services.ingest.domain.mandate import Mandate
from services.ingest.store.campaigns import find_campaign
from services.ingest.store.given import free_native_id
from services.ingest.store.items import hand_in
from services.ingest.store.series import read_series

router = APIRouter(prefix="/k/{token}", tags=["curators"])

#: What one photo's words may be.
_LONGEST_LINE = 2_000


#: Takes what stands in a form for a turn of a campaign.
Taker = Callable[
    [FormData, Opened, Mandate, CampaignAnnounced, Request, Parts], Awaitable[Response]
]


@dataclass(frozen=True)
class _Taken:
    """A photo that was taken: its item, and `counted`, `late`, `spare`, `beyond` or `double`."""

    filename: str
    item: ItemId
    outcome: str


@router.post(
    "/photos",
    status_code=201,
    responses={409: {"description": "Not now, and why"}, 422: {"description": "What to mend"}},
)
async def give(opened: Opening, request: Request, needs: Needs) -> Response:
    """Take photos for a turn; sending one again is harmless.

    Multipart fields: `mandate`, `photos` (1 to 10 files), `alt` and `line` (one for each photo, in
    the same order), `minor` and `guardian` (`yes` when ticked), `place`.
    """
    return await taken_by(_take, opened, request, needs)


async def taken_by(take: Taker, opened: Opened, request: Request, needs: Parts) -> Response:
    """Read a form for one of the curator's turns and have it taken, or say why not now."""
    form = await read_form(request)
    try:
        mandate = opened.mandate(str(form.get("mandate") or ""))
        async with needs.database.transaction() as transaction:
            campaign = await find_campaign(transaction, mandate.campaign)
        assert campaign is not None  # noqa: S101 - a mandate's campaign stays
        closed = _closed(mandate, campaign, request, datetime.now(UTC))
        if closed is not None:
            return await refuse(request, needs, opened, mandate, 409, closed[0], [closed[1]])
        return await take(form, opened, mandate, campaign, request, needs)
    finally:
        await form.close()


def _closed(
    mandate: Mandate, campaign: CampaignAnnounced, request: Request, now: datetime
) -> tuple[str, str] | None:
    """Say why nothing is taken now, and what to do; None when something is."""
    pages = pages_of(request)
    phase = phase_of(mandate, now)
    if phase == "coming":
        language = pages.language(request)
        begins = moment_in_words(mandate.starts_at, mandate.time_zone, language)
        said = "Your turn begins on %(date)s. Keep your photos until then; this page takes them."
        return "not-begun", pages.text(request, said, date=begins)
    sentence = {
        "invited": "Say first that you take part; then this page takes your photos.",
        "lapsed": "This turn has passed. Ask the editors for another one.",
        "declined": "You said that you do not take part. You can still say yes above.",
        "cancelled": "This turn was taken off the calendar. Ask the editors about it.",
        "paused": "Your turn is paused by the editors. Keep your photos and send them afterwards.",
        "stopped": "Your turn was stopped by the editors. Ask them about it.",
    }.get(phase)
    if sentence is not None:
        return phase, pages.text(request, sentence)
    if now >= mandate.ends_at + GRACE:
        said = "Your turn ended too long ago. Send your photos by the campaign's open page."
        return "too-late", pages.text(request, said)
    if campaign.phase != "live" or not campaign.opens_at <= now < campaign.closes_at:
        said = "This campaign takes no photos just now. Keep them and come back."
        return "campaign-closed", pages.text(request, said)
    return None


async def _take(
    form: FormData,
    opened: Opened,
    mandate: Mandate,
    campaign: CampaignAnnounced,
    request: Request,
    needs: Parts,
) -> Response:
    photos = photos_in(form)
    pages = pages_of(request)
    if not photos or len(photos) > MOST_PHOTOS:
        said = "Choose at least one photo." if not photos else "Send at most ten photos at once."
        said = pages.text(request, said)
        return await refuse(request, needs, opened, mandate, 422, "form-incomplete", [said])
    kept: list[Kept] = []
    refused: list[Refused] = []
    alts = [str(a) for a in form.getlist("alt")]
    async with needs.turns:
        for n, photo in enumerate(photos):
            alt = alts[n] if n < len(alts) else ""
            answer = await keep_photo(photo, alt, campaign.campaign, request, needs)
            (kept if isinstance(answer, Kept) else refused).append(answer)  # type: ignore[arg-type]
    taken = await _hand_in_all(form, kept, opened, mandate, campaign, request, needs)
    if wants_page(request):
        if refused:
            faults = [f"{r.filename}: {r.detail}" for r in refused]
            return await refuse(request, needs, opened, mandate, 422, "photos-refused", faults)
        return back_to(request, opened, *(t.outcome for t in taken), mandate=mandate.mandate)
    if refused and not taken:
        faults = [r.detail for r in refused]
        return await refuse(request, needs, opened, mandate, 422, "photos-refused", faults)
    body = {"taken": [vars(t) for t in taken], "refused": [vars(r) for r in refused]}
    return JSONResponse(body, 201)


async def _hand_in_all(
    form: FormData,
    kept: Sequence[Kept],
    opened: Opened,
    mandate: Mandate,
    campaign: CampaignAnnounced,
    request: Request,
    needs: Parts,
) -> list[_Taken]:
    lines = [str(line)[:_LONGEST_LINE] for line in form.getlist("line")]
    taken: list[_Taken] = []
    staff = visitor(request)
    for n, photo in enumerate(kept):
        line = lines[n] if n < len(lines) else ""
        [submission] = submission_of(
            campaign=campaign.campaign,
            source=upload_source(campaign),
            token=mandate.mandate,
            photos=[(photo.sha256, photo.alt)],
            caption=line,
            name=opened.curator.name,
            consent=consent_of(form, mandate, campaign),
            observed_at=datetime.now(UTC),
            curator=opened.curator.curator,
            giver_account=staff.account if staff else None,
            place=place_of(form, campaign),
        )
        item, outcome = await hand_in_for(mandate, submission, opened, needs)
        taken.append(_Taken(photo.filename, item, outcome))
    return taken


async def hand_in_for(
    mandate: Mandate, submission: SubmissionReceived, opened: Opened, needs: Parts
) -> tuple[ItemId, str]:
    """Hand one thing in and note it on the turn's receipt; a twin that was faster wins.

    Answers its item, and `counted`, `late`, `spare`, `beyond` (its quota) or `double`.
    """
    original = (submission.media[0].original or "") if submission.media else ""
    try:
        async with needs.database.transaction() as transaction:
            fresh = await free_native_id(transaction, submission)
            if fresh is None:
                return submission.item, "double"
            outcome = await _outcome(transaction, mandate, photo=bool(original))
            if not await hand_in(transaction, needs.journal, fresh, opened.cause, first=True):
                return fresh.item, "double"
            given = [(fresh.item, original)]
            await keep_turn_receipt(transaction, opened, mandate, needs, given)
    except ConflictError:
        return submission.item, "double"
    return fresh.item, outcome


async def _outcome(transaction: Transaction, mandate: Mandate, *, photo: bool) -> str:
    """Say what comes of something given now; the stream has the last word."""
    now = datetime.now(UTC)
    deadline = mandate.series.deadline if mandate.series else None
    if now >= mandate.ends_at or (deadline is not None and now >= deadline):
        return "late"
    if not (photo and mandate.limited):
        return "counted"
    series, _ = await read_series(transaction, mandate)
    if series.filled < len(series.places):
        return "counted"
    return "spare" if mandate.series is not None else "beyond"


def consent_of(form: FormData, mandate: Mandate, campaign: CampaignAnnounced) -> Consent:
    """Give the consent of the turn, with what was ticked about these photos."""
    agreed = mandate.accepted or Consent(
        version=campaign.consent_version,
        given_at=datetime.now(UTC),
        made=False,
        licence=False,
        people=False,
        minor=False,
    )
    minor = form.get("minor") == "yes"
    return agreed.model_copy(
        update={
            "evidence": "mandate",
            "minor": minor,
            "guardian": minor and form.get("guardian") == "yes",
        }
    )


def place_of(form: FormData, campaign: CampaignAnnounced) -> str | None:
    """Give the place that was chosen, when it is one of the campaign's."""
    wanted = str(form.get("place") or "")
    return wanted if wanted in campaign.places else None


def upload_source(campaign: CampaignAnnounced) -> SourceId:
    """Give the source of uploads; a curator may give by link also where nobody else may upload."""
    for source in campaign.sources:
        if source.connector == "upload":
            return source.source
    return SourceId(f"{campaign.campaign}/upload")
