"""Refusals of the domain as problems that say who was first and what to do next."""

from services.chassis.web import Problem
from services.moderation.api.deps import Parts
from services.moderation.domain.errors import (
    ForbiddenTransitionError,
    ItemWithdrawnError,
    LeaseLostError,
    NotYourDecisionError,
    ReasonMissingError,
    ReviewError,
    StaleReviewError,
)
from services.moderation.store.accounts import display_name


async def problem_of(error: ReviewError, parts: Parts) -> Problem:
    """Turn a refusal into what the client is told; people are called by their names."""
    match error:
        case StaleReviewError(winner=None):
            detail = "The item changed since you looked at it. Look again, then decide."
            facts: dict[str, object] = {"version": error.version, "verdict": error.verdict}
            return Problem(409, "stale-version", detail, item=error.item, **facts)
        case StaleReviewError(winner=str(account)):
            name = await _name(account, parts)
            detail = f"{name} was first: the item is {error.verdict} now."
            facts = {"version": error.version, "verdict": error.verdict, "winner": name}
            return Problem(409, "stale-version", detail, item=error.item, **facts)
        case LeaseLostError():
            name = await _name(error.holder, parts)
            detail = f"{name} is looking at this item now. Take another one."
            return Problem(409, "lease-lost", detail, item=error.item, winner=name)
        case ItemWithdrawnError():
            detail = "The item was withdrawn; there is nothing left to decide."
            return Problem(409, "item-withdrawn", detail, item=error.item)
        case ForbiddenTransitionError():
            detail = f"An item that is {error.state} cannot be changed that way."
            return Problem(409, "transition-refused", detail, item=error.item, verdict=error.state)
        case NotYourDecisionError():
            name = await _name(error.winner, parts)
            detail = f"{name} decided this. An editor can undo it."
            return Problem(403, "not-your-decision", detail, item=error.item, winner=name)
        case ReasonMissingError():
            return Problem(422, "reason-missing", f"Add what is missing: {error}.", item=error.item)
        case _:
            return Problem(409, "refused", str(error), item=error.item)


async def _name(account: str, parts: Parts) -> str:
    async with parts.database.transaction() as transaction:
        return await display_name(transaction, account)
