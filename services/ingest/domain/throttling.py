"""Waiting: how long a server asks us to leave it alone, in the several ways that servers say so."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

#: The longest that a server can make us wait by one answer.
LONGEST_WAIT = 86_400.0
# A number above this is an instant in seconds since 1970, below it a number of seconds to wait.
_INSTANT = 1_000_000_000.0

_RESETS = ("x-ratelimit-reset", "ratelimit-reset", "x-rate-limit-reset")


def seconds_to_wait(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read from the headers of an answer how many seconds to wait; None when they do not say."""
    stated = [_seconds(headers["retry-after"], now)] if "retry-after" in headers else []
    stated += [_seconds(headers[name], now) for name in _RESETS if name in headers]
    known = next((seconds for seconds in stated if seconds is not None), None)
    return None if known is None else min(max(known, 0.0), LONGEST_WAIT)


def _seconds(written: str, now: datetime) -> float | None:
    text = written.strip()
    try:
        number = float(text)
    except ValueError:
        moment = _moment(text)
        return None if moment is None else (moment - now).total_seconds()
    # nan is the one number that is not equal to itself.
    if number != number or abs(number) == float("inf"):  # noqa: PLR0124
        return None
    return number - now.timestamp() if number > _INSTANT else number


def _moment(text: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
        except (ValueError, TypeError, OverflowError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
