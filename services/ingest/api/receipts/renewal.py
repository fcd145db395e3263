"""New links: the old ones stop, the new one goes to whoever the receipt belongs to.

Where an address is known, a new link is only sent there: so somebody who found a link can neither
keep it nor lock its owner out. Nobody learns by these pages which receipts and addresses there are.
"""

import hashlib
import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from services.chassis.database import Transaction
from services.chassis.web import Problem, pages_of, wants_page
from services.ingest.api.deps import Needs, Parts
from services.ingest.api.link_answers import link_sent, too_many_links
from services.ingest.api.receipts.opening import closed_link
from services.ingest.domain.link import ExpiredLinkError, LinkError, RevokedLinkError
from services.ingest.domain.receipt_code import InvalidCodeError, read_code
from services.ingest.store.link_requests import TooManyRequestsError, note_link_request
from services.ingest.store.messages import enqueue_link
from services.ingest.store.receipts import (
    Receipt,
    find_by_code,
    link_for_letters,
    open_receipt,
    receipt_behind,
    replace_link,
)

router = APIRouter()

_SENT = "receipt/sent.html"


@router.post("/r/{token}/renew")
async def renew(token: str, request: Request, needs: Needs) -> Response:
    """Stop this link and make a new one: sent to the address that is known, else shown.

    A link that has stopped can ask for a letter only.
    """
    found, good = await _behind(token, needs)
    try:
        async with needs.database.transaction() as transaction:
            await note_link_request(transaction, found.id)
    except TooManyRequestsError as error:
        return too_many_links(request, error)
    if found.mail:
        async with needs.database.transaction() as transaction:
            await (send_new_link if good else send_link_again)(transaction, found)
        return link_sent(request, _SENT)
    async with needs.database.transaction() as transaction:
        # Asked once more: without an address the link itself is the only proof.
        await open_receipt(transaction, needs.links, token)
        shown = needs.links.token(await replace_link(transaction, found.id))
    if wants_page(request):
        language = pages_of(request).language(request)
        return RedirectResponse(f"/r/{shown}?lang={language}&done=renewed", 303)
    return Response(status_code=204, headers={"Location": f"/r/{shown}"})


async def _behind(token: str, needs: Parts) -> tuple[Receipt, bool]:
    """Give the receipt of a link, and whether the link is still good.

    One that has stopped is enough to ask for a letter, and for nothing else.
    """
    async with needs.database.transaction() as transaction:
        try:
            return await open_receipt(transaction, needs.links, token), True
        except (RevokedLinkError, ExpiredLinkError) as error:
            found = await receipt_behind(transaction, needs.links, token)
            if found is None or not found.mail:
                raise closed_link(error) from None
            return found, False
        except LinkError as error:
            raise closed_link(error) from None


async def send_new_link(transaction: Transaction, receipt: Receipt) -> str:
    """Stop all links of a receipt and put a letter with a new one on its way; answers its id."""
    link = await replace_link(transaction, receipt.id)
    await _enqueue(transaction, receipt, link)
    return link


async def send_link_again(transaction: Transaction, receipt: Receipt) -> None:
    """Put a letter on its way with the link that is good now; nothing stops by that."""
    link = await link_for_letters(transaction, receipt.id)
    await _enqueue(transaction, receipt, link, again=secrets.token_hex(8))


async def _enqueue(
    transaction: Transaction, receipt: Receipt, link: str, *, again: str = ""
) -> None:
    to, campaign = receipt.mail, receipt.campaign
    await enqueue_link(transaction, link, to, receipt.language, again=again, campaign=campaign)


@router.get("/find", include_in_schema=False)
async def find_page(request: Request) -> HTMLResponse:
    """Show the form by which somebody who lost their link gets a new one by mail."""
    return pages_of(request).page(request, "receipt/find.html", fault="", code="")


@router.post("/find", status_code=202)
async def find(
    request: Request,
    needs: Needs,
    code: Annotated[str, Form()] = "",
    mail: Annotated[str, Form()] = "",
) -> Response:
    """Send a new link to the address of a receipt, when code and address belong together.

    The answer is the same when they do not: a code alone tells a stranger nothing.
    """
    try:
        known = read_code(code)
    except InvalidCodeError as error:
        return _no_code(request, str(error), code)
    try:
        async with needs.database.transaction() as transaction:
            await note_link_request(transaction, hashlib.sha256(known.encode()).hexdigest())
    except TooManyRequestsError as error:
        return too_many_links(request, error)
    async with needs.database.transaction() as transaction:
        found = await find_by_code(transaction, known)
        if found and found.mail and found.mail.casefold() == mail.strip().casefold():
            await send_new_link(transaction, found)
    return link_sent(request, _SENT)


def _no_code(request: Request, sentence: str, code: str) -> Response:
    if not wants_page(request):
        raise Problem(422, "code-invalid", sentence)
    fault = pages_of(request).text(request, sentence)
    return pages_of(request).page(
        request, "receipt/find.html", status=422, fault=fault, code=code[:40]
    )
