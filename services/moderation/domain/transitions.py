"""The moves of a review, as a table that is checked when it is declared."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from services.contracts.moderation import ReviewStateName

#: What can happen to a review, by its name on the wire and in refusals.
CommandName = Literal[
    "receive",
    "change",
    "withdraw",
    "look-again",
    "propose",
    "approve",
    "reject",
    "take-down",
    "revert",
]

STATES: tuple[ReviewStateName, ...] = get_args(ReviewStateName)
COMMANDS: tuple[CommandName, ...] = get_args(CommandName)


@dataclass(frozen=True)
class Move:
    """One legal step: by this command a review goes from one state to another."""

    before: ReviewStateName
    command: CommandName
    after: ReviewStateName


class BrokenTableError(ValueError):
    """A table of transitions contradicts itself."""


class TransitionTable:
    """Every move there is; whatever is absent is refused."""

    def __init__(self, initial: ReviewStateName, moves: Iterable[Move]) -> None:
        """Check the table while it is made. Raises BrokenTableError."""
        self.initial: ReviewStateName = initial
        self.moves = tuple(moves)
        self._after: dict[tuple[ReviewStateName, CommandName], ReviewStateName] = {
            (move.before, move.command): move.after for move in self.moves
        }
        if len(self._after) != len(self.moves):
            message = "one state and command lead to two states"
            raise BrokenTableError(message)
        self._insist_reachable()
        missing = set(COMMANDS) - {move.command for move in self.moves}
        if missing:
            message = f"no state knows the command {', '.join(sorted(missing))}"
            raise BrokenTableError(message)

    def _insist_reachable(self) -> None:
        reached = {self.initial}
        for _ in STATES:
            reached |= {move.after for move in self.moves if move.before in reached}
        lost = set(STATES) - reached
        if lost:
            message = f"nothing leads from {self.initial} to {', '.join(sorted(lost))}"
            raise BrokenTableError(message)

    def after(self, state: ReviewStateName, command: CommandName) -> ReviewStateName | None:
        """Say where a command leads, None when the table has no such move."""
        return self._after.get((state, command))


#: A new version of the item reopens whatever was decided: the decision was about something else.
#: A withdrawal moves the life of the item, not what was decided about it. To propose is to approve
#: what a second person must approve too.
TRANSITIONS = TransitionTable(
    initial="pending",
    moves=(
        Move("pending", "propose", "pending"),
        Move("pending", "approve", "approved"),
        Move("pending", "reject", "rejected"),
        Move("approved", "take-down", "taken-down"),
        Move("pending", "revert", "pending"),
        Move("approved", "revert", "pending"),
        Move("rejected", "revert", "pending"),
        Move("taken-down", "revert", "approved"),
        Move("rejected", "look-again", "pending"),
        Move("taken-down", "look-again", "pending"),
        *(Move(state, "receive", "pending") for state in STATES),
        *(Move(state, "change", "pending") for state in STATES),
        *(Move(state, "withdraw", state) for state in STATES),
    ),
)
