"""Campaigns as people write them down, checked, copied; and when a post counts for one.

Errors: InvalidCampaignError, with one sentence for each thing to mend and the place where it is.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from services.contracts.ingest import Phase
from services.ingest.domain.campaign_words import Fault
from services.ingest.domain.campaign_written import (
    WRITTEN_LANGUAGES,
    Campaign,
    InvalidCampaignError,
    instant_of,
    shape_of,
    zone_of,
)
from services.ingest.domain.hashtag import hashtag_key
from services.ingest.domain.planning import DoubledHourError, MissingHourError

__all__ = [
    "CLOCK_SKEW",
    "OLDEST_CLAIM",
    "PHASE_MOVES",
    "Campaign",
    "InvalidCampaignError",
    "effective_time",
    "read_campaign",
]

#: Where each phase can go by a button; a file or the API may write any.
PHASE_MOVES: dict[Phase, tuple[Phase, ...]] = {
    "draft": ("live",),
    "live": ("paused", "closed"),
    "paused": ("live", "closed"),
    "closed": ("live", "archived"),
    "archived": ("closed",),
}
_RESERVED = frozenset({"new"})
_FIRST_YEAR, _LAST_YEAR = 1900, 9000
_ORIGIN = re.compile(r"https?://[^\s/?#@]+/?")
_SETTINGS = {"mastodon": "server", "feed": "url"}
_SETTING_CODE = {"mastodon": "server", "feed": "feed"}


def read_campaign(written: object) -> Campaign:
    """Check a campaign as it was written. Raises InvalidCampaignError."""
    campaign = shape_of(written)
    if found := tuple(_faults(campaign)):
        raise InvalidCampaignError(found)
    return campaign


def _faults(campaign: Campaign) -> Iterator[Fault]:
    if campaign.campaign in _RESERVED:
        yield Fault("campaign", "campaign-reserved")
    yield from _text_faults(campaign)
    yield from _time_faults(campaign)
    yield from _hashtag_faults(campaign)
    yield from _source_faults(campaign)
    if not campaign.kinds:
        yield Fault("kinds", "kinds")
    if not campaign.channels:
        yield Fault("channels", "channels")
    for n, place in enumerate(campaign.places):
        if place in campaign.places[:n]:
            yield Fault("places", "place-doubled", {"place": place})
    for origin in campaign.embed_origins:
        if not _ORIGIN.fullmatch(origin):
            yield Fault("embedOrigins", "origin")


def _text_faults(campaign: Campaign) -> Iterator[Fault]:
    if not any(name.strip() for name in campaign.name.values()):
        yield Fault("name", "name")
    for place, texts in campaign.text_by_language().items():
        for language in texts:
            if language not in WRITTEN_LANGUAGES:
                yield Fault(place, "language", {"language": language})


def _time_faults(campaign: Campaign) -> Iterator[Fault]:
    if zone_of(campaign.time_zone) is None:
        yield Fault("timeZone", "zone", {"zone": campaign.time_zone})
        return
    moments = {"window.from": campaign.window.opens, "window.to": campaign.window.closes}
    if campaign.series and campaign.series.deadline:
        moments["series.deadline"] = campaign.series.deadline
    if campaign.rotation:
        moments["rotation.first"] = campaign.rotation.first_local
    found = [
        fault
        for place, moment in moments.items()
        if (fault := _moment_fault(place, moment, campaign.time_zone))
    ]
    yield from found
    if found:
        return
    if campaign.opens_at >= campaign.closes_at:
        yield Fault("window.to", "window")
    elif "series.deadline" in moments:
        deadline = instant_of(moments["series.deadline"], campaign.time_zone)
        if not campaign.opens_at < deadline <= campaign.closes_at:
            yield Fault("series.deadline", "deadline")


def _moment_fault(place: str, moment: datetime, zone: str) -> Fault | None:
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return Fault(place, "too-far")
    try:
        instant_of(moment, zone)
    except MissingHourError:
        before, after = (_through_utc(moment.replace(fold=fold), zone) for fold in (1, 0))
        return Fault(place, "missing-hour", {"before": _local(before), "after": _local(after)})
    except DoubledHourError:
        first, second = (moment.replace(tzinfo=zone_of(zone), fold=fold) for fold in (0, 1))
        return Fault(
            place,
            "doubled-hour",
            {n: m.isoformat(timespec="minutes") for n, m in (("first", first), ("second", second))},
        )
    return None


def _through_utc(moment: datetime, zone: str) -> datetime:
    """Give what the clock shows at a time that it skips, by the offset before or after."""
    there = zone_of(zone)
    return moment.replace(tzinfo=there).astimezone(UTC).astimezone(there)


def _local(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M")


def _hashtag_faults(campaign: Campaign) -> Iterator[Fault]:
    seen: set[str] = set()
    for n, hashtag in enumerate(campaign.hashtags):
        spellings = [(f"hashtags.{n}.tag", hashtag.tag)]
        spellings += [(f"hashtags.{n}.aliases", alias) for alias in hashtag.aliases]
        own: set[str] = set()
        for place, spelling in spellings:
            key = hashtag_key(spelling)
            if not key:
                yield Fault(place, "hashtag-empty", {"tag": spelling})
            elif key in seen:
                yield Fault(place, "hashtag-doubled", {"tag": spelling, "key": key})
            own.add(key)
        seen |= own


def _source_faults(campaign: Campaign) -> Iterator[Fault]:
    if not campaign.sources:
        yield Fault("sources", "no-source")
    names = [source.source for source in campaign.sources]
    for n, source in enumerate(campaign.sources):
        if source.source in names[:n]:
            yield Fault(f"sources.{n}.source", "source-doubled")
        setting = _SETTINGS.get(source.connector)
        if setting and not _is_address(source.settings.get(setting)):
            place = f"sources.{n}.settings.{setting}"
            yield Fault(place, _SETTING_CODE[source.connector])
    searched = [s.title or s.source for s in campaign.sources if s.connector != "upload"]
    if searched and not campaign.hashtags:
        yield Fault("hashtags", "no-hashtag", {"sources": ", ".join(searched)})


def _is_address(written: object) -> bool:
    try:
        parts = urlsplit(str(written or ""))
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


#: How far ahead of our clock a source's claimed time may be before we trust our own instead.
CLOCK_SKEW = timedelta(minutes=10)
#: How far back a claimed time is believed.
OLDEST_CLAIM = timedelta(days=7)


def effective_time(claimed: datetime | None, observed: datetime) -> datetime:
    """Decide when a post counts as made: as claimed where believable, else as seen.

    The one rule of `docs/architecture.md`: claims later than ten minutes from now or older than
    seven days are not believed.
    """
    if claimed is None or not observed - OLDEST_CLAIM <= claimed <= observed + CLOCK_SKEW:
        return observed
    return min(claimed, observed)
