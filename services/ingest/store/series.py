"""Series as they now are: folded anew after every change of a photo, a decision or an arrangement.

A series' row is locked before its photos are read. So of two changes at the same moment the second
sees the first, and what is announced last is the whole of it. The locks of an item come before the
row of its series, and rows of several series are taken in the order of their mandates.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from services.chassis.database import Json, Transaction
from services.chassis.journal import Cause, ConflictError, Journal
from services.contracts.ids import CampaignId, ItemId, MandateId
from services.contracts.ingest import Crop, SeriesAnnounced, SeriesTerms
from services.ingest.domain.arrangement import Arrangement, Wish, rearranged
from services.ingest.domain.mandate import Mandate
from services.ingest.domain.series import (
    Series,
    Stage,
    announcement,
    due_at,
    fold,
    photo_key,
    released_partly,
    terms_of,
)
from services.ingest.store.given_photos import GivenPhoto, photos_of
from services.ingest.store.mandates import find_mandate, list_mandates

_ARRANGEMENT = TypeAdapter(Arrangement)


class ArrangementConflictError(ConflictError):
    """Somebody else arranged the series since it was looked at; `now` is how it is arranged."""

    def __init__(self, mandate: MandateId, seen: int, now: Arrangement) -> None:
        """Name the series, the version that was looked at, and the present arrangement."""
        super().__init__(_subject(mandate), seen)
        self.now = now


@dataclass(frozen=True)
class MatrixRow:
    """A curator's line of the progress matrix: the places of a series with their photos."""

    mandate: Mandate
    series: Series
    photos: Mapping[str, GivenPhoto]
    deadline: datetime


@dataclass(frozen=True)
class _Row:
    version: int
    arrangement: Arrangement
    announced: SeriesAnnounced | None
    moment: datetime

    def stage(self, mandate: Mandate) -> Stage:
        shown = self.announced.photos if self.announced and self.announced.released else ()
        return Stage(
            over=self.moment >= due_at(mandate),
            hidden=mandate.hidden,
            shown=tuple(photo_key(photo.item, photo.attachment) for photo in shown),
        )


def _subject(mandate: MandateId) -> str:
    return f"series-{mandate}"


async def settle_series(
    transaction: Transaction, journal: Journal, mandate: MandateId, cause: Cause
) -> Series | None:
    """Fold a mandate's series anew and tell of it when it differs; None when it has no series."""
    found = await _hold(transaction, mandate)
    if found is None or found[0].series is None:
        return None
    return await _settle(transaction, journal, *found, cause)


async def settle_all_series(
    transaction: Transaction, journal: Journal, mandates: Iterable[MandateId | None], cause: Cause
) -> None:
    """Fold several series anew, in the order in which everybody takes their rows."""
    for mandate in sorted({mandate for mandate in mandates if mandate is not None}):
        await settle_series(transaction, journal, mandate, cause)


async def settle_series_of(
    transaction: Transaction, journal: Journal, item: ItemId, cause: Cause
) -> None:
    """Fold the series of an item anew, whose standing has just changed.

    The item is kept where it is meanwhile: else it could go to another mandate unseen.
    """
    cursor = await transaction.execute("select mandate from item where item = %s for share", [item])
    row = await cursor.fetchone()
    if row is not None:
        await settle_all_series(transaction, journal, [row["mandate"]], cause)


async def settle_campaign_series(
    transaction: Transaction, journal: Journal, campaign: CampaignId, cause: Cause
) -> None:
    """Fold all series of a campaign anew, after its mandates or many of its items changed."""
    cursor = await transaction.execute(
        "select mandate from mandate where campaign = %s and series is not null", [campaign]
    )
    found = [MandateId(row["mandate"]) for row in await cursor.fetchall()]
    await settle_all_series(transaction, journal, found, cause)


async def due_series(transaction: Transaction) -> list[MandateId]:
    """List the series whose deadline, or the consent for a photo, ended since the last fold."""
    cursor = await transaction.execute(
        """select mandate from (
             select m.mandate, s.updated_at, s.lapses_at,
                    coalesce((m.series->>'deadline')::timestamptz, m.ends_at) as due_at
             from mandate m join series s using (mandate) where m.series is not null) as kept
           where (due_at <= now() and updated_at < due_at) or lapses_at <= now()
           order by mandate"""
    )
    return [MandateId(row["mandate"]) for row in await cursor.fetchall()]


async def read_series(
    transaction: Transaction, mandate: Mandate
) -> tuple[Series, Mapping[str, GivenPhoto]]:
    """Give a mandate's series as it now is, with its photos by key, those without a place too.

    A mandate without a series has as many places as its quota, or as there are photos.
    """
    [row] = await _rows(transaction, [mandate])
    return row.series, row.photos


async def matrix(transaction: Transaction, campaign: CampaignId) -> list[MatrixRow]:
    """Give the progress of all curators of a campaign, in order of the start of their mandates."""
    mandates = await list_mandates(transaction, campaign)
    rows = await _rows(transaction, [m for m in mandates if terms_of(m) is not None])
    gone = {"declined", "cancelled"}
    return [row for row in rows if row.mandate.state not in gone or row.photos]


