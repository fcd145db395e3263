"""What a curator does with photos: words, order, cover, taking back, second looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import FormData

from services.chassis.journal import ConflictError
from services.chassis.web import Problem, pages_of, wants_page
from services.contracts.ids import ItemId
from services.contracts.ingest import Crop
from services.ingest.api.curators.opening import Opened, Opening
from services.ingest.api.curators.page import back_to
from services.ingest.api.curators.view import Shown, Turn, turns_of, words_mark
from services.ingest.api.deps import Needs, Parts
from services.ingest.api.photos import read_form
from services.ingest.domain.wide_crop import crop_at, position_of
from services.ingest.store.amendments import amend
from services.ingest.store.appeals import lodge
from services.ingest.store.series import ArrangementConflictError, arrange
from services.ingest.store.withdrawals import withdraw_item

router = APIRouter(prefix="/k/{token}", tags=["curators"])

_LONGEST_LINE = 2_000
_LONGEST_NAME = 120


@dataclass(frozen=True)
class Words:
    """What a curator typed with one photo."""

    photo: Shown
    line: str
    alt: str
    name: str

    @property
    def mark(self) -> str:
        """Give what tells these words from any others."""
        return words_mark(self.line, self.alt, self.name)


@dataclass(frozen=True)
class Wish:
    """What a form changes of the arrangement; None leaves it."""

    order: tuple[str, ...] | None = None
    cover: str | None = None
    crops: Mapping[str, Crop] = field(default_factory=dict[str, Crop])
    done: bool | None = None
    apart: tuple[str, ...] | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is changed."""
        return self == Wish()


@router.post(
    "/mandates/{mandate}",
    responses={409: {"description": "Somebody else with this link saved something else meanwhile"}},
)
async def save(mandate: str, opened: Opening, request: Request, needs: Needs) -> Response:
    """Save the words, the order, the cover and the wide parts of a turn's photos, then do one more.

    Fields for each photo: `line-`, `alt-`, `name-`, `place-`, `wide-` and `was-` with its key; `do`
    (`save`, `done`, `not-done`, or `up:`, `down:`, `withdraw:`, `appeal:`, `apart:` with a key),
    `cover`, and `seen`, `shown-order`, `shown-cover`: what the page showed.
    """
    form = await read_form(request)
    wanted = opened.mandate(mandate)
    turn = await _turn(opened, wanted.mandate, needs)
    verb, _, key = str(form.get("do") or "save").partition(":")
    # What takes something away never waits until two people agree about something else.
    code = await _do(verb, key, form, turn, opened, needs)
    clashes = await _save_words(form, turn, opened, needs, but=key if code == "withdrawn" else "")
    wish = _wish(form, turn, verb, key)
    try:
        if not wish.empty and turn.orderly:
            await _arrange(wish, form, turn, opened, needs)
    except ArrangementConflictError:
        return await _both(request, opened, needs, turn, wish, clashes)
    if clashes:
        return await _both(request, opened, needs, turn, Wish(), clashes)
    if wants_page(request):
        return back_to(request, opened, code, mandate=wanted.mandate)
    after = await _turn(opened, wanted.mandate, needs)
    return JSONResponse({"did": code, "now": _hidden(after)})


def _hidden(turn: Turn) -> dict[str, str]:
    """Give what the page showed, as its hidden fields say it, so that it can go on from there."""
    photos = turn.placed
    return {
        "seen": str(turn.series.arrangement.version),
        "shown-order": ",".join(p.key for p in photos),
        "shown-cover": next((p.key for p in photos if p.cover), ""),
        **{f"shown-wide-{p.key}": p.wide for p in photos},
        **{f"was-{p.key}": p.was for p in photos},
    }


@router.post("/items/{item}/withdraw")
async def withdraw(item: str, opened: Opening, request: Request, needs: Needs) -> Response:
    """Take one photo back: it goes from every gallery, and its files with it. Twice is harmless."""
    async with needs.database.transaction() as transaction:
        turns = await turns_of(transaction, opened, needs, datetime.now(UTC))
    for turn in turns:
        for photo in turn.all:
            if photo.item == item:
                await _withdraw(photo, opened, needs)
                if wants_page(request):
                    return back_to(request, opened, "withdrawn", mandate=turn.mandate.mandate)
                return Response(status_code=204)
    raise Problem(404, "item-unknown", "Your link does not show this photo. Reload the page.")


async def _turn(opened: Opened, mandate: str, needs: Parts) -> Turn:
    async with needs.database.transaction() as transaction:
        turns = await turns_of(transaction, opened, needs, datetime.now(UTC))
    for turn in turns:
        if turn.mandate.mandate == mandate:
            return turn
    raise Problem(404, "mandate-unknown", "Your link does not show this turn. Reload the page.")


async def _save_words(
    form: FormData, turn: Turn, opened: Opened, needs: Parts, *, but: str = ""
) -> list[Words]:
    """Save the words that were changed; gives those that somebody else changed meanwhile."""
    clashes: list[Words] = []
    for photo in turn.all:
        typed = _typed(form, photo)
        shown = form.get(f"was-{photo.key}")
        if (
            typed is None
            or photo.given.gone
            or photo.key == but
            or typed.mark in {photo.was, shown}
        ):
            continue
        if shown not in {photo.was, None}:
            clashes.append(typed)
            continue
        await _amend(typed, opened, needs)
    return clashes


def _typed(form: FormData, photo: Shown) -> Words | None:
    line, alt = form.get(f"line-{photo.key}"), form.get(f"alt-{photo.key}")
    if alt is None and photo.given.wordy:
        alt = ""
    if not isinstance(line, str) or not isinstance(alt, str):
        return None
    name = form.get(f"name-{photo.key}")
    kept = name if isinstance(name, str) else photo.given.name
    return Words(
        photo, _tidy(line)[:_LONGEST_LINE], _tidy(alt)[:_LONGEST_LINE], kept.strip()[:_LONGEST_NAME]
    )


