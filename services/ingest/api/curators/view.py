"""What a curator's page shows: each mandate with its photos, in words that a template picks."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from services.chassis.database import Transaction
from services.contracts.ids import ItemId, MandateId
from services.contracts.ingest import CampaignAnnounced, Crop
from services.ingest.api.curators.opening import Opened
from services.ingest.api.deps import Parts
from services.ingest.domain.mandate import GRACE_DAYS, Mandate
from services.ingest.domain.series import Series, photo_key
from services.ingest.domain.wide_crop import Position, position_of, positions
from services.ingest.store.campaigns import find_campaign
from services.ingest.store.given import Given, Picture, codes_of, given_by, note_of
from services.ingest.store.mandates import list_mandates, note_from_last
from services.ingest.store.receipts import receipt_id, receipt_token
from services.ingest.store.series import read_series
from services.ingest.store.sources import knows_accounts
from services.ingest.store.standings import state_of

#: How long before its end the box for a note to the next one is shown.
NOTE_BEFORE = timedelta(days=2)
GRACE = timedelta(days=GRACE_DAYS)

Phase = Literal[
    "running", "paused", "invited", "coming", "over", "stopped", "declined", "lapsed", "cancelled"
]
_CURRENT: tuple[Phase, ...] = ("running", "paused")
_COMING: tuple[Phase, ...] = ("invited", "coming")


def phase_of(mandate: Mandate, now: datetime) -> Phase:
    """Say how a mandate stands for its curator."""
    match mandate.state:
        case "planned" | "invited":
            return "lapsed" if now >= mandate.ends_at else "invited"
        case "declined" | "cancelled" | "stopped":
            return mandate.state
        case "accepted" | "ended":
            if now >= mandate.ends_at:
                return "over"
            if now < mandate.starts_at:
                return "coming"
            return "paused" if mandate.paused else "running"


@dataclass(frozen=True)
class Shown:
    """One photo as the page shows it; `key` names it in forms, `state` picks its words."""

    key: str
    given: Given
    number: int
    state: str
    place: int | None = None
    cover: bool = False
    wide: Position = "centre"
    wides: tuple[Position, ...] = ()
    double_of: str | None = None

    @property
    def item(self) -> ItemId:
        """Give the item that it belongs to."""
        return self.given.item

    @property
    def picture(self) -> Picture | None:
        """Give the photo itself, while it is kept."""
        pictures = self.given.pictures
        return pictures[self.number] if self.number < len(pictures) else None

    @property
    def ready(self) -> bool:
        """Whether it can be shown in its own colours, and no longer as a glance."""
        return self.number < self.given.ready

    @property
    def was(self) -> str:
        """Give the mark of its words, so that a save can say what it changes."""
        picture = self.picture
        return words_mark(self.given.line, picture.alt if picture else "", self.given.name)


def words_mark(line: str, alt: str, name: str) -> str:
    """Give what tells the words of one photo from any others; a browser mends white space."""
    said = json.dumps([" ".join(part.split()) for part in (line, alt, name)])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Turn:
    """One mandate with all that its curator sees of it."""

    mandate: Mandate
    campaign: CampaignAnnounced
    phase: Phase
    before: str
    after: str
    note_for_me: str
    note: str
    note_open: bool
    takes: bool
    late: bool
    series: Series
    placed: tuple[Shown, ...]
    empty: tuple[int, ...]
    others: tuple[Shown, ...]
    sayings: tuple[Shown, ...]
    code: str

    @property
    def orderly(self) -> bool:
        """Whether its photos have an order that its curator gives."""
        return self.mandate.series is not None

    @property
    def by_account(self) -> bool:
        """Whether a post from an account of the curator's own would be seen."""
        return knows_accounts(self.campaign)

    @property
    def limited(self) -> bool:
        """Whether only so many photos count."""
        return self.mandate.limited

    @property
    def all(self) -> tuple[Shown, ...]:
        """Give everything that was given, in places or not."""
        return (*self.placed, *self.sayings, *self.others)

    @property
    def showings(self) -> int:
        """Count how often what was given was shown, at least."""
        each = {s.item: s.given.standing.showings for s in self.all}
        return sum(each.values())

    @property
    def missing_alt(self) -> int:
        """Count the photos in it that nobody can hear yet."""
        return sum(1 for s in self.placed if s.picture and not s.picture.alt)


