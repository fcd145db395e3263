"""The knobs of moderation."""

from pydantic import Field, SecretStr

from services.chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """What moderation reads from its environment besides what every service reads."""

    session_private_key: SecretStr = Field(
        SecretStr(""),
        description="Ed25519 private key (JWK) that signs staff sessions; only the desk has it.",
    )
    oidc_issuer: str = Field(
        "",
        description="Address of an OpenID Connect provider by which staff sign in; empty for none.",
    )
    oidc_client_id: str = Field("", description="Name under which the provider knows the desk.")
    oidc_client_secret: SecretStr = Field(
        SecretStr(""), description="Secret that the provider gave the desk."
    )
    oidc_name: str = Field(
        "OpenID Connect", description="What the button on the sign-in page calls the provider."
    )
    oidc_scopes: str = Field(
        "openid profile email", description="Scopes to ask for; some providers need `groups` too."
    )
    oidc_groups_claim: str = Field(
        "groups", description="Claim that lists the groups of the one who signs in."
    )
    oidc_roles: str = Field(
        "dichtbij-moderators=moderator,dichtbij-editors=editor,dichtbij-coordinators=coordinator",
        description="Which group gives which role: group=role pairs by commas.",
    )

    @property
    def roles_by_group(self) -> dict[str, str]:
        """Give the pairs of `oidc_roles`."""
        pairs = (pair.partition("=") for pair in self.oidc_roles.split(",") if "=" in pair)
        return {group.strip(): role.strip() for group, _, role in pairs}

    @property
    def has_oidc(self) -> bool:
        """Whether staff can sign in by an identity provider."""
        return bool(self.oidc_issuer and self.oidc_client_id)
