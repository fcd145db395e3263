import string
from datetime import timedelta
from typing import Any, cast

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.ingest.domain.link import (
    AlteredLinkError,
    ExpiredLinkError,
    PrivateLink,
    RevokedLinkError,
)
from services.ingest.store.links import Links
from tests.builders import MOMENT

#: An altered token must be refused before anything is looked up, so there is nothing to look in.
NOWHERE = cast("Any", None)
OURS, OTHERS = Links("01" * 32), Links("02" * 32)
TOKEN = OURS.token("abcdefghijklmnop")
_SIGNS = string.ascii_letters + string.digits + "-_.="


async def refused(token: str) -> bool:
    try:
        await OURS.find(NOWHERE, "receipt", token)
    except AlteredLinkError:
        return True
    except AttributeError:
        return False
    return False


async def test_a_whole_token_reaches_the_shelf() -> None:
    assert not await refused(TOKEN)


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from(_SIGNS))
async def test_no_token_with_another_sign_is_ours(place: int, sign: str) -> None:
    assume(TOKEN[place] != sign)

    assert await refused(TOKEN[:place] + sign + TOKEN[place + 1 :])


async def test_the_spare_bits_of_the_last_sign_make_no_second_spelling() -> None:
    for sign in set(_SIGNS) - {TOKEN[-1]}:
        assert await refused(TOKEN[:-1] + sign), sign


@given(st.integers(0, len(TOKEN) - 1))
async def test_no_part_of_a_token_is_ours(length: int) -> None:
    assert await refused(TOKEN[:length])


@given(st.text(alphabet=_SIGNS, max_size=80))
async def test_no_token_can_be_made_up(token: str) -> None:
    assert await refused(token)


@given(st.text(max_size=60))
async def test_whatever_is_written_there_is_refused_with_words(token: str) -> None:
    assert await refused(token)


@given(st.text(alphabet=string.ascii_letters, min_size=1, max_size=20))
async def test_the_signature_of_one_link_does_not_fit_another(other: str) -> None:
    assume(other != "abcdefghijklmnop")

    assert await refused(other + TOKEN[TOKEN.rindex(".") :])


async def test_a_link_of_another_house_is_not_ours() -> None:
    assert await refused(OTHERS.token("abcdefghijklmnop"))


def a_link(**changes: Any) -> PrivateLink:
    fields: dict[str, Any] = {
        "link": "l-1",
        "kind": "receipt",
        "opens": "r-1",
        "issued_at": MOMENT,
    }
    return PrivateLink(**(fields | changes))


def test_a_link_is_good_until_the_instant_at_which_it_ends() -> None:
    link = a_link(expires_at=MOMENT)

    link.insist_usable(MOMENT - timedelta(microseconds=1))
    with pytest.raises(ExpiredLinkError):
        link.insist_usable(MOMENT)


def test_a_replaced_link_says_so_even_when_its_time_is_over_too() -> None:
    link = a_link(expires_at=MOMENT, revoked_at=MOMENT)

    with pytest.raises(RevokedLinkError, match="newer one"):
        link.insist_usable(MOMENT)
