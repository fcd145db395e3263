"""A campaign's calendar: turns, gaps, overlaps, who waits, and planning a year at once."""

from datetime import UTC, datetime, timedelta
from functools import partial

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import FormData

from services.chassis.journal import Cause
from services.chassis.language import moment_in_short
from services.chassis.web import pages_of, wants_page
from services.contracts.ids import CampaignId
from services.contracts.ingest import CampaignAnnounced
from services.ingest.api.campaigns import the_campaign
from services.ingest.api.deps import Needs
from services.ingest.api.mandates.forms import (
    UNCLEAR,
    Planner,
    Reader,
    UnclearFormError,
    back,
    faults_of,
    instant,
    local,
    moment,
    number,
    quota,
    source_of,
    ticked,
    which_of_two,
    words,
)
from services.ingest.api.mandates.rows import ahead, rows_of
from services.ingest.domain.campaign_written import Rotation
from services.ingest.domain.mandate import Mandate
from services.ingest.domain.people import Invitee, read_people
from services.ingest.domain.planning import OutsideWindowError, slots, standing, up_to
from services.ingest.store.campaigns import KeptCampaign, kept_campaign
from services.ingest.store.mandates import list_mandates
from services.ingest.store.plans import (
    Turn,
    find_or_keep,
    list_waiting,
    plan,
    stop_waiting,
)

router = APIRouter(tags=["mandates"], include_in_schema=False)

#: The longest rotation that one form plans: a year of weeks, and some.
MOST_TURNS = 60
_TWO_WEEKS = 14


@router.get("/manage/campaigns/{campaign}/mandates")
async def page(campaign: str, request: Request, _staff: Reader, needs: Needs) -> Response:
    """Show the calendar, and the forms by which it is planned."""
    return await calendar_page(CampaignId(campaign), request, needs)


async def calendar_page(
    campaign: CampaignId,
    request: Request,
    needs: Needs,
    *,
    faults: tuple[str, ...] = (),
    form: FormData | None = None,
) -> Response:
    """Show the calendar, with what is to be mended in a form that was sent from it."""
    found = await the_campaign(campaign, needs)
    async with needs.database.transaction() as transaction:
        kept = await kept_campaign(transaction, campaign)
        mandates = await list_mandates(transaction, campaign)
        waiting = await list_waiting(transaction, campaign)
        feed = await needs.links.live(transaction, "calendar", campaign)
    now = datetime.now(UTC)
    rotation = _rotation(kept)
    rows = rows_of(mandates, found, rotation, now)
    given = {} if form is None else {k: v for k, v in form.items() if isinstance(v, str)}
    return pages_of(request).page(
        request,
        "manage/mandates.html",
        status=422 if faults else 200,
        campaign=found,
        when=partial(
            moment_in_short,
            zone=found.time_zone,
            language=pages_of(request).language(request),
        ),
        rows=rows,
        ahead=ahead(rows),
        waiting=waiting,
        feed=f"/calendar/{needs.links.token(feed)}.ics" if feed else "",
        given=given,
        faults=faults,
        said=request.query_params.get("said", ""),
        days=rotation.days if rotation else _TWO_WEEKS,
        next_start=_next_start(mandates, found, rotation, now),
        opens=local(found.opens_at, found.time_zone),
        closes=local(found.closes_at, found.time_zone),
        sources=[s for s in found.sources if s.handed_over],
    )


def _rotation(kept: KeptCampaign | None) -> Rotation | None:
    """Give how mandates follow each other, where the campaign was written so."""
    written = kept.written.get("rotation") if kept else None
    return Rotation.model_validate(written) if written else None


def _next_start(
    mandates: list[Mandate], campaign: CampaignAnnounced, rotation: Rotation | None, now: datetime
) -> datetime:
    """Propose where planning goes on: after the last turn, else as written, else on a Monday."""
    last = max((m.ends_at for m in standing(mandates)), default=now)
    if last > now:
        return local(last, campaign.time_zone)
    today = local(max(now, campaign.opens_at), campaign.time_zone)
    if rotation is not None:
        first, term = rotation.first_local, timedelta(days=rotation.days)
        # The number of whole turns after which the first change comes that has not passed.
        return first + term * max(0, -((first - today.replace(tzinfo=None)) // term))
    monday = today + timedelta(days=-today.weekday() % 7)
    monday = monday.replace(hour=9, minute=0, second=0, microsecond=0)
    return monday if monday >= today else monday + timedelta(days=7)


@router.post("/manage/campaigns/{campaign}/mandates")
async def plan_turns(campaign: str, request: Request, staff: Planner, needs: Needs) -> Response:
    """Plan turns: one after the other (`how=rotation`), or all at the same time (`together`).

    Fields: `people` (a line each), `first`, `days`, `turns` for a rotation, `starts`, `ends` for
    turns together, `source`, `quota`, `overlap`, `later` (`first`, `second`). All of it is planned,
    or nothing; the last turn of a rotation ends with the campaign.
    """
    known = CampaignId(campaign)
    found = await the_campaign(known, needs)
    form = await request.form()
    try:
        wished = _times(form, found)
        people = read_people(words(form, "people", 10_000))
        times = _spread(form, wished, people, found)
        async with needs.database.transaction() as transaction:
            turns = [
                Turn(starts_at, ends_at, await find_or_keep(transaction, person))
                for (starts_at, ends_at), person in zip(times, people, strict=False)
                if person.name
            ]
            planned = await plan(
                transaction,
                needs.journal,
                found,
                turns,
                source=source_of(form),
                overlap=found.series is not None or ticked(form, "overlap"),
                quota=quota(form),
                cause=Cause.by(staff.actor),
            )
            for turn in turns:
                await stop_waiting(transaction, known, turn.curator)
    except UNCLEAR as error:
        faults = faults_of(request, error)
        return await calendar_page(known, request, needs, faults=faults, form=form)
    shortened = any((m.starts_at, m.ends_at) not in wished for m in planned)
    if wants_page(request):
        said = "planned-short" if shortened else "planned"
        return back(request, f"/manage/campaigns/{campaign}/mandates", said)
    return JSONResponse({"mandates": [m.mandate for m in planned], "shortened": shortened}, 201)


def _times(form: FormData, campaign: CampaignAnnounced) -> list[tuple[datetime, datetime]]:
    """Give the times that are wished for: those of a rotation, or one for all."""
    zone = campaign.time_zone
    if words(form, "how") == "rotation":
        days = number(form, "days", 366)
        turns = number(form, "turns", MOST_TURNS)
        return slots(moment(form, "first"), days, turns, zone, later=which_of_two(form))
    return [(instant(form, "starts", zone), instant(form, "ends", zone))]


def _spread(
    form: FormData,
    times: list[tuple[datetime, datetime]],
    people: tuple[Invitee, ...],
    campaign: CampaignAnnounced,
) -> list[tuple[datetime, datetime]]:
    """Give a time for each of the people: the next one, or the same as everybody's."""
    if not people:
        message = "Write at least one name."
        raise UnclearFormError(message)
    if words(form, "how") != "rotation":
        return times * len(people)
    if len(people) > len(times):
        message = "There are more names than turns. Plan more turns, or leave names out."
        raise UnclearFormError(message)
    within = up_to(times, campaign)
    if len(people) > len(within):
        raise OutsideWindowError(campaign)
    return within
