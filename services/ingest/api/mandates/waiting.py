"""The waiting list: who would like a turn, and giving them one that nobody has."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from services.chassis.journal import Cause
from services.chassis.web import wants_page
from services.contracts.ids import CampaignId, CuratorId
from services.ingest.api.campaigns import the_campaign
from services.ingest.api.deps import Needs
from services.ingest.api.mandates.calendar import calendar_page
from services.ingest.api.mandates.forms import (
    UNCLEAR,
    Planner,
    UnclearFormError,
    back,
    faults_of,
    instant,
    quota,
    source_of,
    words,
)
from services.ingest.domain.people import UnreadablePeopleError, read_people
from services.ingest.store.plans import Turn, find_or_keep, plan, stop_waiting, wait_for_turn

router = APIRouter(tags=["mandates"], include_in_schema=False)

#: What planners may note about people who wait.
_LONGEST_NOTE = 500


@router.post("/manage/campaigns/{campaign}/waiting")
async def add_waiting(campaign: str, request: Request, _staff: Planner, needs: Needs) -> Response:
    """Put people on the waiting list. Fields: `people` (a line each), `words` about them."""
    known = CampaignId(campaign)
    await the_campaign(known, needs)
    form = await request.form()
    try:
        people = read_people(words(form, "people", 10_000))
    except UnreadablePeopleError as error:
        faults = faults_of(request, error)
        return await calendar_page(known, request, needs, faults=faults, form=form)
    note = words(form, "words", _LONGEST_NOTE)
    async with needs.database.transaction() as transaction:
        for person in people:
            if person.name:
                curator = await find_or_keep(transaction, person)
                await wait_for_turn(transaction, known, curator, note)
    return back(request, f"/manage/campaigns/{campaign}/mandates", "waiting")


@router.post("/manage/campaigns/{campaign}/waiting/{curator}/remove")
async def remove_waiting(
    campaign: str, curator: str, request: Request, _staff: Planner, needs: Needs
) -> Response:
    """Take somebody off the waiting list."""
    async with needs.database.transaction() as transaction:
        await stop_waiting(transaction, CampaignId(campaign), CuratorId(curator))
    return back(request, f"/manage/campaigns/{campaign}/mandates", "removed")


@router.post("/manage/campaigns/{campaign}/turns/give")
async def give_turn(campaign: str, request: Request, staff: Planner, needs: Needs) -> Response:
    """Plan a turn that nobody has for somebody who waits, and take them off the list.

    Fields: `curator`, `starts`, `ends` with their offsets, `source`, `quota`.
    """
    known = CampaignId(campaign)
    found = await the_campaign(known, needs)
    form = await request.form()
    try:
        starts_at = instant(form, "starts", found.time_zone)
        ends_at = instant(form, "ends", found.time_zone)
        turn = Turn(starts_at, ends_at, CuratorId(words(form, "curator")))
        async with needs.database.transaction() as transaction:
            if not await stop_waiting(transaction, known, turn.curator):
                message = "Nobody waits under this name any more. Choose somebody else."
                raise UnclearFormError(message)
            [planned] = await plan(
                transaction,
                needs.journal,
                found,
                [turn],
                source=source_of(form),
                overlap=found.series is not None,
                quota=quota(form),
                cause=Cause.by(staff.actor),
            )
    except UNCLEAR as error:
        faults = faults_of(request, error)
        return await calendar_page(known, request, needs, faults=faults)
    if wants_page(request):
        return back(request, f"/manage/campaigns/{campaign}/mandates", "planned")
    return JSONResponse({"mandates": [planned.mandate]}, 201)
