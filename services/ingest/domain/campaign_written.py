"""The shape in which people write a campaign down, and what is announced of it.

A YAML file, the API and the form of the staff pages share it; whatever is missing has a default.
"""

from datetime import UTC, date, datetime, time
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from services.contracts.ids import CampaignId, SourceId
from services.contracts.ingest import (
    CampaignAnnounced,
    Channel,
    Curator,
    Hashtag,
    ItemKind,
    Localised,
    Phase,
    RightsBasis,
    SeriesTerms,
    SourceDescription,
)
from services.ingest.domain.campaign_words import Fault, fault_at
from services.ingest.domain.hashtag import hashtag_key
from services.ingest.domain.planning import local_instant

#: The languages in which a campaign's texts can be written.
WRITTEN_LANGUAGES = ("nl", "fr", "en", "de")


class InvalidCampaignError(ValueError):
    """A campaign cannot be applied as it is written; `faults` are sentences."""

    def __init__(self, found: tuple[Fault, ...]) -> None:
        """List everything that must be mended, so that nobody has to try twice."""
        self.found = found
        self.faults = tuple(str(fault) for fault in found)
        super().__init__("; ".join(self.faults))


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
    """A source: its name within the campaign, its connector and that connector's own settings.

    What comes from one that is `handedOver` counts for whoever holds the mandate at its time.
    """

    source: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")
    connector: str
    title: str = ""
    settings: dict[str, Any] = Field(default_factory=dict[str, Any])
    poll_seconds: float = Field(60, ge=1, le=86_400)
    rights: RightsBasis = RightsBasis()
    handed_over: bool = False


class ConsentText(_Written):
    """What givers agree to, under which version, for how many months; None until taken back."""

    version: str = Field(default="1", min_length=1, max_length=60)
    text: Localised = Field(default_factory=dict[str, str])
    months: int | None = Field(default=None, ge=1, le=600)


class WrittenSeries(_Written):
    """How many photos each curator's series has, and by when it is complete, in local time."""

    places: int = Field(ge=1, le=100)
    deadline: datetime | None = None


class Rotation(_Written):
    """How mandates follow each other: each of so many days, the first one from this local hour."""

    days: int = Field(14, ge=1, le=366)
    first: date
    hour: time = time(9)

    @property
    def first_local(self) -> datetime:
        """Give the local time at which the first mandate begins."""
        return datetime.combine(self.first, self.hour)


class Campaign(_Written):
    """A call for content, as it stands in a YAML file or comes in through the API or a form.

    One that does not say its phase keeps the one it has, and is live when it is new.
    """

    campaign: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,59}$")
    phase: Phase | None = None
    name: Localised
    brief: Localised = Field(default_factory=dict[str, str])
    time_zone: str = "Europe/Brussels"
    window: Window
    hashtags: tuple[WrittenHashtag, ...] = ()
    kinds: tuple[ItemKind, ...] = ("photo", "album", "text")
    channels: tuple[Channel, ...] = ("web",)
    places: tuple[str, ...] = ()
    contributors: Literal["everyone", "curators"] = "everyone"
    series: WrittenSeries | None = None
    rotation: Rotation | None = None
    rules: Localised = Field(default_factory=dict[str, str])
    rules_version: str = Field(default="1", min_length=1, max_length=60)
    moderated_by: Localised = Field(default_factory=dict[str, str])
    afterwards: Localised = Field(default_factory=dict[str, str])
    consent: ConsentText = ConsentText()
    embed_origins: tuple[str, ...] = ()
    curators: tuple[Curator, ...] = ()
    sources: tuple[WrittenSource, ...]

    @property
    def opens_at(self) -> datetime:
        """Give the first instant at which a post counts."""
        return instant_of(self.window.opens, self.time_zone)

    @property
    def closes_at(self) -> datetime:
        """Give the first instant at which a post no longer counts."""
        return instant_of(self.window.closes, self.time_zone)

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
            sources=tuple(self._described(s) for s in self.sources),
            curators=self.curators,
            embed_origins=self.embed_origins,
            consent_version=self.consent.version,
            phase=self.phase or "live",
            kinds=self.kinds,
            channels=self.channels,
            places=self.places,
            contributors=self.contributors,
            series=self._series_terms(),
            rules=self.rules,
            rules_version=self.rules_version,
            moderated_by=self.moderated_by,
            afterwards=self.afterwards,
            consent_text=self.consent.text,
            consent_months=self.consent.months,
        )

    def _described(self, source: WrittenSource) -> SourceDescription:
        return SourceDescription(
            source=self.source_id(source),
            connector=source.connector,
            title=source.title or source.source,
            rights=source.rights,
            handed_over=source.handed_over,
        )

    def _series_terms(self) -> SeriesTerms | None:
        if self.series is None:
            return None
        deadline = self.series.deadline
        return SeriesTerms(
            places=self.series.places,
            deadline=None if deadline is None else instant_of(deadline, self.time_zone),
        )

    def text_by_language(self) -> dict[str, Localised]:
        """Give everything that is written by language, by its place."""
        return {
            "name": self.name,
            "brief": self.brief,
            "rules": self.rules,
            "moderatedBy": self.moderated_by,
            "afterwards": self.afterwards,
            "consent.text": self.consent.text,
        }


def instant_of(written: datetime, zone: str) -> datetime:
    """Give the instant that a written time means: by its own offset, else by the zone's clock."""
    return local_instant(written, zone) if written.tzinfo is None else written.astimezone(UTC)


def _with_keys(written: WrittenHashtag) -> Hashtag:
    return Hashtag(
        tag=written.tag.lstrip("#"),
        aliases=tuple(a.lstrip("#") for a in written.aliases),
        key=hashtag_key(written.tag),
        alias_keys=tuple(hashtag_key(a) for a in written.aliases),
    )


def zone_of(name: str) -> ZoneInfo | None:
    """Give a time zone by its name; None when there is no such zone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def shape_of(written: object) -> Campaign:
    """Read a campaign without asking whether it holds together. Raises InvalidCampaignError."""
    try:
        return Campaign.model_validate(written)
    except ValidationError as error:
        raise InvalidCampaignError(
            tuple(
                fault_at(".".join(str(p) for p in e["loc"]), e["type"], e.get("ctx", {}))
                for e in error.errors(include_url=False)
            )
        ) from None
