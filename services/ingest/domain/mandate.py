"""Mandates: a curator's right to post for a campaign, from one instant to another.

Whether a mandate holds at an instant follows from its dates and pauses alone, so nothing has to
happen at the hour of a change: nobody is awake, and no clock has to be on time.

MandateError
├── ForbiddenMandateMoveError   the table has no such move
├── MandateOverError            its end has passed, so nothing can be changed about it
│   └── TurnTakenError          its curator took part, so it is too late to decline it
├── BadDatesError               its dates cannot be; more of them in `domain/planning.py`
│   ├── EndBeforeStartError     it would end before it starts
│   ├── PastEndError            its new end has passed already
│   └── BegunError              it has begun, so its start stays
└── NotAdmissibleError          nothing can count for it
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypeAlias, assert_never

from services.contracts.envelope import EventData
from services.contracts.ids import CampaignId, CuratorId, MandateId, SourceId
from services.contracts.ingest import (
    Channel,
    Consent,
    MandateAccepted,
    MandateAnnounced,
    MandateCancelled,
    MandateDeclined,
    MandateEnded,
    MandateInvited,
    MandateMoved,
    MandateNarrowed,
    MandatePaused,
    MandatePlanned,
    MandateResumed,
    MandateShown,
    MandateStateName,
    MandateStopped,
    Pause,
    SeriesTerms,
)

Way = Literal["link", "account"]


class MandateError(ValueError):
    """A wish about a mandate cannot be granted; the message is a sentence for people.

    Pages translate it, or say what its facts mean (`domain/mandate_words.py`).
    """


class ForbiddenMandateMoveError(MandateError):
    """The table has no such move from here."""

    def __init__(self, state: str, move: str) -> None:
        """Name where the mandate stands and what was wished."""
        super().__init__(f"A mandate that is {state} cannot be {move}.")
        self.state = state
        self.move = move


class MandateOverError(MandateError):
    """The mandate's end has passed."""

    def __init__(self, sentence: str = "This mandate is over. Plan a new one.") -> None:
        """Say what to do instead."""
        super().__init__(sentence)


class TurnTakenError(MandateOverError):
    """A mandate was to be declined that its curator accepted and that is over."""

    def __init__(self) -> None:
        """Say what is left to do."""
        super().__init__(
            "This turn is over, so there is nothing left to decline. What you gave stays."
        )


class BadDatesError(MandateError):
    """The dates of a mandate cannot be."""


class EndBeforeStartError(BadDatesError):
    """A mandate would end before it starts."""

    def __init__(self) -> None:
        """Say what to do instead."""
        super().__init__("A mandate must end after it starts. Choose a later end.")


class PastEndError(BadDatesError):
    """The new end of a mandate has passed already."""

    def __init__(self) -> None:
        """Say what to do instead."""
        super().__init__("The new end has passed already. End the mandate instead.")


class BegunError(BadDatesError):
    """A mandate that has begun was to begin at another time."""

    def __init__(self) -> None:
        """Say what can be moved."""
        super().__init__("This mandate has begun, so only its end can be moved.")


class NotAdmissibleError(MandateError):
    """An item was to be counted for a mandate that gives no right."""

    def __init__(self) -> None:
        """Say which mandates there are to choose from."""
        super().__init__(
            "Nothing can count for this mandate. Choose one that its curator accepted."
        )


@dataclass(frozen=True)
class Holder:
    """Who holds a mandate, as readers see them; `staff_account` is theirs at the desk, if any.

    `accounts` are the addresses of accounts that they have proven to be theirs.
    """

    curator: CuratorId
    name: str
    intro: str = ""
    staff_account: str | None = None
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mandate:
    """A curator's right to post, and how far it has come.

    `version` counts the events of its subject, the announcements among them. `accepted` is the
    consent that was given with the yes, less the channels that were taken back since; `ways` is how
    the curator wants to post. Planners say with
    `overlap` that it may hold while another does.
    """

    mandate: MandateId
    campaign: CampaignId
    holder: Holder
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    state: MandateStateName = "planned"
    version: int = 0
    source: SourceId | None = None
    quota: int | None = None
    rules_version: str = "1"
    series: SeriesTerms | None = None
    pauses: tuple[Pause, ...] = ()
    hidden: bool = False
    accepted: Consent | None = None
    ways: tuple[Way, ...] = ()
    overlap: bool = False

    @property
    def in_force(self) -> bool:
        """Whether it gives, or gave, a right: it was accepted and not cancelled."""
        return self.state in IN_FORCE

    @property
    def limited(self) -> bool:
        """Whether only so many photos count."""
        return self.series is not None or self.quota is not None

    @property
    def paused(self) -> bool:
        """Whether a pause lasts."""
        return any(pause.until is None for pause in self.pauses)

    def holds(self, moment: datetime) -> bool:
        """Whether it gives the right to post at an instant."""
        return self.covers(moment) and not self.paused_at(moment)

    def covers(self, moment: datetime) -> bool:
        """Whether an instant lies between its start (included) and its end (excluded)."""
        return self.in_force and self.starts_at <= moment < self.ends_at

    def paused_at(self, moment: datetime) -> bool:
        """Whether an instant lies in a pause."""
        return any(p.since <= moment and (p.until is None or moment < p.until) for p in self.pauses)

    def announcement(self) -> MandateAnnounced:
        """Give what the other services are told of it."""
        return MandateAnnounced(
            mandate=self.mandate,
            campaign=self.campaign,
            curator=self.holder.curator,
            name=self.holder.name,
            intro=self.holder.intro,
            source=self.source,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            time_zone=self.time_zone,
            state=self.state,
            pauses=self.pauses,
            quota=self.quota,
            rules_version=self.rules_version,
            series=self.series,
            hidden=self.hidden,
            staff_account=self.holder.staff_account,
            accounts=self.holder.accounts,
        )


