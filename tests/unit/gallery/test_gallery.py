"""Galleries: named by their campaign, framed by those it lists and nobody else."""

import pytest

from services.gallery.domain.gallery import Gallery, announce, framing_origins, in_language
from tests.builders import CAMPAIGN, a_campaign

UNNAMED = Gallery(id=CAMPAIGN, campaign=CAMPAIGN)


def test_a_gallery_bears_its_id_until_the_campaign_is_announced() -> None:
    assert UNNAMED.name_in("nl") == CAMPAIGN
    assert announce(UNNAMED, a_campaign(), 1).name_in("fr") == "Bollekesfeest"


def test_an_announcement_that_changes_nothing_leaves_the_version() -> None:
    named = announce(UNNAMED, a_campaign(), 1)

    assert announce(named, a_campaign(), 2).version == named.version == 1
    assert announce(named, a_campaign(brief={"nl": "Kom!"}), 2).version == 2


def test_an_older_announcement_changes_nothing() -> None:
    named = announce(UNNAMED, a_campaign(), 3)

    assert announce(named, a_campaign(name={"nl": "Oud"}), 2) == named


@pytest.mark.parametrize(
    "written",
    [
        "https://a.example; script-src *",
        "*",
        "javascript:x",
        "https://a.example/path",
        "https://a.example\nX: y",
        "a.example",
    ],
)
def test_what_is_no_origin_may_not_frame(written: str) -> None:
    assert framing_origins((written,)) == ()


def test_origins_are_tidied_and_listed_once() -> None:
    written = ("https://A.example/", "https://a.example", "http://127.0.0.1:8000")

    assert framing_origins(written) == ("https://a.example", "http://127.0.0.1:8000")


def test_a_text_is_given_in_the_nearest_language() -> None:
    assert in_language({"nl": "hallo", "fr": "salut"}, "fr") == "salut"
    assert in_language({"nl": "hallo", "fr": "salut"}, "de") == "hallo"
    assert in_language({"fr": "salut"}, "de") == "salut"
    assert in_language({}, "de") == ""


def test_an_unknown_time_zone_does_not_stop_a_page() -> None:
    assert str(Gallery(CAMPAIGN, CAMPAIGN, time_zone="../etc").zone) == "Europe/Brussels"
