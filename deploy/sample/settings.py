"""Where everything of the sample is found, read from the environment once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class SampleSettings:
    """Addresses of the services and of the sample's own site, and the folder of this run."""

    host: str
    port: int
    ingest_url: str
    moderation_url: str
    gallery_url: str
    magazine_url: str
    mastodon_url: str
    folder: Path
    desk_user: str
    desk_password: str

    @property
    def photos(self) -> Path:
        """Give the folder of drawn photos, which every run of this checkout shares."""
        return CHECKOUT / ".local" / "sample"


def read_settings(environment: Mapping[str, str]) -> SampleSettings:
    """Read the variables that a run gives all its processes; what is missing gets a local value."""

    def address(name: str, otherwise: str) -> str:
        return environment.get(f"DICHTBIJ_{name}_URL", otherwise).rstrip("/")

    port = int(environment.get("DICHTBIJ_SAMPLE_PORT", "8004"))
    folder = Path(environment.get("DICHTBIJ_LOCAL_FOLDER", CHECKOUT / ".local"))
    return SampleSettings(
        host=environment.get("DICHTBIJ_HOST", "127.0.0.1"),
        port=port,
        ingest_url=address("INGEST", "http://localhost:8001"),
        moderation_url=address("MODERATION", "http://localhost:8002"),
        gallery_url=address("GALLERY", "http://localhost:8003"),
        magazine_url=address("MAGAZINE", f"http://localhost:{port}"),
        mastodon_url=address("MASTODON", ""),
        folder=folder,
        desk_user=environment.get("DICHTBIJ_DESK_USER", "coordinator"),
        desk_password=environment.get("DICHTBIJ_DESK_PASSWORD") or _kept_password(folder),
    )


def _kept_password(folder: Path) -> str:
    """Read the password that the first run printed and kept, or nothing before that."""
    kept = folder / "desk-password"
    return kept.read_text(encoding="utf-8").strip() if kept.is_file() else ""
