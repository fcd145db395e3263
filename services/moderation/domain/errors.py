"""What can go wrong when somebody decides.

ReviewError
├── ForbiddenTransitionError    the table has no such move
├── StaleReviewError            somebody decided, or the item changed, since it was looked at
├── LeaseLostError              a colleague holds the item now
├── ItemWithdrawnError          there is nothing left to decide
├── ReasonMissingError          a refusal needs a reason of the register, some need a note
├── NotYourDecisionError        only an editor undoes a colleague's decision
├── OwnItemError                nobody decides on what they gave themselves
├── OwnDecisionError            nobody gives the second look at their own decision
└── OwnApprovalError            nobody is their own second person
"""

from services.contracts.ids import ItemId
from services.contracts.moderation import ReviewStateName


class ReviewError(Exception):
    """A command about a review is refused."""

    def __init__(self, item: ItemId, sentence: str) -> None:
        """Name the item and say what is wrong."""
        super().__init__(sentence)
        self.item = item


class ForbiddenTransitionError(ReviewError):
    """The table has no move from this state by this command."""

    def __init__(self, item: ItemId, state: ReviewStateName, command: str) -> None:
        """Name the state and the command."""
        super().__init__(item, f"a review that is {state} knows no {command}")
        self.state: ReviewStateName = state
        self.command = command


class StaleReviewError(ReviewError):
    """The review is no longer as it was when it was looked at.

    `winner` is the account that decided since, None when the item itself changed; `verdict` is
    where the review stands now.
    """

    def __init__(
        self, item: ItemId, version: int, winner: str | None, verdict: ReviewStateName
    ) -> None:
        """Name who was first, and what became of the item."""
        super().__init__(item, f"the review stands at version {version}")
        self.version = version
        self.winner = winner
        self.verdict: ReviewStateName = verdict


class LeaseLostError(ReviewError):
    """Somebody else holds the item now."""

    def __init__(self, item: ItemId, holder: str) -> None:
        """Name the account that holds it."""
        super().__init__(item, f"{holder} holds the item")
        self.holder = holder


class ItemWithdrawnError(ReviewError):
    """The item was withdrawn, so there is nothing left to decide."""

    def __init__(self, item: ItemId) -> None:
        """Name the item."""
        super().__init__(item, "the item was withdrawn")


class ReasonMissingError(ReviewError):
    """A refusal lacks its reason, or a reason lacks the note that it needs."""


class NotYourDecisionError(ReviewError):
    """The decision is a colleague's: undoing it takes an editor and a reason."""

    def __init__(self, item: ItemId, winner: str) -> None:
        """Name whose decision it is."""
        super().__init__(item, f"{winner} decided")
        self.winner = winner


class OwnItemError(ReviewError):
    """The item is the moderator's own, or of the mandate that they hold."""

    def __init__(self, item: ItemId) -> None:
        """Name the item."""
        super().__init__(item, "a colleague decides on your own item")


class OwnDecisionError(ReviewError):
    """The giver asked for a second look at this moderator's decision."""

    def __init__(self, item: ItemId) -> None:
        """Name the item."""
        super().__init__(item, "a colleague takes a second look at your decision")


class OwnApprovalError(ReviewError):
    """The moderator found a child in the item, and a second person must say the same."""

    def __init__(self, item: ItemId) -> None:
        """Name the item."""
        super().__init__(item, "a second person confirms your approval")
