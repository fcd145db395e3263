"""The knobs of the gallery service."""

from pydantic import Field

from services.chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """What only galleries need to know."""

    gallery_live_connections: int = Field(
        2000, ge=1, description="Open live connections that one gallery web process accepts."
    )
    gallery_media_cache_bytes: int = Field(
        64_000_000, ge=0, description="Bytes of photos that a gallery web process keeps in memory."
    )
    gallery_page_cache_bytes: int = Field(
        32_000_000, ge=0, description="Bytes of pages that a gallery web process keeps in memory."
    )
