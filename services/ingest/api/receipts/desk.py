"""Receipts for staff: found by the code that somebody says on the telephone, or by an item."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse

from services.chassis.auth import OwnForm, SignedIn, Staff, insist
from services.chassis.language import moment_to_the_second
from services.chassis.web import Problem, pages_of
from services.ingest.api.campaigns import the_campaign
from services.ingest.api.deps import Needs, Parts
from services.ingest.api.receipts.renewal import send_new_link
from services.ingest.domain.receipt_code import InvalidCodeError, read_code
from services.ingest.store.receipts import (
    Receipt,
    find_by_code,
    find_item,
    link_for_letters,
    read_receipt,
    receipt_for_item,
    replace_link,
    revoke_receipt,
)
from services.ingest.store.standings import confirmations, state_of

router = APIRouter(include_in_schema=False)


def _insist_on_desk(staff: Staff) -> None:
    """Let those in who answer the telephone: moderators and coordinators."""
    if "moderator" not in staff.roles:
        insist(staff, "coordinator")


@router.get("/manage/receipts")
async def receipts(request: Request, staff: SignedIn, needs: Needs, code: str = "") -> HTMLResponse:
    """Show the receipt with a code, or the form that asks for one."""
    _insist_on_desk(staff)
    if not code.strip():
        return await _page(request, needs, None)
    try:
        known = read_code(code)
    except InvalidCodeError as error:
        fault = pages_of(request).text(request, str(error))
        return await _page(request, needs, None, fault=fault, typed=code[:40])
    async with needs.database.transaction() as transaction:
        found = await find_by_code(transaction, known)
    if found is None:
        fault = pages_of(request).text(request, "There is no receipt with this code.")
        return await _page(request, needs, None, fault=fault, typed=known)
    return await _page(request, needs, found)


@router.post("/manage/receipts/item")
async def receipt_of_item(
    request: Request, staff: OwnForm, needs: Needs, item: Annotated[str, Form()] = ""
) -> HTMLResponse:
    """Make a link for the maker of an item that came from elsewhere, to be sent as a reply."""
    _insist_on_desk(staff)
    async with needs.database.transaction() as transaction:
        found = await find_item(transaction, item)
        if found is None:
            fault = pages_of(request).text(request, "There is no item with this id or address.")
            return await _page(request, needs, None, item_fault=fault, typed_item=item[:500])
        receipt = await receipt_for_item(transaction, *found)
        link = await link_for_letters(transaction, receipt)
        known = await read_receipt(transaction, receipt)
    return await _page(request, needs, known, link=needs.links.token(link))


@router.post("/manage/receipts/{code}/link")
async def new_link(code: str, request: Request, staff: OwnForm, needs: Needs) -> HTMLResponse:
    """Stop all links of a receipt; a new one is sent where an address is known, else shown."""
    _insist_on_desk(staff)
    receipt = await _by_code(code, needs)
    async with needs.database.transaction() as transaction:
        if receipt.mail:
            await send_new_link(transaction, receipt)
            return await _page(request, needs, receipt, done="sent")
        link = await replace_link(transaction, receipt.id)
    return await _page(request, needs, receipt, link=needs.links.token(link))


@router.post("/manage/receipts/{code}/stop")
async def stop(code: str, request: Request, staff: OwnForm, needs: Needs) -> HTMLResponse:
    """Stop all links of a receipt."""
    _insist_on_desk(staff)
    receipt = await _by_code(code, needs)
    async with needs.database.transaction() as transaction:
        await revoke_receipt(transaction, receipt.id)
    return await _page(request, needs, receipt, done="stopped")


async def _by_code(code: str, needs: Parts) -> Receipt:
    async with needs.database.transaction() as transaction:
        found = await find_by_code(transaction, code)
    if found is None:
        raise Problem(404, "receipt-unknown", "There is no receipt with this code.")
    return found


async def _page(
    request: Request, needs: Parts, receipt: Receipt | None, **told: str
) -> HTMLResponse:
    """Render the page; an address is shown by its first sign and its host only."""
    now = datetime.now(UTC)
    language = pages_of(request).language(request)
    campaign = await the_campaign(receipt.campaign, needs) if receipt else None
    zone = campaign.time_zone if campaign else "UTC"
    items = receipt.items if receipt else ()
    fault = told.get("fault") or told.get("item_fault")
    response = pages_of(request).page(
        request,
        "receipt/desk.html",
        status=404 if fault else 200,
        receipt=receipt,
        campaign=campaign,
        states={i.item: state_of(i, now) for i in items},
        confirmed={i.item: confirmations(i, now) for i in items},
        at=partial(moment_to_the_second, zone=zone, language=language),
        masked=_masked(receipt.mail) if receipt else "",
        told={"fault": "", "typed": "", "item_fault": "", "typed_item": "", "link": "", "done": ""}
        | told,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _masked(mail: str) -> str:
    """Show enough of an address to ask "is it the one at …?", and no more."""
    name, _, host = mail.partition("@")
    return f"{name[:1]}…@{host}" if host else ""
