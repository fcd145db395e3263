"""What a curator answers: yes or no to a turn, and a note to the next one."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from services.chassis.auth import visitor
from services.chassis.database import Transaction
from services.chassis.journal import ConflictError
from services.chassis.web import Problem, pages_of, wants_page
from services.contracts.ingest import CampaignAnnounced, Channel, Consent
from services.ingest.api.consenting import Wording, channels_of, keep_wording
from services.ingest.api.curators.opening import Opened, Opening
from services.ingest.api.curators.page import back_to, render, turn_wording
from services.ingest.api.curators.turn_receipt import keep_turn_receipt
from services.ingest.api.deps import Needs, Parts
from services.ingest.api.photos import read_form
from services.ingest.domain.consent import term_end
from services.ingest.domain.mandate import AcceptMandate, Decline, Mandate, MandateError, Way
from services.ingest.domain.mandate_words import for_curator
from services.ingest.store.campaigns import find_campaign
from services.ingest.store.counting import recount
from services.ingest.store.curators import know_staff_account
from services.ingest.store.mandates import (
    announce_again,
    change_mandate,
    find_mandate,
    mandates_of,
    note_to_next,
)

router = APIRouter(prefix="/k/{token}", tags=["curators"])

#: How a curator may post; by this page, where they say nothing.
_WAYS: Final[tuple[Way, ...]] = ("link", "account")
#: What a curator may write to the next one.
_LONGEST_NOTE = 4_000


@router.post("/accept", responses={422: {"description": "What to tick"}})
async def accept(opened: Opening, request: Request, needs: Needs) -> Response:
    """Say yes to a turn.

    Fields: `mandate`, `made` (`yes`), `channel` (each ticked one), `way` (`link`, `account`),
    `text_digest` (of the text that was shown: another one is refused, with the present text).
    """
    form = await read_form(request)
    mandate = opened.mandate(str(form.get("mandate") or ""))
    if mandate.state == "accepted":
        return _done(request, opened, "accepted", mandate)
    async with needs.database.transaction() as transaction:
        campaign = await find_campaign(transaction, mandate.campaign)
    assert campaign is not None  # noqa: S101 - a mandate's campaign stays
    channels = _ticked(form, campaign)
    wording = turn_wording(request, campaign)
    code, faults = _faults(form, channels, wording)
    if faults:
        said = [pages_of(request).text(request, fault) for fault in faults]
        kept = _still_ticked(form, wording)
        return await refuse(request, needs, opened, mandate, 422, code, said, ticked=kept)
    try:
        async with needs.database.transaction() as transaction:
            await _know_staff(transaction, opened, request, needs)
            consent = await _consent(transaction, campaign, channels, wording)
            ways: tuple[Way, ...] = tuple(w for w in _WAYS if w in form.getlist("way"))
            fresh = await find_mandate(transaction, mandate.mandate)
            wish = AcceptMandate(campaign.rules_version, consent, ways or _WAYS[:1])
            await change_mandate(transaction, needs.journal, fresh or mandate, wish, opened.cause)
            await recount(transaction, needs.journal, mandate.campaign, opened.cause)
            await keep_turn_receipt(transaction, opened, mandate, needs)
    except MandateError as error:
        said = pages_of(request).text(request, for_curator(error))
        return await refuse(request, needs, opened, mandate, 409, "not-possible", [said])
    except ConflictError:
        said = pages_of(request).text(request, "This turn was changed just now. Look again.")
        return await refuse(request, needs, opened, mandate, 409, "changed-elsewhere", [said])
    return _done(request, opened, "accepted", mandate)


def _ticked(form: FormData, campaign: CampaignAnnounced) -> tuple[Channel, ...]:
    wanted = {str(value) for value in form.getlist("channel")}
    return tuple(channel for channel in channels_of(campaign) if channel in wanted)


def _faults(form: FormData, channels: Sequence[Channel], wording: Wording) -> tuple[str, list[str]]:
    """List what must be mended, with a code for it."""
    faults: list[str] = []
    shown = str(form.get("text_digest") or "")
    changed = bool(shown) and shown != wording.digest
    if changed:
        faults.append("The text that you agree to was changed meanwhile. Read it, then send again.")
    if form.get("made") != "yes":
        faults.append("Tick that you give photos that you made yourself.")
    if "web" not in channels:
        faults.append("Tick that we may show your photos on the web; without that we cannot.")
    return "text-changed" if changed else "not-ticked", faults


def _still_ticked(form: FormData, wording: Wording) -> frozenset[str]:
    """Give what stays ticked on the page: nobody has ticked a sentence that they never saw."""
    boxes = {"made": wording.made, **dict(wording.channels)}
    ticked = {str(value) for value in form.getlist("channel")}
    ticked |= {"made"} if form.get("made") == "yes" else set()
    same = (
        name
        for name, sentence in boxes.items()
        if name in ticked and form.get(f"said-{name}") in (None, wording.mark(sentence))
    )
    return frozenset((*same, *(str(way) for way in form.getlist("way"))))


async def _consent(
    transaction: Transaction,
    campaign: CampaignAnnounced,
    channels: tuple[Channel, ...],
    wording: Wording,
) -> Consent:
    """Make the consent of a whole turn, with the text that was shown and until when it holds."""
    now = datetime.now(UTC)
    return Consent(
        version=wording.version,
        given_at=now,
        made=True,
        licence=True,
        people=True,
        minor=False,
        channels=channels,
        until=term_end(now, campaign.consent_months),
        text_digest=await keep_wording(transaction, campaign, wording),
        language=wording.language,
        evidence="mandate",
    )


async def _know_staff(
    transaction: Transaction, opened: Opened, request: Request, needs: Parts
) -> None:
    """Remember a curator's account at the desk, so that they cannot decide on their own photos.

    One that is known stays: a colleague who opens the link must not take its guard away.
    """
    staff, curator = visitor(request), opened.curator.curator
    if staff is None or not await know_staff_account(transaction, curator, staff.account):
        return
    for mandate in await mandates_of(transaction, curator):
        if mandate.version:
            await announce_again(transaction, needs.journal, mandate, opened.cause)


@router.post("/decline")
async def decline(opened: Opening, request: Request, needs: Needs) -> Response:
    """Say no to a turn; what was given stays. Fields: `mandate`."""
    form = await read_form(request)
    mandate = opened.mandate(str(form.get("mandate") or ""))
    if mandate.state != "declined":
        try:
            async with needs.database.transaction() as transaction:
                await change_mandate(transaction, needs.journal, mandate, Decline(), opened.cause)
                await recount(transaction, needs.journal, mandate.campaign, opened.cause)
        except (MandateError, ConflictError) as error:
            known = isinstance(error, MandateError)
            said = for_curator(error) if known else "This turn was changed just now. Look again."
            told = pages_of(request).text(request, said)
            return await refuse(request, needs, opened, mandate, 409, "not-possible", [told])
    return _done(request, opened, "declined", mandate)


@router.post("/note")
async def note(opened: Opening, request: Request, needs: Needs) -> Response:
    """Keep a note to the one who comes next. Fields: `mandate`, `note`."""
    form = await read_form(request)
    mandate = opened.mandate(str(form.get("mandate") or ""))
    written = str(form.get("note") or "").replace("\r\n", "\n").strip()[:_LONGEST_NOTE]
    async with needs.database.transaction() as transaction:
        await note_to_next(transaction, mandate.mandate, written)
    return _done(request, opened, "noted", mandate)


async def refuse(
    request: Request,
    needs: Parts,
    opened: Opened,
    mandate: Mandate,
    status: int,
    code: str,
    faults: Sequence[str],
    *,
    ticked: frozenset[str] | None = None,
) -> Response:
    """Say what is in the way: on the page to a person, as a problem to a program.

    `ticked` are the boxes of the answer that stay so.
    """
    if not wants_page(request):
        raise Problem(status, code, " ".join(faults), faults=list(faults))
    return await render(
        request,
        needs,
        opened,
        status=status,
        faults=faults,
        concerns=mandate.mandate,
        ticked=ticked,
    )


def _done(request: Request, opened: Opened, code: str, mandate: Mandate) -> Response:
    if wants_page(request):
        return back_to(request, opened, code, mandate=mandate.mandate)
    return Response(status_code=204)
