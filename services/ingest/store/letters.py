"""Letters: messages as they are read, made of what is known at the moment when they are sent."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from services.chassis.database import Transaction
from services.chassis.language import moment_in_words
from services.contracts.ids import CampaignId, ItemId, MandateId
from services.contracts.ingest import Localised
from services.ingest.domain.link import LinkKind
from services.ingest.domain.mandate import Mandate
from services.ingest.store.calendar import calendar_of
from services.ingest.store.campaigns import find_campaign
from services.ingest.store.links import Links
from services.ingest.store.mandates import find_mandate, note_from_last
from services.ingest.store.messages import Message
from services.ingest.store.series import read_series
from services.ingest.store.standings import ReceivedItem, standings_of

_PATHS: Mapping[str, str] = {"curator": "/k/{}", "receipt": "/r/{}", "calendar": "/calendar/{}.ics"}
_OF_MANDATES = frozenset({"invitation", "reminder", "handover", "deadline"})
#: Messages that bring the dates along for a calendar.
_WITH_DATES = frozenset({"invitation", "reminder"})
#: Stands for a private link where a letter is only looked at.
_HIDDEN = "[…]"
_US = "Dichtbij"
#: What can have changed under a message.
_MANDATE, _SERIES, _LINK, _DECISIONS = "mandate", "series", "link", "decisions"
#: Outcomes after which an item is shown, unless its giver has yet to agree to something.
_APPROVED = frozenset({"approved", "overturned"})
#: Characters of a giver's own words by which a letter names a photo.
_NAMED_BY = 60


class MootLetterError(Exception):
    """What a message is about has changed, so that it would only confuse; names what."""


class Write(Protocol):
    """Renders a template of a letter in a language; `Pages.letter` does."""

    def __call__(self, language: str, template: str, **context: object) -> str: ...


@dataclass(frozen=True)
class Pen:
    """What letters are written with: the templates, the links, and our public addresses."""

    write: Write
    links: Links
    ingest_url: str
    gallery_url: str


@dataclass(frozen=True)
class Letter:
    """A message as it is read; `calendar` is attached where there is one."""

    subject: str
    text: str
    calendar: str = ""


async def told_by(
    transaction: Transaction, message: Message, pen: Pen, now: datetime
) -> dict[str, Any]:
    """Gather what a message tells, as things are now; no token of a link is among it.

    Raises MootLetterError when there is nothing left to tell.
    """
    facts = dict(message.facts)
    told: dict[str, Any] = {}
    if message.kind in _OF_MANDATES:
        told |= await _of_mandate(transaction, message, pen, now)
    else:
        told["campaign"] = await _campaign_name(transaction, facts)
    if message.kind == "decision":
        told["decisions"] = await _decisions(transaction, facts["decisions"], now)
    for name in ("photos", "about"):
        if name in facts:
            told[name] = facts[name]
    return told


async def _decisions(
    transaction: Transaction, asked: Sequence[Mapping[str, Any]], now: datetime
) -> list[dict[str, Any]]:
    """Give what stands of some decisions, each with where its item is shown by now."""
    items = await standings_of(transaction, list(dict.fromkeys(ItemId(a["item"]) for a in asked)))
    told: list[dict[str, Any]] = []
    for decision in asked:
        item = items[ItemId(decision["item"])]
        standing = item.decision
        if standing is None or standing.version != decision["version"]:
            continue
        shown = item.review == "approved" and item.may_be_shown(now)
        told.append(
            {
                "photo": _named(item),
                "outcome": standing.outcome,
                "statements": [dict(statement) for statement in standing.statements],
                "address": (item.path or "") if shown else "",
                "parent": standing.outcome in _APPROVED and item.needs_guardian,
            }
        )
    if not told:
        raise MootLetterError(_DECISIONS)
    return told


def _named(item: ReceivedItem) -> str:
    """Give the words by which a giver knows their photo."""
    if item.content is None:
        return ""
    alts = [a.alt for a in item.content.attachments if a.alt]
    words = " ".join((item.content.text or " ".join(alts)).split())
    return words if len(words) <= _NAMED_BY else f"{words[:_NAMED_BY].rstrip()}…"


async def _campaign_name(transaction: Transaction, facts: Mapping[str, Any]) -> Localised | str:
    known = facts.get("campaign")
    if not known and "mandate" in facts:
        mandate = await find_mandate(transaction, MandateId(facts["mandate"]))
        known = mandate.campaign if mandate else None
    campaign = await find_campaign(transaction, CampaignId(known)) if known else None
    return dict(campaign.name) if campaign else str(known or _US)


async def _of_mandate(
    transaction: Transaction, message: Message, pen: Pen, now: datetime
) -> dict[str, Any]:
    mandate = await find_mandate(transaction, MandateId(message.facts["mandate"]))
    campaign = await find_campaign(transaction, mandate.campaign) if mandate else None
    if mandate is None or campaign is None:
        raise MootLetterError(_MANDATE)
    _insist_wanted(message, mandate, now)
    told: dict[str, Any] = {
        "name": mandate.holder.name,
        "campaign": dict(campaign.name),
        "brief": dict(campaign.brief),
        "starts_at": mandate.starts_at.isoformat(),
        "ends_at": mandate.ends_at.isoformat(),
        "zone": mandate.time_zone,
        "note": await note_from_last(transaction, mandate),
        "places": mandate.series.places if mandate.series else 0,
        "missing": 0,
    }
    if mandate.series is not None:
        deadline = mandate.series.deadline or mandate.ends_at
        told["deadline_at"] = deadline.isoformat()
        told["missing"] = await missing_photos(transaction, mandate)
        if message.kind == "deadline" and not (told["missing"] and now < deadline):
            raise MootLetterError(_SERIES)
    if message.kind in _WITH_DATES:
        name = in_language(campaign.name, message.language)
        page = f"{pen.ingest_url}/c/{mandate.campaign}"
        dates = calendar_of([mandate], name=name, zone=mandate.time_zone, address=page)
        told["calendar"] = dates.decode()
    return told


def _insist_wanted(message: Message, mandate: Mandate, now: datetime) -> None:
    """Insist that a letter about a mandate still makes sense. Raises MootLetterError."""
    wanted = {"invited", "planned", "accepted"} if message.kind == "invitation" else {"accepted"}
    by_start = message.kind == "reminder" and message.facts.get("about") == "start"
    if mandate.state not in wanted or now >= (mandate.starts_at if by_start else mandate.ends_at):
        raise MootLetterError(_MANDATE)


async def missing_photos(transaction: Transaction, mandate: Mandate) -> int:
    """Count the places of a mandate's series that have no photo."""
    if mandate.series is None:
        return 0
    series, _ = await read_series(transaction, mandate)
    return len(series.places) - series.filled


