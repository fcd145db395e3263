"""The curators of the sample: a turn that runs, one that begins in minutes, and series of ten.

Told by the same addresses and forms that people use. What was told is written down, so that the
next start goes on: the city's turn is handed over again a few minutes after each start.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from deploy.sample.album import album
from deploy.sample.people import CURATORS
from deploy.sample.story import Turn, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from deploy.sample.photos import SamplePhoto
    from deploy.sample.settings import SampleSettings
    from deploy.sample.story import Story

ZONE = ZoneInfo("Europe/Brussels")
CITY, SERIES = "zot-van-a", "tien-in-tien"
#: The next turn begins so soon after a start that one can watch it.
SOON = timedelta(minutes=5)
TWO_WEEKS = timedelta(days=14)
PLACES, MISSING = 10, 3

#: Who shows the city, in this order and then again; invented, like everybody here.
CITIZENS = (
    (
        "Fatima Amrani; fatima@example.org",
        "Verpleegster; kent elke bakker die om vijf uur open is.",
    ),
    ("Jonas Peeters; jonas@example.org", "Tramchauffeur, fotografeert alleen aan eindhaltes."),
    ("Mei Lin Chen; meilin@example.org", "Studeert architectuur en telt trapgevels in bed."),
    ("Stijn Mertens; stijn@example.org", "Havenloods, dus vooral 's nachts op pad."),
)
WAITING_LIST = "Aïcha Bouzid; aicha@example.org\nDirk Claessens"
NOTE = "De bakker in de Dambruggestraat laat je binnen om vijf uur. Zeg dat je van mij komt!"


@dataclass(slots=True)
class Given:
    """A turn as it was told: whose, when in local time, by which link, how far it came."""

    campaign: str
    person: str
    mandate: str
    link: str
    starts: str
    ends: str
    photos: int = 0


def tell_of_curators(
    story: Story, settings: SampleSettings, turns: list[Given], write: Callable[[], None]
) -> None:
    """Tell of all curators, as far as they were not told of yet."""
    csrf = story.sign_in()
    hand_over(story, csrf, turns, datetime.now(ZONE))
    write()
    photos = album(20, settings.photos)
    running = next(t for t in turns if t.campaign == CITY)
    _give(story, csrf, running, photos[17:20], approved=3)
    if not any(turn.campaign == SERIES for turn in turns):
        for curator in CURATORS[:4]:
            turns.append(_begin(story, csrf, SERIES, _series_turn(curator.name), curator.bio))
            write()
    makers = [turn for turn in turns if turn.campaign == SERIES]
    # One story is complete and shown, one lacks three photos, one has just begun.
    _give(story, csrf, makers[1], photos[7:17], approved=PLACES)
    _give(story, csrf, makers[0], photos[: PLACES - MISSING], approved=PLACES - MISSING - 1)
    write()


def _series_turn(name: str) -> Turn:
    handle = name.split(maxsplit=1)[0].lower()
    return Turn(f"{name}; {handle}@example.org", "2026-08-14T09:00", "2098-12-31T09:00")


def hand_over(story: Story, csrf: str, turns: list[Given], now: datetime) -> None:
    """Have somebody show the city now, and somebody else from a few minutes on."""
    city = [turn for turn in turns if turn.campaign == CITY]
    if not city:
        story.wait_in_line(csrf, CITY, WAITING_LIST)
    coming = [turn for turn in city if _local(turn.starts) > now]
    if coming and _local(coming[0].starts) - now < timedelta(hours=1):
        return
    change = the_change(now)
    if city and _local(city[-1].ends) > now:
        running = city[-1]
        story.end_at(csrf, running.mandate, running.starts, _written(change))
        running.ends = _written(change)
    else:
        # The first start, or the last one was so long ago that nobody has the turn any more.
        starts = max([change - TWO_WEEKS, *(_local(turn.ends) for turn in city)])
        turns.append(_city_turn(story, csrf, len(city), starts, change))
        story.leave_note(turns[-1].link, turns[-1].mandate, NOTE)
    number = len([turn for turn in turns if turn.campaign == CITY])
    turns.append(_city_turn(story, csrf, number, change, change + TWO_WEEKS))


def the_change(now: datetime) -> datetime:
    """Give the full minute, a few minutes from now, at which the city's turn changes hands.

    In the nights in which the clocks change it may name an hour that does not exist or exists
    twice: then it is the first minute after that.
    """
    change = (now.astimezone(UTC) + SOON + timedelta(minutes=1)).replace(second=0, microsecond=0)
    while _local(_written(change)) != change or _doubled(change):
        change += timedelta(minutes=1)
    return change


def _doubled(instant: datetime) -> bool:
    local = instant.astimezone(ZONE)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _written(instant: datetime) -> str:
    """Write an instant as the forms take it: local, to the minute."""
    return instant.astimezone(ZONE).replace(tzinfo=None).isoformat(timespec="minutes")


def _city_turn(story: Story, csrf: str, number: int, starts: datetime, ends: datetime) -> Given:
    person, intro = CITIZENS[number % len(CITIZENS)]
    return _begin(story, csrf, CITY, Turn(person, _written(starts), _written(ends)), intro)


def _local(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=ZONE)


def _begin(story: Story, csrf: str, campaign: str, turn: Turn, intro: str) -> Given:
    """Plan a turn, introduce and invite its curator, and let them say yes."""
    mandate = story.plan(csrf, campaign, turn)
    story.introduce(csrf, mandate, turn.person, intro)
    link = story.invite(csrf, mandate)
    story.accept(link, mandate)
    return Given(campaign, turn.person, mandate, link, turn.starts, turn.ends)


def _give(
    story: Story, csrf: str, turn: Given, photos: list[SamplePhoto], *, approved: int
) -> None:
    """Give photos for a turn, say that a whole series is done, and approve the first of them."""
    if turn.photos >= len(photos):
        return
    story.give(turn.link, turn.mandate, photos)
    if turn.campaign == SERIES and len(photos) == PLACES:
        story.arrange(turn.link, turn.mandate, "done")
    waiting = story.await_photos(turn.link, turn.mandate, len(photos))
    story.decide(csrf, [Verdict(item) for item in waiting[:approved]], turn.campaign)
    turn.photos = len(photos)
