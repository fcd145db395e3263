"""The city's turn in the sample: at every start somebody has it, and somebody else is about to."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, cast

import pytest

from deploy.sample.curators import CITY, ZONE, Given, hand_over, the_change
from deploy.sample.story import Story, Turn

SUMMER = datetime(2026, 8, 10, 14, 20, 33, tzinfo=ZONE)


class Calendar:
    """Keeps what the story plans, as the services would."""

    def __init__(self) -> None:
        self.turns: dict[str, tuple[str, str]] = {}
        self.waiting: list[str] = []

    def plan(self, _csrf: str, campaign: str, turn: Turn) -> str:
        assert campaign == CITY
        mandate = f"mandate-{len(self.turns)}"
        self.turns[mandate] = (turn.starts, turn.ends)
        return mandate

    def invite(self, _csrf: str, mandate: str) -> str:
        return f"/k/{mandate}"

    def end_at(self, _csrf: str, mandate: str, starts: str, ends: str) -> None:
        self.turns[mandate] = (starts, ends)

    def wait_in_line(self, _csrf: str, _campaign: str, people: str) -> None:
        self.waiting.append(people)

    def introduce(self, *_: str) -> None: ...
    def accept(self, *_: str) -> None: ...
    def leave_note(self, *_: str) -> None: ...

    def spans(self) -> list[tuple[datetime, datetime]]:
        return sorted((_read(starts), _read(ends)) for starts, ends in self.turns.values())


def _read(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    "starts_after",
    [
        [],
        [timedelta(minutes=2)],
        [timedelta(hours=2)],
        [timedelta(days=3), timedelta(minutes=10)],
        [timedelta(weeks=3)],
        [timedelta(weeks=3), timedelta(weeks=9), timedelta(hours=1)],
    ],
    ids=str,
)
def test_at_every_start_somebody_has_the_turn_and_somebody_else_is_about_to(
    starts_after: list[timedelta],
) -> None:
    calendar, turns, now = Calendar(), list[Given](), SUMMER
    for pause in [timedelta(), *starts_after]:
        now += pause
        hand_over(cast("Story", cast("Any", calendar)), "token", turns, now)
        spans = calendar.spans()
        holding = [span for span in spans if span[0] <= now < span[1]]
        assert len(holding) == 1
        coming = [starts for starts, _ in spans if starts > now]
        assert len(coming) == 1
        assert timedelta() < coming[0] - now <= timedelta(minutes=7)
        assert all(one[1] <= two[0] for one, two in pairwise(spans))
    assert len(calendar.waiting) == 1


@pytest.mark.parametrize(
    "now",
    [
        datetime(2027, 3, 28, 0, 57, tzinfo=UTC),
        datetime(2026, 10, 24, 23, 58, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 40, tzinfo=UTC),
    ],
    ids=str,
)
def test_a_change_is_never_at_a_time_that_does_not_exist_or_exists_twice(now: datetime) -> None:
    local = the_change(now).astimezone(ZONE)

    assert local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset()
    assert the_change(now) > now
    assert local.second == 0
