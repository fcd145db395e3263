"""What the forms about mandates have in common: who may send them, and what they say of times."""

from datetime import datetime
from functools import partial
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from services.chassis.auth import OwnForm, SignedIn, Staff, insist
from services.chassis.language import moment_in_words
from services.chassis.web import Problem, pages_of
from services.contracts.ids import SourceId
from services.ingest.domain.mandate import ForbiddenMandateMoveError, MandateError
from services.ingest.domain.mandate_words import STANDS
from services.ingest.domain.people import UnreadablePeopleError
from services.ingest.domain.planning import (
    DoubledHourError,
    LocalTimeError,
    MissingHourError,
    OutsideWindowError,
    OverlapError,
    TermCountError,
    local_instant,
)


def _coordinator(staff: OwnForm) -> Staff:
    insist(staff, "coordinator")
    return staff


def _reader(staff: SignedIn) -> Staff:
    insist(staff, "coordinator")
    return staff


#: A coordinator who sends one of our forms.
Planner = Annotated[Staff, Depends(_coordinator)]
#: A coordinator who looks at a page.
Reader = Annotated[Staff, Depends(_reader)]


class UnclearFormError(ValueError):
    """A form cannot be followed as it was filled in; the message is a sentence for people."""


#: The most photos that a quota lets count: more are no quota.
MOST_PHOTOS = 500
#: Why a form about mandates may not be followed.
UNCLEAR = (UnclearFormError, UnreadablePeopleError, MandateError, LocalTimeError)


def words(form: FormData, field: str, most: int = 2_000) -> str:
    """Give what was typed in a field."""
    return str(form.get(field) or "").strip()[:most]


def ticked(form: FormData, field: str) -> bool:
    """Whether a box was ticked."""
    return form.get(field) == "yes"


def number(form: FormData, field: str, most: int) -> int:
    """Give a number from 1 up. Raises UnclearFormError."""
    written = words(form, field)
    if not written.isascii() or not written.isdigit() or not 1 <= int(written[:9]) <= most:
        message = "Write how many turns, at most 60, and of how many days, at most 366."
        raise UnclearFormError(message)
    return int(written)


def source_of(form: FormData) -> SourceId | None:
    """Give the source that is handed over, if any was chosen."""
    return SourceId(words(form, "source")) if words(form, "source") else None


def quota(form: FormData) -> int | None:
    """Give how many photos may count for a turn; None for any number. Raises UnclearFormError."""
    written = words(form, "quota")
    if not written:
        return None
    if not written.isascii() or not written.isdigit() or not 1 <= int(written[:9]) <= MOST_PHOTOS:
        message = "Write how many photos count at most, from 1 to 500, or leave it empty."
        raise UnclearFormError(message)
    return int(written)


def moment(form: FormData, field: str) -> datetime:
    """Give the time of a field: local time, unless it names its offset. Raises UnclearFormError."""
    try:
        return datetime.fromisoformat(words(form, field))
    except ValueError:
        message = "Choose a date and an hour."
        raise UnclearFormError(message) from None


def instant(form: FormData, field: str, zone: str) -> datetime:
    """Give the instant that a field's local time means.

    Raises UnclearFormError, MissingHourError and DoubledHourError.

    The field `later` chooses the `first` or the `second` of an hour that comes twice.
    """
    return local_instant(moment(form, field), zone, later=which_of_two(form))


def which_of_two(form: FormData) -> bool | None:
    """Say whether the later of two is meant where an hour comes twice; None when nobody said."""
    return {"first": False, "second": True}.get(words(form, "later"))


def local(moment: datetime, zone: str) -> datetime:
    """Give an instant as the clocks of a zone show it."""
    return moment.astimezone(ZoneInfo(zone))


def back(request: Request, path: str, said: str = "") -> Response:
    """Lead back to a page, which then says what was done; `said` is a code, never a text."""
    language = pages_of(request).language(request)
    return RedirectResponse(f"{path}?lang={language}{'&said=' + said if said else ''}", 303)


def told(request: Request, error: Exception) -> str:  # noqa: PLR0911 - one for each error
    """Say in the reader's language why a wish was not granted."""
    text = partial(pages_of(request).text, request)
    language = pages_of(request).language(request)
    match error:
        case MissingHourError():
            return text(
                "The clocks are put forward that night, so there is no %(hour)s. Write"
                " %(resumes)s or later.",
                hour=f"{error.local:%H:%M}",
                resumes=f"{error.resumes:%H:%M}",
            )
        case DoubledHourError():
            return text(
                "The clocks are put back that night, so %(hour)s comes twice. Choose another hour,"
                " or say below which of the two you mean.",
                hour=f"{error.local:%H:%M}",
            )
        case OverlapError(other=other):
            zone = other.time_zone
            return text(
                "%(name)s has the turn from %(start)s to %(end)s. Choose other dates, or tick that"
                " they may overlap.",
                name=other.holder.name,
                start=moment_in_words(other.starts_at, zone, language),
                end=moment_in_words(other.ends_at, zone, language),
            )
        case OutsideWindowError():
            return text(
                "The campaign takes posts from %(start)s to %(end)s. Choose dates between these, or"
                " change those of the campaign first.",
                start=moment_in_words(error.opens_at, error.zone, language),
                end=moment_in_words(error.closes_at, error.zone, language),
            )
        case ForbiddenMandateMoveError(state=state):
            return text(STANDS[state])
        case TermCountError(most=most):
            return text("Plan between 1 and %(most)s turns at a time.", most=most)
        case _:
            # The message of every other is one sentence, without anything written into it.
            return text(str(error))


def faults_of(request: Request, error: Exception) -> tuple[str, ...]:
    """Give everything that is to be mended in a form, in the reader's language."""
    if not isinstance(error, UnreadablePeopleError):
        return (told(request, error),)
    text = partial(pages_of(request).text, request)
    return tuple(f"{n}. {text(sentence)}" if n else text(sentence) for n, sentence in error.lines)


def refused(request: Request, error: Exception) -> Problem:
    """Say why nothing was changed about a mandate."""
    return Problem(409, "mandate-refused", told(request, error))


def changed_meanwhile() -> Problem:
    """Say that a colleague was first."""
    return Problem(
        409,
        "mandate-changed",
        "Somebody else changed this mandate just now. Look at it again, then decide.",
    )