def word_for(given: Given, now: datetime) -> str:
    """Say in one word how a photo stands: the words of receipts, and the lanes of mandates."""
    state = state_of(given.standing, now)
    return given.lane if state == "waiting" and given.lane in {"late", "paused"} else state


async def turns_of(
    transaction: Transaction, opened: Opened, needs: Parts, now: datetime
) -> list[Turn]:
    """Give all that the page shows: what is current, then what comes, then what is past."""
    mandates = [m for m in opened.mandates if m.state != "planned"]
    receipts = [receipt_of(needs, mandate) for mandate in mandates]
    ids = [m.mandate for m in mandates]
    given = await given_by(transaction, opened.curator.curator, ids, receipts)
    codes = await codes_of(transaction, receipts)
    turns = [
        await _turn(transaction, mandate, _mine(given, mandate, mandates), codes.get(receipt), now)
        for mandate, receipt in zip(mandates, receipts, strict=True)
    ]
    return sorted(turns, key=_rank)


def receipt_token_of(needs: Parts, mandate: MandateId) -> str:
    """Give the token of the receipt on which a mandate's uploads stand; it is never shown."""
    return receipt_token(needs.receipt_key, f"mandate\n{mandate}")


def receipt_of(needs: Parts, mandate: Mandate) -> str:
    """Give the id of the receipt on which a mandate's uploads stand."""
    return receipt_id(receipt_token_of(needs, mandate.mandate))


def _rank(turn: Turn) -> tuple[int, float]:
    starts = turn.mandate.starts_at.timestamp()
    if turn.phase in _CURRENT:
        return (0, starts)
    return (1, starts) if turn.phase in _COMING else (2, -starts)


def is_past(turn: Turn) -> bool:
    """Whether it stands among what is past, which is folded away."""
    return turn.phase not in (*_CURRENT, *_COMING)


def _mine(given: Sequence[Given], mandate: Mandate, all_: Sequence[Mandate]) -> list[Given]:
    """Give what belongs to a mandate; what counts for none of them stands with the newest."""
    known = {m.mandate for m in all_}
    newest = max(all_, key=lambda m: m.starts_at).mandate
    return [
        g
        for g in given
        if g.mandate == mandate.mandate or (g.mandate not in known and newest == mandate.mandate)
    ]


async def _turn(
    transaction: Transaction,
    mandate: Mandate,
    given: list[Given],
    code: str | None,
    now: datetime,
) -> Turn:
    campaign = await find_campaign(transaction, mandate.campaign)
    assert campaign is not None  # noqa: S101 - a mandate's campaign stays
    phase = phase_of(mandate, now)
    before, after = _neighbours(await list_mandates(transaction, mandate.campaign), mandate)
    series, _ = await read_series(transaction, mandate)
    said = [g for g in given if g.wordy and not g.gone]
    photos = [g for g in given if g not in said]
    placed, empty, others = _arranged(photos, series, now, limited=mandate.limited)
    if mandate.series is None:
        others = tuple(_beyond(photo, now) for photo in others)
    deadline = mandate.series.deadline if mandate.series else None
    return Turn(
        mandate=mandate,
        campaign=campaign,
        phase=phase,
        before=before,
        after=after,
        note_for_me=await note_from_last(transaction, mandate),
        note=await note_of(transaction, mandate.mandate),
        note_open=mandate.in_force
        and mandate.ends_at - NOTE_BEFORE <= now < mandate.ends_at + GRACE,
        takes=phase == "running" or (phase == "over" and now < mandate.ends_at + GRACE),
        late=phase == "over" or (deadline is not None and now >= deadline),
        series=series,
        placed=placed,
        empty=empty,
        others=others,
        sayings=tuple(_shown((g, 0), word_for(g, now)) for g in said),
        code=code or "",
    )


def _neighbours(mandates: Sequence[Mandate], mine: Mandate) -> tuple[str, str]:
    """Give the names of the one before and the one after, where turns follow each other."""
    standing = [m for m in mandates if m.in_force and m.mandate != mine.mandate]
    earlier = [m for m in standing if m.ends_at <= mine.starts_at]
    later = [m for m in standing if m.starts_at >= mine.ends_at]
    before = max(earlier, key=lambda m: m.ends_at).holder.name if earlier else ""
    after = min(later, key=lambda m: m.starts_at).holder.name if later else ""
    return before, after


