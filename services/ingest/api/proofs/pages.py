"""A curator's accounts: shown to be theirs by a code, a verified link, or signing in there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.chassis.language import moment_in_words
from services.chassis.web import Problem, pages_of
from services.ingest.api.curators.opening import Opened, Opening, open_link
from services.ingest.api.curators.page import DEVICE
from services.ingest.api.deps import Needs, Parts
from services.ingest.api.proofs.me import page_address
from services.ingest.api.proofs.server import find, look_up, register, tells, whose
from services.ingest.domain.account import Account
from services.ingest.domain.proof import (
    PROOF_OPEN,
    Address,
    NotYetProvenError,
    Proof,
    ProofError,
    ProofOverError,
    Way,
    read_address,
)
from services.ingest.store.proofs import (
    begin,
    find_by_state,
    find_proof,
    new_code,
    new_page,
    page_of,
    proofs_of,
)
from services.ingest.store.proving import prove, revoke_proof

router = APIRouter(prefix="/k/{token}/accounts", tags=["curators"], include_in_schema=False)
returning = APIRouter(tags=["curators"], include_in_schema=False)

_WAYS: Mapping[str, Way] = {"code": "code", "rel-me": "rel-me", "oauth": "oauth"}
#: Proofs that one curator may have under way: a server of others is asked for each.
_MOST = 20


@dataclass(frozen=True)
class _Asked:
    """A proof that is to begin; `page` is what the profile has already, when one is renewed."""

    address: Address
    way: Way
    page: str = ""


@router.get("")
async def accounts(opened: Opening, request: Request, needs: Needs) -> Response:
    """Show the curator's accounts, and how to show that one is theirs."""
    return await _page(opened, request, needs)