def _tidy(typed: str) -> str:
    return typed.replace("\r\n", "\n").strip()


async def _amend(typed: Words, opened: Opened, needs: Parts) -> None:
    # A twin of the same form may be faster by a moment; then this one is read anew and wins.
    for _ in range(3):
        try:
            async with needs.database.transaction() as transaction:
                await amend(
                    transaction,
                    needs.journal,
                    typed.photo.item,
                    text=typed.line,
                    alt=typed.alt,
                    name=typed.name,
                    photo=typed.photo.number,
                    cause=opened.cause,
                )
        except ConflictError:
            continue
        return
    raise Problem(409, "changed-elsewhere", "Somebody saved this photo just now. Save again.")


def _wish(form: FormData, turn: Turn, verb: str, key: str) -> Wish:
    """Say what the form changes of what its page showed; what it left alone is no wish."""
    shown = tuple(k for k in str(form.get("shown-order") or "").split(",") if k)
    order = _ordered(form, shown, verb, key)
    cover = str(form.get("cover") or "")
    crops: dict[str, Crop] = {}
    for photo in turn.placed:
        at, picture = form.get(f"wide-{photo.key}"), photo.picture
        if isinstance(at, str) and picture and at != form.get(f"shown-wide-{photo.key}"):
            crops[photo.key] = crop_at(at, picture.width, picture.height)
    apart = (*turn.series.arrangement.apart, key) if verb == "apart" else None
    return Wish(
        order=order if order != shown else None,
        cover=cover if cover and cover != form.get("shown-cover") else None,
        crops=crops,
        done={"done": True, "not-done": False}.get(verb),
        apart=apart,
    )


def _ordered(form: FormData, shown: Sequence[str], verb: str, key: str) -> tuple[str, ...]:
    """Put photos in the order of their numbers; who was given a taken one goes before it."""

    def rank(place: int, photo: str) -> tuple[float, int]:
        typed = str(form.get(f"place-{photo}") or "")
        number = int(typed) if typed.isdecimal() and len(typed) < 5 else place  # noqa: PLR2004
        # Moved down, it goes after the one whose number it was given.
        return (number + (0.5 if number > place else -0.5 if number < place else 0), place)

    ordered = [k for _, k in sorted((rank(n, k), k) for n, k in enumerate(shown, 1))]
    if verb in {"up", "down"} and key in ordered:
        at = ordered.index(key)
        to = max(0, at - 1) if verb == "up" else min(len(ordered) - 1, at + 1)
        ordered.insert(to, ordered.pop(at))
    return tuple(ordered)


async def _arrange(wish: Wish, form: FormData, turn: Turn, opened: Opened, needs: Parts) -> None:
    seen = str(form.get("seen") or "")
    async with needs.database.transaction() as transaction:
        await arrange(
            transaction,
            needs.journal,
            turn.mandate,
            seen_version=int(seen) if seen.isdecimal() and len(seen) < 10 else -1,  # noqa: PLR2004
            cause=opened.cause,
            order=wish.order,
            cover=wish.cover,
            crops=dict(wish.crops),
            done=wish.done,
            apart=wish.apart,
        )


async def _both(
    request: Request,
    opened: Opened,
    needs: Parts,
    turn: Turn,
    wish: Wish,
    clashes: Sequence[Words],
) -> Response:
    """Show what somebody else saved meanwhile and what was typed here, so that one can choose."""
    if not wants_page(request):
        raise Problem(
            409,
            "saved-elsewhere",
            "Somebody with the same link saved something else just now. Look at both.",
            seen=turn.series.arrangement.version,
        )
    now = await _turn(opened, turn.mandate.mandate, needs)
    photos: dict[str, Shown] = {p.key: p for p in now.placed}
    mine = [photos[k] for k in wish.order or () if k in photos]
    response = pages_of(request).page(
        request,
        "curator/conflict.html",
        status=409,
        token=opened.token,
        base=f"/k/{opened.token}",
        turn=now,
        photos=photos,
        mine=mine,
        wish=wish,
        wide=_positions(wish, photos),
        clashes=[(c, photos.get(c.photo.key, c.photo)) for c in clashes],
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _positions(wish: Wish, photos: Mapping[str, Shown]) -> dict[str, str]:
    known = {key: photos[key].picture for key in wish.crops if key in photos}
    return {
        key: position_of(wish.crops[key], picture.width, picture.height)
        for key, picture in known.items()
        if picture is not None
    }


async def _do(verb: str, key: str, form: FormData, turn: Turn, opened: Opened, needs: Parts) -> str:
    photo = next((p for p in turn.all if p.key == key), None)
    if verb == "withdraw" and photo is not None:
        await _withdraw(photo, opened, needs)
        return "withdrawn"
    if verb == "appeal" and photo is not None:
        words = str(form.get(f"appeal-{key}") or "")
        async with needs.database.transaction() as transaction:
            asked = await lodge(
                transaction,
                needs.journal,
                ItemId(photo.item),
                words,
                datetime.now(UTC),
                opened.cause,
            )
        return "asked" if asked else "not-asked"
    return {"done": "done", "not-done": "not-done"}.get(verb, "saved")


async def _withdraw(photo: Shown, opened: Opened, needs: Parts) -> None:
    for _ in range(3):
        try:
            async with needs.database.transaction() as transaction:
                await withdraw_item(transaction, needs.journal, photo.item, opened.cause)
        except ConflictError:
            continue
        return
    raise Problem(409, "changed-elsewhere", "Somebody saved this photo just now. Save again.")
