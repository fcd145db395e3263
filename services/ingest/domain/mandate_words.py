"""Why a wish about a mandate is not granted, in words for whoever wished it."""

from collections.abc import Mapping

from services.ingest.domain.mandate import (
    ForbiddenMandateMoveError,
    MandateError,
    MandateOverError,
    TurnTakenError,
)
from services.ingest.domain.planning import OverlapError

#: What planners are told, by how the mandate stands for which they wished what cannot be.
STANDS: Mapping[str, str] = {
    "planned": "Nobody was invited to this mandate yet. Invite its curator first.",
    "invited": "Its curator has not answered yet. Wait, or take it off the calendar.",
    "accepted": "Its curator has said yes already. Look at the calendar.",
    "declined": "Its curator said no. Invite them again, or plan a new mandate.",
    "cancelled": "This mandate was taken off the calendar. Plan a new one.",
    "running": "This mandate has begun, so it cannot be taken off the calendar. End it instead.",
    "ended": "This mandate was ended early. Plan a new one.",
    "stopped": "This mandate was stopped. Plan a new one.",
}


def for_curator(error: MandateError) -> str:
    """Give the sentence for a curator who answered what can no longer be answered so."""
    match error:
        case OverlapError():
            return "Somebody else has this time by now. Ask the editors for another turn."
        case TurnTakenError():
            return str(error)
        case MandateOverError() | ForbiddenMandateMoveError(state="ended"):
            return "This turn has passed. Ask the editors for another one."
        case ForbiddenMandateMoveError(state="cancelled"):
            return "This turn was taken off the calendar. Ask the editors about it."
        case ForbiddenMandateMoveError(state="stopped"):
            return "This turn was stopped by the editors. Ask them about it."
        case _:
            return "This turn cannot be answered so any more. Reload the page and look again."
