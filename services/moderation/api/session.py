"""The session cookie: set at sign-in, renewed at work, taken away when the account ends."""

from datetime import UTC, datetime
from typing import cast

from fastapi import Request, Response
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis.auth import RENEW_AFTER, SESSION_LASTS, Staff, cookie_name, issue, visitor
from services.chassis.database import TRANSIENT
from services.chassis.settings import ServiceSettings
from services.moderation.api.deps import Parts
from services.moderation.domain.account import Account
from services.moderation.store.accounts import find_account


def open_session(
    request: Request, response: Response, key: str, account: Account, session: str | None = None
) -> None:
    """Let an account in; `session` continues the one it has."""
    settings = cast("ServiceSettings", request.app.state.settings)
    response.set_cookie(
        cookie_name(settings),
        issue(key, account.account, account.name, account.roles, session),
        max_age=int(SESSION_LASTS.total_seconds()),
        path="/",
        domain=settings.session_domain or None,
        secure=settings.secure,
        httponly=True,
        samesite="lax",
    )


def close_session(request: Request, response: Response) -> None:
    """Take the session cookie away."""
    settings = cast("ServiceSettings", request.app.state.settings)
    response.delete_cookie(
        cookie_name(settings),
        path="/",
        domain=settings.session_domain or None,
        secure=settings.secure,
        httponly=True,
        samesite="lax",
    )


class Renewal:
    """Renews the session of whoever works at the desk, with the roles of today."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before the application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with a fresh cookie on its answer where it is time for one."""
        request = Request(scope) if scope["type"] == "http" else None
        staff = visitor(request) if request else None
        if request is None or staff is None or not _due(request, staff):
            await self._app(scope, receive, send)
            return
        fresh = await _fresh_cookie(request, staff)

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if fresh and "set-cookie" not in headers:
                    headers.append("set-cookie", fresh)
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def _due(request: Request, staff: Staff) -> bool:
    working = request.url.path.startswith("/desk")
    return working and datetime.now(UTC) - staff.issued_at > RENEW_AFTER


async def _fresh_cookie(request: Request, staff: Staff) -> str | None:
    parts = cast("Parts", request.app.state.parts)
    try:
        async with parts.database.transaction() as transaction:
            stored = await find_account(transaction, staff.account)
    except TRANSIENT:
        return None
    response = Response()
    if stored is not None and stored.account.active:
        open_session(request, response, parts.session_key, stored.account, staff.session)
    else:
        close_session(request, response)
    return response.headers["set-cookie"]
