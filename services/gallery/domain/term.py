"""A term: the time in which a curator held a mandate, as readers see it, and what counts for it."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.contracts.ids import CampaignId, CuratorId, MandateId
from services.contracts.ingest import MandateAnnounced

#: The states in which a mandate gives, or gave, a right; only then is anybody named.
_IN_FORCE = frozenset({"accepted", "ended", "stopped"})
#: A term that ends in the morning did not last that day.
_HALF_A_DAY = timedelta(hours=12)
_WEB = re.compile(r"https?://[^\s\"'<>]+\Z")


@dataclass(frozen=True)
class Term:
    """What is known of a mandate; without a name it is on no page."""

    mandate: MandateId
    campaign: CampaignId
    curator: CuratorId
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    state: str = "planned"
    hidden: bool = False
    heard: int = 0
    name: str = ""
    intro: str = ""
    accounts: tuple[str, ...] = ()

    @property
    def gallery(self) -> str:
        """Name the gallery in which it is shown."""
        return str(self.campaign)

    @property
    def path(self) -> str:
        """Give the path of its archive page."""
        return f"/g/{self.gallery}/t/{self.mandate}"

    @property
    def curator_path(self) -> str:
        """Give the path of its curator's page."""
        return curator_path(self.gallery, self.curator)

    @property
    def first_day(self) -> date:
        """Give the day on which it began, where it was held."""
        return self.starts_at.astimezone(self._zone).date()

    @property
    def last_day(self) -> date:
        """Give the last day of it: one that it left in the morning is not counted."""
        return max((self.ends_at.astimezone(self._zone) - _HALF_A_DAY).date(), self.first_day)

    @property
    def weeks(self) -> tuple[int, int]:
        """Give the numbers of its first and last week, as ISO 8601 counts them."""
        return self.first_day.isocalendar().week, self.last_day.isocalendar().week

    @property
    def _zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("Europe/Brussels")

    def begun(self, now: datetime) -> bool:
        """Whether it has begun: what lies ahead is not told to readers."""
        return self.starts_at <= now

    def running(self, now: datetime) -> bool:
        """Whether its curator holds the mandate now."""
        return self.state == "accepted" and self.starts_at <= now < self.ends_at


@dataclass(frozen=True)
class Beside:
    """The terms before and after one."""

    earlier: Term | None
    later: Term | None


def curator_path(gallery: str, curator: str) -> str:
    """Give the path of a curator's public page."""
    return f"/g/{gallery}/curators/{curator}"


def announce(term: Term, said: MandateAnnounced, heard: int) -> Term:
    """Take over what ingest says of a mandate, unless something newer was heard.

    Who did not say yes, or must not be shown, is forgotten: no name stays behind.
    """
    if heard <= term.heard:
        return term
    named = said.state in _IN_FORCE and not said.hidden
    return replace(
        term,
        curator=said.curator,
        starts_at=said.starts_at,
        ends_at=said.ends_at,
        time_zone=said.time_zone,
        state=said.state,
        hidden=said.hidden,
        heard=heard,
        name=said.name if named else "",
        intro=said.intro if named else "",
        accounts=tuple(a for a in said.accounts if _WEB.match(a)) if named else (),
    )


def unheard(said: MandateAnnounced) -> Term:
    """Give the term of which nothing was heard before this."""
    return Term(
        mandate=said.mandate,
        campaign=said.campaign,
        curator=said.curator,
        starts_at=said.starts_at,
        ends_at=said.ends_at,
        time_zone=said.time_zone,
    )
