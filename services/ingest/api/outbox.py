"""Messages to people as staff see them: where each is, what it says, and sending it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from services.chassis.auth import OwnForm, SignedIn, insist
from services.chassis.language import span_in_words
from services.chassis.settings import ServiceSettings
from services.chassis.web import Problem, pages_of
from services.ingest.api.deps import Needs
from services.ingest.store.letters import Letter, Pen, letter_to_read
from services.ingest.store.messages import (
    KEPT_DAYS,
    Message,
    ask_again,
    find_message,
    list_messages,
)

router = APIRouter(tags=["messages"])

#: How long a message may be under way before we say that nobody knows.
_UNDER_WAY = timedelta(minutes=3)
_SENDABLE = frozenset({"unsure", "failed", "dropped", "outbox"})
#: What is wrong, by the first word of what is kept; what the server said comes after it.
_TROUBLE: Mapping[str, str] = {
    "server-away": "The mail server does not answer.",
    "server-login": "The mail server does not take our name and password, or cannot encrypt.",
    "sender-refused": "The mail server takes no mail from our address.",
    "put-off": "The mail server turned it away for now.",
    "broken": "The connection to the mail server broke before it was handed over.",
    "refused": "The mail server refused it.",
    "gave-up": "It was tried for two days, in vain.",
    "address": "This is not an address that mail can be sent to.",
    "no-answer": "The mail server took it and did not say what became of it.",
    "unwritable": "It could not be written. The log tells more to whoever runs this.",
    "moot": "What it was about has changed, so there is nothing left to tell.",
    "forgotten": "Who got it and what it said is forgotten.",
}


@dataclass(frozen=True)
class Shown:
    """A message with its state, its trouble and its times in words."""

    message: Message
    state: str
    trouble: str
    ago: str
    due: str


def _shown(request: Request, message: Message) -> Shown:
    pages = pages_of(request)
    now = datetime.now(UTC)
    language = pages.language(request)
    state: str = message.state
    if state == "handing-over":
        begun = message.handed_over_at or message.queued_at
        state = "unsure" if message.trouble or now - begun > _UNDER_WAY else state
    waits = state == "queued" and message.due_at > now
    return Shown(
        message,
        state,
        _trouble(request, message.trouble),
        span_in_words(message.queued_at - now, language),
        span_in_words(message.due_at - now, language) if waits else "",
    )


def _trouble(request: Request, trouble: str) -> str:
    """Say what is wrong, with what the mail server said."""
    words = [
        pages_of(request).text(request, _TROUBLE[code])
        for code in trouble.split(" ", 2)[:2]
        if code in _TROUBLE
    ]
    said = trouble.partition(" ")[2].removeprefix("put-off ")
    return " ".join(words) + (f" ({said})" if said[:1].isdigit() else "")


def _pen(request: Request, needs: Needs) -> Pen:
    settings = cast("ServiceSettings", request.app.state.settings)
    write = pages_of(request).letter
    return Pen(write, needs.links, settings.ingest_url, settings.gallery_url)


@router.get("/manage/outbox", include_in_schema=False)
async def outbox(request: Request, staff: SignedIn, needs: Needs) -> HTMLResponse:
    """List the last messages. Needs the role of coordinator."""
    insist(staff, "coordinator")
    async with needs.database.transaction() as transaction:
        messages = await list_messages(transaction)
    shown = [_shown(request, message) for message in messages]
    return pages_of(request).page(
        request,
        "manage/outbox.html",
        messages=shown,
        unserved=any(m.state == "outbox" for m in shown),
        unsure=sum(m.state == "unsure" for m in shown),
        again="again" in request.query_params,
        kept_days=KEPT_DAYS,
    )


async def _read(request: Request, message: str, needs: Needs) -> tuple[Message, Letter | None, str]:
    async with needs.database.transaction() as transaction:
        found = await find_message(transaction, message)
        if found is None:
            raise Problem(404, "message-unknown", "There is no such message.")
        letter, reason = await letter_to_read(transaction, found, _pen(request, needs))
    return found, letter, reason


@router.get("/manage/outbox/{message}", include_in_schema=False)
async def outbox_message(
    message: str, request: Request, staff: SignedIn, needs: Needs
) -> HTMLResponse:
    """Show one message as its receiver reads it. Needs the role of coordinator."""
    insist(staff, "coordinator")
    found, letter, reason = await _read(request, message, needs)
    shown = _shown(request, found)
    page = pages_of(request).page(
        request,
        "manage/message.html",
        shown=shown,
        letter=letter,
        reason=_trouble(request, reason),
        hidden=shown.state != "outbox" and "link" in found.facts,
        can_send=shown.state in _SENDABLE and bool(found.receiver),
    )
    page.headers["Cache-Control"] = "no-store"
    return page


@router.get("/manage/outbox/{message}/dichtbij.ics", include_in_schema=False)
async def outbox_calendar(
    message: str, request: Request, staff: SignedIn, needs: Needs
) -> Response:
    """Give the calendar file that is attached to a message. Needs the role of coordinator."""
    insist(staff, "coordinator")
    _, letter, _ = await _read(request, message, needs)
    if letter is None or not letter.calendar:
        raise Problem(404, "calendar-unknown", "There is no calendar in this message.")
    return Response(letter.calendar, media_type="text/calendar")


@router.post("/manage/outbox/{message}/again", include_in_schema=False)
async def send_again(message: str, staff: OwnForm, needs: Needs) -> Response:
    """Queue a message once more, because a coordinator wants it."""
    insist(staff, "coordinator")
    async with needs.database.transaction() as transaction:
        queued = await ask_again(transaction, message)
    if not queued:
        detail = "It cannot be sent now: it is on its way, it was sent, or it is forgotten."
        raise Problem(409, "message-not-sendable", detail)
    return RedirectResponse("/manage/outbox?again", 303)
