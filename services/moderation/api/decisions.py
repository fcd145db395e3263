"""Decisions by form or by JSON: approve, reject, take down, revert what was looked at."""

from datetime import UTC, datetime
from typing import Annotated, Any, cast
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel, Field, ValidationError

from services.chassis.auth import OwnForm, Staff, insist
from services.chassis.journal import Cause, ConflictError
from services.chassis.telemetry import log
from services.chassis.web import Problem, wants_page
from services.contracts.ids import ItemId
from services.contracts.moderation import People, ReviewStateName
from services.moderation.api.deps import Needs, Parts
from services.moderation.api.refusals import problem_of
from services.moderation.domain.command import Approve, Judgement, Reject, Revert, TakeDown
from services.moderation.domain.deciding import own_approval, own_decision
from services.moderation.domain.errors import ReviewError, StaleReviewError
from services.moderation.domain.lease import insist_free
from services.moderation.domain.review import Review
from services.moderation.store.queue import lease_one
from services.moderation.store.reviews import find_review, handle, lock_review, write_note

router = APIRouter(tags=["desk"])


class Wish(BaseModel):
    """What a moderator sends: the version that was looked at, and why.

    `people` goes with an approval, and says who can be singled out; without it, nobody can, or a
    child where somebody said so before.
    """

    version: int = Field(ge=0)
    lease: str | None = None
    reasons: tuple[str, ...] = ()
    note: str = Field("", max_length=1000)
    people: People | None = None
    back: str = Field("/desk", max_length=500)


class Standing(BaseModel):
    """Where a review stands after a decision; `lease` is set when it waits for the same person.

    A first approval that found a child leaves it `pending`: a second person confirms it.
    """

    item: ItemId
    state: ReviewStateName
    version: int
    cleared: bool
    lease: str | None = None


async def _wish(request: Request) -> Wish:
    """Read a form or JSON, whichever came."""
    given: dict[str, Any]
    try:
        if "json" in request.headers.get("content-type", ""):
            given = cast("dict[str, Any]", await request.json())
        else:
            form = await request.form()
            given = {name: str(value) for name, value in form.items()}
            given["reasons"] = [str(code) for code in form.getlist("reasons")]
        return Wish.model_validate(given)
    except ValidationError as error:
        named = ", ".join(str(e["loc"][0]) for e in error.errors() if e["loc"]) or "the body"
        raise Problem(422, "invalid-request", f"Mend these fields: {named}.") from None
    except ValueError:
        raise Problem(400, "unreadable-body", "Send a form or JSON.") from None


Wished = Annotated[Wish, Depends(_wish)]

_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": Wish.model_json_schema()}},
    }
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    409: {
        "description": "stale-version, lease-lost, item-withdrawn, transition-refused, own-item,"
        " own-decision or own-approval"
    },
    422: {"description": "reason-missing"},
}


@router.post(
    "/desk/items/{item}/approve", response_model=Standing, responses=_ANSWERS, openapi_extra=_BODY
)
async def approve(
    request: Request, item: str, staff: OwnForm, wish: Wished, needs: Needs
) -> Response:
    """Let an item through, saying who can be singled out in it. Needs the role moderator."""
    command = Approve(staff.account, wish.version, wish.people)
    return await _decide(request, ItemId(item), staff, wish, command, needs)


@router.post(
    "/desk/items/{item}/reject", response_model=Standing, responses=_ANSWERS, openapi_extra=_BODY
)
async def reject(
    request: Request, item: str, staff: OwnForm, wish: Wished, needs: Needs
) -> Response:
    """Keep an item out, with at least one reason of the register. Needs the role moderator."""
    command = Reject(staff.account, wish.version, wish.reasons, wish.note)
    return await _decide(request, ItemId(item), staff, wish, command, needs)


@router.post(
    "/desk/items/{item}/take-down", response_model=Standing, responses=_ANSWERS, openapi_extra=_BODY
)
async def take_down(
    request: Request, item: str, staff: OwnForm, wish: Wished, needs: Needs
) -> Response:
    """Remove an approved item everywhere, with a reason. Needs the role moderator."""
    command = TakeDown(staff.account, wish.version, wish.reasons, wish.note)
    return await _decide(request, ItemId(item), staff, wish, command, needs)