async def address_of(transaction: Transaction, pen: Pen, link: str) -> str:
    """Give the address of a private link, or of the one that replaced it.

    Raises MootLetterError when there is none that is still good.
    """
    cursor = await transaction.execute("select kind, opens from link where link = %s", [link])
    row = await cursor.fetchone()
    kind: LinkKind | None = row["kind"] if row else None
    good = await pen.links.live(transaction, kind, row["opens"]) if row and kind else None
    if good is None or kind is None:
        raise MootLetterError(_LINK)
    return pen.ingest_url + _PATHS[kind].format(pen.links.token(good))


def write_letter(message: Message, told: Mapping[str, Any], pen: Pen, link: str = "") -> Letter:
    """Write a letter of what it tells, in its receiver's language.

    `link` is the address of the private link; without it the letter shows that there is one.
    """
    language = message.language
    context = dict(told)
    for name in ("campaign", "brief"):
        context[name] = in_language(told.get(name, ""), language)
    for name in ("campaign", "name"):
        context[name] = _one_line(context.get(name, ""))
    for name, written in (
        ("starts", "starts_at"),
        ("ends", "ends_at"),
        ("deadline", "deadline_at"),
    ):
        if written in told:
            moment = datetime.fromisoformat(told[written])
            context[name] = moment_in_words(moment, told["zone"], language)
    context["decisions"] = [
        {
            **decision,
            "statements": [in_language(s, language) for s in decision.get("statements", ())],
            "address": _whole(decision.get("address", ""), pen.gallery_url),
            "parent": decision.get("parent", False),
            "photo": _one_line(decision.get("photo", "")),
        }
        for decision in told.get("decisions", ())
    ]
    context = {"photos": 1, "about": "end"} | context
    context["link"] = link or (_HIDDEN if "link" in message.facts else "")
    written = pen.write(language, f"letters/{message.kind}.txt", **context)
    subject, _, text = written.strip().partition("\n")
    text = re.sub(r"\n{3,}", "\n\n", text.strip())
    return Letter(_one_line(subject), text + "\n", str(told.get("calendar", "")))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _whole(address: str, gallery_url: str) -> str:
    return gallery_url + address if address.startswith("/") else address


def in_language(text: Localised | str, language: str) -> str:
    """Choose a text in a language, else in Dutch, else in the first that there is."""
    if isinstance(text, str):
        return text
    return text.get(language) or text.get("nl") or next(iter(text.values()), "")


async def letter_to_read(
    transaction: Transaction, message: Message, pen: Pen
) -> tuple[Letter | None, str]:
    """Give a message as staff may read it, or the reason why there is nothing to read.

    A private link is shown only where there is no mail server to bring it: else it is between us
    and its receiver.
    """
    if message.forgotten_at is not None:
        return None, "forgotten"
    try:
        kept = message.facts.get("told")
        if message.state in {"handing-over", "sent", "failed"} and kept is not None:
            return write_letter(message, kept, pen), ""
        told = await told_by(transaction, message, pen, datetime.now(UTC))
        shown = message.state == "outbox" and "link" in message.facts
        link = await address_of(transaction, pen, message.facts["link"]) if shown else ""
    except MootLetterError as moot:
        return None, f"moot {moot}"
    return write_letter(message, told, pen, link), ""
