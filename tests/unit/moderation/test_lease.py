"""Whose item it is."""

from datetime import timedelta

import pytest

from services.contracts.ids import ItemId
from services.moderation.domain.errors import LeaseLostError
from services.moderation.domain.lease import Lease, insist_free
from tests.builders import MOMENT

ITEM = ItemId("een")


def test_what_a_colleague_holds_cannot_be_decided_on() -> None:
    lease = Lease("bram", "t", MOMENT + timedelta(seconds=1))
    with pytest.raises(LeaseLostError) as refused:
        insist_free(ITEM, lease, "anna", MOMENT)
    assert refused.value.holder == "bram"


@pytest.mark.parametrize(
    "lease",
    [
        None,
        Lease("anna", "t", MOMENT + timedelta(minutes=1)),
        Lease("anna", "t", MOMENT - timedelta(minutes=1)),
        Lease("bram", "t", MOMENT),
    ],
)
def test_what_nobody_else_holds_can_be_decided_on(lease: Lease | None) -> None:
    insist_free(ITEM, lease, "anna", MOMENT)
