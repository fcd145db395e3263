import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.ingest.domain.receipt_code import (
    CODES,
    SIGNS,
    InvalidCodeError,
    code_of,
    read_code,
)

_NUMBERS = st.integers(0, CODES - 1)


@given(_NUMBERS)
def test_a_code_is_read_as_it_was_written(number: int) -> None:
    assert read_code(code_of(number)) == code_of(number)


@given(_NUMBERS, _NUMBERS)
def test_two_numbers_have_two_codes(one: int, other: int) -> None:
    assume(one != other)

    assert code_of(one) != code_of(other)


def test_no_two_signs_look_alike() -> None:
    for alike in ("0O", "1IL", "5S", "8B", "2Z", "UV"):
        assert len(set(alike) & set(SIGNS)) <= 1, alike


@given(_NUMBERS, st.integers(0, 7), st.sampled_from(SIGNS))
def test_one_wrong_sign_never_names_another_receipt(number: int, place: int, sign: str) -> None:
    bare = code_of(number).replace("-", "")
    assume(bare[place] != sign)

    with pytest.raises(InvalidCodeError, match="slip"):
        read_code(bare[:place] + sign + bare[place + 1 :])


@given(_NUMBERS, st.sampled_from([" ", "", "-", ".", " \u2013 ", "_"]))
def test_a_code_may_be_typed_with_or_without_its_hyphen(number: int, between: str) -> None:
    first, second = code_of(number).split("-")

    assert read_code(f"  {first}{between}{second} ") == code_of(number)
    assert read_code(code_of(number).lower()) == code_of(number)


@given(st.text(max_size=20))
def test_anything_else_is_refused_with_words(written: str) -> None:
    assume(len([sign for sign in written.upper() if sign in SIGNS]) != len("K7M42QPP"))

    with pytest.raises(InvalidCodeError, match=r"\.$"):
        read_code(written)


def test_the_code_that_is_shown_as_an_example_is_a_code() -> None:
    with pytest.raises(InvalidCodeError) as refused:
        read_code("?")

    assert read_code(str(refused.value).rstrip(".").rsplit(" ", 1)[1]) == "K7M4-2QPP"
