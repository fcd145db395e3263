"""The settings that every service reads from its environment; all begin with DICHTBIJ_."""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Where the parts are and who we are; the descriptions are written into `.env.example`."""

    model_config = SettingsConfigDict(env_prefix="DICHTBIJ_", extra="ignore", frozen=True)

    tenant: str = Field(
        "stad",
        pattern=r"^[a-z0-9-]{1,40}$",
        description="Name of this installation; part of every topic's name.",
    )
    kafka_bootstrap: str = Field(
        "127.0.0.1:9092",
        description="Kafka brokers, host:port, separated by commas. Kafka 3.9 or newer.",
    )
    kafka_replication: int = Field(
        1, ge=1, le=5, description="Copies of each topic; 3 where there are three brokers."
    )
    database_url: SecretStr = Field(
        SecretStr("postgresql://dichtbij@127.0.0.1:5432/dichtbij"),
        description="PostgreSQL 15 or newer, as a URL with user and password.",
    )
    database_connections: int = Field(
        8, ge=2, le=100, description="Connections that each process may hold open."
    )
    s3_endpoint: str = Field("http://127.0.0.1:9000", description="URL of the S3 server.")
    s3_region: str = Field("us-east-1", description="Region name that the S3 server expects.")
    s3_access_key: str = Field("dichtbij", description="Access key of the S3 server.")
    s3_secret_key: SecretStr = Field(SecretStr(""), description="Secret key of the S3 server.")
    s3_bucket_prefix: str = Field(
        "dichtbij",
        description="First part of the names of the buckets originals, renditions, public.",
    )
    host: str = Field("127.0.0.1", description="Address that this process listens on.")
    port: int = Field(
        8000,
        ge=0,
        le=65535,
        description="Port of this process; stream processes answer health checks.",
    )
    ingest_url: str = Field(
        "http://localhost:8001", description="Public address of the ingest pages."
    )
    moderation_url: str = Field("http://localhost:8002", description="Public address of the desk.")
    gallery_url: str = Field(
        "http://localhost:8003", description="Public address of galleries and embeds."
    )
    session_public_key: str = Field(
        "", description="Ed25519 public key (JWK) by which staff sessions are verified."
    )
    session_domain: str = Field(
        "",
        pattern=r"^([a-z0-9-]+(\.[a-z0-9-]+)+)?$",
        description="Domain that desk and ingest share (example.org), where they have host names of"
        " their own; every host below it then gets the session. Empty for one host.",
    )
    log_format: Literal["json", "console"] = Field(
        "json", description="json for machines, console for a person at a terminal."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least severe log line that is written."
    )
    otlp_endpoint: str = Field(
        "",
        description="OTLP/HTTP collector for traces (http://collector:4318); empty for none.",
    )
    trusted_proxies: str = Field(
        "127.0.0.1",
        description="Addresses of reverse proxies whose X-Forwarded-For is believed, by commas.",
    )

    @property
    def secure(self) -> bool:
        """Whether people reach the desk by https, so that cookies can insist on it."""
        return self.moderation_url.startswith("https://")
