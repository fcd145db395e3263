"""The gate, by its truth table."""

from itertools import product

import pytest

from services.contracts.ingest import Consent
from services.moderation.domain.clearing import obstacle, publishable
from services.moderation.domain.transitions import STATES
from tests.builders import MOMENT, an_item


def _expected(state: str, basis: str, connector: str, ticks: tuple[bool, ...] | None) -> bool:
    if state != "approved" or basis == "unknown":
        return False
    if ticks is None:
        return connector != "upload"
    made, licence, people, minor = ticks
    return made and licence and (people or not minor)


def test_an_item_is_publishable_exactly_when_every_axis_says_so() -> None:
    seen = 0
    ticked = [None, *product([True, False], repeat=4)]
    for state, basis, connector, ticks in product(
        STATES, ["declared", "agreement", "unknown"], ["upload", "mastodon"], ticked
    ):
        consent = None
        if ticks is not None:
            made, licence, people, minor = ticks
            consent = Consent(
                version="1", given_at=MOMENT, made=made, licence=licence, people=people, minor=minor
            )
        item = an_item(connector=connector, rights={"basis": basis}, consent=consent)
        allowed = publishable(state, item)
        assert allowed is _expected(state, basis, connector, ticks), (state, basis, ticks)
        assert allowed is (obstacle(state, item) is None)
        seen += allowed
    assert seen == 2 * (2 * 3 + 1)


@pytest.mark.parametrize("state", STATES)
def test_an_item_that_is_not_there_is_never_publishable(state: str) -> None:
    assert not publishable(state, None)  # type: ignore[arg-type]
