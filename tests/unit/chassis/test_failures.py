"""Failures as they are told: useful to whoever mends them, and silent about people."""

from typing import Any

import psycopg
import pytest
from pydantic import BaseModel, ValidationError

from services.chassis.failures import failure_facts, reason_and_place, reason_of
from services.chassis.language import moment_in_words


class Given(BaseModel):
    mail: int
    words: dict[str, int]


def caught(work: Any) -> BaseException:
    with pytest.raises(BaseException) as found:  # noqa: PT011 - each of them
        work()
    return found.value


def test_an_error_is_told_by_its_kind() -> None:
    assert reason_of(LookupError("noor@example.org")) == "LookupError"


def test_what_postgresql_refused_is_told_by_its_code() -> None:
    assert reason_of(psycopg.errors.UniqueViolation("Key (mail)=(noor@example.org) exists")) == (
        "UniqueViolation 23505"
    )


def test_what_misfits_is_told_by_its_fields_and_how() -> None:
    given = {"mail": "noor@example.org", "words": {"noor@example.org": "x", "nl": "Noor"}}
    error = caught(lambda: Given.model_validate(given))

    assert isinstance(error, ValidationError)
    assert reason_of(error) == (
        "ValidationError mail: int_parsing; words.*: int_parsing; words.nl: int_parsing"
    )


def test_the_causes_and_our_own_line_are_told() -> None:
    def work() -> None:
        try:
            moment_in_words(1, "noor@example.org", "nl")  # type: ignore[arg-type]
        except Exception as error:
            message = "noor@example.org"
            raise LookupError(message) from error

    reason = reason_and_place(caught(work))
    assert reason.startswith("LookupError from ")
    assert "noor" not in reason

    inner = reason_and_place(caught(lambda: moment_in_words(1, "x", "nl")))  # type: ignore[arg-type]
    assert " at services/chassis/language.py:" in inner
    assert inner.endswith(" in moment_in_words")


def test_a_group_is_told_by_its_first_and_a_circle_ends() -> None:
    group = BaseExceptionGroup("noor", [LookupError("noor"), ValueError("noor")])
    assert [f["reason"] for f in failure_facts(group)] == ["ExceptionGroup", "LookupError"]

    error = LookupError()
    error.__cause__ = error
    assert len(failure_facts(error)) < 20
