"""Consent: what the giver of an item agrees to, by channel, and what they have taken back.

A later version of the texts never widens what was agreed to before: a grant is made by a person who
saw its text, ends at its term, and stays taken back until they give it anew.
"""

import calendar
import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from services.contracts.envelope import EventData
from services.contracts.ids import CampaignId, ItemId
from services.contracts.ingest import Channel, ChannelGrant, Consent, ConsentRecorded


@dataclass(frozen=True)
class ConsentState:
    """What is agreed to for one item; without a consent nothing was ever recorded."""

    item: ItemId
    campaign: CampaignId
    version: int = 0
    consent: Consent | None = None
    grants: tuple[ChannelGrant, ...] = ()


@dataclass(frozen=True)
class Give:
    """The giver agrees, as the item says."""

    consent: Consent


@dataclass(frozen=True)
class TakeBack:
    """The giver no longer agrees to one channel, or to any when `channel` is None."""

    channel: Channel | None
    at: datetime


@dataclass(frozen=True)
class ConfirmGuardian:
    """A parent agrees that somebody under 18 is shown; `found`: a moderator says that it is so."""

    found: bool = False


Command: TypeAlias = Give | TakeBack | ConfirmGuardian


def decide(state: ConsentState, command: Command) -> list[EventData]:
    """Say what is recorded; nothing, when this is not news."""
    match command:
        case Give(consent):
            if not _is_news(state.consent, consent):
                return []
            return [_recorded(state, consent, _granted(consent, state.grants))]
        case TakeBack(channel, at):
            if state.consent is None:
                return []
            grants = tuple(
                g.model_copy(update={"withdrawn_at": at})
                if channel in (None, g.channel) and g.withdrawn_at is None
                else g
                for g in state.grants
            )
            return [] if grants == state.grants else [_recorded(state, state.consent, grants)]
        case ConfirmGuardian(found):
            return _heard_parents(state, found=found)


def _heard_parents(state: ConsentState, *, found: bool) -> list[EventData]:
    given = state.consent
    if given is None or given.guardian or not (given.minor or found):
        return []
    agreed = given.model_copy(update={"guardian": True})
    return [_recorded(state, agreed, state.grants)]


def evolve(state: ConsentState, event: EventData) -> ConsentState:
    """Give the state after an event, which is the whole of it."""
    match event:
        case ConsentRecorded(consent=consent, grants=grants):
            return replace(state, version=state.version + 1, consent=consent, grants=grants)
        case _:
            return state


def _is_news(known: Consent | None, given: Consent) -> bool:
    """Whether a consent says more than is known; a parent's word, once given, stays."""
    if known is None:
        return True
    heard = given.guardian and not known.guardian
    return heard or known.model_copy(update={"guardian": given.guardian}) != given


def _granted(consent: Consent, before: tuple[ChannelGrant, ...]) -> tuple[ChannelGrant, ...]:
    """Grant what is ticked, except what was taken back after it was ticked."""
    taken = {
        g.channel: g
        for g in before
        if g.withdrawn_at is not None and g.withdrawn_at >= consent.given_at
    }
    ticked = consent.channels if consent.licence else ()
    given = (
        ChannelGrant(channel=c, given_at=consent.given_at, until=consent.until)
        for c in dict.fromkeys(ticked)
    )
    # What was taken back stays so, also while nothing is lent that it could be taken from.
    gone = (g for g in before if g.withdrawn_at is not None and g.channel not in ticked)
    return (*(taken.get(g.channel, g) for g in given), *gone)


def _recorded(
    state: ConsentState, consent: Consent, grants: tuple[ChannelGrant, ...]
) -> ConsentRecorded:
    return ConsentRecorded(item=state.item, campaign=state.campaign, consent=consent, grants=grants)


def holds(grant: ChannelGrant, now: datetime) -> bool:
    """Whether a grant is good at an instant: not taken back, and its term not over."""
    return grant.withdrawn_at is None and (grant.until is None or now < grant.until)


def may_be_shown(state: ConsentState | None, now: datetime, *, child: bool = False) -> bool:
    """Whether an item may be on the web, as far as that is its giver's to say.

    The desk's gate has the same rule: what it keeps back, no page may call shown. Where no consent
    was asked, none is missing, except that of a parent where a moderator found a `child`.
    """
    if state is None or state.consent is None:
        return not child
    agreed = state.consent
    alone = (agreed.minor or child) and not agreed.guardian
    if alone or not (agreed.made and agreed.licence):
        return False
    grant = _web_grant(state)
    return grant is not None and holds(grant, now)


def lapses_at(state: ConsentState | None) -> datetime | None:
    """Say when the consent for the web ends by itself; None when it does not, or has no need to."""
    grant = _web_grant(state) if state is not None else None
    return None if grant is None or grant.withdrawn_at is not None else grant.until


def _web_grant(state: ConsentState) -> ChannelGrant | None:
    return next((grant for grant in state.grants if grant.channel == "web"), None)


def term_end(given_at: datetime, months: int | None) -> datetime | None:
    """Say until when a consent holds; the 31st of a month ends on the last day of a shorter one."""
    if months is None:
        return None
    year, month = divmod(given_at.year * 12 + given_at.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return given_at.replace(year=year, month=month + 1, day=min(given_at.day, last))


def text_digest(words: str) -> str:
    """Give the digest by which it can be proven which text somebody agreed to."""
    return hashlib.sha256(words.encode()).hexdigest()
