"""Signing in by an identity provider: there with state, nonce and PKCE, and back."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import asdict
from typing import cast

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.chassis.settings import ServiceSettings
from services.chassis.telemetry import log
from services.chassis.web import Problem
from services.moderation.api.deps import Needs, Parts
from services.moderation.api.session import open_session
from services.moderation.api.sign_in import room_of, safe_target
from services.moderation.store.accounts import keep_foreign_account
from services.moderation.store.identity import (
    Departure,
    IdentityProvider,
    IdentityProviderError,
)

router = APIRouter(include_in_schema=False)

_COOKIE = "dichtbij-departure"
#: Seconds that somebody may be away at the provider.
_AWAY_AT_MOST = 600
_PATH = "/sign-in/elsewhere"


def _seal(parts: Parts, facts: dict[str, object]) -> str:
    """Sign what the browser keeps for us, so that nobody else can write it."""
    body = base64.urlsafe_b64encode(json.dumps(facts).encode()).decode()
    return f"{body}.{_signature(parts, body)}"


def _signature(parts: Parts, body: str) -> str:
    key = hashlib.sha256(f"departure:{parts.session_key}".encode()).digest()
    return hmac.new(key, body.encode(), hashlib.sha256).hexdigest()


def _unseal(parts: Parts, sealed: str) -> tuple[Departure, str] | None:
    body, _, signature = sealed.partition(".")
    if not hmac.compare_digest(signature.encode(), _signature(parts, body).encode()):
        return None
    facts = json.loads(base64.urlsafe_b64decode(body))
    if facts["until"] < time.time():
        return None
    return Departure(facts["state"], facts["nonce"], facts["verifier"]), str(facts["target"])


def _provider(parts: Parts) -> IdentityProvider:
    if parts.provider is None:
        raise Problem(404, "no-provider", "Sign in with a name and a password here.")
    return parts.provider


def _failed() -> Problem:
    detail = "The sign-in at the other site did not succeed. Try again, or ask a coordinator."
    return Problem(502, "provider-failed", detail)


@router.get(_PATH)
async def depart(request: Request, needs: Needs, next: str = "/desk") -> Response:  # noqa: A002 - as in addresses
    """Send somebody to the provider."""
    departure = Departure.now()
    try:
        url = await _provider(needs).departure_url(departure, _return_to(needs))
    except IdentityProviderError as error:
        log.warning("oidc.failed", reason=str(error))
        raise _failed() from None
    response = RedirectResponse(url, 303)
    facts: dict[str, object] = {
        **asdict(departure),
        "target": safe_target(next, needs),
        "until": time.time() + _AWAY_AT_MOST,
    }
    settings = cast("ServiceSettings", request.app.state.settings)
    response.set_cookie(
        _COOKIE,
        _seal(needs, facts),
        max_age=_AWAY_AT_MOST,
        path=_PATH,
        secure=settings.secure,
        httponly=True,
        samesite="lax",
    )
    return response


def _return_to(parts: Parts) -> str:
    return f"{parts.home}{_PATH}/return"


@router.get(f"{_PATH}/return")
async def arrive(request: Request, needs: Needs, code: str = "", state: str = "") -> Response:
    """Let somebody in whom the provider vouches for and whose groups give a role."""
    provider = _provider(needs)
    kept = _unseal(needs, request.cookies.get(_COOKIE, ""))
    if not kept or not code or not secrets.compare_digest(kept[0].state, state):
        detail = "This sign-in took too long or began in another browser. Start it again."
        raise Problem(400, "departure-unknown", detail)
    departure, target = kept
    try:
        vouched = await provider.arrival(code, departure, _return_to(needs))
    except IdentityProviderError as error:
        log.warning("oidc.failed", reason=str(error))
        raise _failed() from None
    if not vouched.account.roles:
        detail = "You have no role at this desk. Ask a coordinator to add you to a group."
        raise Problem(403, "no-role", detail)
    async with needs.database.transaction() as transaction:
        account = await keep_foreign_account(
            transaction, provider.provider.issuer, vouched.subject, vouched.account
        )
    if account is None:
        raise Problem(403, "account-ended", "This account was ended. Ask a coordinator.")
    log.info("sign_in.done", account=account.account)
    response = RedirectResponse(room_of(target, account.roles, request), 303)
    open_session(request, response, needs.session_key, account)
    response.delete_cookie(_COOKIE, path=_PATH)
    return response
