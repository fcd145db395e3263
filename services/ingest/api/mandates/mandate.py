"""One mandate: invite, move, pause, end, stop, and count what came late or during a pause."""

from datetime import UTC, datetime, timedelta
from functools import partial

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import FormData

from services.chassis.database import Transaction
from services.chassis.journal import Cause, ConflictError
from services.chassis.language import moment_in_words
from services.chassis.web import Problem, pages_of, wants_page
from services.contracts.ids import CampaignId, ItemId, MandateId
from services.ingest.api.campaigns import the_campaign
from services.ingest.api.deps import Needs, Parts
from services.ingest.api.mandates.forms import (
    UNCLEAR,
    Planner,
    Reader,
    back,
    changed_meanwhile,
    instant,
    local,
    moment,
    refused,
    ticked,
    which_of_two,
)
from services.ingest.domain.mandate import (
    Cancel,
    Command,
    End,
    Invite,
    Mandate,
    MandateError,
    Move,
    PauseMandate,
    Resume,
    Show,
    Stop,
)
from services.ingest.domain.planning import insist_on_window
from services.ingest.store.campaigns import find_campaign
from services.ingest.store.counting import admit, recount
from services.ingest.store.curators import find_curator
from services.ingest.store.mandates import (
    change_mandate,
    find_mandate,
    list_mandates,
    note_from_last,
)
from services.ingest.store.messages import enqueue, enqueue_link
from services.ingest.store.plans import uncounted_items

router = APIRouter(tags=["mandates"], include_in_schema=False)

#: How long a curator's link stays good after their mandate, to look back and to take back.
LINK_LASTS = timedelta(days=400)
#: Moves that need nothing but the press of a button.
_PLAIN: dict[str, Command] = {
    "pause": PauseMandate(),
    "resume": Resume(),
    "end": End(),
    "show": Show(),
    "cancel": Cancel(),
}


async def the_mandate(transaction: Transaction, mandate: str) -> Mandate:
    """Find a mandate. Raises Problem when there is none."""
    found = await find_mandate(transaction, MandateId(mandate))
    if found is None:
        raise Problem(404, "mandate-unknown", "There is no such mandate. Look at the calendar.")
    return found


@router.get("/manage/mandates/{mandate}")
async def page(mandate: str, request: Request, _staff: Reader, needs: Needs) -> Response:
    """Show a mandate with everything that can be done about it."""
    async with needs.database.transaction() as transaction:
        found = await the_mandate(transaction, mandate)
        curator = await find_curator(transaction, found.holder.curator)
        uncounted = await uncounted_items(transaction, found.mandate)
        note = await note_from_last(transaction, found)
        link = await needs.links.live(transaction, "curator", found.holder.curator)
    campaign = await the_campaign(found.campaign, needs)
    now = datetime.now(UTC)
    return pages_of(request).page(
        request,
        "manage/mandate.html",
        mandate=found,
        curator=curator,
        campaign=campaign,
        uncounted=uncounted,
        note=note,
        address=_address(needs, request, link) if link else "",
        when=partial(
            moment_in_words, zone=found.time_zone, language=pages_of(request).language(request)
        ),
        starts=local(found.starts_at, found.time_zone),
        ends=local(found.ends_at, found.time_zone),
        begun=found.starts_at <= now,
        over=found.ends_at <= now,
        said=request.query_params.get("said", ""),
    )


def _address(needs: Parts, request: Request, link: str) -> str:
    return f"{request.app.state.settings.ingest_url}/k/{needs.links.token(link)}"


@router.post("/manage/mandates/{mandate}/invite")
async def invite(mandate: str, request: Request, staff: Planner, needs: Needs) -> Response:
    """Invite the curator, or send the invitation once more; answers the private link.

    Without an address nothing is sent: the link is there to be handed over.
    """
    async with needs.database.transaction() as transaction:
        found = await the_mandate(transaction, mandate)
        link = await send_invitation(transaction, needs, found, request, Cause.by(staff.actor))
    if wants_page(request):
        return back(request, f"/manage/mandates/{mandate}", "invited")
    return JSONResponse({"link": _address(needs, request, link)}, 201)


async def send_invitation(
    transaction: Transaction, needs: Parts, mandate: Mandate, request: Request, cause: Cause
) -> str:
    """Make a mandate's invitation and queue the letter; answers the id of the link."""
    curator = await find_curator(transaction, mandate.holder.curator)
    link = await needs.links.live(transaction, "curator", mandate.holder.curator)
    if link is None:
        link = await _make_link(transaction, needs, mandate)
    try:
        invited = await change_mandate(transaction, needs.journal, mandate, Invite(link), cause)
    except MandateError as error:
        raise refused(request, error) from None
    except ConflictError:
        raise changed_meanwhile() from None
    if curator is not None and curator.mail:
        await enqueue(
            transaction,
            key=f"invitation:{mandate.mandate}:{invited.version}",
            kind="invitation",
            receiver=curator.mail,
            language=curator.language,
            facts={"mandate": mandate.mandate, "link": link},
        )
    return link


