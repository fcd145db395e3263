"""The register of reasons."""

from services.moderation.domain.reason import REASONS, reason_text


def test_every_reason_can_be_read_in_all_four_languages() -> None:
    for reason in REASONS:
        assert set(reason.text) == {"nl", "fr", "en", "de"}
        assert all(reason.text.values())


def test_reasons_fit_the_nine_digits_and_have_codes_of_their_own() -> None:
    assert len({reason.code for reason in REASONS}) == len(REASONS) <= 9


def test_a_code_that_was_dropped_stands_for_itself() -> None:
    assert reason_text("gone-long-ago", "nl") == "gone-long-ago"
    assert reason_text("duplicate", "nl") == "Deze foto hebben we al"
