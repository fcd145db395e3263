"""Claimed times: what a source says about when something happened, as far as it can be meant."""

from datetime import UTC, datetime, timedelta

_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=1)


def believable(moment: datetime | None, now: datetime) -> datetime | None:
    """Give a claimed time, unless nobody can mean it."""
    return moment if moment is not None and _OLDEST <= moment <= now + _AHEAD else None


def read_instant(written: str | None) -> datetime | None:
    """Read an instant in ISO 8601; without a zone it means UTC, an impossible one is None."""
    try:
        moment = datetime.fromisoformat((written or "").strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