@dataclass(frozen=True)
class Plan:
    """Put the mandate on the calendar."""


@dataclass(frozen=True)
class Move:
    """Give it other dates."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Invite:
    """Ask the curator, by the link of this id; once more is allowed, with a new link."""

    link: str


@dataclass(frozen=True)
class AcceptMandate:
    """The curator says yes."""

    rules_version: str
    consent: Consent
    ways: tuple[Way, ...]


@dataclass(frozen=True)
class Narrow:
    """The curator no longer agrees to one channel, for the whole of it."""

    channel: Channel


@dataclass(frozen=True)
class Decline:
    """The curator says no."""


@dataclass(frozen=True)
class PauseMandate:
    """Let it give no right until it is resumed."""


@dataclass(frozen=True)
class Resume:
    """End the pause."""


@dataclass(frozen=True)
class End:
    """End it before its time; what was given stays."""


@dataclass(frozen=True)
class Stop:
    """End it at once, in an emergency; `hide` takes all that counts for it out of view."""

    hide: bool


@dataclass(frozen=True)
class Show:
    """Let what an emergency stop hid be shown again."""


@dataclass(frozen=True)
class Cancel:
    """Take it off the calendar."""


Command: TypeAlias = (
    Plan
    | Move
    | Invite
    | AcceptMandate
    | Narrow
    | Decline
    | PauseMandate
    | Resume
    | End
    | Stop
    | Show
    | Cancel
)

#: The states in which a mandate gives a right between its dates.
IN_FORCE: frozenset[MandateStateName] = frozenset({"accepted", "ended", "stopped"})
#: The states in which it may have been accepted, now or before.
_ANSWERED: frozenset[MandateStateName] = frozenset(
    {"invited", "accepted", "declined", "cancelled", "ended", "stopped"}
)
_OPEN: frozenset[MandateStateName] = frozenset({"planned", "invited", "accepted"})

#: Every move there is, with the states from which it is made; whatever is absent is refused.
MOVES: Mapping[type[Command], tuple[str, frozenset[MandateStateName]]] = {
    Plan: ("planned", frozenset({"planned"})),
    Move: ("moved", _OPEN),
    Invite: ("invited", frozenset({"planned", "invited", "accepted", "declined"})),
    AcceptMandate: ("accepted", frozenset({"invited", "declined"})),
    Narrow: ("narrowed", _ANSWERED),
    Decline: ("declined", frozenset({"invited", "accepted"})),
    PauseMandate: ("paused", frozenset({"accepted"})),
    Resume: ("resumed", frozenset({"accepted"})),
    End: ("ended", frozenset({"accepted"})),
    Stop: ("stopped", frozenset({"accepted", "ended", "stopped"})),
    Show: ("shown", frozenset({"stopped"})),
    Cancel: ("cancelled", frozenset({"planned", "invited", "accepted", "declined"})),
}


def decide(mandate: Mandate, command: Command, now: datetime) -> list[EventData]:
    """Say what follows from a wish; nothing, when it is so already.

    Raises ForbiddenMandateMoveError, MandateOverError and BadDatesError.
    """
    move, states = MOVES[type(command)]
    if mandate.state not in states:
        raise ForbiddenMandateMoveError(mandate.state, move)
    happened = _follow(mandate, command, now)
    return [happened] if happened is not None else []


def _follow(  # noqa: C901, PLR0911, PLR0912 - one for each move
    mandate: Mandate, command: Command, now: datetime
) -> EventData | None:
    known = mandate.mandate
    match command:
        case Plan():
            _insist_on_order(mandate.starts_at, mandate.ends_at)
            return MandatePlanned(
                mandate=known,
                campaign=mandate.campaign,
                curator=mandate.holder.curator,
                starts_at=mandate.starts_at,
                ends_at=mandate.ends_at,
            )
        case Move(starts_at, ends_at):
            return _moved(mandate, starts_at, ends_at, now)
        case Invite(link):
            _insist_not_over(mandate, now)
            return MandateInvited(mandate=known, link=link)
        case AcceptMandate(rules_version, consent, ways):
            _insist_not_over(mandate, now)
            return MandateAccepted(
                mandate=known, rules_version=rules_version, consent=consent, ways=ways
            )
        case Narrow(channel):
            if mandate.accepted is None or channel not in mandate.accepted.channels:
                return None
            return MandateNarrowed(mandate=known, channel=channel, at=now)
        case Decline():
            return _declined(mandate, now)
        case PauseMandate():
            _insist_not_over(mandate, now)
            return None if mandate.paused else MandatePaused(mandate=known, at=now)
        case Resume():
            return MandateResumed(mandate=known, at=now) if mandate.paused else None
        case End():
            _insist_not_over(mandate, now)
            if now < mandate.starts_at:
                return MandateCancelled(mandate=known)
            return MandateEnded(mandate=known, at=now)
        case Stop(hide):
            if mandate.state == "stopped" and mandate.hidden >= hide:
                return None
            return MandateStopped(mandate=known, at=min(now, mandate.ends_at), hidden=hide)
        case Show():
            return MandateShown(mandate=known) if mandate.hidden else None
        case Cancel():
            if mandate.state == "accepted" and now >= mandate.starts_at:
                state = "running"
                raise ForbiddenMandateMoveError(state, MOVES[Cancel][0])
            return MandateCancelled(mandate=known)
        case _:
            assert_never(command)


def _declined(mandate: Mandate, now: datetime) -> EventData:
    if mandate.state != "accepted" or now < mandate.starts_at:
        return MandateDeclined(mandate=mandate.mandate)
    if now >= mandate.ends_at:
        raise TurnTakenError
    return MandateEnded(mandate=mandate.mandate, at=now)


def _moved(
    mandate: Mandate, starts_at: datetime, ends_at: datetime, now: datetime
) -> EventData | None:
    _insist_not_over(mandate, now)
    _insist_on_order(starts_at, ends_at)
    if (starts_at, ends_at) == (mandate.starts_at, mandate.ends_at):
        return None
    if ends_at <= now:
        raise PastEndError
    if mandate.state == "accepted" and mandate.starts_at <= now and starts_at != mandate.starts_at:
        raise BegunError
    return MandateMoved(mandate=mandate.mandate, starts_at=starts_at, ends_at=ends_at)


def _insist_on_order(starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise EndBeforeStartError


def _insist_not_over(mandate: Mandate, now: datetime) -> None:
    if now >= mandate.ends_at:
        raise MandateOverError


def evolve(mandate: Mandate, event: EventData) -> Mandate:  # noqa: C901, PLR0911 - one for each
    """Give the mandate after an event of its subject."""
    after = replace(mandate, version=mandate.version + 1)
    match event:
        case MandateMoved(starts_at=starts_at, ends_at=ends_at):
            return replace(after, starts_at=starts_at, ends_at=ends_at)
        case MandateInvited():
            return replace(after, state="invited" if mandate.state != "accepted" else "accepted")
        case MandateAccepted(rules_version=rules_version, consent=consent, ways=ways):
            return replace(
                after, state="accepted", rules_version=rules_version, accepted=consent, ways=ways
            )
        case MandateNarrowed(channel=channel):
            return replace(after, accepted=_without(mandate.accepted, channel))
        case MandateDeclined():
            return replace(after, state="declined")
        case MandatePaused(at=at):
            return replace(after, pauses=(*mandate.pauses, Pause(since=at)))
        case MandateResumed(at=at):
            ended = tuple(
                p if p.until is not None else Pause(since=p.since, until=at) for p in mandate.pauses
            )
            return replace(after, pauses=ended)
        case MandateEnded(at=at):
            # An end that was told too late, as it once could be, makes no mandate longer.
            return replace(after, state="ended", ends_at=min(at, mandate.ends_at))
        case MandateStopped(at=at, hidden=hidden):
            # Stopped before it began, it ends as it starts: no time is left, and none is negative.
            ends_at = max(mandate.starts_at, min(at, mandate.ends_at))
            return replace(after, state="stopped", ends_at=ends_at, hidden=hidden)
        case MandateShown():
            return replace(after, hidden=False)
        case MandateCancelled():
            return replace(after, state="cancelled")
        case _:
            return after


def _without(agreed: Consent | None, channel: Channel) -> Consent | None:
    if agreed is None:
        return None
    kept = tuple(c for c in agreed.channels if c != channel)
    return agreed.model_copy(update={"channels": kept})


#: How long after its end what a curator gives is still offered to editors, where nobody says
#: otherwise.
GRACE_DAYS = 14


@dataclass(frozen=True)
class Provenance:
    """What is known of where an item came from, for saying for whom it counts.

    `curator` gave it through their own link; `curators` have proven the account that posted it;
    `admitted` is the mandate for which editors count it although it came late.
    """

    source: SourceId
    curator: CuratorId | None = None
    curators: frozenset[CuratorId] = field(default_factory=frozenset[CuratorId])
    admitted: MandateId | None = None
