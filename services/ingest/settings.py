"""The knobs of ingest."""

from pydantic import Field, SecretStr

from services.chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """What ingest reads from its environment besides what every service reads."""

    receipt_key: SecretStr = Field(
        SecretStr("00" * 32),
        description="64 hexadecimal digits from which receipt links are derived; keep them.",
    )
    fetch_allow: str = Field(
        "",
        description="host:port pairs, by commas, that may be fetched although they are private.",
    )
    user_agent: str = Field(
        "Dichtbij/0.1 (+https://example.org/about-our-bot)",
        description="How we name ourselves to the servers we read; give an address for complaints.",
    )
    decoders: int = Field(
        0, ge=0, le=64, description="Processes that decode photos; 0 for one a core."
    )
    uploads_at_once: int = Field(
        4, ge=1, le=64, description="Uploads that one web process checks at the same time."
    )
    smtp_url: SecretStr = Field(
        SecretStr(""),
        description="Mail server: smtp://user:password@host:port, or smtps:// for TLS from the"
        " start; empty keeps messages on the page /manage/outbox.",
    )
    mail_from: str = Field(
        "", description="From whom mail comes: an address, or Name <address>, of a domain of yours."
    )
    mail_pause: float = Field(
        30,
        gt=0,
        le=3600,
        description="Seconds before a mail that was turned away for now is tried again; each next"
        " pause is twice as long, up to four hours.",
    )

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Give the pairs of `fetch_allow`."""
        return frozenset(pair.strip() for pair in self.fetch_allow.split(",") if pair.strip())
