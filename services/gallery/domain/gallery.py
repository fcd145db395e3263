"""A gallery: one campaign's published items, newest first, under the campaign's name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.contracts.ids import CampaignId
from services.contracts.ingest import CampaignAnnounced, Phase

#: What may stand in `frame-ancestors`; anything else could smuggle in another directive.
_ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?\Z")

#: Languages that a title is looked for in when the reader's own has none.
_FALLBACK = ("nl", "en")


@dataclass(frozen=True)
class Gallery:
    """What is known of a gallery; `version` counts the changes that a reader could see.

    Items may be cleared before their campaign is announced; the gallery then bears the campaign's
    id until its name is known.
    """

    id: str
    campaign: CampaignId
    version: int = 0
    heard: int = 0
    title: Mapping[str, str] = field(default_factory=dict[str, str])
    brief: Mapping[str, str] = field(default_factory=dict[str, str])
    time_zone: str = "Europe/Brussels"
    embed_origins: tuple[str, ...] = ()
    phase: Phase = "live"

    def name_in(self, language: str) -> str:
        """Give the title in a language, or in the nearest one there is."""
        return in_language(self.title, language) or self.id

    def brief_in(self, language: str) -> str:
        """Give the campaign's invitation in a language, or in the nearest one there is."""
        return in_language(self.brief, language)

    @property
    def zone(self) -> ZoneInfo:
        """Give the zone in which times are shown."""
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("Europe/Brussels")


def in_language(texts: Mapping[str, str], language: str) -> str:
    """Choose the text in a language, else in Dutch or English, else the first there is."""
    for wanted in (language, *_FALLBACK):
        if texts.get(wanted):
            return texts[wanted]
    return next(iter(texts.values()), "")


def framing_origins(written: tuple[str, ...]) -> tuple[str, ...]:
    """Keep what is written as origins are; the rest would break the policy they go into."""
    tidy = (origin.strip().lower().rstrip("/") for origin in written)
    return tuple(dict.fromkeys(origin for origin in tidy if _ORIGIN.match(origin)))


def announce(gallery: Gallery, campaign: CampaignAnnounced, heard: int) -> Gallery:
    """Take over what a campaign says of itself, unless something newer was heard."""
    if heard <= gallery.heard:
        return gallery
    renamed = replace(
        gallery,
        title=dict(campaign.name),
        brief=dict(campaign.brief),
        time_zone=campaign.time_zone,
        embed_origins=framing_origins(campaign.embed_origins),
        phase=campaign.phase,
    )
    changed = renamed != gallery
    return replace(renamed, heard=heard, version=gallery.version + (1 if changed else 0))
