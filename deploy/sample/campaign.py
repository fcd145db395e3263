"""Fill in the sample's campaign files with the addresses of this run."""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from deploy.sample.settings import SampleSettings

#: The feast that everybody photographs, the city that somebody shows every two weeks, and the
#: series of ten.
NAMES = ("bollekesfeest", "zot-van-a", "tien-in-tien")


def campaign_text(settings: SampleSettings, name: str = NAMES[0]) -> str:
    """Give a campaign as YAML; without a Mastodon server its source is left out."""
    addresses = {
        "DICHTBIJ_MAGAZINE_URL": settings.magazine_url,
        "DICHTBIJ_MASTODON_URL": settings.mastodon_url,
    }
    text = Template(
        Path(__file__).with_name(f"{name}.yaml").read_text(encoding="utf-8")
    ).substitute(addresses)
    campaign: dict[str, Any] = yaml.safe_load(text)
    if not settings.mastodon_url:
        campaign["sources"] = [s for s in campaign["sources"] if s["connector"] != "mastodon"]
    return yaml.safe_dump(campaign, allow_unicode=True, sort_keys=False)
