"""The table of a review's moves: complete, checked, and never left."""

import pytest

from services.contracts.moderation import ReviewStateName
from services.moderation.domain.transitions import (
    COMMANDS,
    STATES,
    TRANSITIONS,
    BrokenTableError,
    CommandName,
    Move,
    TransitionTable,
)

#: Every move there is, written a second time by hand: state, command, next state.
EXPECTED: dict[tuple[ReviewStateName, CommandName], ReviewStateName] = {
    ("pending", "propose"): "pending",
    ("pending", "approve"): "approved",
    ("pending", "reject"): "rejected",
    ("approved", "take-down"): "taken-down",
    ("pending", "revert"): "pending",
    ("approved", "revert"): "pending",
    ("rejected", "revert"): "pending",
    ("taken-down", "revert"): "approved",
    ("rejected", "look-again"): "pending",
    ("taken-down", "look-again"): "pending",
    ("pending", "receive"): "pending",
    ("approved", "receive"): "pending",
    ("rejected", "receive"): "pending",
    ("taken-down", "receive"): "pending",
    ("pending", "change"): "pending",
    ("approved", "change"): "pending",
    ("rejected", "change"): "pending",
    ("taken-down", "change"): "pending",
    ("pending", "withdraw"): "pending",
    ("approved", "withdraw"): "approved",
    ("rejected", "withdraw"): "rejected",
    ("taken-down", "withdraw"): "taken-down",
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_pair_of_state_and_command_leads_where_the_table_says(
    state: ReviewStateName, command: CommandName
) -> None:
    assert TRANSITIONS.after(state, command) == EXPECTED.get((state, command))


def _moves(*without: Move) -> tuple[Move, ...]:
    return tuple(move for move in TRANSITIONS.moves if move not in without)


def test_a_table_with_a_state_that_nothing_leads_to_is_refused() -> None:
    with pytest.raises(BrokenTableError, match="taken-down"):
        TransitionTable("pending", _moves(Move("approved", "take-down", "taken-down")))


def test_a_table_that_no_state_of_which_knows_a_command_is_refused() -> None:
    withdrawals = [move for move in TRANSITIONS.moves if move.command == "withdraw"]
    with pytest.raises(BrokenTableError, match="withdraw"):
        TransitionTable("pending", _moves(*withdrawals))


def test_a_table_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(BrokenTableError, match="two states"):
        TransitionTable("pending", [*TRANSITIONS.moves, Move("pending", "approve", "rejected")])
