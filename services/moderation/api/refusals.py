"""Refusals of the domain as problems that say who was first and what to do next."""

from services.chassis.web import Problem
from services.moderation.api.deps import Parts
from services.moderation.domain.errors import (
    ForbiddenTransitionError,
    ItemWithdrawnError,
    LeaseLostError,
    NotYourDecisionError,
    OwnApprovalError,
    OwnDecisionError,
    OwnItemError,
    ReasonMissingError,
    ReviewError,
    StaleReviewError,
)
from services.moderation.store.accounts import display_name

#: What a moderator is told who would decide on what is theirs.
_OWN: dict[type[ReviewError], tuple[str, str]] = {
    OwnItemError: ("own-item", "This is your own item. A colleague decides on it."),
    OwnDecisionError: (
        "own-decision",
        "The giver asked to look again at your decision. A colleague does that.",
    ),
    OwnApprovalError: (
        "own-approval",
        "You approved it and saw a child. A second person must say the same.",
    ),
}


async def problem_of(error: ReviewError, parts: Parts) -> Problem:
    """Turn a refusal into what the client is told; people are called by their names."""
    account = _rival(error)
    name = await _name(account, parts) if account else ""
    facts: dict[str, object] = {"item": error.item}
    if name:
        facts["winner"] = name
    status = 409
    match error:
        case StaleReviewError():
            code, detail = "stale-version", f"{name} was first: the item is {error.verdict} now."
            if not name:
                detail = "The item changed since you looked at it. Look again, then decide."
            facts |= {"version": error.version, "verdict": error.verdict}
        case LeaseLostError():
            code = "lease-lost"
            detail = f"{name} is looking at this item now. Take another one."
        case ItemWithdrawnError():
            code = "item-withdrawn"
            detail = "The item was withdrawn; there is nothing left to decide."
        case ForbiddenTransitionError():
            code = "transition-refused"
            detail = f"An item that is {error.state} cannot be changed that way."
            facts["verdict"] = error.state
        case NotYourDecisionError():
            status, code = 403, "not-your-decision"
            detail = f"{name} decided this. An editor can undo it."
        case OwnItemError() | OwnDecisionError() | OwnApprovalError():
            code, detail = _OWN[type(error)]
        case ReasonMissingError():
            status, code, detail = 422, "reason-missing", f"Add what is missing: {error}."
        case _:
            code, detail = "refused", str(error)
    return Problem(status, code, detail, **facts)


def _rival(error: ReviewError) -> str | None:
    """Name the account that stands in the way."""
    if isinstance(error, LeaseLostError):
        return error.holder
    return error.winner if isinstance(error, StaleReviewError | NotYourDecisionError) else None


async def _name(account: str, parts: Parts) -> str:
    async with parts.database.transaction() as transaction:
        return await display_name(transaction, account)