async def _make_link(transaction: Transaction, needs: Parts, mandate: Mandate) -> str:
    return await needs.links.make(
        transaction, "curator", mandate.holder.curator, mandate.ends_at + LINK_LASTS
    )


@router.post("/manage/campaigns/{campaign}/mandates/invite-all")
async def invite_all(campaign: str, request: Request, staff: Planner, needs: Needs) -> Response:
    """Invite everybody who is planned and was not asked yet."""
    invited = 0
    async with needs.database.transaction() as transaction:
        for found in await list_mandates(transaction, CampaignId(campaign)):
            if found.state == "planned" and found.ends_at > datetime.now(UTC):
                await send_invitation(transaction, needs, found, request, Cause.by(staff.actor))
                invited += 1
    if wants_page(request):
        return back(request, f"/manage/campaigns/{campaign}/mandates", "invited")
    return JSONResponse({"invited": invited}, 201)


@router.post("/manage/mandates/{mandate}/new-link")
async def new_link(mandate: str, request: Request, staff: Planner, needs: Needs) -> Response:
    """Make the curator a new link; those they had until now stop working."""
    async with needs.database.transaction() as transaction:
        found = await the_mandate(transaction, mandate)
        await needs.links.revoke(transaction, "curator", found.holder.curator)
        link = await _make_link(transaction, needs, found)
        curator = await find_curator(transaction, found.holder.curator)
        if curator is not None:
            to = curator.mail
            await enqueue_link(transaction, link, to, curator.language, mandate=found.mandate)
    if wants_page(request):
        return back(request, f"/manage/mandates/{mandate}", "linked")
    return JSONResponse({"link": _address(needs, request, link), "by": staff.account}, 201)


@router.post("/manage/mandates/{mandate}/admit/{item}")
async def count_by_hand(
    mandate: str, item: str, request: Request, staff: Planner, needs: Needs
) -> Response:
    """Count an item that came late or during a pause."""
    async with needs.database.transaction() as transaction:
        found = await the_mandate(transaction, mandate)
        cause = Cause.by(staff.actor)
        try:
            await admit(transaction, needs.journal, ItemId(item), found.mandate, cause)
        except MandateError as error:
            raise refused(request, error) from None
    return back(request, f"/manage/mandates/{mandate}", "admitted")


@router.post("/manage/mandates/{mandate}/{move}")
async def change(
    mandate: str, move: str, request: Request, staff: Planner, needs: Needs
) -> Response:
    """Move, pause, resume, end, stop, show again or cancel a mandate.

    Fields: `starts`, `ends` and `later` (`first`, `second`) to move it, `hide` to stop it and take
    what it gave out of view.
    """
    form = await request.form()
    async with needs.database.transaction() as transaction:
        found = await the_mandate(transaction, mandate)
        try:
            command = _command(move, form, found)
            if isinstance(command, Move) and (
                campaign := await find_campaign(transaction, found.campaign)
            ):
                insist_on_window(command.starts_at, command.ends_at, campaign, before=found)
            after = await change_mandate(
                transaction, needs.journal, found, command, Cause.by(staff.actor)
            )
        except UNCLEAR as error:
            raise refused(request, error) from None
        except ConflictError:
            raise changed_meanwhile() from None
        if move != "stop":
            await recount(transaction, needs.journal, found.campaign, Cause.by(staff.actor))
    if move == "stop":
        # It is announced before all items of the campaign are counted anew. Where that fails, a
        # second stop, or the next change of any mandate, does it.
        async with needs.database.transaction() as transaction:
            await recount(transaction, needs.journal, found.campaign, Cause.by(staff.actor))
    if wants_page(request):
        return back(request, f"/manage/mandates/{mandate}", move)
    return JSONResponse({"state": after.state, "hidden": after.hidden})


def _command(move: str, form: FormData, mandate: Mandate) -> Command:
    if move == "move":
        return Move(
            _moved(form, "starts", mandate.starts_at, mandate.time_zone),
            _moved(form, "ends", mandate.ends_at, mandate.time_zone),
        )
    if move == "stop":
        return Stop(hide=ticked(form, "hide"))
    if move not in _PLAIN:
        raise Problem(404, "move-unknown", "Nothing like that can be done about a mandate.")
    return _PLAIN[move]


def _moved(form: FormData, field: str, stands: datetime, zone: str) -> datetime:
    """Give the instant of a field; what stands as it was shown is what stood there."""
    shown = local(stands, zone).replace(tzinfo=None, microsecond=0)
    kept = moment(form, field) == shown and which_of_two(form) is None
    return stands if kept else instant(form, field, zone)
