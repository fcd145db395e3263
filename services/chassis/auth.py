"""Who is asking: staff sessions as signed tokens that every service verifies by itself."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, cast

from fastapi import Depends, Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from services.chassis.settings import ServiceSettings

#: How long a session token is believed; the issuing service renews it while its owner works.
SESSION_LASTS = timedelta(minutes=60)
#: A token older than this is renewed with the next answer.
RENEW_AFTER = timedelta(minutes=5)
_ALGORITHM = "Ed25519"
_ISSUER = "dichtbij"


class SignInRequiredError(Exception):
    """Nobody is signed in, or the session has ended."""


class ForbiddenError(Exception):
    """The one who is signed in may not do this."""


class StrayRequestError(Exception):
    """An unsafe request came from another site, or without the token of our own form."""


@dataclass(frozen=True)
class Staff:
    """The one who is signed in: an account's name, how to call them, and what they may do."""

    account: str
    name: str
    roles: frozenset[str]
    session: str
    issued_at: datetime

    @property
    def actor(self) -> str:
        """Give the name under which events record what this person did."""
        return f"staff:{self.account}"

    @property
    def csrf(self) -> str:
        """Give the token that our own forms carry; only who can read the session can know it."""
        return hashlib.sha256(f"csrf:{self.session}".encode()).hexdigest()[:40]


def cookie_name(settings: ServiceSettings) -> str:
    """Give the session cookie's name; `__Host-` pins it to one host where there is https.

    Where desk and ingest have host names of their own, it is for the domain that they share.
    """
    if not settings.secure:
        return "dichtbij-staff"
    return "__Secure-dichtbij-staff" if settings.session_domain else "__Host-dichtbij-staff"


def issue(
    private_key: str, account: str, name: str, roles: frozenset[str], session: str | None = None
) -> str:
    """Sign a session token. `private_key` is an Ed25519 key as JWK in JSON.

    A renewal keeps its `session`, so that forms on open pages stay good.
    """
    now = datetime.now(UTC)
    claims = {
        "iss": _ISSUER,
        "sub": account,
        "name": name,
        "roles": sorted(roles),
        "jti": session or secrets.token_urlsafe(24),
        "iat": int(now.timestamp()),
        "exp": int((now + SESSION_LASTS).timestamp()),
    }
    key = OKPKey.import_key(json.loads(private_key))
    return jwt.encode({"alg": _ALGORITHM}, claims, key, algorithms=[_ALGORITHM])


def verify(public_key: str, token: str) -> Staff | None:
    """Read a session token; None when it is not ours, was altered, or has ended."""
    if not public_key:
        return None
    registry = jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": _ISSUER}, exp={"essential": True}, sub={"essential": True}
    )
    try:
        key = OKPKey.import_key(json.loads(public_key))
        claims = jwt.decode(token, key, algorithms=[_ALGORITHM]).claims
        registry.validate(claims)
    except (JoseError, ValueError):
        return None
    return Staff(
        account=str(claims["sub"]),
        name=str(claims.get("name", "")),
        roles=frozenset(cast("list[str]", claims.get("roles", []))),
        session=str(claims.get("jti", "")),
        issued_at=datetime.fromtimestamp(int(claims["iat"]), UTC),
    )


def visitor(request: Request) -> Staff | None:
    """Say who is signed in, if anybody."""
    settings = cast("ServiceSettings", request.app.state.settings)
    token = request.cookies.get(cookie_name(settings))
    return verify(settings.session_public_key, token) if token else None


def signed_in(request: Request) -> Staff:
    """Insist on a session. Raises SignInRequiredError."""
    staff = visitor(request)
    if staff is None:
        raise SignInRequiredError
    return staff


async def own_form(request: Request, staff: Annotated[Staff, Depends(signed_in)]) -> Staff:
    """Insist that an unsafe request comes from our own page. Raises StrayRequestError.

    Both are asked: the fetch metadata that browsers send, and the token of the form or the header.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise StrayRequestError
    token = request.headers.get("x-csrf-token")
    if token is None and "form" in request.headers.get("content-type", ""):
        token = str((await request.form()).get("csrf", ""))
    if not secrets.compare_digest((token or "").encode(), staff.csrf.encode()):
        raise StrayRequestError
    return staff


SignedIn = Annotated[Staff, Depends(signed_in)]
OwnForm = Annotated[Staff, Depends(own_form)]
Visitor = Annotated[Staff | None, Depends(visitor)]


def insist(staff: Staff, role: str) -> None:
    """Insist on a role. Raises ForbiddenError."""
    if role not in staff.roles:
        raise ForbiddenError(role)
