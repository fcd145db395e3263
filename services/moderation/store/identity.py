"""Sign-in by an OpenID Connect provider: authorization code with PKCE, checked by Authlib."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

import httpx
from authlib.integrations.base_client.async_openid import AsyncOpenIDMixin

from services.moderation.domain.account import Account, roles_of_groups

#: Seconds that the provider may take for one answer.
_PATIENCE = 10.0
_LONGEST_NAME = 80


class IdentityProviderError(Exception):
    """The provider is away, refuses, or vouches for nobody that we can believe."""


@dataclass(frozen=True)
class Provider:
    """What we know about the provider from our settings."""

    issuer: str
    client_id: str
    client_secret: str
    name: str
    scopes: str
    groups_claim: str
    roles_by_group: Mapping[str, str]


@dataclass(frozen=True)
class Departure:
    """What must be remembered while somebody is away at the provider."""

    state: str
    nonce: str
    verifier: str

    @property
    def challenge(self) -> str:
        """Give the verifier's digest, which the provider compares later (RFC 7636, S256)."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    @staticmethod
    def now() -> "Departure":
        """Choose what cannot be guessed."""
        return Departure(*(secrets.token_urlsafe(32) for _ in range(3)))


@dataclass(frozen=True)
class Vouched:
    """Whom the provider vouches for: their subject there, the account they would have here."""

    subject: str
    account: Account


class IdentityProvider(AsyncOpenIDMixin):
    """One provider; its description and keys are read when first needed."""

    def __init__(self, provider: Provider) -> None:
        """Remember the provider; nothing is read yet."""
        self.provider = provider
        self.client_id = provider.client_id
        self.server_metadata: dict[str, Any] = {}

    async def departure_url(self, departure: Departure, return_to: str) -> str:
        """Say where to send somebody. Raises IdentityProviderError."""
        metadata = await self.load_server_metadata()
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": return_to,
            "scope": self.provider.scopes,
            "state": departure.state,
            "nonce": departure.nonce,
            "code_challenge": departure.challenge,
            "code_challenge_method": "S256",
        }
        mark = "&" if "?" in metadata["authorization_endpoint"] else "?"
        return f"{metadata['authorization_endpoint']}{mark}{urlencode(asked)}"

    async def arrival(self, code: str, departure: Departure, return_to: str) -> Vouched:
        """Exchange the code for whom the provider vouches for. Raises IdentityProviderError."""
        metadata = await self.load_server_metadata()
        token = await self._json(
            "POST",
            str(metadata["token_endpoint"]),
            data={
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": return_to,
                "code_verifier": departure.verifier,
            },
            auth=httpx.BasicAuth(self.client_id, self.provider.client_secret),
        )
        claims = await self._checked_claims(token, departure.nonce)
        if "userinfo_endpoint" in metadata and "access_token" in token:
            more = await self._json(
                "GET",
                str(metadata["userinfo_endpoint"]),
                headers={"authorization": f"Bearer {token['access_token']}"},
            )
            if more.get("sub") == claims["sub"]:
                claims = claims | more
        return self._vouched(claims)

    async def _checked_claims(self, token: dict[str, Any], nonce: str) -> dict[str, Any]:
        """Check signature, issuer, audience, time and nonce of the ID token."""
        expected = {
            "iss": {"essential": True, "value": self.server_metadata["issuer"]},
            "aud": {"essential": True, "value": self.client_id},
            "nonce": {"essential": True, "value": nonce},
        }
        try:
            parsed: Any = await cast("Any", self).parse_id_token(token, nonce, expected)
        except (ValueError, KeyError, httpx.HTTPError) as error:
            raise IdentityProviderError(type(error).__name__) from error
        except Exception as error:
            # Authlib's and joserfc's trees share nothing nearer than this with each other.
            if type(error).__module__.partition(".")[0] not in {"authlib", "joserfc"}:
                raise
            raise IdentityProviderError(type(error).__name__) from error
        if parsed is None:
            message = "there is no ID token in the answer"
            raise IdentityProviderError(message)
        return dict(parsed)

    def _vouched(self, claims: dict[str, Any]) -> Vouched:
        subject = str(claims["sub"])
        wanted = str(claims.get("preferred_username") or claims.get("email") or subject)
        safe = "".join(c for c in wanted.lower() if c.isascii() and (c.isalnum() or c in "._@-"))
        name = str(claims.get("name") or wanted)[:_LONGEST_NAME]
        groups: Any = claims.get(self.provider.groups_claim) or []
        listed = [groups] if isinstance(groups, str) else [str(group) for group in groups]
        roles = roles_of_groups(listed, self.provider.roles_by_group)
        return Vouched(
            subject, Account(safe.lstrip("._@-")[:_LONGEST_NAME] or "staff", name, roles)
        )

    async def load_server_metadata(self) -> dict[str, Any]:
        """Read the provider's description once. Raises IdentityProviderError."""
        if not self.server_metadata:
            issuer = self.provider.issuer.rstrip("/")
            found = await self._json("GET", f"{issuer}/.well-known/openid-configuration")
            if str(found.get("issuer", "")).rstrip("/") != issuer:
                message = "the provider calls itself otherwise than our settings do"
                raise IdentityProviderError(message)
            self.server_metadata = found
        return self.server_metadata

    async def fetch_jwk_set(self, force: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - Authlib's own
        """Read the provider's keys, again when it signs with one that we do not know."""
        if force or "jwks" not in self.server_metadata:
            metadata = await self.load_server_metadata()
            self.server_metadata["jwks"] = await self._json("GET", str(metadata["jwks_uri"]))
        return cast("dict[str, Any]", self.server_metadata["jwks"])

    async def _json(self, method: str, url: str, **how: Any) -> dict[str, Any]:  # noqa: ANN401 - httpx's own
        try:
            async with httpx.AsyncClient(timeout=_PATIENCE) as client:
                answer = await client.request(method, url, **how)
                answer.raise_for_status()
                return cast("dict[str, Any]", answer.json())
        except (httpx.HTTPError, ValueError) as error:
            raise IdentityProviderError(type(error).__name__) from error
