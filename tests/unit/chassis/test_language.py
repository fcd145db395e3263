from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.language import LANGUAGES, choose_language, translations


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("", "nl"),
        ("fr", "fr"),
        ("fr-BE,fr;q=0.9,en;q=0.8", "fr"),
        ("en;q=0.5, de-AT;q=0.7", "de"),
        ("es, pt;q=0.9", "nl"),
        ("es, en;q=0.1", "en"),
        ("fr;q=0, en;q=0.2", "en"),
        ("fr;q=veel, de", "de"),
        ("NL-be", "nl"),
        ("*", "nl"),
    ],
)
def test_the_browsers_list_decides_the_language(accepted: str, chosen: str) -> None:
    assert choose_language(None, accepted) == chosen


def test_the_address_decides_before_the_browser() -> None:
    assert choose_language("de", "fr") == "de"


def test_a_language_that_we_do_not_speak_is_passed_over() -> None:
    assert choose_language("xx", "fr") == "fr"


@given(st.none() | st.text(max_size=10), st.text(max_size=200))
def test_whatever_is_asked_a_language_is_chosen(wanted: str | None, accepted: str) -> None:
    assert choose_language(wanted, accepted) in LANGUAGES


def a_folder(place: Path, **texts: str) -> Path:
    place.mkdir()
    for language, written in texts.items():
        head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        (place / f"{language}.po").write_text(head + written, encoding="utf-8")
    return place


def test_a_text_is_found_in_the_service_first_and_else_in_the_chassis(tmp_path: Path) -> None:
    chassis = a_folder(
        tmp_path / "chassis", nl='msgid "yes"\nmsgstr "ja"\n\nmsgid "no"\nmsgstr "nee"\n'
    )
    service = a_folder(tmp_path / "service", nl='msgid "yes"\nmsgstr "jazeker"\n')

    known = translations("nl", (chassis, service))

    assert [known.gettext(t) for t in ("yes", "no", "maybe")] == ["jazeker", "nee", "maybe"]


def test_english_needs_no_translation(tmp_path: Path) -> None:
    assert translations("en", (a_folder(tmp_path / "none"),)).gettext("yes") == "yes"
