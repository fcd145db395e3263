"""Giving words, or a link to a page, a song or a video, by a curator's own link."""

import hashlib
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import FormData

from services.chassis.auth import visitor
from services.chassis.web import pages_of, wants_page
from services.contracts.ingest import CampaignAnnounced, Link
from services.ingest.api.curators.answers import refuse
from services.ingest.api.curators.giving import (
    consent_of,
    hand_in_for,
    place_of,
    taken_by,
    upload_source,
)
from services.ingest.api.curators.opening import Opened, Opening
from services.ingest.api.curators.page import back_to
from services.ingest.api.deps import Needs, Parts
from services.ingest.api.upload_form import offer_of
from services.ingest.connectors.upload import submission_of
from services.ingest.domain.given_address import InvalidReferenceError, reference_to
from services.ingest.domain.mandate import Mandate

router = APIRouter(prefix="/k/{token}", tags=["curators"])

_LONGEST_WORDS = 10_000


class _NotGivenError(ValueError):
    """Nothing that this campaign takes stands in the form; the message is a sentence."""


@router.post(
    "/words",
    status_code=201,
    responses={409: {"description": "Not now, and why"}, 422: {"description": "What to mend"}},
)
async def give_words(opened: Opening, request: Request, needs: Needs) -> Response:
    """Take words or a link for a turn; sending the same again is harmless.

    Form fields: `mandate`, `words`, `link`, `link_title`, `place`. Without a link the words alone
    are given, where the campaign takes text.
    """
    return await taken_by(_take, opened, request, needs)


async def _take(
    form: FormData,
    opened: Opened,
    mandate: Mandate,
    campaign: CampaignAnnounced,
    request: Request,
    needs: Parts,
) -> Response:
    try:
        words, link = _given(form, campaign)
    except (_NotGivenError, InvalidReferenceError) as error:
        said = pages_of(request).text(request, str(error))
        return await refuse(request, needs, opened, mandate, 422, "form-incomplete", [said])
    # The same words are the same item, however often the form is sent.
    mark = hashlib.sha256(f"{link.url if link else ''}\n{words}".encode()).hexdigest()[:32]
    staff = visitor(request)
    [submission] = submission_of(
        campaign=campaign.campaign,
        source=upload_source(campaign),
        token=f"{mandate.mandate}.{mark}",
        photos=[],
        caption=words,
        name=opened.curator.name,
        consent=consent_of(form, mandate, campaign),
        observed_at=datetime.now(UTC),
        curator=opened.curator.curator,
        giver_account=staff.account if staff else None,
        place=place_of(form, campaign),
        link=link,
    )
    item, outcome = await hand_in_for(mandate, submission, opened, needs)
    if wants_page(request):
        code = "said-before" if outcome == "double" else outcome
        return back_to(request, opened, code, mandate=mandate.mandate)
    return JSONResponse({"item": item, "outcome": outcome}, 201)


def _given(form: FormData, campaign: CampaignAnnounced) -> tuple[str, Link | None]:
    """Read what was given. Raises _NotGivenError and InvalidReferenceError."""
    offer = offer_of(campaign)
    words = str(form.get("words") or "").strip()[:_LONGEST_WORDS]
    address = str(form.get("link") or "").strip()
    if address and offer.link:
        return words, reference_to(address, str(form.get("link_title") or ""))
    if words and offer.text:
        return words, None
    if offer.link and not offer.text:
        message = "Write the address of a page, a song or a video."
    elif offer.text:
        message = "There is nothing in the form yet. Write something."
    else:
        message = "This campaign takes photos only."
    raise _NotGivenError(message)
