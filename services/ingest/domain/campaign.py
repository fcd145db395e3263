"""Campaigns as people write them down, checked and turned into what is announced to every service.

Errors: InvalidCampaignError, with one sentence for each thing to mend.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from services.contracts.ids import CampaignId, SourceId
from services.contracts.ingest import (
    CampaignAnnounced,
    Curator,
    Hashtag,
    Localised,
    RightsBasis,
    SourceDescription,
)
from services.ingest.domain.hashtag import hashtag_key


class InvalidCampaignError(ValueError):
    """A campaign cannot be applied as it is written; `faults` are sentences."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        """List everything that must be mended, so that nobody has to try twice."""
        super().__init__("; ".join(faults))
        self.faults = faults


class _Written(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True
    )


class Window(_Written):
    """When a campaign takes posts, in local time of its zone, from (included) to (excluded)."""

    opens: datetime = Field(alias="from")
    closes: datetime = Field(alias="to")


class WrittenHashtag(_Written):
    """A hashtag to listen to, with other spellings that a person chose."""

    tag: str = Field(pattern=r"^#?\S{1,100}$")
    aliases: tuple[str, ...] = ()


class WrittenSource(_Written):
    """A source: its name within the campaign, its connector and that connector's own settings."""

    source: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")
    connector: str
    title: str = ""
    settings: dict[str, Any] = Field(default_factory=dict[str, Any])
    poll_seconds: float = Field(60, ge=1, le=86_400)
    rights: RightsBasis = RightsBasis()


class ConsentText(_Written):
    """Which version of the consent texts givers tick."""

    version: str = "1"


class Campaign(_Written):
    """A call for content, as it stands in a YAML file or comes in through the API."""

    campaign: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,59}$")
    name: Localised
    brief: Localised = Field(default_factory=dict[str, str])
    time_zone: str = "Europe/Brussels"
    window: Window
    hashtags: tuple[WrittenHashtag, ...] = ()
    consent: ConsentText = ConsentText()
    embed_origins: tuple[str, ...] = ()
    curators: tuple[Curator, ...] = ()
    sources: tuple[WrittenSource, ...]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if not self.name:
            message = "name: give the campaign a name in at least one language"
            raise ValueError(message)
        if self.opens_at >= self.closes_at:
            message = "window: 'to' must be later than 'from'"
            raise ValueError(message)
        if not self.sources:
            message = "sources: name at least one, such as {source: upload, connector: upload}"
            raise ValueError(message)
        if len({s.source for s in self.sources}) < len(self.sources):
            message = "sources: two of them have the same name"
            raise ValueError(message)
        if not self.hashtags and any(s.connector != "upload" for s in self.sources):
            message = "hashtags: name at least one, or posts from these sources can never match"
            raise ValueError(message)
        return self

    @property
    def zone(self) -> ZoneInfo:
        """Give the campaign's time zone."""
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            message = f"timeZone: {self.time_zone!r} is no zone; write one like Europe/Brussels"
            raise ValueError(message) from error

    def _instant(self, local: datetime) -> datetime:
        return (local if local.tzinfo else local.replace(tzinfo=self.zone)).astimezone(UTC)

    @property
    def opens_at(self) -> datetime:
        """Give the first instant at which a post counts."""
        return self._instant(self.window.opens)

    @property
    def closes_at(self) -> datetime:
        """Give the first instant at which a post no longer counts."""
        return self._instant(self.window.closes)

    @property
    def id(self) -> CampaignId:
        """Give the campaign's id."""
        return CampaignId(self.campaign)

    def source_id(self, source: WrittenSource) -> SourceId:
        """Give a source's id, which no other campaign's source has."""
        return SourceId(f"{self.campaign}/{source.source}")

    def announcement(self) -> CampaignAnnounced:
        """Give what every service is told of the campaign; connectors' settings are not."""
        return CampaignAnnounced(
            campaign=self.id,
            name=self.name,
            brief=self.brief,
            time_zone=self.time_zone,
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            hashtags=tuple(_with_keys(h) for h in self.hashtags),
            sources=tuple(
                SourceDescription(
                    source=self.source_id(s),
                    connector=s.connector,
                    title=s.title or s.source,
                    rights=s.rights,
                )
                for s in self.sources
            ),
            curators=self.curators,
            embed_origins=self.embed_origins,
            consent_version=self.consent.version,
        )


def _with_keys(written: WrittenHashtag) -> Hashtag:
    return Hashtag(
        tag=written.tag.lstrip("#"),
        aliases=tuple(a.lstrip("#") for a in written.aliases),
        key=hashtag_key(written.tag),
        alias_keys=tuple(hashtag_key(a) for a in written.aliases),
    )


def read_campaign(written: object) -> Campaign:
    """Check a campaign as it was written. Raises InvalidCampaignError."""
    try:
        return Campaign.model_validate(written)
    except ValidationError as error:
        faults = tuple(
            f"{'.'.join(str(p) for p in e['loc']) or 'the file'}: "
            f"{e['msg'].removeprefix('Value error, ')}"
            for e in error.errors(include_url=False)
        )
        raise InvalidCampaignError(faults) from None


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
