"""Asking a Mastodon-compatible server about an account, through the guarded fetch only."""

import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from authlib.oauth2.rfc7636 import (
    create_s256_code_challenge,  # pyright: ignore[reportUnknownVariableType] - it has no types
)
from pydantic import BaseModel, ConfigDict, ValidationError

from services.ingest.domain.account import (
    NEWEST_POSTS,
    Account,
    actor_in,
    read_account,
    read_posts,
    server_of,
    told,
)
from services.ingest.domain.connector import Fetched, FetchFailedError, FetchRefusedError
from services.ingest.domain.proof import (
    AccountElsewhereError,
    AccountUnclearError,
    AccountUnknownError,
    Address,
    NotYetProvenError,
    Proof,
    ServerSilentError,
    Way,
)
from services.ingest.store.fetch import GuardedFetch

_NOT_FOUND = frozenset({404, 410})
_BY_SIGN_IN: Way = "oauth"
#: The least that servers from 4.3 on let one read, and what those before call it.
_SCOPES = ("profile", "read:accounts")


class _Client(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    client_id: str
    client_secret: str


class _Token(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    access_token: str


def _json(answer: Fetched) -> object:
    try:
        return json.loads(answer.content)
    except (ValueError, RecursionError):
        raise ServerSilentError from None


async def find(written: Address, fetch: GuardedFetch) -> tuple[str, Account]:
    """Find an account as somebody wrote it, and the server that answers for it.

    A name may be of another domain than its server is (an@city.example at social.city.example).
    What the domain says of that (WebFinger) tells only whom to ask. Raises as `look_up` does.
    """
    try:
        return written.server, await look_up(written, fetch)
    except (AccountUnknownError, AccountElsewhereError, ServerSilentError):
        actor = await _actor(written, fetch)
        there = server_of(actor, written) if actor else None
        if there is None:
            raise
    account = await look_up(there, fetch)
    if account.key != actor:
        raise AccountElsewhereError
    return there.server, account


async def _actor(written: Address, fetch: GuardedFetch) -> str | None:
    name = f"acct:{written.name}@{urlsplit(written.server).netloc}"
    question = f"{written.server}/.well-known/webfinger?{urlencode({'resource': name})}"
    try:
        return actor_in(_json(await fetch(question, largest=200_000)))
    except (FetchFailedError, FetchRefusedError, ServerSilentError):
        return None


async def look_up(address: Address, fetch: GuardedFetch) -> Account:
    """Ask a server for an account of its own.

    Raises AccountUnknownError, AccountElsewhereError, AccountUnclearError and ServerSilentError.
    """
    question = f"{address.server}/api/v1/accounts/lookup?acct={quote(address.name)}"
    try:
        return read_account(_json(await fetch(question, largest=200_000))).at(address.server)
    except FetchFailedError as error:
        if error.status in _NOT_FOUND:
            raise AccountUnknownError from None
        raise ServerSilentError from None
    except FetchRefusedError as error:
        if error.reason in {"name-not-found", "url-not-readable", "address-not-public"}:
            raise AccountUnclearError from None
        raise ServerSilentError from None


async def tells(
    account: Account, proof: Proof, secret: Mapping[str, Any], fetch: GuardedFetch
) -> bool:
    """Whether one of an account's newest public posts tells a code. Raises ServerSilentError."""
    code = str(secret.get("code", ""))
    question = (
        f"{secret['server']}/api/v1/accounts/{quote(account.id, safe='')}/statuses"
        f"?limit={NEWEST_POSTS}&exclude_reblogs=true"
    )
    try:
        posts = read_posts(_json(await fetch(question, largest=2_000_000)))
    except (FetchFailedError, FetchRefusedError):
        raise ServerSilentError from None
    return bool(code) and told(code, posts, account, proof.asked_at)


async def register(server: str, back: str, device: str, fetch: GuardedFetch) -> dict[str, Any]:
    """Make ourselves known to a server, so that somebody can sign in there (OAuth 2 with PKCE).

    Answers what is to be kept until they come `back`; `go_on` is where they sign in. Raises
    ServerSilentError.
    """
    for scope in _SCOPES:
        form = {"client_name": "Dichtbij", "redirect_uris": back, "scopes": scope}
        try:
            answer = await fetch.post(f"{server}/api/v1/apps", form)
            client = _Client.model_validate(_json(answer))
        except (FetchRefusedError, ValidationError):
            raise ServerSilentError from None
        except FetchFailedError:
            # An older server does not know the narrower scope.
            continue
        verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
        asked = {
            "response_type": "code",
            "client_id": client.client_id,
            "redirect_uri": back,
            "scope": scope,
            "state": state,
            "code_challenge": str(create_s256_code_challenge(verifier)),  # pyright: ignore[reportUnknownArgumentType] - it has no types
            "code_challenge_method": "S256",
        }
        return {
            "state": state,
            "verifier": verifier,
            "client": client.model_dump(),
            "device": device,
            "go_on": f"{server}/oauth/authorize?{urlencode(asked)}",
        }
    raise ServerSilentError


async def whose(
    server: str, secret: Mapping[str, Any], code: str, back: str, fetch: GuardedFetch
) -> Account:
    """Ask whose account it is that signed in, and let go of the token at once.

    Raises NotYetProvenError, AccountElsewhereError and ServerSilentError.
    """
    client = _Client.model_validate(secret["client"]).model_dump()
    form = {
        **client,
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": str(secret["verifier"]),
    }
    try:
        answer = await fetch.post(f"{server}/oauth/token", form)
        token = _Token.model_validate(_json(answer)).access_token
        known = await fetch(
            f"{server}/api/v1/accounts/verify_credentials",
            headers={"Authorization": f"Bearer {token}"},
            largest=200_000,
        )
        account = read_account(_json(known))
    except (FetchFailedError, FetchRefusedError, ValidationError):
        raise NotYetProvenError(_BY_SIGN_IN) from None
    await _let_go(server, {**client, "token": token}, fetch)
    return account.at(server)


async def _let_go(server: str, form: Mapping[str, str], fetch: GuardedFetch) -> None:
    try:
        await fetch.post(f"{server}/oauth/revoke", form)
    except (FetchFailedError, FetchRefusedError):
        # It is kept nowhere, so nobody can use it all the same.
        return