def _arranged(
    given: list[Given], series: Series, now: datetime, *, limited: bool
) -> tuple[tuple[Shown, ...], tuple[int, ...], tuple[Shown, ...]]:
    """Put photos in their places; one that is still being prepared takes an empty one for now.

    Where places are not limited there is always one for it.
    """
    left = {photo_key(g.item, n): (g, n) for g in given for n in range(max(1, len(g.pictures)))}
    crops = dict(series.arrangement.crops)
    placed: list[Shown] = []
    empty: list[int] = []
    for place in series.places:
        found = left.pop(place.key, None) if place.key else None
        if found is None:
            empty.append(place.number)
            continue
        photo = _shown(found, _in_place(found[0], series, now), place=place.number)
        cover = (series.arrangement.cover or placed_first(series)) == place.key
        placed.append(replace(photo, cover=cover, **_wide(photo, crops.get(photo.key))))
    why = {other.key: other for other in series.others}
    others: list[Shown] = []
    for key, found in left.items():
        photo = _shown(found, word_for(found[0], now))
        if key in why and not found[0].gone and photo.state != "visible":
            standing = why[key].standing
            told = standing if standing in {"spare", "double"} else photo.state
            others.append(replace(photo, state=told, double_of=why[key].double_of))
        elif photo.state == "received" and (empty or not limited):
            number = empty.pop(0) if empty else len(placed) + 1
            placed.append(replace(photo, place=number, **_wide(photo, None)))
        else:
            others.append(photo)
    return tuple(placed), tuple(empty), tuple(others)


def _beyond(photo: Shown, now: datetime) -> Shown:
    """Say how a photo beyond a mere quota stands: it waits for no place, and may be shown too."""
    if photo.state != "spare":
        return photo
    state = word_for(photo.given, now)
    return replace(photo, state="beyond" if state in {"received", "waiting"} else state)


def placed_first(series: Series) -> str | None:
    """Name the photo that is on the cover while nobody chose one."""
    return next((place.key for place in series.places if place.key), None)


def _in_place(given: Given, series: Series, now: datetime) -> str:
    """Say how a photo stands that has a place: approved ones wait until the series is shown."""
    state = word_for(given, now)
    released = series.arrangement.released
    return "approved" if state == "in-series" and released else state


def _wide(photo: Shown, crop: Crop | None) -> dict[str, Any]:
    picture = photo.picture
    if picture is None:
        return {}
    size = picture.width, picture.height
    return {"wide": position_of(crop, *size), "wides": positions(*size)}


def _shown(
    found: tuple[Given, int],
    state: str,
    *,
    place: int | None = None,
) -> Shown:
    given, number = found
    return Shown(
        key=photo_key(given.item, number),
        given=given,
        number=number,
        state=state,
        place=place,
    )


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def standings(turns: Sequence[Turn]) -> dict[str, Any]:
    """Give what the page shows to a program, with a mark that changes when any of it does.

    Only how often things were shown changes without it: that must not make an open page read anew.
    """
    told = [
        {
            "mandate": turn.mandate.mandate,
            "phase": turn.phase,
            "version": turn.series.arrangement.version if turn.orderly else 0,
            "released": turn.series.arrangement.released,
            "photos": [
                {
                    "key": photo.key,
                    "item": photo.item,
                    "state": photo.state,
                    "place": photo.place,
                    "ready": photo.ready,
                    "reasons": photo.given.standing.reasons,
                    "address": photo.given.standing.path,
                    "original": photo.picture.original if photo.picture else None,
                    "receivedAt": _iso(photo.given.standing.received_at),
                    "stamp": photo.given.standing.stamp,
                    "words": photo.was,
                }
                for photo in turn.all
            ],
        }
        for turn in turns
    ]
    written = json.dumps(told, sort_keys=True).encode()
    mark = hashlib.sha256(written).hexdigest()[:16]
    shown = [
        mandate | {"showings": turn.showings} for mandate, turn in zip(told, turns, strict=True)
    ]
    return {"mark": mark, "mandates": shown}
