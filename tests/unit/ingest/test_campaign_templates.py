"""Campaign templates and copies: each is a whole campaign, in four languages, on sensible days."""

from datetime import date, datetime
from typing import Any

import pytest

from services.ingest.domain.campaign import read_campaign
from services.ingest.domain.campaign_templates import TEMPLATES, copy_of, hashtag_of, id_of

LANGUAGES = {"nl", "fr", "en", "de"}
DAYS = [date(2026, 10, 12), date(2026, 11, 23), date(2027, 3, 15), date(2028, 2, 29)]


def filled(template: str, today: date = DAYS[0]) -> dict[str, Any]:
    """A template with the one thing that nobody can guess: the address of a blog."""
    written = TEMPLATES[template].written("Nacht van de Kaai", today)
    for source in written["sources"]:
        if source["connector"] == "feed":
            source["settings"]["url"] = "https://griet.example/feed.xml"
    return written


@pytest.mark.parametrize("today", DAYS)
@pytest.mark.parametrize("template", TEMPLATES)
def test_each_template_is_a_whole_campaign_that_begins_soon(template: str, today: date) -> None:
    campaign = read_campaign(filled(template, today))
    assert campaign.phase == "draft"
    assert 7 <= (campaign.window.opens.date() - today).days <= 13
    assert campaign.id == "nacht-van-de-kaai"


@pytest.mark.parametrize("template", TEMPLATES)
def test_each_template_speaks_four_languages(template: str) -> None:
    campaign = read_campaign(filled(template))
    for place, texts in campaign.text_by_language().items():
        assert set(texts) == LANGUAGES, place
        assert all(text.strip() and "{" not in text for text in texts.values()), place
        if place != "name":
            assert len(set(texts.values())) == len(LANGUAGES), place
    assert "Nacht van de Kaai" in campaign.brief["fr"]
    assert set(TEMPLATES[template].title) == set(TEMPLATES[template].summary) == LANGUAGES


def test_the_templates_are_what_they_are_called() -> None:
    festival, rotation, wide, blogs, casting = (
        read_campaign(filled(t)) for t in ("festival", "rotation", "wide", "blogs", "casting")
    )
    assert festival.series is not None
    assert festival.series.places == 10
    assert rotation.rotation is not None
    assert rotation.contributors == "curators"
    assert rotation.rotation.first_local == rotation.window.opens
    assert rotation.window.opens.weekday() == rotation.window.closes.weekday() == 0
    assert (rotation.closes_at - rotation.opens_at).days == 364
    assert wide.kinds == ("photo",)
    assert "print" in wide.channels
    assert {s.connector for s in blogs.sources} == {"feed"}
    assert "text" in casting.kinds


def test_a_name_becomes_an_address_and_a_hashtag() -> None:
    assert id_of("  Zot van Ä! 2027 ") == "zot-van-a-2027"
    assert id_of("東京") == ""
    assert len(id_of("a b" * 100)) <= 60
    assert hashtag_of("Zot van Ä!") == "zotvanä"
    assert hashtag_of("2027") == ""


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_copy_is_a_draft_a_year_later_on_the_same_days_of_the_week(template: str) -> None:
    before = read_campaign(filled(template) | {"phase": "archived", "campaign": "kaai-2026"})
    after = read_campaign(copy_of(before.model_dump(mode="json", by_alias=True)))
    assert (after.id, after.phase) == ("kaai-2027", "draft")
    for old, new in (
        (before.window.opens, after.window.opens),
        (before.window.closes, after.window.closes),
        (before.series and before.series.deadline, after.series and after.series.deadline),
        (
            before.rotation and before.rotation.first_local,
            after.rotation and after.rotation.first_local,
        ),
    ):
        if isinstance(old, datetime) and isinstance(new, datetime):
            assert (new - old).days == 364
            assert (new.weekday(), new.time()) == (old.weekday(), old.time())
        else:
            assert old == new
    assert after.sources == before.sources
    assert after.text_by_language() == before.text_by_language()
    assert after.hashtags == before.hashtags


def test_a_copy_without_a_year_in_its_address_gets_one() -> None:
    written = read_campaign(filled("wide")).model_dump(mode="json", by_alias=True)
    assert copy_of(written)["campaign"] == "nacht-van-de-kaai-2027"
    assert len(copy_of(written | {"campaign": "k" * 60})["campaign"]) == 60


def test_a_copy_leaves_the_original_alone() -> None:
    written = read_campaign(filled("festival")).model_dump(mode="json", by_alias=True)
    window = dict(written["window"])
    copy_of(written)
    assert written["window"] == window


def test_a_time_with_its_offset_is_copied_as_the_clock_shows_it() -> None:
    written = filled("wide") | {
        "window": {"from": "2026-10-25T02:30+01:00", "to": "2026-12-01T00:00+01:00"}
    }
    dumped = read_campaign(written).model_dump(mode="json", by_alias=True)
    assert copy_of(dumped)["window"]["from"] == "2027-10-24T02:30:00"