async def arrange(  # noqa: PLR0913 - one for each thing that a curator arranges
    transaction: Transaction,
    journal: Journal,
    mandate: Mandate,
    *,
    seen_version: int,
    cause: Cause,
    order: Sequence[str] | None = None,
    cover: str | None = None,
    crops: Mapping[str, Crop | None] | None = None,
    done: bool | None = None,
    apart: Sequence[str] | None = None,
) -> Series:
    """Change what is given of a series' arrangement, None leaves it; answers the series then.

    `seen_version` is the arrangement's version that the person looked at. Raises
    ArrangementConflictError when it is not the last, BadCropError, and LookupError when the mandate
    has no series.
    """
    held, row, photos = await _held(transaction, mandate)
    if row.arrangement.version != seen_version:
        raise ArrangementConflictError(held.mandate, seen_version, row.arrangement)
    wish = Wish(order, cover, crops or {}, apart, done)
    arrangement = rearranged(row.arrangement, wish, photos.keys(), row.moment)
    return await _settle(transaction, journal, held, row, cause, arrangement)


async def release_partly(
    transaction: Transaction, journal: Journal, mandate: Mandate, cause: Cause
) -> Series:
    """Let a series be shown without waiting for what is missing.

    Raises EmptySeriesError, and LookupError when the mandate has no series.
    """
    held, row, photos = await _held(transaction, mandate)
    series = _folded(held, row, row.arrangement, photos)
    return await _settle(transaction, journal, held, row, cause, released_partly(series))


async def _hold(transaction: Transaction, mandate: MandateId) -> tuple[Mandate, _Row] | None:
    """Lock the row of a series, and only then read its mandate."""
    await transaction.execute(
        """insert into series (mandate)
           select mandate from mandate where mandate = %s and series is not null
           on conflict do nothing""",
        [mandate],
    )
    cursor = await transaction.execute(
        "select *, now() as moment from series where mandate = %s for update", [mandate]
    )
    row = await cursor.fetchone()
    known = await find_mandate(transaction, mandate) if row is not None else None
    return None if row is None or known is None else (known, _row(row))


async def _held(
    transaction: Transaction, mandate: Mandate
) -> tuple[Mandate, _Row, Mapping[str, GivenPhoto]]:
    found = await _hold(transaction, mandate.mandate)
    if found is None or found[0].series is None:
        message = f"{mandate.mandate} has no series"
        raise LookupError(message)
    photos = await photos_of(transaction, [mandate.mandate])
    return *found, photos[mandate.mandate]


def _row(row: Mapping[str, Any]) -> _Row:
    announced = row["announced"]
    return _Row(
        row["version"],
        _ARRANGEMENT.validate_python(row["arrangement"]),
        None if announced is None else SeriesAnnounced.model_validate(announced),
        row["moment"],
    )


async def _settle(
    transaction: Transaction,
    journal: Journal,
    mandate: Mandate,
    row: _Row,
    cause: Cause,
    arrangement: Arrangement | None = None,
) -> Series:
    """Fold a series whose row is held, tell of it when it differs, and keep it."""
    photos = (await photos_of(transaction, [mandate.mandate]))[mandate.mandate]
    series = _folded(mandate, row, arrangement or row.arrangement, photos)
    told = announcement(mandate, series)
    # Nobody needs to hear of a series of which there is nothing yet.
    news = told != row.announced and bool(told.photos or row.announced or told.released)
    version = row.version
    if news:
        subject = _subject(mandate.mandate)
        version = await journal.append(transaction, subject, version, [told], cause)
    await transaction.execute(
        """update series set version = %s, arrangement = %s, announced = %s, updated_at = %s,
                  lapses_at = %s where mandate = %s""",
        [
            version,
            Json(_ARRANGEMENT.dump_python(series.arrangement, mode="json")),
            _written(told if news else row.announced),
            row.moment,
            _next_lapse(photos.values(), row.moment),
            mandate.mandate,
        ],
    )
    return series


def _next_lapse(photos: Iterable[GivenPhoto], moment: datetime) -> datetime | None:
    """Say when the next consent ends by itself, so that the fold is made anew then."""
    ends = [photo.lapses_at for photo in photos if not photo.candidate.withdrawn]
    return min((end for end in ends if end is not None and end > moment), default=None)


def _written(announced: SeriesAnnounced | None) -> Json | None:
    return None if announced is None else Json(announced.model_dump(mode="json", by_alias=True))


def _folded(
    mandate: Mandate, row: _Row, arrangement: Arrangement, photos: Mapping[str, GivenPhoto]
) -> Series:
    candidates = [photo.candidate for photo in photos.values()]
    terms = terms_of(mandate)
    if terms is not None:
        return fold(terms, candidates, arrangement, row.stage(mandate))
    any_number = SeriesTerms(places=len(candidates))
    series = fold(any_number, candidates, arrangement, replace(row.stage(mandate), hidden=True))
    return replace(series, places=tuple(p for p in series.places if p.item is not None))


async def _rows(transaction: Transaction, mandates: Sequence[Mandate]) -> list[MatrixRow]:
    known = [mandate.mandate for mandate in mandates]
    cursor = await transaction.execute(
        """select s.*, now() as moment from series s where s.mandate = any(%s)""", [known]
    )
    kept = {row["mandate"]: _row(row) for row in await cursor.fetchall()}
    fresh = _Row(0, Arrangement(), None, datetime.now(UTC))
    photos = await photos_of(transaction, known)
    rows: list[MatrixRow] = []
    for mandate in mandates:
        row = kept.get(mandate.mandate, fresh)
        given = photos[mandate.mandate]
        series = _folded(mandate, row, row.arrangement, given)
        rows.append(MatrixRow(mandate, series, given, due_at(mandate)))
    return rows
