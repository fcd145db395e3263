"""Campaign templates: what most campaigns are like, so that only the rest has to be written.

Also the copy of an earlier campaign, which is a template of its own kind.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from services.contracts.ingest import Localised
from services.ingest.domain import campaign_texts as texts

#: A year that keeps the day of the week.
A_YEAR = timedelta(weeks=52)
_LONGEST_ID = 60
_FRIDAY = 4
_MONDAY = 0

Written = dict[str, Any]


@dataclass(frozen=True)
class CampaignTemplate:
    """A kind of campaign: how it is called, what it is for, and what is filled in for it."""

    template: str
    title: Localised
    summary: Localised
    brief: Localised
    rules: Localised
    terms: Callable[[date], Written]

    def written(self, name: str, today: date) -> Written:
        """Fill in a campaign of this name that begins soon after a day."""
        called = name.strip()
        tag = hashtag_of(called)
        filled: Written = {
            "campaign": id_of(called),
            "phase": "draft",
            "name": dict.fromkeys(texts.CONSENT, called),
            "brief": {k: v.replace("{name}", called) for k, v in self.brief.items()},
            "timeZone": "Europe/Brussels",
            "hashtags": [{"tag": tag, "aliases": []}] if tag else [],
            "rules": dict(self.rules),
            "rulesVersion": "1",
            "moderatedBy": dict(texts.MODERATED_BY),
            "afterwards": dict(texts.AFTERWARDS),
            "consent": {"version": "1", "text": dict(texts.CONSENT), "months": 24},
            "contributors": "everyone",
            "channels": ["web"],
            "sources": [dict(_UPLOAD)],
        }
        return filled | self.terms(today)


_UPLOAD: Mapping[str, Any] = {
    "source": "upload",
    "connector": "upload",
    "rights": {"basis": "declared"},
}


def next_weekday(today: date, weekday: int) -> date:
    """Give the first such day of the week that is at least a week away, to have time to prepare."""
    soonest = today + timedelta(days=7)
    return soonest + timedelta(days=(weekday - soonest.weekday()) % 7)


def _at(day: date, hour: int) -> str:
    return f"{day.isoformat()}T{hour:02}:00"


def _festival(today: date) -> Written:
    friday = next_weekday(today, _FRIDAY)
    return {
        "window": {"from": _at(friday, 12), "to": _at(friday + timedelta(days=5), 12)},
        "kinds": ["photo", "album"],
        "channels": ["web", "wall"],
        "series": {"places": 10, "deadline": _at(friday + timedelta(days=4), 20)},
    }


def _rotation(today: date) -> Written:
    monday = next_weekday(today, _MONDAY)
    return {
        "window": {"from": _at(monday, 9), "to": _at(monday + A_YEAR, 9)},
        "kinds": ["photo", "album", "text", "link", "song", "video"],
        "contributors": "curators",
        "rotation": {"days": 14, "first": monday.isoformat(), "hour": "09:00"},
    }


def _wide(today: date) -> Written:
    monday = next_weekday(today, _MONDAY)
    return {
        "window": {"from": _at(monday, 9), "to": _at(monday + timedelta(weeks=6), 9)},
        "kinds": ["photo"],
        "channels": ["web", "wall", "print"],
        "hashtags": [],
    }


def _blogs(today: date) -> Written:
    monday = next_weekday(today, _MONDAY)
    feed = {
        "source": "blog-1",
        "connector": "feed",
        "settings": {"url": ""},
        "rights": {"basis": "agreement", "evidence": ""},
    }
    return {
        "window": {"from": _at(monday, 9), "to": _at(monday + A_YEAR, 9)},
        "kinds": ["photo", "album", "text", "link"],
        "sources": [feed],
    }


def _casting(today: date) -> Written:
    monday = next_weekday(today, _MONDAY)
    return {
        "window": {"from": _at(monday, 9), "to": _at(monday + timedelta(weeks=3), 9)},
        "kinds": ["photo", "album", "text"],
        "hashtags": [],
    }


_ALL = (
    CampaignTemplate(
        "festival",
        texts.FESTIVAL_TITLE,
        texts.FESTIVAL_SUMMARY,
        texts.FESTIVAL_BRIEF,
        texts.FESTIVAL_RULES,
        _festival,
    ),
    CampaignTemplate(
        "rotation",
        texts.ROTATION_TITLE,
        texts.ROTATION_SUMMARY,
        texts.ROTATION_BRIEF,
        texts.ROTATION_RULES,
        _rotation,
    ),
    CampaignTemplate(
        "wide",
        texts.WIDE_TITLE,
        texts.WIDE_SUMMARY,
        texts.WIDE_BRIEF,
        texts.WIDE_RULES,
        _wide,
    ),
    CampaignTemplate(
        "blogs",
        texts.BLOGS_TITLE,
        texts.BLOGS_SUMMARY,
        texts.BLOGS_BRIEF,
        texts.BLOGS_RULES,
        _blogs,
    ),
    CampaignTemplate(
        "casting",
        texts.CASTING_TITLE,
        texts.CASTING_SUMMARY,
        texts.CASTING_BRIEF,
        texts.CASTING_RULES,
        _casting,
    ),
)
#: Every template by its name, in the order in which they are offered.
TEMPLATES: Mapping[str, CampaignTemplate] = {t.template: t for t in _ALL}


def id_of(name: str) -> str:
    """Make an address of a name: small letters, digits and hyphens; empty when none is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_ID].rstrip("-")


def hashtag_of(name: str) -> str:
    """Make a hashtag of a name: its letters and digits without spaces; empty when only digits."""
    kept = "".join(c for c in name.lower() if c.isalnum())
    return "" if kept.isdigit() else kept


def copy_of(written: Mapping[str, Any]) -> Written:
    """Make the same campaign a year later, on the same days of the week, as a draft.

    Texts and sources stay; its address gets the later year, so that both can exist.
    """
    copied: Written = deepcopy(dict(written))
    window = copied["window"]
    year = datetime.fromisoformat(window["from"]).year
    for place, name in (("window", "from"), ("window", "to"), ("series", "deadline")):
        part: Written = copied.get(place) or {}
        if part.get(name):
            part[name] = _a_year_later(part[name])
    if rotation := copied.get("rotation"):
        rotation["first"] = (date.fromisoformat(rotation["first"]) + A_YEAR).isoformat()
    later = str(datetime.fromisoformat(window["from"]).year)
    before = str(copied["campaign"])
    renamed = before.replace(str(year), later)
    if renamed == before:
        renamed = f"{before[: _LONGEST_ID - 5]}-{later}"
    return copied | {"campaign": renamed, "phase": "draft"}


def _a_year_later(moment: str) -> str:
    """Move what the clock shows, without its offset, which may be another one a year later."""
    return (datetime.fromisoformat(moment).replace(tzinfo=None) + A_YEAR).isoformat()
