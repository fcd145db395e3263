"""What readers are told of an author's terms, and what stays between giver and us."""

import pytest

from services.moderation.domain.clearing import cleared_item
from tests.builders import an_item


@pytest.mark.parametrize(
    ("licence", "shown"),
    [("CC-BY-4.0", "CC-BY-4.0"), ("consent:2026-1", None), (None, None)],
)
def test_a_licence_is_shown_and_a_consent_is_not(licence: str | None, shown: str | None) -> None:
    assert cleared_item(an_item(licence=licence)).credit.licence == shown
