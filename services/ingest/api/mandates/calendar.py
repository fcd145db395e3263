"""A campaign's calendar: turns, gaps, overlaps, who waits, and planning a year at once."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import FormData

from services.chassis.database import Transaction
from services.chassis.journal import Cause
from services.chassis.language import moment_in_short
from services.chassis.web import pages_of, wants_page
from services.contracts.ids import CampaignId, CuratorId, SourceId
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
    ticked,
    words,
)
from services.ingest.domain.campaign_written import Rotation
from services.ingest.domain.mandate import Mandate
from services.ingest.domain.people import Invitee, UnreadablePeopleError, read_people
from services.ingest.domain.planning import overlaps_and_gaps, slots, standing
from services.ingest.store.campaigns import KeptCampaign, kept_campaign
from services.ingest.store.mandates import list_mandates
from services.ingest.store.plans import (
    Turn,
    find_or_keep,
    list_waiting,
    plan,
    stop_waiting,
    wait_for_turn,
)

router = APIRouter(tags=["mandates"], include_in_schema=False)

#: The longest rotation that one form plans: a year of weeks, and some.
MOST_TURNS = 60
_TWO_WEEKS = 14


@dataclass(frozen=True)
class Row:
    """A line of the calendar: a mandate, or a time that nobody has."""

    starts_at: datetime
    ends_at: datetime
    mandate: Mandate | None = None
    now: bool = False
    past: bool = False
    clash: bool = False


def rows_of(mandates: list[Mandate], zone: str, now: datetime) -> list[Row]:
    """Order mandates and gaps by time, in local time; gaps count from now to the last end."""
    planned = standing(mandates)
    last = max((m.ends_at for m in planned), default=now)
    since = max(now, min((m.starts_at for m in planned), default=now))
    pairs, gaps = overlaps_and_gaps(planned, since, max(last, since))
    clashing = {m.mandate for pair in pairs for m in pair}
    rows = [
        Row(
            local(m.starts_at, zone),
            local(m.ends_at, zone),
            m,
            now=m in planned and m.starts_at <= now < m.ends_at,
            past=m.ends_at <= now,
            clash=m.mandate in clashing and m.series is None,
        )
        for m in mandates
    ]
    rows += [Row(local(a, zone), local(b, zone)) for a, b in gaps if b > a]
    return sorted(rows, key=lambda row: (row.starts_at, row.mandate is None))


@router.get("/manage/campaigns/{campaign}/mandates")
async def page(campaign: str, request: Request, _staff: Reader, needs: Needs) -> Response:
    """Show the calendar, and the forms by which it is planned."""
    return await _page(CampaignId(campaign), request, needs)


async def _page(
    campaign: CampaignId,
    request: Request,
    needs: Needs,
    *,
    faults: tuple[str, ...] = (),
    form: FormData | None = None,
) -> Response:
    found = await the_campaign(campaign, needs)
    async with needs.database.transaction() as transaction:
        kept = await kept_campaign(transaction, campaign)
        mandates = await list_mandates(transaction, campaign)
        waiting = await list_waiting(transaction, campaign)
        feed = await needs.links.live(transaction, "calendar", campaign)
    now = datetime.now(UTC)
    days, first = _rotation(kept)
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
        rows=rows_of(mandates, found.time_zone, now),
        waiting=waiting,
        feed=f"/calendar/{needs.links.token(feed)}.ics" if feed else "",
        given=given,
        faults=faults,
        said=request.query_params.get("said", ""),
        days=days,
        next_start=_next_start(mandates, found, first, now),
        opens=local(found.opens_at, found.time_zone),
        closes=local(found.closes_at, found.time_zone),
        sources=[s for s in found.sources if s.handed_over],
    )


def _rotation(kept: KeptCampaign | None) -> tuple[int, datetime | None]:
    """Give how long each turn is, and from when, as the campaign was written."""
    written = kept.written.get("rotation") if kept else None
    if not written:
        return _TWO_WEEKS, None
    rotation = Rotation.model_validate(written)
    return rotation.days, rotation.first_local


def _next_start(
    mandates: list[Mandate], campaign: CampaignAnnounced, first: datetime | None, now: datetime
) -> datetime:
    """Propose where planning goes on: after the last turn, else as written, else next Monday."""
    last = max((m.ends_at for m in standing(mandates)), default=now)
    if last > now:
        return local(last, campaign.time_zone)
    today = local(max(now, campaign.opens_at), campaign.time_zone)
    if first is not None and first.replace(tzinfo=today.tzinfo) > today:
        return first
    monday = today + timedelta(days=(7 - today.weekday()) % 7 or 7)
    return monday.replace(hour=9, minute=0, second=0, microsecond=0)


@router.post("/manage/campaigns/{campaign}/mandates")
async def plan_turns(campaign: str, request: Request, staff: Planner, needs: Needs) -> Response:
    """Plan turns: one after the other (`how=rotation`), or all at the same time (`together`).

    Fields: `people` (a line each), `first`, `days`, `turns` for a rotation, `starts`, `ends` for
    turns together, `source`, `overlap`, `later`. All of it is planned, or nothing.
    """
    known = CampaignId(campaign)
    found = await the_campaign(known, needs)
    form = await request.form()
    try:
        times, people = _times(form, found), read_people(words(form, "people", 10_000))
        async with needs.database.transaction() as transaction:
            turns = await _turns(transaction, times, people)
            source = words(form, "source")
            planned = await plan(
                transaction,
                needs.journal,
                found,
                turns,
                source=SourceId(source) if source else None,
                overlap=found.series is not None or ticked(form, "overlap"),
                cause=Cause.by(staff.actor),
            )
            for turn in turns:
                await stop_waiting(transaction, known, turn.curator)
    except UNCLEAR as error:
        faults = faults_of(request, error)
        return await _page(known, request, needs, faults=faults, form=form)
    if wants_page(request):
        return back(request, f"/manage/campaigns/{campaign}/mandates", "planned")
    return JSONResponse({"mandates": [m.mandate for m in planned]}, 201)


def _times(form: FormData, campaign: CampaignAnnounced) -> list[tuple[datetime, datetime]]:
    """Give the times that are wished for: those of a rotation, or one for all."""
    if words(form, "how") == "rotation":
        days = number(form, "days", 366)
        turns = number(form, "turns", MOST_TURNS)
        return slots(moment(form, "first"), days, turns, campaign.time_zone)
    zone = campaign.time_zone
    return [(instant(form, "starts", zone), instant(form, "ends", zone))]


async def _turns(
    transaction: Transaction,
    times: list[tuple[datetime, datetime]],
    people: tuple[Invitee, ...],
) -> list[Turn]:
    """Give each of the people a turn: the next one, or the same as everybody."""
    if not people:
        message = "Write at least one name."
        raise UnclearFormError(message)
    if len(times) > 1 and len(people) > len(times):
        message = "There are more names than turns. Plan more turns, or leave names out."
        raise UnclearFormError(message)
    spread = times if len(times) > 1 else times * len(people)
    return [
        Turn(starts_at, ends_at, await find_or_keep(transaction, person))
        for (starts_at, ends_at), person in zip(spread, people, strict=False)
        if person.name
    ]


@router.post("/manage/campaigns/{campaign}/waiting")
async def add_waiting(campaign: str, request: Request, _staff: Planner, needs: Needs) -> Response:
    """Put people on the waiting list."""
    known = CampaignId(campaign)
    await the_campaign(known, needs)
    form = await request.form()
    try:
        people = read_people(words(form, "people", 10_000))
    except UnreadablePeopleError as error:
        return await _page(known, request, needs, faults=faults_of(request, error), form=form)
    async with needs.database.transaction() as transaction:
        for person in people:
            if person.name:
                await wait_for_turn(transaction, known, await find_or_keep(transaction, person))
    return back(request, f"/manage/campaigns/{campaign}/mandates", "waiting")


@router.post("/manage/campaigns/{campaign}/waiting/{curator}/remove")
async def remove_waiting(
    campaign: str, curator: str, request: Request, _staff: Planner, needs: Needs
) -> Response:
    """Take somebody off the waiting list."""
    async with needs.database.transaction() as transaction:
        await stop_waiting(transaction, CampaignId(campaign), CuratorId(curator))
    return back(request, f"/manage/campaigns/{campaign}/mandates", "removed")