async def _page(
    opened: Opened, request: Request, needs: Parts, *, fault: str = "", written: str = ""
) -> Response:
    now = datetime.now(UTC)
    language = pages_of(request).language(request)
    async with needs.database.transaction() as transaction:
        proofs = await proofs_of(transaction, opened.curator.curator)
    entries = [
        (proof, {"proof": proof, "secret": secret, "old": proof.old(now), "page": page})
        for proof, secret in proofs
        for page in [page_address(request, page_of(proof, secret))]
    ]
    zone = opened.mandates[-1].time_zone if opened.mandates else "Europe/Brussels"
    response = pages_of(request).page(
        request,
        "curator/accounts.html",
        status=422 if fault else 200,
        opened=opened,
        fault=fault,
        written=written,
        open_proofs=[e for p, e in entries if p.state == "open" and not p.over(now)],
        proven=[e for p, e in entries if p.state == "proven"],
        when=partial(moment_in_words, zone=zone, language=language),
        said=request.query_params.get("said", ""),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post("")
async def add(opened: Opening, request: Request, needs: Needs) -> Response:
    """Begin a proof. Fields: `account` as a handle or an address, `way`."""
    form = await request.form()
    written = str(form.get("account") or "")[:300]
    known = _WAYS.get(str(form.get("way")), "code")
    try:
        await _begin(opened, _Asked(read_address(written), known), request, needs)
    except ProofError as error:
        text = pages_of(request).text(request, str(error))
        return await _page(opened, request, needs, fault=text, written=written)
    return _back(request, opened, "begun")


def _back(request: Request, opened: Opened, said: str) -> Response:
    language = pages_of(request).language(request)
    return RedirectResponse(f"/k/{opened.token}/accounts?lang={language}&said={said}", 303)


async def _begin(opened: Opened, asked: _Asked, request: Request, needs: Parts) -> None:
    async with needs.database.transaction() as transaction:
        if len(await proofs_of(transaction, opened.curator.curator)) >= _MOST:
            raise Problem(
                429,
                "too-many-accounts",
                "These are many accounts. Take one away, then add another.",
            )
    server, account = await find(asked.address, needs.fetch)
    secret: dict[str, Any] = {"server": server}
    if asked.way == "code":
        secret["code"] = new_code()
    elif asked.way == "rel-me":
        secret["page"] = asked.page or new_page()
    else:
        device = request.cookies.get(DEVICE, "")
        secret |= await register(server, _back_address(request), device, needs.fetch)
    expires_at = None if asked.way == "rel-me" else datetime.now(UTC) + PROOF_OPEN
    told_as = (account.key, account.handle(server), account.url or "")
    async with needs.database.transaction() as transaction:
        await begin(transaction, opened.curator.curator, asked.way, told_as, secret, expires_at)


@router.post("/{proof}/check")
async def check(opened: Opening, proof: str, request: Request, needs: Needs) -> Response:
    """Look whether what proves an account is there now."""
    try:
        await _check(opened, proof, request, needs)
    except ProofError as error:
        text = pages_of(request).text(request, str(error))
        return await _page(opened, request, needs, fault=text)
    return _back(request, opened, "proven")


async def _check(opened: Opened, proof: str, request: Request, needs: Parts) -> None:
    async with needs.database.transaction() as transaction:
        found = await _own(opened, await find_proof(transaction, proof))
    kept, secret = found
    if kept.state == "proven":
        return
    kept.insist_open(datetime.now(UTC))
    address = Address(str(secret.get("server", "")), kept.handle.split("@")[0])
    account = await look_up(address, needs.fetch)
    page = page_address(request, page_of(kept, secret))
    if account.key != kept.author_key or not (
        await tells(account, kept, secret, needs.fetch)
        if kept.way == "code"
        else kept.way == "rel-me" and account.links_to(page)
    ):
        raise NotYetProvenError(kept.way)
    await _prove(opened, kept, account, address.server, needs)


async def _own(
    opened: Opened, found: tuple[Proof, Mapping[str, Any]] | None
) -> tuple[Proof, Mapping[str, Any]]:
    if found is None or found[0].curator != opened.curator.curator or found[0].state == "revoked":
        raise Problem(404, "proof-unknown", "There is no such account here. Reload the page.")
    return found


async def _prove(opened: Opened, proof: Proof, account: Account, server: str, needs: Parts) -> None:
    now = datetime.now(UTC)
    known = (str(account.key), account.handle(server), account.url or "")
    async with needs.database.transaction() as transaction:
        await prove(transaction, needs.journal, proof, known, now, opened.cause)


@router.post("/{proof}/revoke")
async def revoke(opened: Opening, proof: str, request: Request, needs: Needs) -> Response:
    """Take an account away: what it posts counts for the curator no longer."""
    async with needs.database.transaction() as transaction:
        kept, _ = await _own(opened, await find_proof(transaction, proof))
        await revoke_proof(transaction, needs.journal, kept, opened.cause)
    return _back(request, opened, "revoked")


@router.post("/{proof}/renew")
async def renew(opened: Opening, proof: str, request: Request, needs: Needs) -> Response:
    """Begin the same proof again; the old one counts until the new one is made."""
    async with needs.database.transaction() as transaction:
        kept, secret = await _own(opened, await find_proof(transaction, proof))
    address = Address(str(secret.get("server", "")), kept.handle.split("@")[0])
    try:
        await _begin(opened, _Asked(address, kept.way, page_of(kept, secret)), request, needs)
    except ProofError as error:
        text = pages_of(request).text(request, str(error))
        return await _page(opened, request, needs, fault=text)
    return _back(request, opened, "begun")


@returning.get("/k/accounts/back")
async def back(request: Request, needs: Needs, state: str = "", code: str = "") -> Response:
    """Take a curator back who signed in at their server; their page says how it went."""
    async with needs.database.transaction() as transaction:
        found = await find_by_state(transaction, state) if state else None
        link = await needs.links.live(transaction, "curator", found[0].curator) if found else None
    device = request.cookies.get(DEVICE, "")
    # Without the browser that began it, somebody else's account could be proven for a curator.
    if found is None or link is None or not device or found[1].get("device") != device:
        detail = "This sign-in was not begun in this browser. Open your own link and begin again."
        raise Problem(400, "sign-in-stray", detail)
    async with needs.database.transaction() as transaction:
        opened = await open_link(transaction, needs.links, needs.links.token(link))
    try:
        await _signed_in(opened, *found, code, request, needs)
    except ProofError as error:
        text = pages_of(request).text(request, str(error))
        return await _page(opened, request, needs, fault=text)
    return _back(request, opened, "proven")


async def _signed_in(
    opened: Opened,
    proof: Proof,
    secret: Mapping[str, Any],
    code: str,
    request: Request,
    needs: Parts,
) -> None:
    proof.insist_open(datetime.now(UTC))
    if not code:
        raise ProofOverError
    server = str(secret["server"])
    account = await whose(server, secret, code, _back_address(request), needs.fetch)
    if account.key is None or account.key != proof.author_key:
        raise NotYetProvenError(proof.way)
    await _prove(opened, proof, account, server, needs)


def _back_address(request: Request) -> str:
    """Give where a server sends back who signed in there."""
    return f"{request.app.state.settings.ingest_url}/k/accounts/back"