@router.post(
    "/desk/items/{item}/revert", response_model=Standing, responses=_ANSWERS, openapi_extra=_BODY
)
async def revert(
    request: Request, item: str, staff: OwnForm, wish: Wished, needs: Needs
) -> Response:
    """Undo the last decision: your own, or as an editor with a note. Needs the role moderator."""
    command = Revert(staff.account, wish.version, "editor" in staff.roles, wish.note)
    return await _decide(request, ItemId(item), staff, wish, command, needs)


async def _decide(
    request: Request,
    item: ItemId,
    staff: Staff,
    wish: Wish,
    command: Judgement,
    needs: Parts,
) -> Response:
    insist(staff, "moderator")
    try:
        standing = await _keep(item, staff, command, wish.note, needs)
    except StaleReviewError as error:
        standing = await _done_before(item, staff, command, needs)
        if standing is None:
            return await _refuse(request, error, wish, needs)
    except ReviewError as error:
        return await _refuse(request, error, wish, needs)
    if wants_page(request):
        return RedirectResponse(_back(wish.back, done=item), 303)
    return JSONResponse(standing.model_dump(mode="json"))


async def _keep(
    item: ItemId, staff: Staff, command: Judgement, note: str, needs: Parts
) -> Standing:
    async with needs.database.transaction() as transaction:
        found = await lock_review(transaction, item)
        if found is None:
            raise Problem(404, "item-unknown", "There is no such item at this desk.")
        review, lease = found
        # What waits for a second person can be undone by the first, whoever looks at it by then.
        if not isinstance(command, Revert):
            insist_free(item, lease, staff.account, datetime.now(UTC))
        try:
            after = await handle(transaction, needs.journal, review, command, Cause.by(staff.actor))
        except ConflictError:
            # Rivals wait for the lock, so this is a second process on another database snapshot.
            winner = review.decision.by if review.decision else None
            raise StaleReviewError(item, review.version, winner, review.state) from None
        if note.strip():
            await write_note(transaction, after, staff.account, note.strip())
        mine = own_decision(after, staff.account) or own_approval(after, staff.account)
        waits = after.state == "pending" and not mine
        renewed = await lease_one(transaction, item, staff.account) if waits else None
    log.info("review.decided", item=item, state=after.state, version=after.version)
    return _standing(after, renewed.token if renewed else None)


def _standing(review: Review, lease: str | None = None) -> Standing:
    return Standing(
        item=review.item,
        state=review.state,
        version=review.version,
        cleared=review.cleared,
        lease=lease,
    )


#: What each judgement makes of an item; an undoing is recognised by nothing.
_VERDICTS: dict[type[Judgement], tuple[ReviewStateName, ...]] = {
    Approve: ("approved", "pending"),
    Reject: ("rejected",),
    TakeDown: ("taken-down",),
}


async def _done_before(
    item: ItemId, staff: Staff, command: Judgement, needs: Parts
) -> Standing | None:
    """Recognise a decision that was sent twice: its first sending did what was wished."""
    async with needs.database.transaction() as transaction:
        review = await find_review(transaction, item)
    last = review.decision if review else None
    wanted = _VERDICTS.get(type(command), ())
    if review is None or last is None or last.by != staff.account or last.after not in wanted:
        return None
    return _standing(review) if last.id == command.seen + 1 else None


async def _refuse(request: Request, error: ReviewError, wish: Wish, needs: Parts) -> Response:
    problem = await problem_of(error, needs)
    if wants_page(request):
        return RedirectResponse(_back(wish.back, clash=problem.code, item=error.item), 303)
    raise problem


def _back(wanted: str, **told: str) -> str:
    """Lead back to the desk with what happened; to the desk only, wherever the form says."""
    path = wanted if wanted.startswith("/desk") and "\\" not in wanted else "/desk"
    return f"{path}{'&' if '?' in path else '?'}{urlencode(told)}"
