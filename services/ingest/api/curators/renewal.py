"""New links for curators: the old ones stop, the new one goes to whoever the page belongs to."""

from dataclasses import replace
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from services.chassis.database import Transaction
from services.contracts.ids import CuratorId
from services.ingest.api.curators.opening import Opened, Opening
from services.ingest.api.curators.page import back_to, closed_page
from services.ingest.api.curators.view import receipt_of
from services.ingest.api.deps import Needs
from services.ingest.api.link_answers import link_sent, too_many_links
from services.ingest.domain.link import LinkError, RevokedLinkError
from services.ingest.store.curators import find_curator
from services.ingest.store.link_requests import TooManyRequestsError, note_link_request
from services.ingest.store.links import make_link, revoke_links
from services.ingest.store.mandates import mandates_of
from services.ingest.store.messages import enqueue_link

router = APIRouter(prefix="/k/{token}", tags=["curators"])

_SENT = "curator/sent.html"


@router.post("/renew", include_in_schema=False)
async def renew(opened: Opening, request: Request, needs: Needs) -> Response:
    """Give a new link in place of this one, which stops for whoever has it.

    Where an address is known it is only sent there: whoever found the old link could take the page
    over otherwise. It lasts no longer than the old one did.
    """
    curator = opened.curator.curator
    try:
        async with needs.database.transaction() as transaction:
            await note_link_request(transaction, f"curator-{curator}")
            # Asked once more: somebody else may have stopped it just now.
            now = datetime.now(UTC)
            old = await needs.links.open(transaction, "curator", opened.token, now)
            await revoke_links(transaction, "curator", curator)
            for mandate in opened.mandates:
                await revoke_links(transaction, "receipt", receipt_of(needs, mandate))
            link = await make_link(transaction, "curator", curator, old.expires_at)
            await _send(transaction, opened, link)
    except TooManyRequestsError as error:
        return too_many_links(request, error)
    except LinkError as error:
        return await closed_page(opened.token, error, request, needs)
    if opened.curator.mail:
        return link_sent(request, _SENT)
    renewed = replace(opened, token=needs.links.token(link), link=link)
    return back_to(request, renewed, "renewed")


async def _send(transaction: Transaction, opened: Opened, link: str) -> None:
    curator = opened.curator
    campaign = max(opened.mandates, key=lambda m: m.starts_at).campaign if opened.mandates else ""
    await enqueue_link(transaction, link, curator.mail, curator.language, campaign=campaign)


@router.post("/send-link", include_in_schema=False)
async def send_link(token: str, request: Request, needs: Needs) -> Response:
    """Send a good link by mail to the owner of one that is no good any more."""
    try:
        async with needs.database.transaction() as transaction:
            old = await needs.links.find(transaction, "curator", token)
            curator = await find_curator(transaction, CuratorId(old.opens))
            if curator is None or not curator.mail:
                raise RevokedLinkError
            await note_link_request(transaction, f"curator-{curator.curator}")
            link = await make_link(transaction, "curator", curator.curator)
            mandates = await mandates_of(transaction, curator.curator)
            await _send(transaction, Opened(token, link, curator, mandates), link)
    except LinkError as error:
        return await closed_page(token, error, request, needs)
    except TooManyRequestsError as error:
        return too_many_links(request, error)
    return link_sent(request, _SENT)
