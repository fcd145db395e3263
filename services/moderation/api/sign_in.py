"""Signing in and out with an account of our own."""

from collections.abc import Collection
from typing import Annotated, cast
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from services.chassis.auth import OwnForm, Visitor
from services.chassis.settings import ServiceSettings
from services.chassis.telemetry import log
from services.chassis.web import pages_of
from services.moderation.api.deps import Needs, Parts
from services.moderation.api.session import close_session, open_session
from services.moderation.store.accounts import count_attempt, find_account, forgive
from services.moderation.store.passwords import matches

router = APIRouter(tags=["sign-in"])

_HOME = "/desk"


def safe_target(wanted: str, parts: Parts) -> str:
    """Lead back to one of our own sites and nowhere else."""
    split = urlsplit(wanted)
    origin = f"{split.scheme}://{split.netloc}"
    plain = "\\" not in wanted and wanted.isprintable()
    if plain and origin in parts.origins:
        return wanted
    local = not split.scheme and not split.netloc
    return wanted if plain and local and wanted.startswith("/") else _HOME


def room_of(target: str, roles: Collection[str], request: Request) -> str:
    """Lead who only coordinates to the campaigns: the desk would refuse them."""
    settings = cast("ServiceSettings", request.app.state.settings)
    desk = {_HOME, f"{settings.moderation_url.rstrip('/')}{_HOME}"}
    if target.partition("?")[0] in desk and "moderator" not in roles and "coordinator" in roles:
        return f"{settings.ingest_url.rstrip('/')}/manage"
    return target


@router.get("/sign-in", include_in_schema=False)
async def sign_in_page(
    request: Request,
    needs: Needs,
    staff: Visitor,
    next: str = _HOME,  # noqa: A002 - as in addresses
) -> Response:
    """Show the form; whoever is signed in already goes on."""
    target = safe_target(next, needs)
    if staff is not None:
        return RedirectResponse(room_of(target, staff.roles, request), 303)
    return _form(request, needs, target)


def _form(
    request: Request,
    needs: Parts,
    target: str,
    problem: str = "",
    account: str = "",
    status: int = 200,
) -> HTMLResponse:
    page = pages_of(request).page(
        request,
        "sign_in.html",
        status=status,
        target=target,
        problem=problem,
        account=account,
        provider=needs.provider.provider.name if needs.provider else None,
    )
    page.headers["Cache-Control"] = "no-store"
    return page


@router.post("/sign-in", include_in_schema=False)
async def sign_in(
    request: Request,
    needs: Needs,
    account: Annotated[str, Form(max_length=80)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    next: Annotated[str, Form(max_length=2000)] = _HOME,  # noqa: A002 - as in addresses
) -> Response:
    """Let somebody in who knows the password; after many failures, nobody for a while."""
    target = safe_target(next, needs)
    name = account.strip().lower()
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return _form(request, needs, target, "stray", status=403)
    address = request.client.host if request.client else "unknown"
    async with needs.database.transaction() as transaction:
        may = await count_attempt(transaction, name, address)
        stored = await find_account(transaction, name)
    if not may:
        log.warning("sign_in.throttled")
        return _form(request, needs, target, "throttled", name, 429)
    known = stored.password_hash if stored and stored.account.active else None
    if not await matches(password, known) or stored is None:
        log.info("sign_in.refused")
        return _form(request, needs, target, "refused", name, 401)
    async with needs.database.transaction() as transaction:
        await forgive(transaction, name, address)
    log.info("sign_in.done", account=stored.account.account)
    response = RedirectResponse(room_of(target, stored.account.roles, request), 303)
    open_session(request, response, needs.session_key, stored.account)
    return response


@router.post("/sign-out", include_in_schema=False)
async def sign_out(request: Request, _staff: OwnForm) -> Response:
    """End the session in this browser."""
    response = RedirectResponse("/sign-in", 303)
    close_session(request, response)
    return response
